"""The provider's keys: fetched once, anew when they change, kept for a while when it is down; never a guess."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from api.errors import Code, Problem
from api.security import provider as module
from api.security.provider import FRESH, KEPT, PAUSE, Provider
from api.security.tokens import TokenRefused
from tests.api.identity_provider import AUDIENCE, IdentityProvider, rsa_key


class Ticks:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def served() -> Iterator[IdentityProvider]:
    with IdentityProvider() as running:
        yield running


@pytest.fixture
def ticks() -> Ticks:
    return Ticks()


@pytest.fixture
def provider(served: IdentityProvider, ticks: Ticks) -> Provider:
    return Provider(served.issuer + "/", ticks=ticks)


def subject(provider: Provider, token: str) -> str:
    return provider.subject(token, audience=AUDIENCE, now=datetime.now(UTC))


def refused(provider: Provider, token: str) -> bool:
    with pytest.raises(TokenRefused):
        subject(provider, token)
    return True


def unavailable(provider: Provider, token: str) -> bool:
    with pytest.raises(Problem) as caught:
        subject(provider, token)
    return caught.value.code is Code.UNAVAILABLE and caught.value.status == 503


def test_keys_are_fetched_once(provider: Provider, served: IdentityProvider) -> None:
    for number in range(20):
        assert subject(provider, served.token(f"person-{number}")) == f"person-{number}"
    assert served.served == {"/.well-known/openid-configuration": 1, "/jwks": 1}


def test_many_at_once_fetch_them_once(provider: Provider, served: IdentityProvider) -> None:
    gate, token, got = threading.Barrier(10), served.token("a-person"), []

    def ask() -> None:
        gate.wait()
        got.append(subject(provider, token))

    threads = [threading.Thread(target=ask) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert got == ["a-person"] * 10
    assert served.served["/jwks"] == 1


def test_a_new_key_is_fetched_and_a_withdrawn_one_forgotten(
    provider: Provider, served: IdentityProvider, ticks: Ticks
) -> None:
    old = served.token("a-person")
    assert subject(provider, old) == "a-person"
    served.keys = [rsa_key(1)]
    ticks.at += PAUSE
    assert subject(provider, served.token("a-person")) == "a-person"
    assert refused(provider, old)


def test_a_withdrawn_key_is_forgotten_without_a_new_one(
    provider: Provider, served: IdentityProvider, ticks: Ticks
) -> None:
    served.keys = [rsa_key(0), rsa_key(1)]
    token = served.token("a-person", key=rsa_key(1))
    assert subject(provider, token) == "a-person"
    served.keys = [rsa_key(0)]
    assert subject(provider, token) == "a-person"
    ticks.at += FRESH
    assert refused(provider, token)


def test_unknown_keys_do_not_make_it_fetch_again_and_again(
    provider: Provider, served: IdentityProvider, ticks: Ticks
) -> None:
    subject(provider, served.token())
    ticks.at += PAUSE
    stranger = served.token(key=rsa_key(7))
    for _ in range(20):
        assert refused(provider, stranger)
    assert served.served["/jwks"] == 2
    ticks.at += PAUSE
    assert refused(provider, stranger)
    assert served.served["/jwks"] == 3
    assert subject(provider, served.token("a-person")) == "a-person"


def test_a_provider_that_is_gone_is_no_refusal(served: IdentityProvider, ticks: Ticks) -> None:
    provider = Provider(served.issuer, ticks=ticks)
    token = served.token("a-person")
    served.stop()
    assert unavailable(provider, token)
    assert unavailable(provider, "rubbish")


def test_a_provider_that_is_down_is_not_asked_at_every_call(
    provider: Provider, served: IdentityProvider, ticks: Ticks
) -> None:
    served.status = 503
    token = served.token("a-person")
    for _ in range(10):
        assert unavailable(provider, token)
    assert served.served["/.well-known/openid-configuration"] == 1
    served.status = 200
    ticks.at += PAUSE
    assert subject(provider, token) == "a-person"


def test_known_keys_hold_for_a_while_when_it_is_down(
    provider: Provider, served: IdentityProvider, ticks: Ticks
) -> None:
    token, stranger = served.token("a-person"), served.token(key=rsa_key(7))
    assert subject(provider, token) == "a-person"
    served.status = 500
    ticks.at += FRESH
    assert subject(provider, token) == "a-person"
    assert unavailable(provider, stranger), "it may be signed by a key that could not be fetched"
    ticks.at += KEPT
    assert unavailable(provider, token)


@pytest.mark.parametrize(
    "changes",
    [
        {"issuer": "https://elsewhere.example"},
        {"issuer": None},
        {"jwks_uri": "http://127.0.0.1:1/jwks"},
        {"jwks_uri": "not an address"},
        {"jwks_uri": 7},
    ],
)
def test_a_provider_that_tells_nonsense_is_not_believed(
    provider: Provider, served: IdentityProvider, changes: dict[str, Any]
) -> None:
    served.discovery_changes = changes
    assert unavailable(provider, served.token())


def test_keys_of_an_https_provider_come_by_https(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def document(_: object, address: str) -> dict[str, Any]:
        asked.append(address)
        return {"issuer": "https://a.example", "jwks_uri": "http://a.example/jwks", "keys": []}

    monkeypatch.setattr(module, "_document", document)
    assert unavailable(Provider("https://a.example"), "rubbish")
    assert asked == ["https://a.example/.well-known/openid-configuration"]
