"""Run the server: processes, connections, reload."""
