"""What `shared.store.ports` promises, held against SQLite in memory, in the clear and sealed: the tests are those of tests/contract/store.

Not here: what is about files, processes and damage, and MongoDB.
"""
