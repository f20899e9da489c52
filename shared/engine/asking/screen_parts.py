"""What is around a question: texts under and beside it, help, terms, sections, progress, menu, title, action buttons.

Rules: docs modifiers.md and initial.md ("default screen parts", "metadata", "features", "sections", "interview help").
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared.authoring import memory
from shared.engine.asking import navigation, progress
from shared.engine.errors import BadAuthorValue
from shared.engine.fields import html
from shared.engine.naming import packages
from shared.engine.run import Run
from shared.language.model import Block, Expr, Question
from shared.markup.clean import clean

#: Parts that help and menus carry elsewhere.
_ELSEWHERE = ("help", "help label")
_TITLES = (
    "title",
    "short title",
    "tab title",
    "subtitle",
    "logo",
    "short logo",
    "exit label",
    "exit link",
    "exit url",
    "title url",
    "title url opens in other window",
)


def of_question(run: Run, block: Block, question: Question) -> dict[str, Any]:
    """Attributes of the Screen other than its question and what is answered."""
    options = question.options
    progress.meet(run, options)
    section = navigation.enter(run, block, options)
    made: dict[str, Any] = {
        "parts": parts(run, question),
        "help": help_texts(run, block, question),
        "terms": _terms(run, run.interview.terms, question.terms, "terms"),
        "auto_terms": _terms(run, run.interview.auto_terms, question.auto_terms, "auto terms"),
        "action_buttons": action_buttons(run, question),
        "navigation": navigation.tree(run),
        "section": section,
        "menu": menu(run),
        "progress": None if (percent := run.internal.get(memory.PROGRESS)) is None else int(percent),
        "reload": _reload(run, question),
        "check_in": check_in(run, question),
        "back": _back(run, options),
        "title": title(run),
        "features": run.interview.features,
        "options": {
            "package": run.interview.name.rpartition(":")[0],
            **{key: _option(run, block, key, value) for key, value in options.items() if key not in _KNOWN},
        },
    }
    track = options.get("track")
    if track is not None:
        made["track"] = run.render(track)
    return made


_MEDIA = ("audio", "video")
_KNOWN = ("help", "list collect", "progress", "section", "back button", "prevent going back", "track", "datatype")


def _option(run: Run, block: Block, key: str, value: object) -> object:
    """What an option comes to; ``audio`` and ``video`` are files of the block's package (modifiers.md, "audio")."""
    found = _plain(run, value)
    package = packages.elsewhere(run.interview.name, block.place.file) if key in _MEDIA else None
    if package is None:
        return found
    if isinstance(found, list):
        return [_medium(one, package) for one in found]
    return _medium(found, package)


def _medium(found: object, package: str) -> object:
    markup = not isinstance(found, str) or found.lstrip().startswith("[")
    return found if markup else packages.whole(str(found), package)


def default_part(run: Run, name: str) -> object:
    """A part that applies to all screens: set_parts(), then ``default screen parts`` in this language or any, then metadata."""
    stated = (run.internal.get(memory.PARTS) or {}).get(name)
    if stated is not None:
        return stated
    for language in (run.context.language, "*"):
        found = run.interview.default_parts.get(language, {}).get(name)
        if found is not None:
            return found
    return run.interview.metadata.get(name)


#: Parts that ``default screen parts`` and metadata may give to every question.
_DEFAULTED = (
    "pre",
    "post",
    "under",
    "right",
    "submit",
    "continue button label",
    "resume button label",
    "back button label",
    "corner back button label",
    "help label",
    "css class",
    "table css class",
    "date format",
    "time format",
    "datetime format",
    "footer",
    "navigation bar html",
    "continue button color",
    "exit link",
    "exit label",
    "exit url",
)


#: How an action begins that is a script of the author's rather than a name or an address.
_RUNS = "javascript:"
#: Parts that are HTML rather than Markdown.
_HTML = ("navigation bar html", "logo", "short logo")


def parts(run: Run, question: Question) -> dict[str, str]:
    made = {name: run.render(text) for name, text in question.parts.items() if name not in _ELSEWHERE and name != "css"}
    if "css" in question.parts:
        made["css"] = html.of(run, question.parts["css"], "css").printed
    for name in _DEFAULTED:
        if name not in made:
            text = default_part(run, name)
            if text is not None:
                made[name] = str(text) if isinstance(text, bool | int | float) else run.render(in_language(run, text))
    return {name: clean(text) if name in _HTML else text for name, text in made.items()}


