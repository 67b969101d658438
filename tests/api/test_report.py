from __future__ import annotations

import ast
import io
import re
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from api.report import Report, problem_line
from api.words import _PROBLEMS_DE, _WORDS, Language, problem_title
from optimizer.errors import InputProblem
from optimizer.io.plan_tables import PlanTables, plan_tables
from optimizer.model import Instance, Rule, Stage, Strength
from optimizer.result import Result, Status
from optimizer.travel.matrix import TravelMatrix
from optimizer.verify.violation import Violation
from tests.api.plans import result_for
from tests.io.tables_day import day, read_all, write_csv

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def case(tmp_path: Path) -> tuple[Instance, TravelMatrix]:
    tables = day(people="adult:m:1 adult:f:1")
    tables["fleet"][0]["cost_eur_per_km"] = "0.60"
    instance, travel, _ = read_all(write_csv(tmp_path / "day", tables))
    return instance, travel


def printed(tables: PlanTables, result: Result, language: Language = Language.DE) -> str:
    stream = io.StringIO()
    Report(Console(file=stream, width=150), language).print(tables, result)
    return stream.getvalue()


def test_ride_tells_direct_planned_and_limit(case: tuple[Instance, TravelMatrix]) -> None:
    tables = plan_tables(*case, result_for(*case))
    (ride,) = tables.proposals
    # 09:15 to 10:30; the direct drive is 60 min; pooling allows the greater of 78 and 90 min.
    assert (ride.minutes_direct, ride.minutes_on_board, ride.minutes_limit) == (60, 75, 90)
    assert (ride.pickup_place, ride.pickup_time, ride.handover_time) == (
        "Köln",
        "2026-10-05T09:00",
        "2026-10-05T10:30",
    )
    assert (ride.shares_with, ride.planned_tour) == ("C1", "yes")
    assert "direkt 60, geplant 75, Grenze 90" in printed(tables, result_for(*case))


def test_planned_tour_tells_free_seats_that_are_used(case: tuple[Instance, TravelMatrix]) -> None:
    (tour,) = plan_tables(*case, result_for(*case)).planned
    assert (tour.promised, tour.new, tour.seats, tour.used_before, tour.used_after) == (1, 1, 7, 1, 2)


def test_load_of_each_zab(case: tuple[Instance, TravelMatrix]) -> None:
    (load,) = plan_tables(*case, result_for(*case)).zabs
    # Essen - Essen - Köln - DUS - DUS - Essen: three drives of 60 km; 07:30 to 12:00.
    assert (load.new_requests, load.tours, load.km, load.hours) == (1, 1, 180, 4.5)


def test_unserved_requests_have_reason_and_action_in_both_languages(case: tuple[Instance, TravelMatrix]) -> None:
    for language, reason in ((Language.DE, "Familien fahren nur"), (Language.EN, "families ride")):
        tables = plan_tables(*case, result_for(*case), language.value)
        (entry,) = tables.unserved
        assert (entry.request, entry.rule) == ("R1", "families_apart")
        # Brackets are text, not markup.
        assert "rule]" in printed(tables, result_for(*case), language).replace("Regel]", "rule]")
        assert reason in entry.reason


def test_request_without_a_reason_is_still_listed(case: tuple[Instance, TravelMatrix]) -> None:
    result = replace(result_for(*case), unserved=())
    tables = plan_tables(*case, result)
    assert [entry.request for entry in tables.unserved] == ["R1"]
    assert "kein Grund ermittelt" in printed(tables, result)


def test_headline_and_proof(case: tuple[Instance, TravelMatrix]) -> None:
    proven = printed(plan_tables(*case, result_for(*case)), result_for(*case))
    assert proven.startswith("2 Anfragen: 1 Vorschläge, 1 nicht eingeplant · bewiesen optimal")
    assert "offen" not in proven
    result = result_for(*case, Status.FEASIBLE)
    text = printed(plan_tables(*case, result), result)
    assert f"{len(result.stages) - 1} von {len(result.stages)} Stufen bewiesen" in text
    assert "offen" in text
    assert "100,00 %" in text


def test_english_screen_has_no_german_words(case: tuple[Instance, TravelMatrix]) -> None:
    text = printed(plan_tables(*case, result_for(*case), "en"), result_for(*case), Language.EN)
    for german, english in _WORDS.values():
        if german != english and "{" not in german and len(german) > 6:
            assert german not in text


def test_every_stage_has_a_word() -> None:
    assert {f"stage_{stage.value}" for stage in Stage} <= set(_WORDS)


def test_every_problem_code_has_a_german_title() -> None:
    """Codes are the first argument of ``CellError``, ``add`` and ``note`` in the import, or ``code=`` there."""
    found: set[str] = set()
    for path in [*ROOT.glob("optimizer/io/tables*.py"), ROOT / "api" / "cli.py"]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            first = [*node.args[:1]] if name in ("CellError", "add", "note") else []
            given = [word.value for word in node.keywords if word.arg == "code" and name != "Rejection"]
            for value in first + given:
                found |= {c.value for c in ast.walk(value) if isinstance(c, ast.Constant) and isinstance(c.value, str)}
    codes = {code for code in found if re.fullmatch(r"[a-z]+(_[a-z]+)*", code)}
    assert len(codes) > 50
    assert codes <= set(_PROBLEMS_DE)
    # None is left over, but for the default of a parser.
    assert set(_PROBLEMS_DE) - codes <= {"unknown_value"}


def test_problem_line_in_german_and_english() -> None:
    problem = InputProblem(
        code="unknown_place", file="pool.csv", row=3, column="pickup_place", expected="a place", got="'X'", action="Go."
    )
    assert problem_line(problem, Language.DE) == str(problem), "no German for it: one language in a line"
    known = replace(problem, expected="a place or coordinates", got="nothing", action="Fill it.")
    assert problem_line(known, Language.DE) == (
        "pool.csv, Zeile 3, Spalte 'pickup_place': Ort unbekannt [unknown_place]. Erwartet: einen Ort oder "
        "Koordinaten; gefunden: nichts. Füllen Sie die Zelle aus."
    )
    assert problem_line(known, Language.EN) == str(known)
    assert problem_title("unknown_place", Language.EN) == "unknown place"


def test_what_the_checker_only_tells_is_shown(case: tuple[Instance, TravelMatrix]) -> None:
    warning = Violation(
        rule=Rule.DRIVER_BREAK,
        strength=Strength.WARN,
        duty="D-7",
        expected="at most 16200 s",
        got="20000 s",
        message="Driving without a break",
    )
    stream = io.StringIO()
    report = Report(Console(file=stream, width=150), Language.DE)
    report.print(plan_tables(*case, result_for(*case)), result_for(*case), [warning, warning])
    shown = stream.getvalue()
    assert "Hinweise der Prüfung" in shown
    assert shown.count("D-7") == 1
    assert "ohne Pause länger fahren" in " ".join(shown.split())
