"""Loading a day, and the way back: rows become the problem that was loaded, field by field."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

import data
from api import audit
from api.db.tables import (
    AuditEntry,
    Base,
    CrewRow,
    DutyRow,
    GuidancePage,
    Organisation,
    OrganisationKind,
    OutboxMessage,
    PageState,
    Proposal,
    TransportRequest,
    VehicleRow,
)
from api.deadlines import Answering
from api.errors import Code, Problem
from api.mapping.content import within
from api.mapping.horizon import Horizon
from api.mapping.problem import Mapped, problem_of
from api.repositories.plans import plan_rows
from api.services import loading, parameters
from api.workflow import State
from data.guidance_pages import guidance_pages
from optimizer.model import Instance, InstanceIndex, Request, Rule

NOW = datetime(2026, 9, 28, 9, tzinfo=UTC)
HORIZON = Horizon.read("2026-10-05/2026-10-05")


@pytest.fixture(scope="module")
def day() -> Instance:
    return data.sample_day()[0]


def few(day: Instance, *kept: str) -> Instance:
    """The day with these pool requests only."""
    promised = {promise.request for each in day.commitments for promise in each.promises}
    return replace(day, requests=tuple(r for r in day.requests if r.id in promised or r.id in kept))


def load(session: Session, day: Instance) -> loading.Loaded:
    return loading.load(session, day, answering=Answering(), now=NOW)


def mapped(session: Session) -> Mapped:
    rows = plan_rows(session, HORIZON.since, HORIZON.until, now=NOW)
    return problem_of(rows, HORIZON, parameters.in_force(session, HORIZON.first), now=NOW, keeps_offers=False)


def counts(session: Session) -> dict[str, int]:
    return {
        table.name: session.scalar(select(func.count()).select_from(table)) or 0
        for table in Base.metadata.sorted_tables
    }


def test_the_sample_day_comes_back_field_by_field(engine: Engine, day: Instance) -> None:
    with Session(engine) as session:
        made = load(session, day)
        assert (made.vehicles, made.crews, made.duties, made.promised, made.pooled) == (14, 14, 14, 9, 30)
        again = mapped(session)
        assert again.left_out == ()
        told = Back(session, again.instance)
    instance = told.instance
    assert told.zabs() == sorted((zab.id, zab.name, zab.prior_load, zab.budget) for zab in day.zabs)
    assert told.vehicles() == vehicles_of(day)
    assert told.crews() == {crew.id: replace(crew, id="", zab=crew.zab) for crew in day.crews}
    assert told.duties() == duties_of(day)
    assert told.requests() == requests_of(day)
    assert told.commitments() == commitments_of(day)
    assert {place.id: place for place in instance.places} == {place.id: place for place in day.places}
    assert instance.parameters == day.parameters
    assert (instance.stages, instance.serve_all, instance.published) == (day.stages, day.serve_all, ())
    assert told.nights() >= {told.span(day, night) for night in day.nights}


def test_loading_twice_changes_nothing(engine: Engine, day: Instance) -> None:
    with Session(engine) as session:
        load(session, day)
        session.commit()
        before, head = counts(session), audit.head(session)
        assert load(session, day) == loading.Loaded()
        session.commit()
        assert counts(session) == before
        assert audit.head(session) == head
        assert not list(audit.verify(session))
        assert {row.version for row in session.scalars(select(CrewRow))} == {1}


def test_a_day_that_changed_is_brought_up_to_date(engine: Engine, day: Instance) -> None:
    small = few(day, "R0001")
    larger = replace(day.vehicles[3], luggage=99)
    changed = replace(small, vehicles=tuple(larger if v.id == larger.id else v for v in day.vehicles))
    with Session(engine) as session:
        load(session, small)
        assert load(session, changed) == loading.Loaded()
        row = session.scalars(select(VehicleRow).where(VehicleRow.code == larger.id)).one()
        assert row.content["luggage"] == 99


def test_what_ended_is_not_entered_again(engine: Engine, day: Instance) -> None:
    small = few(day, "R0001")
    with Session(engine) as session:
        load(session, small)
        row = session.scalars(select(TransportRequest).where(TransportRequest.case_reference == "R0001")).one()
        row.state = State.RETURNED
        session.flush()
        assert load(session, small) == loading.Loaded()


def test_planned_riders_are_promised_and_the_pool_waits(engine: Engine, day: Instance) -> None:
    with Session(engine) as session:
        load(session, few(day, "R0001", "R0011"))
        states = {row.case_reference: row.state for row in session.scalars(select(TransportRequest)).unique()}
        assert {states.pop("R0001"), states.pop("R0011")} == {State.POOLED}
        assert set(states.values()) == {State.CONFIRMED}
        promises = session.scalars(select(Proposal)).unique().all()
        assert len(promises) == 9
        assert all(each.run_id is None and each.is_manual for each in promises)
        barred = session.scalars(select(TransportRequest).where(TransportRequest.case_reference == "R0011")).one()
        codes = {row.id: row.code for row in session.scalars(select(Organisation))}
        assert [codes[bar.zab_id] for bar in barred.bars] == ["zab:bielefeld"]
        assert session.scalar(select(func.count()).select_from(OutboxMessage)) or 0
        zabs = session.scalars(select(Organisation).where(Organisation.kind == OrganisationKind.ZAB))
        assert {row.code for row in zabs} == {
            "zab:bielefeld", "zab:coesfeld", "zab:essen", "zab:koeln", "zab:unna",
        }  # fmt: skip


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"features": frozenset({"ramp"})}, "request R0001, features"),
        ({"waived": frozenset({Rule.DETOUR})}, "request R0001, waived"),
        ({"authority": ""}, "request R0001, authority"),
        ({"max_ride": 601}, "request R0001, max_ride"),
    ],
)
def test_what_the_service_cannot_say_is_refused_before_anything_is_stored(
    engine: Engine, day: Instance, change: dict[str, Any], path: str
) -> None:
    small = few(day, "R0001")
    odd = replace(small, requests=tuple(replace(r, **change) if r.id == "R0001" else r for r in small.requests))
    with Session(engine) as session:
        with pytest.raises(Problem) as caught:
            load(session, odd)
        assert caught.value.code is Code.VALUE_REFUSED
        assert [error.path for error in caught.value.errors] == [path]
        assert session.scalar(select(func.count()).select_from(AuditEntry)) == 0


class Back:
    """The problem that the rows make, with the ids and instants of the day that was loaded."""

    def __init__(self, session: Session, instance: Instance) -> None:
        self.instance = instance
        self._index = InstanceIndex(instance)
        self._zabs = {row.code: row.zab or "" for row in session.scalars(select(Organisation))}
        self._duty = {str(row.id): row.code for row in session.scalars(select(DutyRow)).unique()}
        self._vehicle = {str(row.id): row.code for row in session.scalars(select(VehicleRow)).unique()}
        self._crew = {str(row.id): row.code for row in session.scalars(select(CrewRow)).unique()}
        self._request = {str(row.id): row for row in session.scalars(select(TransportRequest)).unique()}
        self._start = datetime.fromisoformat(instance.horizon_start)

    def at(self, seconds: int) -> datetime:
        return self._start + timedelta(seconds=seconds)

    def span(self, day: Instance, window: Any) -> tuple[datetime, datetime]:
        start = datetime.fromisoformat(day.horizon_start)
        return start + timedelta(seconds=window.earliest), start + timedelta(seconds=window.latest)

    def nights(self) -> set[tuple[datetime, datetime]]:
        return {self.span(self.instance, night) for night in self.instance.nights}

    def zabs(self) -> list[tuple[str, str, int, int | None]]:
        return sorted((self._zabs[z.id], z.name, z.prior_load, z.budget) for z in self.instance.zabs)

    def vehicles(self) -> dict[str, Any]:
        return {
            self._vehicle[each.id]: replace(each, id="", zab=self._zabs[each.zab], availability=())
            for each in self.instance.vehicles
        }

    def crews(self) -> dict[str, Any]:
        return {self._crew[each.id]: replace(each, id="", zab=self._zabs[each.zab]) for each in self.instance.crews}

    def duties(self) -> dict[str, Any]:
        found = {}
        for duty in self.instance.duties:
            shift, window = self._index.shift[duty.shift], self._index.duty_window(duty.id)
            assert window is not None
            found[self._duty[duty.id]] = (
                self._crew[shift.crew], self._vehicle[duty.vehicle], self.at(shift.start), self.at(shift.end),
                self.at(window.earliest), self.at(window.latest), shift.profile, duty.start_place, duty.end_place,
            )  # fmt: skip
        return found

    def requests(self) -> dict[str, Any]:
        found = {}
        for request in self.instance.requests:
            row = self._request[request.id]
            plain = replace(
                request, id=row.case_reference, authority=row.organisation.ags or "",
                barred_zabs=frozenset(self._zabs[zab] for zab in request.barred_zabs),
                unit=_named(row, request.unit, row.content["unit"]), bundle=_named(row, request.bundle, row.bundle),
                rejection=None,
            )  # fmt: skip
            said = row.content["rejection"]
            found[row.case_reference] = (
                timeless(plain, self.at), None if said is None else (self._zabs[said["by"]], said["code"]),
            )  # fmt: skip
        return found

    def commitments(self) -> dict[str, Any]:
        return {
            self._duty[each.duty]: (
                each.frozen,
                each.tolerance,
                [(self._request[p.request].case_reference, p.kind, self.at(p.start)) for p in each.promises],
            )
            for each in self.instance.commitments
        }


def _named(row: TransportRequest, told: str | None, name: str | None) -> str | None:
    """The authority's own name, for which something else stands in the instance."""
    assert told == within(row, name)
    return name


