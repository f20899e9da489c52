"""The clock: what happens because of the time. Any number of clocks may run; each thing still happens once.

noting.py    notes every tick of every schedule in the ledger
executor.py  runs what the ledger holds open, and ends what a dead clock began
ticks.py     what a tick of interviews does
sweeps.py    puts right what crashes left behind; idle.py deletes sessions that nobody uses

When something is due: `services.schedules`. Here are no handlers of messages, and no writer of sessions but through the interview service.
"""
