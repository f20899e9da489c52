"""Attacks, one file each, named after what the attacker does; each runs against the system as it is shipped (`conftest`)."""