def timeless(request: Request, at: Any) -> tuple[Any, ...]:
    """The request with instants in place of seconds."""
    stops = (request.pickup, request.delivery)
    times = [(at(stop.earliest), at(stop.latest), stop.service, stop.place) for stop in stops]
    deadline = None if request.deadline is None else at(request.deadline)
    plain = replace(
        request, pickup=replace(stops[0], earliest=0, latest=0), delivery=replace(stops[1], earliest=0, latest=0),
        deadline=None,
    )  # fmt: skip
    return plain, times, deadline


def _clock(day: Instance) -> Any:
    start = datetime.fromisoformat(day.horizon_start)
    return lambda seconds: start + timedelta(seconds=seconds)


def vehicles_of(day: Instance) -> dict[str, Any]:
    return {vehicle.id: replace(vehicle, id="", availability=()) for vehicle in day.vehicles}


def duties_of(day: Instance) -> dict[str, Any]:
    index, at, found = InstanceIndex(day), _clock(day), {}
    for duty in day.duties:
        shift, window = index.shift[duty.shift], index.duty_window(duty.id)
        assert window is not None
        found[duty.id] = (
            shift.crew, duty.vehicle, at(shift.start), at(shift.end), at(window.earliest), at(window.latest),
            shift.profile, duty.start_place, duty.end_place,
        )  # fmt: skip
    return found


