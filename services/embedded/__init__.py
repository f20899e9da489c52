"""The whole system in one process: SQLite, the in-process bus, and the same classes that the five services are made of.

What differs from the distributed system lives here and nowhere else.
"""
