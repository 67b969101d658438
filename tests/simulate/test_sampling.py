from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import replace
from datetime import date
from functools import cache

import pytest

import data
from optimizer.errors import InvalidValue
from optimizer.io.json import dump_instance
from optimizer.model import CaseType, Instance, InstanceIndex, Need, PlaceKind, Sex, Solution, Strength
from optimizer.model.people import AgeBand
from optimizer.simulate.sampling import sample, sample_with_tours
from optimizer.simulate.sampling_demand import Demand, Supply
from optimizer.travel import TravelMatrix
from optimizer.verify import check


@cache
def big() -> tuple[Instance, TravelMatrix, Solution]:
    return sample_with_tours(requests=4000, duties=600, seed=11)


def share(numbers: list[bool]) -> float:
    return sum(numbers) / len(numbers)


def text(*, requests: int, duties: int, seed: int) -> str:
    return dump_instance(*sample(requests=requests, duties=duties, seed=seed))


class TestSameSeed:
    def test_same_arguments_give_the_same_bytes(self) -> None:
        assert text(requests=60, duties=12, seed=5) == text(requests=60, duties=12, seed=5)

    def test_another_seed_gives_another_day(self) -> None:
        assert text(requests=60, duties=12, seed=5) != text(requests=60, duties=12, seed=6)

    def test_pool_does_not_depend_on_the_fleet(self) -> None:
        few, many = (sample(requests=50, duties=duties, seed=3)[0] for duties in (0, 60))
        assert InstanceIndex(few).pool == InstanceIndex(many).pool

    def test_more_requests_keep_the_first_ones(self) -> None:
        few, many = (InstanceIndex(sample(requests=n, duties=0, seed=3)[0]).pool for n in (20, 60))
        # Exclusions name later requests and the last unit may be cut: all else stays.
        assert [replace(r, excluded=frozenset()) for r in few[:18]] == [
            replace(r, excluded=frozenset()) for r in many[:18]
        ]

    def test_pool_of_a_fixed_seed(self) -> None:
        """The stream may not change unnoticed: benchmarks compare runs of the same seed."""
        instance, _ = sample(requests=40, duties=8, seed=1)
        told = [
            f"{r.id} {r.pickup.place} {r.delivery.place} {r.pickup.earliest} {r.delivery.latest}"
            for r in instance.requests
        ]
        assert hashlib.sha256("\n".join(told).encode()).hexdigest()[:16] == "ff48fc68adb0abb1"


class TestNumbers:
    @pytest.mark.parametrize(
        ("requests", "duties", "days"), [(0, 0, 1), (1, 0, 1), (1, 1, 1), (7, 3, 2), (40, 8, 1), (90, 31, 7)]
    )
    def test_as_many_as_asked_for(self, requests: int, duties: int, days: int) -> None:
        instance, travel = sample(requests=requests, duties=duties, seed=2, days=days)
        index = InstanceIndex(instance)
        assert len(index.pool) == requests
        assert len(instance.duties) == duties
        assert [r.id for r in index.pool] == [f"R{i:04d}" for i in range(1, requests + 1)]
        assert travel.places == tuple(p.id for p in instance.places)

    @pytest.mark.parametrize("wrong", [{"requests": -1}, {"duties": -1}, {"seed": -1}, {"days": 0}])
    def test_senseless_numbers_are_refused(self, wrong: dict[str, int]) -> None:
        numbers = {"requests": 1, "duties": 1, "seed": 1, "days": 1} | wrong
        requests, duties, seed, days = numbers.values()
        with pytest.raises(InvalidValue, match="requests, duties, seed"):
            sample(requests=requests, duties=duties, seed=seed, days=days)

    def test_only_used_places_have_travel_times(self) -> None:
        instance, _ = sample(requests=10, duties=3, seed=4)
        used = {s.place for r in instance.requests for s in (r.pickup, r.delivery)} | {
            d.start_place for d in instance.duties
        }
        assert {p.id for p in instance.places} == used


class TestPromises:
    @pytest.mark.parametrize(
        ("requests", "duties", "days", "start"),
        [(200, 40, 1, date(2026, 3, 2)), (120, 210, 7, date(2026, 3, 23)), (120, 210, 7, date(2026, 10, 19))],
    )
    def test_planned_tours_keep_every_rule(self, requests: int, duties: int, days: int, start: date) -> None:
        instance, travel, tours = sample_with_tours(requests=requests, duties=duties, seed=8, days=days, start=start)
        broken = [v for v in check(instance, travel, tours) if v.strength is not Strength.WARN]
        assert broken == []
        assert len(instance.commitments) == len(tours.tours) > 0.35 * duties

    def test_half_of_the_vehicles_hold_a_promise(self) -> None:
        instance, _, tours = big()
        held = {InstanceIndex(instance).duty_vehicle(tour.duty).id for tour in tours.tours}
        assert len(held) / len(instance.vehicles) == pytest.approx(0.5, abs=0.02)

    def test_one_or_two_rides_and_both_tolerances(self) -> None:
        instance, _, _ = big()
        assert {len(c.promises) for c in instance.commitments} == {2, 4}
        assert {c.tolerance for c in instance.commitments} == {0, 600}

    def test_some_requests_wait_at_the_door_of_a_promised_ride(self) -> None:
        instance, _, _ = big()
        index = InstanceIndex(instance)
        promised = {
            (r.pickup.place, r.delivery.place, r.delivery.latest)
            for r in map(index.request.get, index.committed_duty)
            if r
        }
        assert sum((r.pickup.place, r.delivery.place, r.delivery.latest) in promised for r in index.pool) > 20