def requests_of(day: Instance) -> dict[str, Any]:
    at, found = _clock(day), {}
    for request in day.requests:
        said = request.rejection
        plain = replace(request, rejection=None)
        found[request.id] = (timeless(plain, at), None if said is None else (said.by, said.code.value))
    return found


def commitments_of(day: Instance) -> dict[str, Any]:
    at = _clock(day)
    return {
        each.duty: (each.frozen, each.tolerance, [(p.request, p.kind, at(p.start)) for p in each.promises])
        for each in day.commitments
    }


def test_the_pages_that_ship_come_with_the_organisations(day: Instance, engine: Engine) -> None:
    with Session(engine) as session:
        load(session, few(day))
        pages = session.scalars(select(GuidancePage)).all()
        assert len(pages) == len(guidance_pages())
        assert {page.state for page in pages} == {PageState.PUBLISHED}
        load(session, few(day))
        assert session.scalar(select(func.count()).select_from(GuidancePage)) == len(pages)


def test_offices_bear_their_names_and_pick_ups_their_kind(engine: Engine, day: Instance) -> None:
    with Session(engine) as session:
        load(session, day)
        names = {row.code: row.name for row in session.scalars(select(Organisation))}
        kinds = {
            row.content["pickup"]["place"]: row.content["pickup_type"]
            for row in session.scalars(select(TransportRequest))
        }
    assert names["abh:05774000"] == "ABH Kreis Paderborn"
    assert not [name for name in names.values() if name[-1].isdigit()]
    for place, kind in kinds.items():
        begins = {"UFA": "ufa", "JVA": "jva", "EAE": "state_facility", "ZUE": "state_facility", "LEA": "state_facility"}
        assert kind == begins.get(
            place.partition("-")[0], "authority" if place.isupper() and "-" in place else "dwelling"
        )
    assert {"ufa", "jva", "state_facility", "dwelling"} <= set(kinds.values())
