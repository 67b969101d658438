"""Keys of machine clients: ``rp_<prefix>_<secret>``; only the prefix and a hash of the secret are kept.

The secret has 256 random bits: unlike a password it needs no slow hash.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass

_MARK = "rp"
_LONGEST = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class NewKey:
    """A key as it is shown once (``text``), and as it is kept."""

    text: str
    prefix: str
    sha256: str


def make_key() -> NewKey:
    """Return a new random key."""
    prefix, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    return NewKey(text=f"{_MARK}_{prefix}_{secret}", prefix=prefix, sha256=fingerprint(secret))


def split_key(text: str) -> tuple[str, str] | None:
    """Return prefix and secret; ``None`` where it is no key."""
    parts = text.split("_", 2)
    if len(text) > _LONGEST or len(parts) != 3 or parts[0] != _MARK or not parts[1].isascii() or not parts[1].isalnum():
        return None
    return parts[1], parts[2]


def fingerprint(secret: str) -> str:
    """Return the hash under which a random value is kept."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
