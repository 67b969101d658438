"""From rows to the optimizer's problem: who waits, who is promised, what can carry, what is left out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from api.db.tables import Account, Away, Bar, Override, Proposal, Standing
from api.mapping.content import within
from api.mapping.horizon import Horizon
from api.mapping.problem import Mapped, problem_of
from api.repositories.plans import plan_rows
from api.services import parameters, tours
from api.workflow import Role, State
from optimizer.model import DeadlineClass, Need, Rule
from tests.api.jobs.exchange import MONDAY, Exchange, exchange
from tests.api.jobs.plan_world import NOW, PlanWorld, hours


@pytest.fixture
def made(engine: Engine, tmp_path: Path) -> Iterator[Exchange]:
    found = exchange(engine, tmp_path)
    yield found
    found.store.close()


def mapped(made: Exchange, *, keeps_offers: bool = False, tolerance: int = 0, only: Any = None) -> Mapped:
    horizon = Horizon.read(MONDAY)
    with made.store.reading() as session:
        rows = plan_rows(session, horizon.since, horizon.until, now=made.context.now, only=only)
        return problem_of(
            rows, horizon, parameters.in_force(session, horizon.first), now=made.context.now, tolerance=tolerance,
            keeps_offers=keeps_offers,
        )  # fmt: skip


def ride(world: PlanWorld, duty: Any, request: Any, state: State, pickup: float = 5, handover: float = 6.5) -> None:
    """Let a request ride on a duty, in ``state``, past the steps."""
    request.state = state
    world.session.add(
        Proposal(
            request_id=request.id, duty_id=duty.id, zab_id=duty.zab_id, standing=Standing.LIVE, created_at=NOW,
            updated_at=NOW, pickup_at=hours(pickup), handover_at=hours(handover), on_board_seconds=1,
            direct_seconds=1,
        )
    )  # fmt: skip
    tours.put_on(
        world.session, duty, request, pickup_at=hours(pickup), handover_at=hours(handover), now=NOW
    )  # fmt: skip


def test_a_request_becomes_what_the_row_says(made: Exchange) -> None:
    with made.world() as world:
        world.duty()
        row = world.request(
            needs=["interpreter", "wheelchair"], wheelchairs=1, luggage=2, max_ride_minutes=90, is_separate=True,
            unit="F1", has_night_ground=True,
        )  # fmt: skip
        row.deadline_at = row.pickup_from + timedelta(days=10)
        account = Account(
            organisation=world.abh, login="a", role=Role.ABH, password_hash="x", created_at=NOW, updated_at=NOW
        )
        second = Account(
            organisation=world.abh, login="b", role=Role.ABH, password_hash="x", created_at=NOW, updated_at=NOW
        )
        of_zab = Account(
            organisation=world.essen, login="c", role=Role.ZAB_LEAD, password_hash="x", created_at=NOW, updated_at=NOW
        )
        world.session.add_all([account, second, of_zab])
        world.session.flush()
        world.session.add_all(
            [
                Bar(created_at=NOW, request_id=row.id, zab_id=world.koeln.id, until=None),
                Bar(created_at=NOW, request_id=row.id, zab_id=world.essen.id, until=NOW - timedelta(hours=1)),
                Override(
                    created_at=NOW, request_id=row.id, rule="night_children", reason="x", account_id=account.id,
                    second_id=second.id,
                ),
                # What a ZAB lifted holds for it alone, where it carries the request: not in a run.
                Override(
                    created_at=NOW, request_id=row.id, rule="detour", reason="x", account_id=of_zab.id,
                    second_id=second.id,
                ),
                Override(
                    created_at=NOW, request_id=row.id, rule="gate_of_another_issue", reason="x", account_id=account.id,
                    second_id=second.id,
                ),
            ]
        )  # fmt: skip
    (request,) = mapped(made).instance.requests
    assert request.id == str(row.id)
    assert request.needs == {Need.INTERPRETER, Need.WHEELCHAIR}
    assert (request.wheelchairs, request.luggage, request.max_ride) == (1, 2, 5400)
    assert (request.separate, request.night_ground) == (True, True)
    assert request.deadline_class is DeadlineClass.SOON
    assert request.barred_zabs == {"zab:koeln"}
    assert request.waived == {Rule.NIGHT_CHILDREN}
    assert request.unit == within(row, "F1")
    assert "F1" not in (request.unit or "F1"), "the name that the authority gave is not readable"
    # Local midnight before the day is second 0; 05:00 UTC is 07:00 here.
    assert (request.pickup.earliest, request.pickup.latest) == (86_400 + 7 * 3600, 86_400 + 9 * 3600)
    assert request.pickup.service == request.delivery.service == 1800


def test_what_cannot_be_used_is_not_there(made: Exchange) -> None:
    with made.world() as world:
        usable = world.duty()
        world.duty(is_offered=False)
        world.duty().crew.is_active = False
        world.duty().vehicle.is_active = False
        ill = world.duty()
        cut = world.duty(since=4, until=12)
        world.duty(days=2)
        world.session.add_all(
            [
                Away(created_at=NOW, crew_id=ill.crew_id, starts_at=hours(0), ends_at=hours(24), code="illness"),
                Away(created_at=NOW, vehicle_id=cut.vehicle_id, starts_at=hours(4), ends_at=hours(7), code="workshop"),
            ]
        )
        world.request()
    instance = mapped(made).instance
    assert {duty.id for duty in instance.duties} == {str(usable.id), str(cut.id)}
    shift = next(shift for shift in instance.shifts if shift.id == str(cut.id))
    assert (shift.start, shift.end) == (86_400 + 9 * 3600, 86_400 + 14 * 3600)


def test_promises_are_kept_and_offers_are_published(made: Exchange) -> None:
    with made.world() as world:
        duty, other = world.duty(), world.duty(seats=9)
        promised, offered, waiting = world.request(), world.request(), world.request()
        ride(world, duty, promised, State.CONFIRMED)
        ride(world, other, offered, State.PROPOSED)
    found = mapped(made, tolerance=300)
    (commitment,) = found.instance.commitments
    assert (commitment.duty, commitment.tolerance, commitment.frozen) == (str(duty.id), 300, False)
    assert [promise.start for promise in commitment.promises] == [86_400 + 7 * 3600, 86_400 + 8 * 3600 + 1800]
    assert [(a.request, a.duty) for a in found.instance.published] == [(str(offered.id), str(other.id))]
    assert found.offered == (str(offered.id),)
    assert {request.id for request in found.instance.requests} == {str(r.id) for r in (promised, offered, waiting)}
    kept = mapped(made, keeps_offers=True, tolerance=300)
    assert {c.duty: c.tolerance for c in kept.instance.commitments} == {str(duty.id): 0, str(other.id): 0}
    assert kept.instance.published == ()
    assert kept.offered == found.offered


@pytest.mark.parametrize("state", [State.FROZEN, State.UNDER_WAY])
def test_a_tour_about_to_begin_takes_nobody(made: Exchange, state: State) -> None:
    with made.world() as world:
        duty = world.duty()
        ride(world, duty, world.request(), state)
    (commitment,) = mapped(made).instance.commitments
    assert commitment.frozen


def test_a_promise_whose_crew_is_away_stays_and_takes_nobody(made: Exchange) -> None:
    with made.world() as world:
        duty = world.duty()
        ride(world, duty, world.request(), State.CONFIRMED)
        world.session.add(
            Away(created_at=NOW, crew_id=duty.crew_id, starts_at=hours(0), ends_at=hours(24), code="illness")
        )
    (commitment,) = mapped(made).instance.commitments
    assert commitment.frozen


def test_a_tour_of_the_evening_before_is_there_for_the_rest_alone(made: Exchange) -> None:
    with made.world() as world:
        before = world.duty(days=-1, since=10, until=20)
        rider = world.request(days=-1, pickup=(11, 13), handover=(12, 15))
        ride(world, before, rider, State.PROPOSED, pickup=11 - 24, handover=12.5 - 24)
        world.request()
    found = mapped(made)
    (commitment,) = found.instance.commitments
    assert (commitment.duty, commitment.frozen) == (str(before.id), True)
    assert found.offered == ()


def test_one_odd_row_keeps_nobody_else_from_being_matched(made: Exchange) -> None:
    with made.world() as world:
        world.duty()
        broken = world.duty()
        broken.vehicle.content = {}
        nowhere = world.request(origin="NOWHERE")
        unknown = world.duty(profile="of_nobody")
        good = world.request()
    found = mapped(made)
    assert [request.id for request in found.instance.requests] == [str(good.id)]
    assert {(left.kind, left.id, left.code) for left in found.left_out} == {
        ("duty", str(broken.id), "unreadable"),
        ("duty", str(unknown.id), "unreadable"),
        ("request", str(nowhere.id), "unreadable"),
    }


def test_a_promise_that_cannot_be_kept_is_left_to_people(made: Exchange) -> None:
    with made.world() as world:
        duty = world.duty()
        # From Essen to the airport in a minute.
        ride(world, duty, world.request(), State.CONFIRMED, pickup=5, handover=5.51)
        world.duty()
        good = world.request()
    found = mapped(made)
    assert [(left.id, left.code) for left in found.left_out] == [(str(duty.id), "promise_impossible")]
    assert [request.id for request in found.instance.requests] == [str(good.id)]
    assert str(duty.id) not in {each.id for each in found.instance.duties}


def test_a_bundle_that_reaches_into_other_days_waits_for_a_run_of_both(made: Exchange) -> None:
    with made.world() as world:
        world.duty()
        world.request(bundle="B")
        world.request(bundle="B", days=3)
        inside = [world.request(bundle="C").id, world.request(bundle="C").id]
    assert {r.id for r in mapped(made).instance.requests} == {str(each) for each in inside}
    # Of a bundle all are looked at, also where one was asked for.
    assert {r.id for r in mapped(made, only=[inside[0]]).instance.requests} == {str(each) for each in inside}


def test_a_vehicle_that_comes_late_has_its_window(made: Exchange) -> None:
    with made.world() as world:
        late = world.duty(vehicle_from=hours(6))
        row = world.duty(since=4, until=9, vehicle_to=hours(8))
        world.duty(since=7, until=12, crew=row.crew, vehicle=row.vehicle, vehicle_from=hours(8))
        world.request()
    instance = mapped(made).instance
    windows = {
        duty.id: next(v.availability for v in instance.vehicles if v.id == duty.vehicle) for duty in instance.duties
    }
    assert [(w.earliest, w.latest) for w in windows[str(late.id)]] == [(86_400 + 8 * 3600, 86_400 + 14 * 3600)]
    # Shifts that overlap while the vehicle changes hands: each duty has the vehicle for its own time.
    assert all(len(each) == 1 for each in windows.values())


def test_what_a_zab_took_this_month_weighs_on_it(made: Exchange) -> None:
    from api.db.tables import LedgerEntry
    from api.services.ledger import month_of

    with made.world() as world:
        world.duty()
        month = month_of(hours(5))
        for kind in ("accepted", "accepted", "accepted", "backed_out", "declined_bar"):
            world.session.add(LedgerEntry(created_at=NOW, zab_id=world.essen.id, month=month, kind=kind))
    loads = {zab.id: zab.prior_load for zab in mapped(made).instance.zabs}
    assert loads == {"zab:essen": 2, "zab:koeln": 0}
