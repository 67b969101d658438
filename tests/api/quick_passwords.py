"""Hashes of passwords that take no time: the tests sign in thousands of times. Imported before anything is hashed.

What the service uses is kept in ``REAL``, for the tests of the real ones.
"""

from __future__ import annotations

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from api.security import passwords

REAL = passwords._hashing  # there is no other way in
passwords._hashing = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=64, parallelism=1),))
