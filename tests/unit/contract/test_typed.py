"""Types are read by many threads at once from the first time on. msgspec alone crashes the process on it."""

import subprocess
import sys
import textwrap

import msgspec
import pytest

from shared.contract import typed

RACE = """
    import sys, threading, types
    from shared.contract import typed
    import msgspec

    INNER = "".join(f"    b{n}: dict[str, tuple[int, ...]] | None = None\\n" for n in range(20))
    OUTER = "".join(f"    a{n}: Inner | None = None\\n" for n in range(20))
    SOURCE = ("from __future__ import annotations\\nfrom dataclasses import dataclass\\n"
              f"@dataclass\\nclass Inner:\\n{INNER}\\n@dataclass\\nclass Outer:\\n{OUTER}")
    VALUE = {f"a{n}": {f"b{m}": {"x": [1, 2]} for m in range(20)} for n in range(20)}

    def fresh(number):
        module = sys.modules[f"made{number}"] = types.ModuleType(f"made{number}")
        exec(SOURCE, module.__dict__)
        return module.Outer

    sys.setswitchinterval(1e-6)
    read = []
    for number in range(40):
        into = fresh(number)
        threads = [threading.Thread(target=lambda: read.append(CONVERT(VALUE, into))) for _ in range(4)]
        for thread in threads: thread.start()
        for thread in threads: thread.join()
    assert len(read) == 160 and all(made.a19.b19 == {"x": (1, 2)} for made in read), len(read)
"""


def test_threads_read_a_new_type_at_once() -> None:
    source = textwrap.dedent(RACE).replace("CONVERT", "typed.convert")
    ended = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, timeout=100)
    assert ended.returncode == 0, (ended.returncode, ended.stderr[-2000:])


def test_what_does_not_fit_names_the_field() -> None:
    class Point(msgspec.Struct):
        x: int

    with pytest.raises(msgspec.ValidationError, match=r"\$\.x"):
        typed.convert({"x": "one"}, Point)
    with pytest.raises(msgspec.ValidationError, match=r"\$\.x"):
        typed.from_json(b'{"x": "one"}', Point)
    with pytest.raises(msgspec.ValidationError, match=r"\$\.x"):
        typed.from_msgpack(msgspec.msgpack.encode({"x": "one"}), Point)
    with pytest.raises(msgspec.DecodeError):
        typed.from_json(b"{")


def test_without_a_type_any_json_is_read() -> None:
    assert typed.from_json(b'{"x": [1, null]}') == {"x": [1, None]}
