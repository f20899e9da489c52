"""Documents: the port for assembling and converting them, and its adapters.

`ports` says what an assembler and a converter do; `markdown` is today's assembler, which keeps the text. Not for: what the author
wrote about a document and asking for what it needs (the engine); programs of the machine that convert (`shared.runner.converting`).
"""
