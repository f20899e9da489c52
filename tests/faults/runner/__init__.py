"""Children that loop, eat memory, die, spy and lie: what becomes of their request, and that nothing else is harmed."""
