"""What a received message is: taken apart (`dissect`), and what can be told of it by its header (`headers`, `automatic`).

Pure: bytes in, values out; no store, no clock, no network. `dissect` is for children only, whoever sent the message chose every
byte of it. Not for SMTP (``services.mail_ingest``), nor for the objects that authors see (``shared.authoring.functions.received``).
"""
