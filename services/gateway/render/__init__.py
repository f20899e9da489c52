"""SCREEN JSON -> what the templates print. Nothing here knows HTTP.

screen.py        the whole screen: `view`           view.py          `View` and `Button`: what screen.html prints
buttons.py       what can be pressed                frame.py         what stands around the question
widgets.py       which control a field gets         fill.py          what a control holds
control.py       `Widget` and `Item`                collect.py       several items on one screen (list collect)
layout.py        rows, fields within a text         surroundings.py  [FILE …], icons, terms
words.py         the gateway's own words            icons.py         pictures by name
values.py        answers as text                    trusted.py       where HTML is trusted
"""
