"""The command ``explain`` where it asks anew: pairs, what helps, why there, what has changed; as lines and as JSON."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner
from typer.testing import Result as Outcome

from optimizer.__main__ import app
from optimizer.answer import Change, Verdict, WhatHelps, WhyNot, WhyThis
from optimizer.errors import InputRejected
from optimizer.io.answers import dump_answers, parse_answers
from optimizer.io.json import instance_units, write_instance
from optimizer.io.problem import Problem
from optimizer.io.result_file import dump_result
from optimizer.model import Solution
from optimizer.result import Unserved
from tests.builders import TourBuilder, fleet, instance, line, plan, request
from tests.io.test_json_result import result

TRAVEL = line({"depot": 0, "A": 600, "B": 1200, "C": 1800})
DAY = instance(
    request("R1", "A", "C"),
    request("big", "A", "C", load=8),
    request("early", "A", "C", pickup=(0, 300)),
    **fleet(2),
)
STATED = Problem(instance=DAY, travel=TRAVEL, units=instance_units(DAY))
TOUR = TourBuilder(DAY, TRAVEL).ride("R1").build()


def call(*arguments: str | Path) -> Outcome:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def stored(path: Path, solution: Solution) -> Path:
    left = tuple(Unserved(request=r.id, reasons=()) for r in DAY.requests if r.id not in solution.served)
    path.write_text(dump_result(result(STATED, solution, unserved=left), STATED), encoding="utf-8")
    return path


@pytest.fixture
def day(tmp_path: Path) -> Path:
    path = tmp_path / "day.json"
    write_instance(path, DAY, TRAVEL)
    return path


@pytest.fixture
def answer(tmp_path: Path) -> Path:
    return stored(tmp_path / "RESULT.json", plan(TOUR))


def test_a_pair_is_told_in_both_languages(day: Path, answer: Path) -> None:
    done = call("explain", day, answer, "--request", "big", "--duty", "D2", "--lang", "en")
    assert done.exit_code == 0, done.output
    assert done.stdout.splitlines() == [
        "Request big:",
        "  ZAB Z1, duty D2: Too few seats: 8 needed, 7 free beside the crew.",
        "    Possible: ZAB: use a larger vehicle.",
    ]
    german = call("explain", day, answer, "--request", "big", "--duty", "D2").stdout
    assert german.startswith("Anfrage big:\n  ZAB Z1, Dienst D2: Zu wenige Sitzplätze")


def test_all_duties_and_what_helps(day: Path, answer: Path) -> None:
    done = call("explain", day, answer, "--request", "early", "--duty", "all", "--relax", "--lang", "en")
    assert done.exit_code == 0, done.output
    assert done.stdout.count("ZAB Z1, duty D") == 2
    assert "  1. [ABH] With a pick-up that may begin 5 min later the trip fits on duty D1." in done.stdout


def test_without_a_request_what_helps_all_left_out(day: Path, answer: Path) -> None:
    done = call("explain", day, answer, "--relax", "--lang", "en")
    assert done.exit_code == 0, done.output
    assert [each for each in done.stdout.splitlines() if each.startswith("Request")] == [
        "Request big:",
        "Request early:",
    ]


def test_why_there(day: Path, answer: Path) -> None:
    done = call("explain", day, answer, "--request", "R1", "--lang", "en")
    assert done.exit_code == 0, done.output
    assert done.stdout.splitlines()[0] == "Request R1: served by duty D1."
    assert "Next best duty: D2." in done.stdout


def test_what_has_changed(day: Path, answer: Path, tmp_path: Path) -> None:
    old = stored(tmp_path / "OLD.json", plan(replace(TOUR, duty="D2")))
    done = call("explain", day, answer, "--before", old, "--lang", "en")
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("R1: D2 → D1. ")
    done = call("explain", day, answer, "--before", answer)
    assert done.stdout == "Nichts hat sich geändert.\n"


@pytest.mark.parametrize(
    ("options", "kinds"),
    [
        (("--request", "big"), {WhyNot}),
        (("--request", "big", "--relax"), {WhatHelps}),
        (("--request", "R1"), {WhyThis}),
        ((), {WhyNot}),
    ],
)
def test_json_is_read_back_as_it_was(options: tuple[str, ...], kinds: set[type], day: Path, answer: Path) -> None:
    done = call("explain", day, answer, "--json", *options)
    assert done.exit_code == 0, done.output
    answers = parse_answers(done.stdout, "answers.json")
    assert {type(each) for each in answers} == kinds
    assert dump_answers(answers, DAY.name) == done.stdout
    for each in answers:
        if isinstance(each, WhyNot) and each.verdict is not Verdict.UNKNOWN:
            assert each.witness is not None
            assert each.witness.apply(plan(TOUR)).duty_by_request[each.request] == each.duty


def test_json_of_a_day_has_each_zab_once_for_each_request_left_out(day: Path, answer: Path) -> None:
    answers = parse_answers(call("explain", day, answer, "--json").stdout, "answers.json")
    assert [(a.request, a.zab) for a in answers if isinstance(a, WhyNot)] == [("big", "Z1"), ("early", "Z1")]


def test_json_of_changes(day: Path, answer: Path, tmp_path: Path) -> None:
    old = stored(tmp_path / "OLD.json", plan(replace(TOUR, duty="D2")))
    done = call("explain", day, answer, "--before", old, "--json")
    (change,) = parse_answers(done.stdout, "answers.json")
    assert isinstance(change, Change)
    assert (change.before, change.after) == ("D2", "D1")


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        '{"format": "restplatz-answers", "version": 1}',
        '{"format": "restplatz-answers", "version": 1, "answers": [{"kind": "no such"}]}',
        '{"format": "restplatz-answers", "version": 1, "answers": [{"kind": "why_not"}]}',
        '{"format": "restplatz-answers", "version": 1, "answers": [7]}',
    ],
)
def test_what_is_no_file_of_answers_is_refused(text: str) -> None:
    with pytest.raises(InputRejected):
        parse_answers(text, "answers.json")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--duty", "D1"), "--request"),
        (("--request", "nobody"), "got 'nobody'"),
        (("--request", "big", "--duty", "D9"), "got 'D9'"),
        (("--request", "R1", "--duty", "D1"), "rides there"),
        (("--request", "R1", "--relax"), "leaves out"),
        (("--before", "missing.json"), "missing.json"),
    ],
)
def test_wrong_questions_exit_with_2(options: tuple[str, ...], message: str, day: Path, answer: Path) -> None:
    done = call("explain", day, answer, *options)
    assert (done.exit_code, done.stdout) == (2, ""), done.output
    assert message in done.stderr


def test_a_plan_with_a_fault_is_not_explained(day: Path, tmp_path: Path) -> None:
    wrong = stored(tmp_path / "WRONG.json", plan(TourBuilder(DAY, TRAVEL).ride("big").build()))
    done = call("explain", day, wrong, "--request", "R1", "--duty", "D1")
    assert done.exit_code == 2
    assert "breaks no rule" in done.stderr


def test_a_day_without_duties_says_that_there_is_none(tmp_path: Path) -> None:
    bare = instance(request("R1", "A", "C"), duties=())
    stated = Problem(instance=bare, travel=TRAVEL, units=instance_units(bare))
    day, answer = tmp_path / "day.json", tmp_path / "RESULT.json"
    write_instance(day, bare, TRAVEL)
    left = (Unserved(request="R1", reasons=()),)
    answer.write_text(dump_result(result(stated, plan(), unserved=left), stated), encoding="utf-8")
    for asked in (("--duty", "all"), ("--relax",)):
        assert "Es gibt keinen anderen Dienst" in call("explain", day, answer, "--request", "R1", *asked).stdout


def test_the_result_of_another_day_is_refused_and_an_old_one_is_not(tmp_path: Path, answer: Path) -> None:
    other = tmp_path / "other.json"
    longer = replace(DAY, shifts=tuple(replace(shift, end=shift.end + 60) for shift in DAY.shifts))
    write_instance(other, longer, TRAVEL)
    refused = call("explain", other, answer)
    assert refused.exit_code == 2, refused.output
    assert "expected the result of test as this file has it" in " ".join(refused.output.split())
    old = tmp_path / "old.json"
    told = {name: value for name, value in json.loads(answer.read_text()).items() if name != "problem"}
    old.write_text(json.dumps(told))
    assert call("explain", other, old).exit_code == 0
