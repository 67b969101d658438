"""Tours as stored: seats are counted at every stop, on both databases."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from api.db.engine import make_sessions
from api.db.tables import DutyRow, TransportRequest
from api.errors import Code, Problem
from api.services import tours
from optimizer.model import VisitKind
from tests.api.jobs.plan_world import NOW, PlanWorld, hours


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    with make_sessions(engine)() as session, session.begin():
        yield session


@pytest.fixture
def world(session: Session) -> PlanWorld:
    return PlanWorld(session)


def ride(session: Session, duty: DutyRow, request: TransportRequest, since: float, until: float) -> None:
    tours.put_on(
        session, tours.lock_duty(session, duty.id), request, pickup_at=hours(since), handover_at=hours(until), now=NOW
    )  # fmt: skip


def told(session: Session, duty: DutyRow) -> list[tuple[str, float, int, int]]:
    return [
        (stop.kind.value, (stop.start - hours(0)).total_seconds() / 3600, stop.on_board, stop.seats)
        for stop in tours.stops_of(session, duty.id)
    ]


def test_stops_stand_in_order_with_seats_taken(session: Session, world: PlanWorld) -> None:
    duty = world.duty(seats=9)
    one, two = world.request(), world.request(count=3)
    ride(session, duty, one, 6, 9)
    ride(session, duty, two, 7, 8)
    assert told(session, duty) == [
        ("pickup", 6, 1, 7), ("pickup", 7, 4, 7), ("delivery", 8, 1, 7), ("delivery", 9, 0, 7),
    ]  # fmt: skip
    assert duty.is_used
    assert [stop.position for stop in tours.stops_of(session, duty.id)] == [0, 1, 2, 3]


def test_who_leaves_goes_before_who_comes_at_the_same_instant(session: Session, world: PlanWorld) -> None:
    duty = world.duty(seats=3)
    one, two = world.request(), world.request()
    ride(session, duty, one, 6, 7)
    ride(session, duty, two, 7, 8)
    assert [kind for kind, *_ in told(session, duty)] == ["pickup", "delivery", "pickup", "delivery"]


def test_no_more_people_than_seats(session: Session, world: PlanWorld) -> None:
    duty = world.duty(seats=4)
    ride(session, duty, world.request(count=2), 6, 8)
    with pytest.raises(Problem) as caught:
        ride(session, duty, world.request(), 7, 9)
    assert caught.value.code is Code.PLAN_BROKEN
    assert len(told(session, duty)) == 2


def test_the_largest_configuration_counts_and_the_crew_sits_too(session: Session, world: PlanWorld) -> None:
    duty = world.duty()
    duty.vehicle.content = {
        "configurations": [{"seats": 9, "wheelchair_places": 0}, {"seats": 7, "wheelchair_places": 3}]
    }
    assert tours.seats_of(duty) == 8
    duty.crew.content = duty.crew.content | {"heads": 20}
    assert tours.seats_of(duty) == 0


def test_putting_somebody_on_twice_moves_them(session: Session, world: PlanWorld) -> None:
    duty, request = world.duty(), world.request()
    ride(session, duty, request, 6, 8)
    ride(session, duty, request, 7, 9)
    assert [each[1] for each in told(session, duty)] == [7, 9]


def test_others_are_moved_where_the_plan_says_so(session: Session, world: PlanWorld) -> None:
    duty, one, two = world.duty(), world.request(), world.request()
    ride(session, duty, one, 6, 8)
    tours.put_on(
        session, tours.lock_duty(session, duty.id), two, pickup_at=hours(6.5), handover_at=hours(9), now=NOW,
        moved={(one.id, VisitKind.PICKUP): hours(7)},
    )  # fmt: skip
    stops = tours.stops_of(session, duty.id)
    assert [(stop.request_id, stop.start) for stop in stops][:2] == [(two.id, hours(6.5)), (one.id, hours(7))]
    assert stops[1].departure - stops[1].start == timedelta(minutes=30)


def test_the_last_one_off_leaves_an_unused_duty(session: Session, world: PlanWorld) -> None:
    duty, one, two = world.duty(), world.request(), world.request()
    ride(session, duty, one, 6, 8)
    ride(session, duty, two, 6.5, 9)
    assert tours.take_off(session, duty.id, one.id, NOW)
    assert duty.is_used
    assert tours.take_off(session, duty.id, two.id, NOW)
    assert not duty.is_used
    assert not tours.take_off(session, duty.id, two.id, NOW)
    assert told(session, duty) == []


def test_take_off_everywhere(session: Session, world: PlanWorld) -> None:
    duty, request = world.duty(), world.request()
    ride(session, duty, request, 6, 8)
    tours.take_off_everywhere(session, request.id, NOW)
    tours.take_off_everywhere(session, uuid.uuid4(), NOW)
    assert told(session, duty) == []


def test_service_times_that_are_left_out_are_the_usual_ones(session: Session, world: PlanWorld) -> None:
    request = world.request(count=4, pickup_place="x")
    request.content = request.content | {"pickup": {"place": "05113000"}, "handover": {"place": "DUS"}}
    assert tours.service_of(request, VisitKind.PICKUP) == timedelta(minutes=55)
    assert tours.service_of(request, VisitKind.DELIVERY) == timedelta(minutes=30)
