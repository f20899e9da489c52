"""The functions that interviews call, one module per noun; ``shared.authoring.util`` gathers them.

Nothing is imported here: the objects import ``functions.language`` while this package is still loading.
"""
