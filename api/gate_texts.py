"""What gates are called and what is said of them, in German and English, by the codes of ``api.gates``."""

from __future__ import annotations

from collections.abc import Mapping

Pair = tuple[str, str]

GATES: Mapping[str, Pair] = {
    "court_order": ("richterliche Anordnung", "court order"),
    "urgent_application": ("Eilantrag", "urgent application"),
    "announcement": ("Ankündigung einen Monat vorher", "announcement one month before"),
    "fitness_to_travel": ("Reisefähigkeit", "fitness to travel"),
    "unaccompanied_minor": ("gesicherte Übergabe Minderjähriger", "assured hand-over of a minor"),
    "transit": ("Durchbeförderung", "transit"),
    "medical_reception": ("medizinische Inempfangnahme", "medical reception"),
}
_STATE_IT: Pair = ("ABH: angeben.", "ABH: state it.")
_NOTHING: Pair = ("", "")

SAID: Mapping[tuple[str, str], tuple[Pair, Pair]] = {
    ("court_order", "not_stated"): (
        ("Nicht angegeben, ob eine richterliche Anordnung vorliegt oder nicht nötig ist.",
         "It is not stated whether there is a court order, or none is needed."),
        _STATE_IT,
    ),
    ("court_order", "present"): (("Die richterliche Anordnung liegt vor.", "There is a court order."), _NOTHING),
    ("court_order", "not_needed"): (
        ("Eine richterliche Anordnung ist nicht nötig.", "No court order is needed."), _NOTHING,
    ),
    ("urgent_application", "not_stated"): (
        ("Nicht angegeben, ob ein Eilantrag anhängig ist.",
         "It is not stated whether an urgent application is pending."),
        _STATE_IT,
    ),
    ("urgent_application", "pending"): (
        ("Ein Eilantrag ist anhängig: Bis zur Entscheidung findet keine Maßnahme statt.",
         "An urgent application is pending: there is no measure until the court has decided."),
        ("ABH: Entscheidung des Gerichts abwarten.", "ABH: wait for the decision of the court."),
    ),
    ("urgent_application", "none"): (("Kein Eilantrag.", "No urgent application."), _NOTHING),
    ("urgent_application", "rejected"): (
        ("Der Eilantrag wurde abgelehnt.", "The urgent application was rejected."), _NOTHING,
    ),
    ("announcement", "not_stated"): (
        ("Nicht angegeben, ob die Abschiebung angekündigt werden muss.",
         "It is not stated whether the measure must be announced."),
        _STATE_IT,
    ),
    ("announcement", "not_announced"): (
        ("Die Ankündigung ist nötig und steht aus.", "The announcement is needed and has not been made."),
        ("ABH: ankündigen und den Tag angeben.", "ABH: announce it, and state the day."),
    ),
    ("announcement", "too_early"): (
        ("Die Abholung liegt weniger als einen Monat nach der Ankündigung: frühestens am {day}.",
         "The pick-up is less than a month after the announcement: {day} at the earliest."),
        ("ABH: Abholung auf den {day} oder später verlegen.", "ABH: move the pick-up to {day} or later."),
    ),
    ("announcement", "not_needed"): (("Eine Ankündigung ist nicht nötig.", "No announcement is needed."), _NOTHING),
    ("announcement", "announced"): (
        ("Rechtzeitig angekündigt: Abholung ab dem {day}.", "Announced in time: pick-up from {day} on."), _NOTHING,
    ),
    ("fitness_to_travel", "not_stated"): (
        ("Die Reisefähigkeit ist nicht geprüft.", "Fitness to travel has not been checked."),
        ("ABH: prüfen lassen und das Ergebnis angeben.", "ABH: have it checked, and state the result."),
    ),
    ("fitness_to_travel", "unfit"): (
        ("Nicht reisefähig: Es findet keine Maßnahme statt.", "Not fit to travel: there is no measure."),
        ("ABH: Maßnahme aufheben, oder neu prüfen lassen.", "ABH: call the measure off, or have it checked anew."),
    ),
    ("fitness_to_travel", "fit"): (("Die Reisefähigkeit ist geprüft.", "Fitness to travel was checked."), _NOTHING),
    ("unaccompanied_minor", "not_stated"): (
        ("Nicht angegeben, ob die Übergabe der unbegleiteten minderjährigen Person gesichert ist.",
         "It is not stated whether the hand-over of the unaccompanied minor is assured."),
        ("ABH: Übergabe an Sorgeberechtigte oder Einrichtung sichern und angeben.",
         "ABH: assure the hand-over to guardians or a facility, and state it."),
    ),
    ("unaccompanied_minor", "not_assured"): (
        ("Die Übergabe der unbegleiteten minderjährigen Person ist nicht gesichert.",
         "The hand-over of the unaccompanied minor is not assured."),
        ("ABH: Übergabe an Sorgeberechtigte oder Einrichtung sichern und angeben.",
         "ABH: assure the hand-over to guardians or a facility, and state it."),
    ),
    ("unaccompanied_minor", "assured"): (("Die Übergabe ist gesichert.", "The hand-over is assured."), _NOTHING),
    ("unaccompanied_minor", "not_needed"): (
        ("Niemand reist als unbegleitete minderjährige Person.", "Nobody travels as an unaccompanied minor."), _NOTHING,
    ),
    ("transit", "needed"): (
        ("Die Durchbeförderung ist noch nicht beantragt.", "Transit has not been applied for."),
        ("ZFA: bei der Bundespolizei beantragen.", "ZFA: apply for it at the Bundespolizei."),
    ),
    ("transit", "applied"): (
        ("Die Durchbeförderung ist beantragt und noch nicht entschieden.",
         "Transit is applied for, and not decided yet."),
        ("ZFA: Entscheidung nachtragen.", "ZFA: record the decision."),
    ),
    ("transit", "undecided"): (
        ("Die Durchbeförderung ist kurz vor der Abholung noch nicht entschieden.",
         "Shortly before the pick-up transit is still not decided."),
        ("ZFA: Entscheidung einholen; ABH: sonst den Termin verlegen.",
         "ZFA: obtain the decision; ABH: else move the date."),
    ),
    ("transit", "refused"): (
        ("Die Durchbeförderung ist abgelehnt.", "Transit was refused."),
        ("ABH: mit der ZFA umbuchen.", "ABH: rebook with the ZFA."),
    ),
    ("transit", "alternative"): (
        ("Die Durchbeförderung ist nur an einem anderen Tag möglich.", "Transit is possible on another day only."),
        ("ABH: Termin verlegen; ZFA: umbuchen.", "ABH: move the date; ZFA: rebook."),
    ),
    ("transit", "granted"): (("Der Durchbeförderung ist zugestimmt.", "Transit was consented to."), _NOTHING),
    ("transit", "not_needed"): (("Keine Durchbeförderung nötig.", "No transit is needed."), _NOTHING),
    ("medical_reception", "needed"): (
        ("Die medizinische Inempfangnahme ist noch nicht angefragt.", "Medical reception has not been asked for."),
        ("ZRK: bei der Vertretung oder Stelle im Zielstaat anfragen.",
         "ZRK: ask the embassy or the body of the destination."),
    ),
    ("medical_reception", "applied"): (
        ("Die medizinische Inempfangnahme ist angefragt und noch nicht bestätigt.",
         "Medical reception is asked for, and not confirmed yet."),
        ("ZRK: Antwort nachtragen.", "ZRK: record the answer."),
    ),
    ("medical_reception", "refused"): (
        ("Die medizinische Inempfangnahme ist abgelehnt.", "Medical reception was refused."),
        ("ABH: mit der ZRK eine andere Aufnahme klären.", "ABH: settle another reception with the ZRK."),
    ),
    ("medical_reception", "alternative"): (
        ("Die medizinische Inempfangnahme ist nur an einem anderen Tag möglich.",
         "Medical reception is possible on another day only."),
        ("ABH: Termin verlegen.", "ABH: move the date."),
    ),
    ("medical_reception", "granted"): (
        ("Die medizinische Inempfangnahme ist bestätigt.", "Medical reception is confirmed."), _NOTHING,
    ),
    ("medical_reception", "not_needed"): (
        ("Keine medizinische Inempfangnahme nötig.", "No medical reception is needed."), _NOTHING,
    ),
}  # fmt: skip
"""Of each gate and code: what holds or is missing, and what to do; ``{day}`` is a day."""
UNTOLD: Pair = ("eine Voraussetzung der Maßnahme", "a precondition of the measure")
"""What a gate is called to those who need not know which one it is."""
MISSING: Pair = ("Voraussetzung nicht erfüllt: {name}.", "A precondition is not met: {name}.")
CLEARED_BY: Pair = ("Klären kann es: {who}.", "It can be cleared by: {who}.")
"""What those are told who see a request only in coarse form: which gate, and who can clear it; never why."""
THEN_FITS: Pair = (
    "Ist das erledigt, passt die Fahrt auf Dienst {duty}, und niemand weicht dafür.",
    "Once that is done the trip fits on duty {duty}, and nobody gives way for it.",
)
ALL_THEN_FITS: Pair = (
    "Ist das und alles andere erledigt, was hier sperrt, passt die Fahrt auf Dienst {duty}, und niemand weicht dafür.",
    "Once that and all else that blocks here is done the trip fits on duty {duty}, and nobody gives way for it.",
)
NOT_ENOUGH: Pair = (
    "Das ist in jedem Fall nötig und genügt allein nicht: Dazu braucht es eine der anderen Änderungen.",
    "That is needed in any case and not enough alone: one of the other changes is needed as well.",
)
NOTHING_HELPS: Pair = (
    "Auch wenn das erledigt ist, passt die Fahrt auf keinen Dienst.",
    "Even once that is done the trip fits on no duty.",
)
"""What opening a closed gate comes to, where it is asked what would help."""
LIFTED: Pair = (
    "Mit Grund und zweiter Person ausgesetzt.", "Lifted with a reason and a second person."
)  # fmt: skip
MAY_BE_LIFTED: Pair = (
    "Oder ABH: mit Grund und zweiter Person aussetzen.",
    "Or ABH: lift it with a reason and a second person.",
)


def day_told(day: str, *, is_german: bool) -> str:
    """Return an ISO day as people write it: ``06.10.2026`` in German."""
    year, month, number = day.split("-")
    return f"{number}.{month}.{year}" if is_german else day
