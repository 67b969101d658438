"""Tours from depot to depot: drives, waits and breaks of the checker, what stands against them, and what is kept."""

from __future__ import annotations

import uuid
from datetime import timedelta
from itertools import pairwise

import pytest

from api.db.tables import DutyRow, TransportRequest
from api.mapping import layouts as mapping
from api.mapping.layouts import Doing, Layout
from api.repositories import fleet
from api.services import layouts
from optimizer.model import Rule
from tests.api.decision_world import Desk
from tests.api.house import House


@pytest.fixture
def desk(house: House) -> Desk:
    return Desk(house)


def laid_out(desk: Desk, *keys: str) -> dict[str, Layout]:
    ids = [uuid.UUID(key) for key in keys]
    with desk.house.store.reading() as session:
        duties = [session.get_one(DutyRow, key) for key in ids]
        found = layouts.laid_out(session, duties, fleet.tours(session, ids))
    return {str(key): layout for key, layout in found.items()}


def test_between_its_stops_a_tour_is_told_without_a_gap(desk: Desk) -> None:
    _, duty, _ = desk.confirmed(1)
    free = desk.house.duty()
    found = laid_out(desk, duty, free)
    assert set(found) == {duty}, "nobody rides on the other one"
    layout = found[duty]
    assert (layout.broken, layout.is_readable) == ((), True)
    stops = desk.stops(duty)
    known = sorted([(part.since, part.until) for part in layout.parts] + [(s.start, s.departure) for s in stops])
    assert all(before[1] == after[0] for before, after in pairwise(known))
    assert Doing.DRIVE in {part.doing for part in layout.parts}


def test_a_crew_that_waits_with_nobody_on_board_makes_its_break_then(desk: Desk) -> None:
    duty = desk.house.duty(until=16)
    desk.propose(desk.house.pooled(1), duty)
    desk.propose(desk.house.pooled(2, pickup=(11, 11.5), handover=(11.5, 13.5)), duty)
    doings = [part.doing for part in laid_out(desk, duty)[duty].parts]
    assert Doing.BREAK in doings


def test_who_rides_with_the_rest_of_a_bundle_elsewhere_is_laid_out_as_everybody(desk: Desk) -> None:
    duties = [desk.offered(number, bundle="zusammen")[1] for number in (1, 2)]
    found = laid_out(desk, *duties)
    assert [(found[duty].is_readable, found[duty].broken) for duty in duties] == [(True, ())] * 2


def test_a_rule_that_is_broken_by_now_is_told(desk: Desk) -> None:
    request, duty, _ = desk.confirmed(1)
    assert laid_out(desk, duty)[duty].broken == ()
    end = desk.stops(duty)[-1].start + timedelta(minutes=1)
    desk.change(DutyRow, duty, ends_at=end, vehicle_to=end)
    assert Rule.SHIFT_SPAN in laid_out(desk, duty)[duty].broken
    row_content = {"people": [{"age": "adult", "sex": "m", "count": 1}], "pickup": {"place": "nowhere"}}
    desk.change(TransportRequest, request, content=row_content)
    found = laid_out(desk, duty)[duty]
    assert (found.is_readable, found.parts) == (False, ())


def test_too_short_a_rest_of_the_crew_is_told_of_the_later_shift(desk: Desk) -> None:
    _, early, _ = desk.confirmed(1)
    late = desk.house.duty(since=16, until=23)
    desk.propose(desk.house.pooled(2, pickup=(17, 18), handover=(18, 20)), late)
    with desk.house.store.reading() as session:
        crew = session.get_one(DutyRow, uuid.UUID(early)).crew_id
    assert laid_out(desk, late)[late].broken == ()
    desk.change(DutyRow, late, crew_id=crew)
    assert Rule.REST_BETWEEN_SHIFTS in laid_out(desk, late)[late].broken, "the other duty need not be shown"


def test_what_has_not_changed_is_not_laid_out_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    _, duty, _ = desk.confirmed(1)
    _, other, _ = desk.confirmed(2)
    first = laid_out(desk, duty, other)
    done: list[int] = []

    def counted(*args: object) -> dict[uuid.UUID, Layout]:
        done.append(1)
        return mapping.layouts_of(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(layouts, "layouts_of", counted)
    assert laid_out(desk, duty, other) == first
    assert done == []
    desk.change(DutyRow, duty, tolerance_seconds=60)
    assert laid_out(desk, duty, other) == first
    assert done == [1]
