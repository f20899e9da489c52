"""The configuration file: one nested YAML file under upstream's key names (config.md) where upstream has the concept.

`document` reads it with its lines, `keys` says what may stand in it, `reading` finds the one in the other and tells all mistakes
at once, `mail` and `units` give some keys their meaning, `upstream` knows the keys that are not ours. Not for: which settings
there are and what wins over the file (`services.settings`).
"""
