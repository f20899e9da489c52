"""The store that the settings name, for commands that look into it: MongoDB at MONGO_URI, else the file in the folder of `parley run`."""

from __future__ import annotations

import os
from collections.abc import Mapping

from services.settings import Settings, SettingsError, load
from shared.store.open import open_store
from shared.store.ports import Store


def settings_for(var: str | None) -> Settings:
    """With a folder given the system in it is meant, whatever other commands are set to. Raises `SettingsError`.

    With the secret if it is known here; without, what is sealed stays so.
    """
    settings = load(_environ(var), need_secret=False, var=var)
    if not settings.secret and not settings.distributed and (settings.var / "secret").exists():
        return load(_environ(var), var=var)
    return settings


def open_named(settings: Settings) -> Store:
    """Raises `SettingsError` where there is none, and what the store raises."""
    if settings.store_uri is None and not (settings.var / "parley.sqlite").exists():
        raise SettingsError(f"there is no database in {settings.var}; --var names the folder of `parley run`")
    return open_store(settings.database)


def _environ(var: str | None) -> Mapping[str, str]:
    return {key: value for key, value in os.environ.items() if var is None or key not in ("AMQP_URI", "MONGO_URI")}
