"""A comparison in words, German and English: one sentence for each scenario, and a table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from optimizer.explain.message import Count
from optimizer.model import Instance, ZabId
from optimizer.simulate.compare import SCALE, Comparison, Line, value_of
from optimizer.simulate.outcome import Outcome
from optimizer.simulate.scenario import Scenario, unchanging
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
_DIFFERENCES: dict[str, dict[Metric, str]] = {
    "de": {
        Metric.CARRIED: "{n:beförderte Anfrage|beförderte Anfragen}{more}",
        Metric.UNPLACED: "{n:nicht eingeplante Anfrage|nicht eingeplante Anfragen}{more}",
        Metric.CUSTODY: "{n:Minute|Minuten}{more} Umweg an Bord",
        Metric.ON_BOARD: "{n:Minute|Minuten}{more} an Bord",
        Metric.NIGHT: "{n:Minute|Minuten}{more} nachts an Bord",
        Metric.METRES: "Kilometer{more}",
        Metric.COST: "Euro{more}",
        Metric.OWN_DRIVES: "{n:eigene Fahrt|eigene Fahrten} der ABH{more}",
        Metric.SERVED_WEIGHT: "{n:Punkt|Punkte}{more} nach Frist",
        Metric.RELEASED: "nicht haltbare {n:Zusage|Zusagen}{more}",
        Metric.FAILED: "vergebliche {n:Anfahrt|Anfahrten}{more}",
        Metric.GAP: "{n:Prozentpunkt|Prozentpunkte}{more} Lücke zur Schranke",
    },
    "en": {
        Metric.CARRIED: "{more}{n:request|requests} carried",
        Metric.UNPLACED: "{more}unplaced {n:request|requests}",
        Metric.CUSTODY: "{more}{n:minute|minutes} of detour on board",
        Metric.ON_BOARD: "{more}{n:minute|minutes} on board",
        Metric.NIGHT: "{more}{n:minute|minutes} on board at night",
        Metric.METRES: "{more}{n:kilometre|kilometres}",
        Metric.COST: "{more}{n:euro|euros}",
        Metric.OWN_DRIVES: "{more}own {n:drive|drives} of the ABHs",
        Metric.SERVED_WEIGHT: "{more}{n:point|points} by deadline",
        Metric.RELEASED: "{more}{n:promise|promises} that cannot be kept",
        Metric.FAILED: "{more}{n:drive|drives} for nobody",
        Metric.GAP: "{more}percentage {n:point|points} of gap to the bound",
    },
}
"""A difference in each metric; ``n`` chooses singular or plural, ``more`` is "more", "fewer" or nothing."""
_MORE = {"de": (" weniger", " mehr"), "en": ("fewer ", "more ")}
_STATUS = {
    "de": {"infeasible": "unlösbar", "unknown": "keiner gefunden"},
    "en": {"infeasible": "infeasible", "unknown": "none found"},
}
"""How a day ends that has no plan."""
_PERIODS: dict[str, dict[Period | None, str]] = {
    "de": {Period.DAY: "am Tag", Period.WEEK: "in der Woche", Period.MONTH: "im Monat", None: "in diesem Zeitraum"},
    "en": {Period.DAY: "a day", Period.WEEK: "a week", Period.MONTH: "a month", None: "in this period"},
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

    Where the interval contains 0 that is said instead: the difference may be chance. ``period`` is ``None`` where each
    scenario was planned once: then there is no interval. ``of_days``: what was drawn are the days of a back-test.
    """
    german = language == "de"
    name, when = line.told(language), _PERIODS[language][period]
    found = line.differences.get(metric)
    if found is None:
        return f"{name}: {_nothing_to_tell(line, period, german=german, of_days=of_days)}"
    if found.low == found.high == 0.0:
        said = "kein Unterschied" if german else "no difference"
        return f"{name}: {said} ({WORDS[language][metric]})"
    if found.low <= 0.0 <= found.high:
        said = "kein sicherer Unterschied" if german else "no certain difference"
        told = _differing(metric, _with_span(found, language), "", language)
        return f"{name}: {said}: {told} {when}"
    shown = found if found.mean > 0 else found.turned()
    # Of a plan that was made once there is no interval.
    figure = _once(shown.mean, language) if shown.draws == 1 else _with_span(shown, language)
    return f"{name}: {_differing(metric, figure, _MORE[language][found.mean > 0], language)} {when}"


def _nothing_to_tell(line: Line, period: Period | None, *, german: bool, of_days: bool) -> str:
    if of_days:
        few = f"zu wenige Tage ({line.draws})" if german else f"too few days ({line.draws})"
        return few + ("; ein Unterschied braucht mindestens 2" if german else "; a difference needs 2 or more")
    if period is not None:
        few = f"zu wenige Ziehungen ({line.draws})" if german else f"too few draws ({line.draws})"
        return few + ("; ein Unterschied braucht mindestens 2" if german else "; a difference needs 2 or more")
    if line.without_plan:
        return "kein Plan, der sich vergleichen lässt" if german else "no plan that could be compared"
    return "nicht berechnet" if german else "not computed"


def _differing(metric: Metric, figure: str, more: str, language: str) -> str:
    """Return a figure with what it counts; only a bare 1 is singular, "1,0" and "0,5" are not."""
    return f"{figure} {_DIFFERENCES[language][metric].format(n=Count(1 if figure == '1' else 2), more=more)}"


def _once(value: float, language: str) -> str:
    return number(value, language).removesuffix(",0" if language == "de" else ".0")


def _with_span(found: Estimate, language: str) -> str:
    to = "bis" if language == "de" else "to"
    return f"{number(found.mean, language)} ({number(found.low, language)} {to} {number(found.high, language)})"


