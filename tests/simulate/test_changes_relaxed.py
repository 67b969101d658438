"""What may be granted for one request or one duty; and changes of days that are counted from elsewhere."""

from __future__ import annotations

import pytest

from optimizer.errors import InvalidValue
from optimizer.granted import ExtendShift, StrengthenCrew, WidenWindow
from optimizer.model import HOUR, MINUTE, Instance, InstanceIndex, Window
from optimizer.simulate.changes_demand import CancelFlight, DelayFlight
from optimizer.simulate.changes_fleet import AddVehicles, BreakVehicle, CloseZab, CrewIll, RemoveVehicle
from optimizer.simulate.sampling import sample
from optimizer.simulate.scenario import Change, Scenario, apply

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
    "change",
    [WidenWindow(request="nobody", pickup_later=1), ExtendShift(duty="none", later=1), StrengthenCrew(duty="none")],
)
def test_what_is_not_there_is_refused(day: Instance, change: Change) -> None:
    with pytest.raises(InvalidValue, match="an id that is there"):
        changed(day, change)


def test_a_change_that_changes_nothing_is_refused() -> None:
    with pytest.raises(InvalidValue, match="more than 0"):
        WidenWindow(request="R")
    with pytest.raises(InvalidValue, match="0 or more"):
        ExtendShift(duty="D", earlier=-1, later=2)
    with pytest.raises(InvalidValue, match="1 to 1000"):
        StrengthenCrew(duty="D", officers=0)


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
