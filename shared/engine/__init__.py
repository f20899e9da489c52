"""One pure step: (Interview, State, Request) -> Outcome.

Lives here: the pass over ordered blocks, seeking missing names, actions and the event stack, turning a question into a
Screen, validating and storing answers. Does not live here: clocks, storage, processes, HTML. Whatever a step
needs is in its Request, whatever it wants done is in its Outcome.

Who does what, from the entry downwards:

========================  ========================================================================================
`step`                    what kind of request it is; `endings`: how it is saved, what others may query
`passes`, `seek`          the main loop; which blocks are tried for a missing name, in which order
`blocks`, `datablocks`    what a block does when it runs; templates, tables, data, documents
`actions`, `pursuit`      pending actions; doing what one asks for; `builtin_actions`, `groupactions`: those of the engine
`answers`                 an answer is checked against its screen and stored; `coercion`, `validation`, `datatypes`
`dependents`              what follows from a change: depends on, on change, invalidate, reconsider
`screens`                 a question becomes a Screen; `fields`, `choices`, `review`, `lists`, `surroundings`, `pictures`
`checkin`, `background`   steps that end without a screen
`run`, `context`          the step that is running, for the engine and for author functions
`names`, `lookup`         names of variables, and their values without asking anybody
`plan`, `internal`        what is derived once from an interview; the engine's part of the state
========================  ========================================================================================
"""
