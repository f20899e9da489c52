"""Makes the modules of `docassemble.base` and `docassemble.webapp` that public packages import, when they are imported.

``util`` and the other documented names are made by `shared.authoring.modules`; this finder is asked for what is left.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
from collections.abc import Mapping, Sequence
from types import ModuleType

from shared.authoring import errors
from shared.authoring.jinjafilters import register_jinja_filter
from shared.authoring.surface import sqltables, standin, working

BASE, WEBAPP = "docassemble.base", "docassemble.webapp"

#: Module -> what works in it. Every other name in it, and every other module, is a stand-in.
WORKING: Mapping[str, Mapping[str, object]] = {
    f"{BASE}.config": {"daconfig": working.daconfig, "in_celery": working.in_celery},
    f"{BASE}.error": {
        "DAError": working.DAError,
        "DAAttributeError": errors.MissingAttribute,
        "DAIndexError": errors.MissingItem,
        "DAValidationError": errors.ValidationError,
    },
    f"{BASE}.filter": {"markdown_to_html": working.markdown_to_html},
    f"{BASE}.functions": {
        name: getattr(working, name)
        for name in ("get_current_info", "safe_json", "serializable_dict", "temp_redirect", "this_thread")
    },
    f"{BASE}.generate_key": {
        name: getattr(working, name) for name in ("random_alphanumeric", "random_lower_string", "random_string")
    },
    f"{BASE}.hooks": {"write_answer_json": working.write_answer_json},
    f"{BASE}.logger": {"logmessage": working.logmessage},
    f"{BASE}.parse": {"get_initial_dict": working.get_initial_dict},
    f"{BASE}.sql": {"alchemy_url": sqltables.alchemy_url, "connect_args": sqltables.connect_args},
    f"{WEBAPP}.db": {"get_session": sqltables.get_session, "session_scope": sqltables.session_scope},
    f"{WEBAPP}.db_object": {"init_sqlalchemy": sqltables.init_sqlalchemy},
    f"{BASE}.util": {
        "markdown_to_html": working.markdown_to_html,
        "object_name_convert": working.object_name_convert,
        "register_jinja_filter": register_jinja_filter,
    },
}


class Surface(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds and makes modules below ``docassemble.base`` and ``docassemble.webapp``."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname == WEBAPP or fullname.startswith((f"{BASE}.", f"{WEBAPP}.")):
            return importlib.machinery.ModuleSpec(fullname, self, is_package=True)
        return None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        made = ModuleType(spec.name, "Names of the reference that packages import. See shared/authoring/surface.")
        made.__dict__.update(WORKING.get(spec.name, {}))
        made.__getattr__ = standin.factory(spec.name)  # type: ignore[method-assign]
        return made

    def exec_module(self, module: ModuleType) -> None:
        """Nothing: it is complete."""
