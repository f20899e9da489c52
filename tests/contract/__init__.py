"""The same tests over every adapter of a port."""
