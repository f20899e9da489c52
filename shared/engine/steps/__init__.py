"""How every step begins and ends, and the steps that no browser waits for a screen of: check-ins, background actions.

Not for: which kind of step a request is (`shared.engine.step`).
"""
