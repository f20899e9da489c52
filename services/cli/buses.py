"""The bus of the services, for commands that have something to tell them. `parley run` has its own, in its process."""

from __future__ import annotations

from services.installation import Secrets
from services.settings import Settings
from shared.bus.covers import NO_COVER
from shared.bus.queues import with_task_queues
from shared.bus.rabbit import RabbitBus


def named_bus(settings: Settings, *, name: str, covered: bool = True) -> RabbitBus | None:
    """The one that the settings name, known there as `name`; None if they name none. Raises `NotGiven` without a secret.

    `covered=False`: for who only looks at queues, and sends nothing of its own.
    """
    if settings.amqp_uri is None:
        return None
    return RabbitBus(
        settings.amqp_uri,
        prefix=settings.bus_prefix,
        name=name,
        patience=2.0,
        policies=with_task_queues(settings.task_queues),
        cover=Secrets.of(settings).cover() if covered else NO_COVER,
    )
