"""Named in ``PROVIDERS``; there is nothing to be done for it."""


class ScheduleProvider:
    pass
