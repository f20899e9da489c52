"""SCREEN JSON -> what the templates print: frozen values, each returned by its maker. Nothing here knows a request.

screen.py        the whole screen: `view`           view.py          `View` and its pieces: what screen.html prints
source.py        what all makers read               buttons.py       what can be pressed
frame.py         what stands around the question    code.py          the author's scripts and styles
widgets.py       which control a field gets         fill.py          what a control holds
control.py       `Widget` and `Item`                collect.py       several items on one screen (list collect)
layout.py        rows, fields within a text         references.py    [FILE …], icons, terms
icons.py         pictures by name
values.py        answers as text                    trusted.py       where HTML is trusted
problems.py      an error -> words and places       listing.py       what the start page lists
"""
