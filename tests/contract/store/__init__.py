"""One suite over both stores: what `shared.store.ports` promises, held against SQLite and MongoDB alike."""
