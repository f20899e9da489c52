"""SCREEN JSON -> what the templates print. Nothing here knows HTTP.

screen.py        the whole screen           widgets.py       one field: which control, its attributes, choices, default
surroundings.py  [FILE …], icons, terms     words.py         the gateway's own words
icons.py         pictures by name           layout.py        rows of the grid, fields within a text
"""
