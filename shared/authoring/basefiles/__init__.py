"""Files that packages include from ``docassemble.base``, written by us to the same effect (legal.md; functions.md, "set_info").

Not for anything of an interview's own: a file of that name in a configured ``docassemble/base`` folder goes before these.
"""
