"""What values of settings must be: each check returns the value, or raises ``ValueError`` with what was expected."""

from __future__ import annotations

import ipaddress
import re
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import limits
from pydantic import AfterValidator, SecretStr, ValidationInfo
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

ROAD_FILES = ("graph_nodes.csv.gz", "graph_edges.csv.gz")
"""Nodes and edges of a road graph (``optimizer.travel.road_network``)."""
LEAST_SECRET = 32
"""Characters that a secret has at least."""
_DRIVERS = frozenset({("postgresql", "psycopg"), ("sqlite", "pysqlite")})
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def networks(text: str) -> tuple[Network, ...]:
    """Return networks from a list with commas; raises ``ValueError`` for what is none."""
    return tuple(ipaddress.ip_network(each.strip(), strict=False) for each in text.split(",") if each.strip())


def long_enough(secret: SecretStr | None) -> SecretStr | None:
    """Return a secret of ``LEAST_SECRET`` characters or more; ``None`` for a blank one."""
    text = "" if secret is None else secret.get_secret_value()
    if not text.strip():
        return None  # As one that was never set: made once. An empty one would let anybody sign.
    if len(text) < LEAST_SECRET:
        raise ValueError(f"expected {LEAST_SECRET} characters or more, or nothing; got {len(text)}")
    return secret


def all_long_enough(keys: SecretStr) -> SecretStr:
    """Return keys by commas, each of ``LEAST_SECRET`` characters or more."""
    for number, key in enumerate(listed(keys), start=1):
        if len(key) < LEAST_SECRET:
            raise ValueError(f"expected {LEAST_SECRET} characters or more of each key; key {number} has {len(key)}")
    return keys


def listed(keys: SecretStr) -> list[str]:
    """Return the keys of a list with commas."""
    return [key.strip() for key in keys.get_secret_value().split(",") if key.strip()]


def known_database(url: str) -> str:
    """Return the address of a database that there is a driver for; nothing for SQLite in the folder."""
    if url:
        try:
            parsed = make_url(url)
            is_known = (parsed.get_backend_name(), parsed.get_driver_name()) in _DRIVERS
        except (ArgumentError, ValueError):
            is_known = False
        if not is_known:
            # Never the value: it may hold a password.
            raise ValueError("expected postgresql+psycopg://user:password@host/name, or nothing for SQLite")
    return url


def whole_roads(folder: Path | None, info: ValidationInfo) -> Path | None:
    """Return the folder of the road graph: with both files where ``travel``, which comes before it, asks for them."""
    if info.data.get("travel") != "road_graph":
        return folder
    missing = [name for name in ROAD_FILES if folder is None or not (folder / name).is_file()]
    if missing:
        raise ValueError(f"expected a folder with {' and '.join(ROAD_FILES)}; missing: {', '.join(missing)}")
    return folder


def readable_rate(text: str) -> str:
    """Return a number of calls and a time."""
    try:
        limits.parse(text)
    except ValueError:
        raise ValueError("expected a number of calls and a time, as 60/minute") from None
    return text


def readable_networks(text: str) -> str:
    """Return a list that ``networks`` reads."""
    try:
        networks(text)
    except ValueError:
        raise ValueError("expected networks by commas, as 10.0.0.0/8, 127.0.0.1") from None
    return text


def whole_client(client: str, info: ValidationInfo) -> str:
    """Return the client of the pages at the identity provider; there is none without ``oidc_issuer``, before it."""
    if client.strip() and "oidc_issuer" in info.data and info.data["oidc_issuer"] is None:
        raise ValueError("expected RESTPLATZ_OIDC_ISSUER beside it; that is empty")
    return client


def safe_tiles(address: str, info: ValidationInfo) -> str:
    """Return where the map's pictures come from: places for tiles, or a WMS where ``map_layers``, before it, is set."""
    try:
        parts = urlsplit(address)
        _ = parts.port  # Raises where it is no number.
    except ValueError:
        raise ValueError("expected https://host/{z}/{x}/{y}.png, the address of a WMS, or nothing") from None
    # It stands in a header: nothing may end the origin, or add another.
    is_origin = parts.scheme in ("http", "https") and re.fullmatch(r"[\w.:\[\]-]+", parts.netloc, re.ASCII)
    if address and not is_origin:
        raise ValueError("expected http:// or https:// with a host, no user and no place for a sub-domain")
    places = set(re.findall(r"{([^}]*)}", address))
    wanted = [{"z", "x", "y"}, {"z", "x", "-y"}]
    if address and info.data.get("map_layers"):
        wanted = [set()]
    if address and places not in wanted:
        raise ValueError(
            "expected the address of a WMS without {…}, as RESTPLATZ_MAP_LAYERS is set"
            if wanted == [set()]
            else "expected {z}, {x} and {y} in it, as https://host/{z}/{x}/{y}.png; "
            "for a WMS name its layers in RESTPLATZ_MAP_LAYERS"
        )
    return address


Rate = Annotated[str, AfterValidator(readable_rate)]
"""How many calls in what time, as ``60/minute``."""
