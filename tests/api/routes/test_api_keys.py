"""API keys: made, shown once, used, revoked; of others there is nothing to see."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select
from starlette.testclient import TestClient

from api.db.tables import ApiKey
from api.routes import api_keys, sign_in
from api.workflow import Role
from tests.api.small_app import Small, nowhere, problem, small


@pytest.fixture
def service(engine: Engine, tmp_path: Path) -> Iterator[Small]:
    with small(engine, tmp_path, sign_in.router, api_keys.router) as made:
        yield made


@pytest.fixture
def admin(service: Small) -> Iterator[TestClient]:
    with service.client(Role.ADMIN) as client:
        yield client


def once(key: str | None = None) -> dict[str, str]:
    return {"Idempotency-Key": key or uuid.uuid4().hex}


def actions(service: Small) -> list[str]:
    return [line.action for line in service.audited()]


def test_a_key_is_made_shown_once_used_and_revoked(service: Small) -> None:
    with service.client(Role.ABH) as client, service.client() as machine:
        key = once()
        made = client.post("/v1/me/api-keys", json={"label": "case system"}, headers=key)
        assert made.status_code == 201
        text_of_key = made.json()["key"]
        assert text_of_key.startswith(f"rp_{made.json()['prefix']}_")
        again = client.post("/v1/me/api-keys", json={"label": "case system"}, headers=key)
        assert again.json() == made.json() | {"key": None}
        bearing = {"Authorization": f"ApiKey {text_of_key}"}
        assert machine.get("/v1/me", headers=bearing).json()["login"] == "abh"
        listed = client.get("/v1/me/api-keys").json()["items"]
        assert [each["label"] for each in listed] == ["test", "case system"]
        assert all("key" not in each and "sha256" not in each for each in listed)
        assert listed[1]["last_used_at"] is not None
        assert nowhere(service, text_of_key.split("_", 2)[2])
        path = f"/v1/me/api-keys/{made.json()['id']}"
        assert client.delete(path).status_code == client.delete(path).status_code == 204
        assert machine.get("/v1/me", headers=bearing).status_code == 401
    assert actions(service) == ["api_key_made", "api_key_revoked"]
    assert service.audited()[0].details == {"key": made.json()["id"]}


def test_a_key_ends_and_has_a_label(service: Small) -> None:
    now = service.clock()
    with service.client(Role.ABH) as client:

        def make(**body: Any) -> Any:
            return client.post("/v1/me/api-keys", json={"label": "x"} | body, headers=once())

        for days in (-1, 0, 732):
            answer = make(expires_at=(now + timedelta(days=days)).isoformat())
            assert problem(answer, 422, "value_refused")
            assert answer.json()["errors"][0]["path"] == "/expires_at"
        for label in ("", "  ", "a\0b", "x" * 121, 7):
            assert problem(make(label=label), 422, "body_invalid")
        assert problem(make(expires_at="2027-10-01T00:00:00"), 422, "body_invalid"), "without an offset"
        assert make(expires_at=(now + timedelta(days=730)).isoformat()).status_code == 201
        made = make().json()
    with service.context.store.reading() as session:
        row = session.get_one(ApiKey, uuid.UUID(made["id"]))
        assert row.expires_at is not None
        assert timedelta(days=364) < row.expires_at - now < timedelta(days=366)


def test_keys_of_others_are_not_there(service: Small) -> None:
    service.key("zab_lead")
    with service.context.store.reading() as session:
        of_lead = session.scalars(select(ApiKey.id).where(ApiKey.account_id == service.ids["zab_lead"])).one()
    with service.client(Role.ZAB_DISPATCHER) as client:
        assert problem(client.delete(f"/v1/me/api-keys/{of_lead}"), 404, "not_found")
        assert len(client.get("/v1/me/api-keys").json()["items"]) == 1
    with service.client(Role.ADMIN) as client:
        path = f"/v1/accounts/{service.ids['zab_lead']}/api-keys"
        assert [each["id"] for each in client.get(path).json()["items"]] == [str(of_lead)]
        other = f"/v1/accounts/{service.ids['zfa']}/api-keys/{of_lead}"
        assert problem(client.delete(other), 404, "not_found")
        assert client.delete(f"{path}/{of_lead}").status_code == 204


def test_an_admin_makes_keys_for_the_own_organisation_only(service: Small, admin: TestClient) -> None:
    service.account("machine", Role.ADMIN)
    body = {"label": "monitoring"}
    for_own = admin.post(f"/v1/accounts/{service.ids['machine']}/api-keys", json=body, headers=once())
    assert for_own.status_code == 201
    with service.client() as client:
        me = client.get("/v1/me", headers={"Authorization": f"ApiKey {for_own.json()['key']}"}).json()
    assert me["login"] == "machine"
    for_abh = admin.post(f"/v1/accounts/{service.ids['abh']}/api-keys", json=body, headers=once())
    assert problem(for_abh, 403, "role_may_not"), "with it, all that they see could be seen"
    nobody = admin.post(f"/v1/accounts/{uuid.uuid4()}/api-keys", json=body, headers=once())
    assert problem(nobody, 404, "not_found")
