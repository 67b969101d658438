"""Limits of calls: per account, per address, fewer for signing in; nobody gets around them with made-up headers."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from fastapi import APIRouter
from sqlalchemy import Engine
from starlette.testclient import TestClient

from api.db.engine import make_engine
from api.settings import Settings
from api.settings_checks import networks
from api.web.rates import Rates, client
from api.workflow import Role
from tests.api.small_app import Small
from tests.api.whole_app import code_of, whole

router = APIRouter()


@router.get("/open")
@router.get("/health/live")
def _open() -> None:
    pass


@router.post("/sign-in")
def _sign_in() -> None:
    pass


@pytest.fixture
def place(migrated_file: Path, tmp_path: Path) -> Iterator[tuple[Engine, Path]]:
    engine = make_engine(f"sqlite:///{shutil.copy(migrated_file, tmp_path / 'test.db')}")
    yield engine, tmp_path
    engine.dispose()


@contextmanager
def service(place: tuple[Engine, Path], **changes: Any) -> Iterator[Small]:
    known = {"rate": "5/minute", "rate_anonymous": "3/minute", "rate_sign_in": "2/minute"}
    with whole(*place, router, **(known | changes)) as made:
        yield made


def statuses(client: TestClient, count: int, path: str = "/v1/open", **headers: str) -> list[int]:
    return [client.get(path, headers=headers).status_code for _ in range(count)]


def test_an_address_has_so_many_calls(place: tuple[Engine, Path]) -> None:
    with service(place) as made, made.client() as nobody:
        assert statuses(nobody, 4) == [200, 200, 200, 429]
        refused = nobody.get("/v1/open")
        assert code_of(refused) == (429, "too_many_requests")
        assert 1 <= int(refused.headers["retry-after"]) <= 60


def test_an_account_has_its_own_limit_whatever_its_address(place: tuple[Engine, Path]) -> None:
    with service(place) as made, made.client() as nobody, made.client(Role.ABH) as abh, made.client(Role.ZFA) as zfa:
        assert statuses(abh, 6, "/v1/whoami") == [200] * 5 + [429]
        assert statuses(zfa, 5, "/v1/whoami") == [200] * 5
        assert statuses(nobody, 3) == [200] * 3
        # Two keys of one account count together.
        with TestClient(made.app, headers={"Authorization": f"ApiKey {made.key('zfa')}"}) as other:
            assert statuses(other, 1, "/v1/whoami")[0] in (200, 429)
            assert statuses(other, 1, "/v1/whoami") == [429]


def test_whoever_is_signed_in_does_not_use_up_the_address(place: tuple[Engine, Path]) -> None:
    with service(place, rate="100/minute") as made, made.client(Role.ABH) as abh, made.client() as nobody:
        assert statuses(abh, 20, "/v1/whoami") == [200] * 20
        assert statuses(nobody, 4) == [200] * 3 + [429]
        # And where the address has none left, those who are known go on.
        assert statuses(abh, 5, "/v1/whoami") == [200] * 5


def test_made_up_credentials_count_for_the_address(place: tuple[Engine, Path]) -> None:
    with service(place) as made, made.client() as nobody:
        tried = [
            nobody.get("/v1/whoami", headers={"Authorization": f"ApiKey rp_{number:012x}_x"}).status_code
            for number in range(5)
        ]
    assert tried == [401, 401, 401, 429, 429]


def test_signing_in_has_a_limit_of_its_own(place: tuple[Engine, Path]) -> None:
    with service(place, rate_anonymous="100/minute") as made, made.client() as nobody:
        assert [nobody.post("/v1/sign-in").status_code for _ in range(3)] == [200, 200, 429]
        assert statuses(nobody, 1) == [200]


def test_health_is_not_counted(place: tuple[Engine, Path]) -> None:
    with service(place) as made, made.client() as nobody:
        assert statuses(nobody, 10, "/v1/health/live") == [200] * 10
        assert statuses(nobody, 3) == [200] * 3


def test_a_forwarded_address_is_believed_of_trusted_proxies_only(place: tuple[Engine, Path]) -> None:
    with service(place) as made, made.client() as nobody:
        assert [statuses(nobody, 1, **{"X-Forwarded-For": f"192.0.2.{each}"})[0] for each in range(4)] == [
            200, 200, 200, 429,
        ]  # fmt: skip


@pytest.mark.parametrize(
    ("peer", "told", "found"),
    [
        ("10.0.0.1", ["192.0.2.1"], "192.0.2.1"),
        ("10.0.0.1", ["203.0.113.9, 192.0.2.1"], "192.0.2.1"),  # What stands before may be made up.
        ("10.0.0.1", ["203.0.113.9", "192.0.2.1, 10.0.0.2"], "192.0.2.1"),
        ("10.0.0.1", ["10.0.0.3, 10.0.0.2"], "10.0.0.1"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", [" , "], "10.0.0.1"),
        ("192.0.2.7", ["192.0.2.1"], "192.0.2.7"),
        ("testclient", ["192.0.2.1"], "testclient"),
    ],
)
def test_who_called(peer: str, told: list[str], found: str) -> None:
    scope = {
        "type": "http", "client": (peer, 1), "headers": [(b"x-forwarded-for", each.encode()) for each in told],
    }  # fmt: skip
    assert client(scope, networks("10.0.0.0/8, 127.0.0.1")) == found


def test_a_user_has_a_network_of_ipv6_whole(tmp_path: Path) -> None:
    rates = Rates(Settings(folder=tmp_path))

    def address(peer: str) -> str:
        return rates.address({"type": "http", "client": (peer, 1), "headers": []})

    assert address("2001:db8:1:2:3::1") == address("2001:db8:1:2:ffff::9") != address("2001:db8:1:3::1")
    assert address("::ffff:192.0.2.1") == address("192.0.2.1")
    assert address("no address") == "unknown"


def test_a_setting_that_is_no_network_is_refused() -> None:
    with pytest.raises(ValueError, match="somewhere"):
        networks("somewhere")
