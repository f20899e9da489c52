"""What keeps accounts, whatever it is made of. A new adapter is a line in the fixture."""
