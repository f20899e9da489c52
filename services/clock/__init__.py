"""The clock: what happens because of the time. Any number of clocks may run; each thing still happens once.

`periods` says which period a moment is in, `ticks` sends scheduled actions to sessions, `sweeps` puts right what crashes
left behind and deletes idle sessions. Here are no handlers of messages; and no writer of sessions but through the
interview service.
"""
