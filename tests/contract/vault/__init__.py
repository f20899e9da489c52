"""A store behind a vault that seals: what a database holds then, and what does not open."""
