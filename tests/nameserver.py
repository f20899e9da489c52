"""A name server on loopback for tests: answers TXT, A and MX from a table, as BIND would; what it is told to keep silent about gets no answer."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator, Mapping

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset


@contextlib.contextmanager
def name_server(texts: Mapping[str, str], *, silent: frozenset[str] = frozenset()) -> Iterator[tuple[str, int]]:
    """Its address and port. `texts` are TXT records by name; a text of over 255 characters goes out in pieces."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        thread = threading.Thread(target=_serve, args=(sock, texts, silent), daemon=True)
        thread.start()
        yield sock.getsockname()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ending:
            ending.sendto(b"", sock.getsockname())
        thread.join(5)


def _serve(sock: socket.socket, texts: Mapping[str, str], silent: frozenset[str]) -> None:
    while True:
        data, peer = sock.recvfrom(4096)
        if not data:
            return
        query = dns.message.from_wire(data)
        question = query.question[0]
        name = question.name.to_text(omit_final_dot=True).lower()
        if name in silent:
            continue
        answer = dns.message.make_response(query)
        answer.flags |= dns.flags.AA
        if name not in texts:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        elif dns.rdatatype.to_text(question.rdtype) == "TXT":
            text = texts[name]
            pieces = " ".join(f'"{text[start : start + 255]}"' for start in range(0, len(text), 255))
            answer.answer.append(dns.rrset.from_text(question.name, 60, "IN", "TXT", pieces.replace(";", "\\;")))
        sock.sendto(answer.to_wire(), peer)
