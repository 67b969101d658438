"""What codes are called, in German and English: states, actions, reasons. The code counts, the text is shown."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from api.words import Language
from api.workflow import (
    Action,
    CancelCode,
    ConditionCode,
    CounterCode,
    DeclineClass,
    DeclineCode,
    FailCode,
    LiftCode,
    MoveCode,
    Role,
    SettleCode,
    State,
    StopCode,
)
from optimizer.model import RejectionCode

Pair = tuple[str, str]
OTHER = ("anderer Grund (mit Text)", "other reason (with text)")

STATES: Mapping[State, Pair] = {
    State.DRAFT: ("Entwurf", "draft"),
    State.ASKED: ("angefragt (erste Runde)", "asked (first round)"),
    State.REJECTED: ("abgelehnt (erste Runde)", "rejected (first round)"),
    State.POOLED: ("im Pool", "in the pool"),
    State.PROPOSED: ("vorgeschlagen", "proposed"),
    State.COUNTER_PROPOSED: ("Gegenvorschlag", "counter-proposed"),
    State.PROVISIONALLY_CONFIRMED: ("vorläufig zugesagt", "provisionally confirmed"),
    State.CONFIRMED: ("zugesagt", "confirmed"),
    State.DECLINED: ("abgelehnt, zu klären", "declined, to be settled"),
    State.EXPIRED: ("ohne Antwort abgelaufen", "expired without an answer"),
    State.FROZEN: ("festgeschrieben", "frozen"),
    State.UNDER_WAY: ("unterwegs", "under way"),
    State.HANDED_OVER: ("übergeben", "handed over"),
    State.FAILED: ("gescheitert", "failed"),
    State.CANCELLED: ("zurückgezogen", "cancelled"),
    State.STOPPED: ("gestoppt", "stopped"),
    State.RETURNED: ("zurück an die ABH", "returned to the ABH"),
}
ACTIONS: Mapping[Action, Pair] = {
    Action.ASK: ("anfragen", "ask"),
    Action.REJECT: ("ablehnen (erste Runde)", "reject (first round)"),
    Action.ACCEPT: ("übernehmen (erste Runde)", "accept (first round)"),
    Action.POOL: ("in den Pool geben", "put into the pool"),
    Action.AMEND: ("ändern", "amend"),
    Action.PROPOSE: ("vorschlagen", "propose"),
    Action.ASSIGN: ("von Hand zuweisen", "assign by hand"),
    Action.LOSE: ("Vorschlag verfällt", "proposal is lost"),
    Action.CONFIRM: ("zusagen", "confirm"),
    Action.CONFIRM_PROVISIONALLY: ("vorläufig zusagen", "confirm provisionally"),
    Action.MEET_CONDITION: ("Bedingung erfüllt", "condition met"),
    Action.LAPSE: ("Bedingung nicht erfüllt", "condition not met"),
    Action.COUNTER: ("Gegenvorschlag machen", "counter-propose"),
    Action.ACCEPT_COUNTER: ("Gegenvorschlag annehmen", "accept the counter-proposal"),
    Action.REFUSE_COUNTER: ("Gegenvorschlag ablehnen", "refuse the counter-proposal"),
    Action.DECLINE_BAR: ("ablehnen: nächste ZAB fragen", "decline: ask the next ZAB"),
    Action.DECLINE_CORRECT: ("ablehnen: Angaben berichtigen", "decline: data to be corrected"),
    Action.DECLINE_WAIT: ("ablehnen: später wieder möglich", "decline: possible again later"),
    Action.DECLINE_ESCALATE: ("ablehnen: Leitungen klären", "decline: for the leads to settle"),
    Action.CORRECT: ("berichtigen", "correct"),
    Action.SETTLE: ("klären", "settle"),
    Action.RETURN_DECLINE: ("Ablehnung zurückgeben", "return the decline"),
    Action.EXPIRE: ("ohne Antwort ablaufen", "expire"),
    Action.RESUME: ("wieder aufnehmen", "resume"),
    Action.BACK_OUT: ("Zusage zurücknehmen", "back out"),
    Action.MOVE_DATE: ("Termin verlegen", "move the date"),
    Action.FREEZE: ("festschreiben", "freeze"),
    Action.THAW: ("Festschreibung lösen", "thaw"),
    Action.DEPART: ("abfahren", "depart"),
    Action.HAND_OVER: ("übergeben", "hand over"),
    Action.FAIL: ("als gescheitert melden", "report as failed"),
    Action.CANCEL: ("zurückziehen", "cancel"),
    Action.STOP: ("sofort stoppen", "stop at once"),
    Action.LIFT_STOP: ("Stopp aufheben", "lift the stop"),
    Action.RETURN_TO_ABH: ("an die ABH zurückgeben", "return to the ABH"),
}
CLASSES: Mapping[DeclineClass, Pair] = {
    DeclineClass.BAR: (
        "Diese ZAB wird für diesen Tag nicht mehr gefragt, die nächste ist an der Reihe.",
        "This ZAB is not asked again for this date; the next one is.",
    ),
    DeclineClass.CORRECT: (
        "Die ABH berichtigt die Angaben, dann wird neu angeboten.",
        "The ABH corrects the data, then it is offered again.",
    ),
    DeclineClass.WAIT: (
        "Diese ZAB wird bis zu dem genannten Zeitpunkt nicht gefragt.",
        "This ZAB is not asked until the instant that is named.",
    ),
    DeclineClass.ESCALATE: ("Die Leitungen klären es.", "The leads settle it."),
}
ROLES: Mapping[Role, Pair] = {
    Role.ABH: ("Ausländerbehörde", "immigration authority (ABH)"),
    Role.ZAB_DISPATCHER: ("Disposition der ZAB", "dispatcher of a ZAB"),
    Role.ZAB_LEAD: ("Leitung der ZAB", "lead of a ZAB"),
    Role.LTRAKO: ("Landestransportkoordination", "transport coordination of the Land (LTRAKO)"),
    Role.ZFA: ("Zentralstelle für Flugabschiebung", "central office for flights (ZFA)"),
    Role.ZRK: ("Zentrale Rückkehrkoordination", "central return coordination (ZRK)"),
    Role.AUDITOR: ("Datenschutzaufsicht", "data protection"),
    Role.ADMIN: ("Administration", "administration"),
    Role.SYSTEM: ("System", "system"),
}
REASON_TEXTS: Mapping[type[StrEnum], Mapping[str, Pair]] = {
    RejectionCode: {
        RejectionCode.NO_VEHICLE: ("kein Fahrzeug frei", "no vehicle free"),
        RejectionCode.NO_STAFF: ("kein Personal frei", "no staff free"),
        RejectionCode.NO_SUITABLE_VEHICLE: ("kein geeignetes Fahrzeug", "no suitable vehicle"),
        RejectionCode.TIME_NOT_FEASIBLE: ("Zeiten nicht machbar", "times not feasible"),
        RejectionCode.NIGHT_RULE: ("Nachtregel", "night rule"),
        RejectionCode.GATE_MISSING: ("Voraussetzung fehlt", "gate missing"),
        RejectionCode.OTHER: OTHER,
    },
    DeclineCode: {
        DeclineCode.CREW_ILL: ("Team erkrankt", "crew ill"),
        DeclineCode.VEHICLE_OUT_OF_SERVICE: ("Fahrzeug ausgefallen", "vehicle out of service"),
        DeclineCode.SHIFT_WOULD_BE_EXCEEDED: ("Schicht würde überschritten", "shift would be exceeded"),
        DeclineCode.DATA_WRONG: ("Angaben falsch", "data wrong"),
        DeclineCode.CAPACITY_FOR_OWN_CASE: ("für eigenen Fall benötigt", "capacity needed for own case"),
        DeclineCode.DISTANCE: ("Entfernung", "distance"),
        DeclineCode.ESCORT_NOT_AVAILABLE: ("Begleitung nicht verfügbar", "escort not available"),
        DeclineCode.OTHER: OTHER,
    },
    CancelCode: {
        CancelCode.OWN_TRANSPORT: ("eigener Transport", "own transport"),
        CancelCode.DATE_MOVED: ("Termin verschoben", "date moved"),
        CancelCode.MEASURE_ENDED: ("Maßnahme beendet", "measure ended"),
        CancelCode.DUPLICATE: ("doppelt erfasst", "entered twice"),
        CancelCode.OTHER: OTHER,
    },
    StopCode: {
        StopCode.COURT: ("gerichtliche Entscheidung", "court decision"),
        StopCode.MEDICAL: ("medizinischer Grund", "medical ground"),
        StopCode.VOLUNTARY_DEPARTURE: ("freiwillige Ausreise", "voluntary departure"),
        StopCode.WITHDRAWAL: ("Rücknahme der Maßnahme", "withdrawal of the measure"),
    },
    FailCode: {
        FailCode.NOT_MET: ("nicht angetroffen", "not met"),
        FailCode.RESISTANCE: ("Widerstand", "resistance"),
        FailCode.MEDICAL: ("medizinischer Grund", "medical ground"),
        FailCode.COURT: ("gerichtliche Entscheidung", "court decision"),
        FailCode.CARRIER_REFUSED: ("Beförderung verweigert", "carrier refused"),
        FailCode.AUTHORITY_REFUSED: ("Behörde verweigerte die Übernahme", "authority refused to take over"),
        FailCode.VEHICLE: ("Fahrzeugschaden", "vehicle breakdown"),
        FailCode.OTHER: OTHER,
    },
    MoveCode: {
        MoveCode.DATE_MOVED: ("Ersatztermin angenommen", "another date accepted"),
        MoveCode.FLIGHT_REBOOKED: ("Flug umgebucht", "flight rebooked"),
        MoveCode.OTHER: OTHER,
    },
    ConditionCode: {
        ConditionCode.VEHICLE_PENDING: ("Fahrzeug noch offen", "vehicle pending"),
        ConditionCode.CREW_PENDING: ("Team noch offen", "crew pending"),
        ConditionCode.GATE_PENDING: ("Voraussetzung noch offen", "gate pending"),
        ConditionCode.CLEARANCE_PENDING: ("Freigabe noch offen", "clearance pending"),
        ConditionCode.OTHER: OTHER,
    },
    CounterCode: {
        CounterCode.OTHER_TIME: ("andere Zeit", "another time"),
        CounterCode.OTHER_PLACE: ("anderer Ort", "another place"),
        CounterCode.OTHER: OTHER,
    },
    SettleCode: {
        SettleCode.CAPACITY_FOUND: ("Platz gefunden", "capacity found"),
        SettleCode.DECLINE_UPHELD: ("Ablehnung bestätigt", "decline upheld"),
        SettleCode.DECLINE_REFUSED: ("Ablehnung nicht anerkannt", "decline refused"),
        SettleCode.AGREED: ("einvernehmlich", "agreed"),
        SettleCode.OTHER: OTHER,
    },
    LiftCode: {
        LiftCode.ORDER_LIFTED: ("Anordnung aufgehoben", "order lifted"),
        LiftCode.FIT_TO_TRAVEL: ("reisefähig", "fit to travel"),
        LiftCode.ENTERED_IN_ERROR: ("irrtümlich erfasst", "entered in error"),
        LiftCode.OTHER: OTHER,
    },
}
"""Texts of every code that a reason may have, by the enumeration it belongs to."""


def in_language(pair: Pair, language: Language) -> str:
    """Return the text in a language."""
    german, english = pair
    return german if language is Language.DE else english
