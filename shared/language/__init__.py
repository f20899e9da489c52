"""From YAML text to a compiled, immutable Interview.

Lives here: reading YAML (1.2 scalars), the block types, compiling Mako and Python, the index from a name to the
blocks that may define it, and every error that can be found without running. Does not live here: anything that
evaluates author code (``shared.engine``) or that authors call (``shared.authoring``).

    library.py    Library(Sources(roots)).load("package:file.yml") -> Interview, kept until a file changes
    sources.py    names of interviews and files, and where they may be
    compile.py    files in order -> Interview;  blocks.py one block;  scope.py what every noun reads its keys with
    questions, fields, choices, review, showif, attachments, values, settings: one module for each noun
    yamlfile, scalars, text, mako_tree, code, names: the forms of text
    index, naming: how a block is found and remembered;  keys: what may be written;  errors, check: what is wrong
"""

import sys

# Mako's pages of errors, which nobody sees here, would bring Pygments: 42 modules, 5 MB of every process that knows templates.
sys.modules.setdefault("mako.ext.pygmentplugin", None)  # type: ignore[arg-type]  # documented: importing it fails
