"""One pure step: (Interview, State, Request) -> Outcome.

Lives here: the pass over ordered blocks, seeking missing names, actions and the event stack, turning a question into a
Screen, validating and storing answers. Does not live here: clocks, storage, processes, HTML. Whatever a step
needs is in its Request, whatever it wants done is in its Outcome.
"""