def statements(comparison: Comparison, metric: Metric, language: str, *, of_days: bool = False) -> Iterator[str]:
    """Tell what each scenario brings, the best first (``Comparison.best``)."""
    for line in comparison.best(metric):
        yield statement(line, metric, comparison.period, language, of_days=of_days)


def table(
    comparison: Comparison, language: str, *, of_days: bool = False, names: Mapping[ZabId, str] | None = None
) -> Iterator[str]:
    """Tell the means of all scenarios, a line each, and the new requests of each ZAB.

    Parameters
    ----------
    of_days
        What was drawn are the days of a back-test.
    names
        What ZABs are called (``names_of``); ``None``: by their ids.
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
        heads = [_HEADS[language][0], *((names or {}).get(zab, zab) for zab in zabs)]
        yield from _aligned([heads, *loads])
    yield ""
    if german:
        same = "an denselben Tagen" if of_days else "in denselben gezogenen Welten"
        yield f"In Klammern: Konfidenzintervall zu {level} % der Unterschiede {same}."
    else:
        same = "on the same days" if of_days else "in the same drawn worlds"
        yield f"In brackets: {level} % confidence interval of the differences {same}."
    yield from notes(comparison, language, of_days=of_days)


_BESIDE = (
    Metric.CARRIED, Metric.UNPLACED, Metric.SERVED_WEIGHT, Metric.OWN_DRIVES, Metric.RELEASED, Metric.CUSTODY,
    Metric.ON_BOARD, Metric.NIGHT, Metric.METRES, Metric.COST,
)  # fmt: skip


def names_of(instance: Instance) -> dict[ZabId, str]:
    """Return what ZABs are called behind the word ZAB."""
    return {zab.id: zab.name.removeprefix("ZAB ") for zab in instance.zabs}


def without_effect(scenario: Scenario, instance: Instance, language: str) -> Iterator[str]:
    """Tell each change that changes nothing: such as a day, or a time, that the file has nothing of."""
    for number, change in unchanging(scenario, instance):
        yield (
            f"{scenario.told(language)}: Änderung {number} ({change.kind}) ändert in dieser Datei nichts."
            if language == "de"
            else f"{scenario.told(language)}: change {number} ({change.kind}) changes nothing in this file."
        )


def beside(
    scenario: Scenario, before: Outcome, after: Outcome, language: str, names: Mapping[ZabId, str] | None = None
) -> Iterator[str]:
    """Tell two outcomes of one day side by side: what is, what would be, and the difference.

    ``names``: what ZABs are called (``names_of``); ``None``: by their ids.
    """
    german = language == "de"
    heads = (
        ["", "wie in der Datei", "Szenario", "Unterschied"] if german else ["", "as in the file", "scenario", "change"]
    )
    yield scenario.told(language)
    if not (before.has_plan and after.has_plan):
        made = "Plan vorhanden" if german else "has a plan"
        ends = [made if each.has_plan else _STATUS[language].get(each.status, each.status) for each in (before, after)]
        yield (
            f"  kein Plan ({heads[1]}: {ends[0]}; Szenario: {ends[1]})"
            if german
            else (f"  no plan ({heads[1]}: {ends[0]}; scenario: {ends[1]})")
        )
        return
    rows = []
    for metric in _BESIDE:
        one, two = (value_of(outcome, metric) * SCALE.get(metric, 1.0) for outcome in (before, after))
        rows.append([WORDS[language][metric], *_three(one, two, language, whole=metric not in SCALE)])
    for zab in dict.fromkeys([*before.load, *after.load]):
        called = (names or {}).get(zab, zab)
        name = f"neue Anfragen der ZAB {called}" if german else f"new requests of ZAB {called}"
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


_ENOUGH_TO_TRUST = 20
"""Fewer draws than this may all agree by luck, and their interval be empty (``optimizer.simulate.statistics``)."""
_DRAWS = {
    "de": ("{n:Ziehung|Ziehungen}", "{n:Tag|Tage}", "Ziehungen", "Tagen", "Ziehung für Ziehung", "Tag für Tag"),
    "en": ("{n:draw|draws}", "{n:day|days}", "draws", "days", "draw by draw", "day by day"),
}


def notes(comparison: Comparison, language: str, *, of_days: bool = False) -> Iterator[str]:
    """Tell what a reader of the figures must know: ended early, draws without a plan, unequal draws, wide intervals."""
    german, lines = language == "de", comparison.lines
    counted, several, one_by_one = _DRAWS[language][of_days::2]
    if comparison.was_cancelled:
        yield (
            "Vorzeitig beendet: Die Zahlen sind die der Ergebnisse bis dahin."
            if german
            else "Ended early: the figures are those of the results up to then."
        )
    for line in lines:
        if line.without_plan:
            number_of = counted.format(n=Count(line.without_plan))
            said = "ohne Plan, in keiner Zahl enthalten" if german else "without a plan, in no figure"
            yield f"{line.told(language)}: {line.without_plan} {number_of} {said}."
    if len({line.draws for line in lines}) > 1:
        yield (
            f"Die Mittelwerte sind aus verschieden vielen {several}; die Unterschiede sind {one_by_one} gebildet."
            if german
            else f"The means are of unequal numbers of {several}; the differences are taken {one_by_one}."
        )
    least = min((line.draws for line in lines), default=0)
    if comparison.period is not None and 1 < least < _ENOUGH_TO_TRUST:
        yield (
            f"Aus nur {least} {several}: Auch ein enges Intervall kann Zufall sein; verlässlich wird es ab etwa"
            f" {_ENOUGH_TO_TRUST}."
            if german
            else f"Of only {least} {several}: even a tight interval may be chance; it can be relied on from about"
            f" {_ENOUGH_TO_TRUST}."
        )
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
