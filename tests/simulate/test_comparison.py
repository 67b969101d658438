"""What a comparison says: figures worked out by hand, sentences in two languages, a workbook that reads back."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from optimizer.simulate.compare import Comparison, Line, compare, dump_comparison
from optimizer.simulate.draws import NO_CHANCE
from optimizer.simulate.outcome import Outcome
from optimizer.simulate.results import Results
from optimizer.simulate.scale_out import InProcess
from optimizer.simulate.statistics import Estimate
from optimizer.simulate.sweep import FleetSizes, Metric, Period
from optimizer.simulate.sweeping import run_sweep
from optimizer.simulate.swept import Swept
from optimizer.simulate.telling import beside, number, statement, statements, table
from optimizer.simulate.workbook import write_comparison
from tests.simulate.worlds import FEWER, sweep, tiny


@cache
def swept() -> Swept:
    wanted = sweep(studies=(FleetSizes(sizes=(1, 2, 3)),), draws=NO_CHANCE, most=2)
    with Results(None, "of") as results:
        return run_sweep(wanted, *tiny(), results, InProcess())


def line(**differences: Estimate) -> Line:
    return Line(
        id="+1",
        title={"de": "+1 Kleinbus bei Essen", "en": "+1 van at Essen"},
        draws=30,
        without_plan=0,
        is_enough=True,
        figures={},
        differences={Metric(name): found for name, found in differences.items()},
        load={},
        load_differences={},
    )


def between(low: float, mean: float, high: float) -> Estimate:
    return Estimate(mean=mean, low=low, high=high, draws=30)


class TestFigures:
    def test_figures_are_those_of_a_week(self) -> None:
        found = compare(swept())
        assert found.baseline.id == "today"
        assert found.baseline.figures[Metric.CARRIED].mean == 20, "four a day, five days"
        assert found.baseline.figures[Metric.ON_BOARD].mean == 20 * 60, "minutes"
        assert found.baseline.differences[Metric.CARRIED].mean == 0
        fewer = next(each for each in found.lines if each.id == "fewer")
        assert fewer.differences[Metric.CARRIED].mean == -10
        assert fewer.load_differences["Z1"].mean == -10
        assert fewer.draws == 2

    def test_the_best_comes_first(self) -> None:
        found = compare(swept())
        assert found.best()[0].id == "fleet 3"
        assert found.best(Metric.UNPLACED)[0].id == "fleet 3", "fewer unplaced is better"

    def test_a_curve_has_a_point_for_each_size(self) -> None:
        (curve,) = compare(swept()).curves
        assert curve.sizes == (1, 2, 3)
        assert [point.mean for point in curve.unplaced] == [20, 10, 0]
        assert [point.mean for point in curve.carried] == [10, 20, 30]

    def test_draws_without_a_plan_are_counted_and_in_no_figure(self) -> None:
        found = swept()
        outcomes = dict(found.outcomes)
        outcomes[FEWER.key, 1] = Outcome(status="infeasible", load={"Z1": 0})
        broken = Swept(
            sweep=found.sweep, scenarios=found.scenarios, keys=found.keys, outcomes=outcomes, factor=5.0,
            enough={"fewer": False}, failed=(), was_cancelled=False,
        )  # fmt: skip
        fewer = compare(broken).lines[1]
        assert (fewer.draws, fewer.without_plan, fewer.differences, fewer.load_differences) == (1, 1, {}, {})
        assert fewer.figures[Metric.CARRIED] == Estimate(mean=10, low=10, high=10, draws=1), "what was is told"
        assert fewer.load["Z1"].mean == 10
        told = "\n".join(table(compare(broken), "en"))
        assert "means are of unequal numbers of draws" in told
        assert "one van less: 1 draw without a plan, in no figure." in told
        assert told.endswith("more draws (most) make it tighter: one van less.")
        assert statement(fewer, Metric.CARRIED, Period.WEEK, "en") == (
            "one van less: too few draws (1); a difference needs 2 or more"
        )
        assert statement(fewer, Metric.CARRIED, Period.WEEK, "de") == (
            "ein Fahrzeug weniger: zu wenige Ziehungen (1); ein Unterschied braucht mindestens 2"
        )

    def test_the_document_is_json_of_plain_values(self) -> None:
        document = json.loads(dump_comparison(compare(swept())))
        assert (document["format"], document["version"]) == ("restplatz-comparison", 1)
        told = document["comparison"]["lines"][1]["differences"]["carried"]
        assert told == {"mean": -10.0, "low": -10.0, "high": -10.0, "draws": 2}


class TestWords:
    @pytest.mark.parametrize(
        ("found", "german", "english"),
        [
            (
                between(2.71, 3.18, 3.66),
                "+1 Kleinbus bei Essen: 3,2 (2,7 bis 3,7) beförderte Anfragen mehr in der Woche",
                "+1 van at Essen: 3.2 (2.7 to 3.7) more requests carried a week",
            ),
            (
                between(-3.66, -3.18, -2.71),
                "+1 Kleinbus bei Essen: 3,2 (2,7 bis 3,7) beförderte Anfragen weniger in der Woche",
                "+1 van at Essen: 3.2 (2.7 to 3.7) fewer requests carried a week",
            ),
            (
                between(-0.4, 0.31, 1.02),
                "+1 Kleinbus bei Essen: kein sicherer Unterschied: 0,3 (-0,4 bis 1,0) beförderte Anfragen in der Woche",
                "+1 van at Essen: no certain difference: 0.3 (-0.4 to 1.0) requests carried a week",
            ),
            (
                between(0, 0, 0),
                "+1 Kleinbus bei Essen: kein Unterschied (beförderte Anfragen)",
                "+1 van at Essen: no difference (requests carried)",
            ),
        ],
    )
    def test_a_sentence_says_how_much_and_how_certain(self, found: Estimate, german: str, english: str) -> None:
        told = line(carried=found)
        assert statement(told, Metric.CARRIED, Period.WEEK, "de") == german
        assert statement(told, Metric.CARRIED, Period.WEEK, "en") == english

    @pytest.mark.parametrize(
        ("value", "metric", "german", "english"),
        [
            (1, Metric.CARRIED, "1 beförderte Anfrage mehr", "1 more request carried"),
            (-1, Metric.CARRIED, "1 beförderte Anfrage weniger", "1 fewer request carried"),
            (2, Metric.CARRIED, "2 beförderte Anfragen mehr", "2 more requests carried"),
            (0.5, Metric.CARRIED, "0,5 beförderte Anfragen mehr", "0.5 more requests carried"),
            (-1, Metric.UNPLACED, "1 nicht eingeplante Anfrage weniger", "1 fewer unplaced request"),
            (-1, Metric.CUSTODY, "1 Minute weniger Umweg an Bord", "1 fewer minute of detour on board"),
            (1234, Metric.METRES, "1.234 Kilometer mehr", "1,234 more kilometres"),
            (1, Metric.OWN_DRIVES, "1 eigene Fahrt der ABH mehr", "1 more own drive of the ABHs"),
            (1, Metric.RELEASED, "1 nicht haltbare Zusage mehr", "1 more promise that cannot be kept"),
            (
                0.4,
                Metric.GAP,
                "0,4 Prozentpunkte mehr Lücke zur Schranke",
                "0.4 more percentage points of gap to the bound",
            ),
        ],
    )
    def test_one_is_singular_and_nothing_else(self, value: float, metric: Metric, german: str, english: str) -> None:
        once = Estimate(mean=value, low=value, high=value, draws=1)
        told = line(**{metric.value: once})
        assert statement(told, metric, None, "de") == f"+1 Kleinbus bei Essen: {german} in diesem Zeitraum"
        assert statement(told, metric, None, "en") == f"+1 van at Essen: {english} in this period"

    def test_a_mean_of_one_is_no_bare_one(self) -> None:
        told = line(carried=between(0.4, 1.0, 1.6))
        german, english = (statement(told, Metric.CARRIED, Period.DAY, language) for language in ("de", "en"))
        assert german.endswith(": 1,0 (0,4 bis 1,6) beförderte Anfragen mehr am Tag")
        assert english.endswith(": 1.0 (0.4 to 1.6) more requests carried a day")

    def test_a_scenario_without_a_plan_says_so(self) -> None:
        told = replace(line(), draws=0, without_plan=1)
        assert statement(told, Metric.CARRIED, None, "de").endswith(": kein Plan, der sich vergleichen lässt")
        assert statement(replace(told, without_plan=0), Metric.CARRIED, None, "en").endswith(": not computed")

    def test_figures_as_people_write_them(self) -> None:
        assert [number(x, "de") for x in (1234567.8, 99.94, -0.04, 0.0, 100.0, -2.55)] == [
            "1.234.568", "99,9", "0,0", "0,0", "100", "-2,5",
        ]  # fmt: skip
        assert number(1234567.8, "en") == "1,234,568"

    @pytest.mark.parametrize("language", ["de", "en"])
    def test_every_metric_and_period_has_words(self, language: str) -> None:
        for metric in Metric:
            for period in Period:
                assert statement(line(**{metric.value: between(1, 2, 3)}), metric, period, language)

    def test_the_table_has_a_row_for_each_scenario_and_the_load_of_each_zab(self) -> None:
        told = list(table(compare(swept()), "de"))
        assert told[0] == "tiny: Mittelwerte in der Woche"
        heads = "Szenario Ziehungen befördert offen Umweg min km gelöst eigene Lücke %"
        assert told[1].split() == heads.split()
        assert told[2].split()[:8] == ["wie", "in", "der", "Datei", "2", "20,0", "10,0", "0,0"]
        assert "Neue Anfragen je ZAB in der Woche" in told
        assert len({len(row) for row in told[1:8]}) == 1, "columns stand under each other"

    def test_all_sentences_the_best_first(self) -> None:
        said = list(statements(compare(swept()), Metric.CARRIED, "en"))
        assert said[0] == "fleet of 3 vehicles: 10.0 (10.0 to 10.0) more requests carried a week"
        assert said[-1].endswith("fewer requests carried a week")


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_workbook_reads_back(tmp_path: Path, language: str) -> None:
    file = tmp_path / "comparison.xlsx"
    write_comparison(file, compare(swept()), swept(), language)
    sheets = pd.read_excel(file, sheet_name=None, engine="calamine")
    assert list(sheets) == (
        ["Aussagen", "Zahlen", "Last je ZAB", "Kurve", "Ziehungen"]
        if language == "de"
        else ["statements", "figures", "load", "curve", "draws"]
    )
    figures = sheets["Zahlen" if language == "de" else "figures"]
    row = figures[(figures.iloc[:, 0] == FEWER.told(language)) & figures.iloc[:, 1].str.contains("Anfragen|requests c")]
    assert row.iloc[0, 2] == 10
    draws = sheets["Ziehungen" if language == "de" else "draws"]
    assert len(draws) == len(swept().outcomes)
    curve = sheets["Kurve" if language == "de" else "curve"]
    assert curve.iloc[:, 0].tolist() == [1, 2, 3]


def test_one_that_ended_early_says_so_in_table_and_workbook(tmp_path: Path) -> None:
    ended, file = replace(compare(swept()), was_cancelled=True), tmp_path / "comparison.xlsx"
    assert any(row.startswith("Vorzeitig beendet") for row in table(ended, "de"))
    write_comparison(file, ended, swept(), "en")
    said = pd.read_excel(file, sheet_name="statements", engine="calamine").iloc[:, 1]
    assert said.str.startswith("Ended early").any()


@pytest.mark.parametrize(("draws", "is_few"), [(1, False), (2, True), (19, True), (20, False)])
def test_few_draws_that_may_agree_by_luck_say_so(draws: int, is_few: bool) -> None:
    few = Comparison(name="few", period=Period.DAY, confidence=0.9, lines=(replace(line(), draws=draws),))
    told = [row for row in table(few, "de") if row.startswith("Aus nur ")]
    assert told == (
        [f"Aus nur {draws} Ziehungen: Auch ein enges Intervall kann Zufall sein; verlässlich wird es ab etwa 20."]
        if is_few
        else []
    )


def test_a_day_without_a_plan_is_told_in_words() -> None:
    outcomes = (Outcome(status="optimal", load={}), Outcome(status="infeasible", load={}))
    assert list(beside(FEWER, *outcomes, "de"))[1:] == [
        "  kein Plan (wie in der Datei: Plan vorhanden; Szenario: unlösbar)"
    ]


def test_an_empty_comparison_is_told_too() -> None:
    empty = Comparison(name="none", period=Period.DAY, confidence=0.9, lines=(line(),))
    assert any("90 %" in row for row in table(empty, "en"))
