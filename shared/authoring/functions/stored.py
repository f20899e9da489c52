"""Which classes of these modules an author may keep in a variable: what ``shared.state`` must know by name.

All keep their state in ``__dict__`` (`DADateTime` is a datetime); they are stored as ``docassemble.base.util.<name>``.
"""

from __future__ import annotations

from shared.authoring.functions.background import BackgroundResult, BackgroundTask
from shared.authoring.functions.definitions import RawValue
from shared.authoring.functions.device import Device, Hardware, Product
from shared.authoring.functions.livehelp import Partners
from shared.authoring.functions.mail import MailStatus
from shared.authoring.functions.navigation import DANav
from shared.authoring.functions.ocr import OCRResult
from shared.authoring.functions.phones import FaxStatus
from shared.authoring.functions.postbox import Postbox
from shared.authoring.functions.received import AttachedMessage, ReceivedEmail
from shared.authoring.functions.roles import RoleChangeTracker
from shared.authoring.functions.users import ContextInfo, UserInfo
from shared.authoring.functions.waiting import BackgroundAction
from shared.authoring.text.dates import DADateTime
from shared.authoring.text.differences import DateDifference

CLASSES: tuple[type, ...] = (
    AttachedMessage,
    BackgroundAction,
    BackgroundResult,
    BackgroundTask,
    ContextInfo,
    DADateTime,
    DANav,
    DateDifference,
    Device,
    FaxStatus,
    Hardware,
    MailStatus,
    OCRResult,
    Product,
    Partners,
    Postbox,
    RawValue,
    ReceivedEmail,
    RoleChangeTracker,
    UserInfo,
)
