"""The check of one duty against today's rows: each fact and each rule that can stand against a trip, alone."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from api.db.engine import make_sessions
from api.db.tables import Away, Bar, DutyRow, TransportRequest
from api.services import tours
from api.services.assignments import Wish, fit
from api.services.checking import Ground
from api.services.verdicts import Verdict
from api.workflow import State
from tests.api.jobs.plan_world import NOW, PlanWorld, hours


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    with make_sessions(engine)() as session, session.begin():
        yield session


@pytest.fixture
def world(session: Session) -> PlanWorld:
    return PlanWorld(session)


def ground(session: Session, duty: DutyRow, request: TransportRequest, **more: Any) -> Ground:
    known: dict[str, Any] = {"now": NOW, "is_joining": True}
    return Ground.of(session, duty, [request], **(known | more))


def tried(session: Session, duty: DutyRow, request: TransportRequest, **more: Any) -> Verdict:
    """The best place for a request on a duty."""
    return fit(ground(session, duty, request, **more), request, Wish(request_id=request.id, duty_id=duty.id))


def codes(verdict: Verdict) -> set[str]:
    return {each.code for each in verdict.broken}


def ride(session: Session, duty: DutyRow, request: TransportRequest, **times: datetime) -> None:
    verdict = fit(ground(session, duty, request), request, Wish(request_id=request.id, duty_id=duty.id, **times))
    assert verdict.fits, codes(verdict)
    request.state = State.CONFIRMED
    tours.put_on(session, duty, request, pickup_at=verdict.pickup_at, handover_at=verdict.handover_at, now=NOW)


def test_a_trip_alone_goes_straight(session: Session, world: PlanWorld) -> None:
    verdict = tried(session, world.duty(), world.request())
    assert verdict.fits
    assert verdict.figures is not None
    assert verdict.figures.on_board == verdict.figures.direct
    assert verdict.figures.extra_metres > 0
    assert verdict.pickup_at == hours(7), "as late as fits"


def away(duty: DutyRow, what: str, since: float, until: float) -> Away:
    return Away(
        crew_id=duty.crew_id if what == "crew" else None, vehicle_id=duty.vehicle_id if what == "vehicle" else None,
        starts_at=hours(since), ends_at=hours(until), code="ill", created_at=NOW,
    )  # fmt: skip


@pytest.mark.parametrize("what", ["crew", "vehicle"])
def test_who_is_away_all_day_cannot_drive(session: Session, world: PlanWorld, what: str) -> None:
    duty, request = world.duty(), world.request()
    session.add(away(duty, what, 0, 24))
    session.flush()
    assert codes(tried(session, duty, request)) == {f"{what}_away"}


def test_who_is_away_in_part_can_drive_in_the_rest(session: Session, world: PlanWorld) -> None:
    duty, request = world.duty(), world.request()
    session.add(away(duty, "crew", 11, 12))
    session.flush()
    assert tried(session, duty, request).fits
    session.add(away(duty, "crew", 6, 9))
    session.flush()
    assert codes(tried(session, duty, request)) & {"shift_span", "depot"}


def test_what_is_withheld_or_out_of_service_takes_nobody(session: Session, world: PlanWorld) -> None:
    request = world.request()
    withheld, crewless, broken = world.duty(is_offered=False), world.duty(), world.duty()
    crewless.crew.is_active = False
    broken.vehicle.is_active = False
    session.flush()
    assert codes(tried(session, withheld, request)) == {"duty_withheld"}
    assert codes(tried(session, crewless, request)) == {"crew_out_of_service"}
    assert codes(tried(session, broken, request)) == {"vehicle_out_of_service"}


def test_a_bar_stands_while_it_lasts(session: Session, world: PlanWorld) -> None:
    duty, request = world.duty(), world.request()
    bar = Bar(zab_id=duty.zab_id, until=NOW + timedelta(hours=1), created_at=NOW)
    request.bars.append(bar)
    session.flush()
    assert codes(tried(session, duty, request)) == {"barred"}
    assert tried(session, duty, request, now=NOW + timedelta(hours=1)).fits
    bar.until = None
    assert codes(tried(session, duty, request)) == {"barred"}


def test_a_pick_up_at_night_is_refused_also_as_a_promise(session: Session, world: PlanWorld) -> None:
    duty = world.duty(since=0, until=8)
    request = world.request(pickup=(1, 3), handover=(2, 6))
    assert "night_pickup" in codes(tried(session, duty, request))
    with_ground = world.request(pickup=(1, 3), handover=(2, 6), has_night_ground=True)
    assert tried(session, duty, with_ground).fits
    child = [{"age": "3-5", "sex": "m", "count": 1}, {"age": "adult", "sex": "m", "count": 1}]
    family = world.request(pickup=(1, 3), handover=(2, 6), has_night_ground=True, count=2, people=child)
    assert "night_children" in codes(tried(session, duty, family))


def test_windows_bind_unless_both_sides_agree(session: Session, world: PlanWorld) -> None:
    duty, request = world.duty(), world.request()
    on = ground(session, duty, request)
    late = (request.id, hours(8), hours(9.25))
    assert codes(on.judge(*late)) == {"window"}
    assert on.judge(*late, are_times_agreed=True).fits


def test_a_pick_up_that_has_passed_is_out_of_its_window(session: Session, world: PlanWorld) -> None:
    duty, request = world.duty(), world.request()
    on = ground(session, duty, request, now=hours(6.5), is_joining=False)
    assert "window" in codes(on.judge(request.id, hours(6), hours(7.5)))


def test_no_more_people_than_seats(session: Session, world: PlanWorld) -> None:
    assert "load" in codes(tried(session, world.duty(seats=4), world.request(count=3)))


def test_who_may_not_ride_together_is_kept_apart(session: Session, world: PlanWorld) -> None:
    duty, alone, other = world.duty(), world.request(is_separate=True), world.request()
    ride(session, duty, other, pickup_at=hours(6), handover_at=hours(7.5))
    on = ground(session, duty, alone)
    verdict = on.judge(alone.id, hours(6.5), hours(8.1))
    assert "separation" in codes(verdict)
    assert verdict.riders[0].is_together


def test_a_crew_and_a_vehicle_drive_one_tour_at_a_time(session: Session, world: PlanWorld) -> None:
    first = world.duty()
    second = world.duty(crew=first.crew, vehicle=first.vehicle)
    ride(session, first, world.request())
    request = world.request()
    assert codes(tried(session, second, request)) == {"crew_doubled", "vehicle_doubled"}


def test_a_crew_rests_between_shifts(session: Session, world: PlanWorld) -> None:
    late = world.duty(since=12, until=20, days=-1)
    early = world.duty(crew=late.crew)
    evening = world.request(pickup=(13, 14), handover=(14, 17), days=-1)
    ride(session, late, evening)
    assert "rest_between_shifts" in codes(tried(session, early, world.request()))


def test_a_frozen_tour_takes_nobody_new_but_keeps_who_was_offered(session: Session, world: PlanWorld) -> None:
    duty, rider, request = world.duty(), world.request(pickup=(4, 4.25), handover=(4.5, 6)), world.request()
    ride(session, duty, rider)
    rider.state = State.FROZEN
    session.flush()
    assert "frozen" in codes(tried(session, duty, request))
    assert tried(session, duty, request, is_joining=False).fits


def test_what_the_catalogue_does_not_know_is_said_not_raised(session: Session, world: PlanWorld) -> None:
    duty, request = world.duty(), world.request()
    request.content = request.content | {"pickup": {"place": "nowhere", "service_minutes": 30}}
    session.flush()
    verdict = tried(session, duty, request)
    assert (codes(verdict), verdict.figures) == ({"unreadable"}, None)
    good = world.request()
    assert codes(ground(session, duty, good).judge(good.id, hours(6), hours(8), place="nowhere")) == {"unreadable"}


def test_every_text_is_there_in_both_languages(session: Session, world: PlanWorld) -> None:
    duty, request = world.duty(is_offered=False, since=0, until=8), world.request(pickup=(1, 2), handover=(5, 6))
    for each in tried(session, duty, request).broken:
        assert set(each.texts) == set(each.actions) == {"de", "en"}
        assert all([*each.texts.values(), *each.actions.values()])


def test_checking_needs_no_solver() -> None:
    """The web process must not load ortools or numba."""
    look = (
        "import sys, api.routes.decisions, api.routes.assignments, api.routes.freed_seats, api.services.clockwork;"
        "print(sorted({'ortools', 'numba', 'highspy'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
