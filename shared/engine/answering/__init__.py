"""Answering: what the user sent is put where the screen it is for says, and what follows from it is done.

Not for: whether a value may be entered in its field (`fields`).
"""
