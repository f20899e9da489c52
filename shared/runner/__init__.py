"""Child processes in which author code runs, with limits.

Lives here: the pool of children (one interview each, forked from a warm parent), the wire between parent and child, time and
memory limits, what a child may ask of its parent. Does not live here: what a step does (``shared.engine``).
"""
