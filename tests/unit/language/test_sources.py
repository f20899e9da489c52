"""Names of files, and the ways out of a package that are closed; the library that keeps what was compiled."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.language.errors import LanguageError, LanguageErrors, NoSource, SourceRefused
from shared.language.library import Library
from shared.language.sources import Root, Sources, locate
from tests.unit.language.sample import Pack


@pytest.fixture
def roots(tmp_path: Path) -> Path:
    for path in (
        "demos/data/questions/welcome.yml",
        "demos/data/questions/sub/deep.yml",
        "demos/data/questions/sub/beside.yml",
        "demos/data/static/a.png",
        "demos/data/templates/a.md",
        "demos/tools.py",
        "docassemble/demo/data/questions/q.yml",
        "docassemble/base/data/questions/basic.yml",
        "outside.yml",
    ):
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("question: q\n")
    return tmp_path


@pytest.mark.parametrize(
    ("name", "full"),
    [
        ("demos:welcome.yml", "demos:data/questions/welcome.yml"),
        ("demos:data/questions/welcome.yml", "demos:data/questions/welcome.yml"),
        ("demos:sub/deep.yml", "demos:data/questions/sub/deep.yml"),
        ("docassemble.demo:q.yml", "docassemble.demo:data/questions/q.yml"),
        (" demos:welcome.yml ", "demos:data/questions/welcome.yml"),
    ],
)
def test_names_of_interviews(roots: Path, name: str, full: str) -> None:
    assert Sources([roots]).interview(name).name == full


def test_names_without_a_package_are_of_the_file_that_says_them(roots: Path) -> None:
    sources = Sources([roots])
    deep = sources.interview("demos:sub/deep.yml")
    assert sources.interview("welcome.yml", within=deep).name == "demos:data/questions/welcome.yml"
    assert sources.interview("beside.yml", within=deep).name == "demos:data/questions/sub/beside.yml"
    assert sources.interview("basic.yml", within=deep).name == "docassemble.base:data/questions/basic.yml"


def test_other_files_of_a_package(roots: Path) -> None:
    sources = Sources([roots])
    assert sources.reference("a.png", "static", "demos").path == roots / "demos/data/static/a.png"
    assert (
        sources.reference("demos:data/templates/a.md", "templates", "docassemble.demo").name
        == "demos:data/templates/a.md"
    )
    assert sources.reference("demos:a.md", "templates", "docassemble.demo").name == "demos:data/templates/a.md"
    assert list(sources.modules("demos")) == [roots / "demos/tools.py"]
    assert sources.module("demos.tools") == roots / "demos/tools.py"
    assert sources.module("demos.nothing") is None
    assert sources.names("demos") == (
        "demos:data/questions/sub/beside.yml",
        "demos:data/questions/sub/deep.yml",
        "demos:data/questions/welcome.yml",
    )


@pytest.mark.parametrize(
    "name",
    [
        "demos:../../outside.yml",
        "demos:data/questions/../../../outside.yml",
        "demos:/etc/passwd",
        "demos:~/x",
        "demos:a//b.yml",
        "demos:..\\x",
        "..:outside.yml",
        "/etc:passwd",
        "demos/..:outside.yml",
        "demos:x\0y",
        "welcome.yml",
        "",
        ":x",
        "demos:",
    ],
)
def test_ways_out_of_a_package_are_closed(roots: Path, name: str) -> None:
    with pytest.raises((SourceRefused, NoSource)):
        Sources([roots]).interview(name)


def test_links_out_of_a_package_are_refused(roots: Path) -> None:
    (roots / "demos/data/questions/link.yml").symlink_to(roots / "outside.yml")
    (roots / "demos/data/questions/inside.yml").symlink_to(roots / "demos/data/questions/welcome.yml")
    with pytest.raises(SourceRefused, match="link that leaves its package"):
        Sources([roots]).interview("demos:link.yml")
    assert Sources([roots]).interview("demos:inside.yml").path.read_text() == "question: q\n"


def test_what_is_not_there_says_where_it_was_looked_for(roots: Path) -> None:
    with pytest.raises(NoSource, match=r"data/questions/no\.yml"):
        Sources([roots]).interview("demos:no.yml")
    with pytest.raises(NoSource, match="there is no package 'nobody'"):
        Sources([roots]).interview("nobody:x.yml")
    with pytest.raises(NoSource):
        Sources([roots]).interview("demos:" + "x" * 5000)


@given(st.text(max_size=40))
def test_any_name_is_found_or_refused(name: str) -> None:
    sources = Sources([Path(__file__).parent])
    with pytest.raises(LanguageError):
        sources.interview(name)


def test_locating_a_file_in_a_package(roots: Path) -> None:
    sources, name = locate(roots / "docassemble/demo/data/questions/q.yml", Sources())
    assert name == "docassemble.demo:data/questions/q.yml"
    assert sources.interview(name).path == roots / "docassemble/demo/data/questions/q.yml"
    assert Root(roots) in sources.import_roots()
    _, name = locate(roots / "demos/data/questions/sub/deep.yml", Sources())
    assert name == "demos:data/questions/sub/deep.yml"


def test_a_lone_file_has_its_folder_as_a_package(tmp_path: Path) -> None:
    folder = tmp_path / "my interview"
    folder.mkdir()
    (folder / "main.yml").write_text(
        "include: other.yml\n---\nimages:\n  a: a.png\n---\ntemplate: t\ncontent file: t.md\n"
    )
    (folder / "other.yml").write_text("question: q\nyesno: a\n")
    (folder / "t.md").write_text("text")
    sources, name = locate(folder / "main.yml", Sources())
    assert name == "my_interview:main.yml"
    interview = Library(sources).load(name)
    assert "a" in interview.index
    assert interview.by_name[interview.blocks[-1].name].options["content"].source == "text"


def test_a_lone_folder_may_be_called_anything(tmp_path: Path) -> None:
    for folder in ("My forms (2026)", "2026", "email", "-x", "größe"):
        path = tmp_path / folder / "a.yml"
        path.parent.mkdir()
        path.write_text("question: Hello", "utf-8")
        sources, name = locate(path, Sources())
        assert sources.interview(name).path == path
        package, _, file = name.partition(":")
        assert file == "a.yml"
        assert package != "email", "Python has a module of that name, and would find that one"
        assert [str(Root.of(str(root))) for root in sources.import_roots()] == [f"{package}={path.parent}"]


@pytest.mark.parametrize(
    ("given", "package", "folder"),
    [
        ("forms=/srv/My Forms", "forms", "/srv/My Forms"),
        ("a.b=/srv/x", "a.b", "/srv/x"),
        ("/srv/a=b", None, "/srv/a=b"),
        ("/srv/forms", None, "/srv/forms"),
        ("1=/srv", None, "/1=/srv"),
    ],
)
def test_a_root_is_a_folder_of_packages_or_one_package(given: str, package: str | None, folder: str) -> None:
    root = Root.of(given)
    assert root.package == package
    assert str(root.folder).endswith(folder)
    assert Root.of(str(root)) == root


def test_a_root_that_is_a_package_has_no_other(tmp_path: Path) -> None:
    folder = tmp_path / "My forms"
    (folder / "data/questions").mkdir(parents=True)
    (folder / "data/questions/a.yml").write_text("question: Hello", "utf-8")
    (tmp_path / "beside").mkdir()
    sources = Sources([f"forms={folder}"])
    assert sources.interview("forms:a.yml").path == folder / "data/questions/a.yml"
    assert sources.names("forms") == ("forms:data/questions/a.yml",)
    assert sources.folder("beside") is None


def test_two_lone_folders_of_one_name_do_not_mix(tmp_path: Path) -> None:
    for parent in ("a", "b"):
        (tmp_path / parent / "same").mkdir(parents=True)
        (tmp_path / parent / "same" / "x.yml").write_text(f"metadata:\n  title: {parent}\n")
    library = Library(Sources())
    assert library.load_path(tmp_path / "a/same/x.yml").metadata["title"] == "a"
    assert library.load_path(tmp_path / "b/same/x.yml").metadata["title"] == "b"
    with pytest.raises(NoSource):
        library.load_path(tmp_path / "no.yml")


def test_two_packages_of_one_name_do_not_mix(tmp_path: Path) -> None:
    for parent in ("a", "b"):
        (tmp_path / parent / "same/data/questions").mkdir(parents=True)
        (tmp_path / parent / "same/data/questions/x.yml").write_text(f"metadata:\n  title: {parent}\n")
    library = Library(Sources())
    for parent in ("a", "b", "a"):
        assert library.load_path(tmp_path / parent / "same/data/questions/x.yml").metadata["title"] == parent


def test_a_file_that_is_not_text_is_a_problem_of_the_interview(pack: Pack) -> None:
    (pack.root / "pack/data/questions/bin.yml").write_bytes(b"\xff\xfe\x00")
    assert "not UTF-8" in pack.error("include: bin.yml\n").message


# -- include


def test_include_puts_the_blocks_in_place_once(pack: Pack) -> None:
    pack.write("include: main.yml\n---\nquestion: q\nyesno: inner\n", "data/questions/inner.yml")
    interview = pack.interview(
        "question: q\nyesno: first\n---\ninclude:\n  - inner.yml\n  - pack:inner.yml\n---\nquestion: q\nyesno: last\n"
    )
    assert [block.sets for block in interview.blocks if block.sets] == [("first",), ("inner",), ("last",)]
    assert [block.number for block in interview.blocks] == list(range(len(interview.blocks)))
    assert interview.sources == ("pack:data/questions/main.yml", "pack:data/questions/inner.yml")
    assert interview.index["inner"][0].place.file == "pack:data/questions/inner.yml"


def test_an_endless_chain_of_includes_is_an_error(pack: Pack) -> None:
    for number in range(110):
        pack.write(f"include: f{number + 1}.yml\n", f"data/questions/f{number}.yml")
    pack.write("metadata: {}\n", "data/questions/f110.yml")
    assert "include each other" in pack.error("include: f0.yml\n").message


# -- library


def later(file: Path, text: str) -> None:
    """Write with a time that differs, whatever the clock of the file system."""
    stamp = file.stat().st_mtime_ns
    file.write_text(text)
    os.utime(file, ns=(stamp + 1_000_000, stamp + 1_000_000))


def test_an_interview_is_compiled_again_only_when_its_content_changed(pack: Pack) -> None:
    inner = pack.write("question: q\nyesno: a\n", "data/questions/inner.yml")
    main = pack.write("include: inner.yml\n")
    library = Library(pack.sources)
    first = library.load("pack:main.yml")
    assert library.load("pack:data/questions/main.yml") is first
    later(main, "include: inner.yml\n")
    assert library.load("pack:main.yml") is first
    later(inner, "question: q\nyesno: b\n")
    second = library.load("pack:main.yml")
    assert "b" in second.index
    assert second.digest != first.digest


def test_a_broken_interview_is_read_again_when_what_it_missed_has_come(pack: Pack) -> None:
    pack.write("include: inner.yml\n")
    library = Library(pack.sources)
    with pytest.raises(LanguageErrors, match="there is no file") as caught:
        library.load("pack:main.yml")
    assert len(caught.value.errors) == 1
    pack.write("question: q\nyesno: a\n", "data/questions/inner.yml")
    assert "a" in library.load("pack:main.yml").index


def test_a_file_that_is_gone(pack: Pack) -> None:
    file = pack.write("question: q\n")
    library = Library(pack.sources)
    library.load("pack:main.yml")
    file.unlink()
    with pytest.raises(NoSource):
        library.load("pack:main.yml")


def test_the_digest_is_of_the_content_alone(tmp_path: Path) -> None:
    digests = set()
    for folder in ("one", "two"):
        pack = Pack(tmp_path / folder)
        digests.add(pack.interview("question: q\nyesno: a\n").digest)
    assert len(digests) == 1


def test_many_threads_get_one_interview(pack: Pack) -> None:
    pack.write("question: q\nyesno: a\n")
    library = Library(pack.sources)
    found: list[object] = []
    threads = [threading.Thread(target=lambda: found.append(library.load("pack:main.yml").digest)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1


def test_a_library_works_in_a_forked_child(pack: Pack) -> None:
    pack.write("question: q\nyesno: a\n")
    library = Library(pack.sources)
    library.load("pack:main.yml")
    with library._lock:  # held by the parent at the moment of the fork
        child = os.fork()
        if child == 0:
            os._exit(0 if "a" in library.load("pack:main.yml").index else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


@pytest.mark.parametrize(
    ("name", "installed"),
    [
        ("mine:form.yml", True),
        ("mine:data/questions/form.yml", True),
        ("mine:more/form.yaml", True),
        ("mine:data/sources/keys.yml", False),
        ("mine:data/questions/../sources/keys.yml", False),
        ("mine:beside.yml", False),
        ("mine:.hidden.yml", False),
        ("mine:more//form.yaml", False),
        ("mine:form.txt", False),
        ("mine:", False),
        ("deploy:secret.yml", False),
        ("..:form.yml", False),
        ("", False),
        ("alone:form.yml", True),
        ("alone:under/form.yml", False),
        ("alone:.hidden.yml", False),
        ("alone:../alone/form.yml", False),
        ("alone:form.yml\0", False),
        ("alone:" + "x" * 300 + ".yml", False),
    ],
)
def test_what_an_address_may_open(tmp_path: Path, name: str, installed: bool) -> None:
    for file in (
        *(
            "mine/data/questions/form.yml",
            "mine/data/questions/more/form.yaml",
            "mine/data/sources/keys.yml",
            "mine/beside.yml",
        ),
        *("mine/data/questions/.hidden.yml", "mine/data/questions/form.txt", "deploy/secret.yml"),
        *("alone/form.yml", "alone/under/form.yml", "alone/.hidden.yml"),
    ):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text("x")
    sources = Sources([tmp_path, Root(tmp_path / "alone", "alone")])
    assert sources.installed(name) is installed
