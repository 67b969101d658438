"""Cookies and API keys: what a call may bring to be somebody, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, event, select

from api.db.tables import ApiKey
from api.routes import sign_in
from api.web.authentication import COOKIE
from api.workflow import Role
from tests.api.small_app import Small, knock, problem, small

LOGIN = Role.ZAB_LEAD.value


@pytest.fixture
def service(engine: Engine, tmp_path: Path) -> Iterator[Small]:
    with small(engine, tmp_path, sign_in.router, sign_in_attempts=3, sign_in_lock_minutes=15) as made:
        yield made


@pytest.mark.parametrize(
    "header",
    ["", "Basic YTpi", "Bearer", "Bearer ", "ApiKey", "ApiKey rp_", "ApiKey rp_a_b", "ApiKey rp_0123456789ab_", "x",
     "ApiKey rp_\u00e9\u00e9_secret", "Bearer \u00e9.\u00e9.\u00e9", "ApiKey " + "x" * 5000],
)  # fmt: skip
def test_a_header_that_proves_nothing_is_refused_even_beside_a_good_cookie(service: Small, header: str) -> None:
    with service.client() as client:
        knock(client, LOGIN)
        answer = client.get("/v1/me", headers=[(b"authorization", header.encode("latin-1"))])
        assert problem(answer, 401, "not_signed_in")
        assert client.get("/v1/me").status_code == 200


@pytest.mark.parametrize("value", ["", "x", "\u00e9", "a" * 4000, "'; DROP TABLE session; --"])
def test_a_cookie_that_is_none_is_refused(service: Small, value: str) -> None:
    with service.client() as client:
        answer = client.get("/v1/me", headers=[(b"cookie", f"{COOKIE}={value}".encode("latin-1"))])
    assert problem(answer, 401, "not_signed_in")


def test_what_is_switched_off_is_worth_nothing_at_once(service: Small) -> None:
    key = service.key(LOGIN)
    with service.client() as client:
        knock(client, LOGIN)
        by_key = {"Authorization": f"ApiKey {key}"}
        assert client.get("/v1/me").status_code == client.get("/v1/me", headers=by_key).status_code == 200
        service.change(LOGIN, is_active=False)
        assert problem(client.get("/v1/me"), 401, "not_signed_in")
        assert problem(client.get("/v1/me", headers=by_key), 401, "not_signed_in")
        service.change(LOGIN, is_active=True)
        service.switch("zab:essen", is_active=False)
        assert problem(client.get("/v1/me"), 401, "not_signed_in")
        assert problem(client.get("/v1/me", headers=by_key), 401, "not_signed_in")


def test_keys_end_are_revoked_and_cannot_be_guessed(service: Small) -> None:
    now = service.clock()
    good = service.key(LOGIN, expires_at=now + timedelta(days=1))
    prefix = good.split("_")[1]
    bad = [
        service.key(LOGIN, expires_at=now), service.key(LOGIN, revoked_at=now), f"rp_{prefix}_guessed",
        good[:-1] + ("A" if good[-1] != "A" else "B"), good.replace("rp_", "xx_"), good.split("_", 2)[2],
    ]  # fmt: skip
    with service.client() as client:
        assert client.get("/v1/me", headers={"Authorization": f"apikey {good}"}).status_code == 200
        for key in bad:
            assert problem(client.get("/v1/me", headers={"Authorization": f"ApiKey {key}"}), 401, "not_signed_in")
        service.clock.shift = timedelta(days=1, seconds=1)
        assert problem(client.get("/v1/me", headers={"Authorization": f"ApiKey {good}"}), 401, "not_signed_in")


def test_the_use_of_a_key_is_noted_once_a_minute(service: Small) -> None:
    with service.client(Role.ABH) as client:
        noted = []
        for seconds in (0, 30, 59, 61, 90, 122):
            service.clock.shift = timedelta(seconds=seconds)
            client.get("/v1/me")
            with service.context.store.reading() as session:
                noted.append(session.scalars(select(ApiKey)).one().last_used_at)
    assert noted[0] is not None
    assert [at is noted[0] or at == noted[0] for at in noted] == [True, True, True, False, False, False]
    assert noted[3] == noted[4] != noted[5]


@pytest.mark.parametrize("how", ["cookie", "key"])
def test_who_calls_is_one_query(service: Small, how: str) -> None:
    with service.client(Role.ABH if how == "key" else None) as client:
        if how == "cookie":
            knock(client, LOGIN)
        client.get("/v1/whoami")
        seen: list[str] = []

        def note(_: object, __: object, statement: str, *___: object) -> None:
            seen.append(statement)

        event.listen(service.context.store.engine, "before_cursor_execute", note)
        assert client.get("/v1/whoami").status_code == 200
        event.remove(service.context.store.engine, "before_cursor_execute", note)
    asked = [statement for statement in seen if not statement.startswith(("BEGIN", "SET ", "SHOW "))]
    assert len(asked) == 1
    assert asked[0].startswith("SELECT")
