"""One field, both ways: its choices and description on a screen; what may be entered in it, read and validated by datatype.

Not for: the screen around it (`asking`), and what a whole answer does (`answering`).
"""
