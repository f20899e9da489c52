"""Mail as an operator would try it, with swaks: plain, by STARTTLS, encrypted from the first byte and by LMTP, to both systems as they are started.

And what the operator then sees of it by ``parley mail``.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bench.browser import Client
from bench.system import ROOT, Running, distributed, embedded, free_port, modes
from tests.helpers import certificates
from tests.helpers.waiting import eventually


def _encrypts() -> bool:
    """It may be there without what it encrypts with."""
    found = shutil.which("swaks")
    said = subprocess.run([found, "--support"], capture_output=True, text=True, check=False) if found else None
    return said is not None and "TLS supported" in said.stdout


pytestmark = pytest.mark.skipif(
    not _encrypts(), reason="swaks is not installed, or not with TLS (apt-get install swaks libnet-ssleay-perl)"
)

INTERVIEW = """
mandatory: True
code: |
  multi_user = True
  heard = []
---
mandatory: True
question: ${ interview_email() }
subquestion: |
  ${ ' '.join(heard) }
buttons:
  - Again: refresh
---
event: incoming_email
code: |
  mail = action_argument('email')
  background_response_action('hear', said=f'{mail.subject}/{mail.tag}/{mail.attachment[0].filename}')
---
event: hear
code: |
  heard.append(action_argument('said'))
  background_response()
"""


@dataclass(frozen=True)
class House:
    running: Running
    ports: dict[str, int]
    certificate: Path
    attachment: Path

    def swaks(self, to: str, subject: str, *more: str, port: str = "smtp") -> subprocess.CompletedProcess[str]:
        command = [
            *("swaks", "--server", f"localhost:{self.ports[port]}", "--from", "ann@example.org", "--to", to),
            *("--header", f"Subject: {subject}", "--attach", f"@{self.attachment}", "--timeout", "60s", *more),
        ]
        return subprocess.run(command, capture_output=True, text=True, timeout=90, check=False)

    def parley(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {**self.running.environment, "PARLEY_VAR": str(self.running.folder)}
        return subprocess.run(
            [sys.executable, "-m", "services.cli.main", "mail", *arguments],
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
            cwd=ROOT,
            env=environment,
        )


@pytest.fixture(scope="module", params=modes())
def house(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("swaks")
    questions = folder / "swaks" / "data" / "questions"
    questions.mkdir(parents=True)
    (questions / "in.yml").write_text(INTERVIEW, "utf-8")
    attachment = folder / "evidence.txt"
    attachment.write_text("What happened.\n", "utf-8")
    certificate, key = certificates.make(folder)
    ports = {"smtps": free_port(), "lmtp": free_port()}
    settings = {
        "PARLEY_SMTP_CERTIFICATE": str(certificate),
        "PARLEY_SMTP_KEY": str(key),
        "PARLEY_SMTP_TLS_PORT": str(ports["smtps"]),
        "PARLEY_LMTP_PORT": str(ports["lmtp"]),
    }
    start = embedded if request.param == "embedded" else distributed
    with start(folder, **settings) as running:
        ports["smtp"] = int(running.environment["PARLEY_SMTP_PORT"])
        yield House(running, ports, certificate, attachment)


WAYS = {
    "plain": ("smtp", ()),
    "starttls": ("smtp", ("--tls", "--tls-verify")),
    "implicit": ("smtps", ("--tls-on-connect", "--tls-verify")),
    "lmtp": ("lmtp", ("--protocol", "LMTP")),
}


def test_mail_comes_in_by_every_way(house: House) -> None:
    client = Client(house.running.url, "swaks:in.yml")
    address = re.sub(r"\s", "", client.screen["question"])
    name, _, domain = address.partition("@")
    for way, (port, options) in WAYS.items():
        trusting = ("--tls-ca-path", str(house.certificate)) if "--tls-verify" in options else ()
        said = house.swaks(f"{name}+{way}@{domain}", way, *options, *trusting, port=port)
        assert said.returncode == 0, said.stdout + said.stderr
        assert re.search(r"^<[~-]\s+250 2\.0\.0 ", said.stdout, re.MULTILINE), said.stdout

    def heard() -> list[str]:
        client.get()
        return str(client.screen["subquestion"] or "").split()

    wanted = [f"{way}/{way}/evidence.txt" for way in WAYS]
    eventually(lambda: heard() == wanted, seconds=60)


def test_refusals_are_told_with_their_code(house: House) -> None:
    said = house.swaks("nobody.at.all@localhost", "x")
    assert said.returncode != 0
    assert "550 5.1.1" in said.stdout
    said = house.swaks("postmaster@elsewhere.example", "x")
    assert "550 5.1.1" in said.stdout, "no relay"


def test_the_operator_sees_what_came(house: House) -> None:
    said = house.swaks("postmaster@localhost", "Something is wrong")
    assert said.returncode == 0, said.stdout
    assert house.swaks("nobody.at.all@localhost", "x").returncode != 0
    kept: list[str] = []

    def done() -> bool:
        shown = house.parley("--status", "done")
        assert shown.returncode == 0, shown.stderr
        kept[:] = [line.split()[0] for line in shown.stdout.splitlines() if line.endswith("operator")]
        return bool(kept)

    eventually(done, seconds=60)
    counts = house.parley()
    assert re.search(r"^in +waiting +\d+$", counts.stdout, re.MULTILINE), counts.stdout + counts.stderr
    shown = house.parley("--show", kept[0])
    assert shown.returncode == 0
    assert "postmaster" in shown.stdout
    eventually(lambda: "unknown" in house.parley("--hours", "1").stdout, seconds=60)
    checked = house.parley("--check")
    assert "mail_ingest on port" in checked.stdout
    assert "encryption: STARTTLS" in checked.stdout
    assert "postmaster@localhost: 250" in checked.stdout
    assert house.parley("--delete", kept[0]).stdout == "It is deleted.\n"
    assert house.parley("--show", kept[0]).returncode == 1
