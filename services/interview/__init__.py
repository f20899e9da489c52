"""The interview service: owns the state of sessions and is their only writer.

`api.InterviewApi` has one method for each call of ``docs/architecture.md``. Each runs one step in a child (`steps`, ``shared.runner``) and
makes one compare-and-set (`unit_of_work`, planned by `commits`); what the step wants done outside leaves with that commit (`outbox`).
``service.py`` is the nameko shell and holds nothing else.
"""
