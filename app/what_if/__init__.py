"""Answer for a user's own line and plan."""
