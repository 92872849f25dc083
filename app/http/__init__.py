"""Shared parts of endpoints: parameters, responses, the OpenAPI document."""
