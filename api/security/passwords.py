"""Passwords of local accounts: argon2id, and the same work whether there is something to compare with or not."""

from __future__ import annotations

import secrets
import threading
import unicodedata
from dataclasses import dataclass
from functools import cache

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

SHORTEST, LONGEST = 12, 200
"""Characters of a password."""

_hashing = PasswordHash((Argon2Hasher(),))
_AT_ONCE = threading.BoundedSemaphore(4)
"""Each takes 64 MiB and all cores it gets: many sign-ins at once must not take the machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """Whether the password is right; ``renewed`` is its hash by today's parameters where the kept one is older."""

    is_right: bool
    renewed: str | None = None


def hash_password(password: str) -> str:
    """Return the argon2id hash of a password."""
    with _AT_ONCE:
        return _hashing.hash(_normal(password))


def check_password(password: str, kept: str | None) -> Checked:
    """Return whether ``kept`` is the hash of ``password``; never right where nothing is kept.

    Exactly one verification in every case, so that the time does not tell whether there is such an account.
    """
    nobody = _nobody()
    with _AT_ONCE:
        is_right, renewed = _hashing.verify_and_update(_normal(password), kept or nobody)
    return Checked(is_right=is_right and kept is not None, renewed=renewed if kept is not None else None)


def make_password() -> str:
    """Return a new random password, for an account whose owner will choose an own one."""
    return secrets.token_urlsafe(18)


@cache
def _nobody() -> str:
    return hash_password(secrets.token_urlsafe(32))


def _normal(password: str) -> str:
    """The same characters whatever keyboard they come from (NIST SP 800-63B, 3.1.1.2)."""
    return unicodedata.normalize("NFKC", password)
