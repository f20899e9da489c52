"""Clients and senders that race while faults last: each repeats what it wants, under its id and at either server, until that is acknowledged."""

from __future__ import annotations

import http.client
import itertools
import json
import smtplib
import threading
import time
import uuid
from collections import Counter
from typing import Any
from urllib.parse import urlsplit

from bench.browser import Client

#: Every one of so many requests starts a background task.
TASKS = 8

#: Seconds that one try of a request takes at most, and all of them.
TRY, GIVE_UP = 10.0, 120.0

#: Of waits that are longer (seconds), what they met is printed: the goal is that none is, for the silence of one instance.
LONG = 5.0

DONE = "done"

SENDER = "a@example.org"


class Racer(threading.Thread):
    """Does one action after the other, each repeated until it is acknowledged."""

    def __init__(self, urls: list[str], first: Client, name: str, enough: threading.Event) -> None:
        super().__init__(name=name)
        self.urls, self.enough = urls, enough
        self.path = "/interview?i=storm:race.yml&json=1&session=" + first.reply["session"]
        self.session = first.reply["session"]
        self.headers = {
            "Cookie": first.cookie,
            "Content-Type": "application/json",
            "X-CSRF-Token": first.reply["csrf"],
        }
        self.acknowledged: list[str] = []
        self.started: list[str] = []
        self.longest = 0.0
        self.trouble: Counter[str] = Counter()
        self.held: list[str] = []  #: what those that waited long met, try by try
        self.problem: BaseException | None = None

    def run(self) -> None:
        try:
            while not self.enough.is_set():
                self.one(len(self.acknowledged))
        except BaseException as error:
            self.problem = error

    def one(self, number: int) -> None:
        mark, begun = f"{self.name}.{number}", time.monotonic()
        begins = number % TASKS == 0
        body = {
            "session": self.session,
            "request_id": uuid.uuid4().hex,
            "action": "begin" if begins else "vote",
            "arguments": {"mark": mark},
        }
        tries, met = 0, []
        while True:
            asked = time.monotonic()
            which = (number + tries) % 2
            ended = self.asked(self.urls[which], body)
            met.append(f"{ended} at {which} in {time.monotonic() - asked:.1f}")
            if ended == DONE:
                break
            tries += 1
            if time.monotonic() - begun > GIVE_UP:
                raise AssertionError(f"{mark} was never acknowledged: {self.trouble}")
            time.sleep(0.1)
        waited = time.monotonic() - begun
        self.longest = max(self.longest, waited)
        if waited > LONG:
            self.held.append(f"{time.strftime('%H:%M:%S')} {mark} waited {waited:.1f} s: {', '.join(met)}")
        self.acknowledged.append(mark)
        if begins:
            self.started.append(mark)

    def asked(self, url: str, body: dict[str, Any]) -> str:
        """How it ended: `DONE`, or what was in the way."""
        connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=TRY)
        try:
            connection.request("POST", self.path, json.dumps(body), self.headers)
            answer = connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException) as error:
            self.trouble[type(error).__name__] += 1
            return type(error).__name__
        finally:
            connection.close()
        if answer.status < 300:
            return DONE
        if answer.status < 500:
            raise AssertionError(f"{answer.status}: {content[:500]!r}")
        trouble = f"{answer.status} {json.loads(content)['error']['kind']}"
        self.trouble[trouble] += 1
        return trouble


class Sender(threading.Thread):
    """Sends one mail after the other, each until one of the servers accepts it."""

    def __init__(self, ports: list[int], recipient: str, name: str, enough: threading.Event) -> None:
        super().__init__(name=name)
        self.ports, self.recipient, self.enough = ports, recipient, enough
        self.accepted: list[str] = []

    def run(self) -> None:
        for number in itertools.count():
            message_id = f"<{self.name}.{number}@example.org>"
            tries = itertools.count()
            while not self.sent(self.ports[(number + next(tries)) % 2], message_id):
                if self.enough.wait(0.1):
                    return
            self.accepted.append(message_id)
            if self.enough.wait(0.2):
                return

    def sent(self, port: int, message_id: str) -> bool:
        try:
            with smtplib.SMTP("127.0.0.1", port, timeout=TRY) as server:
                server.sendmail(SENDER, self.recipient, content(message_id))
                return True
        except (OSError, smtplib.SMTPException):
            return False


def content(message_id: str) -> str:
    return f"Message-ID: {message_id}\r\n\r\nText\r\n"
