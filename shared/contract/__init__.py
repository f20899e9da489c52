"""What crosses a boundary (bus, child, HTTP), typed: errors, task status, effects, screen, reply, caller.

Not for: behaviour. Nothing here imports another part of Parley.
"""
