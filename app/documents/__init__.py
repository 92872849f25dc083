"""Answers that HTTP and command line share, one file a topic."""
