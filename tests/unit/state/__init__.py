"""The typed codec and deltas: no I/O."""
