"""What may be granted for one request or one duty; and changes of days that are counted from elsewhere."""

from __future__ import annotations

from dataclasses import replace

import pytest

from optimizer.errors import InvalidValue
from optimizer.granted import (
    AddChildSeats,
    AllowChanges,
    AssignFemaleOfficers,
    ExchangeVehicles,
    ExtendAvailability,
    ExtendShift,
    LiftBar,
    MoveDay,
    PartBundle,
    RaiseBudget,
    RecordNightGround,
    ReduceLuggage,
    RefitVehicle,
    ReleasePin,
    ReleaseTour,
    StrengthenCrew,
    SupplyDriver,
    SupplySkills,
    WaiveRule,
    WidenWindow,
)
from optimizer.model import HOUR, MINUTE, Instance, InstanceIndex, Rule, SeatConfiguration, Strength, Window
from optimizer.simulate.changes_demand import CancelFlight, DelayFlight
from optimizer.simulate.changes_fleet import AddVehicles, BreakVehicle, CloseZab, CrewIll, RemoveVehicle
from optimizer.simulate.sampling import sample
from optimizer.simulate.scenario import Change, Scenario, apply
from tests.builders import commitment

DAY = 24 * HOUR


@pytest.fixture(scope="module")
def day() -> Instance:
    return sample(requests=4, duties=3, seed=2)[0]


def changed(day: Instance, change: Change) -> InstanceIndex:
    return InstanceIndex(apply(Scenario(id="s", changes=(change,)), day))


def test_a_window_is_wider_on_its_sides_and_nobody_elses_is(day: Instance) -> None:
    first, *others = day.requests
    made = changed(day, WidenWindow(request=first.id, pickup_earlier=20 * MINUTE, handover_later=HOUR))
    now = made.request[first.id]
    assert (now.pickup.earliest, now.pickup.latest) == (first.pickup.earliest - 20 * MINUTE, first.pickup.latest)
    assert (now.delivery.earliest, now.delivery.latest) == (first.delivery.earliest, first.delivery.latest + HOUR)
    assert [made.request[each.id] for each in others] == others


def test_no_window_begins_before_the_horizon(day: Instance) -> None:
    first = day.requests[0]
    assert changed(day, WidenWindow(request=first.id, pickup_earlier=9 * DAY)).request[first.id].pickup.earliest == 0


def test_a_shift_is_longer_on_its_sides(day: Instance) -> None:
    duty = day.duties[0].id
    before = InstanceIndex(day).duty_shift(duty)
    after = changed(day, ExtendShift(duty=duty, earlier=HOUR, later=MINUTE)).duty_shift(duty)
    assert (after.start, after.end) == (before.start - HOUR, before.end + MINUTE)


def test_an_officer_more_is_a_head_more(day: Instance) -> None:
    duty = day.duties[0].id
    before = InstanceIndex(day).duty_crew(duty)
    after = changed(day, StrengthenCrew(duty=duty, officers=2)).duty_crew(duty)
    assert (after.heads, after.officers) == (before.heads + 2, before.officers + 2)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (WidenWindow(request="nobody", pickup_later=1), "request"),
        (MoveDay(request="nobody", days=1), "request"),
        (RecordNightGround(request="nobody"), "request"),
        (ReduceLuggage(request="nobody"), "request"),
        (PartBundle(request="nobody"), "request"),
        (ExtendShift(duty="none", later=1), "duty"),
        (ExtendAvailability(duty="none", later=1), "duty"),
        (LiftBar(request="nobody", duty="none"), "request"),
        (LiftBar(request="R0001", duty="none"), "duty"),
        (ReleaseTour(duty="none"), "duty"),
        (WaiveRule(request="nobody", rule=Rule.RIDE_TIME), "request"),
        (RaiseBudget(zab="none"), "zab"),
        (AddChildSeats(request="R0001", duty="none"), "duty"),
        (RefitVehicle(duty="none", configuration=SeatConfiguration(seats=9)), "duty"),
        (StrengthenCrew(duty="none"), "duty"),
        (AssignFemaleOfficers(duty="none"), "duty"),
        (SupplySkills(request="R0001", duty="none"), "duty"),
        (SupplyDriver(duty="none"), "duty"),
        (ExchangeVehicles(duty="none", vehicle="none"), "duty"),
        (ReleasePin(request="nobody"), "request"),
    ],
)
def test_what_is_not_there_is_refused_at_its_field(day: Instance, change: Change, field: str) -> None:
    with pytest.raises(InvalidValue, match=rf"change 1: {change.kind}\.{field}: expected an id that is there"):
        changed(day, change)


def test_a_vehicle_that_is_not_there_is_refused(day: Instance) -> None:
    with pytest.raises(InvalidValue, match=r"exchange_vehicles\.vehicle: expected an id that is there"):
        changed(day, ExchangeVehicles(duty=day.duties[0].id, vehicle="none"))


