"""RESULT.json: what is written is read the same, in the file's own units; untrue figures are found."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from optimizer.errors import InputProblem, InputRejected
from optimizer.io.claims import contradictions
from optimizer.io.cordeau import parse_cordeau
from optimizer.io.json import instance_units
from optimizer.io.problem import Problem
from optimizer.io.ptp import parse_ptp
from optimizer.io.result_file import dump_result, read_result, reasons_of, write_result
from optimizer.model import Rule, Solution, Stage
from optimizer.result import Obstacle, Reason, Result, StageResult, Status, Unserved
from optimizer.verify import objective
from tests.builders import TourBuilder, commitment, instance, line, plan, request
from tests.io.test_literature_cordeau import TEXT
from tests.io.test_literature_ptp import document as ptp_document

REASON = Reason(
    zab="Z1",
    duty="D1",
    obstacle=Obstacle.DISPLACES,
    rule=Rule.SHIFT_SPAN,
    texts={"de": "Die Schicht endet früher.", "en": "The shift ends earlier."},
    actions={"de": "Schicht verlängern.", "en": "Extend the shift."},
    displaces=("R1",),
)


def ours() -> tuple[Problem, Solution]:
    made = instance(request("R1"), request("R2", "B", "A"), request("R3"))
    travel = line({"depot": 0, "A": 600, "B": 1200})
    tour = TourBuilder(made, travel).pickup("R1", rests=0).delivery("R1", rests=2).pause(900).ride("R2").build()
    return Problem(instance=made, travel=travel, units=instance_units(made)), plan(tour)


def cordeau() -> tuple[Problem, Solution]:
    made = parse_cordeau(TEXT.replace("1 3 0 3 1", "1 1 1 3 1"), "a.txt", "a")
    tour = TourBuilder(made.instance, made.travel, "2").pickup("1").ride("2").delivery("1").build()
    return made, plan(tour)


def ptp() -> tuple[Problem, Solution]:
    made = parse_ptp(json.dumps(ptp_document()), "p.json")
    anywhere = parse_ptp(
        json.dumps({**ptp_document(), "vehicles": [{**ptp_document()["vehicles"][1], "canTake": [0]}]}), "p"
    )
    tour = TourBuilder(anywhere.instance, anywhere.travel, "8:0", leave=25200).ride("5:outward").build()
    return made, plan(tour)


def result(stated: Problem, solution: Solution, **fields: Any) -> Result:
    terms = objective(stated.instance, stated.travel, solution)
    pool = sorted({r.id for r in stated.instance.requests} - solution.served)
    stages = [stage for stage in stated.instance.stages if stage is not Stage.PINNED]
    return Result(
        **{
            "status": Status.OPTIMAL,
            "stages": tuple(
                StageResult(name=s, value=terms.value(s), bound=terms.value(s), proven=True) for s in stages
            ),
            "objective": terms,
            "solution": solution,
            "unserved": tuple(Unserved(request=r, reasons=(replace(REASON, displaces=()),)) for r in pool),
            "complete": True,
            "statistics": {"seconds": {"fragments": 0.25}, "fragments": 12, "seed": 0},
            **fields,
        }
    )


def read(text: str | dict[str, Any], stated: Problem, tmp_path: Path) -> Any:
    path = tmp_path / "RESULT.json"
    path.write_text(text if isinstance(text, str) else json.dumps(text), encoding="utf-8")
    return read_result(path, stated)


CASES = pytest.mark.parametrize("case", [ours, cordeau, ptp])


@CASES
def test_what_is_written_is_read_the_same(case: Callable[[], tuple[Problem, Solution]], tmp_path: Path) -> None:
    stated, solution = case()
    made = result(stated, solution)
    write_result(tmp_path / "out.json", made, stated)
    stored = read_result(tmp_path / "out.json", stated)
    assert stored.result == made
    assert dump_result(stored.result, stated) == dump_result(made, stated)
    assert list(contradictions(stored, objective(stated.instance, stated.travel, solution), stated)) == []


def test_ours_speaks_of_whole_seconds_and_named_stops() -> None:
    stated, solution = ours()
    told = json.loads(dump_result(result(stated, solution), stated))
    visits = told["tours"][0]["visits"]
    assert [v["node"] for v in visits] == [
        "depot",
        "R1:pickup",
        "R1:delivery",
        "B",
        "R2:pickup",
        "R2:delivery",
        "depot",
    ]
    assert [v["kind"] for v in visits] == ["start", "pickup", "delivery", "break", "pickup", "delivery", "end"]
    assert [v["request"] for v in visits] == [None, "R1", "R1", None, "R2", "R2", None]
    assert [v.get("rests") for v in visits] == [None, None, 2, None, None, None, None]
    assert visits[3] == {
        "node": "B",
        "request": None,
        "kind": "break",
        "arrival": 1200,
        "start": 1200,
        "departure": 2100,
    }
    assert {type(v["start"]) for v in visits} == {int}
    assert told["unserved"] == [
        {
            "request": "R3",
            "reasons": [
                {
                    "zab": "Z1",
                    "duty": "D1",
                    "obstacle": "displaces",
                    "rule": "shift_span",
                    "texts": {"de": "Die Schicht endet früher.", "en": "The shift ends earlier."},
                    "actions": {"de": "Schicht verlängern.", "en": "Extend the shift."},
                    "displaces": [],
                }
            ],
        }
    ]
    assert set(told) >= {"status", "stages", "gap", "objective", "cost", "tours", "unserved", "statistics", "complete"}


def test_a_literature_result_is_in_the_files_unit() -> None:
    stated, solution = cordeau()
    told = json.loads(dump_result(result(stated, solution), stated))
    assert [v["node"] for v in told["tours"][0]["visits"]] == [0, 1, 2, 4, 3, 5]
    assert told["tours"][0]["duty"] == "2"
    assert told["tours"][0]["visits"][1]["arrival"] == 1.4142
    assert told["cost"] == told["objective"]["cost"] == told["stages"][0]["value"] == told["objective"]["metres"]
    # 0-1, 1-2, 2-4, 4-3, 3-5 with node 1 at (1, 1)
    assert told["cost"] == pytest.approx(2**0.5 + 10**0.5 + 4 + 5 + 5, abs=1e-4)
    assert told["stages"] == [
        {"name": "cost", "value": told["cost"], "bound": told["cost"], "gap": 0.0, "proven": True}
    ]


def test_a_duty_without_depot_tells_null() -> None:
    stated, solution = ptp()
    told = json.loads(dump_result(result(stated, solution), stated))
    assert [v["node"] for v in told["tours"][0]["visits"]] == [None, 3, 1, None]
    assert told["tours"][0]["visits"][1]["start"] == 508.0
    assert told["stages"][0]["value"] == 1


def test_no_plan_is_written_and_read(tmp_path: Path) -> None:
    stated, _ = cordeau()
    made = Result(
        status=Status.INFEASIBLE,
        stages=(),
        objective=None,
        solution=Solution(),
        unserved=(),
        complete=True,
        statistics={},
    )
    told = json.loads(dump_result(made, stated))
    assert (told["cost"], told["objective"], told["tours"], told["gap"]) == (None, None, [], 1.0)
    assert read(told, stated, tmp_path).result == made


def test_statistics_may_hold_numbers_of_numpy() -> None:
    stated, solution = ours()
    made = result(stated, solution, statistics={"columns": np.int64(3), "peak": np.array([1.5])})
    assert json.loads(dump_result(made, stated))["statistics"] == {"columns": 3, "peak": [1.5]}


def test_numbers_between_two_steps_go_to_the_nearest(tmp_path: Path) -> None:
    stated, solution = cordeau()
    told = json.loads(dump_result(result(stated, solution), stated))
    for visit in told["tours"][0]["visits"]:
        for name in ("arrival", "start", "departure"):
            visit[name] += 0.00004
    told["cost"] += 0.000_004
    stored = read(told, stated, tmp_path)
    assert stored.result.solution == solution


def test_a_result_of_others_needs_the_fields_of_the_interface_only(tmp_path: Path) -> None:
    stated, solution = ours()
    told = json.loads(dump_result(result(stated, solution), stated))
    for name in ("format", "version", "instance"):
        del told[name]
    told["remark"] = "made elsewhere"
    assert read(told, stated, tmp_path).result.solution == solution


def refused(told: dict[str, Any], stated: Problem, tmp_path: Path) -> list[InputProblem]:
    with pytest.raises(InputRejected) as caught:
        read(told, stated, tmp_path)
    return list(caught.value.problems)


@pytest.mark.parametrize(
    ("change", "column", "expected"),
    [
        (lambda t: t.pop("tours"), "tours", "this field"),
        (lambda t: t.pop("complete"), "complete", "this field"),
        (lambda t: t.update(format="restplatz-instance"), "format, version", "'restplatz-result' 1"),
        (lambda t: t.update(version=2), "format, version", "'restplatz-result' 1"),
        (lambda t: t.update(status="done"), "status", "'optimal'"),
        (lambda t: t["tours"][0].update(duty="D9"), "tours[0].duty", "a duty of the problem"),
        (lambda t: t["tours"][0]["visits"][1].update(request="R9"), "tours[0].visits[1] (request)", "a request of"),
        (lambda t: t["tours"][0]["visits"][1].update(request=None), "tours[0].visits[1] (request)", "a request of"),
        (lambda t: t["tours"][0]["visits"][1].update(node="R2:pickup"), "tours[0].visits[1] (node)", "'R1:pickup'"),
        (lambda t: t["tours"][0]["visits"][0].update(node="Mars"), "tours[0].visits[0] (node)", "a place of"),
        (lambda t: t["tours"][0]["visits"][3].update(node=None), "tours[0].visits[3] (node)", "a place of"),
        (lambda t: t["tours"][0]["visits"][0].update(request="R1"), "tours[0].visits[0] (request)", "none at a visit"),
        (lambda t: t["tours"][0]["visits"][1].update(start=1), "tours[0].visits[1] (Visit)", "arrival <= start"),
        (lambda t: t["tours"][0]["visits"][1].update(kind="swim"), "tours[0].visits[1].kind", "'pickup'"),
        (lambda t: t["tours"][0]["visits"][1].update(start="8:00"), "tours[0].visits[1].start", "a valid number"),
        (lambda t: t["tours"][0]["visits"][1].update(start=1e300), "tours[0].visits[1].start", "less than"),
        (lambda t: t["tours"][0]["visits"][1].update(mood="good"), "tours[0].visits[1].mood", "no such field"),
        (lambda t: t["objective"].pop("custody"), "objective.custody", "this term"),
        (lambda t: t["objective"].update(joy=1), "objective.joy", "no such term"),
        (lambda t: t["objective"].update(served=1.5), "objective.served", "a whole number"),
        (lambda t: t["stages"][0].update(value=1.5), "stages[0].value", "a whole number"),
        (lambda t: t["unserved"][0].update(request="R9"), "unserved[0].request", "a request of the problem"),
        (lambda t: t["unserved"][0]["reasons"][0].update(rule="whim"), "unserved[0].reasons[0].rule", "'once_per"),
    ],
)
def test_bad_structure_is_named_at_its_field(
    change: Callable[[dict[str, Any]], Any], column: str, expected: str, tmp_path: Path
) -> None:
    stated, solution = ours()
    told = json.loads(dump_result(result(stated, solution), stated))
    change(told)
    problems = refused(told, stated, tmp_path)
    assert any(column in p.column and expected in p.expected for p in problems), [str(p) for p in problems]


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    stated, solution = ours()
    told = json.loads(dump_result(result(stated, solution), stated))
    told["tours"][0]["duty"] = "D9"
    told["tours"][0]["visits"][1]["node"] = "?"
    told["tours"][0]["visits"][2]["request"] = "?"
    told["unserved"][0]["request"] = "?"
    assert len(refused(told, stated, tmp_path)) == 4


@pytest.mark.parametrize(
    ("change", "told_as"),
    [
        (lambda t: t["objective"].update(custody=7), "objective.custody: the file tells 7, the plan gives 0."),
        (lambda t: t["objective"].update(metres=7), "objective.metres: the file tells 7"),
        (lambda t: t.update(cost=7.0), "cost: the file tells 7.0"),
        (lambda t: t.update(cost=None), "cost: the file tells None"),
        (lambda t: t["stages"][0].update(value=3), "stages.served: the file tells 3, the plan gives 2."),
        (lambda t: t["stages"][0].update(bound=1), "stages.served: the bound 1 is worse than the value 2."),
        (lambda t: t["stages"][1].update(bound=1), "stages.custody: the bound 1 is worse than the value 0."),
        (lambda t: t["stages"][0].update(bound=3), "stages.served: told as proven, but its bound is not its value."),
        (lambda t: t["stages"][0].update(proven=False), "status: the file tells optimal, but not every stage"),
        (lambda t: t["stages"].pop(), "status: the file tells optimal, but not every stage"),
        (lambda t: t["stages"].reverse(), "stages: the file tells"),
        (lambda t: t.update(stages=[], status="feasible"), "stages: the file tells []"),
        (lambda t: t.update(gap=0.5), "gap: the file tells 0.5"),
        (lambda t: t["unserved"].pop(), "unserved: request R3 is not listed, but no tour serves it."),
        (lambda t: t["unserved"].append({"request": "R1", "reasons": []}), "unserved: request R1 is listed, but"),
        (lambda t: t["unserved"].append(t["unserved"][0]), "unserved: request R3 is listed twice."),
        (lambda t: t.update(objective=None), "objective: the file tells none, but it tells a plan."),
    ],
)
def test_untrue_figures_are_found(change: Callable[[dict[str, Any]], Any], told_as: str, tmp_path: Path) -> None:
    stated, solution = ours()
    told = json.loads(dump_result(result(stated, solution), stated))
    change(told)
    found = list(
        contradictions(read(told, stated, tmp_path), objective(stated.instance, stated.travel, solution), stated)
    )
    assert any(text.startswith(told_as) for text in found), found


def test_a_run_that_was_stopped_may_tell_the_first_stages_only(tmp_path: Path) -> None:
    stated, solution = ours()
    made = result(stated, solution)
    stopped = replace(made, status=Status.FEASIBLE, stages=made.stages[:2])
    stored = read(dump_result(stopped, stated), stated, tmp_path)
    assert list(contradictions(stored, objective(stated.instance, stated.travel, solution), stated)) == []


def test_where_all_must_be_served_the_served_stage_may_come_first(tmp_path: Path) -> None:
    stated, solution = cordeau()
    made = result(stated, solution)
    first = StageResult(name=Stage.SERVED, value=2, bound=2, proven=True)
    terms = objective(stated.instance, stated.travel, solution)
    stored = read(dump_result(replace(made, stages=(first, *made.stages)), stated), stated, tmp_path)
    assert list(contradictions(stored, terms, stated)) == []
    stored = read(dump_result(replace(made, stages=(*made.stages, first)), stated), stated, tmp_path)
    assert any(text.startswith("stages: ") for text in contradictions(stored, terms, stated))


def test_committed_requests_are_never_unserved(tmp_path: Path) -> None:
    made = instance(request("R1"), commitments=(commitment("D1", ("R1", "pickup", 600), ("R1", "delivery", 1200)),))
    travel = line({"depot": 0, "A": 600, "B": 1200})
    stated = Problem(instance=made, travel=travel, units=instance_units(made))
    terms = objective(made, travel, plan())
    stored = read(dump_result(result(stated, plan(), unserved=()), stated), stated, tmp_path)
    assert list(contradictions(stored, terms, stated)) == []


def test_reasons_are_found_by_request(tmp_path: Path) -> None:
    stated, solution = ours()
    stored = read(dump_result(result(stated, solution), stated), stated, tmp_path)
    assert reasons_of(stored, stated) == {"R3": (replace(REASON, displaces=()),)}
