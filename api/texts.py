"""What codes are called, in German and English: states, actions, reasons. The code counts, the text is shown."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from api.amtshilfe import AmtshilfeReason, AmtshilfeState
from api.dublin import Level, RoutingCode, WarningCode
from api.reason_codes import CancelCode, ConditionCode, CounterCode, FailCode, LiftCode, MoveCode, SettleCode, StopCode
from api.tasks import DropCode, NewMeasureOutcome, TaskKind
from api.words import Language
from api.workflow import Action, DeclineClass, DeclineCode, Role, State
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
    Action.WITHDRAW_COUNTER: ("Gegenvorschlag zurücknehmen", "withdraw the counter-proposal"),
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
    AmtshilfeReason: {
        AmtshilfeReason.NO_CAPACITY: ("keine Kapazität", "no capacity"),
        AmtshilfeReason.DEADLINE_TOO_NEAR: ("Frist zu nah", "deadline too near"),
        AmtshilfeReason.FIRST_ZAB_CARRIES: ("ZAB der Einrichtung überstellt selbst", "the facility's ZAB carries it"),
        AmtshilfeReason.DATA_INCOMPLETE: ("Angaben unvollständig", "data incomplete"),
        AmtshilfeReason.NOT_ASSIGNED_HERE: ("nicht in diesen Bezirk zugewiesen", "not assigned to this Bezirk"),
        AmtshilfeReason.OTHER: OTHER,
    },
    NewMeasureOutcome: {
        NewMeasureOutcome.NEW_REQUEST_ENTERED: ("neue Anfrage erfasst", "new request entered"),
        NewMeasureOutcome.NEW_DATE_ASKED: ("neuer Termin beim BAMF erbeten", "new date asked of the BAMF"),
        NewMeasureOutcome.NOT_POSSIBLE_IN_TIME: ("vor Fristablauf nicht möglich", "not possible before the deadline"),
        NewMeasureOutcome.DEADLINE_CHANGED: ("Frist geändert", "deadline changed"),
        NewMeasureOutcome.MEASURE_ENDED: ("Maßnahme beendet", "measure ended"),
    },
    LiftCode: {
        LiftCode.ORDER_LIFTED: ("Anordnung aufgehoben", "order lifted"),
        LiftCode.FIT_TO_TRAVEL: ("reisefähig", "fit to travel"),
        LiftCode.ENTERED_IN_ERROR: ("irrtümlich erfasst", "entered in error"),
        LiftCode.OTHER: OTHER,
    },
}
"""Texts of every code that a reason may have, by the enumeration it belongs to."""


DUBLIN_WARNINGS: Mapping[WarningCode, Pair] = {
    WarningCode.DEADLINE_MISSING: (
        "Keine Frist erfasst: Frist mit Rechtsgrundlage und Quelle eintragen.",
        "No deadline entered: enter it with its law and source.",
    ),
    WarningCode.DEADLINE_NEAR: ("Die Überstellungsfrist läuft bald ab.", "The transfer deadline is near."),
    WarningCode.DEADLINE_PAST: ("Die Überstellungsfrist ist abgelaufen.", "The transfer deadline has passed."),
    WarningCode.ARRIVAL_AFTER_DEADLINE: (
        "Die Ankunft liegt nach dem Ende der Überstellungsfrist.", "The arrival is after the transfer deadline.",
    ),
    WarningCode.FORM_DUE: (
        "Das Überstellungsformular ist jetzt zu übermitteln; der genannte Tag ist der letzte.",
        "The transfer form is to be sent now; the day that is named is the last one.",
    ),
    WarningCode.FORM_TOO_EARLY: (
        "Das Überstellungsformular ging früher als zulässig hinaus: erneut übermitteln.",
        "The transfer form went out earlier than allowed: send it again.",
    ),
    WarningCode.FORM_TOO_LATE: (
        "Zu spät für das Überstellungsformular: Termin verschieben oder das BAMF fragen.",
        "Too late for the transfer form: move the date, or ask the BAMF.",
    ),
    WarningCode.NOT_MOVABLE: (
        "Ein versäumter Transport lässt sich nicht einfach auf morgen verschieben: Ein neues Formular braucht Vorlauf.",
        "A missed transport cannot simply be moved to tomorrow: a new form needs its lead again.",
    ),
    WarningCode.LAST_ATTEMPT: (
        "Letzter möglicher Versuch: Nach einem versäumten Transport reicht die Frist für ein neues Formular nicht.",
        "Last possible attempt: after a missed transport the deadline leaves no time for a new form.",
    ),
}  # fmt: skip
LEVELS: Mapping[Level, Pair] = {
    Level.NOTE: ("Hinweis", "note"),
    Level.WARN: ("Warnung", "warning"),
    Level.RED: ("dringend", "urgent"),
}
ROUTINGS: Mapping[RoutingCode, Pair] = {
    RoutingCode.STATE_FACILITY: (
        "Dublin-Überstellung aus einer Landeseinrichtung: Die ZAB des Bezirks wird zuerst gefragt.",
        "Dublin transfer from a state facility: the ZAB of the Bezirk is asked first.",
    ),
    RoutingCode.AMTSHILFE: (
        "Als Amtshilfe übernommen: Die ZAB des Zuweisungsbezirks führt die Überstellung durch.",
        "Taken over as Amtshilfe: the ZAB of the Bezirk of assignment carries the transfer.",
    ),
}
AMTSHILFE_STATES: Mapping[AmtshilfeState, Pair] = {
    AmtshilfeState.OPEN: ("offen", "open"),
    AmtshilfeState.EXAMINED: ("geprüft", "examined"),
    AmtshilfeState.TAKEN_OVER: ("übernommen", "taken over"),
    AmtshilfeState.DECLINED: ("abgelehnt", "declined"),
    AmtshilfeState.WITHDRAWN: ("zurückgezogen", "withdrawn"),
    AmtshilfeState.LAPSED: ("hinfällig", "lapsed"),
}
TASKS: Mapping[TaskKind, Pair] = {
    TaskKind.EXAMINE_AMTSHILFE: ("Amtshilfe prüfen", "examine Amtshilfe"),
    TaskKind.EXAMINE_NEW_MEASURE: ("neue Maßnahme prüfen", "examine new measure"),
}
DROPS: Mapping[DropCode, Pair] = {
    DropCode.POOLED_AGAIN: ("wieder im Verfahren", "asked for again"),
    DropCode.DEADLINE_PASSED: ("Frist abgelaufen", "deadline passed"),
    DropCode.REQUEST_ENDED: ("Anfrage beendet", "request ended"),
    DropCode.CASE_WITHDRAWN: ("Amtshilfe zurückgezogen", "Amtshilfe withdrawn"),
}


def in_language(pair: Pair, language: Language) -> str:
    """Return the text in a language."""
    german, english = pair
    return german if language is Language.DE else english
