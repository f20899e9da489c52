"""``parley replay``: interviews answered from recorded answers, one JSON object per line in and out.

The protocol is that of the differential corpus: a request names a file and its answers, the response lists the screens. The
engine, the validation and the runner's conventions are those of the services; there is no store and no bus, and files are kept in
memory. Author code runs in a process of its own for each request, behind the walls that it has anywhere; on a machine that lacks one it
goes on without, and says so.
"""

from __future__ import annotations

import io
import json
import sys
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, TextIO

from services.cli.confined import Ended, confined
from shared.authoring import modules
from shared.authoring.areas import after
from shared.contract import jsontext
from shared.contract.effects import Keep
from shared.contract.jsonvalue import JsonMap
from shared.contract.screen import Screen
from shared.engine.outcome import Outcome
from shared.engine.request import Answer, Request, Shown
from shared.engine.step import step
from shared.language.errors import LanguageError
from shared.language.library import Library
from shared.language.model import Interview
from shared.language.sources import Sources
from shared.runner import reach
from shared.runner.engine import registry
from shared.state import classes
from shared.state.session import State

#: Kinds of screens after which there is nothing to answer.
FINAL = ("end", "command", "response")
#: Of the sample image that stands for any uploaded file.
SAMPLE_SIZE = (40, 20)
MAX_SCREENS = 25
#: What the records were made with: the configuration that a new docassemble server has (config.md "Sample configuration file").
CONFIG: Mapping[str, object] = {
    "language": "en",
    "locale": "en_US.utf8",
    "country": "US",
    "timezone": "America/New_York",
    "exitpage": "https://docassemble.org",
}


@dataclass
class MemoryFiles:
    """`Files` of one replayed session."""

    sources: Any = None
    package: str = ""
    held: dict[int, tuple[str, str, bytes]] = field(default_factory=dict)

    def write(self, *, filename: str, mimetype: str, content: bytes) -> int:
        number = len(self.held) + 1
        self.held[number] = (filename, mimetype, content)
        return number

    def share(self, *, filename: str, mimetype: str, content: bytes, lasting: bool) -> int:
        return self.write(filename=filename, mimetype=mimetype, content=content)

    def read(self, number: int) -> bytes:
        return self.held[number][2]

    def info(self, number: int) -> Mapping[str, object]:
        filename, mimetype, content = self.held[number]
        extension = filename.rpartition(".")[2].lower() if "." in filename else ""
        return {"filename": filename, "mimetype": mimetype, "size": len(content), "extension": extension}

    def find(self, reference: str, folder: str = "static") -> tuple[str, bytes]:
        if reference.isdigit() and int(reference) in self.held:
            return str(self.info(int(reference))["filename"]), self.read(int(reference))
        for place in dict.fromkeys((folder, "static", "templates", "sources")):
            try:
                found = self.sources.reference(reference, place, self.package)
            except Exception:  # noqa: S112  (the next folder may have it)
                continue
            return found.path.name, found.path.read_bytes()
        raise FileNotFoundError(reference)

    def url(self, reference: str) -> str:
        return f"/packagestatic/{reference.replace(':', '/')}"


class PendingTasks:
    """`Tasks` of a replayed session: none ever ends."""

    def view(self, task_id: str) -> Mapping[str, object]:
        return {"status": "queued", "ok": None, "value": None}

    def wait(self, task_id: str, timeout: float | None) -> Mapping[str, object]:
        return self.view(task_id)

    def on_progress(self, fraction: float | None, text: str) -> None:
        pass

    def on_error(self, action: str, arguments: bytes) -> None:
        pass


