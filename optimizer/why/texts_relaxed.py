"""What each kind of relaxation says: what would help, and who could grant it."""

from __future__ import annotations

from optimizer.answer import Kind, Texts
from optimizer.explain.message import LANGUAGES, NOT_NEGOTIABLE, Count, Message, message
from optimizer.explain.rule_names import rule_names
from optimizer.model import DutyId, Rule, VehicleId, ZabId

RELAXED: dict[Kind, Message] = {
    Kind.PICKUP_EARLIER: message(
        "Mit einer Abholung, die {size} min früher beginnen darf, passt die Fahrt auf Dienst {duty}.",
        "With a pick-up that may begin {size} min earlier the trip fits on duty {duty}.",
        "ABH: Abholung {size} min früher zulassen.",
        "ABH: allow the pick-up {size} min earlier.",
    ),
    Kind.PICKUP_LATER: message(
        "Mit einer Abholung, die {size} min später beginnen darf, passt die Fahrt auf Dienst {duty}.",
        "With a pick-up that may begin {size} min later the trip fits on duty {duty}.",
        "ABH: Abholung {size} min später zulassen.",
        "ABH: allow the pick-up {size} min later.",
    ),
    Kind.HANDOVER_EARLIER: message(
        "Mit einer Übergabe, die {size} min früher beginnen darf, passt die Fahrt auf Dienst {duty}.",
        "With a hand-over that may begin {size} min earlier the trip fits on duty {duty}.",
        "ABH: Übergabe {size} min früher zulassen; bei Flügen längere Wartezeit am Flughafen bedenken.",
        "ABH: allow the hand-over {size} min earlier; for flights mind the longer wait at the airport.",
    ),
    Kind.HANDOVER_LATER: message(
        "Mit einer Übergabe, die {size} min später beginnen darf, passt die Fahrt auf Dienst {duty}.",
        "With a hand-over that may begin {size} min later the trip fits on duty {duty}.",
        "ABH: Übergabe {size} min später zulassen; bei Flügen Umbuchung über die ZFA prüfen.",
        "ABH: allow the hand-over {size} min later; for flights ask the ZFA about rebooking.",
    ),
    Kind.DAY_EARLIER: message(
        "{size} {size:Tag|Tage} früher, zur selben Uhrzeit, passt die Fahrt auf Dienst {duty}.",
        "{size} {size:day|days} earlier, at the same hours, the trip fits on duty {duty}.",
        "ABH: anderen Tag prüfen; bei Flügen Umbuchung über die ZFA.",
        "ABH: consider another day; for flights rebooking by the ZFA.",
    ),
    Kind.DAY_LATER: message(
        "{size} {size:Tag|Tage} später, zur selben Uhrzeit und noch in der Frist, passt die Fahrt auf Dienst {duty}.",
        "{size} {size:day|days} later, at the same hours and within the deadline, the trip fits on duty {duty}.",
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
        "Mit {size} {size:Gepäckstück|Gepäckstücken} weniger passt die Fahrt auf Dienst {duty}.",
        "With {size} {size:piece|pieces} of luggage less the trip fits on duty {duty}.",
        "ABH: {size} {size:Gepäckstück|Gepäckstücke} gesondert schicken.",
        "ABH: send {size} {size:piece|pieces} of luggage separately.",
    ),
    Kind.PARTED: message(
        "Ohne die zugehörige andere Fahrt passt diese Fahrt auf Dienst {duty}.",
        "Without the other trip that belongs to it this trip fits on duty {duty}.",
        "ABH: prüfen, ob die Fahrten getrennt werden können.",
        "ABH: consider separating the trips.",
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
        "ZAB-Leitung {zab}: Ausnahme nur mit Begründung und Zustimmung einer zweiten Person.",
        "Head of ZAB {zab}: exception only with a reason and the consent of a second person.",
    ),
    Kind.BUDGET: message(
        "Übernimmt die ZAB {zab} {size} {size:Fahrt|Fahrten} mehr, passt die Fahrt auf Dienst {duty}.",
        "If ZAB {zab} takes {size} more {size:trip|trips}, the trip fits on duty {duty}.",
        "ZAB-Leitung {zab}: Obergrenze um {size} anheben.",
        "Head of ZAB {zab}: raise the limit by {size}.",
    ),
    Kind.CHILD_SEATS: message(
        "Mit {size} {size:Kindersitz|Kindersitzen} mehr je Altersgruppe passt die Fahrt auf Dienst {duty}.",
        "With {size} more child {size:seat|seats} of each age band the trip fits on duty {duty}.",
        "ZAB {zab}: Kindersitze ergänzen.",
        "ZAB {zab}: add child seats.",
    ),
    Kind.SEATS: message(
        "Mit anderer Bestuhlung (bei {size} {size:Platz|Plätzen}) passt die Fahrt auf Dienst {duty}.",
        "With other seating (at {size} {size:place|places}) the trip fits on duty {duty}.",
        "ZAB {zab}: Fahrzeug so umrüsten, wie andere derselben Bauart eingerichtet sind.",
        "ZAB {zab}: refit the vehicle as others of the same type are.",
    ),
    Kind.OFFICER: message(
        "Mit {size} {size:Begleitkraft|Begleitkräften} mehr passt die Fahrt auf Dienst {duty}.",
        "With {size} more {size:officer|officers} the trip fits on duty {duty}.",
        "ZAB {zab}: Team um {size} {size:Begleitkraft|Begleitkräfte} verstärken.",
        "ZAB {zab}: add {size} {size:officer|officers} to the crew.",
    ),
    Kind.FEMALE_OFFICER: message(
        "Mit {size} {size:weiblicher Begleitkraft|weiblichen Begleitkräften} mehr passt die Fahrt auf Dienst {duty}.",
        "With {size} more female {size:officer|officers} the trip fits on duty {duty}.",
        "ZAB {zab}: weibliche Begleitkraft einteilen, im Tausch oder zusätzlich.",
        "ZAB {zab}: assign a female officer, in the place of another or in addition.",
    ),
    Kind.SKILL: message(
        "Mit der verlangten Fachkraft im Team passt die Fahrt auf Dienst {duty}.",
        "With the required skill in the crew the trip fits on duty {duty}.",
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
        "{size:Darf|Dürfen} {size} {size:Zuordnung|Zuordnungen} mehr vom veröffentlichten Plan abweichen, "
        "passt die Fahrt auf Dienst {duty}.",
        "If {size} more {size:assignment|assignments} may depart from the published plan, "
        "the trip fits on duty {duty}.",
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
        language: {"size": Count(size), "duty": duty, "zab": zab, "vehicle": vehicle, "rule": names[language]}
        for language in LANGUAGES
    }
    return RELAXED[kind].fill(values)


def refused(rule: Rule) -> tuple[Texts, Texts]:
    """Return text and action for a rule that nobody may set aside."""
    names = rule_names((rule,))
    return RELAXED[Kind.RULE].fill({language: {"rule": names[language]} for language in LANGUAGES})
