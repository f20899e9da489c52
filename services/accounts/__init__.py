"""Accounts: people, their privileges, sign-ins and keys of the API. This service is their only writer.

`records` says what is kept, `ports` how; `directory` decides, `memory` keeps. Nothing calls it yet: who is asking is an anonymous browser
until there is a way to sign in. Not for: what somebody may do in an interview (its author decides), sessions (the interview service).
"""
