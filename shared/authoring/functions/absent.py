"""Documented functions that need something this server does not have.

They exist so that an interview which only mentions them loads, and so that calling one says what is missing instead of
"name is not defined". One table: name, what it needs, what to do instead.
"""

from __future__ import annotations

from collections.abc import Callable

from shared.authoring.errors import NotAvailable

_ACCOUNTS = "user accounts that interviews can manage"
_SESSIONS = "access to other sessions"
_SMS = "an SMS provider"
_SNAPSHOTS = ("an SQL database for snapshots", "DAStore(base='snapshots') reads persistent ones.")
_DOCX = "tools that work on DOCX files"

_TABLE: dict[str, tuple[str, str]] = {
    "assemble_docx": (_DOCX, ""),
    "create_user": (_ACCOUNTS, ""),
    "get_sms_session": (_SMS, ""),
    "get_user_list": (_ACCOUNTS, ""),
    "get_user_secret": (_ACCOUNTS, "Sessions of the same browser, and those with multi_user, open without a key."),
    "include_docx_template": (_DOCX, ""),
    "initiate_sms_session": (_SMS, ""),
    "invite_user": (_ACCOUNTS, ""),
    "manage_privileges": (_ACCOUNTS, ""),
    "map_of": ("a Google Maps key", ""),
    "read_qr": ("a program that reads QR codes", ""),
    "run_python_module": ("a shell", "Import the module in a modules block and call its functions."),
    "set_user_info": (_ACCOUNTS, ""),
    "terminate_sms_session": (_SMS, ""),
    "variables_snapshot_connect": _SNAPSHOTS,
    "variables_snapshot_connection": _SNAPSHOTS,  # its name until 1.8.0, which still works (changelog.md)
}


def _absent(name: str, needs: str, instead: str) -> Callable[..., object]:
    def function(*args: object, **kwargs: object) -> object:
        raise NotAvailable(f"{name}()", needs, instead)

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"Needs {needs}: raises `NotAvailable`."
    return function


_CLASSES: dict[str, tuple[str, str]] = {
    "DA": (_SESSIONS, "The page of url_of('interviews') lists them."),
    "DACloudStorage": ("a cloud storage account", ""),
    "DAGoogleAPI": ("a Google account", ""),
    "DAOAuth": ("an OAuth provider", ""),
    "DAWeb": ("access to the web from interviews", ""),
    "DAWebError": ("access to the web from interviews", ""),
    "MachineLearningEntry": ("machine learning", ""),
    "RandomForestMachineLearner": ("machine learning", ""),
    "RelationshipTree": ("a tree of relationships, which the documentation does not describe", ""),
    "SVMMachineLearner": ("machine learning", ""),
    "SimpleTextMachineLearner": ("machine learning", ""),
}


def _absent_class(name: str, needs: str, instead: str) -> type:
    def refuse(self: object, *args: object, **kwargs: object) -> None:
        raise NotAvailable(name, needs, instead)

    @classmethod  # type: ignore[misc]  # made for a class that is built below
    def using(cls: type, **kwargs: object) -> object:
        return lambda *args, **more: cls(*args, **kwargs, **more)

    return type(
        name, (), {"__init__": refuse, "using": using, "__doc__": f"Needs {needs}: making one raises `NotAvailable`."}
    )


#: Every absent class by its documented name. Making an object is refused; naming the class in ``objects`` is not.
ABSENT_CLASSES: dict[str, type] = {
    name: _absent_class(name, needs, instead) for name, (needs, instead) in _CLASSES.items()
}

#: Every absent function by its documented name.
ABSENT: dict[str, Callable[..., object]] = {
    name: _absent(name, needs, instead) for name, (needs, instead) in _TABLE.items()
}
