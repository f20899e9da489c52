"""Unit tests: no I/O, milliseconds."""
