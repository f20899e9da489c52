"""Which classes of these modules an author may keep in a variable: what ``shared.state`` must know by name.

All keep their state in ``__dict__`` (`DADateTime` is a datetime); they are stored as ``docassemble.base.util.<name>``.
"""

from __future__ import annotations

from shared.authoring.functions.background import BackgroundResult, BackgroundTask
from shared.authoring.functions.dates import DADateTime
from shared.authoring.functions.definitions import RawValue
from shared.authoring.functions.device import Device, Hardware, Part
from shared.authoring.functions.differences import DateDifference
from shared.authoring.functions.livehelp import Partners
from shared.authoring.functions.navigation import DANav
from shared.authoring.functions.postbox import Postbox
from shared.authoring.functions.received import ReceivedEmail
from shared.authoring.functions.users import ContextInfo, UserInfo

CLASSES: tuple[type, ...] = (
    BackgroundResult,
    BackgroundTask,
    ContextInfo,
    DADateTime,
    DANav,
    DateDifference,
    Device,
    Hardware,
    Part,
    Partners,
    Postbox,
    RawValue,
    ReceivedEmail,
    UserInfo,
)
