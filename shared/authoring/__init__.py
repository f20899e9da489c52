"""What interviews see: the functions and classes that author code uses.

Author code imports them as ``docassemble.base.util`` (and its older aliases); `shared.authoring.modules` installs those
names in a child process. Nothing here does I/O: whatever a function needs from outside it asks of the
`Context` of the running step. The seeking of missing names is the engine's; objects only raise.
"""
