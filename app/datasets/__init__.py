"""The data of the server: read once, and the scenarios made from them."""
