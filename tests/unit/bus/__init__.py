"""The parts of the bus that need no broker."""
