"""Variables that blocks describe rather than compute: templates, tables, data, attachments, files of the session.

Not for: making PDF or DOCX (the port of `shared.documents`).
"""
