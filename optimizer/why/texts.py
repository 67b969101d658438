"""What answers say, in German and English: what, why, and what could be done; without jargon."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from optimizer.answer import Difference, Kind, Texts, Verdict
from optimizer.explain.finding import Finding
from optimizer.explain.message import LANGUAGES, NOT_NEGOTIABLE, Message, message
from optimizer.explain.messages import MESSAGES
from optimizer.explain.rule_names import rule_names
from optimizer.model import DutyId, RequestId, Rule, Stage, VehicleId, ZabId

_WEIGH = (
    "Disposition: nur nach Abwägung im Einzelfall anders zuordnen; sonst ZAB: weiteres Team und Fahrzeug.",
    "Dispatcher: assign otherwise only after weighing the case; else ZAB: a further crew and vehicle.",
)

VERDICTS: dict[Verdict, Message] = {
    Verdict.DISPLACES: message(
        "Möglich nur, wenn nicht mehr befördert wird: {others}. Der Plan würde schlechter: {price}.",
        "Possible only if no longer carried: {others}. The plan would be worse: {price}.",
        *_WEIGH,
    ),
    Verdict.COSTS: message(
        "Möglich, und niemand bliebe dafür zurück. Der Plan würde aber schlechter: {price}.",
        "Possible, and nobody would be left behind for it. But the plan would be worse: {price}.",
        "Disposition: von Hand zuordnen, wenn ein Grund dafür spricht.",
        "Dispatcher: assign by hand where there is a ground for it.",
    ),
    Verdict.FITS: message(
        "Möglich, und der Plan würde dadurch nicht schlechter: {price}.",
        "Possible, and the plan would be no worse for it: {price}.",
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
_BESIDE = {"de": " Außerdem steht entgegen: {rules}.", "en": " Also in the way: {rules}."}


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
        language: {"others": ", ".join(others), "price": price(differences, language)} for language in LANGUAGES
    }
    return VERDICTS[which].fill(values)


def blocked(finding: Finding, rules: Sequence[Rule]) -> tuple[Texts, Texts]:
    """Return text and action of a finding; all other rules in the way are named."""
    texts, actions = finding.message.fill(finding.values)
    return with_others(texts, [rule for rule in rules if rule is not finding.rule]), actions


def broken(rules: Sequence[Rule]) -> tuple[Texts, Texts]:
    """Return text and action for rules across tours; the first is told, all others are named."""
    texts, actions = MESSAGES[rules[0]].fill({language: {} for language in LANGUAGES})
    return with_others(texts, rules[1:]), actions


def with_others(texts: Texts, others: Sequence[Rule]) -> dict[str, str]:
    """Return a text with the names of the other rules that are in the way."""
    if not others:
        return dict(texts)
    names = rule_names(others)
    return {language: texts[language] + _BESIDE[language].format(rules=names[language]) for language in LANGUAGES}


# --- what would help --------------------------------------------------------------------------------------------------

RELAXED: dict[Kind, Message] = {
    Kind.PICKUP_EARLIER: message(
        "Mit einer Abholung, die {size} min früher beginnen darf, passt die Fahrt auf Dienst {duty}.",
        "With a pick-up that may begin {size} min earlier the trip fits on duty {duty}.",
        "ABH: Abholfenster um {size} min nach vorn erweitern.",
        "ABH: widen the pick-up window to earlier by {size} min.",
    ),
    Kind.PICKUP_LATER: message(
        "Mit einer Abholung, die {size} min später beginnen darf, passt die Fahrt auf Dienst {duty}.",
        "With a pick-up that may begin {size} min later the trip fits on duty {duty}.",
        "ABH: Abholfenster um {size} min nach hinten erweitern.",
        "ABH: widen the pick-up window to later by {size} min.",
    ),
    Kind.HANDOVER_EARLIER: message(
        "Mit einer Übergabe, die {size} min früher beginnen darf, passt die Fahrt auf Dienst {duty}.",
        "With a hand-over that may begin {size} min earlier the trip fits on duty {duty}.",
        "ABH: Übergabefenster um {size} min nach vorn erweitern; bei Flügen längere Wartezeit am Flughafen bedenken.",
        "ABH: widen the hand-over window to earlier by {size} min; for flights mind the longer wait at the airport.",
    ),
    Kind.HANDOVER_LATER: message(
        "Mit einer Übergabe, die {size} min später beginnen darf, passt die Fahrt auf Dienst {duty}.",
        "With a hand-over that may begin {size} min later the trip fits on duty {duty}.",
        "ABH: Übergabefenster um {size} min nach hinten erweitern; bei Flügen Umbuchung über die ZFA prüfen.",
        "ABH: widen the hand-over window to later by {size} min; for flights ask the ZFA about rebooking.",
    ),
    Kind.DAY_EARLIER: message(
        "{size} Tag(e) früher, zur selben Uhrzeit, passt die Fahrt auf Dienst {duty}.",
        "{size} day(s) earlier, at the same hours, the trip fits on duty {duty}.",
        "ABH: anderen Tag prüfen; bei Flügen Umbuchung über die ZFA.",
        "ABH: consider another day; for flights rebooking by the ZFA.",
    ),
    Kind.DAY_LATER: message(
        "{size} Tag(e) später, zur selben Uhrzeit und noch in der Frist, passt die Fahrt auf Dienst {duty}.",
        "{size} day(s) later, at the same hours and within the deadline, the trip fits on duty {duty}.",
        "ABH: anderen Tag prüfen; bei Flügen Umbuchung über die ZFA.",
        "ABH: consider another day; for flights rebooking by the ZFA.",
    ),
    Kind.NIGHT_GROUND: message(
        "Mit festgehaltenem Grund für eine Abholung in der Nacht passt die Fahrt auf Dienst {duty}.",
        "With a recorded ground for a pick-up at night the trip fits on duty {duty}.",
        "ABH: prüfen, ob ein Grund nach § 58 Abs. 7 AufenthG vorliegt; nur dann festhalten.",
        "ABH: examine whether there is a ground (AufenthG § 58 (7)); record it only then.",
    ),
    Kind.LUGGAGE: message(
        "Mit {size} Gepäckstück(en) weniger passt die Fahrt auf Dienst {duty}.",
        "With {size} piece(s) of luggage less the trip fits on duty {duty}.",
        "ABH: {size} Gepäckstück(e) gesondert schicken.",
        "ABH: send {size} piece(s) of luggage separately.",
    ),
    Kind.PARTED: message(
        "Ohne die zugehörige andere Fahrt passt diese Fahrt auf Dienst {duty}.",
        "Without the other trip that belongs to it this trip fits on duty {duty}.",
        "ABH: prüfen, ob die Fahrten getrennt werden können.",
        "ABH: consider parting the trips.",
    ),
    Kind.SHIFT_EARLIER: message(
        "Beginnt die Schicht von Dienst {duty} {size} min früher, passt die Fahrt dort.",
        "If the shift of duty {duty} begins {size} min earlier, the trip fits there.",
        "ZAB {zab}: Schichtbeginn um {size} min vorziehen, soweit die Arbeitszeit es zulässt.",
        "ZAB {zab}: begin the shift {size} min earlier, as far as working time allows.",
    ),
    Kind.SHIFT_LATER: message(
        "Endet die Schicht von Dienst {duty} {size} min später, passt die Fahrt dort.",
        "If the shift of duty {duty} ends {size} min later, the trip fits there.",
        "ZAB {zab}: Schichtende um {size} min hinausschieben, soweit die Arbeitszeit es zulässt.",
        "ZAB {zab}: end the shift {size} min later, as far as working time allows.",
    ),
    Kind.AVAILABLE_EARLIER: message(
        "Steht das Fahrzeug von Dienst {duty} {size} min früher bereit, passt die Fahrt dort.",
        "If the vehicle of duty {duty} is there {size} min earlier, the trip fits there.",
        "ZAB {zab}: Fahrzeug {size} min früher bereitstellen.",
        "ZAB {zab}: provide the vehicle {size} min earlier.",
    ),
    Kind.AVAILABLE_LATER: message(
        "Steht das Fahrzeug von Dienst {duty} {size} min länger bereit, passt die Fahrt dort.",
        "If the vehicle of duty {duty} is there {size} min longer, the trip fits there.",
        "ZAB {zab}: Fahrzeug {size} min länger bereitstellen.",
        "ZAB {zab}: provide the vehicle for {size} min longer.",
    ),
    Kind.BAR_LIFTED: message(
        "Ohne die frühere Ablehnung passt die Fahrt auf Dienst {duty}.",
        "Without the earlier decline the trip fits on duty {duty}.",
        "ZAB {zab}: eigene Ablehnung aufheben, falls sich die Lage geändert hat.",
        "ZAB {zab}: withdraw its decline if things have changed.",
    ),
    Kind.TOUR_RELEASED: message(
        "Nimmt die Tour von Dienst {duty} noch jemanden auf, passt die Fahrt dort.",
        "If the tour of duty {duty} takes somebody else, the trip fits there.",
        "ZAB {zab}: Tour von Hand wieder freigeben, wenn das Team noch erreichbar ist.",
        "ZAB {zab}: release the tour by hand if the crew can still be reached.",
    ),
    Kind.OVERRIDE: message(
        "Mit einer Ausnahme von der Regel „{rule}“ passt die Fahrt auf Dienst {duty}.",
        "With an exception to the rule “{rule}” the trip fits on duty {duty}.",
        "ZAB-Leitung {zab}: Ausnahme nur mit Begründung und zweiter Person.",
        "Head of ZAB {zab}: exception only with a reason and a second person.",
    ),
    Kind.BUDGET: message(
        "Übernimmt die ZAB {zab} {size} Fahrt(en) mehr, passt die Fahrt auf Dienst {duty}.",
        "If ZAB {zab} takes {size} more trip(s), the trip fits on duty {duty}.",
        "ZAB-Leitung {zab}: Obergrenze um {size} anheben.",
        "Head of ZAB {zab}: raise the limit by {size}.",
    ),
    Kind.CHILD_SEATS: message(
        "Mit {size} Kindersitz(en) mehr je Altersgruppe passt die Fahrt auf Dienst {duty}.",
        "With {size} more child seat(s) of each age band the trip fits on duty {duty}.",
        "ZAB {zab}: Kindersitze ergänzen.",
        "ZAB {zab}: add child seats.",
    ),
    Kind.SEATS: message(
        "Mit anderer Bestuhlung ({size} Plätze anders) passt die Fahrt auf Dienst {duty}.",
        "With other seating ({size} places differ) the trip fits on duty {duty}.",
        "ZAB {zab}: Fahrzeug umrüsten, wie andere ihrer Bauart eingerichtet sind.",
        "ZAB {zab}: refit the vehicle as others of its sort are.",
    ),
    Kind.OFFICER: message(
        "Mit {size} Begleitkraft/-kräften mehr passt die Fahrt auf Dienst {duty}.",
        "With {size} more officer(s) the trip fits on duty {duty}.",
        "ZAB {zab}: Team um {size} verstärken.",
        "ZAB {zab}: add {size} to the crew.",
    ),
    Kind.FEMALE_OFFICER: message(
        "Mit {size} weiblichen Begleitkraft/-kräften mehr passt die Fahrt auf Dienst {duty}.",
        "With {size} more female officer(s) the trip fits on duty {duty}.",
        "ZAB {zab}: weibliche Begleitkraft einteilen, im Tausch oder zusätzlich.",
        "ZAB {zab}: assign a female officer, in the place of another or in addition.",
    ),
    Kind.SKILL: message(
        "Mit der verlangten Fachkraft im Team passt die Fahrt auf Dienst {duty}.",
        "With the skill that is asked for in the crew the trip fits on duty {duty}.",
        "ZAB {zab}: Team um die Fachkraft ergänzen.",
        "ZAB {zab}: add someone with that skill to the crew.",
    ),
    Kind.DRIVER: message(
        "Mit jemandem, der das Fahrzeug fahren darf, passt die Fahrt auf Dienst {duty}.",
        "With somebody who may drive the vehicle the trip fits on duty {duty}.",
        "ZAB {zab}: Team oder Fahrzeug tauschen.",
        "ZAB {zab}: change crew or vehicle.",
    ),
    Kind.VEHICLE: message(
        "Mit Fahrzeug {vehicle} passt die Fahrt auf Dienst {duty}.",
        "With vehicle {vehicle} the trip fits on duty {duty}.",
        "ZAB {zab}: Fahrzeug {vehicle} auf diesen Dienst umsetzen; die Überführung ist nicht mitgerechnet.",
        "ZAB {zab}: move vehicle {vehicle} to this duty; bringing it there is not counted.",
    ),
    Kind.VEHICLE_OF_OTHER_ZAB: message(
        "Mit Fahrzeug {vehicle} einer anderen ZAB passt die Fahrt auf Dienst {duty}.",
        "With vehicle {vehicle} of another ZAB the trip fits on duty {duty}.",
        "LTraKo: mit beiden ZABs klären, ob das Fahrzeug wechseln kann; die Überführung ist nicht mitgerechnet.",
        "LTraKo: settle with both ZABs whether the vehicle can move; bringing it there is not counted.",
    ),
    Kind.PIN_RELEASED: message(
        "Ohne die Zuordnung von Hand passt die Fahrt auf Dienst {duty}.",
        "Without the assignment by hand the trip fits on duty {duty}.",
        "LTraKo: Zuordnung lösen.",
        "LTraKo: release the assignment.",
    ),
    Kind.CHANGES: message(
        "Dürfen {size} Zuordnung(en) mehr vom veröffentlichten Plan abweichen, passt die Fahrt auf Dienst {duty}.",
        "If {size} more assignment(s) may depart from the published plan, the trip fits on duty {duty}.",
        "LTraKo: mehr Änderungen am veröffentlichten Plan zulassen.",
        "LTraKo: allow more changes to the published plan.",
    ),
    Kind.RULE: message(
        "Entgegen steht eine Regel, die niemand aufheben darf: {rule}.",
        "In the way is a rule that nobody may set aside: {rule}.",
        *NOT_NEGOTIABLE,
    ),
}
"""What each kind of relaxation says."""


def relaxed(
    kind: Kind, *, size: int, duty: DutyId, zab: ZabId, vehicle: VehicleId | None, rule: Rule | None
) -> tuple[Texts, Texts]:
    """Return text and action of a relaxation."""
    names = rule_names(() if rule is None else (rule,))
    values: dict[str, dict[str, object]] = {
        language: {"size": size, "duty": duty, "zab": zab, "vehicle": vehicle, "rule": names[language]}
        for language in LANGUAGES
    }
    return RELAXED[kind].fill(values)


def refused(rule: Rule) -> tuple[Texts, Texts]:
    """Return text and action for a rule that nobody may set aside."""
    names = rule_names((rule,))
    return RELAXED[Kind.RULE].fill({language: {"rule": names[language]} for language in LANGUAGES})
