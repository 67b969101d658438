"""Our own format: what goes out comes back the same, and what is wrong is told field by field."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from optimizer.errors import InputProblem, InputRejected
from optimizer.io.files import write_text
from optimizer.io.json import dump_instance, parse_instance, read_instance, write_instance
from optimizer.model import Instance, Need, Place, VisitKind
from optimizer.travel.matrix import TravelMatrix
from tests.builders import instance, line, request
from tests.strategies import random_tiny

ROOT = Path(__file__).parents[2]


def example() -> tuple[Instance, TravelMatrix]:
    made = instance(
        request("R1", features=frozenset({"ramp", "belts", "cage", "lift"})), request("R2", excluded=frozenset({"R1"}))
    )
    return made, line({"depot": 0, "A": 600, "B": 1200})


def document() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(dump_instance(*example()))
    return loaded


def refused(changed: dict[str, Any] | str) -> list[InputProblem]:
    text = changed if isinstance(changed, str) else json.dumps(changed)
    with pytest.raises(InputRejected) as caught:
        parse_instance(text, "day.json")
    return list(caught.value.problems)


def same(one: TravelMatrix, other: TravelMatrix) -> bool:
    return (
        (one.places, one.tags) == (other.places, other.tags)
        and np.array_equal(one.seconds, other.seconds)
        and np.array_equal(one.metres, other.metres)
        and np.array_equal(one.sources, other.sources)
    )


@pytest.mark.parametrize("seed", range(40))
def test_what_is_written_is_read_the_same(seed: int) -> None:
    made, travel = random_tiny(seed)
    read = parse_instance(dump_instance(made, travel), "x")
    assert read.instance == made
    assert same(read.travel, travel)
    assert dump_instance(read.instance, read.travel) == dump_instance(made, travel)


def test_an_instance_without_places_is_read_the_same() -> None:
    made = replace(instance(), places=(), duties=())
    travel = line({})
    assert same(parse_instance(dump_instance(made, travel), "x").travel, travel)


def test_the_bytes_do_not_depend_on_the_order_of_sets() -> None:
    code = "from tests.io.test_json import dump_instance, example; print(dump_instance(*example()))"
    outputs = set()
    for seed in ("1", "2", "3"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, env=environment, cwd=ROOT)
        outputs.add(done.stdout)
    assert len(outputs) == 1


def test_each_request_and_each_row_of_the_matrix_has_a_line_of_its_own() -> None:
    lines = dump_instance(*example()).splitlines()
    assert sum('"id": "R1"' in text for text in lines) == 1
    assert "   [0, 600, 1200]," in lines


def test_units_are_seconds_euros_and_named_stops() -> None:
    units = parse_instance(dump_instance(*example()), "x").units
    assert units.time(90) == 90
    assert isinstance(units.time(90), int)
    assert units.cost(1_230_000) == 1.23
    assert units.to_micro_euros(1.23) == 1_230_000
    assert units.stop_nodes["R1", VisitKind.PICKUP] == "R1:pickup"
    assert units.stop_nodes["R2", VisitKind.DELIVERY] == "R2:delivery"
    assert units.place_nodes["depot"] == "depot"


def test_a_day_of_2000_requests_is_read_as_it_was_written(tmp_path: Path) -> None:
    towns = {f"T{i}": i * 60 for i in range(250)}
    made = instance(
        *(
            request(f"R{i}", f"T{i % 250}", f"T{(i + 7) % 250}", needs=frozenset({Need.INTERPRETER}))
            for i in range(2000)
        ),
        places=tuple(Place(id=town, name=town) for town in ["depot", *towns]),
    )
    path = tmp_path / "day.json"
    write_instance(path, made, line({"depot": 0, **towns}))
    assert read_instance(path).instance == made


def change(path: str, value: Any) -> Callable[[dict[str, Any]], None]:
    def apply(loaded: dict[str, Any]) -> None:
        *steps, last = path.split("/")
        here: Any = loaded
        for step in steps:
            here = here[int(step)] if isinstance(here, list) else here[step]
        if isinstance(here, list):
            here[int(last)] = value
        else:
            here[last] = value

    return apply


@pytest.mark.parametrize(
    ("path", "value", "column", "expected"),
    [
        ("format", "other", "format", "'restplatz-instance'"),
        ("version", 2, "version", "1"),
        ("version", True, "version", "1"),
        ("instance/requests/1/luggage", -1, "instance.requests[1: R2] (Request R2.luggage)", "0 or more"),
        ("instance/requests/0/luggage", "1", "instance.requests[0: R1].luggage", "a valid integer"),
        ("instance/requests/0/luggage", 1.0, "instance.requests[0: R1].luggage", "a valid integer"),
        ("instance/requests/0/night_ground", 1, "instance.requests[0: R1].night_ground", "a valid boolean"),
        ("instance/requests/0/colour", "red", "instance.requests[0: R1].colour", "no such field"),
        ("instance/requests/0/needs", ["wings"], "instance.requests[0: R1].needs[0]", "'wheelchair'"),
        ("instance/requests/0/party/groups", [], "(Party.groups)", "at least one person"),
        (
            "instance/requests/0/pickup/earliest",
            90000,
            "instance.requests[0: R1].pickup (Stop at A)",
            "earliest <= latest",
        ),
        ("instance/requests/0/pickup/latest", 2**62, "instance.requests[0: R1].pickup.latest", "at most"),
        (
            "instance/requests/0/pickup/place",
            "Atlantis",
            "instance.requests[0: R1].pickup.place",
            "the id of one of",
        ),
        ("instance/requests/0/id", "R2", "instance.requests[1: R2].id", "an id of its own"),
        ("instance/shifts/0/end", 0, "instance.shifts[0: S1] (Shift S1)", "start < end"),
        ("instance/duties/0/vehicle", "V9", "instance.duties[0: D1].vehicle", "the id of one of"),
        ("instance/stages", [], "instance (Instance test.stages)", "one or more different stages"),
        ("travel/seconds/0/1", -5, "travel (TravelMatrix)", "0 or more"),
        ("travel/seconds/0", [0, 1], "travel.seconds[0]", "3 values"),
        ("travel/metres", [], "travel.metres", "3 rows"),
        ("travel/sources/0/0", 7, "travel.sources[0]", "indices of the 1 tags"),
        ("travel/tags", [], "travel.sources[0]", "indices"),
        ("travel/places/2", "C", "travel.places", "place B"),
        ("travel/places/2", "A", "travel.places", "place B"),
        ("travel", None, "travel", "object"),
        ("extra", 1, "extra", "no such field"),
    ],
)
def test_bad_input_is_named_at_its_field(path: str, value: Any, column: str, expected: str) -> None:
    loaded = document()
    change(path, value)(loaded)
    problems = refused(loaded)
    assert any(column in p.column and expected in p.expected for p in problems), [str(p) for p in problems]
    assert all(p.file == "day.json" and p.got for p in problems)


def test_a_doubled_place_of_the_matrix_is_refused() -> None:
    loaded = document()
    loaded["travel"]["places"] = ["depot", "A", "B", "B"]
    for name in ("seconds", "metres", "sources"):
        loaded["travel"][name] = [[0] * 4 for _ in range(4)]
    assert "TravelMatrix.places" in refused(loaded)[0].column


@pytest.mark.parametrize(
    ("text", "row", "got"),
    [
        ("", 1, "an empty file"),
        ("{\n 'a': 1}", 2, "column 2"),
        ('{"format": "restplatz-instance",\n "version": 1', 2, "no comma"),
        ("[]", 0, "[]"),
        ("null", 0, "None"),
        ('{"format": NaN}', 0, "NaN"),
        ('{"format": 1, "format": 2}', 0, "format twice"),
        ('{"format": ' + "[" * 100_000, 0, "nested"),
        ('{"format": ' + "9" * 5000 + "}", 0, "digits"),
    ],
)
def test_broken_json_is_told_with_its_line(text: str, row: int, got: str) -> None:
    (problem,) = refused(text)
    assert problem.row == row
    assert got in problem.got


def test_all_problems_are_told_at_once() -> None:
    loaded = document()
    loaded["instance"]["requests"][0]["luggage"] = -1
    loaded["instance"]["requests"][1]["pickup"]["service"] = "soon"
    loaded["instance"]["shifts"][0]["end"] = -1
    del loaded["instance"]["zabs"]
    columns = [p.column for p in refused(loaded)]
    assert len(columns) == 4
    for part in ("R1.luggage", "R2].pickup.service", "Shift S1", "instance.zabs"):
        assert sum(part in column for column in columns) == 1, columns


def test_all_references_that_lead_nowhere_are_told_beside_bad_fields() -> None:
    loaded = document()
    first, second = loaded["instance"]["requests"]
    first.update(luggage=-1, pin="D9", excluded=["R8", "R9"], barred_zabs=["Z9"], barred_duties=["D8"])
    second["delivery"]["place"] = "Atlantis"
    loaded["instance"]["shifts"][0].update(crew="C9", profile="lax")
    loaded["instance"]["duties"][0].update(shift="S9", start_place="nowhere")
    loaded["instance"]["vehicles"] *= 2
    loaded["instance"]["vehicles"][0]["zab"] = "Z8"
    loaded["instance"]["crews"][0]["zab"] = "Z7"
    loaded["instance"]["published"] = [{"request": "R7", "duty": "D7"}]
    loaded["instance"]["commitments"] = [
        {
            "duty": "D6",
            "tolerance": 0,
            "promises": [{"request": "R6", "kind": kind, "start": 0} for kind in ("pickup", "delivery")],
        }
    ]
    problems = refused(loaded)
    nowhere = sorted(p.got for p in problems if p.code == "reference")
    expected = ["R8", "R9", "Z9", "D8", "D9", "Atlantis", "C9", "lax", "S9"]
    expected += ["nowhere", "Z8", "Z7", "R7", "D7", "D6", "R6", "R6"]
    # The vehicle stands there twice, and so does its ZAB.
    assert nowhere == sorted(repr(name) for name in [*expected, "Z8"])
    assert [p.column for p in problems if p.code == "duplicate"] == ["instance.vehicles[1: V1].id"]
    assert [p.column for p in problems if p.code == "invalid"] == ["instance.requests[0: R1] (Request R1.luggage)"]


def test_what_the_model_alone_refuses_is_told() -> None:
    loaded = document()
    loaded["instance"]["nights"] = [{"earliest": 0, "latest": 9}, {"earliest": 5, "latest": 9}]
    assert [p.column for p in refused(loaded)] == ["instance (Instance test.nights)"]


@pytest.mark.parametrize("name", ["format", "version", "instance", "travel"])
def test_every_part_of_the_document_is_needed(name: str) -> None:
    loaded = document()
    del loaded[name]
    (problem,) = refused(loaded)
    assert problem.column == name
    assert problem.got == "nothing"


def test_files_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    (tmp_path / "latin.json").write_bytes(b'{"name": "K\xf6ln"}')
    for name, expected in (("missing.json", "a file"), (".", "a file"), ("latin.json", "UTF-8 text")):
        with pytest.raises(InputRejected) as caught:
            read_instance(tmp_path / name)
        assert [p.expected for p in caught.value.problems] == [expected]


def test_a_byte_order_mark_is_no_problem(tmp_path: Path) -> None:
    path = tmp_path / "day.json"
    path.write_text(dump_instance(*example()), encoding="utf-8-sig")
    assert read_instance(path).instance == example()[0]


def test_writing_replaces_the_file_whole_or_leaves_it(tmp_path: Path) -> None:
    path = tmp_path / "out.json"
    write_text(path, "old")
    with pytest.raises(UnicodeEncodeError):
        write_text(path, "new \ud800")
    assert path.read_text() == "old"
    write_text(path, "new")
    assert path.read_text() == "new"
    assert [p.name for p in tmp_path.iterdir()] == ["out.json"]
