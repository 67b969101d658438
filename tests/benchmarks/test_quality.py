"""Rows, tables and plots of quality measurements, on figures made up here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from benchmarks import quality
from benchmarks.plots import plot_lines
from benchmarks.provenance import code
from benchmarks.quality_rows import COLUMNS, FAILED, Ledger, Row, claims, row_of
from benchmarks.quality_run import Recorder
from benchmarks.quality_table import groups, plot, text
from benchmarks.suites import Case, find
from optimizer.model import Stage

CASE = Case(
    name="a1", load=lambda: find("n25-d5-s1").load(), best_known=100.0, stage=Stage.COST, unit="distance", proven=True
)


def told(value: float, bound: float) -> dict[str, Any]:
    stage = {"name": "cost", "value": value, "bound": bound, "gap": (value - bound) / value, "proven": value == bound}
    return {
        "stages": [stage],
        "status": "optimal" if value == bound else "feasible",
        "complete": True,
        "objective": {"unserved_requests": 0},
        "statistics": {"seconds": {"total": 2.5}, "fragments": 7, "columns": 70, "rides": 3},
    }


def figures(*curve: tuple[float, str, float | None, float | None]) -> dict[str, Any]:
    return {"curve": curve, "ended": {"cost": 2.0}, "first": "cost", "cpu": 3.25, "peak": 300 << 20, "seconds": 2.5}


def row(value: float = 100.0, bound: float = 100.0, *, run: int = 1, **changes: str) -> Row:
    curve = ((0.2, "cost", 120.0, None), (0.5, "cost", None, 90.0), (1.5, "cost", value, None))
    made = row_of(CASE, told(value, bound), figures(*curve))
    more = {"run": str(run), "limit": "60", "workers": "2", "seed": "0", "code": "c0de", "check": "feasible"}
    return made | more | {"process": "3.5"} | changes


def test_a_row_tells_when_plans_came() -> None:
    made = row()
    assert set(made) <= set(COLUMNS)
    assert (made["first_plan"], made["best_plan"], made["best_first_stage"]) == ("0.2", "1.5", "1.5")
    assert (made["solve"], made["end_first_stage"], made["peak_mib"]) == ("2.5", "2.0", "300")
    assert (made["cost_value"], made["cost_proven"], made["unserved"]) == ("100.0", "1", "0")


def test_without_a_curve_the_end_of_the_stage_counts() -> None:
    made = row_of(CASE, told(100.0, 90.0), figures())
    assert (made["first_plan"], made["best_first_stage"], made["best_plan"]) == ("2.0", "2.0", "2.0")


def test_without_a_plan_there_are_no_times() -> None:
    nothing = told(1.0, 1.0) | {"stages": [], "objective": None, "status": "unknown"}
    made = row_of(CASE, nothing, figures())
    assert (made["first_plan"], made["best_plan"], made["unserved"], made["status"]) == ("", "", "", "unknown")


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (row(), None),
        (row(100.01, 100.01), None),
        (row(99.9, 99.9), "below the published optimum"),
        (row(99.9, 99.9, is_optimum="0"), None),
        (row(101.0, 100.5), "above the best known"),
        (row(check="exit code 1: load: too many"), "too many"),
        (row(check="no plan"), None),
    ],
)
def test_false_claims_are_told(made: Row, words: str | None) -> None:
    found = claims(made)
    assert (words is None and not found) or (words is not None and words in "; ".join(found))


def test_the_ledger_keeps_and_forgets(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path, "x")
    ledger.add(row(), [(0.2, "cost", 120.0, None)])
    ledger.add(row(run=2), [(0.3, "cost", None, 90.0)])
    ledger.add({"case": "a2", "run": "1", "status": FAILED}, [])
    again = Ledger(tmp_path, "x")
    assert [(r["case"], r["run"]) for r in again.rows()] == [("a1", "1"), ("a1", "2"), ("a2", "1")]
    assert again.curves() == {("a1", 1): [(0.2, "cost", 120.0, None)], ("a1", 2): [(0.3, "cost", None, 90.0)]}
    again.forget(set())
    assert [r["case"] for r in again.rows()] == ["a1", "a1"], "what failed is measured again"
    again.forget({"a1"})
    assert again.rows() == []
    assert again.curves() == {}


def test_the_table_has_medians_and_what_is_false() -> None:
    rows = [row(run=1), row(102.0, 98.0, run=2, process="70"), row(104.0, 98.0, run=3, process="80")]
    (group,) = groups(rows, ["a1"])
    assert (group.proven, group.status, group.is_over) == (1, "1 optimal, 2 feasible", True)
    assert group.first("value") == 102.0
    assert group.off(102.0) == pytest.approx(0.02)
    written = text("x", [group])
    assert "| a1 | 1 optimal, 2 feasible | 102 |" in written
    assert "More than 5 % over the limit: 1." in written
    assert "## False" not in written
    assert "## False" in text("x", groups([row(90.0, 90.0)], ["a1"]))


def test_cases_stand_in_the_order_of_the_suite() -> None:
    rows = [row(case="b"), row(case="gone"), row(case="a")]
    assert [group.case for group in groups(rows, ["b", "a"])] == ["b", "a", "gone"]


def test_a_failed_run_is_a_row_of_its_own() -> None:
    failed: Row = {"case": "a1", "run": "1", "status": FAILED, "check": "exit code 3: Defect", "stage": "cost"}
    failed |= {"limit": "60", "workers": "2", "code": "c0de", "process": "1.0", "best_known": ""}
    written = text("x", groups([failed], []))
    assert "No run left a result." in written
    assert "Defect" in written


def test_plots_are_the_same_every_time(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    ledger = Ledger(tmp_path, "growth")
    for size, seconds in ((25, "1.0"), (50, "3.0")):
        made = row(102.0, 98.0, case=f"n{size}-d5-s1", solve=seconds)
        ledger.add(made, [(0.2, "cost", 120.0, None), (1.0, "cost", 102.0, None)])
    made_groups = groups(ledger.rows(), [])
    plot(ledger, "growth", made_groups)
    first = {path.name: path.read_bytes() for path in tmp_path.glob("*.svg")}
    plot(ledger, "growth", made_groups)
    assert set(first) == {"quality-growth.svg", "quality-growth-time.svg"}
    for name, content in first.items():
        assert (tmp_path / name).read_bytes() == content
        assert len(content) < 40_000
    assert b"n25-d5-s1" in first["quality-growth.svg"]
    plot_lines(tmp_path / "none.svg", {}, title="nothing", across="x", up="y")
    assert (tmp_path / "none.svg").is_file()


def test_the_recorder_keeps_what_improves() -> None:
    recorder = Recorder(("served", "custody"), frozenset({"served"}))
    recorder.phase("construction")
    recorder.progress("better plan", value=5)
    recorder.progress("worse plan", value=4)
    recorder.phase("stage served")
    recorder.progress("bound", bound=9)
    recorder.progress("looser bound", bound=10)
    recorder.progress("better plan", value=6, bound=6)
    recorder.phase("gap served")
    recorder.phase("stage custody")
    recorder.progress("worse is more here", value=70, bound=10)
    recorder.progress("better plan", value=60, bound=5)
    recorder.phase("check")
    assert [point[1:] for point in recorder.curve] == [
        ("served", 5, None),
        ("served", None, 9),
        ("served", 6, 6),
        ("custody", 70, 10),
        ("custody", 60, None),
    ]
    assert set(recorder.ended) == {"served", "custody"}


def invoke(folder: Path, *options: str) -> Result:
    app = typer.Typer()
    app.command()(quality.main)
    return CliRunner().invoke(app, ["--suite", "tiny", "--results", str(folder), *options])


def test_what_is_measured_is_not_measured_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def measured(case: Case, **_: object) -> tuple[Row, list[Any]]:
        asked.append(case.name)
        return row(case=case.name, code=code()), []

    monkeypatch.setattr(quality, "measure", measured)
    monkeypatch.setattr(quality, "warm_up", lambda *_: None)
    one, both = ("--only", "tiny-5"), ("--only", "tiny-5", "--only", "tiny-6")
    assert invoke(tmp_path, *one, "--runs", "2").exit_code == 0
    assert invoke(tmp_path, *both, "--runs", "2").exit_code == 0
    assert asked == ["tiny-5", "tiny-5", "tiny-6", "tiny-6"]
    assert invoke(tmp_path, *one, "--runs", "1", "--fresh").exit_code == 0
    assert asked[4:] == ["tiny-5"]
    assert len(Ledger(tmp_path, "tiny").rows()) == 3
    assert "other code or limits" in invoke(tmp_path, *one, "--seconds", "7").output
    assert invoke(tmp_path, "--only", "tiny-x").exit_code == 2


def test_what_is_false_ends_with_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    faulty = row(check="exit code 1: window: too late")
    monkeypatch.setattr(quality, "measure", lambda *_, **__: (faulty, []))
    monkeypatch.setattr(quality, "warm_up", lambda *_: None)
    ended = invoke(tmp_path, "--only", "tiny-5", "--runs", "1")
    assert ended.exit_code == 1
    assert "FALSE: a1, run 1: the checker says: exit code 1: window: too late" in ended.output


@pytest.mark.slow
def test_a_case_is_measured(tmp_path: Path) -> None:
    ended = invoke(tmp_path, "--only", "tiny-5", "--runs", "1")
    assert ended.exit_code == 0, ended.output
    assert "tiny-5 1 / 1: optimal" in ended.output
    (made,) = Ledger(tmp_path, "tiny").rows()
    assert (made["check"], made["status"], made["served_proven"]) == ("feasible", "optimal", "1")
    assert 0 < float(made["first_plan"]) <= float(made["solve"]) < float(made["process"])
    written = {f"quality-tiny{end}" for end in (".csv", "-curves.csv", ".md")}
    assert {path.name for path in tmp_path.iterdir()} >= written
    assert "| tiny-5 | optimal |" in (tmp_path / "quality-tiny.md").read_text(encoding="utf-8")
