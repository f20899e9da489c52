"""Settings of the gateway: where it listens, and what it takes from browsers."""

from __future__ import annotations

from dataclasses import dataclass

from services import values
from services.configuration import units
from services.settings.declaring import setting


@dataclass(frozen=True, kw_only=True)
class Gateway:
    host: str = setting("127.0.0.1", values.text, "address on which the gateway listens")
    port: int = setting(8000, values.whole(0, 65535), "port of the gateway", key="http port")
    url_root: str | None = setting(
        None, values.uri("http", "https"), "address that browsers use, if a proxy is in front"
    )
    hosts: tuple[str, ...] = setting(
        (),
        values.hosts,
        "further names under which browsers ask for the pages; those of `url root` and of the machine itself always count",
        key="allowed hosts",
    )
    client_per_minute: int = setting(
        600, values.whole(0, 1_000_000), "requests that one gateway takes from one browser in a minute; 0: any"
    )
    address_per_minute: int = setting(
        3000, values.whole(0, 1_000_000), "requests that one gateway takes from one network address in a minute; 0: any"
    )
    address_connections: int = setting(
        500,
        values.whole(0, 100_000),
        "connections that one gateway holds with one peer at a time; 0: any (as with `trusted proxies`)",
    )
    request_seconds: float = setting(
        60.0, values.seconds(1, 3600), "longest that a request may take to arrive, and a piece of its answer to leave"
    )
    max_request: int = setting(
        16,
        values.whole(1, 1024),
        "largest request to the gateway in MB (in the file, as upstream has it, in bytes)",
        key="maximum content length",
        from_file=units.bytes_to_megabytes,
    )
    trusted_proxies: int = setting(
        0, values.whole(0, 10), "proxies in front of the gateway whose X-Forwarded headers count"
    )
    checkin_interval: float = setting(
        6.0,
        values.seconds(0, 3600),
        "seconds between check-ins of an open page; 0: none (in the file, as upstream has it, milliseconds)",
        from_file=units.milliseconds,
    )
