"""What the command line says in words: lines for a person to read; ``language`` is ``"de"`` or ``"en"``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from optimizer.io.problem import Problem, Units
from optimizer.io.result_file import tell
from optimizer.model import VisitKind
from optimizer.result import Reason, Result

if TYPE_CHECKING:  # Explaining needs no routing.
    from optimizer.insertion.best import Insertion, Possibility


def summary(result: Result, stated: Problem, *, was_cancelled: bool) -> Iterator[str]:
    """Tell what a run came to: status, stages, counts, seconds, and what was lost."""
    if was_cancelled:
        yield "Stopped on request: the best plan so far."
    yield f"{stated.instance.name}: {result.status.value}" + ("" if result.complete else " (enumeration cut short)")
    if result.stages:
        yield f"  {'stage':<10} {'value':>14} {'bound':>14} {'gap':>8}  proven"
    for stage in result.stages:
        value, bound = (figure(stage.name.value, number, stated.units) for number in (stage.value, stage.bound))
        yield f"  {stage.name.value:<10} {value:>14} {bound:>14} {stage.gap:>8.2%}  {'yes' if stage.proven else 'no'}"
    if result.objective is not None:
        served, unserved = result.objective.served_requests, result.objective.unserved_requests
        yield f"  {served} requests served, {unserved} unserved, {len(result.solution.tours)} tours"
    parts = result.statistics.get("parts")
    if isinstance(parts, list):
        yield f"  {len(parts)} parts that nothing couples, in {result.statistics.get('processes')} processes"
    if isinstance(result.statistics.get("seconds"), dict):
        yield f"  {seconds_of(result.statistics)}"


def seconds_of(statistics: Mapping[str, object]) -> str:
    """Tell the seconds of each phase."""
    seconds = statistics.get("seconds")
    told = seconds if isinstance(seconds, dict) else {}
    phases = ", ".join(f"{name} {spent:.2f}" for name, spent in told.items() if isinstance(spent, int | float))
    return f"seconds: {phases}"


def losses(result: Result) -> Iterator[str]:
    """Tell which parts have no plan of their own because their process died."""
    lost = result.statistics.get("lost")
    for part in lost if isinstance(lost, list) else []:
        duties = part["duties"]
        yield (
            f"Lost: part {part['part']}, {len(duties)} duties from {duties[0]} on: its process {part['cause']}. "
            "Nobody new rides there."
        )


def figure(term: str, number: int, units: Units) -> str:
    """Return a value of a term or stage in the file's units."""
    told = tell(term, number, units)
    return f"{told:,.2f}" if isinstance(told, float) else f"{told:,}"


def unserved(request: str, reasons: tuple[Reason, ...], language: str) -> Iterator[str]:
    """Tell why a request is left out."""
    german = language == "de"
    yield f"Anfrage {request}: nicht eingeplant" if german else f"Request {request}: unserved"
    for reason in reasons:
        duty = f"Dienst {reason.duty}" if german else f"duty {reason.duty}"
        yield f"  ZAB {reason.zab}, {duty}: {reason.texts.get(language, '–')}"
        action = reason.actions.get(language)
        if action:
            yield f"    {'Möglich' if german else 'Possible'}: {action}"
    if not reasons:
        yield "  Das Ergebnis nennt keinen Grund." if german else "  The result tells no reason."


def insertion(answer: Insertion, stated: Problem, language: str) -> Iterator[str]:
    """Tell the possibilities, the best first, or why there is none."""
    if not answer.possibilities:
        yield from unserved(answer.request, answer.reasons, language)
        return
    for number, possibility in enumerate(answer.possibilities, 1):
        yield f"{number}. {_terms(possibility, stated)}"
        yield from _places(possibility, stated.units, language)


def _terms(possibility: Possibility, stated: Problem) -> str:
    told = [
        f"{stage.value} {'+' if possibility.increase[stage] > 0 else ''}"
        + figure(stage.value, possibility.increase[stage], stated.units)
        for stage in stated.instance.stages
        if possibility.increase[stage]
    ]
    return ", ".join([" + ".join(possibility.duties), *told])


def _places(possibility: Possibility, units: Units, language: str) -> Iterator[str]:
    german = language == "de"
    words = {VisitKind.PICKUP: "Abholung", VisitKind.DELIVERY: "Übergabe"} if german else {}
    tours = {tour.duty: tour for tour in possibility.tours}
    for place in possibility.placements:
        starts = {v.kind: v.start for v in tours[place.duty].visits if v.request == place.request}
        for kind, position in ((VisitKind.PICKUP, place.pickup), (VisitKind.DELIVERY, place.delivery)):
            at = units.time(starts[kind])
            where = f"Halt {position + 1} auf Dienst" if german else f"stop {position + 1} of duty"
            yield f"   {place.request}: {words.get(kind, kind.value)} {at}, {where} {place.duty}"
    for stop in possibility.moved:
        before, after = units.time(stop.before), units.time(stop.after)
        moved = "verschoben von" if german else "moved from"
        to = "auf" if german else "to"
        yield f"   {stop.request}: {words.get(stop.kind, stop.kind.value)} {moved} {before} {to} {after}"