@dataclass
class MemoryStorage:
    """`Storage` of one replayed session: what its steps kept."""

    held: dict[tuple[str, str, str], tuple[bytes | None, dict[str, int]]] = field(default_factory=dict)

    def get(self, area: str, name: str, key: str) -> Mapping[str, Any] | None:
        found = self.held.get((area, name, key))
        return None if found is None else {"value": found[0], "counts": dict(found[1])}

    def keys(self, area: str, name: str) -> list[str]:
        return sorted(key for of_area, of_name, key in self.held if (of_area, of_name) == (area, name))

    def take(self, outcome: Outcome) -> Outcome:
        """Change what a step wanted changed; the outcome as it was."""
        for effect in outcome.effects:
            if isinstance(effect, Keep):
                where = effect.area, effect.name, effect.key
                changed = after(self.held.pop(where, None), effect)
                if changed is not None:
                    self.held[where] = changed
        return outcome


def sample_image() -> bytes:
    """A small white PNG."""
    from PIL import Image  # noqa: PLC0415  heavy: 40 ms, and few interviews upload pictures

    out = io.BytesIO()
    Image.new("RGB", SAMPLE_SIZE, "white").save(out, "PNG")
    return out.getvalue()


@dataclass
class Session:
    """One replayed session."""

    interview: Interview
    files: MemoryFiles
    state: State = field(default_factory=State)
    storage: MemoryStorage = field(default_factory=MemoryStorage)
    steps: int = 0

    def request(self, answer: Answer | None = None) -> Request:
        self.steps += 1
        return Request(
            now=datetime.now(UTC),
            seed=zlib.crc32(self.interview.name.encode()) + self.steps,
            answer=answer,
            steps=self.steps - 1,
            files=self.files,
            tasks=PendingTasks(),
            storage=self.storage,
            browser={
                "url_root": "http://localhost/",
                "interview_url": f"http://localhost/interview?i={self.interview.name}",
                "ip": "127.0.0.1",
                "client": "replay",
                "session": "replay",
                "user_agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36",
                "url_args": {},
            },
            config=CONFIG,
        )

    def show(self) -> Outcome:
        return self.storage.take(step(self.interview, self.state, self.request()))

    def answer(self, screen: Screen, given: JsonMap, *, of_page: bool = False) -> Outcome:
        """`of_page`: the answer is that of a page, whose Continue also says what no field does (see `Answer`); a recorded one is not."""
        values = {name: self._value(value) for name, value in (given.get("set") or {}).items()}
        answer = Answer(shown=Shown(**screen.shown), values=values, button=given.get("button"), of_page=of_page)
        return self.storage.take(step(self.interview, self.state, self.request(answer)))

    def _value(self, value: object) -> object:
        """Recorded files are made here; everything else is sent as it was recorded."""
        if isinstance(value, Mapping):
            for kind in ("file", "signature"):
                if kind in value:
                    described = value[kind]
                    number = self.files.write(
                        filename=described["name"], mimetype=described["type"], content=sample_image()
                    )
                    return {"files": [number]}
        return value


def described(screen: Screen) -> dict[str, object]:
    """SCREEN of the protocol; `extra` holds what is around the question."""
    extra: dict[str, object] = {name: screen.parts[name] for name in ("under", "right") if name in screen.parts}
    own_help = [item for item in screen.help if not item.get("interview")]
    if own_help:
        extra["help"] = [{"heading": item["heading"], "content": item["content"]} for item in own_help]
    if screen.attachments:
        kept = ("name", "filename", "formats")
        extra["attachments"] = [{name: item[name] for name in kept} for item in screen.attachments]
    if screen.section is not None:
        extra["section"] = screen.section
    made = screen.to_json()
    return {**made, "extra": extra} if extra else made


