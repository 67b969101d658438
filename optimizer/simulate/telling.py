"""A comparison in words, German and English: one sentence for each scenario, and a table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from optimizer.simulate.compare import SCALE, Comparison, Line, value_of
from optimizer.simulate.outcome import Outcome
from optimizer.simulate.scenario import Scenario
from optimizer.simulate.statistics import Estimate
from optimizer.simulate.sweep import Metric, Period

WORDS: dict[str, dict[Metric, str]] = {
    "de": {
        Metric.CARRIED: "beförderte Anfragen",
        Metric.UNPLACED: "nicht eingeplante Anfragen",
        Metric.CUSTODY: "Minuten Umweg an Bord",
        Metric.ON_BOARD: "Minuten an Bord",
        Metric.NIGHT: "Minuten nachts an Bord",
        Metric.METRES: "Kilometer",
        Metric.COST: "Euro",
        Metric.OWN_DRIVES: "eigene Fahrten der ABH",
        Metric.SERVED_WEIGHT: "Punkte nach Frist",
        Metric.RELEASED: "nicht haltbare Zusagen",
        Metric.FAILED: "vergebliche Anfahrten",
        Metric.GAP: "Prozent Lücke zur Schranke",
    },
    "en": {
        Metric.CARRIED: "requests carried",
        Metric.UNPLACED: "unplaced requests",
        Metric.CUSTODY: "minutes of detour on board",
        Metric.ON_BOARD: "minutes on board",
        Metric.NIGHT: "minutes on board at night",
        Metric.METRES: "kilometres",
        Metric.COST: "euros",
        Metric.OWN_DRIVES: "own drives of the ABHs",
        Metric.SERVED_WEIGHT: "points by deadline",
        Metric.RELEASED: "promises that cannot be kept",
        Metric.FAILED: "drives for nobody",
        Metric.GAP: "percent of gap to the bound",
    },
}
_PERIODS: dict[str, dict[Period | None, str]] = {
    "de": {Period.DAY: "am Tag", Period.WEEK: "in der Woche", Period.MONTH: "im Monat", None: "an diesen Tagen"},
    "en": {Period.DAY: "a day", Period.WEEK: "a week", Period.MONTH: "a month", None: "in these days"},
}
_TABLE = (
    Metric.CARRIED,
    Metric.UNPLACED,
    Metric.CUSTODY,
    Metric.METRES,
    Metric.RELEASED,
    Metric.OWN_DRIVES,
    Metric.GAP,
)
_HEADS = {
    "de": ("Szenario", "Ziehungen", "befördert", "offen", "Umweg min", "km", "gelöst", "eigene", "Lücke %"),
    "en": ("scenario", "draws", "carried", "unplaced", "detour min", "km", "released", "own", "gap %"),
}


def number(value: float, language: str) -> str:
    """Return a figure as people of the language write it: one digit behind the point below 100, whole above."""
    digits = 1 if abs(value) < 99.95 else 0
    text = f"{value + 0.0:,.{digits}f}"
    if text.strip("-0.,") == "":
        text = text.lstrip("-")
    return text.translate(str.maketrans(",.", ".,")) if language == "de" else text


def statement(line: Line, metric: Metric, period: Period | None, language: str, *, of_days: bool = False) -> str:
    """Return what a scenario brings: "+1 van at Essen: 3.2 (2.7 to 3.7) more requests carried a week".

    Where the interval contains 0 that is said instead: the difference may be chance. ``of_days``: what was drawn are
    the days of a back-test.
    """
    german = language == "de"
    name, words, when = line.told(language), WORDS[language][metric], _PERIODS[language][period]
    found = line.differences.get(metric)
    if found is None:
        drawn = ("Tage" if german else "days") if of_days else ("Ziehungen" if german else "draws")
        return f"{name}: {'zu wenige' if german else 'too few'} {drawn}"
    if found.low <= 0.0 <= found.high:
        if found.low == found.high:
            return f"{name}: {f'kein Unterschied ({words})' if german else f'no difference ({words})'}"
        span = _span(found, language)
        said = "kein sicherer Unterschied" if german else "no certain difference"
        return f"{name}: {said}, {number(found.mean, language)} ({span}) {words} {when}"
    more = found.mean > 0
    shown = found if more else Estimate(mean=-found.mean, low=-found.high, high=-found.low, draws=found.draws)
    comparative = ("mehr" if more else "weniger") if german else ("more" if more else "fewer")
    # Of a plan that was made once there is no interval.
    told = _once(shown.mean, language) if shown.draws == 1 else _with_span(shown, language)
    return f"{name}: {told} {comparative} {words} {when}"


def _once(value: float, language: str) -> str:
    return str(round(value)) if value == round(value) else number(value, language)


def _with_span(found: Estimate, language: str) -> str:
    return f"{number(found.mean, language)} ({_span(found, language)})"


def _span(found: Estimate, language: str) -> str:
    to = "bis" if language == "de" else "to"
    return f"{number(found.low, language)} {to} {number(found.high, language)}"


def statements(comparison: Comparison, metric: Metric, language: str, *, of_days: bool = False) -> Iterator[str]:
    """Tell what each scenario brings, the one that brings most first."""
    for line in comparison.best(metric):
        yield statement(line, metric, comparison.period, language, of_days=of_days)


def table(comparison: Comparison, language: str, *, of_days: bool = False) -> Iterator[str]:
    """Tell the means of all scenarios, a line each, and the new requests of each ZAB.

    ``of_days``: what was drawn are the days of a back-test.
    """
    german = language == "de"
    rows = [
        [line.told(language), str(line.draws), *(_cell(line.figures.get(m), language) for m in _TABLE)]
        for line in comparison.lines
    ]
    when = _PERIODS[language][comparison.period]
    level = number(comparison.confidence * 100, language).removesuffix(",0").removesuffix(".0")
    yield f"{comparison.name}: {'Mittelwerte' if german else 'means'} {when}"
    heads = list(_HEADS[language])
    if of_days:
        heads[1] = "Tage" if german else "days"
    yield from _aligned([heads, *rows])
    zabs = list(dict.fromkeys(zab for line in comparison.lines for zab in line.load))
    if zabs:
        yield ""
        yield f"{'Neue Anfragen je ZAB' if german else 'New requests of each ZAB'} {when}"
        loads = [
            [line.told(language), *(_cell(line.load.get(zab), language) for zab in zabs)] for line in comparison.lines
        ]
        yield from _aligned([[_HEADS[language][0], *zabs], *loads])
    yield ""
    if german:
        same = "an denselben Tagen" if of_days else "in denselben gezogenen Welten"
        yield f"In Klammern: Konfidenzintervall zu {level} % der Unterschiede {same}."
    else:
        same = "on the same days" if of_days else "in the same drawn worlds"
        yield f"In brackets: {level} % confidence interval of the differences {same}."
    yield from _notes(comparison.lines, german=german, language=language, of_days=of_days)


_BESIDE = (
    Metric.CARRIED, Metric.UNPLACED, Metric.OWN_DRIVES, Metric.RELEASED, Metric.CUSTODY, Metric.ON_BOARD, Metric.NIGHT,
    Metric.METRES, Metric.COST,
)  # fmt: skip


def beside(scenario: Scenario, before: Outcome, after: Outcome, language: str) -> Iterator[str]:
    """Tell two outcomes of one day side by side: what is, what would be, and the difference."""
    german = language == "de"
    heads = (
        ["", "wie in der Datei", "Szenario", "Unterschied"] if german else ["", "as in the file", "scenario", "change"]
    )
    yield scenario.told(language)
    if not (before.has_plan and after.has_plan):
        yield (
            f"  kein Plan: Datei {before.status}, Szenario {after.status}"
            if german
            else f"  no plan: file {before.status}, scenario {after.status}"
        )
        return
    rows = []
    for metric in _BESIDE:
        one, two = (value_of(outcome, metric) * SCALE.get(metric, 1.0) for outcome in (before, after))
        rows.append([WORDS[language][metric], *_three(one, two, language, whole=metric not in SCALE)])
    for zab in dict.fromkeys([*before.load, *after.load]):
        name = f"neue Anfragen der ZAB {zab}" if german else f"new requests of ZAB {zab}"
        rows.append([name, *_three(before.load.get(zab, 0), after.load.get(zab, 0), language, whole=True)])
    yield from _aligned([heads, *rows])
    if before.gap or after.gap:
        gaps = [number(100 * outcome.gap, language) for outcome in (before, after)]
        said = "nicht bewiesen, Lücke zur Schranke" if german else "not proven, gap to the bound"
        yield f"  {said}: {gaps[0]} %, {gaps[1]} %"


def _three(one: float, two: float, language: str, *, whole: bool) -> list[str]:
    def cell(value: float) -> str:
        return f"{value:.0f}" if whole else number(value, language)

    sign = "+" if two > one else ""
    return [cell(one), cell(two), sign + cell(two - one)]


def _notes(lines: Sequence[Line], *, german: bool, language: str, of_days: bool) -> Iterator[str]:
    drawn = ("Tage" if german else "days") if of_days else ("Ziehungen" if german else "draws")
    for line in lines:
        if line.without_plan:
            said = "ohne Plan, in keiner Zahl enthalten" if german else "without a plan, in no figure"
            yield f"{line.told(language)}: {line.without_plan} {drawn} {said}."
    wide = ", ".join(line.told(language) for line in lines if not line.is_enough)
    if wide:
        yield (
            f"Intervall weiter als verlangt, mehr Ziehungen (most) machen es enger: {wide}."
            if german
            else f"Interval wider than asked for, more draws (most) make it tighter: {wide}."
        )


def _cell(found: Estimate | None, language: str) -> str:
    return "–" if found is None else number(found.mean, language)


def _aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    for row in rows:
        first, *others = (
            cell.ljust(width) if i == 0 else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        yield "  ".join(["", first, *others]).rstrip()
