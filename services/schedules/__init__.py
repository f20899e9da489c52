"""Schedules: when something is due, for whoever makes it happen. Pure: no clock, no store, no services.

core.py      which ticks are due, and which are passed over, with the reason
triggers.py  the moments of a schedule, from the words of a configuration
words.py     schedules as a configuration declares them, with all mistakes at once
interviews.py  the four schedules that interviews have without being asked
"""