class TestWindows:
    def test_pickup_reaches_the_handover(self) -> None:
        instance, travel, _ = big()
        for r in instance.requests:
            drive = travel.drive(r.pickup.place, r.delivery.place)
            assert r.pickup.earliest + r.pickup.service + drive <= r.delivery.latest, r.id

    def test_no_night_pickup_without_ground_and_none_with_children(self) -> None:
        instance, _, _ = big()
        pool = InstanceIndex(instance).pool
        for r in pool:
            assert r.night_ground == (r.pickup.latest < 6 * 3600), r.id
            assert r.night_ground or r.pickup.earliest >= 6 * 3600, r.id
            assert not (r.night_ground and r.party.has_children)
        assert 0.001 < share([r.night_ground for r in pool]) < 0.03

    def test_scheduled_flights_are_handed_over_for_one_hour(self) -> None:
        instance, _, _ = big()
        flights = [r for r in instance.requests if r.delivery.place in {a.iata for a in data.airports()}]
        assert {r.delivery.latest - r.delivery.earliest for r in flights} == {3600}

    def test_bundles_are_presentations_out_and_back(self) -> None:
        instance, travel, _ = big()
        index = InstanceIndex(instance)
        pairs = [unit for unit in index.units if len(unit) > 1]
        assert pairs
        for out, back in ([index.request[r] for r in pair] for pair in pairs):
            assert out.case_type is CaseType.EMBASSY
            assert (out.pickup.place, out.delivery.place) == (back.delivery.place, back.pickup.place)
            assert out.delivery.latest < back.pickup.earliest
            assert (
                back.pickup.earliest + back.pickup.service + travel.drive(back.pickup.place, back.delivery.place)
                <= back.delivery.latest
            )


