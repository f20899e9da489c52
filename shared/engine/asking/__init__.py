"""Asking: a question block becomes a Screen, with its fields, texts around it and defaults.

Not for: HTML (the gateway), one field (`fields`), and what comes back (`answering`).
"""
