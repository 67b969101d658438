"""Organisations, accounts and keys: what admins do, what nobody else may, and what even they cannot."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select
from starlette.testclient import TestClient

from api.actor import SYSTEM, Actor
from api.db.tables import Account, Notice, OrganisationKind
from api.db.tables_people import ROLES_OF
from api.errors import Code, Problem
from api.repositories import accounts as repository
from api.routes import accounts, api_keys, organisations, sign_in
from api.services import accounts as service_of_accounts
from api.web.authentication import EVERYBODY
from api.workflow import Role
from tests.api.identity_provider import CLIENT
from tests.api.small_app import PASSWORD, Small, at_once, nowhere, problem, small

ADMIN = Role.ADMIN.value
ISSUER = "http://provider.example/realm"


@pytest.fixture
def service(engine: Engine, tmp_path: Path) -> Iterator[Small]:
    routers = (sign_in.router, organisations.router, accounts.router, api_keys.router)
    with small(engine, tmp_path, *routers, oidc_issuer=ISSUER + "/", oidc_client_id=CLIENT) as made:
        yield made


@pytest.fixture
def admin(service: Small) -> Iterator[TestClient]:
    with service.client(Role.ADMIN) as client:
        yield client


def once(key: str | None = None) -> dict[str, str]:
    return {"Idempotency-Key": key or uuid.uuid4().hex}


def changed(client: TestClient, path: str, **fields: Any) -> Any:
    """Read it, then change it."""
    return client.patch(path, json=fields, headers={"If-Match": client.get(path).headers["etag"]})


def new_account(service: Small, **fields: Any) -> dict[str, Any]:
    known = {"login": "new", "role": "zab_lead", "organisation_id": str(service.organisations["zab:essen"])}
    return known | fields


def actions(service: Small) -> list[str]:
    return [line.action for line in service.audited()]


# --- organisations ----------------------------------------------------------------------------------------------------


def test_an_organisation_is_created_renamed_and_switched_off(service: Small, admin: TestClient) -> None:
    body = {"code": "zab:koeln", "kind": "zab", "name": "ZAB Köln", "zab": "koeln"}
    made = admin.post("/v1/organisations", json=body, headers=once())
    assert made.status_code == 201
    path = made.headers["location"]
    assert admin.get(path).json() == made.json()
    assert made.headers["etag"] == admin.get(path).headers["etag"] == '"1"'
    assert {name: made.json()[name] for name in body} == body
    assert problem(admin.patch(path, json={"name": "x"}), 428, "version_missing")
    renamed = changed(admin, path, name="Zentrale Ausländerbehörde Köln", is_active=False)
    assert (renamed.status_code, renamed.json()["is_active"], renamed.headers["etag"]) == (200, False, '"2"')
    assert problem(admin.patch(path, json={"name": "x"}, headers={"If-Match": '"1"'}), 412, "version_changed")
    assert changed(admin, path).headers["etag"] == '"2"', "nothing changed, nothing written"
    assert actions(service) == ["organisation_created", "organisation_changed"]
    assert service.audited()[-1].details == {"fields": ["name", "is_active"], "is_active": False}
    assert "Köln" not in str([vars(line) for line in service.audited()])


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"code": "abh:x"}, "/"), ({"code": "ZAB:x"}, "/code"), ({"kind": "police"}, "/kind"),
        ({"name": "  "}, "/name"),
        ({"name": "a\0b"}, "/name"), ({"name": "x" * 201}, "/name"), ({"ags": "05113000"}, "/"), ({"zab": None}, "/"),
        ({"more": 1}, "/unknown field 5"), ({"is_active": True}, "/unknown field 5"),
    ],
)  # fmt: skip
def test_an_organisation_that_does_not_fit_is_refused(admin: TestClient, change: dict[str, Any], path: str) -> None:
    body = {"code": "zab:koeln", "kind": "zab", "name": "ZAB Köln", "zab": "koeln"} | change
    answer = admin.post("/v1/organisations", json=body, headers=once())
    assert problem(answer, 422, "body_invalid")
    assert [error["path"] for error in answer.json()["errors"]] == [path]


def test_a_code_is_given_once(admin: TestClient) -> None:
    body = {"code": "ltrako", "kind": "ltrako", "name": "Another"}
    assert problem(admin.post("/v1/organisations", json=body, headers=once()), 409, "exists_already")


def test_nobody_of_an_organisation_that_is_switched_off_is_signed_in(service: Small, admin: TestClient) -> None:
    with service.client(Role.ZFA) as by_key, service.client() as by_cookie:
        by_cookie.post("/v1/sign-in", json={"login": "zfa", "password": PASSWORD})
        assert by_key.get("/v1/me").status_code == by_cookie.get("/v1/me").status_code == 200
        path = f"/v1/organisations/{service.organisations['zfa']}"
        assert changed(admin, path, is_active=False).status_code == 200
        assert by_key.get("/v1/me").status_code == by_cookie.get("/v1/me").status_code == 401
        assert by_cookie.post("/v1/sign-in", json={"login": "zfa", "password": PASSWORD}).status_code == 401
        changed(admin, path, is_active=True)
        assert by_key.get("/v1/me").status_code == 200
        assert by_cookie.get("/v1/me").status_code == 401, "a session that has ended stays so"


# --- accounts ---------------------------------------------------------------------------------------------------------


def test_an_account_gets_a_password_that_is_shown_once(service: Small, admin: TestClient) -> None:
    key = once()
    made = admin.post("/v1/accounts", json=new_account(service, login="Zab-Essen-2"), headers=key)
    assert made.status_code == 201
    password = made.json()["password"]
    assert made.json()["login"] == "zab-essen-2"
    again = admin.post("/v1/accounts", json=new_account(service, login="Zab-Essen-2"), headers=key)
    assert again.json() == made.json() | {"password": None}
    assert again.headers["location"] == made.headers["location"]
    shown = admin.get(made.headers["location"]).json()
    assert "password" not in shown
    assert shown == {name: value for name, value in made.json().items() if name != "password"}
    with service.client() as client:
        assert client.post("/v1/sign-in", json={"login": "zab-essen-2", "password": password}).status_code == 200
    assert nowhere(service, password)


def test_an_account_of_the_identity_provider_gets_no_password(service: Small, admin: TestClient) -> None:
    body = new_account(service, subject="8f14e45f")
    made = admin.post("/v1/accounts", json=body, headers=once())
    assert (made.status_code, made.json()["password"], made.json()["subject"]) == (201, None, "8f14e45f")
    with service.context.store.reading() as session:
        row = session.scalars(select(Account).where(Account.login == "new")).one()
        assert (row.issuer, row.password_hash) == (ISSUER, None)
    assert problem(admin.post(made.headers["location"] + "/password"), 409, "state_forbids")
    again = admin.post("/v1/accounts", json=body | {"login": "other"}, headers=once())
    assert problem(again, 409, "exists_already")


def test_an_account_with_a_password_moves_to_the_identity_provider(service: Small, admin: TestClient) -> None:
    key = admin.post("/v1/accounts", json=new_account(service), headers=once()).json()
    path = f"/v1/accounts/{key['id']}"
    with service.client() as own:
        assert own.post("/v1/sign-in", json={"login": "new", "password": key["password"]}).is_success
        assert own.get("/v1/me").is_success
        moved = changed(admin, path, subject="8f14e45f")
        assert (moved.status_code, moved.json()["subject"]) == (200, "8f14e45f")
        assert own.get("/v1/me").status_code == 401, "its sessions end"
        assert own.post("/v1/sign-in", json={"login": "new", "password": key["password"]}).status_code == 401
    with service.context.store.reading() as session:
        row = session.scalars(select(Account).where(Account.login == "new")).one()
        assert (row.issuer, row.password_hash, row.must_change_password) == (ISSUER, None, False)
        told = session.execute(select(Notice.kind, Notice.organisation_id)).all()
    assert {kind for kind, _ in told} == {"subject_given", "given_password_used"}
    assert service.organisations["zab:essen"] in {organisation for _, organisation in told}
    (line,) = [line for line in service.audited() if line.action == "account_changed"]
    assert line.details["fields"] == ["subject"], "which subject it is, is nobody's business"
    version = moved.headers["etag"]
    assert changed(admin, path, subject="8f14e45f").headers["etag"] == version, "twice is once"
    other = admin.post("/v1/accounts", json=new_account(service, login="other"), headers=once()).headers["location"]
    assert problem(changed(admin, other, subject="8f14e45f"), 409, "exists_already")
    assert admin.get(other).json()["subject"] is None


def test_without_a_provider_there_is_no_subject(engine: Engine, tmp_path: Path) -> None:
    with small(engine, tmp_path, accounts.router) as service, service.client(Role.ADMIN) as client:
        answer = client.post("/v1/accounts", json=new_account(service, subject="s"), headers=once())
        moved = changed(client, f"/v1/accounts/{service.actor(ADMIN).account_id}", subject="s")
    for each in (answer, moved):
        assert problem(each, 422, "value_refused")
        assert each.json()["errors"][0]["path"] == "/subject"


@pytest.mark.parametrize("kind", sorted(OrganisationKind))
@pytest.mark.parametrize("role", sorted(Role))
def test_a_role_fits_the_kind_of_the_organisation(service: Small, kind: OrganisationKind, role: Role) -> None:
    code = next(code for code in service.organisations if code.split(":")[0] == kind)
    actor = service.actor(ADMIN)

    def create() -> None:
        with service.context.store.writing() as session:
            service_of_accounts.create_account(
                session, actor, login="new", role=role, organisation_id=service.organisations[code], issuer=ISSUER,
                subject="s", now=service.clock(),
            )  # fmt: skip

    if role in ROLES_OF[kind]:
        create()
        return
    with pytest.raises(Problem) as caught:
        create()
    assert (caught.value.code, caught.value.errors[0].path) == (Code.VALUE_REFUSED, "/role")


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"role": "admin"}, 422, "value_refused"), ({"role": "system"}, 422, "value_refused"),
        ({"role": "king"}, 422, "body_invalid"), ({"login": "a b"}, 422, "body_invalid"),
        ({"login": "ABH"}, 409, "exists_already"), ({"organisation_id": str(uuid.uuid4())}, 404, "not_found"),
        ({"organisation_id": 7}, 422, "body_invalid"), ({"password": "x" * 20}, 422, "body_invalid"),
        ({"subject": "a\0b"}, 422, "body_invalid"), ({"subject": ""}, 422, "body_invalid"),
    ],
)  # fmt: skip
def test_an_account_that_does_not_fit_is_refused(
    service: Small, admin: TestClient, change: dict[str, Any], status: int, code: str
) -> None:
    answer = admin.post("/v1/accounts", json=new_account(service, **change), headers=once())
    assert problem(answer, status, code)
    assert actions(service) == []


def test_an_account_needs_a_way_to_sign_in_and_an_active_organisation(service: Small) -> None:
    service.switch("zfa", is_active=False)
    for code, role, expected in (
        ("zab:essen", Role.ZAB_LEAD, Code.VALUE_REFUSED),
        ("zfa", Role.ZFA, Code.STATE_FORBIDS),
    ):
        with pytest.raises(Problem) as caught, service.context.store.writing() as session:
            service_of_accounts.create_account(
                session, SYSTEM, login="new", role=role, organisation_id=service.organisations[code],
                now=service.clock(),
            )  # fmt: skip
        assert caught.value.code is expected


def test_of_two_accounts_with_one_login_at_once_one_is_made(service: Small, admin: TestClient) -> None:
    answers = at_once(
        [lambda: admin.post("/v1/accounts", json=new_account(service, subject=None), headers=once()).status_code] * 4
    )
    assert sorted(answers) == [201, 409, 409, 409]


def test_lists_are_filtered_and_paged(service: Small, admin: TestClient) -> None:
    def logins(**asked: Any) -> list[str]:
        found, after = [], None
        while True:
            page = admin.get("/v1/accounts", params=asked | ({"after": after} if after else {}) | {"limit": 3}).json()
            found += [item["login"] for item in page["items"]]
            after = page["next"]
            if after is None:
                return found

    assert logins() == sorted(role.value for role in EVERYBODY)
    assert logins(role="zfa") == ["zfa"]
    assert logins(organisation_id=service.organisations["zab:essen"]) == ["zab_dispatcher", "zab_lead"]
    service.change("zfa", is_active=False)
    assert logins(is_active=False) == ["zfa"]
    codes = [item["code"] for item in admin.get("/v1/organisations").json()["items"]]
    assert codes == sorted(service.organisations)
    assert problem(admin.get("/v1/accounts", params={"after": "x"}), 422, "parameter_invalid")
    assert "hash" not in admin.get("/v1/accounts").text


def test_a_role_is_changed_within_the_organisation(service: Small, admin: TestClient) -> None:
    path = f"/v1/accounts/{service.ids['zab_lead']}"
    with service.client(Role.ZAB_LEAD) as client:
        assert changed(admin, path, role="zab_dispatcher").json()["role"] == "zab_dispatcher"
        assert client.get("/v1/me").json()["role"] == "zab_dispatcher", "from the next call on"
    assert problem(changed(admin, path, role="ltrako"), 422, "value_refused")
    assert problem(admin.patch(path, json={"role": "zab_lead"}), 428, "version_missing")
    assert problem(admin.patch(path, json={"role": "zab_lead"}, headers={"If-Match": '"1"'}), 412, "version_changed")
    assert [(line.action, line.details) for line in service.audited()] == [
        ("account_changed", {"fields": ["role"], "role": "zab_dispatcher", "is_active": True})
    ]


def test_an_account_that_is_switched_off_keeps_nothing(service: Small, admin: TestClient) -> None:
    path = f"/v1/accounts/{service.ids['zfa']}"
    with service.client(Role.ZFA) as by_key, service.client() as by_cookie:
        by_cookie.post("/v1/sign-in", json={"login": "zfa", "password": PASSWORD})
        assert changed(admin, path, is_active=False).status_code == 200
        assert by_key.get("/v1/me").status_code == by_cookie.get("/v1/me").status_code == 401
        changed(admin, path, is_active=True)
        assert by_key.get("/v1/me").status_code == by_cookie.get("/v1/me").status_code == 401, "nor gets it back"
        assert by_cookie.post("/v1/sign-in", json={"login": "zfa", "password": PASSWORD}).status_code == 200


def test_a_reset_password_is_shown_once_unlocks_and_ends_sessions(service: Small, admin: TestClient) -> None:
    with service.client() as client:
        client.post("/v1/sign-in", json={"login": "zfa", "password": PASSWORD})
        service.change("zfa", failed_logins=5, locked_until=service.clock() + timedelta(hours=1))
        password = admin.post(f"/v1/accounts/{service.ids['zfa']}/password").json()["password"]
        assert client.get("/v1/me").status_code == 401
        assert client.post("/v1/sign-in", json={"login": "zfa", "password": PASSWORD}).status_code == 401
        assert client.post("/v1/sign-in", json={"login": "zfa", "password": password}).status_code == 200
    assert nowhere(service, password)
    assert "password_reset" in actions(service)


def test_a_locked_account_is_unlocked(service: Small, admin: TestClient) -> None:
    service.change("zfa", failed_logins=5, locked_until=service.clock() + timedelta(hours=1))
    path = f"/v1/accounts/{service.ids['zfa']}"
    assert admin.get(path).json()["locked_until"] is not None
    assert admin.post(path + "/unlock").json()["locked_until"] is None
    assert admin.post(path + "/unlock").status_code == 200
    assert actions(service) == ["account_unlocked"]
    with service.client() as client:
        assert client.post("/v1/sign-in", json={"login": "zfa", "password": PASSWORD}).status_code == 200


# --- the last admin ---------------------------------------------------------------------------------------------------


def test_the_last_admin_cannot_be_taken_away(service: Small, admin: TestClient) -> None:
    by_account = f"/v1/accounts/{service.ids[ADMIN]}"
    by_organisation = f"/v1/organisations/{service.organisations['operation']}"
    service.account("inactive", Role.ADMIN, is_active=False)
    service.account("of-closed", Role.ADMIN, "operation:closed")
    service.switch("operation:closed", is_active=False)
    for path in (by_account, by_organisation):
        assert problem(changed(admin, path, is_active=False), 409, "in_use")
    service.account("second", Role.ADMIN)
    assert problem(changed(admin, by_organisation, is_active=False), 409, "in_use"), "both are of it"
    assert changed(admin, by_account, is_active=False).status_code == 200
    assert admin.get("/v1/me").status_code == 401


@pytest.mark.parametrize("ways", [("account", "account"), ("account", "organisation"), ("organisation",) * 2])
def test_two_admins_cannot_take_one_another_away_at_once(service: Small, ways: tuple[str, str]) -> None:
    service.account("second", Role.ADMIN, "operation:second")
    of = [(ADMIN, "operation"), ("second", "operation:second")]
    actor, gate = service.actor(ADMIN), threading.Barrier(2)

    def take(way: str, login: str, code: str) -> str:
        def work(session: Any) -> None:
            if way == "account":
                row: Any = repository.account(session, actor, service.ids[login])
                change: Callable[..., None] = service_of_accounts.change_account
            else:
                row = repository.organisation(session, actor, service.organisations[code])
                change = service_of_accounts.change_organisation
            if service.context.store.is_postgres:  # On SQLite only one is in here at a time.
                gate.wait(30)
            change(session, actor, row, is_active=False, now=service.clock())

        try:
            service.context.store.write(work)
        except Problem as error:
            return error.code
        return "done"

    done = at_once([partial(take, way, *who) for way, who in zip(ways, of, strict=True)])
    assert sorted(done) == ["done", "in_use"]


# --- who may ----------------------------------------------------------------------------------------------------------


def doors(service: Small) -> list[tuple[str, str]]:
    account, organisation = service.ids["zfa"], service.organisations["zfa"]
    return [
        ("GET", "/v1/organisations"), ("POST", "/v1/organisations"), ("GET", f"/v1/organisations/{organisation}"),
        ("PATCH", f"/v1/organisations/{organisation}"), ("GET", "/v1/accounts"), ("POST", "/v1/accounts"),
        ("GET", f"/v1/accounts/{account}"), ("PATCH", f"/v1/accounts/{account}"),
        ("POST", f"/v1/accounts/{account}/password"), ("POST", f"/v1/accounts/{account}/unlock"),
        ("GET", f"/v1/accounts/{account}/api-keys"), ("POST", f"/v1/accounts/{account}/api-keys"),
        ("DELETE", f"/v1/accounts/{account}/api-keys/{uuid.uuid4()}"),
    ]  # fmt: skip


def test_all_doors_are_named_above(service: Small) -> None:
    known = {
        (method, path)
        for router in (organisations.router, accounts.router, api_keys.router)
        for route in router.routes
        for method in getattr(route, "methods", ())
        if "/me/" not in (path := getattr(route, "path", ""))
    }
    assert len(known) == len(doors(service))


@pytest.mark.parametrize("role", sorted(EVERYBODY - {Role.ADMIN}))
def test_only_admins_come_in(service: Small, role: Role) -> None:
    bodies = {
        "/v1/organisations": {"code": "zfa:x", "kind": "zfa", "name": "x"},
        "/v1/accounts": new_account(service),
    }
    before = [vars(service.row(each))["version"] for each in sorted(service.ids)]
    with service.client(role) as client:
        for method, path in doors(service):
            body = bodies.get(path, {"label": "x"} if "api-keys" in path else {"is_active": False})
            answer = client.request(method, path, json=body, headers=once() | {"If-Match": "*"})
            assert problem(answer, 403, "role_may_not"), (method, path)
    with service.client() as client:
        for method, path in doors(service):
            assert problem(client.request(method, path, json={}), 401, "not_signed_in"), (method, path)
    assert [vars(service.row(each))["version"] for each in sorted(service.ids)] == before
    assert actions(service) == []


def test_repositories_show_to_others_their_own_only(service: Small) -> None:
    """Whatever a route forgets: the query itself knows the actor."""
    with service.context.store.reading() as session:
        for role in EVERYBODY - {Role.ADMIN}:
            actor = service.actor(role.value)
            assert [row.login for row in session.scalars(repository.accounts(actor))] == [role.value]
            assert [row.id for row in session.scalars(repository.organisations(actor))] == [actor.organisation_id]
            with pytest.raises(Problem, match="not_found"):
                repository.account(session, actor, service.ids[ADMIN])
            with pytest.raises(Problem, match="not_found"):
                repository.organisation(session, actor, service.organisations["operation"])


def test_the_account_of_an_actor(service: Small) -> None:
    with service.context.store.reading() as session:
        assert repository.account_of(session, service.actor("abh")).login == "abh"
        for nobody in (SYSTEM, Actor(role=Role.ABH, account_id=uuid.uuid4())):
            with pytest.raises(Problem, match="not_found"):
                repository.account_of(session, nobody)
