"""What an operator can set, from the environment and a YAML file, checked in one go. Not for: what authors set in interviews.

A value comes from (first found wins): the command line, the environment, the file named by ``PARLEY_CONFIG``, the default.
In the file a setting stands under its field's name in words (``interview delete days: 30``), or where upstream has the concept
under upstream's key (`key`); `services.configuration` reads it. A new setting is one line in the module of whom it is for
(`common`, `gateway`, `mail_ingest`, `outgoing_mail`, `interview`, `author_code`, `clock`).
"""

from __future__ import annotations

from services.settings.all import Setting, Settings, described, variables
from services.settings.errors import SettingsError
from services.settings.folders import make_folder, state_folder
from services.settings.loading import Loaded, load, load_with_places

__all__ = [
    "Loaded",
    "Setting",
    "Settings",
    "SettingsError",
    "described",
    "load",
    "load_with_places",
    "make_folder",
    "state_folder",
    "variables",
]
