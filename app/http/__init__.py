"""What endpoints share: parameters, responses, the OpenAPI document."""
