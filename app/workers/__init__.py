"""Heavy requests, answered in processes that can be stopped."""
