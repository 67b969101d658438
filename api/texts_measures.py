"""What the codes of the decree's other measures are called, in German and English: clearances, topics, contacts."""

from __future__ import annotations

from collections.abc import Mapping

from api.clearance_workflow import ClearanceAction, ClearanceKind, ClearanceState, RefusalCode
from api.db.tables_guidance import ContactBody, GuidanceTopic
from api.texts import Pair

KINDS: Mapping[ClearanceKind, Pair] = {
    ClearanceKind.TRANSIT: ("Durchbeförderung", "transit"),
    ClearanceKind.MEDICAL_RECEPTION: ("medizinische Inempfangnahme", "medical reception"),
}
CLEARANCE_STATES: Mapping[ClearanceState, Pair] = {
    ClearanceState.NEEDED: ("zu beantragen", "to be applied for"),
    ClearanceState.APPLIED: ("beantragt", "applied for"),
    ClearanceState.GRANTED: ("zugestimmt", "consented"),
    ClearanceState.REFUSED: ("verweigert", "refused"),
    ClearanceState.ALTERNATIVE: ("Ersatztermin angeboten", "another date offered"),
    ClearanceState.NOT_NEEDED: ("nicht mehr nötig", "not needed any more"),
}
CLEARANCE_ACTIONS: Mapping[ClearanceAction, Pair] = {
    ClearanceAction.APPLY: ("Antrag vermerken", "record the application"),
    ClearanceAction.EXTEND: ("weitere Tage vermerken", "record further days"),
    ClearanceAction.GRANT: ("Zustimmung vermerken", "record the consent"),
    ClearanceAction.REFUSE: ("Verweigerung vermerken", "record the refusal"),
    ClearanceAction.OFFER_DATE: ("Ersatztermin vermerken", "record another date"),
    ClearanceAction.ACCEPT_DATE: ("Ersatztermin annehmen", "accept the other date"),
    ClearanceAction.DECLINE_DATE: ("Ersatztermin ablehnen", "decline the other date"),
    ClearanceAction.WITHDRAW: ("nicht mehr nötig", "withdraw"),
    ClearanceAction.LAPSE: ("hinfällig", "lapse"),
}
REFUSALS: Mapping[RefusalCode, Pair] = {
    RefusalCode.DATE_NOT_POSSIBLE: ("Termin nicht möglich", "date not possible"),
    RefusalCode.TOO_LATE: ("zu spät beantragt", "applied for too late"),
    RefusalCode.DOCUMENTS_MISSING: ("Unterlagen fehlen", "documents missing"),
    RefusalCode.STATE_REFUSES: ("Staat verweigert", "the state refuses"),
    RefusalCode.CARRIER_REFUSES: ("Fluggesellschaft verweigert", "the carrier refuses"),
    RefusalCode.NO_RECEPTION: ("Inempfangnahme nicht möglich", "nobody can receive"),
    RefusalCode.CONSENT_WITHDRAWN: ("Zustimmung zurückgenommen", "consent withdrawn"),
    RefusalCode.OTHER: ("anderer Grund (siehe Akte)", "other reason (see the file)"),
}
TOPICS: Mapping[GuidanceTopic, Pair] = {
    GuidanceTopic.MEDICAL_RECEPTION: ("Medizinische Inempfangnahme", "medical reception"),
    GuidanceTopic.TRANSIT: ("Durchbeförderung", "transit"),
    GuidanceTopic.EXCHANGE: ("Restplatzbörse", "the exchange"),
    GuidanceTopic.DUBLIN: ("Dublin-Überstellungen und Amtshilfe", "Dublin transfers and administrative assistance"),
    GuidanceTopic.RESOURCES: ("Ressourcen", "resources"),
    GuidanceTopic.GENERAL: ("Allgemeines", "general"),
}
CONTACT_BODIES: Mapping[ContactBody, Pair] = {
    ContactBody.EMBASSY: ("Botschaft", "embassy"),
    ContactBody.CONSULATE: ("Konsulat", "consulate"),
    ContactBody.HEALTH_AUTHORITY: ("Gesundheitsbehörde", "health authority"),
    ContactBody.CLINIC: ("Klinik", "clinic"),
    ContactBody.RECEPTION_CENTRE: ("Aufnahmestelle", "reception centre"),
    ContactBody.BORDER_AUTHORITY: ("Grenzbehörde", "border authority"),
    ContactBody.MINISTRY: ("Ministerium", "ministry"),
    ContactBody.OTHER: ("andere Stelle", "another office"),
}
