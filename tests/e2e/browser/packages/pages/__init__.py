"""Interviews of the browser tests."""
