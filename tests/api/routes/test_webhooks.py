"""Webhook endpoints: an organisation's own, their secret shown once, addresses that are never called refused."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select
from standardwebhooks import Webhook
from starlette.testclient import TestClient

from api.db.tables import IdempotencyKey, OutboxMessage, WebhookEndpoint
from api.repositories import outbox as messages_of
from api.routes import webhooks as routes
from api.services import outbox
from api.services.addresses import Seal
from api.services.webhooks import MOST, seal_all, seal_of, secrets_of
from api.topics import Topic
from api.web.authentication import EVERYBODY
from api.workflow import Role
from tests.api.small_app import Small
from tests.api.whole_app import code_of, once, whole

URL = "https://zab.example.org/hooks"
NEW = {"url": URL, "topics": ["proposal.made", "proposal.lost"]}
OWNERS = {Role.ABH, Role.ZAB_LEAD, Role.LTRAKO, Role.ZFA, Role.ZRK}


@pytest.fixture
def service(engine: Engine, tmp_path: Path) -> Iterator[Small]:
    with whole(engine, tmp_path, routes.router) as made:
        yield made


@pytest.fixture
def lead(service: Small) -> Iterator[TestClient]:
    with service.client(Role.ZAB_LEAD) as client:
        yield client


def make(client: TestClient, **fields: Any) -> dict[str, Any]:
    answer = client.post("/v1/webhooks", json=NEW | fields, headers=once())
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def messages(service: Small) -> list[OutboxMessage]:
    with service.context.store.reading() as session:
        found = list(session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)))
        session.expunge_all()
        return found


def stored(service: Small, key: uuid.UUID | str) -> WebhookEndpoint:
    with service.context.store.reading() as session:
        row = session.get_one(WebhookEndpoint, uuid.UUID(str(key)))
        session.expunge_all()
        return row


def test_an_endpoint_is_made_and_its_secret_shown_once(service: Small, lead: TestClient) -> None:
    header = once()
    first = lead.post("/v1/webhooks", json=NEW, headers=header)
    assert first.status_code == 201
    body = first.json()
    Webhook(body["secret"])
    path = first.headers["location"]
    assert first.headers["etag"] == lead.get(path).headers["etag"]
    assert "secret" not in lead.get(path).json()
    assert lead.get(path).json() == {name: value for name, value in body.items() if name != "secret"}
    again = lead.post("/v1/webhooks", json=NEW, headers=header)
    assert (again.status_code, again.json()["id"], again.json()["secret"]) == (201, body["id"], None)
    assert lead.get("/v1/webhooks").json()["items"] == [lead.get(path).json()]
    with service.context.store.reading() as session:
        assert not [
            row for row in session.scalars(select(IdempotencyKey)) if body["secret"].encode() in (row.body or b"")
        ]
    assert all(body["secret"] not in str(line.details) for line in service.audited())


def test_only_some_roles_have_endpoints(service: Small) -> None:
    for role in EVERYBODY:
        with service.client(role) as client:
            assert client.get("/v1/webhooks").status_code == (200 if role in OWNERS else 403), role
            status = client.post("/v1/webhooks", json=NEW, headers=once()).status_code
            assert status == (201 if role in OWNERS else 403), role


def test_nobody_sees_those_of_others(service: Small, lead: TestClient) -> None:
    path = f"/v1/webhooks/{make(lead)['id']}"
    with service.client(Role.ABH) as other:
        assert other.get("/v1/webhooks").json() == {"items": [], "next": None}
        calls = [
            other.get(path),
            other.get(f"{path}/deliveries"),
            other.patch(path, json={"is_active": False}, headers={"If-Match": "*"}),
            other.post(f"{path}/rotation", headers=once()),
            other.post(f"{path}/tests", headers=once()),
            other.delete(path),
            other.get(f"/v1/webhooks/{uuid.uuid4()}"),
        ]
    assert {code_of(each) for each in calls} == {(404, "not_found")}
    assert lead.get(path).json()["is_active"]


@pytest.mark.parametrize(
    "url",
    [
        "http://zab.example.org/hooks", "https://localhost/hooks", "https://127.0.0.1/", "https://[::1]/",
        "https://10.0.0.1/", "https://169.254.169.254/latest", "https://user:word@zab.example.org/", "ftp://zab.example.org/",
        "zab.example.org", "https://zab.example.org/#a", "https://zab.example.org:99999/", "https:///hooks", "https://zäb.example.org/",
        "https://zab.example.org/a b", "https://[broken/hooks", "https://intranet/hooks", "https://a.internal/hooks",
    ],
)  # fmt: skip
def test_addresses_that_are_never_called_are_refused(lead: TestClient, url: str) -> None:
    answer = lead.post("/v1/webhooks", json=NEW | {"url": url}, headers=once())
    assert code_of(answer) == (422, "value_refused")
    assert answer.json()["errors"][0]["path"] == "/url"
    path = f"/v1/webhooks/{make(lead)['id']}"
    assert code_of(lead.patch(path, json={"url": url}, headers={"If-Match": "*"})) == (422, "value_refused")
    assert lead.get(path).json()["url"] == URL


@pytest.mark.parametrize("topics", [[], ["webhook.test"], ["everything"], "proposal.made", None])
def test_topics_are_those_that_there_are(lead: TestClient, topics: Any) -> None:
    assert code_of(lead.post("/v1/webhooks", json=NEW | {"topics": topics}, headers=once())) == (422, "body_invalid")


def test_there_are_so_many_at_most(lead: TestClient) -> None:
    for _ in range(MOST):
        make(lead)
    assert code_of(lead.post("/v1/webhooks", json=NEW, headers=once())) == (409, "in_use")


def test_an_endpoint_is_changed_by_those_who_saw_it(service: Small, lead: TestClient) -> None:
    path = f"/v1/webhooks/{make(lead)['id']}"
    tag = {"If-Match": lead.get(path).headers["etag"]}
    assert code_of(lead.patch(path, json={"is_active": False})) == (428, "version_missing")
    changed = lead.patch(path, json={"topics": ["seat.freed"], "url": URL + "2"}, headers=tag)
    assert (changed.json()["topics"], changed.json()["url"]) == (["seat.freed"], URL + "2")
    assert code_of(lead.patch(path, json={"is_active": False}, headers=tag)) == (412, "version_changed")
    before = len(service.audited())
    unchanged = lead.patch(path, json={"topics": ["seat.freed"]}, headers={"If-Match": changed.headers["etag"]})
    assert unchanged.headers["etag"] == changed.headers["etag"]
    assert len(service.audited()) == before
    assert service.audited()[-1].details == {"fields": ["url", "topics"]}


def test_what_waits_for_an_endpoint_that_is_switched_off_is_given_up(service: Small, lead: TestClient) -> None:
    path = f"/v1/webhooks/{make(lead)['id']}"
    with service.context.store.writing() as session:
        assert outbox.tell(
            session, Topic.PROPOSAL_MADE, {service.organisations["zab:essen"]}, {"request": "1"}, now=service.clock()
        )
    lead.patch(path, json={"is_active": False}, headers={"If-Match": "*"})
    (delivery,) = lead.get(f"{path}/deliveries").json()["items"]
    assert (delivery["state"], delivery["failure"], delivery["next_attempt_at"]) == ("given_up", "switched_off", None)
    assert code_of(lead.post(f"{path}/tests", headers=once())) == (409, "state_forbids")


def test_a_rotation_shows_another_secret(service: Small, lead: TestClient) -> None:
    made = make(lead)
    rotated = lead.post(f"/v1/webhooks/{made['id']}/rotation", headers=once())
    assert rotated.status_code == 201
    assert rotated.json()["secret"] != made["secret"]
    lead.post(f"/v1/webhooks/{made['id']}/rotation", headers=once())
    row = stored(service, made["id"])
    held = secrets_of(row, seal_of(service.context.settings), service.clock())
    assert made["secret"] not in held
    assert held[1] == rotated.json()["secret"]
    assert len(held) == 2
    for secret in (made["secret"], *held):
        assert secret.encode() not in row.sealed


def test_no_secret_lies_in_clear(service: Small, lead: TestClient) -> None:
    made = make(lead)
    seal = seal_of(service.context.settings)
    row = stored(service, made["id"])
    assert b"whsec_" not in row.sealed
    assert secrets_of(row, seal, service.clock()) == (made["secret"],)
    assert seal.open_bytes(uuid.uuid4(), row.sealed) is None, "it opens for its endpoint only"
    assert Seal([b"k" * 32], "webhook secret").open_bytes(row.id, row.sealed) is None


def test_secrets_are_sealed_anew_with_the_present_key(service: Small, lead: TestClient) -> None:
    now = service.clock()
    old, new = (Seal([letter * 32], "webhook secret") for letter in (b"o", b"n"))
    both = Seal([b"n" * 32, b"o" * 32], "webhook secret")
    keys = [uuid.UUID(make(lead)["id"]) for _ in range(3)]
    before = {
        keys[0]: b"whsec_clear whsec_before@99999999999",
        keys[1]: old.close_bytes(keys[1], b"whsec_old"),
        keys[2]: Seal([b"x" * 32], "webhook secret").close_bytes(keys[2], b"whsec_lost"),
    }
    with service.context.store.writing() as session:
        for key, sealed in before.items():
            messages_of.note_sealed(session, key, sealed)
    with service.context.store.writing() as session:
        seal_all(session, both)
    rows = [stored(service, key) for key in keys]
    assert [secrets_of(row, new, now) for row in rows] == [("whsec_clear", "whsec_before"), ("whsec_old",), ()]
    assert rows[2].sealed == before[keys[2]], "perhaps its key is only missing here"
    assert [row.version for row in rows] == [1, 1, 1]


def test_a_rotation_helps_where_no_key_opens_the_secret(service: Small, lead: TestClient) -> None:
    key = uuid.UUID(make(lead)["id"])
    with service.context.store.writing() as session:
        messages_of.note_sealed(session, key, Seal([b"x" * 32], "webhook secret").close_bytes(key, b"whsec_lost"))
    rotated = lead.post(f"/v1/webhooks/{key}/rotation", headers=once())
    assert rotated.status_code == 201
    row = stored(service, key)
    assert secrets_of(row, seal_of(service.context.settings), service.clock()) == (rotated.json()["secret"],)


def test_deliveries_tell_what_became_of_messages(service: Small, lead: TestClient) -> None:
    path = f"/v1/webhooks/{make(lead)['id']}"
    sent = lead.post(f"{path}/tests", headers=once())
    assert sent.status_code == 202
    assert (sent.json()["topic"], sent.json()["state"]) == ("webhook.test", "pending")
    lead.post(f"{path}/tests", headers=once())
    now = service.clock()
    with service.context.store.writing() as session:
        first, second = outbox.due(session, now, 5)
        outbox.delivered(session, first, now=now)
        outbox.failed(session, second, "status_500", now=now)
    shown = lead.get(f"{path}/deliveries").json()["items"]
    assert [each["id"] for each in shown] == [str(second.id), str(first.id)]
    assert [(each["state"], each["attempts"], each["failure"]) for each in shown] == [
        ("pending", 1, "status_500"),
        ("delivered", 1, None),
    ]
    assert shown[0]["next_attempt_at"] is not None
    assert shown[1]["delivered_at"] is not None
    page = lead.get(f"{path}/deliveries?limit=1").json()
    assert [each["id"] for each in page["items"]] == [str(second.id)]
    rest = lead.get(f"{path}/deliveries", params={"after": page["next"]}).json()
    assert [each["id"] for each in rest["items"]] == [str(first.id)]


def test_an_endpoint_is_deleted_with_its_messages(service: Small, lead: TestClient) -> None:
    path = f"/v1/webhooks/{make(lead)['id']}"
    lead.post(f"{path}/tests", headers=once())
    assert lead.delete(path).status_code == 204
    assert code_of(lead.get(path)) == (404, "not_found")
    assert messages(service) == []
    assert [line.action for line in service.audited()][-1] == "deleted"
