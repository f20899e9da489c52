"""Sources -> one compiled `Interview`: files in order, includes in place, settings merged, blocks named and indexed.

All mistakes of all files are collected; `compile_interview` returns them beside the interview, which is None if one of them
is an error. Reading again only when something changed is `library.py`'s.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from types import MappingProxyType
from typing import TypeVar

from shared.language import customtypes, settings
from shared.language.again import Earlier
from shared.language.blocks import BlockContext, compile_block
from shared.language.code import place_of
from shared.language.errors import LanguageError, Problem
from shared.language.findings import Finding, Severity
from shared.language.frozen import FrozenDict, FrozenList
from shared.language.index import build_index
from shared.language.model import Block, Code, Interview, Kind, Place, Text, Value
from shared.language.naming import Namer, embedded_blocks
from shared.language.scope import Scope, kind_of
from shared.language.sources import Found, Sources
from shared.language.text import Def
from shared.language.yamlfile import MAX_SOURCE, RawBlock, YamlMap, read_blocks

_Part = TypeVar("_Part")

_PROCESSES = re.compile(r"\bprocess_actions?\s*\(")
_SETUP = frozenset({Kind.IMPORTS, Kind.MODULES, Kind.DEF, Kind.RESET})
#: Files that may include each other in a row; a longer chain is not an interview.
_MAX_INCLUDES = 100


@dataclass
class Compiled:
    """What became of a name: the interview (None if there are errors), its problems, and the files it was made of."""

    interview: Interview | None
    problems: tuple[Problem, ...]
    sources: tuple[Found, ...]
    #: Packages whose modules were looked at for datatypes.
    modules_of: tuple[str, ...] = ()
    digests: Mapping[str, bytes] = field(default_factory=dict)  #: of the texts that were read, by full name


def compile_interview(name: str, sources: Sources, earlier: Earlier | None = None) -> Compiled:
    """Compile the interview `name`, taking from `earlier` what is as it was. Raises `NoSource` or `SourceRefused` only for `name` itself."""
    return _Compiler(sources, earlier).run(sources.interview(name))


@dataclass
class _Settings:
    """What blocks without names contribute to the interview as a whole."""

    metadata: dict[str, Value] = field(default_factory=dict)
    features: dict[str, Value] = field(default_factory=dict)
    parts: dict[str, dict[str, Text]] = field(default_factory=dict)
    messages: dict[str, dict[str, str]] = field(default_factory=dict)
    terms: dict[str, dict[str, Text]] = field(default_factory=dict)
    auto_terms: dict[str, dict[str, Text]] = field(default_factory=dict)
    images: dict[str, Value] = field(default_factory=dict)
    sections: dict[str, Value] = field(default_factory=dict)
    help: dict[str, list[Mapping[str, Text]]] = field(default_factory=dict)
    translations: list[str] = field(default_factory=list)
    options: dict[str, Value] = field(default_factory=dict)


class _Compiler:
    def __init__(self, sources: Sources, earlier: Earlier | None) -> None:
        self.sources = sources
        self.earlier = earlier
        self.problems: list[Problem] = []
        self.read: dict[str, Found] = {}
        self.seen: set[str] = set()
        self.blocks: list[Block] = []
        self.number = 0
        self.settings = _Settings()
        self.namer = Namer()
        self.digest = sha256()
        self.ids: dict[str, Place] = {}
        self.defs: dict[str, Def] = {}
        self.digests: dict[str, bytes] = {}
        self.modules_of: dict[str, None] = {}
        self.datatypes: dict[tuple[str, str], Mapping[str, str] | None] = {}

    def run(self, found: Found) -> Compiled:
        self.file(found, 0)
        self.problems = list(dict.fromkeys(self.problems))
        failed = any(problem.severity is Severity.ERROR for problem in self.problems)
        interview = None if failed else self.interview(found)
        return Compiled(
            interview, tuple(self.problems), tuple(self.read.values()), tuple(self.modules_of), self.digests
        )

    # -- files

    def file(self, found: Found, depth: int) -> None:
        self.seen.add(found.name)
        start = Place(found.name, f"Question_{self.number}", self.number, 1)
        try:
            text = self.sources.text(found)
        except LanguageError as error:
            self.read[found.name] = found
            self.problems.append(Problem(Finding.NO_FILE, start, str(error)))
            return
        self.note(found, text)
        if len(text) > MAX_SOURCE:
            self.problems.append(
                Problem(Finding.TOO_LARGE, start, "this file is too large", f"at most {MAX_SOURCE:,} characters")
            )
            return
        around = BlockContext(
            package=found.package,
            read_file=lambda reference, folder: self.attached(reference, folder, found.package),
            datatypes=lambda name: self.datatype(name, found.package),
            defs=self.defs,
            problems=self.problems,
        )
        for raw in read_blocks(text):
            self.block(raw, found, around, depth)

    def note(self, found: Found, text: str) -> None:
        self.read[found.name] = found
        self.digests[found.name] = digest_of(text)
        self.digest.update(f"{found.name}\0{len(text)}\0{text}".encode("utf-8", "surrogatepass"))

    def attached(self, reference: str, folder: str, package: str) -> tuple[str, str]:
        """Full name and text of a file of the package, which becomes one of the interview's sources."""
        found = self.sources.reference(reference, folder, package)
        text = self.sources.text(found)
        self.note(found, text)
        return found.name, text

    def datatype(self, name: str, package: str) -> Mapping[str, str] | None:
        self.modules_of[package] = None
        asked = name, package
        if asked not in self.datatypes:
            self.datatypes[asked] = customtypes.parameters_of(name, package, self.sources)
        return self.datatypes[asked]

    # -- blocks

    def block(self, raw: RawBlock, found: Found, around: BlockContext, depth: int) -> None:
        data = raw.value
        first = data.line if isinstance(data, YamlMap) else raw.line
        name = _shown_name(data, self.number)
        place = Place(found.name, name, self.number, first)
        for flaw in raw.flaws:
            where = Place(found.name, name, self.number, flaw.line)
            self.problems.append(Problem(flaw.finding, where, flaw.message, flaw.hint))
        if data is None:
            self.number += bool(raw.flaws)
            return
        if not isinstance(data, YamlMap):
            hint = "a block is made of lines such as `question: …`"
            self.problems.append(
                Problem(
                    Finding.NOT_A_BLOCK, place, f"a block must be a mapping (key: value), not {kind_of(data)}", hint
                )
            )
            self.number += 1
            return
        for block in self.made(data, raw, place, around):
            if block.number != self.number:
                block = replace(block, number=self.number)
            self.take(block, place)
            self.number += 1
        scope = Scope(place, around.package, self.problems, (), around.read_file)
        self.take_settings(scope, data, around, is_question="question" in data)
        if "include" in data:
            self.include(scope, data, found, depth)

    def made(self, data: YamlMap, raw: RawBlock, place: Place, around: BlockContext) -> Sequence[Block]:
        language = str(data.get("language") or around.language).strip()
        known = self.earlier.blocks(raw.text, place, language) if self.earlier is not None else None
        if known is None:
            return compile_block(data, raw.text, place, around)
        blocks, problems = known
        self.problems.extend(problems)
        return blocks

    def take(self, block: Block, place: Place) -> None:
        if block.id is not None:
            first = self.ids.setdefault(block.id, place)
            if first is not place:
                message = f"the id {block.id!r} is used twice"
                self.problems.append(
                    Problem(Finding.ID_TWICE, place, message, f"first in {first.file}, line {first.line}")
                )
        self.blocks.append(self.namer.name(block))

    def include(self, scope: Scope, data: YamlMap, found: Found, depth: int) -> None:
        for value, line in scope.items(data, "include"):
            if not isinstance(value, str):
                scope.report(Finding.WRONG_KIND, line, f"'include' must name files, not {kind_of(value)}")
                continue
            try:
                inner = self.sources.interview(value, within=found)
            except LanguageError as error:
                scope.report(Finding.NO_FILE, line, f"'include': {error}")
                continue
            if inner.name in self.seen:
                continue
            if depth >= _MAX_INCLUDES:
                scope.report(Finding.TOO_LARGE, line, f"more than {_MAX_INCLUDES} files include each other in a row")
                continue
            self.file(inner, depth + 1)

    # -- settings

    def take_settings(self, scope: Scope, data: YamlMap, around: BlockContext, *, is_question: bool) -> None:
        into = self.settings
        language = around.language if data.get("language") is None else str(data["language"]).strip()
        if "default language" in data:
            around.language = str(data["default language"]).strip() if data["default language"] else "*"
        if "metadata" in data:
            into.metadata.update(settings.read_mapping(scope, data, "metadata"))
        if "features" in data:
            into.features.update(settings.read_features(scope, data))
        if "default screen parts" in data:
            _merge_parts(into.parts.setdefault(language, {}), settings.read_screen_parts(scope, data))
        if "default validation messages" in data:
            into.messages.setdefault(language, {}).update(settings.read_messages(scope, data))
        if not is_question:
            if "terms" in data:
                into.terms.setdefault(language, {}).update(settings.read_terms(scope, data, "terms", plain=True))
            if "auto terms" in data:
                into.auto_terms.setdefault(language, {}).update(
                    settings.read_terms(scope, data, "auto terms", plain=True)
                )
        if "images" in data or "image sets" in data:
            into.images.update(settings.read_images(scope, data))
        if "sections" in data:
            into.sections[language] = settings.read_sections(scope, data)
            for key in ("progressive", "auto open"):
                if key in data:
                    into.options[key] = scope.flag(data, key)
        if "interview help" in data:
            into.help.setdefault(language, []).append(settings.read_help(scope, data))
        for reference in scope.strings(data, "translations"):
            into.translations.append(reference if ":" in reference else f"{scope.package}:data/sources/{reference}")
        if "attachment options" in data:
            common, more = into.options.get("attachment options"), settings.read_attachment_options(scope, data)
            if isinstance(common, FrozenDict) and isinstance(more, FrozenDict):
                more = FrozenDict({**common, **more})
            into.options["attachment options"] = more
        if data.get("machine learning storage") is not None:
            into.options["machine learning storage"] = str(data["machine learning storage"]).strip()

    # -- the whole

    def interview(self, found: Found) -> Interview:
        blocks = tuple(self.blocks)
        by_name: dict[str, Block] = {}
        for block in blocks:
            for known in (block, *embedded_blocks(block.question)):
                by_name.setdefault(known.name, known)
            by_name.setdefault(f"Question_{block.number}", block)
        into = self.settings
        into.options["catchall"] = into.features.get("use catchall") is True
        default_language = into.metadata.get("default language")
        return Interview(
            name=found.name,
            digest=self.digest.hexdigest(),
            blocks=blocks,
            index=MappingProxyType(build_index(blocks)),
            by_name=MappingProxyType(by_name),
            ordered=tuple(
                block for block in blocks if block.mandatory or block.initial or block.default_role is not None
            ),
            setup=tuple(block for block in blocks if block.kind in _SETUP),
            author_processes_actions=any(_processes(block) for block in blocks),
            metadata=FrozenDict(into.metadata),
            features=FrozenDict(into.features),
            default_parts=_by_language(into.parts),
            validation_messages=_by_language(into.messages),
            terms=_by_language(into.terms),
            auto_terms=_by_language(into.auto_terms),
            images=FrozenDict(into.images),
            sections=FrozenDict(into.sections),
            interview_help=FrozenDict({language: tuple(helps) for language, helps in into.help.items()}),
            translations=tuple(dict.fromkeys(into.translations)),
            default_language=default_language if isinstance(default_language, str) else "en",
            sources=tuple(self.read),
            options=FrozenDict(into.options),
        )


def digest_of(text: str) -> bytes:
    return sha256(text.encode("utf-8", "surrogatepass")).digest()


def _shown_name(data: object, number: int) -> str:
    """How errors name the block: by its id, or by its number."""
    if isinstance(data, dict) and data.get("id") is not None:
        return f"ID {str(data['id']).strip()}"
    return f"Question_{number}"


def _processes(block: Block) -> bool:
    codes: list[Code | None] = [block.code, *(inner.code for inner in embedded_blocks(block.question))]
    return any(code is not None and _PROCESSES.search(code.source) for code in codes)


def _merge_parts(into: dict[str, Text], parts: Mapping[str, Text | None]) -> None:
    for name, text in parts.items():
        if text is None:
            into.pop(name, None)
        else:
            into[name] = text


def _by_language(values: Mapping[str, Mapping[str, _Part]]) -> Mapping[str, Mapping[str, _Part]]:
    return FrozenDict({language: FrozenDict(inner) for language, inner in values.items()})


__all__ = ["Compiled", "FrozenList", "compile_interview", "place_of"]
