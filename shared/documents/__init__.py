"""Documents: what makes them, and in which forms they come.

`making` carries out one order, in the process that `shared.runner.making` keeps for it: texts, templates and forms to PDF, DOCX, RTF, HTML.
`markdown` keeps a document's text where there is no such process. Not for: what the author wrote about a document and asking for what it
needs (the engine).
"""
