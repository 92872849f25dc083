"""ASGI middleware: caches, limits, logs and headers around every answer."""
