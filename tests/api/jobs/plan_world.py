"""A small exchange on real places, for tests of runs: two ZABs, their duties, a few requests to Düsseldorf airport."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.actor import SYSTEM
from api.db.tables import CrewRow, DutyRow, Organisation, OrganisationKind, TransportRequest, VehicleRow
from api.schemas.gates import CLEAR
from api.services import parameters
from api.workflow import State

NOW = datetime(2026, 10, 1, 9, tzinfo=UTC)
DAY = datetime(2026, 10, 5, tzinfo=UTC)
"""A Monday; local time is two hours ahead."""
PLACES = {"essen": "05113000", "koeln": "05315000", "duisburg": "05112000"}


def hours(number: float, *, days: int = 0) -> datetime:
    """An instant of the day, in hours of UTC."""
    return DAY + timedelta(days=days, hours=number)


class PlanWorld:
    """Rows that make a plan; what is made is added to the session."""

    def __init__(self, session: Session, *, is_new: bool = True) -> None:
        self.session = session
        self._is_new = is_new
        parameters.seed(session, SYSTEM, now=NOW)
        self.essen = self._organisation("zab:essen", OrganisationKind.ZAB)
        self.koeln = self._organisation("zab:koeln", OrganisationKind.ZAB)
        self.abh = self._organisation("abh:05113000", OrganisationKind.ABH)
        self._number = 0 if is_new else 100

    def _organisation(self, code: str, kind: OrganisationKind) -> Organisation:
        if not self._is_new:
            return self.session.scalars(select(Organisation).where(Organisation.code == code)).one()
        row = Organisation(code=code, kind=kind, name=code, created_at=NOW, updated_at=NOW)
        self.session.add(row)
        self.session.flush()
        return row

    def duty(
        self, zab: Organisation | None = None, *, since: float = 4, until: float = 12, seats: int = 9, days: int = 0,
        depot: str = PLACES["essen"], **fields: Any,
    ) -> DutyRow:  # fmt: skip
        """A duty with a crew of two and a vehicle of its own."""
        self._number += 1
        owner, number = zab or self.essen, self._number
        times = {"created_at": NOW, "updated_at": NOW}
        crew = CrewRow(
            zab=owner, code=f"C{number}",
            content={"heads": 2, "officers": 2, "female_officers": 1, "licences": ["B"], "skills": []}, **times,
        )  # fmt: skip
        vehicle = VehicleRow(
            zab=owner, code=f"V{number}",
            content={"configurations": [{"seats": seats, "wheelchair_places": 0}], "cost_per_km": 60}, **times,
        )  # fmt: skip
        begin, end = hours(since, days=days), hours(until, days=days)
        known = {
            "zab": owner, "crew": crew, "vehicle": vehicle, "starts_at": begin, "ends_at": end, "vehicle_from": begin,
            "vehicle_to": end, "profile": "arbzg", "start_place": depot, "end_place": depot, **times,
        }  # fmt: skip
        row = DutyRow(code=f"D{number}", **(known | fields))
        self.session.add_all([crew, vehicle, row])
        self.session.flush()
        return row

    def request(
        self, *, pickup: tuple[float, float] = (5, 7), handover: tuple[float, float] = (6, 9), count: int = 1,
        origin: str = PLACES["essen"], days: int = 0, state: State = State.POOLED,
        fall_back: timedelta = timedelta(hours=48), **content: Any,
    ) -> TransportRequest:  # fmt: skip
        """A pooled request of men who travel together, from Essen to DUS; its gates are open."""
        self._number += 1
        window = [hours(each, days=days) for each in (*pickup, *handover)]
        row = TransportRequest(
            organisation=self.abh, case_reference=f"A-{self._number}", state=state, pickup_ags=origin,
            pickup_from=window[0], pickup_to=window[1], delivery_place="DUS", delivery_from=window[2],
            delivery_to=window[3], people=count, has_children=False, bundle=content.get("bundle"),
            gates=dict(CLEAR), fall_back_at=window[0] - fall_back, created_at=NOW, updated_at=NOW, state_since=NOW,
            content={
                "case_reference": f"A-{self._number}", "case_type": "dublin",
                "people": [{"age": "adult", "sex": "m", "count": count}],
                "pickup": {
                    "place": origin, "earliest": window[0].isoformat(), "latest": window[1].isoformat(),
                    "service_minutes": 30,
                },
                "handover": {
                    "place": "DUS", "earliest": window[2].isoformat(), "latest": window[3].isoformat(),
                    "service_minutes": 30,
                },
            } | content,
        )  # fmt: skip
        self.session.add(row)
        self.session.flush()
        return row
