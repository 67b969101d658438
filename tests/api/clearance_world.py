"""Clearances in the whole service: a flight with a stop-over, and what ZFA, ZRK and ABH say to it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select

from api.db.tables import AuditEntry, OutboxMessage, WebhookEndpoint
from api.topics import Topic
from tests.api.decision_world import Desk
from tests.api.house import House, request_body
from tests.api.jobs.plan_world import hours

FLIGHT: dict[str, Any] = {"flight": "TK 1524", "stop_overs": ["IST"], "destination": "TR"}


def with_stop_over(number: int = 1, **fields: Any) -> dict[str, Any]:
    """A request whose flight stops over at Istanbul."""
    days = fields.get("days", 0)
    return request_body(number, **FLIGHT | {"departure": hours(11, days=days).isoformat()} | fields)


def pooled(house: House, number: int = 1, **fields: Any) -> str:
    """The id of a pooled one."""
    answer = house["abh"].call("POST", "/requests", with_stop_over(number, **fields) | {"enter_as": "pool"})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def clearances(house: House, who: str = "zfa", *, every: bool = False, **wanted: str) -> list[dict[str, Any]]:
    """The list that somebody works."""
    more = "&is_current=false" if every else ""
    query = "".join(f"&{name}={value}" for name, value in wanted.items())
    items: list[dict[str, Any]] = house[who].get(f"/clearances?limit=200{more}{query}")["items"]
    return items


def only(house: House, who: str = "zfa", **wanted: str) -> dict[str, Any]:
    """The one that there is."""
    (found,) = clearances(house, who, every=False, **wanted)
    return found


def act(house: House, who: str, clearance: str, action: str, body: Any = None, *, status: Any = 200) -> Any:
    """Take a step on a clearance with its present version."""
    return house[who].do(f"/clearances/{clearance}/{action}", body, status=status)


def kinds(house: House, who: str) -> list[str]:
    """Kinds of the open notices that somebody sees."""
    return sorted(item["kind"] for item in house[who].get("/notices?limit=200")["items"])


def listen(house: House, names: Iterable[str]) -> None:
    """Let organisations be told of changed clearances."""
    with house.store.writing() as session:
        for name in names:
            session.add(
                WebhookEndpoint(
                    organisation_id=house[name].organisation_id, url=f"https://{name}.example/hook", sealed=b"whsec_x",
                    topics=Topic.CLEARANCE_CHANGED.value, is_active=True, created_at=house.now, updated_at=house.now,
                )
            )  # fmt: skip


def told(house: House, name: str) -> list[dict[str, Any]]:
    """What an organisation's endpoint is told, oldest first."""
    with house.store.reading() as session:
        query = select(OutboxMessage).where(
            OutboxMessage.topic == Topic.CLEARANCE_CHANGED.value,
            OutboxMessage.organisation_id == house[name].organisation_id,
        )
        return [row.payload for row in session.scalars(query.order_by(OutboxMessage.id))]


def audited(house: House, clearance: str) -> list[str]:
    """What the log says of a clearance."""
    with house.store.reading() as session:
        query = select(AuditEntry.action).where(
            AuditEntry.subject_kind == "clearance", AuditEntry.subject_id == clearance
        )
        return list(session.scalars(query.order_by(AuditEntry.number)))


def amended(house: House, request: str, body: dict[str, Any]) -> None:
    """Say a request anew."""
    tag = house["abh"].call("GET", f"/requests/{request}").headers["ETag"]
    answer = house["abh"].call("PUT", f"/requests/{request}", body, if_match=tag)
    assert answer.status_code == 200, answer.text


def confirmed(house: House, desk: Desk, **said: str) -> tuple[str, str, str]:
    """A promised one for which the ZFA has applied, as it ``said``; its duty and its proposal."""
    request, duty = pooled(house), house.duty()
    act(house, "zfa", only(house)["id"], "apply", said)
    proposal = desk.propose(request, duty)
    house["essen"].do(f"/proposals/{proposal}/confirm")
    return request, duty, proposal
