"""What breaks stock nameko must not break us: one test for each fault, with a real broker and a real process."""
