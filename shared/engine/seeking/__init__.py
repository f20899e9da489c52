"""Finding the next block: the passes over the ordered ones, which are tried for a missing name, and what an action asks for.

Not for: what a block looks like on a screen (`asking`), what an answer does (`answering`).
"""
