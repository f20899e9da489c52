"""Converters are real processes: bounded in time, memory and size, with a folder of their own, and nothing else in reach."""

from __future__ import annotations

import os
from pathlib import Path

import psutil
import pytest

from shared.documents.ports import ConvertFailed, Format, Limits, TooLarge, Unsupported
from shared.runner.converting import Tool, ToolConverter
from tests.helpers.waiting import eventually

LIMITS = Limits(seconds=20, memory=512 * 1024 * 1024, size=1_000_000)


def converter(script: str) -> ToolConverter:
    return ToolConverter({(Format.MARKDOWN, Format.PDF): Tool(command=("/bin/sh", "-c", script))})


def convert(script: str, content: bytes = b"text", limits: Limits = LIMITS) -> bytes:
    return converter(script).convert(content, source=Format.MARKDOWN, target=Format.PDF, limits=limits)


def folders() -> set[str]:
    return {path.name for path in Path(os.environ.get("TMPDIR", "/tmp")).glob("parley-tool-*")}


@pytest.fixture(autouse=True)
def _nothing_is_left() -> object:
    before = folders()
    yield
    assert folders() <= before


def test_a_document_is_converted() -> None:
    assert convert("tr a-z A-Z < input.md > output.pdf", b"hello \xff") == b"HELLO \xff"
    assert converter("true").converts(Format.MARKDOWN, Format.PDF)


def test_what_nobody_converts_is_named() -> None:
    assert not converter("true").converts(Format.DOCX, Format.PDF)
    with pytest.raises(Unsupported, match="DOCX cannot be converted to PDF"):
        converter("true").convert(b"", source=Format.DOCX, target=Format.PDF, limits=LIMITS)


@pytest.mark.parametrize(
    ("script", "how"),
    [
        ("exit 3", "ended with status 3"),
        ("kill -9 $$", "ended by signal 9"),
        ("true", "made nothing"),
        ("mkdir output.pdf", "no file"),
        ("mkfifo output.pdf", "no file"),
        ("ln -s /etc/shadow output.pdf", "made nothing"),
        ("ln -s input.md output.pdf", "made nothing"),
    ],
)
def test_a_program_that_gives_nothing(script: str, how: str) -> None:
    with pytest.raises(ConvertFailed, match=f"MD to PDF: .*{how}"):
        convert(script)


def test_what_it_says_is_for_whoever_owns_the_document() -> None:
    with pytest.raises(ConvertFailed) as caught:
        convert("cat input.md >&2; exit 1", b"an answer")
    assert "an answer" not in str(caught.value)
    assert caught.value.__cause__.said == "an answer"  # type: ignore[union-attr]


def test_a_program_that_is_not_there() -> None:
    missing = ToolConverter({(Format.MARKDOWN, Format.PDF): Tool(command=("no-such-program",))})
    with pytest.raises(ConvertFailed, match="status 127"):
        missing.convert(b"", source=Format.MARKDOWN, target=Format.PDF, limits=LIMITS)


def test_time_is_up_for_all_that_it_started(tmp_path: Path) -> None:
    mark = f"{os.getpid()}.5"
    with pytest.raises(ConvertFailed, match=r"longer than 0\.5 seconds"):
        convert(f"sleep {mark} & sleep {mark}; wait", limits=Limits(seconds=0.5))
    eventually(lambda: not [p for p in psutil.process_iter(["cmdline"]) if mark in (p.info["cmdline"] or [])])


def test_memory_is_bounded() -> None:
    with pytest.raises(ConvertFailed):
        convert("perl -e '$x = \"x\" x 400_000_000; print length $x' > output.pdf", limits=Limits(memory=100_000_000))
    assert convert("perl -e 'print 5' > output.pdf", limits=Limits(memory=100_000_000)) == b"5"


def test_sizes_are_bounded() -> None:
    with pytest.raises((TooLarge, ConvertFailed)):
        convert("head -c 5000000 /dev/zero > output.pdf")
    with pytest.raises(TooLarge, match="1000000"):
        convert("head -c 5000000 /dev/zero > output.pdf || true")
    with pytest.raises(TooLarge, match="has 1000001 bytes"):
        convert("true", b"x" * 1_000_001)


def test_it_sees_nothing_of_the_service(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARLEY_SECRET", "the-secret-of-this-service-8472")
    said = convert("{ env; id -u; pwd; ls; } > output.pdf").decode()
    assert "8472" not in said
    assert "parley-tool-" in said
    if os.geteuid() == 0:
        assert "\n65534\n" in said


def test_it_has_no_network() -> None:
    script = (
        'perl -MIO::Socket::INET -e \'print IO::Socket::INET->new("127.0.0.1:5672") ? "open" : "closed"\' > output.pdf'
    )
    if os.geteuid() == 0:
        assert convert(script) == b"closed"


def test_it_writes_nowhere_else(tmp_path: Path) -> None:
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o777)
    convert(f"echo x > {tmp_path}/new; echo y > output.pdf")
    assert list(tmp_path.iterdir()) == []
