"""Features as columns, and CQL2 filters over them."""
