"""How values become text, and text becomes values: words and grammar, numbers, dates, places, addresses, plain data.

The lowest layer above the running step (``shared.authoring.context``): it knows nothing of objects, files, mail or tasks, and
treats what it is given by what it can do. Most of it is author-facing and documented in functions.md.
"""
