"""The typed codec: the object graph of a session <-> BSON; reverse deltas.

Nothing is executed on the way in: the Python types and the classes a state may hold are a list. Does not live
here: where bytes are kept (``shared.store``) and sealed (``shared.vault``), and what the variables mean (``shared.engine``).
"""
