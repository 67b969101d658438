"""Rows that are valid, for tests that change one thing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from api.db.tables import (
    CrewRow,
    DutyRow,
    Organisation,
    OrganisationKind,
    Proposal,
    Standing,
    TransportRequest,
    VehicleRow,
)
from api.schemas.gates import CLEAR
from api.workflow import State

NOW = datetime(2026, 10, 1, 9, tzinfo=UTC)
DAY = datetime(2026, 10, 5, tzinfo=UTC)


def hours(number: float) -> datetime:
    """An instant of the day."""
    return DAY + timedelta(hours=number)


def organisation(code: str = "zab:essen", **fields: Any) -> Organisation:
    known = {
        "kind": OrganisationKind(code.split(":", maxsplit=1)[0]),
        "name": code,
        "created_at": NOW,
        "updated_at": NOW,
    }
    return Organisation(code=code, **(known | fields))


def crew(zab: Organisation, code: str = "C1", **fields: Any) -> CrewRow:
    return CrewRow(**({"zab": zab, "code": code, "content": {}, "created_at": NOW, "updated_at": NOW} | fields))


def vehicle(zab: Organisation, code: str = "V1", **fields: Any) -> VehicleRow:
    return VehicleRow(**({"zab": zab, "code": code, "content": {}, "created_at": NOW, "updated_at": NOW} | fields))


def duty(
    crew: CrewRow, vehicle: VehicleRow, code: str = "D1", *, since: float = 6, until: float = 14, **fields: Any
) -> DutyRow:
    known = {
        "zab": crew.zab, "crew": crew, "vehicle": vehicle, "starts_at": hours(since), "ends_at": hours(until),
        "vehicle_from": hours(since), "vehicle_to": hours(until), "profile": "arbzg", "created_at": NOW,
        "updated_at": NOW,
    }  # fmt: skip
    return DutyRow(code=code, **(known | fields))


def transport_request(owner: Organisation, case: str = "A-1", **fields: Any) -> TransportRequest:
    known = {
        "organisation": owner, "case_reference": case, "state": State.POOLED, "pickup_ags": "05113000",
        "pickup_from": hours(7), "pickup_to": hours(9), "delivery_place": "DUS", "delivery_from": hours(9),
        "delivery_to": hours(11), "people": 1, "has_children": False, "content": {}, "gates": dict(CLEAR),
        "fall_back_at": hours(-41),
        "created_at": NOW, "updated_at": NOW, "state_since": NOW,
    }  # fmt: skip
    return TransportRequest(**(known | fields))


def proposal(request: TransportRequest, duty: DutyRow, **fields: Any) -> Proposal:
    known = {
        "request": request, "duty": duty, "zab": duty.zab, "standing": Standing.LIVE, "pickup_at": hours(7.5),
        "handover_at": hours(9), "on_board_seconds": 3600, "direct_seconds": 3000, "created_at": NOW, "updated_at": NOW,
    }  # fmt: skip
    return Proposal(**(known | fields))


def world(session: Session) -> tuple[Organisation, DutyRow, TransportRequest]:
    """A ZAB with a duty, and a pooled request of an ABH; stored."""
    zab, abh = organisation(), organisation("abh:05113000", ags="05113000")
    made = duty(crew(zab), vehicle(zab))
    request = transport_request(abh)
    session.add_all([zab, abh, made, request])
    session.flush()
    return zab, made, request