def help_texts(run: Run, block: Block, question: Question) -> tuple[Mapping[str, object], ...]:
    """The screen's own help, then the interview's (marked ``interview``), each with its ``audio`` and ``video`` (modifiers.md, "help")."""
    made: list[Mapping[str, object]] = []
    own, more = question.parts.get("help"), question.options.get("help") or {}
    if own is not None:
        label = run.render(question.help_label) if question.help_label is not None else None
        heading = more.get("heading")
        made.append(
            {
                "heading": None if heading is None else run.render(heading),
                "content": run.render(own),
                "label": label,
                **{key: _option(run, block, key, more[key]) for key in _MEDIA if key in more},
            }
        )
    for language in (run.context.language, "*"):
        for item in run.interview.interview_help.get(language, ()):
            rendered = {key: run.render(text) for key, text in item.items() if key not in _MEDIA}
            made.append(
                {
                    "heading": rendered.get("heading"),
                    "content": rendered.get("content", ""),
                    "label": rendered.get("label"),
                    "interview": True,
                    **{key: _plain(run, item[key]) for key in _MEDIA if key in item},
                }
            )
    return tuple(made)


def _terms(
    run: Run, shared: Mapping[str, Mapping[str, object]], own: Mapping[str, object], kind: str
) -> dict[str, str]:
    if not shared and not own and memory.TERMS not in run.internal:
        return {}
    made: dict[str, str] = {}
    noted = (run.internal.get(memory.TERMS) or {}).get(kind) or {}
    for language in ("*", run.context.language):
        made.update({term: run.render(text) for term, text in shared.get(language, {}).items()})
        made.update({term: str(text) for term, text in (noted.get(language) or {}).items()})
    made.update({term: run.render(text) for term, text in own.items()})
    return made


def action_buttons(run: Run, question: Question) -> tuple[Mapping[str, object], ...]:
    """The buttons of ``action buttons``, written out and computed, those whose ``show if`` holds."""
    items = list(question.action_buttons)
    made = [_action_button(run, {**run.value(item), **_no_script(item)}) for item in items if _wanted(run, item)]
    for expr in question.action_buttons_code:
        result = run.evaluate(expr)
        made.extend(
            _action_button(run, item) for item in getattr(result, "elements", result) if item.get("show if", True)
        )
    return tuple(made)


def _no_script(item: object) -> dict[str, object]:
    """What the button of `item` must not do: run the value of a variable as a script. Only one that is written out runs."""
    written = item.get("action") if hasattr(item, "get") else None
    source = written if isinstance(written, str) else getattr(written, "source", "")
    return {} if source.lstrip().lower().startswith(_RUNS) else {"runs": False}


def _wanted(run: Run, item: object) -> bool:
    condition = item.get("show if") if hasattr(item, "get") else None
    return condition is None or bool(run.value(condition))


def _action_button(run: Run, item: Mapping[str, object]) -> Mapping[str, object]:
    made = {key: value for key, value in item.items() if key != "show if"}
    made.setdefault("arguments", {})
    return made


def menu(run: Run) -> tuple[Mapping[str, object], ...]:
    """``menu_items``, as the interview has set it."""
    items = run.namespace.get("menu_items")
    if not items:
        return ()
    return tuple(dict(item) for item in getattr(items, "elements", items) if isinstance(item, Mapping))


def title(run: Run) -> dict[str, int | float | str]:
    made = {}
    for name in _TITLES:
        text = default_part(run, name)
        if text is not None:
            made[name] = text if isinstance(text, bool | int | float) else run.render(in_language(run, text))
            if name in _HTML:
                made[name] = clean(str(made[name]))
    return made


def in_language(run: Run, text: object) -> object:
    """`text`, or that of the current language where the author wrote one for each (docs initial.md, "metadata")."""
    if not isinstance(text, Mapping):
        return text
    for language in (run.context.language, run.interview.default_language, "*"):
        if language in text:
            return text[language]
    return next(iter(text.values()), "")


def check_in(run: Run, question: Question) -> str | None:
    if question.check_in_expr is not None:
        return str(run.evaluate(question.check_in_expr))
    return question.check_in


def _reload(run: Run, question: Question) -> float | None:
    value = question.reload
    if value is None:
        return None
    if isinstance(value, bool):
        return 10.0 if value else None
    found = run.value(value)
    if isinstance(found, str):  # of Mako, which gives text
        found = {"": None, "none": None, "false": None, "true": True}.get(found.strip().lower(), found)
    if found is None or isinstance(found, bool):
        return 10.0 if found else None
    try:
        return float(found)
    except (TypeError, ValueError):
        raise BadAuthorValue(
            f"`reload` must come to a number of seconds, True, False or None, not {str(found)!r}", place=run.place
        ) from None


def _back(run: Run, options: Mapping[str, object]) -> bool:
    if run.context.step.get(memory.NO_BACK):
        return False
    if "prevent going back" in options and run.truth(options["prevent going back"]):
        return False
    if "back button" in options:
        return run.truth(options["back button"])
    return True


def _plain(run: Run, value: object) -> object:
    if isinstance(value, Expr):
        value = run.evaluate(value)
    else:
        value = run.value(value)
    if value is None or isinstance(value, bool | int | float | str | list | dict):
        return value
    return str(value)
