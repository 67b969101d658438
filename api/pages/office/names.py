"""What notices and their subjects are called, in German and English, and where the subject of a notice is shown."""

from __future__ import annotations

from collections.abc import Mapping

from api.pages.navigation import ZABS
from api.schemas.notices import NoticeShown
from api.services.absences import PROMISE_IN_DANGER
from api.services.notices import Kind
from api.services.outbox import NOTICE_GIVEN_UP, NOTICE_SWITCHED_OFF
from api.texts import Pair
from api.workflow import Role

NOTICES: Mapping[str, Pair] = {
    Kind.PROPOSAL_LOST: ("Ein Vorschlag gilt nicht mehr", "a proposal no longer stands"),
    Kind.PROPOSAL_EXPIRING: ("Ein Vorschlag läuft bald ab", "a proposal expires soon"),
    Kind.PROPOSAL_EXPIRED: ("Ein Vorschlag ist abgelaufen", "a proposal has expired"),
    Kind.COUNTER_PROPOSED: ("Eine ZAB bietet andere Zeit oder anderen Ort", "a ZAB offers another time or place"),
    Kind.COUNTER_WITHDRAWN: ("Ein Gegenvorschlag wurde zurückgenommen", "a counter-proposal was withdrawn"),
    Kind.COUNTER_EXPIRED: ("Ein Gegenvorschlag ist abgelaufen", "a counter-proposal has expired"),
    Kind.CONDITION_OPEN: ("Eine vorläufige Zusage wartet auf Sie", "a provisional promise waits for you"),
    Kind.CONDITION_LAPSED: ("Die Bedingung einer Zusage wurde nicht erfüllt", "the condition of a promise was not met"),
    Kind.DATA_WRONG: ("Angaben sind falsch: bitte berichtigen", "data are wrong: please correct them"),
    Kind.DECLINE_ESCALATED: ("Eine Ablehnung ist zu klären", "a decline is to be settled"),
    Kind.DECLINE_RETURNED: ("Eine Ablehnung wurde zurückgegeben", "a decline was returned"),
    Kind.BACKED_OUT: ("Eine Zusage wurde zurückgegeben", "a promise was given back"),
    Kind.RETURNED_TO_ABH: ("Eine Anfrage ging an die ABH zurück", "a request went back to its ABH"),
    Kind.STOPPED: ("Sofort anhalten: Die Fahrt darf nicht stattfinden", "stop at once: the trip must not take place"),
    Kind.WITHDRAWN: ("Eine Anfrage wurde zurückgezogen", "a request was withdrawn"),
    Kind.FAILED: ("Ein Transport ist gescheitert", "a transport failed"),
    Kind.SEAT_FREED: ("Ein Platz wurde frei", "a seat became free"),
    Kind.PASSWORD_RESET: ("Ein Konto bekam ein neues Kennwort", "an account was given a new password"),
    Kind.SUBJECT_GIVEN: (
        "Ein Konto meldet sich jetzt beim Anmeldedienst an", "an account now signs in at the identity provider"
    ),
    Kind.GIVEN_PASSWORD_USED: ("Ein vergebenes Kennwort wurde benutzt", "a given password was used"),
    Kind.RULE_LIFTED: ("Eine Regel wurde zu zweit aufgehoben", "two persons lifted a rule"),
    Kind.GATE_CLOSED: ("Eine Voraussetzung fehlt", "a precondition is missing"),
    Kind.OVERRIDE_ENDED: ("Eine aufgehobene Regel gilt wieder", "a lifted rule binds again"),
    Kind.ASKED_FIRST: ("Der Erlass nennt die ZAB, die zuerst antwortet", "the decree names the ZAB to be asked first"),
    Kind.ASKED_TO_CARRY: ("Ihre ZAB wird zuerst gefragt", "your ZAB is asked first"),
    Kind.FIRST_ROUND_ENDED: ("Die erste Runde ist vorbei", "the first round has ended"),
    Kind.AMTSHILFE: ("Amtshilfe: Es gibt einen neuen Stand", "Amtshilfe: there is news"),
    Kind.TASK_OPENED: ("Es gibt eine neue Aufgabe", "there is a new task"),
    Kind.DATE_MOVED: ("Der Termin einer Maßnahme wurde verlegt", "the date of a measure was moved"),
    Kind.CLEARANCE_NEEDED: ("Zu beantragen", "to be applied for"),
    Kind.CLEARANCE_LAPSED: ("Ein Antrag ist hinfällig", "an application is not needed any more"),
    Kind.CLEARANCE_GRANTED: ("Zustimmung liegt vor", "consent is there"),
    Kind.CLEARANCE_REFUSED: ("Zustimmung verweigert", "consent was refused"),
    Kind.CLEARANCE_ALTERNATIVE: ("Ein Ersatztermin wird angeboten", "another date is offered"),
    Kind.CLEARANCE_DUE: ("Zustimmung fehlt noch, die Abholung ist nah", "consent is missing and the pick-up is near"),
    Kind.CLEARANCE_RED: ("Ohne Zustimmung darf die Fahrt nicht sein", "without consent there can be no trip"),
    Kind.QUESTION_ASKED: ("Eine Frage wartet auf Antwort", "a question waits for an answer"),
    Kind.QUESTION_ANSWERED: ("Eine Frage wurde beantwortet", "a question was answered"),
    PROMISE_IN_DANGER: ("Eine Zusage ist in Gefahr", "a promise is in danger"),
    NOTICE_GIVEN_UP: ("Eine Meldung an Ihr System kam nicht an", "a message to your system did not arrive"),
    NOTICE_SWITCHED_OFF: ("Meldungen an Ihr System sind abgeschaltet", "messages to your system are switched off"),
}  # fmt: skip
"""Of each kind of notice; a test sees to it that none is missing."""
_PATHS: Mapping[str, tuple[str, frozenset[Role]]] = {
    "request": ("/requests", ZABS | {Role.ABH, Role.LTRAKO, Role.AUDITOR}),
    "proposal": ("/proposals", ZABS | {Role.ABH, Role.LTRAKO}),
    "clearance": ("/clearances", ZABS | {Role.ABH, Role.LTRAKO, Role.ZFA, Role.ZRK, Role.AUDITOR}),
    "amtshilfe_case": ("/amtshilfe", ZABS | {Role.ABH, Role.LTRAKO, Role.AUDITOR}),
    "duty": ("/fleet/duties", ZABS),
    "guidance_question": ("/guidance/questions", frozenset(Role) - {Role.ADMIN, Role.SYSTEM}),
    "task": ("/tasks", ZABS | {Role.ABH, Role.LTRAKO, Role.ZFA, Role.ZRK}),
}


def place_of(notice: NoticeShown, role: Role) -> str | None:
    """Return where what a notice is about is shown to a role; ``None`` where it is not."""
    path, who = _PATHS.get(notice.subject_kind, ("", frozenset()))
    return f"{path}/{notice.subject_id}" if role in who else None
