"""The embedded system: what it keeps, what it asks of a machine, how it stops."""
