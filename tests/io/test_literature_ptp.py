"""Patient transportation files: read as the authors' own model has it, refused field by field."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from optimizer.errors import InputProblem, InputRejected
from optimizer.io.problem import Problem
from optimizer.io.ptp import parse_ptp, read_ptp
from optimizer.model import Rule, Stage, VisitKind
from optimizer.model.units import MINUTE
from optimizer.verify import check, is_feasible, objective
from tests.builders import TourBuilder, plan

FOLDER = Path(__file__).parents[2].parent / "shared" / "instances" / "ptp"


def at(clock: str) -> int:
    hours, minutes = clock.split(":")
    return (int(hours) * 60 + int(minutes)) * MINUTE


def document() -> dict[str, Any]:
    """Depot 0, hospital 1, homes 2 and 3 on a line, 10 minutes apart in this order."""
    return {
        "version": "0.3",
        "id": 1,
        "name": "tiny",
        "coordType": "Eucl",
        "sameVehicleBackward": False,
        "maxWaitTime": "00h30",
        "places": [{"id": i, "lat": 0.5 * i, "long": -200.0, "category": c} for i, c in enumerate((1, 0, 2, 2))],
        "vehicles": [
            {
                "id": 7,
                "canTake": [0, 2],
                "start": 0,
                "end": 0,
                "capacity": 3,
                "availability": ["07h00:11h00", "13h00:20h00"],
            },
            {"id": 8, "canTake": [1], "start": -1, "end": -1, "capacity": 1, "availability": ["07h00:20h00"]},
        ],
        "patients": [
            patient(4, 2, 1, 2, rdv="09h00", duration="01h00"),
            patient(5, 3, 1, -1, rdv="08h58"),
            patient(6, -1, 1, 3, rdv="09h00", duration="05h00", category=2, load=2),
        ],
        "distMatrix": [[10 * abs(i - j) for j in range(4)] for i in range(4)],
    }


def patient(number: int, start: int, destination: int, end: int, *, rdv: str, **fields: Any) -> dict[str, Any]:
    return {
        "id": number,
        "category": fields.get("category", 0),
        "load": fields.get("load", 1),
        "start": start,
        "destination": destination,
        "end": end,
        "rdvTime": rdv,
        "rdvDuration": fields.get("duration", "00h10"),
        "srvDuration": fields.get("service", "00h02"),
    }


def read(changed: dict[str, Any]) -> Problem:
    return parse_ptp(json.dumps(changed), "p.json")


def refused(changed: dict[str, Any]) -> list[InputProblem]:
    with pytest.raises(InputRejected) as caught:
        read(changed)
    return list(caught.value.problems)


def test_the_fields_mean_what_the_specification_says() -> None:
    made = read(document()).instance
    assert made.stages == (Stage.SERVED,)
    assert not made.serve_all
    requests = {r.id: r for r in made.requests}
    assert list(requests) == ["4:outward", "4:return", "5:outward", "6:return"]
    assert [requests[r].bundle for r in requests] == ["4", "4", None, None]
    assert {r.weight for r in made.requests} == {1}
    out, back = requests["4:outward"], requests["4:return"]
    assert (out.pickup.place, out.delivery.place, back.pickup.place, back.delivery.place) == ("2", "1", "1", "2")
    # Outward: on from 09:00 - 0:30, off over by 09:00. Return: on from 10:00, off begun by 10:30.
    assert (out.pickup.earliest, out.delivery.latest) == (at("8:30"), at("8:58"))
    assert (back.pickup.earliest, back.delivery.latest) == (at("10:00"), at("10:30"))
    assert {s.service for r in made.requests for s in (r.pickup, r.delivery)} == {2 * MINUTE}
    assert requests["6:return"].load == 2
    assert requests["6:return"].features == {"cat:2"}


def test_a_vehicle_has_a_duty_for_each_availability_window() -> None:
    made = read(document()).instance
    assert [d.id for d in made.duties] == ["7:0", "7:1", "8:0"]
    assert [d.vehicle for d in made.duties] == ["7", "7", "8"]
    assert [(d.start_place, d.end_place) for d in made.duties] == [("0", "0"), ("0", "0"), (None, None)]
    assert [(s.start, s.end) for s in made.shifts[:2]] == [(at("7:00"), at("11:00")), (at("13:00"), at("20:00"))]
    assert made.vehicles[0].features == {"cat:0", "cat:2"}


def test_a_plan_by_hand_uses_both_windows_of_a_vehicle() -> None:
    made = read(document())
    morning = TourBuilder(made.instance, made.travel, "7:0", leave=at("8:00"))
    morning.pickup("5:outward").pickup("4:outward").delivery("4:outward").delivery("5:outward")
    morning.pickup("4:return").delivery("4:return")
    afternoon = TourBuilder(made.instance, made.travel, "7:1", leave=at("13:50")).ride("6:return")
    first, second = morning.build(), afternoon.build()
    # 8:30 on at 3, 8:42 on at 2, 8:54 off at 1, 8:56 off at 1 and over at 8:58, which is the last moment for patient 5.
    starts = [visit.start for visit in first.visits[1:5]]
    assert starts == [at("8:30"), at("8:42"), at("8:54"), at("8:56")]
    assert check(made.instance, made.travel, plan(first, second)) == []
    terms = objective(made.instance, made.travel, plan(first, second))
    assert terms.served == 3
    assert made.units.cost(terms.cost) == 30 + 10 + 10 + 10 + 20 + 10 + 20 + 30


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        (lambda d: d["patients"][1].update(rdvTime="08h57"), Rule.WINDOW),
        (lambda d: d["patients"][0].update(srvDuration="00h03"), Rule.WINDOW),
        (lambda d: d["patients"][1].update(load=3), Rule.LOAD),
        (lambda d: d["patients"][1].update(category=1), Rule.VEHICLE_FEATURES),
        (lambda d: d["vehicles"][0].update(availability=["07h00:10h30"]), Rule.SHIFT_SPAN),
    ],
)
def test_each_limit_of_the_file_is_a_rule_of_the_checker(change: Callable[[dict[str, Any]], None], rule: Rule) -> None:
    changed = document()
    change(changed)
    made = read(changed)
    tour = TourBuilder(made.instance, made.travel, "7:0", leave=at("8:00"))
    tour.pickup("5:outward").pickup("4:outward").delivery("4:outward").delivery("5:outward").ride("4:return")
    assert rule in {v.rule for v in check(made.instance, made.travel, plan(tour.build()))}


def test_one_trip_of_two_is_not_enough() -> None:
    made = read(document())
    tour = TourBuilder(made.instance, made.travel, "7:0", leave=at("8:00")).ride("4:outward").build()
    assert [v.rule for v in check(made.instance, made.travel, plan(tour))] == [Rule.BUNDLE]


@pytest.mark.parametrize(
    ("rdv", "wait", "service"), [("09h00", "00h10", "00h20"), ("00h05", "00h30", "00h10"), ("00h00", "00h00", "00h01")]
)
def test_an_appointment_that_leaves_no_time_is_impossible_but_no_error(rdv: str, wait: str, service: str) -> None:
    changed = document()
    changed["maxWaitTime"] = wait
    changed["patients"] = [patient(1, 2, 1, -1, rdv=rdv, service=service)]
    changed["vehicles"][1].update(canTake=[0], availability=["00h00:20h00"])
    made = read(changed)
    earliest = made.instance.requests[0].pickup.earliest
    tour = TourBuilder(made.instance, made.travel, "8:0").pickup("1:outward", at=earliest).delivery("1:outward").build()
    assert {v.rule for v in check(made.instance, made.travel, plan(tour))} == {Rule.WINDOW}


def test_times_are_told_in_minutes() -> None:
    units = read(document()).units
    assert units.time(at("8:30")) == 510.0
    assert units.to_seconds(510.25) == 30615
    assert units.stop_nodes["4:return", VisitKind.DELIVERY] == 2
    assert units.place_nodes["0"] == 0


@pytest.mark.parametrize(
    ("change", "column", "expected"),
    [
        (lambda d: d.update(sameVehicleBackward=True), "sameVehicleBackward", "false"),
        (lambda d: d.pop("sameVehicleBackward"), "sameVehicleBackward", "this field"),
        (lambda d: d.update(maxWaitTime="30"), "maxWaitTime (time)", "HHhMM"),
        (lambda d: d.update(maxWaitTime=30), "maxWaitTime (time)", "HHhMM"),
        (lambda d: d.update(maxWaitTime="00h75"), "maxWaitTime (time)", "HHhMM"),
        (lambda d: d.update(comment="x"), "comment", "no such field"),
        (lambda d: d["places"][2].update(id=9), "places[2].id", "2, its position"),
        (lambda d: d["vehicles"][1].update(id=7), "vehicles", "different ids"),
        (lambda d: d["vehicles"][0].update(capacity=0), "vehicles[0: 7].capacity", "greater than or equal to 1"),
        (lambda d: d["vehicles"][0].update(start=4), "vehicles[0: 7].start", "a place 0 to 3 or -1"),
        (lambda d: d["vehicles"][0].update(availability=["07h00"]), "vehicles[0: 7].availability[0]", "HHhMM:HHhMM"),
        (lambda d: d["vehicles"][0].update(availability=["09h00:08h00"]), "availability[0] (Window)", "earliest <="),
        (lambda d: d["vehicles"][0].update(availability=["09h00:09h00"]), "availability[0] (window)", "some time"),
        (
            lambda d: d["vehicles"][0].update(availability=["07h00:09h00", "08h00:12h00"]),
            "vehicles[0: 7].availability",
            "windows that do not overlap",
        ),
        (lambda d: d["patients"][0].update(destination=-1), "patients[0: 4].destination", "a place 0 to 3"),
        (lambda d: d["patients"][0].update(load=-1), "patients[0: 4].load", "greater than or equal to 0"),
        (lambda d: d["patients"][0].update(start=-1, end=-1), "patients[0: 4]", "an outward or a return trip"),
        (lambda d: d["patients"][0].update(rdvTime="9h"), "patients[0: 4].rdvTime (time)", "HHhMM"),
        (lambda d: d["patients"][2].update(id=4), "patients", "different ids"),
        (lambda d: d["distMatrix"].pop(), "distMatrix", "4 rows"),
        (lambda d: d["distMatrix"][1].pop(), "distMatrix[1]", "4 values"),
        (lambda d: d["distMatrix"][1].__setitem__(2, -3), "distMatrix[1][2]", "greater than or equal to 0"),
        (lambda d: d["distMatrix"][1].__setitem__(2, 3.5), "distMatrix[1][2]", "a valid integer"),
        (lambda d: d.pop("patients"), "patients", "this field"),
    ],
)
def test_bad_input_is_named_at_its_field(change: Callable[[dict[str, Any]], Any], column: str, expected: str) -> None:
    changed = document()
    change(changed)
    problems = refused(changed)
    assert any(column in p.column and expected in p.expected for p in problems), [str(p) for p in problems]


def test_the_spelling_of_the_specification_is_read_too() -> None:
    changed = document()
    changed["sameVehicleBackWard"] = changed.pop("sameVehicleBackward")
    assert read(changed).instance == read(document()).instance


def test_windows_may_touch() -> None:
    changed = document()
    changed["vehicles"][0]["availability"] = ["09h00:12h00", "07h00:09h00"]
    assert [d.id for d in read(changed).instance.duties] == ["7:0", "7:1", "8:0"]


@pytest.mark.parametrize("folder", ["easy", "medium", "hard"])
def test_the_public_files_are_read(folder: str) -> None:
    files = sorted((FOLDER / folder).glob("*.json"))
    if not files:
        pytest.skip("the public patient transportation instances are not beside the project")
    for path in files:
        made, raw = read_ptp(path).instance, json.loads(path.read_text())
        assert len(made.duties) == sum(len(v["availability"]) for v in raw["vehicles"])
        trips = sum((p["start"] != -1) + (p["end"] != -1) for p in raw["patients"])
        assert len(made.requests) == trips
        assert len({r.bundle or r.id for r in made.requests}) == len(raw["patients"])


def test_a_plan_by_hand_for_a_public_file_keeps_the_files_own_numbers() -> None:
    path = FOLDER / "easy" / "PTP-RAND-1_4_2_16.json"
    if not path.exists():
        pytest.skip("the public patient transportation instances are not beside the project")
    made, raw = read_ptp(path), json.loads(path.read_text())
    duty = f"{raw['vehicles'][0]['id']}:0"
    leave = next(s.start for s in made.instance.shifts if s.id == duty)
    served = 0
    for each in raw["patients"]:
        if each["start"] == -1 or each["end"] == -1 or each["category"] not in raw["vehicles"][0]["canTake"]:
            continue
        out, back = f"{each['id']}:outward", f"{each['id']}:return"
        tour = TourBuilder(made.instance, made.travel, duty, leave=leave).ride(out, back).build()
        assert is_feasible(made.instance, made.travel, plan(tour))
        assert objective(made.instance, made.travel, plan(tour)).served == 1
        on, off, on_again, off_again = (made.units.time(visit.start) for visit in tour.visits[1:5])
        rdv, duration, service = (minutes(each[name]) for name in ("rdvTime", "rdvDuration", "srvDuration"))
        assert on >= rdv - 30
        assert off == on + service + raw["distMatrix"][each["start"]][each["destination"]]
        assert off + service <= rdv
        assert on_again >= rdv + duration
        assert off_again <= rdv + duration + 30
        served += 1
    assert served >= 3


def minutes(clock: str) -> int:
    return int(clock[:2]) * 60 + int(clock[3:])
