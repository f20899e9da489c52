"""``parley keys``: a new key for the installation, which ones there are and which can go, and those that one service uses.

``new`` prints one for the front of PARLEY_KEYS; ``derive SERVICE`` what to set as PARLEY_SECRET of that service, so that it has no others;
``env`` the same for all services, as the lines ``PARLEY_SECRET_<SERVICE>=…`` that docker-compose.yml and Kubernetes' secret take; ``list`` the
ids in order. Exit status: 0, 2 if it cannot tell. Prints keys only where asked to make or derive some.
"""

from __future__ import annotations

import sys
from datetime import timedelta
from typing import TextIO

from services.clock.sweeps import REWRAPPING
from services.installation import USES, NotGiven, Secrets, new_root
from services.settings import SettingsError, load
from shared.store.open import open_store
from shared.store.ports import StoreError
from shared.vault.slots import TICKET_AGE

#: What runs said is kept for so long, and opens only with the key that sealed it.
_RUNS = timedelta(days=30)


def keys(what: str, service: str | None, *, out: TextIO | None = None) -> int:
    out = sys.stdout if out is None else out
    if (what == "derive") != (service is not None):
        print("parley: keys derive takes the name of a service, the others none", file=sys.stderr)
        return 2
    if what == "new":
        print(new_root(), file=out)
        return 0
    try:
        if service is not None:
            print(Secrets.of(load()).derived_for(service), file=out)
        elif what == "env":
            secrets = Secrets.of(load())
            for name in USES:
                print(f"PARLEY_SECRET_{name.upper()}={secrets.derived_for(name)}", file=out)
        else:
            _list(out)
    except (NotGiven, SettingsError, StoreError) as problem:
        print(f"parley: {problem}", file=sys.stderr)
        return 2
    return 0


def _list(out: TextIO) -> None:
    settings = load()
    ids = list(Secrets.of(settings).keys("transport"))
    print(f"{ids[0]}  wraps and opens", file=out)
    for one in ids[1:]:
        print(f"{one}  opens", file=out)
    if len(ids) < 2:
        return
    store = open_store(settings.database)
    try:
        note = store.schedule.notes(REWRAPPING).get(REWRAPPING, {})
    finally:
        store.close()
    if note.get("keys") != ",".join(ids) or note.get("done") is None:
        print("Sessions, or what outlasts them, need an older key still: the clock has them wrapped anew.", file=out)
        return
    done = note["done"]
    print(
        f"Nothing that is kept needs an older key since {done:%Y-%m-%d %H:%M} UTC. Work begun before can use one until",
        file=out,
    )
    print(
        f"{done + TICKET_AGE:%Y-%m-%d %H:%M}; `parley log` reads what was said before until {done + _RUNS:%Y-%m-%d}.",
        file=out,
    )
