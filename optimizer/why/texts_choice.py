"""What is said of a choice, and of what has changed: one reason each."""

from __future__ import annotations

from collections.abc import Sequence

from optimizer.answer import Cause, Difference, Move, OnBoard, Texts, WhyNot
from optimizer.explain.message import LANGUAGES, Count
from optimizer.explain.rule_names import rule_names
from optimizer.model import DutyId, RequestId, Rule
from optimizer.why.texts import STAGES, amount
from optimizer.why.texts import price as first_difference

CAUSES: dict[Cause, tuple[str, str]] = {
    Cause.GONE: ("Die Fahrt ist entfallen.", "The trip is gone."),
    Cause.NEW: ("Die Fahrt ist neu hinzugekommen.", "The trip is new."),
    Cause.DUTY_GONE: ("Dienst {before} gibt es nicht mehr.", "Duty {before} is no longer there."),
    Cause.PROMISED: ("Die Fahrt ist inzwischen zugesagt.", "The trip is promised by now."),
    Cause.RULE: (
        "Auf Dienst {before} steht ihr nun eine Regel entgegen: {rule}.",
        "On duty {before} a rule now stands against it: {rule}.",
    ),
    Cause.MADE_ROOM: (
        "Auf Dienst {before} ginge sie nur noch anstelle von: {others}.",
        "On duty {before} it would now go only in the place of: {others}.",
    ),
    Cause.TOOK_ROOM: (
        "Auf Dienst {after} ist Platz frei geworden; dort nicht mehr eingeplant: {others}.",
        "On duty {after} room has become free; no longer planned there: {others}.",
    ),
    Cause.BETTER: (
        "Der Plan als Ganzes ist so besser. Bliebe die Fahrt auf dem alten Dienst: {price}.",
        "The plan as a whole is better this way. Had the trip stayed on the old duty: {price}.",
    ),
    Cause.TIMES: (
        (
            "Derselbe Dienst, die Abholung liegt {minutes} min {side}. "
            "Auf der Tour hinzugekommen oder nicht mehr dabei: {others}."
        ),
        "The same duty, the pick-up is {minutes} min {side}. Come to the tour or gone from it: {others}.",
    ),
    Cause.NO_WORSE: (
        (
            "Bliebe die Fahrt auf dem alten Dienst, wäre der Plan nicht schlechter. "
            "Disposition: bei Bedarf dort von Hand zuordnen."
        ),
        (
            "Had the trip stayed on the old duty, the plan would be no worse. "
            "Dispatcher: assign it there by hand if wanted."
        ),
    ),
    Cause.UNKNOWN: ("Ein sicherer Grund ließ sich nicht feststellen.", "No certain reason could be established."),
}
"""What each cause of a change says."""

_SIDES = {"de": ("früher", "später"), "en": ("earlier", "later")}
_NOBODY = {"de": "niemand", "en": "nobody"}
_LEFT_OUT = {"de": "nicht befördert", "en": "not carried"}


def changed(
    cause: Cause,
    *,
    before: DutyId | None,
    after: DutyId | None,
    rule: Rule | None,
    others: Sequence[RequestId],
    price: Sequence[Difference],
    minutes: int,
) -> Texts:
    """Return the text of a change."""
    names = rule_names(() if rule is None else (rule,))
    return {
        language: CAUSES[cause][number].format(
            before=before,
            after=after,
            rule=names[language],
            others=", ".join(others) or _NOBODY[language],
            price=first_difference(price, language),
            minutes=abs(minutes),
            side=_SIDES[language][minutes > 0],
        )
        for number, language in enumerate(LANGUAGES)
    }


def chosen(duty: DutyId, terms: Sequence[Difference]) -> Texts:
    """Return what a request adds to the plan."""
    said = {
        "de": ("Mit dieser Fahrt auf Dienst {duty} ändert sich am Plan: {terms}.", "nichts"),
        "en": ("With this trip on duty {duty} the plan changes by: {terms}.", "nothing"),
    }
    return {
        language: text.format(duty=duty, terms=added(terms, language) or nothing)
        for language, (text, nothing) in said.items()
    }


def added(terms: Sequence[Difference], language: str) -> str:
    """Return all stages that differ, with what each grows by."""
    told = []
    for each in terms:
        grown = each.after - each.before
        if grown:
            sign = "+" if grown > 0 else "−"
            told.append(
                f"{STAGES[each.stage][LANGUAGES.index(language)]} {sign}{amount(each.stage, abs(grown), language)}"
            )
    return "; ".join(told)


def next_best(answer: WhyNot | None) -> Texts:
    """Return where a request would ride next best."""
    if answer is None:
        return {"de": "Kein anderer Dienst könnte sie übernehmen.", "en": "No other duty could take it."}
    said = {
        "de": (
            "Nächstbester Dienst: {duty}. {price}{left}.",
            "; dafür {number:bliebe eine andere Fahrt|blieben andere Fahrten} zurück: {others}",
        ),
        "en": (
            "Next best duty: {duty}. {price}{left}.",
            "; {number:another trip|other trips} left behind for it: {others}",
        ),
    }
    told = {}
    for language, (text, left) in said.items():
        others = ""
        if answer.displaced:
            others = left.format(others=", ".join(answer.displaced), number=Count(len(answer.displaced)))
        first = first_difference(answer.price, language)
        told[language] = text.format(duty=answer.duty, price=first[:1].upper() + first[1:], left=others)
    return told


def on_board(others: Sequence[OnBoard]) -> Texts:
    """Return what a request does to the time on board of the others."""
    moved = [each for each in others if each.with_it != each.without]
    if not moved:
        return {
            "de": "Niemand sonst ist dadurch länger oder kürzer an Bord.",
            "en": "Nobody else is on board for longer or shorter because of it.",
        }
    told = ", ".join(f"{each.request} {(each.with_it - each.without) / 60:+.0f} min" for each in moved)
    return {"de": f"Zeit an Bord der anderen: {told}.", "en": f"Time on board of the others: {told}."}


def forbidden(moves: Sequence[Move]) -> Texts:
    """Return who would ride elsewhere were the pair forbidden."""
    if not moves:
        return {
            "de": "Wer sonst wechseln müsste, ließ sich nicht feststellen.",
            "en": "Who else would have to move could not be established.",
        }
    said = {"de": "Wäre sie dort nicht erlaubt: ", "en": "Were it not allowed there: "}
    return {
        language: text
        + ", ".join(f"{m.request} {m.before or _LEFT_OUT[language]} → {m.after or _LEFT_OUT[language]}" for m in moves)
        + "."
        for language, text in said.items()
    }
