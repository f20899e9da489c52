"""Doing what was asked for out of turn: actions, responses, what follows from a change.

Not for: starting processes or sending anything; effects leave with the Outcome. Which action comes next is `seeking`'s.
"""
