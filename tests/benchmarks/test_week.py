"""Rows and table of a week, on figures made up here; and one tiny week for real."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from benchmarks import week
from benchmarks.processes import Process
from benchmarks.week import COLUMNS, FAILED, Row, claims, text


def row(what: str, *, run: int = 1, served: int = 10, bound: int = 12, process: float = 8.0, **more: str) -> Row:
    made = {"run": str(run), "what": what, "requests": "20", "duties": "4", "limit": "60.0", "workers": "2"}
    made |= {"seed": "0", "code": "c0de", "status": "feasible", "served": str(served), "bound": str(bound)}
    made |= {"proven": "5", "stages": "6", "solve": "7.1", "process": f"{process}", "cpu": "9.0", "check": "feasible"}
    return made | more


RUN = [row("part 1"), row("part 2"), row("week", served=20, bound=24, process=12.0)]


def test_sums_and_the_ratio_are_told() -> None:
    table = text(RUN, "a small one")
    assert "| sum | 40 | 8 |  | 20 | 24 | 10 | 16.0 | 18.0 |" in table
    assert "The week took 0.75 of the sum of its parts" in table
    assert "False" not in table


def test_the_median_of_the_runs_is_told() -> None:
    more = [row("part 1", run=2, process=9.0), row("part 2", run=2), row("week", run=2, process=17.0)]
    last = [row("part 1", run=3, process=7.0), row("part 2", run=3), row("week", run=3, process=16.0)]
    assert "The week took 1.00 of the sum of its parts" in text([*RUN, *more, *last], "three runs")


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"served": "25"}, "the week serves 25, above the bounds of its parts, 24"),
        ({"bound": "19"}, "the parts serve 20, above the bound of the week, 19"),
        ({"check": "window (hard): too late"}, "week: window (hard): too late"),
    ],
)
def test_what_cannot_be_true_is_told(changed: Row, told: str) -> None:
    assert claims(RUN) == []
    assert claims([*RUN[:2], RUN[2] | changed]) == [told]


def test_a_run_that_fails_is_told_and_the_others_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: object, **__: object) -> tuple[Process, float]:
        return Process(seconds=1.0, peak=0, exit_code=3, output="", errors="one\nthe last line\n"), 0.5

    monkeypatch.setattr(week, "solve", crash)
    app = typer.Typer()
    app.command()(week.main)
    asked = ["--requests", "120", "--duties", "12", "--days", "3", "--results", str(tmp_path)]
    done = CliRunner().invoke(app, asked)
    assert done.exit_code == 1
    with (tmp_path / "week.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert set(rows[0]) == set(COLUMNS)
    assert {each["status"] for each in rows} == {FAILED}
    assert rows[-1]["what"] == "week"
    assert all(each["check"] == "exit code 3: the last line" for each in rows)
    assert "FALSE" in done.stderr
