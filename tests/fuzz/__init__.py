"""Input that nobody means well with, made up without end: ``python -m tests.fuzz http --count 25000 --seed 1``.

What must not happen: an error that is ours, a hang, memory that grows. Drivers: http, yaml, codec, smtp, bus (`drivers`). CI runs
some hundred cases of each (test_fuzz.py). A case is made of the seed and its number alone, so that one can be run again:
``--first 4711 --count 1``.
"""
