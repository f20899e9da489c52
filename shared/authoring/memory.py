"""Where author functions keep what they must remember: keys of ``Context.internal`` and of ``Context.step``.

`internal` is saved with the session, undone by Back, and holds plain data only. `step` lives as long as one step: the
documentation's functions that "only last for a page load" (``set_info``, ``set_language`` …) keep their values there.
The engine reads some of these keys; it imports the names from here so that nothing is spelled twice.
"""

from __future__ import annotations

from typing import Any

from shared.authoring.context import current, current_or_none

# In `internal`, saved with the session.
TASKS = "tasks"  #: {task name: times performed}
PROGRESS = "progress"  #: number, or None when the author hid the bar
NAVIGATION = "nav"  #: {"section", "visited": […], "sections": {language: […]}, "hidden", "disabled"}
PARTS = "parts"  #: {documented name of a screen part or default: text}, by set_parts()
TAGS = "tags"  #: [tag …]; absent until the author changes them
STATUS = "status"  #: set_status() values
TERMS = "terms"  #: {"terms": {language: {term: definition}}, "auto terms": {…}}
EXPLANATIONS = "explanations"  #: {category: [phrase …]}
ADDRESSES = "addresses"  #: [{"address", "key", "index", "user"} …], by interview_email()
ACCESS = "accesstime"  #: {user key: ISO time, or {"time": ISO time, "privileges": […]}}; written by the engine
STARTED = "starttime"  #: ISO time of the first step; written by the engine
REFERER = "referer"  #: the page the user came from when the session began; written by the engine
LOCATION = "location"  #: {"latitude", "longitude", "known": bool, "returned": bool, "error"?}; written by the engine
MAIL_FILES = "mail files"  #: {mail id: `contract.mail.MailParts` as plain values, "raw": file number}, by mails that nobody had taken apart

# In `step`, gone with it.
INFO = "info"  #: set_info() values
SAVE = "save"  #: new | overwrite | ignore, by set_save_status(); ignore stays
NO_BACK = "prevent_going_back"  #: True after prevent_going_back()
ERROR_ACTION = "error_action"  #: (action, arguments) of background_error_action()
CHECKING = "checking"  #: True while an answer is being checked: what runs then cannot be run again later
WAITS = "waits"  #: {task id: None}: background tasks that were asked for and had not ended
LOCALE = "locale"  #: {"name": …, "conventions": {…}} of set_locale()
VOICE = "voice"  #: {"dialect", "voice"} of set_language()
ATTACHMENT = "attachment"  #: while a document is assembled: {"name", "filename", "redact", "format", …}


def kept(key: str, make: type = dict) -> Any:
    """The value under `key` of the session's memory, made if absent. For writers: readers must not dirty the state."""
    internal = current().internal
    if key not in internal:
        internal[key] = make()
    return internal[key]


def seen(key: str, default: object = None) -> Any:
    """The value under `key` of the session's memory, or `default`; nothing is changed."""
    return current().internal.get(key, default)


def note(key: str, default: object = None) -> Any:
    """What this step noted under `key`, or `default`, also when no step is running (at import of a module)."""
    context = current_or_none()
    return default if context is None else context.step.get(key, default)
