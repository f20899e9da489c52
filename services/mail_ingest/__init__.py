"""The reception of mail: SMTP in, one address per session, and a 250 only for what is kept.

`reception` knows addresses and keeps mails, `handler` speaks SMTP (aiosmtpd), `server` runs it. Mails are kept as they
came; they are taken apart where they are used (``shared.authoring.functions.received``). Nothing here relays mail.
"""
