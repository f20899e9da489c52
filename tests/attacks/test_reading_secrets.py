"""Author code reads what lies around it: the installation's secret, the database, ``.env``, the configuration, other packages."""

from __future__ import annotations

import pytest

from tests.attacks.victims import SECRET, Victim

READ = """
import glob, os
found = []
here = HERE
names = ['.env', 'config.yml', 'notes.txt', 'var/secret', 'var/parley.sqlite', 'var/parley.sqlite-wal',
         'other/data/questions/private.yml', 'other/words.py']
for name in [os.path.join(here, name) for name in names] + ['/etc/passwd', '/etc/shadow']:
    try:
        with open(name, 'rb') as file: file.read(1)
        found.append(name)
    except OSError: pass
for folder in (here, os.path.join(here, 'var'), os.path.join(here, 'other'), '/root', '/home', '/etc'):
    try: found.append(os.listdir(folder) and folder)
    except OSError: pass
try:
    __import__('other.' + 'words')
    found.append('other.words')
except Exception: pass
for name in ('/proc/self/environ', f'/proc/{os.getppid()}/environ', '/proc/1/environ', *glob.glob('/proc/*/environ')):
    try:
        with open(name, 'rb') as file: found.append(file.read())
    except OSError: pass
found.append([value for value in os.environ.values() if 'planted' in value])
found = repr([one for one in found if one])
file = folder = name = names = None
"""


def test_nothing_that_lies_around_is_read(victim: Victim) -> None:
    """The second and the fourth victim have no Landlock, and said so at their start: there the modes of files are all there is.

    Where nobody but root can read Python, the second has no user for its children either, and says that, too.
    """
    found = victim.found("reading", READ.replace("HERE", repr(str(victim.folder))))
    assert victim.planted not in found
    if victim.walled:
        assert found == "[]"
    elif victim.is_root and ", user" not in victim.said[-1]:
        assert not any(name in found for name in ("var/secret", "parley.sqlite", "shadow")), (
            "children have another user"
        )


LINKED = """
import os
found = []
for name in NAMES:
    try:
        with open(os.path.join(HERE, name)) as file: found.append(file.read())
    except OSError: pass
for name in NAMES:
    try: found.append(open(DAStaticFile(filename=f'attacker:{name}').path()).read())
    except Exception: pass
file = None
"""


def test_a_link_in_its_own_package_opens_nothing_elsewhere(victim: Victim) -> None:
    """A hidden file beside it has each entry of the package allowed by its own name, and a link would be what it leads to."""
    if not victim.walled:
        pytest.skip("this victim has no Landlock: whatever modes allow is read")
    package = victim.folder / "attacker"
    links = {
        "loot": victim.folder / "other",
        "notes.txt": victim.folder / "notes.txt",
        "data/sources": victim.folder,
        "data/static": victim.folder / "other",
    }
    names = ["loot/words.py", "notes.txt", "data/sources/notes.txt", "data/sources/.env", "data/static/words.py"]
    code = LINKED.replace("NAMES", repr(names)).replace("HERE", repr(str(package)))
    (package / ".hidden").touch()
    try:
        for name, target in links.items():
            (package / name).symlink_to(target)
        for name in ("linked", "linked_again"):  # with the hidden file, and without
            assert victim.found(name, code) == "[]"
            (package / ".hidden").unlink(missing_ok=True)
    finally:
        for name in links:
            (package / name).unlink()


def test_a_package_is_read_by_those_that_name_it(victim: Victim) -> None:
    """What an interview names it imports; naming is no secret way, it stands in the source."""
    if not victim.walled:
        pytest.skip("this victim has no Landlock: whatever modes allow is read")
    assert victim.found("naming", "import other.words\nfound = other.words.KEY") == SECRET


def test_the_start_says_what_stands_between(victim: Victim) -> None:
    line = victim.said[-1]
    if victim.walled:
        assert line == f"Author code runs behind landlock, seccomp{', user' if victim.is_root else ''}."
    else:
        assert line.startswith("Author code runs without landlock")
        assert "it can read what this user can read" in line