class TestShares:
    """Tolerances are about four standard deviations of 4,000 draws."""

    def test_units_and_people(self) -> None:
        pool = InstanceIndex(big()[0]).pool
        sizes = Counter(min(r.party.size, 6) for r in pool)
        for size, percent in {1: 79, 2: 8, 3: 5, 4: 4, 5: 2.5, 6: 1.5}.items():
            assert sizes[size] / len(pool) == pytest.approx(percent / 100, abs=0.03 if size == 1 else 0.018)
        adults = Counter[Sex]()
        for r in pool:
            adults.update({g.sex: g.count for g in r.party.groups if g.age is AgeBand.ADULT})
        assert adults[Sex.MALE] / adults.total() == pytest.approx(0.74, abs=0.025)

    def test_where_from(self) -> None:
        instance = big()[0]
        index = InstanceIndex(instance)
        origin = [index.place[r.pickup.place] for r in index.pool if r.case_type is not CaseType.EMBASSY]
        assert share([p.kind is PlaceKind.TOWN for p in origin]) == pytest.approx(0.50, abs=0.035)
        assert share([p.kind is PlaceKind.FACILITY for p in origin]) == pytest.approx(0.27, abs=0.035)
        assert share([p.id == "UFA-BUEREN" for p in origin]) == pytest.approx(0.20, abs=0.03)
        assert share([p.id.startswith("JVA") for p in origin]) == pytest.approx(0.03, abs=0.015)
        free = [p.ags[:3] for p in origin if p.kind in {PlaceKind.TOWN, PlaceKind.FACILITY}]
        for prefix, percent in {"051": 29, "053": 25, "059": 20, "055": 15, "057": 11}.items():
            assert free.count(prefix) / len(free) == pytest.approx(percent / 100, abs=0.035), prefix

    def test_where_to(self) -> None:
        pool = InstanceIndex(big()[0]).pool
        iata = {a.iata for a in data.airports()}
        flights = [r.delivery.place for r in pool if r.delivery.place in iata]
        assert len(flights) / len(pool) == pytest.approx(0.86, abs=0.03)
        groups = {
            ("DUS",): 65,
            ("FRA",): 17,
            ("CGN",): 4,
            ("HAM", "BER", "MUC", "HAJ", "LEJ"): 12,
            ("DTM", "FMO", "NRN", "PAD"): 2,
        }
        for airports, percent in groups.items():
            assert sum(flights.count(a) for a in airports) / len(flights) == pytest.approx(percent / 100, abs=0.035), (
                airports
            )
        assert share([r.case_type is CaseType.DUBLIN for r in pool]) == pytest.approx(0.26, abs=0.03)

    def test_needs(self) -> None:
        pool = InstanceIndex(big()[0]).pool
        for need, percent in {Need.WHEELCHAIR: 1, Need.DOCTOR: 2.5, Need.INTERPRETER: 40, Need.LYING: 0.2}.items():
            assert share([need in r.needs for r in pool]) == pytest.approx(
                percent / 100, abs=0.035 if percent > 10 else 0.01
            ), need

    def test_departures_that_daylight_reaches(self) -> None:
        """Hours are drawn as stated; what a daytime pick-up cannot reach then moves to later in the day."""
        pool = InstanceIndex(big()[0]).pool
        flights = [r for r in pool if r.delivery.place == "DUS"]
        hours = [(r.delivery.latest + 7200) / 3600 for r in flights]
        assert share([h < 9 for h in hours]) < 0.15
        assert share([9 <= h < 12 for h in hours]) > 0.3
        assert share([h >= 16 for h in hours]) < 0.25

    def test_rejections_are_coded_and_some_bar_the_zab(self) -> None:
        pool = InstanceIndex(big()[0]).pool
        assert all(r.rejection is not None and r.barred_zabs <= {r.rejection.by} for r in pool)
        assert share([bool(r.barred_zabs) for r in pool]) == pytest.approx(0.25, abs=0.03)
        assert share([r.separate for r in pool]) == pytest.approx(0.016, abs=0.01)
        assert share([bool(r.excluded) for r in pool]) == pytest.approx(0.01, abs=0.008)

    def test_weekdays(self) -> None:
        pool = InstanceIndex(sample(requests=4000, duties=0, seed=2, days=7)[0]).pool
        days = Counter(r.pickup.earliest // 86400 for r in pool)
        for day, percent in enumerate((20, 24, 23, 21, 10, 1, 1)):
            assert days[day] / len(pool) == pytest.approx(percent / 100, abs=0.035)
        dublin = Counter(r.pickup.earliest // 86400 for r in pool if r.case_type is CaseType.DUBLIN)
        assert sum(dublin[day] for day in range(4)) / dublin.total() > 0.95


class TestFleet:
    def test_shares_of_the_zabs_and_kinds(self) -> None:
        instance = big()[0]
        number = len(instance.vehicles)
        zabs = Counter(v.zab for v in instance.vehicles)
        real = Counter(v.zab for v in data.fleet().vehicles)
        for zab, vehicles in real.items():
            assert zabs[zab] / number == pytest.approx(vehicles / real.total(), abs=0.01)
        kinds = Counter(v.kind for v in instance.vehicles)
        assert kinds["van"] / number == pytest.approx(0.64, abs=0.08)
        assert set(kinds) == {"van", "car", "prisoner_transporter", "wheelchair_van", "minibus"}

    def test_any_five_vehicles_hold_one_for_wheelchairs(self) -> None:
        for seed in range(5):
            assert "wheelchair_van" in {v.kind for v in sample(requests=1, duties=8, seed=seed)[0].vehicles}

    def test_shifts_of_ten_hours_from_early_on(self) -> None:
        instance = big()[0]
        assert {s.end - s.start for s in instance.shifts} == {36000}
        index = InstanceIndex(instance)
        first_by_vehicle: dict[str, int] = {}
        for duty in instance.duties:
            first_by_vehicle.setdefault(duty.vehicle, index.duty_shift(duty.id).start)
        hours = [start / 3600 for start in first_by_vehicle.values()]
        assert min(hours) >= 4.5
        assert max(hours) <= 10.5
        assert share([h < 7.25 for h in hours]) > 0.5

    def test_crews_drive_their_vehicles(self) -> None:
        instance = big()[0]
        index = InstanceIndex(instance)
        for duty in instance.duties:
            crew, vehicle = index.duty_crew(duty.id), index.duty_vehicle(duty.id)
            assert vehicle.licence in crew.licences
            assert crew.zab == vehicle.zab
            assert crew.officers == crew.heads in {2, 3}
            assert max(c.seats for c in vehicle.configurations) > crew.heads
        assert share([c.female_officers > 0 for c in instance.crews]) > 0.7

    def test_shares_can_be_set(self) -> None:
        instance, _ = sample(
            requests=50,
            duties=20,
            seed=1,
            demand=Demand(by_air=0.0),
            supply=Supply(committed=0.0, kinds=(("coach", 1),)),
        )
        assert not instance.commitments
        assert {v.kind for v in instance.vehicles} == {"coach", "wheelchair_van"}
        assert all(
            not r.delivery.place.isalpha() or len(r.delivery.place) != 3 or r.case_type is CaseType.DUBLIN
            for r in instance.requests
        )
