"""The ports to durable storage, and two adapters: SQLite (embedded default) and MongoDB.

Lives here: what is kept, under which atomic operations, with what guarantee. Does not live here: what the bytes
mean. One contract suite (``tests/contract``) runs over both adapters.
"""
