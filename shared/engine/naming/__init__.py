"""Names of variables: their forms, getting and setting what they stand for, and the index of which block defines which.

Not for: deciding which of these blocks is used (`seeking`).
"""
