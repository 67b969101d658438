"""The command ``insert``: possibilities, reasons, and a file that every other command reads."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner
from typer.testing import Result as Outcome

from optimizer.__main__ import app
from optimizer.io.json import instance_units, write_instance
from optimizer.io.problem import Problem
from optimizer.io.result_file import dump_result
from optimizer.model import Need
from optimizer.result import Unserved
from tests.builders import TourBuilder, instance, line, plan, request
from tests.io.test_json_result import result

TRAVEL = line({"depot": 0, "A": 600, "B": 1200, "C": 1800})
DAY = instance(
    request("R1", "A", "C"),
    request("late", "B", "C"),
    request("early", "B", "C", pickup=(0, 100)),
    request("moves", "A", "C", pickup=(900, 900)),
    request("lying", "A", "B", needs=frozenset({Need.LYING})),
)
STATED = Problem(instance=DAY, travel=TRAVEL, units=instance_units(DAY))


def call(*arguments: str | Path) -> Outcome:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture
def day(tmp_path: Path) -> Path:
    path = tmp_path / "day.json"
    write_instance(path, DAY, TRAVEL)
    return path


@pytest.fixture
def answer(tmp_path: Path) -> Path:
    tour = TourBuilder(DAY, TRAVEL).ride("R1").build()
    left = tuple(Unserved(request=r.id, reasons=()) for r in DAY.requests if r.id != "R1")
    path = tmp_path / "RESULT.json"
    path.write_text(dump_result(result(STATED, plan(tour), unserved=left), STATED), encoding="utf-8")
    return path


def test_the_best_possibility_is_told_and_written_and_passes_the_check(day: Path, answer: Path, tmp_path: Path) -> None:
    new = tmp_path / "new.json"
    done = call("insert", day, answer, "--request", "late", "--out", new, "--language", "en")
    assert done.exit_code == 0, done.output
    assert (
        done.stdout.splitlines()
        == [
            "1. D1, served +1, fair_load +3,000",
            "   late: pickup 1200, stop 2 of duty D1",
            "   late: delivery 1800, stop 3 of duty D1",
        ]
        or "stop 2 of duty D1" in done.stdout
    )  # Either hand-over may come first.
    assert "insertion" in done.stderr
    checked = call("check", day, new)
    assert (checked.exit_code, checked.stdout) == (0, "feasible\n")
    told = json.loads(new.read_text())
    assert told["status"] == "feasible"
    assert told["complete"] is False
    assert told["statistics"]["inserted"]["request"] == "late"
    assert {"seed", "versions", "seconds"} <= set(told["statistics"])
    assert {unserved["request"] for unserved in told["unserved"]} == {"early", "moves", "lying"}


def test_stops_that_move_are_told_and_a_tolerance_forbids_it(day: Path, answer: Path) -> None:
    done = call("insert", day, answer, "--request", "moves")
    assert done.exit_code == 0, done.output
    assert any("verschoben von" in each for each in done.stdout.splitlines())
    done = call("insert", day, answer, "--request", "moves", "--tolerance", "60", "--language", "en")
    assert done.exit_code == 1
    assert "other times" in done.stdout


def test_where_nothing_fits_each_duty_has_its_reason_and_nothing_is_written(
    day: Path, answer: Path, tmp_path: Path
) -> None:
    new = tmp_path / "new.json"
    done = call("insert", day, answer, "--request", "lying", "--out", new)
    assert done.exit_code == 1
    assert re.fullmatch(r"seconds: insertion \d+\.\d\d, total \d+\.\d\d", done.stderr.splitlines()[-1])
    assert done.stdout.startswith("Anfrage lying: nicht eingeplant\n  ZAB Z1, Dienst D1: ")
    assert not new.exists()


@pytest.mark.parametrize(
    "options",
    [
        ("--request", "nobody"),
        ("--request", "R1"),
        ("--request", "late", "--tolerance", "-1"),
        ("--request", "late", "--out", "missing/new.json"),
        (),
    ],
)
def test_bad_options_exit_with_2(options: tuple[str, ...], day: Path, answer: Path) -> None:
    done = call("insert", day, answer, *options)
    assert (done.exit_code, done.stdout) == (2, ""), done.output
    assert done.stderr
