"""Check a user's own plans and files."""
