"""Configurations of the scheduler extension, as its document prints them."""

from __future__ import annotations

#: A job twice, under one name.
TWICE = """\
scheduler:
    log level: debug
    test.heartbeat:
        type: interval
        minutes: 1
    test.heartbeat:
        type: cron
        day: 1
        hour: 0
        minute: 1
"""
#: And one with arguments.
SEED = (
    TWICE
    + """\
    test.test_arbitrary_params:
        type: interval
        minutes: 1
        args:
            - positional_value_1
            - positional_value_2
        kwargs:
            optional_param: optional_value
"""
)
