"""Forms of the answers, one file a topic, for the OpenAPI document and for tests."""
