"""The command ``parley``: run, start, replay, check. Each command imports what it needs only when it is called."""