def test_another_day_is_one_of_the_horizon_and_takes_a_promise_back(day: Instance) -> None:
    first = day.requests[0]
    index = InstanceIndex(day)
    moved = changed(day, MoveDay(request=first.id, days=2)).request[first.id]
    assert moved.pickup.earliest == first.pickup.earliest + 2 * DAY
    assert moved.delivery.latest == first.delivery.latest + 2 * DAY
    with pytest.raises(InvalidValue, match=r"move_day\.days: expected a day that is not before the first"):
        changed(day, MoveDay(request=first.id, days=-9))
    promised = commitment(
        day.duties[0].id, (first.id, "pickup", first.pickup.latest), (first.id, "delivery", first.delivery.latest)
    )
    assert first.id not in index.committed_duty
    known = replace(day, commitments=(promised,))
    assert first.id in InstanceIndex(known).committed_duty
    assert first.id not in changed(known, MoveDay(request=first.id, days=1)).committed_duty


def test_vehicles_are_exchanged_only_where_both_are_on_the_road(day: Instance) -> None:
    one, other = day.duties[0], next(each for each in day.duties if each.vehicle != day.duties[0].vehicle)
    after = changed(day, ExchangeVehicles(duty=one.id, vehicle=other.vehicle))
    before = InstanceIndex(day)
    met = before.duty_shift(one.id).start < before.duty_shift(other.id).end
    met = met and before.duty_shift(other.id).start < before.duty_shift(one.id).end
    assert after.duty[one.id].vehicle == other.vehicle
    assert after.duty[other.id].vehicle == (one.vehicle if met else other.vehicle)


def test_limits_grow_only_where_there_are_some(day: Instance) -> None:
    zab = day.zabs[0]
    limited = replace(day, zabs=(replace(zab, budget=2), *day.zabs[1:]), change_budget=1)
    assert changed(limited, RaiseBudget(zab=zab.id, by=3)).zab[zab.id].budget == 5
    assert changed(limited, AllowChanges(by=2)).instance.change_budget == 3
    assert changed(day, RaiseBudget(zab=zab.id)).zab[zab.id].budget is None
    assert changed(day, AllowChanges()).instance.change_budget is None


def test_a_change_that_changes_nothing_is_refused() -> None:
    with pytest.raises(InvalidValue, match="more than 0"):
        WidenWindow(request="R")
    with pytest.raises(InvalidValue, match="0 or more"):
        ExtendShift(duty="D", earlier=-1, later=2)
    with pytest.raises(InvalidValue, match="1 to 1000"):
        StrengthenCrew(duty="D", officers=0)
    with pytest.raises(InvalidValue, match="with a minus for days earlier"):
        MoveDay(request="R", days=0)
    with pytest.raises(InvalidValue, match="a rule that an exception may lift"):
        WaiveRule(request="R", rule=Rule.WINDOW)


def test_what_a_request_does_not_have_cannot_be_taken_from_it(day: Instance) -> None:
    first = replace(day.requests[0], luggage=1, bundle=None)
    day = replace(day, requests=(first, *day.requests[1:]))
    assert changed(day, ReduceLuggage(request=first.id)).request[first.id].luggage == 0
    with pytest.raises(InvalidValue, match="no more pieces than the request has"):
        changed(day, ReduceLuggage(request=first.id, pieces=2))
    with pytest.raises(InvalidValue, match="a request of a bundle"):
        changed(day, PartBundle(request=first.id))


def test_an_exception_needs_a_parameter_set_that_leaves_the_rule_to_one(day: Instance) -> None:
    first = day.requests[0].id
    assert Rule.RIDE_TIME in changed(day, WaiveRule(request=first, rule=Rule.RIDE_TIME)).request[first].waived
    hard = replace(day.parameters, strengths=((Rule.RIDE_TIME, Strength.HARD),))
    with pytest.raises(InvalidValue, match="that the parameter set leaves to an exception"):
        changed(replace(day, parameters=hard), WaiveRule(request=first, rule=Rule.RIDE_TIME))


@pytest.mark.parametrize(
    ("change", "later"),
    [
        (BreakVehicle(vehicle="V", at=HOUR), BreakVehicle(vehicle="V", at=DAY + HOUR)),
        (CrewIll(crew="C", earliest=HOUR), CrewIll(crew="C", earliest=DAY + HOUR)),
        (CloseZab(zab="E", day=0), CloseZab(zab="E", day=1)),
        (CloseZab(zab="E"), CloseZab(zab="E")),
        (
            DelayFlight(place="DUS", by=HOUR, handover=Window(earliest=0, latest=HOUR)),
            DelayFlight(place="DUS", by=HOUR, handover=Window(earliest=DAY, latest=DAY + HOUR)),
        ),
        (CancelFlight(place="DUS"), CancelFlight(place="DUS")),
        (
            AddVehicles(zab="E", shifts=(Window(earliest=HOUR, latest=9 * HOUR),)),
            AddVehicles(zab="E", shifts=(Window(earliest=DAY + HOUR, latest=DAY + 9 * HOUR),)),
        ),
        (RemoveVehicle(vehicle="V"), RemoveVehicle(vehicle="V")),
    ],
)
def test_times_follow_a_horizon_that_begins_earlier(change: Change, later: Change) -> None:
    assert Scenario(id="s", changes=(change,)).counted_from(DAY, 1) == Scenario(id="s", changes=(later,))
