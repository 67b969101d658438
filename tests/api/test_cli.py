from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook
from typer.testing import CliRunner
from typer.testing import Result as Outcome

from api import plan_files
from api.cli import app
from api.plan_files import FILES
from optimizer.errors import UnsoundSolution
from optimizer.result import Status
from tests.api.plans import fake_solve
from tests.io.tables_day import day, write_csv, write_xlsx


@pytest.fixture
def tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The small day, with the solver replaced by a plan made by hand."""
    monkeypatch.setattr("optimizer.days.warm.compile_kernels", lambda *_: 0.0)
    monkeypatch.setattr("optimizer.solve.solve", fake_solve())
    return write_csv(tmp_path / "tag", day())


def run(*arguments: object) -> Outcome:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_rematch_prints_the_plan(tables: Path) -> None:
    outcome = run("rematch", tables)
    assert outcome.exit_code == 0, outcome.output
    for text in ("2 Anfragen: 1 Vorschläge", "bewiesen optimal", "R2", "Nicht eingeplant", "Kennzahlen", "Beweis"):
        assert text in outcome.stdout


def test_rematch_reads_a_workbook_alike(tables: Path, tmp_path: Path) -> None:
    book = write_xlsx(tmp_path / "tag.xlsx", day())
    assert run("rematch", book).stdout == run("rematch", tables).stdout


def test_json_on_stdout_is_the_result_file(tables: Path, tmp_path: Path) -> None:
    outcome = run("rematch", tables, "--format", "json", "--out", tmp_path / "plan")
    document = json.loads(outcome.stdout)
    assert document["status"] == "optimal"
    assert outcome.stdout == (tmp_path / "plan" / "result.json").read_text(encoding="utf-8")


def test_all_files_are_written(tables: Path, tmp_path: Path) -> None:
    assert run("rematch", tables, "--out", tmp_path / "plan").exit_code == 0
    assert sorted(path.name for path in (tmp_path / "plan").iterdir()) == sorted(FILES)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["plan", "tag"]
    with (tmp_path / "plan" / "proposals.csv").open(encoding="utf-8-sig") as stream:
        (proposal,) = csv.DictReader(stream)
    assert (proposal["request"], proposal["vehicle"], proposal["minutes_on_board"]) == ("R2", "V1", "75")
    sheets = CalamineWorkbook.from_path(tmp_path / "plan" / "plan.xlsx")
    assert sheets.sheet_names[:3] == ["Vorschläge", "Restplätze auf geplanten Touren", "Nicht eingeplant"]
    assert sheets.get_sheet_by_name("Vorschläge").to_python()[1][3] == "R2"


def test_written_plan_can_be_checked_anywhere(tables: Path, tmp_path: Path) -> None:
    from optimizer.io.json import read_instance
    from optimizer.io.result_file import read_result

    assert run("rematch", tables, "--out", tmp_path / "plan").exit_code == 0
    stated = read_instance(tmp_path / "plan" / "instance.json")
    assert read_result(tmp_path / "plan" / "result.json", stated).result.solution.served == {"R2", "C1"}


def test_cells_that_look_like_formulas_are_neutralised(tables: Path, tmp_path: Path) -> None:
    assert run("rematch", tables, "--out", tmp_path / "plan").exit_code == 0
    with (tmp_path / "plan" / "unserved.csv").open(encoding="utf-8-sig") as stream:
        (entry,) = csv.DictReader(stream)
    assert entry["action"] == "'=anderen Dienst wählen"


def test_an_earlier_plan_is_replaced_as_a_whole(tables: Path, tmp_path: Path) -> None:
    plan = tmp_path / "plan"
    assert run("rematch", tables, "--out", plan).exit_code == 0
    (plan / "proposals.csv").write_text("old")
    assert run("rematch", tables, "--out", plan).exit_code == 0
    assert (plan / "proposals.csv").read_text(encoding="utf-8-sig").startswith("zab,duty")


def test_all_files_or_none(tables: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(plan_files, "write_workbook", broken)
    outcome = run("rematch", tables, "--out", tmp_path / "plan")
    assert outcome.exit_code == 1
    assert "No space left" in outcome.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["tag"]


def test_bad_input_exits_with_2_and_writes_nothing(tmp_path: Path) -> None:
    folder = write_csv(tmp_path / "tag", day(people="adult:m:0", pickup_place="Hoxter"))
    outcome = run("rematch", folder, "--out", tmp_path / "plan")
    assert outcome.exit_code == 2
    assert outcome.stdout == ""
    assert "2 Fehler. Es wurde nichts geschrieben." in outcome.stderr
    assert "pool.csv, Zeile 2, Spalte 'people': null Personen" in outcome.stderr
    assert "Meinten Sie 'Höxter'" in outcome.stderr
    assert not re.search("Expected|got|Correct", outcome.stderr)
    assert not (tmp_path / "plan").exists()


def test_english_on_request(tmp_path: Path) -> None:
    outcome = run("rematch", tmp_path / "nowhere", "--language", "en")
    assert outcome.exit_code == 2
    assert "1 problems. Nothing was written." in outcome.stderr


@pytest.mark.parametrize("arguments", [("--workers", "0"), ("--time-limit", "-1"), ("--seed", "-3")])
def test_bad_knobs(tables: Path, arguments: tuple[str, str]) -> None:
    outcome = run("rematch", tables, *arguments)
    assert outcome.exit_code == 2
    assert "expected" in outcome.stderr


def test_target_is_looked_at_before_solving(tables: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: Any, **__: Any) -> None:
        raise AssertionError("solved")

    monkeypatch.setattr("optimizer.solve.solve", never)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("keep me")
    for target in (tmp_path / "mine", tables / "pool.csv", tmp_path / "no" / "such" / "place"):
        assert run("rematch", tables, "--out", target).exit_code == 2
    assert (tmp_path / "mine" / "letter.txt").read_text() == "keep me"


def test_refused_plan_is_a_defect_and_never_put_out(
    tables: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unsound(*_: Any, **__: Any) -> None:
        raise UnsoundSolution(["load: too many"])

    monkeypatch.setattr("optimizer.solve.solve", unsound)
    outcome = run("rematch", tables, "--out", tmp_path / "plan")
    assert outcome.exit_code == 3
    assert outcome.stdout == ""
    assert not (tmp_path / "plan").exists()


def test_infeasible_day_exits_with_1(tables: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("optimizer.solve.solve", fake_solve(Status.INFEASIBLE))
    outcome = run("rematch", tables)
    assert outcome.exit_code == 1
    assert "kein zulässiger Plan" in outcome.stdout


def test_no_person_is_named_anywhere(tables: Path, tmp_path: Path) -> None:
    """No column of any file can hold a name, a birth date or an address."""
    from dataclasses import fields

    from optimizer.io import plan_tables
    from optimizer.io.tables_columns import FORBIDDEN_IN_REQUESTS

    kinds = [plan_tables.Ride, plan_tables.UnservedReason, plan_tables.TourStop, plan_tables.PlannedTour]
    columns = {field.name for kind in kinds for field in fields(kind)}
    assert columns
    assert not columns & FORBIDDEN_IN_REQUESTS