def replay(session: Session, answers: Iterable[JsonMap], *, max_screens: int = MAX_SCREENS) -> dict[str, object]:
    """The response to one request, without its id."""
    screens: list[dict[str, object]] = []
    outcome = session.show()
    remaining = iter(answers)
    while True:
        if outcome.failure is not None:
            failure = outcome.failure
            where = f" [{failure.file}, {failure.block}, line {failure.line}]" if failure.file else ""
            error = {"type": failure.type, "message": failure.message + where, "trace": failure.trace}
            return {"screens": screens, "end": "error", "error": error}
        if outcome.rejection is not None:
            rejection = outcome.rejection
            told = {"fields": dict(rejection.fields), "message": rejection.message}
            if screens:
                screens[-1]["validation_error"] = told
            return {"screens": screens, "end": "invalid", "error": None}
        if outcome.refused is not None:
            return {"screens": screens, "end": "error", "error": {"type": "BadAction", "message": outcome.refused}}
        screen = outcome.screen
        if screen is None:
            return {
                "screens": screens,
                "end": "error",
                "error": {"type": "NoScreen", "message": "the step gave no screen"},
            }
        screens.append(described(screen))
        if screen.kind in FINAL:
            return {"screens": screens, "end": "final", "error": None}
        if len(screens) >= max_screens:
            return {"screens": screens, "end": "max_screens", "error": None}
        given = next(remaining, None)
        if given is None:
            return {"screens": screens, "end": "answers_used", "error": None}
        outcome = session.answer(screen, given)


def open_session(path: Path) -> Session:
    """A new session of the interview in the file `path`. Raises `LanguageError`."""
    library = Library(Sources())
    return session_of(library, library.load_path(path))


def session_of(library: Library, interview: Interview) -> Session:
    """A new session of `interview`, which `library` has loaded."""
    modules.install(library.sources.import_roots())
    classes.use(registry(library.sources))
    return Session(interview, MemoryFiles(sources=library.sources, package=interview.name.rpartition(":")[0]))


def handle(request: JsonMap, *, confine: bool = False) -> dict[str, object]:
    """One request to one response; with `confine` author code runs in a process of its own."""
    base = {"id": request.get("id")}
    try:
        session = open_session(Path(str(request["path"])))
    except (LanguageError, OSError, KeyError) as error:
        return {**base, "screens": [], "end": "error", "error": {"type": type(error).__name__, "message": str(error)}}
    limit = int(request.get("max_screens") or MAX_SCREENS)
    answers = request.get("answers") or ()
    if not confine:
        return {**base, **replay(session, answers, max_screens=limit)}
    return {**base, **_confined(session, lambda: replay(session, answers, max_screens=limit))}


def _confined(session: Session, work: Callable[[], dict[str, object]]) -> dict[str, object]:
    sources, names = session.files.sources, session.interview.sources
    roots = sources.import_roots()
    known, lone = reach.packages(roots), reach.lone(roots)
    files = [sources.interview(name).path for name in names]
    packages = reach.named(files, [name.partition(":")[0] for name in names], known, lone=lone)
    given = reach.of(packages, lone=lone)
    try:
        answer = confined(lambda: _json(work()), given=given)
        response: dict[str, object] = json.loads(answer.content)
    except (Ended, ValueError) as error:
        return {"screens": [], "end": "error", "error": {"type": type(error).__name__, "message": str(error)}}
    _say_missing(answer.missing)
    return response


@lru_cache
def _say_missing(missing: tuple[str, ...]) -> None:
    if missing:
        print(
            f"parley: author code runs without {', '.join(missing)} here: replay only what you trust", file=sys.stderr
        )


def _json(response: Mapping[str, object]) -> bytes:
    return json.dumps(response, ensure_ascii=False, default=str).encode("utf-8", "replace")


def main(
    arguments: Sequence[str] = (), *, lines: TextIO | None = None, out: TextIO | None = None, confine: bool = True
) -> int:
    """Answer requests until the input ends. There are no arguments."""
    source, target = lines or sys.stdin, out or sys.stdout
    for line in source:
        if not line.strip():
            continue
        try:
            response = handle(jsontext.loads(line), confine=confine)
        except ValueError as error:
            response = {
                "id": None,
                "screens": [],
                "end": "error",
                "error": {"type": "BadRequest", "message": str(error)},
            }
        target.write(_json(response).decode() + "\n")
        target.flush()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
