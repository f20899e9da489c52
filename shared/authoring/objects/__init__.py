"""The classes of interviews, one module per noun. Author code imports them as ``docassemble.base.util``.

Objects keep their whole state in ``__dict__`` as plain data, ask the running step (``shared.authoring.context``) for
anything from outside, and say what is missing by raising its full name.
"""

from shared.authoring.objects.base import DAObject, DAObjectPlusParameters
from shared.authoring.objects.breadcrumbs import DABreadCrumbs
from shared.authoring.objects.catchall import DACatchAll
from shared.authoring.objects.dicts import DADefaultDict, DADict, DAOrderedDict
from shared.authoring.objects.empty import DAEmpty
from shared.authoring.objects.file_groups import DAFileCollection, DAFileList, DAStaticFile
from shared.authoring.objects.files import DAFile
from shared.authoring.objects.global_objects import DAGlobal
from shared.authoring.objects.lazytexts import DALazyTableTemplate, DALazyTemplate
from shared.authoring.objects.legal import Case, Court, Document, Jurisdiction, LegalFiling
from shared.authoring.objects.lists import DAList
from shared.authoring.objects.mail import DAEmail, DAEmailRecipient, DAEmailRecipientList
from shared.authoring.objects.money import (
    Asset,
    Expense,
    FinancialList,
    Income,
    PeriodicFinancialList,
    PeriodicValue,
    Value,
)
from shared.authoring.objects.names import IndividualName, Name
from shared.authoring.objects.people import (
    ChildList,
    Event,
    Individual,
    OfficeList,
    Organization,
    PartyList,
    Person,
    Thing,
)
from shared.authoring.objects.places import Address, City, LatitudeLongitude
from shared.authoring.objects.sets import DASet
from shared.authoring.objects.stores import DARedis, DAStore
from shared.authoring.objects.texts import DAContext, DALink, DATemplate

__all__ = [
    "Address",
    "Asset",
    "Case",
    "ChildList",
    "City",
    "Court",
    "DABreadCrumbs",
    "DACatchAll",
    "DAContext",
    "DADefaultDict",
    "DADict",
    "DAEmail",
    "DAEmailRecipient",
    "DAEmailRecipientList",
    "DAEmpty",
    "DAFile",
    "DAFileCollection",
    "DAFileList",
    "DAGlobal",
    "DALazyTableTemplate",
    "DALazyTemplate",
    "DALink",
    "DAList",
    "DAObject",
    "DAObjectPlusParameters",
    "DAOrderedDict",
    "DARedis",
    "DASet",
    "DAStaticFile",
    "DAStore",
    "DATemplate",
    "Document",
    "Event",
    "Expense",
    "FinancialList",
    "Income",
    "Individual",
    "IndividualName",
    "Jurisdiction",
    "LatitudeLongitude",
    "LegalFiling",
    "Name",
    "OfficeList",
    "Organization",
    "PartyList",
    "PeriodicFinancialList",
    "PeriodicValue",
    "Person",
    "Thing",
    "Value",
]
