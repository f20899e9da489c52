"""Kill, cut, restart: what must hold when something breaks."""
