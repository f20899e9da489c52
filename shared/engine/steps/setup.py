"""What happens once at the start of a step: the namespace is layered, imports and modules are run, variables are reset.

Rules: docs initial.md ("imports", "modules", "reset"), logic.md ("reconsider").
"""

from __future__ import annotations

from shared.authoring import modules
from shared.authoring.objects import DAObject
from shared.engine.errors import SourceError
from shared.engine.naming import lookup
from shared.engine.naming.names import canonical, is_name, parts_of
from shared.engine.naming.plan import Plan, is_generic_name
from shared.engine.run import Run
from shared.language.model import Block, Kind


def layer(plan: Plan) -> dict[str, object]:
    """What author code finds besides the interview's variables; see `Plan.layer`."""
    if not plan.layered:
        suppress = bool(
            plan.interview.options.get("suppress loading util") or plan.interview.metadata.get("suppress loading util")
        )
        plan.layer.update(modules.names(suppress))
        for block in plan.interview.setup:
            if block.kind in (Kind.IMPORTS, Kind.MODULES):
                _import(plan, block)
        plan.layered = True
    return plan.layer


def _import(plan: Plan, block: Block) -> None:
    package = block.options.get("package") or ""
    for name in block.options.get("names", ()):
        statement = f"import {name}" if block.kind is Kind.IMPORTS else f"from {name} import *"
        scope: dict[str, object] = {"__builtins__": plan.layer, "__name__": "interview", "__package__": package}
        try:
            exec(statement, scope)  # noqa: S102  (the author's import; it runs in a child process)
        except ModuleNotFoundError as error:
            raise SourceError(
                f"The {block.kind.value} block cannot import {name!r}: {error}. Check the name, "
                "and that the module is in the interview's package or installed.",
                place=block.place,
            ) from error
        except Exception as error:  # whatever the module does when it is imported
            raise SourceError(
                f"The {block.kind.value} block cannot import {name!r}: {type(error).__name__}: {error}{_within(error)}.",
                place=block.place,
            ) from error
        plan.layer.update({key: value for key, value in scope.items() if not key.startswith("__")})


def _within(error: Exception) -> str:
    """Where in a module `error` happened, for a message."""
    if isinstance(error, SyntaxError):
        return ""  # its text says it
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    if frame is None or not frame.tb_frame.f_code.co_filename.startswith("/"):
        return ""
    return f" ({frame.tb_frame.f_code.co_filename.rpartition('/')[2]}, line {frame.tb_lineno})"


#: The variable that holds the objects of every session_local, device_local and user_local.
LOCAL_OBJECTS = "_local_objects"


def bind_locals(run: Run) -> None:
    """Bind session_local, device_local and user_local to the objects of this browser, device and user."""
    browser = run.request.browser
    keys = {
        "session_local": browser.get("client"),
        "device_local": browser.get("device") or browser.get("client"),
        "user_local": run.request.user.get("id") or browser.get("client"),
    }
    for name in run.plan.locals:
        kept = run.namespace.setdefault(LOCAL_OBJECTS, {}).setdefault(name, {})
        key = str(keys[name] or "")
        if key not in kept:
            kept[key] = DAObject(name)
        run.namespace[name] = kept[key]


def release_locals(run: Run) -> None:
    """They are stored once, in `LOCAL_OBJECTS`."""
    for name in run.plan.locals:
        run.namespace.pop(name, None)


def begin(run: Run) -> None:
    """Forget what ``reset`` and ``reconsider: True`` name: it is computed again in this step."""
    bind_locals(run)
    for block in run.plan.resets:
        for name in block.options.get("names", ()):
            lookup.remove(run.namespace, name)
    for block in run.plan.reconsidered:
        for name in filter(is_name, block.sets):  # a computed key (``a['b' + c]``) names nothing that could be sought
            if is_generic_name(name):
                _forget_everywhere(run, block, name)
            else:
                lookup.remove(run.namespace, name)


def _forget_everywhere(run: Run, block: Block, written: str) -> None:
    """A generic name stands for an attribute of every object that there is."""
    last = parts_of(canonical(written))[-1]
    if last[0] != ".":
        return
    seen: set[int] = set()
    waiting = [value for name, value in run.namespace.items() if not name.startswith("__")]
    while waiting:
        value = waiting.pop()
        held = getattr(value, "__dict__", None)
        if id(value) in seen or isinstance(value, type) or (held is None and not isinstance(value, list | dict)):
            continue
        seen.add(id(value))
        inner = value if isinstance(value, list) else list((value if isinstance(value, dict) else held or {}).values())
        waiting.extend(inner)
        if held is not None and last[1:] in held and _fits(block, value):
            del held[last[1:]]


def _fits(block: Block, value: object) -> bool:
    return block.generic is None or any(cls.__name__ == block.generic for cls in type(value).__mro__)
