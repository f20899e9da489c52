"""The clock over real stores and a real bus in the process."""
