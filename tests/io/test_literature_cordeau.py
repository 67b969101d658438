"""Dial-a-ride files: read to the letter, refused line by line."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from optimizer.errors import InputProblem, InputRejected
from optimizer.io.cordeau import SCALE, parse_cordeau, read_cordeau
from optimizer.io.problem import Problem
from optimizer.model import Rule, Stage, VisitKind
from optimizer.verify import check, is_feasible, objective
from tests.builders import TourBuilder, plan

FOLDER = Path(__file__).parents[2].parent / "shared" / "instances" / "darp"

# Two requests on a 3-4-5 triangle: every distance is whole, so that times and costs can be worked out by hand.
TEXT = """\
2 2 100 3 30
0 0 0 0 0 0 480
1 3 0 3 1 0 1440
2 0 4 3 2 10 20
3 3 4 3 -1 0 1440
4 0 0 3 -2 0 1440
5 0 0 0 0 0 480
"""


def tiny(text: str = TEXT) -> Problem:
    return parse_cordeau(text, "a.txt", "a")


def refused(text: str) -> list[InputProblem]:
    with pytest.raises(InputRejected) as caught:
        tiny(text)
    return list(caught.value.problems)


def without_last(text: str) -> str:
    return "\n".join(text.splitlines()[:-1]) + "\n"


def test_the_fields_mean_what_the_format_says() -> None:
    made = tiny().instance
    assert made.serve_all
    assert made.stages == (Stage.COST,)
    assert [d.id for d in made.duties] == ["1", "2"]
    assert len({d.vehicle for d in made.duties}) == len({s.crew for s in made.shifts}) == 2
    assert (made.duties[0].start_place, made.duties[0].end_place) == ("0", "5")
    assert (made.shifts[0].start, made.shifts[0].end) == (0, 480 * SCALE)
    assert made.parameters.profile(made.shifts[0].profile).max_span == 100 * SCALE
    second = made.requests[1]
    assert (second.id, second.load, second.max_ride) == ("2", 2, 30 * SCALE)
    assert (second.pickup.place, second.pickup.earliest, second.pickup.latest) == ("2", 10 * SCALE, 20 * SCALE)
    assert (second.delivery.place, second.delivery.service) == ("4", 3 * SCALE)
    assert [c.seats for c in made.vehicles[0].configurations] == [3]


def test_distances_are_euclidean_to_the_nearest_step() -> None:
    travel = tiny().travel
    assert travel.drive("1", "2") == 5 * SCALE
    assert travel.distance("0", "3") == 5 * SCALE
    slanted = tiny(TEXT.replace("1 3 0 3 1", "1 1 1 3 1")).travel
    assert slanted.drive("0", "1") == round(math.sqrt(2) * SCALE)


def test_the_final_depot_may_be_left_out() -> None:
    made = tiny(without_last(TEXT))
    assert (made.instance.duties[0].start_place, made.instance.duties[0].end_place) == ("0", "0")
    assert made.units.place_nodes == {"0": 0, "1": 1, "2": 2, "3": 3, "4": 4}
    assert len(made.instance.requests) == 2


@pytest.mark.parametrize("stated", [2, 4, 5, 6])
def test_the_header_may_count_requests_or_nodes(stated: int) -> None:
    assert tiny(TEXT.replace("2 2 100", f"2 {stated} 100")).instance == tiny().instance


def test_a_plan_by_hand_is_feasible_and_costs_its_distance() -> None:
    made = tiny()
    tour = TourBuilder(made.instance, made.travel, "1").pickup("1").pickup("2").delivery("1").delivery("2").build()
    assert check(made.instance, made.travel, plan(tour)) == []
    # 0-1 3, 1-2 5, 2-3 3, 3-4 5, 4-5 0
    terms = objective(made.instance, made.travel, plan(tour))
    assert made.units.cost(terms.cost) == 16.0
    assert made.units.length(terms.metres) == 16.0
    assert made.units.time(tour.span) == 28.0


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("2 2 100 3 30", "2 2 27 3 30", Rule.SHIFT_SPAN),
        ("2 2 100 3 30", "2 2 100 2 30", Rule.LOAD),
        ("2 2 100 3 30", "2 2 100 3 10", Rule.RIDE_TIME),
        ("2 0 4 3 2 10 20", "2 0 4 3 2 0 10", Rule.WINDOW),
        ("0 0 0 0 0 0 480\n1", "0 0 0 0 0 0 27\n1", Rule.SHIFT_SPAN),
    ],
)
def test_each_limit_of_the_file_is_a_rule_of_the_checker(old: str, new: str, rule: Rule) -> None:
    text = TEXT.replace(old, new)
    if old.endswith("\n1"):
        text = text.replace("5 0 0 0 0 0 480", "5 0 0 0 0 0 27")
    made = tiny(text)
    tour = TourBuilder(made.instance, made.travel, "1").pickup("1").pickup("2").delivery("1").delivery("2").build()
    assert rule in {v.rule for v in check(made.instance, made.travel, plan(tour))}


def test_every_request_must_be_served() -> None:
    made = tiny()
    tour = TourBuilder(made.instance, made.travel, "1").ride("1").build()
    assert [(v.rule, v.request) for v in check(made.instance, made.travel, plan(tour))] == [(Rule.SERVE_ALL, "2")]


@pytest.mark.parametrize(
    ("old", "new", "row", "column"),
    [
        ("2 2 100 3 30", "2 2 100 3", 1, ""),
        ("2 2 100 3 30", "0 2 100 3 30", 1, "vehicles"),
        ("2 2 100 3 30", "1000000 2 100 3 30", 1, "vehicles"),
        ("2 2 100 3 30", "2.5 2 100 3 30", 1, "vehicles"),
        ("2 2 100 3 30", "2 2 -1 3 30", 1, "route_duration"),
        ("2 2 100 3 30", "2 3 100 3 30", 1, "nodes"),
        ("1 3 0 3 1 0 1440", "1 3 zero 3 1 0 1440", 3, "y"),
        ("1 3 0 3 1 0 1440", "1 3 nan 3 1 0 1440", 3, "y"),
        ("1 3 0 3 1 0 1440", "1 3 0 3 1 0 1e300", 3, "latest"),
        ("1 3 0 3 1 0 1440", "1 3 0 3 1 1440 0", 3, "earliest, latest"),
        ("1 3 0 3 1 0 1440", "1 3 0 3 1 -1 1440", 3, "earliest, latest"),
        ("1 3 0 3 1 0 1440", "1 3 0 -3 1 0 1440", 3, "service"),
        ("1 3 0 3 1 0 1440", "1 3 0 3 -1 0 1440", 3, "load"),
        ("1 3 0 3 1 0 1440\n", "", 3, "id"),
        ("3 3 4 3 -1 0 1440", "3 3 4 3 -2 0 1440", 5, "load"),
        ("5 0 0 0 0 0 480", "5 0 0 0 0 0 400", 7, "earliest, latest"),
        ("5 0 0 0 0 0 480", "5 0 0 3 0 0 480", 7, "service, load"),
        ("0 0 0 0 0 0 480", "0 0 0 0 0 7 7", 2, "earliest, latest"),
    ],
)
def test_bad_lines_are_named(old: str, new: str, row: int, column: str) -> None:
    assert old in TEXT
    problems = refused(TEXT.replace(old, new, 1))
    assert (row, column) in {(p.row, p.column) for p in problems}, [str(p) for p in problems]


def test_all_bad_lines_are_named_at_once() -> None:
    problems = refused(TEXT.replace("1 3 0 3 1 0 1440", "1 3 x 3 1 9 0").replace("4 0 0 3", "4 0 0 -3"))
    assert [(p.row, p.column) for p in problems] == [(3, "y"), (3, "earliest, latest"), (6, "service")]


@pytest.mark.parametrize("text", ["", "\n\n", "2 0 100 3 30\n", "2 0 100 3 30\n0 0 0 0 0 0 480\n", "{}"])
def test_what_is_no_such_file_is_refused(text: str) -> None:
    assert refused(text)


def test_the_public_files_are_read() -> None:
    files = sorted(FOLDER.glob("*.txt"))
    if not files:
        pytest.skip("the public dial-a-ride instances are not beside the project")
    for path in files:
        made = read_cordeau(path)
        header = path.read_text().split(maxsplit=5)[:5]
        n = len(made.instance.requests)
        assert int(header[1]) in (n, 2 * n), path.name
        assert len(made.instance.duties) == int(header[0])
        assert sorted(int(r.id) for r in made.instance.requests) == list(range(1, n + 1))


def test_a_public_file_agrees_with_its_own_numbers() -> None:
    path = FOLDER / "a2-16.txt"
    if not path.exists():
        pytest.skip("the public dial-a-ride instances are not beside the project")
    made = read_cordeau(path)
    nodes = [[float(word) for word in text.split()] for text in path.read_text().splitlines()[1:]]
    # Request 9, carried alone: the file's own numbers in floating point against the model's.
    tour = TourBuilder(made.instance, made.travel, "2").ride("9").build()
    legs = [(0, 9), (9, 25), (25, 33)]
    exact = sum(math.dist(nodes[a][1:3], nodes[b][1:3]) for a, b in legs)
    terms = objective(made.instance, made.travel, plan(tour))
    assert made.units.cost(terms.cost) == pytest.approx(exact, abs=3 * 0.5 / SCALE)
    assert [made.units.stop_nodes["9", kind] for kind in (VisitKind.PICKUP, VisitKind.DELIVERY)] == [9, 25]
    broken = {v.rule for v in check(made.instance, made.travel, plan(tour))}
    assert broken == {Rule.SERVE_ALL}
    assert not is_feasible(made.instance, made.travel, plan(tour))
