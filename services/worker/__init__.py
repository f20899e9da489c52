"""The worker service: runs background actions in children, and sends mail.

It reads sessions and never writes one: what a task changes goes through the interview service (``respond``).
``service.py`` is the nameko shell.
"""
