"""Answers about a plan in lines for a person to read; ``language`` is ``"de"`` or ``"en"``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from optimizer.answer import Change, Combination, Granter, Relaxation, WhatHelps, WhyNot, WhyThis
from optimizer.model import DutyId, RequestId

_GRANTERS: dict[Granter, tuple[str, str]] = {
    Granter.REQUESTER: ("ABH", "ABH"),
    Granter.ZAB: ("ZAB", "ZAB"),
    Granter.LEAD: ("LTraKo", "LTraKo"),
    Granter.NOBODY: ("niemand", "nobody"),
}
"""Who may grant what helps."""


NO_DUTY = (
    "There is no other duty that could take it. Possible: ZAB: set up a duty at the time of the trip.",
    "Es gibt keinen anderen Dienst, der sie übernehmen könnte. Möglich: ZAB: Dienst zur Zeit der Fahrt einrichten.",
)
"""English, German: what is said where there is no duty to ask about."""


def head(request: RequestId, language: str) -> str:
    """Return the line that names a request."""
    return f"Anfrage {request}:" if language == "de" else f"Request {request}:"


def promised(request: RequestId, duty: DutyId, language: str) -> str:
    """Return what is told of a request that is promised."""
    if language == "de":
        return f"Anfrage {request}: eingeplant auf Dienst {duty}, zugesagt."
    return f"Request {request}: served by duty {duty}, promised."


def why_not(answers: Sequence[WhyNot], language: str) -> Iterator[str]:
    """Tell why a request does not ride on each of these duties."""
    german = language == "de"
    if not answers:
        yield f"  {NO_DUTY[german]}"
    for answer in answers:
        duty = f"Dienst {answer.duty}" if german else f"duty {answer.duty}"
        yield f"  ZAB {answer.zab}, {duty}: {answer.texts[language]}"
        yield f"    {'Möglich' if german else 'Possible'}: {answer.actions[language]}"


def what_helps(answer: WhatHelps, language: str, *, is_any_duty: bool = True) -> Iterator[str]:
    """Tell what would let a request ride, by who may grant it; on a day without duties nothing does."""
    german = language == "de"
    if answer.fits_on is not None:
        duty = answer.fits_on
        yield (
            f"  Nichts nötig: Die Fahrt passt auf Dienst {duty}, ohne dass jemand weicht."
            if german
            else f"  Nothing needed: the trip fits on duty {duty} with nobody giving way."
        )
        return
    if not is_any_duty:
        yield f"  {NO_DUTY[german]}"
        return
    yield "  Was helfen würde, ohne dass jemand anderes weicht:" if german else "  What would help, all others kept:"
    if all(each.granter is Granter.NOBODY for each in answer.relaxations):
        yield "    Keine einzelne Änderung genügt." if german else "    No single change is enough."
    if answer.looked_at is not None and not answer.combinations:
        yield f"    {answer.looked_at.texts[language]}"
    # What nobody may grant comes last, after what two together may.
    single = [each for each in answer.relaxations if each.granter is not Granter.NOBODY]
    never = [each for each in answer.relaxations if each.granter is Granter.NOBODY]
    listed: list[Relaxation | Combination] = [*single, *answer.combinations]
    for number, each in enumerate(listed, 1):
        parts = each.parts if isinstance(each, Combination) else (each,)
        granters = dict.fromkeys(part.granter for part in parts)
        who = ", ".join(_GRANTERS[granter][0 if german else 1] for granter in granters)
        yield f"  {number}. [{who}] {each.texts[language]}"
        yield f"     {each.actions[language]}"
    if never:
        yield (
            "  Was entgegensteht und niemand ändern kann:" if german else "  What is in the way, and nobody may change:"
        )
    for each in never:
        yield f"  - {each.texts[language]}"
        yield f"    {each.actions[language]}"


def why_this(answer: WhyThis, language: str) -> Iterator[str]:
    """Tell why a request rides where it does."""
    german = language == "de"
    yield (
        f"Anfrage {answer.request}: eingeplant auf Dienst {answer.duty}."
        if german
        else f"Request {answer.request}: served by duty {answer.duty}."
    )
    yield f"  {answer.texts[language]}"
    for detail in answer.details:
        yield f"  {detail[language]}"


def changes(answers: Sequence[Change], language: str) -> Iterator[str]:
    """Tell what has changed against an earlier plan."""
    german = language == "de"
    if not answers:
        yield "Nichts hat sich geändert." if german else "Nothing has changed."
    nowhere = "nicht befördert" if german else "not carried"
    for each in answers:
        way = f"{each.before or nowhere} → {each.after or nowhere}"
        yield f"{each.request}: {way}. {each.texts[language]}"
