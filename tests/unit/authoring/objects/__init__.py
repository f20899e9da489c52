"""Unit tests of the classes that interviews use."""
