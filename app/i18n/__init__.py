"""Languages of the page and of answers."""
