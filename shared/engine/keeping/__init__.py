"""What a session keeps besides the author's variables: the engine's own part, open runs of blocks, values as they were answered.

Not for: the codec (`shared.state`) and the store. Knows nothing of the step that runs.
"""
