"""From YAML text to a compiled, immutable Interview.

Lives here: reading YAML (1.2 scalars), the block types, compiling Mako and Python, the index from a name to the
blocks that may define it, and every error that can be found without running. Does not live here: anything that
evaluates author code (``shared.engine``) or that authors call (``shared.authoring``).
"""
