"""A comparison as an Excel workbook: figures with intervals, load of the ZABs, curves, and every single draw."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from optimizer.io.plan_tables_write import write_workbook
from optimizer.simulate.compare import Comparison, Line
from optimizer.simulate.statistics import Estimate
from optimizer.simulate.sweep import Metric
from optimizer.simulate.swept import Swept
from optimizer.simulate.telling import WORDS, notes, statement


@dataclass(frozen=True, slots=True, kw_only=True)
class _Figure:
    scenario: str
    metric: str
    mean: float
    low: float
    high: float
    difference: float
    difference_low: float
    difference_high: float
    draws: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sentence:
    scenario: str
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Load:
    scenario: str
    zab: str
    mean: float
    low: float
    high: float
    difference: float
    difference_low: float
    difference_high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Point:
    vehicles: int
    unplaced: float
    unplaced_low: float
    unplaced_high: float
    carried: float
    carried_low: float
    carried_high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Draw:
    scenario: str
    draw: int
    status: str
    requests: int
    carried: int
    unplaced: int
    failed: int
    cancelled: int
    released: int
    custody_min: float
    on_board_min: float
    night_min: float
    km: float
    euro: float
    own_drives: int
    own_km: float
    gap_percent: float


_TITLES = {
    "de": {
        "statements": "Aussagen", "figures": "Zahlen", "load": "Last je ZAB", "curve": "Kurve", "draws": "Ziehungen",
        "scenario": "Szenario", "says": "Aussage", "metric": "Größe", "mean": "Mittel", "low": "von", "high": "bis",
        "difference": "Unterschied", "difference_low": "Unterschied von", "difference_high": "Unterschied bis",
        "zab": "ZAB", "vehicles": "Fahrzeuge", "unplaced": "nicht eingeplant",
        "unplaced_low": "nicht eingeplant von",
        "unplaced_high": "nicht eingeplant bis", "carried": "befördert", "carried_low": "befördert von",
        "carried_high": "befördert bis", "draw": "Ziehung", "status": "Status", "requests": "Anfragen",
        "failed": "vergebliche Anfahrten", "cancelled": "vorher weggefallen", "released": "nicht haltbare Zusagen",
        "custody_min": "Umweg an Bord (min)", "on_board_min": "an Bord (min)", "night_min": "nachts an Bord (min)",
        "km": "Kilometer", "euro": "Euro", "own_drives": "eigene Fahrten der ABH", "own_km": "davon Kilometer",
        "gap_percent": "Lücke (%)",
    },
    "en": {
        "difference_low": "difference from", "difference_high": "difference to", "low": "from", "high": "to",
        "unplaced_low": "unplaced from", "unplaced_high": "unplaced to", "carried_low": "carried from",
        "carried_high": "carried to", "custody_min": "detour on board (min)", "on_board_min": "on board (min)",
        "night_min": "on board at night (min)", "own_drives": "own drives of ABHs", "own_km": "km of these",
        "gap_percent": "gap (%)", "failed": "drives for nobody", "cancelled": "fell away before",
        "released": "promises not kept",
    },
}  # fmt: skip

_OF_DAYS = {"de": {"draws": "Tage", "draw": "Tag"}, "en": {"draws": "days", "draw": "day"}}
"""What draws are called where they are days."""


def write_comparison(
    path: Path, comparison: Comparison, swept: Swept, language: str = "de", *, of_days: bool = False
) -> None:
    """Write the workbook; raises ``OSError`` as the system says it.

    ``of_days``: what was drawn are the days of a back-test, counted from 0.
    """
    metric = swept.sweep.metric
    said = [
        (line.told(language), statement(line, metric, comparison.period, language, of_days=of_days))
        for line in comparison.best(metric)
    ]
    said += [("", note) for note in notes(comparison, language, of_days=of_days)]
    sheets: dict[str, tuple[type, list[object]]] = {
        "statements": (_Sentence, [_Sentence(scenario=name, says=told) for name, told in said]),
        "figures": (_Figure, [row for line in comparison.lines for row in _figures(line, language)]),
        "load": (_Load, [row for line in comparison.lines for row in _loads(line, language)]),
    }
    points = [
        _Point(
            vehicles=size,
            unplaced=unplaced.mean,
            unplaced_low=unplaced.low,
            unplaced_high=unplaced.high,
            carried=carried.mean,
            carried_low=carried.low,
            carried_high=carried.high,
        )
        for curve in comparison.curves
        for size, unplaced, carried in zip(curve.sizes, curve.unplaced, curve.carried, strict=True)
    ]
    if points:
        sheets["curve"] = (_Point, [*points])
    sheets["draws"] = (_Draw, [*_draws(swept, language)])
    write_workbook(path, sheets, _TITLES[language] | (_OF_DAYS[language] if of_days else {}))


def _figures(line: Line, language: str) -> list[object]:
    return [
        _Figure(scenario=line.told(language), metric=WORDS[language][metric], draws=line.draws, **_both(own, other))
        for metric in Metric
        if (own := line.figures.get(metric)) is not None and (other := line.differences.get(metric)) is not None
    ]


def _loads(line: Line, language: str) -> list[object]:
    return [
        _Load(scenario=line.told(language), zab=zab, **_both(own, line.load_differences[zab]))
        for zab, own in line.load.items()
        if zab in line.load_differences
    ]


def _both(own: Estimate, difference: Estimate) -> dict[str, float]:
    return {
        "mean": own.mean,
        "low": own.low,
        "high": own.high,
        "difference": difference.mean,
        "difference_low": difference.low,
        "difference_high": difference.high,
    }


def _draws(swept: Swept, language: str) -> list[_Draw]:
    by_key = {swept.keys[scenario.id]: scenario.told(language) for scenario in reversed(swept.scenarios)}
    order = {key: number for number, key in enumerate(reversed(by_key))}
    return [
        _Draw(
            scenario=by_key[key],
            draw=draw,
            status=outcome.status,
            requests=outcome.requests,
            carried=outcome.carried,
            unplaced=outcome.unplaced,
            failed=outcome.failed,
            cancelled=outcome.cancelled,
            released=outcome.released,
            custody_min=outcome.custody / 60,
            on_board_min=outcome.on_board / 60,
            night_min=outcome.night / 60,
            km=outcome.metres / 1000,
            euro=outcome.cost / 100,
            own_drives=outcome.own_drives,
            own_km=outcome.own_metres / 1000,
            gap_percent=100 * outcome.gap,
        )
        for (key, draw), outcome in sorted(
            ((k, o) for k, o in swept.outcomes.items() if k[0] in by_key),
            key=lambda kept: (kept[0][1], order[kept[0][0]]),
        )
    ]
