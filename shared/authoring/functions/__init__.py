"""The functions that interviews call about their session, one module per noun; ``shared.authoring.util`` gathers them.

They stand above the objects and give them out; the two classes that call functions themselves (``waiting``, ``roles``) are
here for that reason. What only makes text is in ``shared.authoring.text``.
"""
