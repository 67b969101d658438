"""Passwords: one verification in every case, renewed where the parameters are older."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from api.security import passwords
from tests.api.quick_passwords import REAL
from tests.api.small_app import PASSWORD, password_hash


def test_a_hash_is_argon2id_and_never_the_same() -> None:
    first, second = passwords.hash_password(PASSWORD), passwords.hash_password(PASSWORD)
    assert first.startswith("$argon2id$")
    assert first != second
    assert PASSWORD not in first


@pytest.mark.parametrize(
    ("password", "kept", "is_right"),
    [(PASSWORD, True, True), ("wrong", True, False), (PASSWORD, False, False), ("", True, False)],
)
def test_every_check_is_one_verification(
    monkeypatch: pytest.MonkeyPatch, password: str, *, kept: bool, is_right: bool
) -> None:
    kept_hash = password_hash() if kept else None
    passwords.check_password("warm", None)
    count = verifications(monkeypatch)
    assert passwords.check_password(password, kept_hash).is_right is is_right
    assert count == [1]


def test_a_hash_of_older_parameters_is_renewed() -> None:
    older = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8192, parallelism=1),)).hash(PASSWORD)
    checked = passwords.check_password(PASSWORD, older)
    assert checked.is_right
    assert checked.renewed is not None
    again = passwords.check_password(PASSWORD, checked.renewed)
    assert again.is_right
    assert again.renewed is None
    assert passwords.check_password("wrong", older) == passwords.Checked(is_right=False)


def test_the_same_characters_typed_otherwise_are_the_same_password() -> None:
    composed, decomposed = "Stra\u00dfenb\u00e4ume im Regen", "Stra\u00dfenba\u0308ume im Regen"
    assert composed != decomposed
    assert passwords.check_password(decomposed, passwords.hash_password(composed)).is_right


def test_not_more_than_a_few_are_checked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = password_hash()
    lock, running, most = threading.Lock(), [0], [0]
    real = Argon2Hasher.verify

    def watched(self: Argon2Hasher, password: str | bytes, hash: str | bytes) -> bool:  # noqa: A002
        with lock:
            running[0] += 1
            most[0] = max(most[0], running[0])
        try:
            return real(self, password, hash)
        finally:
            with lock:
                running[0] -= 1

    monkeypatch.setattr(Argon2Hasher, "verify", watched)
    threads = [threading.Thread(target=passwords.check_password, args=(PASSWORD, kept)) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert 1 <= most[0] <= 4


def test_made_passwords_are_long_and_differ() -> None:
    made = {passwords.make_password() for _ in range(50)}
    assert len(made) == 50
    assert all(len(each) >= passwords.SHORTEST for each in made)


def verifications(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Count argon2 verifications from now on."""
    count = [0]
    real = Argon2Hasher.verify

    def counted(self: Argon2Hasher, *args: Any, **named: Any) -> bool:
        count[0] += 1
        return real(self, *args, **named)

    monkeypatch.setattr(Argon2Hasher, "verify", counted)
    return count


def test_what_the_service_hashes_with_is_not_what_the_tests_do() -> None:
    assert REAL.hash(PASSWORD).startswith("$argon2id$v=19$m=65536,t=3,")
