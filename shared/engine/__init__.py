"""One pure step: (Interview, State, Request) -> Outcome.

Lives here: the pass over ordered blocks, seeking missing names, actions and the event stack, turning a question into a
Screen, validating and storing answers. Does not live here: clocks, storage, processes, HTML. Whatever a step
needs is in its Request, whatever it wants done is in its Outcome.

======================  ==========================================================================================
`step`                  the entry: what kind of request it is; `context`: the step as author functions see it
`steps/`                how a step begins and ends; check-ins, background actions
`answering/`            an answer is stored where its screen says, and what follows is done
`seeking/`              finding the next block: the main loop, which blocks are tried for a missing name, what actions ask for
`asking/`               a question becomes a Screen: review, lists, the parts around it
`fields/`               one field, both ways: choices, datatypes, validation
`doing/`                actions, responses, what follows from a change
`documents/`            templates, tables, data, attachments
`run`, `failures`       the step that is running, and how it fails
`keeping/`              the engine's part of the state; runs of blocks that are open
`naming/`               names of variables, their values, which block defines which
`request`, `outcome`    what goes in and comes out; `errors`
======================  ==========================================================================================

Each imports from those below it only; `make lint` checks it.
"""
