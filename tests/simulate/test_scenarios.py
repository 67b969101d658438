"""Each change does what it says, to what it says, and to nothing else."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import pairwise
from typing import Any

import pytest

import data
from optimizer.errors import InvalidValue
from optimizer.granted import StrengthenCrew
from optimizer.model import FOREVER, HOUR, MINUTE, Instance, InstanceIndex, Need, Place, PlaceKind, Window
from optimizer.simulate.changes_demand import AddPlace, CancelFlight, CancelRequests, DelayFlight, ScaleDemand
from optimizer.simulate.changes_fleet import (
    AddVehicles,
    BreakVehicle,
    CloseZab,
    CrewIll,
    MoveShift,
    RemoveVehicle,
    ResizeFleet,
)
from optimizer.simulate.changes_rules import PoolingOff, SecondRoundOff, UseParameters
from optimizer.simulate.edits import days_of, uniform
from optimizer.simulate.sampling import sample
from optimizer.simulate.scenario import Change, Scenario, apply, covering
from optimizer.simulate.sweep import FleetSizes, OneMoreEach
from optimizer.travel import TravelMatrix
from tests import builders as b


@cache
def sampled() -> tuple[Instance, TravelMatrix]:
    return sample(requests=30, duties=8, seed=1)


def day(**fields: Any) -> Instance:
    """Three requests of the pool; P1 and P2 are promised on D1, which begins there, D2 is another duty."""
    requests = (
        b.request("R1"),
        b.request("R2", barred_duties=frozenset({"D1"})),
        b.request("R3", pin="D2", excluded=frozenset({"R1"})),
        b.request("P1", pickup=(1000, 9000), delivery=(1000, 9000), service=(60, 60)),
        b.request("P2", pickup=(1000, 9000), delivery=(1000, 9000), service=(60, 60)),
    )
    promised = b.commitment(
        "D1", ("P1", "pickup", 1000), ("P1", "delivery", 2000), ("P2", "pickup", 5000), ("P2", "delivery", 7000)
    )
    return b.instance(
        *requests,
        **{
            **b.fleet(2, end=10 * HOUR),
            "commitments": (promised,),
            "published": b.published(R1="D1", R2="D2"),
            "horizon_start": "2026-03-02T00:00:00+01:00",
            **fields,
        },
    )


def applied(*changes: Change, to: Instance | None = None) -> Instance:
    return apply(Scenario(id="s", changes=changes), to if to is not None else day())


def pool(instance: Instance) -> set[str]:
    return {request.id for request in InstanceIndex(instance).pool}


def promised(instance: Instance) -> dict[str, str]:
    return InstanceIndex(instance).committed_duty


class TestFleet:
    def test_a_removed_vehicle_takes_its_duty_and_sends_promises_to_the_pool(self) -> None:
        made = applied(RemoveVehicle(vehicle="V1"))
        assert [d.id for d in made.duties] == ["D2"]
        assert [v.id for v in made.vehicles] == ["V2"]
        assert [s.id for s in made.shifts] == ["S2"], "an idle shift is no capacity that a fair share counts"
        assert promised(made) == {}
        assert pool(made) == {"R1", "R2", "R3", "P1", "P2"}
        assert made.published == b.published(R2="D2"), "what no plan can keep is no change"

    def test_what_pointed_to_a_removed_duty_points_nowhere(self) -> None:
        made = InstanceIndex(applied(RemoveVehicle(vehicle="V2"))).request
        assert made["R3"].pin is None
        assert InstanceIndex(applied(RemoveVehicle(vehicle="V1"))).request["R2"].barred_duties == frozenset()

    def test_a_shift_that_two_duties_work_stays_with_the_other(self) -> None:
        instance = day(duties=(b.duty("D1"), b.duty("D2", "S1", "V2")), shifts=(b.shift(),))
        assert [s.id for s in applied(RemoveVehicle(vehicle="V1"), to=instance).shifts] == ["S1"]

    def test_a_vehicle_that_breaks_keeps_what_is_handed_over_by_then(self) -> None:
        made = applied(BreakVehicle(vehicle="V1", at=2060))
        assert promised(made) == {"P1": "D1"}
        assert pool(made) == {"R1", "R2", "R3", "P2"}
        index = InstanceIndex(made)
        assert index.duty["D1"].end_place is None, "it stands where it broke down"
        assert index.duty_window("D1") == Window(earliest=0, latest=2060)
        assert index.duty["D2"] == InstanceIndex(day()).duty["D2"]

    def test_who_is_on_board_when_it_breaks_is_planned_anew(self) -> None:
        assert promised(applied(BreakVehicle(vehicle="V1", at=2059))) == {}
        assert promised(applied(BreakVehicle(vehicle="V1", at=6000))) == {"P1": "D1"}

    def test_a_vehicle_broken_before_its_windows_is_never_there(self) -> None:
        limited = day(vehicles=(b.vehicle(availability=(Window(earliest=5000, latest=9000),)), b.vehicle("V2")))
        made = applied(BreakVehicle(vehicle="V1", at=100), to=limited)
        assert made.vehicles[0].availability == (Window(earliest=-FOREVER, latest=-FOREVER),)
        assert InstanceIndex(made).duty_window("D1") is None

    def test_duties_that_begin_after_the_breakdown_fall_away(self) -> None:
        late = day(shifts=(b.shift(start=3000), b.shift("S2", "C2")), commitments=())
        assert [d.id for d in applied(BreakVehicle(vehicle="V1", at=3000), to=late).duties] == ["D2"]

    def test_an_ill_crew_misses_the_shifts_that_its_illness_touches(self) -> None:
        shifts = (b.shift(end=1000), b.shift("S2", "C1", start=2000, end=3000))
        instance = day(shifts=shifts, commitments=(), published=())
        assert [s.id for s in applied(CrewIll(crew="C1", latest=1500), to=instance).shifts] == ["S2"]
        assert [s.id for s in applied(CrewIll(crew="C1", earliest=1500), to=instance).shifts] == ["S1"]
        assert applied(CrewIll(crew="C1"), to=instance).shifts == ()

    def test_a_moved_shift_releases_what_it_no_longer_covers(self) -> None:
        made = applied(MoveShift(shift="S1", by=3000))
        shift = InstanceIndex(made).shift["S1"]
        assert (shift.start, shift.end) == (3000, 10 * HOUR + 3000)
        assert promised(made) == {"P2": "D1"}
        assert promised(applied(MoveShift(shift="S1", by=1000))) == {"P1": "D1", "P2": "D1"}

    def test_a_closed_zab_works_on_all_other_days(self) -> None:
        shifts = (b.shift(), b.shift("S2", "C2", start=25 * HOUR, end=30 * HOUR))
        instance = day(shifts=shifts, commitments=(), published=())
        assert [s.id for s in applied(CloseZab(zab="Z1", day=1), to=instance).shifts] == ["S1"]
        assert applied(CloseZab(zab="Z1"), to=instance).duties == ()

    def test_another_van_works_as_the_busiest_vehicle_of_its_zab(self) -> None:
        instance, _ = sampled()
        made = applied(AddVehicles(zab="E"), AddVehicles(zab="E", count=2), to=instance)
        index = InstanceIndex(made)
        added = [duty for duty in made.duties if "XD" in duty.id]
        assert [duty.id for duty in added] == ["E-XD1-1", "E-XD2-1", "E-XD3-1"], "twice one more is two more"
        like = index.duty_shift("E-D001")
        for duty in added:
            assert index.duty_vehicle(duty.id).kind == "van"
            assert index.duty_vehicle(duty.id).licence in index.duty_crew(duty.id).licences
            assert (index.duty_shift(duty.id).start, index.duty_shift(duty.id).end) == (like.start, like.end)
            assert duty.start_place == duty.end_place == "ZAB-E"
            assert index.duty_crew(duty.id).officers == index.duty_crew("E-D001").officers
        assert len({index.duty_crew(duty.id).id for duty in added}) == 3, "each has a crew of its own"

    def test_another_van_where_the_zab_has_none_needs_its_working_times(self) -> None:
        instance = applied(ResizeFleet(vehicles=0), to=sampled()[0])
        with pytest.raises(InvalidValue, match="working times"):
            applied(AddVehicles(zab="K"), to=instance)
        worked = Window(earliest=6 * HOUR, latest=16 * HOUR)
        made = applied(AddVehicles(zab="K", shifts=(worked,), preset="minibus"), to=instance)
        assert made.duties[-1].start_place == "ZAB-K"
        assert InstanceIndex(made).duty_window(made.duties[-1].id) == worked

    def test_a_depot_that_the_file_lacks_comes_from_the_shipped_places(self) -> None:
        instance = b.instance(b.request("R1"), zabs=(b.zab("E"), b.zab()))
        worked = (Window(earliest=0, latest=HOUR),)
        made = applied(AddVehicles(zab="E", shifts=worked), to=instance)
        assert [p.id for p in made.places if p.kind is PlaceKind.DEPOT] == ["ZAB-E"]
        with pytest.raises(InvalidValue, match=r"data/places\.csv"):
            applied(AddVehicles(zab="E", shifts=worked, depot="nowhere"), to=instance)
        with pytest.raises(InvalidValue, match="none of the five"):
            applied(AddVehicles(zab="Z2", shifts=worked), to=replace(instance, zabs=(b.zab("Z2"), b.zab())))

    def test_fleets_of_n_are_part_of_fleets_of_more(self) -> None:
        instance, _ = sampled()
        fleets = {n: {v.id for v in applied(ResizeFleet(vehicles=n), to=instance).vehicles} for n in range(13)}
        assert [len(fleets[n]) for n in range(13)] == list(range(13))
        assert all(fleets[n] < fleets[n + 1] for n in range(12))
        assert applied(ResizeFleet(vehicles=8), to=instance) == instance

    def test_a_smaller_fleet_is_spread_as_the_whole(self) -> None:
        instance, _ = sampled()
        by_zab = {z.id: sum(v.zab == z.id for v in instance.vehicles) for z in instance.zabs}
        half = applied(ResizeFleet(vehicles=5), to=instance)
        assert {z: sum(v.zab == z for v in half.vehicles) for z in by_zab} == dict.fromkeys(by_zab, 1)

    def test_a_vehicle_with_promises_goes_last(self) -> None:
        assert [v.id for v in applied(ResizeFleet(vehicles=1)).vehicles] == ["V1"]

    def test_no_fleet_has_no_shares_to_grow_by(self) -> None:
        with pytest.raises(InvalidValue, match="a fleet with duties"):
            applied(ResizeFleet(vehicles=1), to=applied(ResizeFleet(vehicles=0)))


class TestDemand:
    def test_a_late_flight_moves_its_hand_overs_and_no_other(self) -> None:
        instance = b.instance(
            b.request("R1", "A", "DUS", pickup=(100, 200), delivery=(500, 600)),
            b.request("R2", "A", "DUS", pickup=(100, 200), delivery=(5000, 6000)),
            b.request("R3", "A", "FRA", delivery=(500, 600)),
        )
        change = DelayFlight(place="DUS", by=60, handover=Window(earliest=0, latest=1000))
        index = InstanceIndex(applied(change, to=instance)).request
        assert (index["R1"].delivery.earliest, index["R1"].delivery.latest) == (560, 660)
        assert (index["R1"].pickup.earliest, index["R1"].pickup.latest) == (100, 260), "more room, none taken"
        assert [index[r] for r in ("R2", "R3")] == list(instance.requests[1:])
        both = InstanceIndex(applied(DelayFlight(place="DUS", by=-50), to=instance)).request
        assert (both["R1"].pickup.earliest, both["R1"].pickup.latest) == (50, 150), (
            "an earlier flight is left earlier for"
        )
        assert both["R2"].delivery.latest == 5950

    def test_a_promise_against_the_new_window_is_released(self) -> None:
        assert promised(applied(DelayFlight(place="B", by=1500))) == {"P2": "D1"}
        assert promised(applied(DelayFlight(place="B", by=1000))) == {"P1": "D1", "P2": "D1"}

    def test_a_cancelled_flight_takes_everybody_on_it(self) -> None:
        late = Window(earliest=0, latest=9000)
        made = applied(CancelFlight(place="B", handover=late))
        assert {r.id for r in made.requests} == {"R1", "R2", "R3"}
        assert made.commitments == ()
        assert applied(CancelFlight(place="B")).requests == ()

    def test_a_cancelled_request_frees_its_seat_and_nothing_else_changes(self) -> None:
        made = applied(CancelRequests(requests=("P1", "R1")))
        assert promised(made) == {"P2": "D1"}
        assert pool(made) == {"R2", "R3"}
        assert InstanceIndex(made).request["R3"].excluded == frozenset()
        assert made.published == b.published(R2="D2")

    def test_a_bundle_is_cancelled_whole(self) -> None:
        instance = b.instance(b.request("R1", bundle="B"), b.request("R2", bundle="B"), b.request("R3"))
        assert [r.id for r in applied(CancelRequests(requests=("R2",)), to=instance).requests] == ["R3"]

    def test_more_demand_has_the_days_stops_and_synthetic_people(self) -> None:
        instance, _ = sampled()
        made = applied(ScaleDemand(factor=2.0), to=instance)
        added = [r for r in made.requests if r not in instance.requests]
        assert len(added) == len(pool(instance)) == 30
        single = [r for r in InstanceIndex(instance).pool if r.bundle is None]
        stops = {(r.pickup.place, r.delivery) for r in single}
        assert all((r.pickup.place, r.delivery) in stops for r in added)
        assert all(r.rejection is None and not r.barred_zabs and not r.waived for r in added), "nobody's history"
        assert all(r.unit is None or r.unit == f"U{r.id}" for r in added)
        assert {r.deadline_class for r in added} <= {r.deadline_class for r in single}

    def test_people_added_are_drawn_and_not_copied(self) -> None:
        """A day of one family: what is added are other people."""
        instance = replace(day(), requests=(b.request("R1", party=b.FAMILY),), commitments=(), published=())
        made = applied(ScaleDemand(factor=60.0), to=instance)
        parties = {r.party for r in made.requests[1:]}
        assert b.FAMILY not in parties or len(parties) > 1
        assert sum(r.party.size == 1 for r in made.requests[1:]) > 30, "most people travel alone"

    def test_longer_at_the_door_is_fetched_earlier(self) -> None:
        instance = b.instance(b.request("R1", pickup=(0, 30_000), service=(1800, 0)), parameters=data.parameter_set())
        for added in applied(ScaleDemand(factor=80.0), to=instance).requests[1:]:
            needed = data.parameter_set().service.pickup(added.party.size)
            assert added.pickup.service == needed
            assert added.pickup.latest + needed == 31_800

    def test_less_demand_is_part_of_more(self) -> None:
        instance, _ = sampled()
        pools = [pool(applied(ScaleDemand(factor=f, seed=4), to=instance)) for f in (0.0, 0.3, 0.8, 1.0, 1.2, 1.9)]
        assert pools[0] == set()
        assert all(less < more for less, more in pairwise(pools))
        assert [len(p) for p in pools[3:]] == [30, 36, 57]
        assert pool(applied(ScaleDemand(factor=0.5, seed=5), to=instance)) != pool(
            applied(ScaleDemand(factor=0.5, seed=4), to=instance)
        )
        assert promised(applied(ScaleDemand(factor=0.0), to=instance)) == promised(instance)

    def test_demand_scaled_twice_is_scaled_by_the_product(self) -> None:
        instance, _ = sampled()
        made = applied(ScaleDemand(factor=2.0), ScaleDemand(factor=1.5), to=instance)
        assert len(pool(made)) == 90

    def test_nothing_to_draw_from_is_said(self) -> None:
        with pytest.raises(InvalidValue, match="to draw from"):
            applied(ScaleDemand(factor=2.0), to=b.instance(b.request("R1", night_ground=True)))

    def test_a_new_place_fetches_those_who_move_there(self) -> None:
        new = Place(id="NEW", name="Neue Einrichtung", lat=51.5, lon=7.5, kind=PlaceKind.FACILITY)
        instance = replace(day(), nights=(Window(earliest=0, latest=500),))
        made = InstanceIndex(applied(AddPlace(place=new, requests=("R1",)), to=instance))
        assert made.request["R1"].pickup.place == "NEW"
        assert made.request["R2"].pickup.place == "A"
        everybody = InstanceIndex(applied(AddPlace(place=new, share=1.0), to=instance))
        assert {r.pickup.place for r in everybody.pool} == {"NEW"}
        assert everybody.request["P1"].pickup.place == "A", "who is promised is fetched where it was promised"

    def test_who_moves_is_fetched_by_day_and_in_time(self) -> None:
        new = Place(id="NEW", name="Neue Einrichtung", lat=51.5, lon=7.5)
        request = b.request(
            "R1", pickup=(8 * HOUR, 9 * HOUR), delivery=(11 * HOUR, 12 * HOUR), service=(30 * MINUTE, 0)
        )
        instance = b.instance(request, nights=(Window(earliest=0, latest=6 * HOUR),))
        (moved,) = applied(AddPlace(place=new, requests=("R1",)), to=instance).requests
        assert (moved.pickup.earliest, moved.pickup.latest) == (6 * HOUR, 11 * HOUR + 30 * MINUTE)


class TestRules:
    def test_caps_and_weights_change_without_anything_else(self) -> None:
        instance, _ = sampled()
        change = UseParameters(changes={"ride_cap": 9000, "deadline_weights": {"urgent": 9}})
        made = applied(change, to=instance)
        assert made.parameters.ride_cap == 9000
        assert dict(made.parameters.deadline_weights) == {"urgent": 9, "soon": 2, "normal": 1}
        assert made.parameters.id == "nrw-2026-01+"
        assert replace(made, parameters=instance.parameters) == instance

    def test_hand_over_times_reach_the_requests(self) -> None:
        instance, _ = sampled()
        change = UseParameters(changes={"service": {"handover": 1200, "handover_before_departure": 5400}})
        made = applied(change, to=instance)
        airports = {p.id for p in instance.places if p.kind is PlaceKind.AIRPORT}
        by_air = 0
        for before, after in zip(instance.requests, made.requests, strict=True):
            assert after.delivery.service == 1200
            moved = 1800 if before.delivery.place in airports else 0
            by_air += moved > 0
            assert after.delivery.latest - before.delivery.latest == moved
            # Who may be there later may be fetched later, as with a flight that is late.
            assert after.pickup == replace(before.pickup, latest=before.pickup.latest + moved)
        assert by_air > 10

    def test_an_earlier_hand_over_is_left_earlier_for(self) -> None:
        parameters = data.parameter_set()
        request = b.request("R1", "A", "DUS", pickup=(5000, 9000), delivery=(20_000, 23_600), service=(1800, 1800))
        places = (b.place("A"), b.place("DUS", kind=PlaceKind.AIRPORT), b.place("depot"))
        instance = b.instance(request, parameters=parameters, places=places)
        change = UseParameters(changes={"service": {"handover_before_departure": 9000, "handover_window": 1800}})
        (made,) = applied(change, to=instance).requests
        assert (made.delivery.earliest, made.delivery.latest) == (20_000, 21_800)
        assert made.pickup.latest == 7200

    def test_nights_follow_their_hours(self) -> None:
        instance, _ = sampled()
        made = applied(UseParameters(changes={"day_start": 5 * HOUR, "day_end": 22 * HOUR}), to=instance)
        for before, after in zip(instance.nights, made.nights, strict=True):
            assert (after.earliest - before.earliest, after.latest - before.latest) == (HOUR, -HOUR)

    @pytest.mark.parametrize(
        ("fields", "message"),
        [
            ({}, "an id, changes, or both"),
            ({"id": "nrw-1999"}, "nrw-2026-01"),
            ({"changes": {"ride_limit": 1}}, "ride_cap"),
            ({"changes": {"ride_cap": "long"}}, "ride_cap"),
            ({"changes": {"ride_cap": "long"}}, "expected a valid integer"),
            ({"changes": {"ride_cap": -1}}, "0 or more"),
            ({"changes": {"max_wait": -1}}, "0 or more"),
            ({"changes": {"service": {"handover": -1}}}, r"ServiceTimes\.handover"),
            ({"changes": {"working_time": {"max_span": 3600}}}, "a valid array"),
            ({"changes": {"deadline_weights": {"urgent": 0}}}, "weights of 1 to"),
            ({"changes": {"deadline_weights": {"urgent": 10**9}}}, "weights of 1 to"),
            ({"changes": {"strengths": [["load", "warn"]]}}, "stay hard"),
        ],
    )
    def test_values_that_no_set_may_have_are_refused_at_once(self, fields: dict[str, Any], message: str) -> None:
        with pytest.raises(InvalidValue, match=message):
            UseParameters(**fields)

    def test_without_pooling_nobody_new_shares(self) -> None:
        made = InstanceIndex(applied(PoolingOff()))
        assert all(request.separate for request in made.pool)
        assert not any(made.request[r].separate for r in ("P1", "P2"))

    def test_without_a_second_round_no_zab_takes_anybody_new(self) -> None:
        made = applied(SecondRoundOff())
        assert {zab.budget for zab in made.zabs} == {0}
        assert promised(made) == promised(day())

    def test_an_abh_drives_who_needs_nothing_special(self) -> None:
        off = SecondRoundOff()
        assert off.can_drive(b.request("R1"))
        assert not off.can_drive(b.request("R1", needs=frozenset({Need.LYING})))
        assert not off.can_drive(b.request("R1", needs=frozenset({Need.WHEELCHAIR}), wheelchairs=1))
        assert not off.can_drive(b.request("R1", features=frozenset({"cells"})))

    def test_a_share_of_the_abhs_can_drive(self) -> None:
        half = SecondRoundOff(able=0.5, seed=3)
        able = [half.can_drive(b.request(f"R{n}"), draw) for n in range(40) for draw in range(20)]
        assert sum(able) / len(able) == pytest.approx(0.5, abs=0.06)
        both = [half.can_drive(b.request(name, bundle="B"), draw) for draw in range(20) for name in ("R1", "R2")]
        assert both[::2] == both[1::2], "there and back"


class TestComposition:
    def test_changes_are_made_in_their_order(self) -> None:
        closed_then_more = applied(
            CloseZab(zab="E"), AddVehicles(zab="E", shifts=(Window(earliest=0, latest=HOUR),)), to=sampled()[0]
        )
        more_then_closed = applied(
            AddVehicles(zab="E", shifts=(Window(earliest=0, latest=HOUR),)), CloseZab(zab="E"), to=sampled()[0]
        )
        assert sum(d.id.startswith("E-") for d in closed_then_more.duties) == 1
        assert sum(d.id.startswith("E-") for d in more_then_closed.duties) == 0

    def test_one_after_another_is_both_in_one(self) -> None:
        first = Scenario(id="a", title={"de": "eins", "en": "one"}, changes=(ScaleDemand(factor=1.5),))
        second = Scenario(id="b", title={"de": "zwei", "en": "two"}, changes=(CrewIll(crew="E-C001"),))
        both = first.then(second)
        instance, _ = sampled()
        assert apply(both, instance) == apply(second, apply(first, instance))
        assert (both.id, both.told("de"), both.told("en"), both.told("fr")) == (
            "a, b",
            "eins, zwei",
            "one, two",
            "a, b",
        )

    def test_a_key_stands_for_the_changes_alone(self) -> None:
        one = Scenario(id="a", changes=(ScaleDemand(factor=1.5),))
        assert one.key == replace(one, id="b", title={"de": "anders"}).key
        assert one.key != Scenario(id="a", changes=(ScaleDemand(factor=1.6),)).key

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            (AddVehicles(zab="Z9"), r"change 1: add_vehicles\.zab.*Z1.*'Z9'"),
            (RemoveVehicle(vehicle="V9"), "V1, V2"),
            (BreakVehicle(vehicle="V9", at=1), "V1, V2"),
            (CrewIll(crew="C9"), "C1, C2"),
            (MoveShift(shift="S9", by=1), "S1, S2"),
            (CloseZab(zab="Z9"), "Z1"),
            (DelayFlight(place="DUS", by=1), "Hand-overs are at"),
            (CancelFlight(place="B", handover=Window(earliest=1, latest=2)), "ends in 1..2"),
            (CancelRequests(requests=("R1", "R9")), "'R9'"),
            (AddPlace(place=b.place("A")), "no place has yet"),
            (AddPlace(place=b.place("C"), requests=("P1",)), "'P1'"),
        ],
        ids=lambda given: given.kind if hasattr(given, "kind") else "",
    )
    def test_what_is_not_there_is_named_with_what_is(self, change: Change, message: str) -> None:
        with pytest.raises(InvalidValue, match=message):
            applied(change)

    def test_a_day_without_calendar_has_no_days_to_close(self) -> None:
        with pytest.raises(InvalidValue, match="horizon_start"):
            applied(CloseZab(zab="Z1", day=0), to=replace(day(), horizon_start=""))

    @pytest.mark.parametrize(
        "make",
        [
            lambda: AddVehicles(zab="Z1", count=0),
            lambda: AddVehicles(zab="Z1", count=10**6),
            lambda: AddVehicles(zab="Z1", preset="tank"),
            lambda: ResizeFleet(vehicles=-1),
            lambda: ResizeFleet(vehicles=1, preset="tank"),
            lambda: OneMoreEach(preset="tank"),
            lambda: FleetSizes(sizes=(1,), preset="tank"),
            lambda: CloseZab(zab="Z1", day=-1),
            lambda: CloseZab(zab="Z1", day=10**9),
            lambda: CrewIll(crew="C1", earliest=2, latest=1),
            lambda: StrengthenCrew(duty="D1", officers=10**9),
            lambda: CancelRequests(requests=()),
            lambda: ScaleDemand(factor=-0.1),
            lambda: ScaleDemand(factor=1.0, seed=-1),
            lambda: AddPlace(place=b.place("C"), share=1.1),
            lambda: AddPlace(place=b.place("C"), seed=-1),
            lambda: SecondRoundOff(able=2.0),
            lambda: SecondRoundOff(seed=-1),
            lambda: Scenario(id=" "),
        ],
    )
    def test_values_that_mean_nothing_are_refused(self, make: Any) -> None:
        with pytest.raises(InvalidValue):
            make()

    def test_the_snapshot_stays_as_it_is(self) -> None:
        instance, travel = sample(requests=30, duties=8, seed=1)
        matrix = travel.seconds.copy()
        new = Place(id="NEW", name="Neue Einrichtung", lat=51.5, lon=7.5)
        every = (
            AddVehicles(zab="E"), ScaleDemand(factor=1.4), AddPlace(place=new, share=0.5), PoolingOff(),
            SecondRoundOff(), UseParameters(changes={"travel": {"margin_permille": 300}}), CloseZab(zab="K", day=0),
            ResizeFleet(vehicles=4), BreakVehicle(vehicle="UN-V001", at=30_000), DelayFlight(place="DUS", by=600),
        )  # fmt: skip
        made = applied(*every, to=instance)
        covering(instance, travel, made)
        assert instance == sample(requests=30, duties=8, seed=1)[0]
        assert (travel.seconds == matrix).all()


class TestTravel:
    def test_known_pairs_keep_their_times_and_new_ones_are_computed(self) -> None:
        instance, travel = sampled()
        new = Place(id="NEW", name="Neue Einrichtung", lat=51.5, lon=7.5)
        made = applied(AddPlace(place=new, share=0.5), to=instance)
        matrix = covering(instance, travel, made)
        assert matrix.drive("ZAB-E", "DUS") == travel.drive("ZAB-E", "DUS")
        assert matrix.source("ZAB-E", "DUS") == travel.source("ZAB-E", "DUS")
        assert 20 * MINUTE < matrix.drive("NEW", "ZAB-E") < 60 * MINUTE
        assert matrix.source("NEW", "ZAB-E") == "great_circle"
        assert {place.id for place in made.places} <= set(matrix.places)

    def test_nothing_new_is_the_matrix_itself(self) -> None:
        instance, travel = sampled()
        assert covering(instance, travel, applied(PoolingOff(), to=instance)) is travel

    def test_another_margin_scales_the_times(self) -> None:
        instance, travel = sampled()
        made = applied(UseParameters(changes={"travel": {"margin_permille": 265}}), to=instance)
        matrix = covering(instance, travel, made)
        assert matrix.drive("ZAB-E", "DUS") == -(-travel.drive("ZAB-E", "DUS") * 1265 // 1150)
        assert matrix.distance("ZAB-E", "DUS") == travel.distance("ZAB-E", "DUS")


def test_uniform_numbers_are_fixed_and_spread() -> None:
    assert uniform(0, 0, "cancel", "R1") == pytest.approx(0.5, abs=0.5)
    assert uniform(0, 0, "cancel", "R1") == uniform(0, 0, "cancel", "R1")
    numbers = [uniform(1, draw, "cancel", f"R{n}") for draw in range(20) for n in range(50)]
    assert sum(numbers) / len(numbers) == pytest.approx(0.5, abs=0.04)
    assert len(set(numbers)) == len(numbers)


def test_days_of_a_file() -> None:
    assert days_of(sampled()[0]) == 1
    assert days_of(sample(requests=6, duties=6, seed=1, days=3)[0]) == 3
    late = b.instance(b.request("R1", "A", "B", pickup=(FOREVER, FOREVER)), horizon_start="2026-03-02T00:00:00+01:00")
    with pytest.raises(InvalidValue, match="within 10000 days"):
        days_of(late)
