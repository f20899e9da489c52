"""Author code connects to the broker, the database, the machine's other services, the world."""

from __future__ import annotations

import socket
import textwrap
from pathlib import Path

import pytest

from tests.attacks.victims import Victim, project

CONNECT = """
import socket, urllib.request
found = []
for connect in (lambda: socket.create_connection(('127.0.0.1', PORT), 2),
                lambda: urllib.request.urlopen('http://127.0.0.1:PORT/', timeout=2),
                lambda: urllib.request.urlopen('http://localhost:PORT/', timeout=2),
                lambda: DAFile('taken').from_url('http://127.0.0.1:PORT/x.txt')):
    try:
        connect()
        found.append('connected')
    except OSError as error: found.append(str(error))
found = ' | '.join(found)
del connect
"""

ONLINE = """
import socket
try:
  line = socket.create_connection(('127.0.0.1', PORT), 5)
  line.close()
  line = None
  found = 'connected'
except OSError: found = 'refused'
"""


def test_nobody_is_reached_and_the_author_hears_of_the_setting(victim: Victim) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.05)
        found = victim.found("connecting", CONNECT.replace("PORT", str(server.getsockname()[1]))).split(" | ")
        assert len(found) == 4
        assert all("`author network`" in one for one in found), found
        with pytest.raises(TimeoutError):
            server.accept()


def test_a_datagram_to_a_socket_with_a_name(victim: Victim) -> None:
    """A pair of datagram sockets can send to any socket in the file system: a log's, a service manager's."""
    path = victim.folder / "log.sock"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as log:
        log.bind(str(path))
        path.chmod(0o777)
        code = f"""
        import socket
        found = 'refused'
        try:
            one, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
            one.sendto(b'x', {str(path)!r})
            found = 'sent'
        except OSError: pass
        one = other = None
        """
        try:
            assert victim.found("datagram", code) == "refused"
        finally:
            path.unlink()


def test_an_operator_opens_the_network_to_one_package(tmp_path: Path) -> None:
    running = Victim(project(tmp_path / "p"), "", {"PARLEY_AUTHOR_NETWORK": "attacker"}, ())
    try:
        with socket.create_server(("127.0.0.1", 0)) as server:
            code = ONLINE.replace("PORT", str(server.getsockname()[1]))
            assert running.found("online", code) == "connected"
            other = running.folder / "victim/data/questions/online.yml"
            block = textwrap.indent(code, "  ")
            other.write_text(
                f"mandatory: True\ncode: |\n{block}\n---\nmandatory: True\nquestion: |\n  ${{ found }}\n", "utf-8"
            )
            assert running.client("victim:online.yml").screen["question"].strip() == "refused"
    finally:
        running.stop()
