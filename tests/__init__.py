"""Tests: unit (no I/O, milliseconds), contract, e2e, faults."""
