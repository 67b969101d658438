"""What answers say, in German and English: what, why, and what could be done; without jargon."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from optimizer.answer import Difference, Texts, Verdict
from optimizer.explain.finding import Finding
from optimizer.explain.message import LANGUAGES, Count, Message, message
from optimizer.explain.messages import MESSAGES
from optimizer.explain.rule_names import with_others
from optimizer.model import RequestId, Rule, Stage

_WEIGH = (
    "Disposition: nur nach Abwägung im Einzelfall anders zuordnen; sonst ZAB: weiteres Team und Fahrzeug.",
    "Dispatcher: assign otherwise only after weighing the case; else ZAB: a further crew and vehicle.",
)

VERDICTS: dict[Verdict, Message] = {
    Verdict.DISPLACES: message(
        "Möglich nur, wenn dafür {number:eine andere Fahrt|andere Fahrten} nicht mehr befördert "
        "{number:wird|werden}: {others}. "
        "Der Plan als Ganzes würde schlechter; den Ausschlag gibt: {price}.",
        "Possible only if {number:another trip is|other trips are} no longer carried: {others}. "
        "The plan as a whole would be worse; what decides: {price}.",
        *_WEIGH,
    ),
    Verdict.SWAPS: message(
        "Möglich, wenn dafür {number:eine andere Fahrt|andere Fahrten} nicht mehr befördert "
        "{number:wird|werden}: {others}. "
        "Der Plan als Ganzes bliebe mindestens so gut; im Vergleich: {price}.",
        "Possible if {number:another trip is|other trips are} no longer carried: {others}. "
        "The plan as a whole would be at least as good; in comparison: {price}.",
        "Disposition: im Einzelfall abwägen, welche Fahrt befördert wird, und von Hand zuordnen; "
        "für den Plan ist beides gleich gut.",
        "Dispatcher: weigh in the case which trip is carried, and assign it by hand; "
        "for the plan both are equally good.",
    ),
    Verdict.COSTS: message(
        "Möglich, und niemand bliebe dafür zurück. Der Plan als Ganzes würde aber schlechter; "
        "den Ausschlag gibt: {price}.",
        "Possible, and nobody would be left behind for it. But the plan as a whole would be worse; "
        "what decides: {price}.",
        "Disposition: von Hand zuordnen, wenn ein Grund dafür spricht.",
        "Dispatcher: assign by hand where there is a ground for it.",
    ),
    Verdict.FITS: message(
        "Möglich, und niemand bliebe dafür zurück. Der Plan als Ganzes bliebe mindestens so gut; "
        "im Vergleich: {price}.",
        "Possible, and nobody would be left behind for it. The plan as a whole would be at least as good; "
        "in comparison: {price}.",
        "Disposition: Berechnung mit mehr Zeit wiederholen oder die Fahrt diesem Dienst von Hand zuordnen.",
        "Dispatcher: compute again with more time, or assign the trip to this duty by hand.",
    ),
    Verdict.UNKNOWN: message(
        "Die Fahrt ist hier nicht eingeplant. Ein sicherer Grund ließ sich nicht feststellen.",
        "The trip is not planned here. No certain reason could be established.",
        "Disposition: die Zuordnung von Hand versuchen; die Prüfung sagt dann, was entgegensteht.",
        "Dispatcher: try to assign it by hand; the check then says what is in the way.",
    ),
}
"""What is said where the reason is no rule; where it is one, the messages of ``explain`` are."""

STAGES: dict[Stage, tuple[str, str]] = {
    Stage.PINNED: ("von Hand zugeordnete Fahrten", "trips assigned by hand"),
    Stage.SERVED: ("beförderte Fahrten, nach Frist gewichtet", "trips carried, weighted by deadline"),
    Stage.CUSTODY: ("Zeit an Bord über die direkte Fahrt hinaus", "time on board beyond the direct drive"),
    Stage.NIGHT: ("Zeit an Bord in der Nacht", "time on board at night"),
    Stage.FAIR_LOAD: ("ungleiche Last der ZABs (Kennzahl)", "uneven load of the ZABs (index)"),
    Stage.CHANGES: ("Änderungen am veröffentlichten Plan", "changes to the published plan"),
    Stage.COST: ("Kosten", "cost"),
}
"""What each stage counts, in words."""

NO_DIFFERENCE = {"de": "kein Unterschied", "en": "no difference"}
_FOR = {"de": "{new} statt {old}", "en": "{new} instead of {old}"}


def amount(stage: Stage, value: int, language: str) -> str:
    """Return a value of a stage: minutes, euros or a number."""
    if stage in (Stage.CUSTODY, Stage.NIGHT):
        # Whole minutes where it is whole minutes: a tenth is enough to tell two plans apart.
        told = f"{value / 60:.1f}".removesuffix(".0") + " min"
    elif stage is Stage.COST:
        told = f"{value / 1_000_000:.2f} EUR"
    else:
        told = str(value)
    return told.replace(".", ",") if language == "de" else told


def price(differences: Iterable[Difference], language: str) -> str:
    """Return what decides: the first stage that differs."""
    for each in differences:
        if each.before != each.after:
            name = STAGES[each.stage][LANGUAGES.index(language)]
            old, new = (amount(each.stage, value, language) for value in (each.before, each.after))
            return f"{name}: " + _FOR[language].format(new=new, old=old)
    return NO_DIFFERENCE[language]


def verdict(which: Verdict, others: Sequence[RequestId], differences: Sequence[Difference]) -> tuple[Texts, Texts]:
    """Return text and action of a verdict that is no rule."""
    values: dict[str, dict[str, object]] = {
        language: {
            "others": ", ".join(others),
            "number": Count(len(others)),
            "price": price(differences, language),
        }
        for language in LANGUAGES
    }
    return VERDICTS[which].fill(values)


_NOT_ALONE: Texts = {
    "de": " Das allein genügt nicht, solange dort auch {number:jemand anderes mitfährt|andere mitfahren}: {others}.",
    "en": " That alone is not enough as long as {number:another rides|others ride} there as well: {others}.",
}


def blocked(finding: Finding, rules: Sequence[Rule], displaced: Sequence[RequestId]) -> tuple[Texts, Texts]:
    """Return text and action of a finding; all other rules in the way are named, and who rides there now."""
    texts, actions = finding.message.fill(finding.values)
    if displaced:
        given = {"others": ", ".join(displaced), "number": Count(len(displaced))}
        actions = {language: text + _NOT_ALONE[language].format(**given) for language, text in actions.items()}
    return with_others(texts, [rule for rule in rules if rule is not finding.rule]), actions


def broken(rules: Sequence[Rule]) -> tuple[Texts, Texts]:
    """Return text and action for rules across tours; the first is told, all others are named."""
    texts, actions = MESSAGES[rules[0]].fill({language: {} for language in LANGUAGES})
    return with_others(texts, rules[1:]), actions
