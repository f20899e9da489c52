"""Unit tests of the authoring layer: no engine, no I/O; `plain` has the context they run in."""
