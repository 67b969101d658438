"""Looking for times by hand: what can be found between the stops of others is found, on both databases."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from api.db.engine import make_sessions
from api.db.tables import DutyRow, TransportRequest
from api.services import tours
from api.services.assignments import Wish, fit
from api.services.checking import Ground
from api.services.verdicts import Verdict
from api.workflow import State
from tests.api.jobs.plan_world import NOW, PLACES, PlanWorld, hours


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    with make_sessions(engine)() as session, session.begin():
        yield session


def tried(session: Session, duty: DutyRow, request: TransportRequest, **times: datetime) -> Verdict:
    ground = Ground.of(session, duty, [request], now=NOW, is_joining=True)
    return fit(ground, request, Wish(request_id=request.id, duty_id=duty.id, **times))


def ride(session: Session, duty: DutyRow, request: TransportRequest, verdict: Verdict) -> None:
    request.state = State.CONFIRMED
    tours.put_on(session, duty, request, pickup_at=verdict.pickup_at, handover_at=verdict.handover_at, now=NOW)


def grid(request: TransportRequest) -> Iterator[tuple[datetime, datetime]]:
    """Pairs of times within the windows, ten minutes apart."""
    step = timedelta(minutes=10)
    at = request.pickup_from
    while at <= request.pickup_to:
        until = max(request.delivery_from, at + step)
        while until <= min(request.delivery_to, at + timedelta(hours=2)):
            yield at, until
            until += step
        at += step


def test_what_fits_at_any_times_is_found(session: Session) -> None:
    """Against trying all times of a grid: where one of them fits, the search finds one, and none shorter on board."""
    world, rng = PlanWorld(session), random.Random(7)
    found = missed = 0
    for _ in range(6):
        duty = world.duty(since=4, until=16)
        for _ in range(3):
            begin = rng.choice([5, 6, 7, 8, 9])
            request = world.request(
                pickup=(begin, begin + rng.choice([0.5, 1])), handover=(begin + 1, begin + 3),
                origin=rng.choice(list(PLACES.values())),
            )  # fmt: skip
            verdict = tried(session, duty, request)
            ground = Ground.of(session, duty, [request], now=NOW, is_joining=True)
            fitting = [each for times in grid(request) if (each := ground.judge(request.id, *times)).fits]
            if fitting:
                assert verdict.fits, {each.code for each in verdict.broken}
                shortest = min(each.figures.on_board for each in fitting if each.figures is not None)
                assert verdict.figures is not None
                assert verdict.figures.on_board <= shortest
            found, missed = found + verdict.fits, missed + (not verdict.fits)
            if verdict.fits:
                ride(session, duty, request, verdict)
    assert found > 6
    assert missed > 0


def test_times_that_are_given_are_kept(session: Session) -> None:
    world = PlanWorld(session)
    duty, request = world.duty(), world.request()
    verdict = tried(session, duty, request, pickup_at=hours(5.25))
    assert (verdict.fits, verdict.pickup_at) == (True, hours(5.25))
    verdict = tried(session, duty, request, handover_at=hours(7))
    assert (verdict.fits, verdict.handover_at) == (True, hours(7))
    verdict = tried(session, duty, request, pickup_at=hours(8))
    assert "window" in {each.code for each in verdict.broken}


def test_where_nothing_fits_the_nearest_is_told(session: Session) -> None:
    world = PlanWorld(session)
    duty = world.duty(since=4, until=6)
    verdict = tried(session, duty, world.request(pickup=(8, 9), handover=(9, 11)))
    assert not verdict.fits
    assert verdict.figures is not None
    assert {"shift_span", "depot"} & {each.code for each in verdict.broken}


def test_nothing_is_tried_outside_of_the_window_unasked(session: Session) -> None:
    world = PlanWorld(session)
    for since, until in ((4, 6), (12, 18)):
        request = world.request(pickup=(8, 10), handover=(9, 12))
        verdict = tried(session, world.duty(since=since, until=until), request)
        assert not verdict.fits
        assert request.pickup_from <= verdict.pickup_at <= request.pickup_to
