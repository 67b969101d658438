"""What rules, values and laws rest on, in German and English.

A parameter set that was used is never changed, so a source stays as it was written; here it is said in both languages.
"""

from __future__ import annotations

from collections.abc import Mapping

from api.texts import Pair, in_language
from api.words import Language

KINDS: Mapping[str, Pair] = {
    "law": ("Gesetz oder Erlass", "law or decree"),
    "press": ("aus der Presse", "as told by the press"),
    "assumption": ("Annahme, von den Behörden festzulegen", "assumption, to be settled by the authorities"),
}
"""What kind of source it is."""
_IN_GERMAN: Mapping[str, str] = {
    # --- rules (optimizer.model.RULEBOOK)
    "definition of the exchange": "Wesen der Börse",
    "outward and return trip stand or fall together": "Hin- und Rückfahrt gelten nur zusammen",
    "pick-up before hand-over, both in one vehicle": "Abholung vor Übergabe, beides in einem Fahrzeug",
    "request: service begins inside its window": "Anfrage: Der Halt beginnt in seinem Zeitfenster",
    "physics: no earlier than departure plus drive": "Physik: nicht vor Abfahrt und Fahrzeit",
    "StVO § 21 (1), (1a); StVZO § 35a (4a): seats, belts, wheelchair places": (
        "§ 21 Abs. 1 und 1a StVO; § 35a Abs. 4a StVZO: Sitze, Gurte, Rollstuhlplätze"
    ),
    "request: features the vehicle must have": "Anfrage: was das Fahrzeug haben muss",
    "request: skills the crew must have": "Anfrage: was das Team können muss",
    "FeV § 6": "§ 6 FeV",
    "prisoner transporter never with children (assumption)": "Gefangenentransporter nie mit Kindern (Annahme)",
    "AufenthG § 58 (4): limited to the unavoidable; cap is an assumption": (
        "§ 58 Abs. 4 AufenthG: auf das Unvermeidbare beschränkt; die Grenze ist eine Annahme"
    ),
    "AufenthG § 58 (4): pooling may not lengthen without limit (assumption)": (
        "§ 58 Abs. 4 AufenthG: Gemeinsames Fahren darf nicht unbegrenzt verlängern (Annahme)"
    ),
    "AufenthG § 58 (4); 45 min is an assumption": "§ 58 Abs. 4 AufenthG; 45 Minuten sind eine Annahme",
    "welfare of passengers (assumption)": "Wohl der Mitfahrenden (Annahme)",
    "separation flag set by an officer": "Trennungsvermerk, von der Behörde gesetzt",
    "exclusion between two requests set by an officer": "Ausschluss zwischen zwei Anfragen, von der Behörde gesetzt",
    "families ride only with families (assumption)": "Familien fahren nur mit Familien (Annahme)",
    "women travelling alone not with unrelated men (assumption)": (
        "allein reisende Frauen nicht mit fremden Männern (Annahme)"
    ),
    "an unaccompanied minor rides with nobody unrelated (assumption; AufenthG § 58 (1a))": (
        "unbegleitete Minderjährige fahren mit keinen Fremden (Annahme; § 58 Abs. 1a AufenthG)"
    ),
    "officers per people on board (assumption)": "Begleitkräfte nach Zahl der Personen an Bord (Annahme)",
    "a female officer when women or girls travel (assumption)": (
        "eine weibliche Begleitkraft, wenn Frauen oder Mädchen fahren (Annahme)"
    ),
    "ArbZG § 3; the shift as rostered": "§ 3 ArbZG; die Schicht nach Dienstplan",
    "ArbZG § 4; only while nobody is on board": "§ 4 ArbZG; nur, solange niemand an Bord ist",
    "ArbZG § 5": "§ 5 ArbZG",
    "one vehicle, one duty at a time": "ein Fahrzeug hat zu einer Zeit einen Dienst",
    "one crew, one duty at a time": "ein Team hat zu einer Zeit einen Dienst",
    "a tour begins and ends at the duty's depots while the vehicle is available": (
        "Eine Tour beginnt und endet an den Standorten des Dienstes, solange das Fahrzeug da ist"
    ),
    "what was promised keeps its order, and its time within the tolerance": (
        "Zugesagtes behält seine Reihenfolge, und seine Zeit innerhalb der Toleranz"
    ),
    "Haftbeschluss; AufenthG § 62, § 2 (14)": "Haftbeschluss; § 62, § 2 Abs. 14 AufenthG",
    "AufenthG § 58 (7): no pick-up 21-06 h without the requester's recorded ground": (
        "§ 58 Abs. 7 AufenthG: keine Abholung von 21 bis 6 Uhr ohne vermerkten Grund der anfragenden Behörde"
    ),
    "RdErl. NRW 13.01.2016: no measure 21-06 h with children under 14": (
        "RdErl. NRW vom 13.01.2016: keine Maßnahme von 21 bis 6 Uhr mit Kindern unter 14"
    ),
    "declined before: never offered to the same duty or ZAB again": (
        "schon abgelehnt: demselben Dienst oder derselben ZAB nie wieder angeboten"
    ),
    "a tour about to begin, or under way, takes nobody new": (
        "Eine Tour, die gleich beginnt oder unterwegs ist, nimmt niemanden mehr auf"
    ),
    "a manual assignment survives until released": "Eine Zuweisung von Hand bleibt, bis sie gelöst wird",
    "literature: every request must be served": "Literatur: Jede Anfrage muss befördert werden",
    "most new requests a ZAB takes within the horizon": "so viele neue Anfragen nimmt eine ZAB im Zeitraum höchstens",
    "most assignments of the published plan that a new plan may change": (
        "so viele Zuordnungen des veröffentlichten Plans darf ein neuer höchstens ändern"
    ),
    "45 min per 4.5 h of driving (soft; cf. VO (EG) 561/2006 Art. 7)": (
        "45 Minuten je 4,5 Stunden Fahrt (nur Hinweis; vgl. Art. 7 VO (EG) 561/2006)"
    ),
    # --- values (data/parameters)
    "AufenthG § 58 (4): limited to the unavoidable; 300 and 240 min are ours": (
        "§ 58 Abs. 4 AufenthG: auf das Unvermeidbare beschränkt; 300 und 240 Minuten sind unsere"
    ),
    "AufenthG § 58 (4): limited to the unavoidable; the cap on pooling is ours": (
        "§ 58 Abs. 4 AufenthG: auf das Unvermeidbare beschränkt; die Grenze des Umwegs ist unsere"
    ),
    "waiting at the hand-over place at most 45 min before its window": (
        "am Ort der Übergabe höchstens 45 Minuten vor dem Zeitfenster warten"
    ),
    "welfare of passengers": "Wohl der Mitfahrenden",
    "AufenthG § 58 (7): night is from 21 to 6 h; RdErl. NRW 13.01.2016 for families with children under 14": (
        "§ 58 Abs. 7 AufenthG: Nacht ist von 21 bis 6 Uhr; RdErl. NRW vom 13.01.2016 für Familien mit Kindern unter 14"
    ),
    "BEHG § 10 (2): 55 to 65 EUR per tonne in 2026, upper end": (
        "§ 10 Abs. 2 BEHG: 2026 sind es 55 bis 65 Euro je Tonne, oberes Ende"
    ),
    "unplaced requests fall back to the ABH 48 h before pick-up": (
        "Anfragen ohne Platz gehen 48 Stunden vor der Abholung an die ABH zurück"
    ),
    "2 officers for a single adult or a family up to 3, one more for each further 3 adults": (
        "2 Begleitkräfte für eine erwachsene Person oder eine Familie bis 3, je weitere 3 Erwachsene eine mehr"
    ),
    "ArbZG § 4: 30 min after 6 h, 45 min after 9 h, in parts of 15 min, no more than 6 h without": (
        "§ 4 ArbZG: 30 Minuten nach 6, 45 nach 9 Stunden, in Teilen von 15 Minuten, nie mehr als 6 Stunden ohne"
    ),
    "ArbZG § 3: up to 10 h of work; taken with breaks, which is stricter": (
        "§ 3 ArbZG: bis zu 10 Stunden Arbeit; hier mit den Pausen, das ist strenger"
    ),
    "ArbZG § 5: 11 h": "§ 5 ArbZG: 11 Stunden",
    "45 min for each 4.5 h of driving, after VO (EG) 561/2006 Art. 7, which does not bind these vehicles": (
        "45 Minuten je 4,5 Stunden Fahrt, nach Art. 7 VO (EG) 561/2006, die für diese Fahrzeuge nicht gilt"
    ),
    "decree of 26.02.2024 on near deadlines of Dublin transfers; the weights are ours": (
        "Erlass vom 26.02.2024 zu nahen Fristen der Dublin-Überstellungen; die Gewichte sind unsere"
    ),
    "30 min single, 45 min family, 10 min for each further person; hand-over 30 min": (
        "30 Minuten für eine Person, 45 für eine Familie, 10 je weitere Person; Übergabe 30 Minuten"
    ),
    "120 min before scheduled flights, 180 min before charters, per airport; window of one hour": (
        "120 Minuten vor Linienflügen, 180 vor Charterflügen, je Flughafen; Zeitfenster von einer Stunde"
    ),
    "15 % covers every pair of the calibration that the road graph underestimates (data/README.md)": (
        "15 % decken jedes Paar der Eichung, das der Straßengraph zu kurz schätzt (data/README.md)"
    ),
    "no measurement of rush hours at hand; the margin stands for them": (
        "keine Messung der Stoßzeiten vorhanden; der Aufschlag steht dafür"
    ),
    "as in the list of rules": "wie in der Liste der Regeln",
    "assumption": "Annahme",
    "assumption: deadlines of other measures, kept from before the regimes were a table": (
        "Annahme: Fristen anderer Maßnahmen, aus der Zeit vor dieser Tabelle"
    ),
}
"""German of what was written in English, or in German another way than all else."""
_IN_ENGLISH: Mapping[str, str] = {
    "VO (EU) Nr. 604/2013 Art. 29, Art. 49; für früher registrierte Anträge weiter nach VO (EU) 2024/1351 Art. 84": (
        "Regulation (EU) No 604/2013 Art. 29, Art. 49; for applications registered before, still by "
        "Regulation (EU) 2024/1351 Art. 84"
    ),
    "VO (EU) 2024/1351 Art. 46, Art. 85": "Regulation (EU) 2024/1351 Art. 46, Art. 85",
    "Haftbeschluss; AufenthG § 62, § 2 (14)": "detention order; AufenthG § 62, § 2 (14)",
    "Best Rück Luft 2016; Erlass vom 26.02.2024": "Best Rück Luft 2016; decree of 26.02.2024",
    "Erlass vom 26.02.2024": "decree of 26.02.2024",
    "BVerfG, 30.09.2025, 2 BvR 460/25": "BVerfG (Federal Constitutional Court), 30.09.2025, 2 BvR 460/25",
    "§ 34a Abs. 3 AsylG": "AsylG § 34a (3)",
    "§ 60a Abs. 5a AufenthG": "AufenthG § 60a (5a)",
    "§ 60a Abs. 2c AufenthG": "AufenthG § 60a (2c)",
    "§ 58 Abs. 1a AufenthG": "AufenthG § 58 (1a)",
}
"""English of what was written in German."""


def source_told(text: str, language: Language) -> str:
    """Return a source in a language; one that a new set brings stands as it was written until it is put here."""
    return in_language((_IN_GERMAN.get(text, text), _IN_ENGLISH.get(text, text)), language)


def is_known(text: str) -> bool:
    """Whether a source is said in both languages."""
    return text in _IN_GERMAN or text in _IN_ENGLISH
