"""What lines of the audit log are called, in German and English: what was done, and to what. The code counts."""

from __future__ import annotations

from collections.abc import Mapping

from api.amtshilfe import AmtshilfeAction
from api.clearance_workflow import ClearanceAction
from api.texts import ACTIONS, Pair
from api.workflow import Action

_DONE: Mapping[str, Pair] = {
    # --- anything
    "created": ("angelegt", "created"),
    "changed": ("geändert", "changed"),
    "deleted": ("gelöscht", "deleted"),
    "imported": ("eingelesen", "imported"),
    "read": ("gelesen", "read"),
    "exported": ("ausgegeben", "exported"),
    "withdrawn": ("zurückgenommen", "withdrawn"),
    "published": ("veröffentlicht", "published"),
    "unpublished": ("zurück zum Entwurf", "back to draft"),
    "ended": ("beendet", "ended"),
    # --- requests
    "offered": ("der ZAB angeboten", "offered to the ZAB"),
    "asked_first": ("in der ersten Runde gefragt", "asked in the first round"),
    "barred": ("ZAB ausgeschlossen", "ZAB barred"),
    "gates_stated": ("Voraussetzungen angegeben", "gates stated"),
    "promise_blocked": ("Zusage gesperrt: Voraussetzung fehlt", "promise blocked: a gate is closed"),
    "red": ("Zusage gesperrt: Plan verletzt", "promise blocked: the plan is broken"),
    "withheld": ("zurückgehalten", "withheld"),
    "address_entered": ("Adresse eingetragen", "address entered"),
    "address_read": ("Adresse gelesen", "address read"),
    "resealed": ("neu versiegelt", "sealed anew"),
    "override": ("Regel ausgesetzt", "rule lifted"),
    "override_ended": ("Aussetzung einer Regel beendet", "lifting of a rule ended"),
    "released": ("vom Dienst gelöst", "released from the duty"),
    # --- second person
    "second_asked": ("zweite Person gefragt", "second person asked"),
    "agreed": ("zugestimmt", "agreed"),
    "refused": ("nicht zugestimmt", "refused"),
    # --- fleet
    "put_into_service": ("in Dienst genommen", "put into service"),
    "taken_out_of_service": ("außer Dienst genommen", "taken out of service"),
    "put_into_use": ("wieder benutzt", "put into use"),
    "taken_out_of_use": ("nicht mehr benutzt", "taken out of use"),
    "duties_made": ("Dienste erzeugt", "duties made"),
    "chosen": ("Arbeitszeitmodell gewählt", "working-time profile chosen"),
    # --- offices
    "raised": ("Genehmigung als nötig erkannt", "clearance raised"),
    "dispatched": ("Unterlagen versandt", "papers dispatched"),
    "dublin_form_noted": ("Dublin-Formular vermerkt", "Dublin form noted"),
    "task_opened": ("Aufgabe entstanden", "task opened"),
    "task_done": ("Aufgabe erledigt", "task done"),
    "task_dropped": ("Aufgabe hinfällig", "task dropped"),
    "notice_done": ("Hinweis erledigt", "notice done"),
    "asked": ("Frage gestellt", "question asked"),
    "answered": ("beantwortet", "answered"),
    "hidden": ("verborgen", "hidden"),
    "amtshilfe_lapsed": ("Amtshilfe: verfallen", "Amtshilfe: lapsed"),
    "amtshilfe_opened": ("Amtshilfefall gemeldet", "Amtshilfe case opened"),
    # --- accounts
    "account_created": ("Konto angelegt", "account created"),
    "account_changed": ("Konto geändert", "account changed"),
    "account_unlocked": ("Konto entsperrt", "account unlocked"),
    "organisation_created": ("Stelle angelegt", "organisation created"),
    "organisation_changed": ("Stelle geändert", "organisation changed"),
    "signed_in": ("angemeldet", "signed in"),
    "signed_out": ("abgemeldet", "signed out"),
    "sign_in_failed": ("Anmeldung gescheitert", "sign-in failed"),
    "password_changed": ("Kennwort geändert", "password changed"),
    "password_reset": ("Kennwort neu vergeben", "password reset"),
    "api_key_made": ("Schlüssel angelegt", "API key made"),
    "api_key_revoked": ("Schlüssel widerrufen", "API key revoked"),
    # --- runs, log, webhooks
    "simulation_asked": ("Simulation gewünscht", "simulation asked for"),
    "explanation_asked": ("nach dem Grund gefragt", "asked why"),
    "run_asked": ("Planung gewünscht", "run asked for"),
    "run_cancel_asked": ("Ende der Planung gewünscht", "end of the run asked for"),
    "run_finished": ("Planung beendet", "run finished"),
    "verified": ("Kette geprüft", "chain verified"),
    "tested": ("Probenachricht gesendet", "test message sent"),
}
_AMTSHILFE: Mapping[AmtshilfeAction, Pair] = {
    AmtshilfeAction.EXAMINE: ("Amtshilfe: Prüfung begonnen", "Amtshilfe: examination begun"),
    AmtshilfeAction.TAKE_OVER: ("Amtshilfe: übernommen", "Amtshilfe: taken over"),
    AmtshilfeAction.DECLINE: ("Amtshilfe: abgelehnt", "Amtshilfe: declined"),
    AmtshilfeAction.WITHDRAW: ("Amtshilfe: zurückgezogen", "Amtshilfe: withdrawn"),
    AmtshilfeAction.LAPSE: ("Amtshilfe: verfallen", "Amtshilfe: lapsed"),
}
_CLEARANCES: Mapping[ClearanceAction, Pair] = {
    ClearanceAction.APPLY: ("beantragt", "applied for"),
    ClearanceAction.EXTEND: ("weitere Tage genommen", "further days taken"),
    ClearanceAction.GRANT: ("zugestimmt", "granted"),
    ClearanceAction.REFUSE: ("verweigert", "refused"),
    ClearanceAction.OFFER_DATE: ("anderer Termin angeboten", "another date offered"),
    ClearanceAction.ACCEPT_DATE: ("anderer Termin angenommen", "other date accepted"),
    ClearanceAction.DECLINE_DATE: ("anderer Termin abgelehnt", "other date declined"),
    ClearanceAction.WITHDRAW: ("nicht mehr nötig", "no longer needed"),
    ClearanceAction.LAPSE: ("verfallen", "lapsed"),
}
DETAILS: Mapping[str, Pair] = {
    "before": ("vorher", "before"),
    "after": ("nachher", "after"),
    "state": ("Stand", "state"),
    "action": ("Handlung", "action"),
    "request": ("Anfrage", "request"),
    "proposal": ("Vorschlag", "proposal"),
    "duty": ("Dienst", "duty"),
    "zab": ("ZAB", "ZAB"),
    "organisation": ("Stelle", "organisation"),
    "code": ("Grund", "reason"),
    "reason": ("Grund", "reason"),
    "role": ("Rolle", "role"),
    "rule": ("Regel", "rule"),
    "rules": ("Regeln", "rules"),
    "gates": ("Voraussetzungen", "gates"),
    "fields": ("Felder", "fields"),
    "file": ("Datei", "file"),
    "count": ("Anzahl", "count"),
    "name": ("Name", "name"),
    "kind": ("Art", "kind"),
    "until": ("bis", "until"),
    "horizon": ("Tage", "days"),
    "changes": ("Änderungen", "changes"),
    "shared": ("geteilt", "shared"),
    "scenarios": ("Szenarien", "scenarios"),
    "topic": ("Thema", "topic"),
    "source": ("Quelle", "source"),
    "municipality": ("Gemeinde", "municipality"),
    "enter_as": ("eingegeben als", "entered as"),
    "alternative_on": ("Ersatztermin", "other date"),
    "office": ("Stelle am Flughafen", "office at the airport"),
    "documents": ("Unterlagen", "documents"),
    "record": ("Versand", "dispatch"),
    "asks": ("gefragt", "asked"),
    "wanted": ("gewünscht war", "wanted was"),
    "filters": ("Filter", "filters"),
    "lines": ("Zeilen", "lines"),
    "first": ("ab Zeile", "from line"),
    "checked": ("geprüft", "checked"),
    "faults": ("Fehler", "faults"),
    "rows": ("Zeilen der Datei", "rows of the file"),
    "stored": ("gespeichert", "stored"),
    "refused": ("abgelehnt", "refused"),
    "made": ("erzeugt", "made"),
    "skipped": ("ausgelassen", "skipped"),
    "created": ("angelegt", "created"),
    "changed": ("geändert", "changed"),
    "removed": ("entfernt", "removed"),
    "kept": ("unverändert", "kept"),
    "crews_created": ("Teams angelegt", "crews created"),
    "lost": ("Vorschläge verloren", "proposals lost"),
    "in_danger": ("Zusagen in Gefahr", "promises in danger"),
    "profile": ("Arbeitszeitmodell", "working-time profile"),
    "valid_from": ("gilt ab", "in force from"),
    "parameters": ("Regelwerk", "parameter set"),
    "report": ("Bericht", "report"),
    "year": ("Jahr", "year"),
    "month": ("Monat", "month"),
    "format": ("Format", "format"),
    "edition": ("Fassung", "edition"),
    "topics": ("Themen", "topics"),
    "slug": ("Adresse der Seite", "address of the page"),
    "second": ("zweite Person", "second person"),
    "zabs": ("ZABs", "ZABs"),
    "key": ("Schlüssel", "key"),
    "via": ("auf dem Weg", "by way of"),
    "is_given": ("vergebenes Kennwort", "given password"),
    "is_active": ("in Betrieb", "in use"),
    "subject": ("Kennung beim Anmeldedienst", "id at the identity provider"),
    "is_sent": ("versandt", "sent"),
    "was_locked": ("war gesperrt", "was locked"),
}
"""Names of the details of a line; what has none is named as it is stored."""
_RUN: Mapping[str, Pair] = {
    "new": ("neu vorgeschlagen", "newly proposed"),
    "changed": ("anders vorgeschlagen", "proposed otherwise"),
    "lost": ("Vorschläge entfallen", "proposals lost"),
    "unplaced": ("nicht unterzubringen", "not placed"),
}
"""What the same names mean of a run."""
SUBJECTS: Mapping[str, Pair] = {
    "absence": ("Abwesenheit", "absence"),
    "account": ("Konto", "account"),
    "amtshilfe_case": ("Amtshilfefall", "Amtshilfe case"),
    "approval": ("zweite Person", "second person"),
    "audit_log": ("Protokoll", "audit log"),
    "clearance": ("Genehmigung", "clearance"),
    "contact": ("Kontakt", "contact"),
    "crew": ("Team", "crew"),
    "duty": ("Dienst", "duty"),
    "guidance_page": ("Seite der Informationen", "page of guidance"),
    "guidance_question": ("Frage", "question"),
    "notice": ("Hinweis", "notice"),
    "organisation": ("Stelle", "organisation"),
    "parameter_set": ("Regelwerk", "parameter set"),
    "pickup_address": ("Anschrift der Abholung", "pick-up address"),
    "proposal": ("Vorschlag", "proposal"),
    "report": ("Bericht", "report"),
    "request": ("Anfrage", "request"),
    "retention": ("Löschung nach Frist", "deletion by period"),
    "run": ("Planung", "run"),
    "scenario": ("Szenario", "scenario"),
    "simulation": ("Simulation", "simulation"),
    "shift_pattern": ("Dienstmuster", "shift pattern"),
    "task": ("Aufgabe", "task"),
    "vehicle": ("Fahrzeug", "vehicle"),
    "webhook_endpoint": ("Webhook", "webhook"),
    "working_time": ("Arbeitszeitmodell", "working-time profile"),
}
"""By the kind of what was acted upon."""


def detail_of(subject_kind: str, name: str) -> Pair:
    """Return what a detail of a line is called; its own name where nobody named it."""
    known = _RUN if subject_kind == "run" and name in _RUN else DETAILS
    return known.get(name, (name, name))


def done_to(action: str, subject_kind: str) -> Pair:
    """Return what an action is called; its code where nobody named it."""
    if subject_kind == "clearance" and action in set(ClearanceAction):
        return _CLEARANCES[ClearanceAction(action)]
    if action.removeprefix("amtshilfe_") in set(AmtshilfeAction) and action.startswith("amtshilfe_"):
        return _AMTSHILFE[AmtshilfeAction(action.removeprefix("amtshilfe_"))]
    if action in set(Action):
        return ACTIONS[Action(action)]
    return _DONE.get(action, (action, action))


def known_actions() -> Mapping[str, Pair]:
    """Return the actions of all kinds by their code, for a list to choose from."""
    amtshilfe = {f"amtshilfe_{action.value}": pair for action, pair in _AMTSHILFE.items()}
    clearances = {action.value: pair for action, pair in _CLEARANCES.items()}
    return {**clearances, **{action.value: pair for action, pair in ACTIONS.items()}, **amtshilfe, **_DONE}
