"""How the runs of interviews end, said to those who can act: a line in the log, a count, and a record of what was said.

reports.py  the one place where services say how a run ended
text.py     a record as text, for people
files.py    the same in files, where the configuration names a folder

Not for: what the user is told (the interview service's replies).
"""
