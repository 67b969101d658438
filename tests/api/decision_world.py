"""Offers in the whole service without a solver: the place that the check of manual assignment finds is proposed."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.actor import SYSTEM, Actor
from api.db.tables import (
    Away,
    Bar,
    Decision,
    DutyRow,
    LedgerEntry,
    Notice,
    OutboxMessage,
    Proposal,
    TourStop,
    TransportRequest,
)
from api.deadlines import respond_by
from api.services import steps, tours
from api.services.assignments import Wish, fit
from api.services.checking import Ground
from api.workflow import Action
from tests.api.house import House

T = TypeVar("T")


class Desk:
    """The service, and what tests do to it past the API."""

    def __init__(self, house: House) -> None:
        self.house = house

    def actor(self, name: str) -> Actor:
        caller = self.house[name]
        return Actor(role=caller.role, account_id=caller.account_id, organisation_id=caller.organisation_id)

    def propose(
        self,
        request: str,
        duty: str,
        *,
        others: Iterable[tuple[str, str, int]] = (),
        respond: datetime | None = None,
        **wish: datetime,
    ) -> str:
        """Let a run propose a request on a duty; return the proposal's id.

        ``others`` are (ZAB, duty, extra seconds) that the run found too.
        """
        now = self.house.now
        with self.house.store.writing() as session:
            row = steps.lock_request(session, uuid.UUID(request))
            assert row is not None
            on = tours.lock_duty(session, uuid.UUID(duty))
            ground = Ground.of(session, on, [row], now=now, is_joining=True)
            verdict = fit(ground, row, Wish(request_id=row.id, duty_id=on.id, **wish))
            assert verdict.fits, verdict.broken
            assert verdict.figures is not None
            offer = steps.Offer(
                duty_id=on.id, pickup_at=verdict.pickup_at, handover_at=verdict.handover_at,
                on_board_seconds=verdict.figures.on_board, direct_seconds=verdict.figures.direct,
                limit_seconds=verdict.figures.limit,
                respond_by=respond or respond_by(verdict.pickup_at, now, self.house.context.settings.answering),
                explanation={
                    "extra_metres": verdict.figures.extra_metres,
                    "extra_crew_seconds": verdict.figures.extra_crew_seconds,
                    "alternatives": [
                        {"zab": zab, "duty": key, "extra_custody_seconds": seconds} for zab, key, seconds in others
                    ],
                },
            )  # fmt: skip
            steps.take(session, row, Action.PROPOSE, SYSTEM, now=now, offer=offer)
            made = steps.live_proposal(session, row.id)
            assert made is not None
            return str(made.id)

    def offered(self, number: int = 1, **fields: Any) -> tuple[str, str, str]:
        """A request of the ABH proposed on a new duty of Essen: ids of request, duty, proposal."""
        request, duty = self.house.pooled(number, **fields), self.house.duty()
        return request, duty, self.propose(request, duty)

    def confirmed(self, number: int = 1, **fields: Any) -> tuple[str, str, str]:
        request, duty, proposal = self.offered(number, **fields)
        self.house["essen"].do(f"/proposals/{proposal}/confirm")
        return request, duty, proposal

    def put_away(self, duty: str, what: str, *, since: float = 0, until: float = 24, code: str = "ill") -> None:
        """A crew or a vehicle of a duty is away, past the API and its consequences; hours from the duty's begin."""

        def work(session: Session) -> None:
            row = session.get_one(DutyRow, uuid.UUID(duty))
            begin = row.starts_at + timedelta(hours=since)
            session.add(
                Away(
                    crew_id=row.crew_id if what == "crew" else None,
                    vehicle_id=row.vehicle_id if what == "vehicle" else None, starts_at=begin,
                    ends_at=row.starts_at + timedelta(hours=until), code=code, created_at=self.house.now,
                )
            )  # fmt: skip

        self.house.store.write(work)

    def change(self, kind: type[Any], key: str, **fields: Any) -> None:
        """Change a row past the API."""

        def work(session: Session) -> None:
            row = session.get_one(kind, uuid.UUID(key))
            for name, value in fields.items():
                setattr(row, name, value)

        self.house.store.write(work)

    def read(self, work: Callable[[Session], T]) -> T:
        with self.house.store.reading() as session:
            found = work(session)
            session.expunge_all()
            return found

    def request(self, key: str) -> TransportRequest:
        return self.read(lambda s: s.get_one(TransportRequest, uuid.UUID(key)))

    def proposal(self, key: str) -> Proposal:
        return self.read(lambda s: s.get_one(Proposal, uuid.UUID(key)))

    def duty(self, key: str) -> DutyRow:
        return self.read(lambda s: s.get_one(DutyRow, uuid.UUID(key)))

    def bars(self, request: str) -> list[Bar]:
        return self.read(lambda s: list(s.scalars(select(Bar).where(Bar.request_id == uuid.UUID(request)))))

    def decisions(self, request: str) -> list[Decision]:
        query = select(Decision).where(Decision.request_id == uuid.UUID(request)).order_by(Decision.id)
        return self.read(lambda s: list(s.scalars(query)))

    def stops(self, duty: str) -> list[TourStop]:
        query = select(TourStop).where(TourStop.duty_id == uuid.UUID(duty)).order_by(TourStop.position)
        return self.read(lambda s: list(s.scalars(query)))

    def ledger(self) -> list[LedgerEntry]:
        return self.read(lambda s: list(s.scalars(select(LedgerEntry).order_by(LedgerEntry.id))))

    def notices(self, name: str) -> list[str]:
        """Kinds of the open notices that somebody sees."""
        return sorted(item["kind"] for item in self.house[name].get("/notices?limit=200")["items"])

    def all_notices(self) -> list[Notice]:
        return self.read(lambda s: list(s.scalars(select(Notice))))

    def matches(self) -> list[dict[str, Any]]:
        """What workers are asked to match, oldest first."""
        query = select(OutboxMessage).where(OutboxMessage.endpoint_id.is_(None)).order_by(OutboxMessage.id)
        return self.read(lambda s: [row.payload for row in s.scalars(query)])


def refused(answer: Any, status: int, code: str) -> dict[str, Any]:
    """The problem that an answer tells."""
    assert (answer.status_code, answer.json().get("code")) == (status, code), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    document: dict[str, Any] = answer.json()
    return document
