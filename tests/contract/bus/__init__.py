"""One suite over both buses: what a service may rely on, whichever carries its messages."""
