"""The typed codec, deltas and sealing: no I/O."""
