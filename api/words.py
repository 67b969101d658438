"""Words of the screen: German first, English second. Figures and ids are the same in both."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Language(StrEnum):
    """Languages of the screen."""

    DE = "de"
    EN = "en"


class OutputFormat(StrEnum):
    """What stdout gets."""

    TABLE = "table"
    JSON = "json"


_WORDS: Mapping[str, tuple[str, str]] = {
    # headline and headings
    "headline": ("{requests} Anfragen: {proposed} Vorschläge, {unserved} nicht eingeplant",
                 "{requests} requests: {proposed} proposed, {unserved} unserved"),
    "optimal": ("bewiesen optimal", "proven optimal"),
    "feasible": ("geprüfter Plan, Optimum nicht bewiesen", "checked plan, not proven optimal"),
    "stages_proven": ("{proven} von {stages} Stufen bewiesen", "{proven} of {stages} stages proven"),
    "unknown": ("abgebrochen, bevor ein Plan gefunden war", "stopped before a plan was found"),
    "infeasible": ("kein zulässiger Plan", "no feasible plan"),
    "incomplete": ("Aufzählung an der Grenze abgebrochen", "enumeration stopped at its limit"),
    "cancelled": ("Abgebrochen: bester Plan bis hierher.", "Cancelled: the best plan so far."),
    "proposals": ("Vorschläge", "Proposals"),
    "no_proposals": ("Keine Vorschläge.", "No proposals."),
    "planned": ("Restplätze auf geplanten Touren", "Free seats on planned tours"),
    "unserved": ("Nicht eingeplant", "Unserved"),
    "warnings": ("Hinweise der Prüfung", "Notes of the checker"),
    "figures": ("Kennzahlen", "Figures"),
    "proof": ("Beweis", "Proof"),
    "stops": ("Halte", "Stops"),
    "zabs": ("Last je ZAB", "Load by ZAB"),
    "written": ("Geschrieben: {files} in {folder}", "Written: {files} in {folder}"),
    "demo_begins": ("Planung des Beispieltags ({day}); beim ersten Mal zwei bis drei Minuten (Rechenkerne).",
                    "Matching the sample day ({day}); the first time two to three minutes (kernels are compiled)."),
    "demo_next": ("Weiter: {command}\nDanach {address} (Seiten), {address}/v1/docs (Schnittstelle). Anmelden mit:",
                  "Next: {command}\nThen {address} (pages), {address}/v1/docs (the API). Sign in with:"),
    "demo_users": ("Benutzer der Vorführung: {logins}\nKennwörter in {file}",
                   "Demo users: {logins}\nPasswords in {file}"),
    "demo_failed": ("Der Lauf ist gescheitert: {state}.", "The run failed: {state}."),
    "served_at": ("Restplatzbörse: {address} · Schnittstelle: {address}/v1/docs",
                  "Restplatzbörse: {address} · API: {address}/v1/docs"),
    "human": ("Vorschläge, keine Zusagen: Über jede Fahrt entscheidet die ZAB.",
              "Proposals, not promises: each ride is for the ZAB to decide."),
    # columns
    "zab": ("ZAB", "ZAB"),
    "duty": ("Dienst", "Duty"),
    "tour": ("Fahrzeug · Dienst", "Vehicle · duty"),
    "vehicle": ("Fahrzeug", "Vehicle"),
    "request": ("Anfrage", "Request"),
    "people": ("Pers.", "People"),
    "pickup": ("Abholung", "Pick-up"),
    "handover": ("Übergabe", "Hand-over"),
    "pickup_place": ("Abholort", "Pick-up place"),
    "pickup_time": ("Abholzeit", "Pick-up time"),
    "handover_place": ("Übergabeort", "Hand-over place"),
    "handover_time": ("Übergabezeit", "Hand-over time"),
    "on_board": ("Minuten an Bord", "Minutes on board"),
    "minutes_on_board": ("Minuten an Bord", "Minutes on board"),
    "minutes_direct": ("Minuten direkt", "Minutes direct"),
    "minutes_limit": ("Minuten Grenze", "Minutes limit"),
    "ride": ("direkt {direct}, geplant {planned}, Grenze {limit}", "direct {direct}, planned {planned}, limit {limit}"),
    "ride_no_limit": ("direkt {direct}, geplant {planned}", "direct {direct}, planned {planned}"),
    "shares_with": ("fährt mit", "shares with"),
    "planned_tour": ("geplante Tour", "planned tour"),
    "new_tour": ("neue Tour", "new tour"),
    "promised": ("zugesagt", "promised"),
    "new": ("neu", "new"),
    "seats": ("Plätze", "Seats"),
    "used_before": ("zugleich belegt bisher", "used at once before"),
    "used_after": ("zugleich belegt mit Vorschlägen", "used at once with proposals"),
    "obstacle": ("Hindernis", "Obstacle"),
    "rule": ("Regel", "Rule"),
    "reason": ("Grund", "Reason"),
    "action": ("Möglicher Schritt", "Possible action"),
    "no_reason": ("kein Grund ermittelt", "no reason found"),
    "all_zabs": ("alle ZAB", "all ZABs"),
    "number": ("Nr.", "No."),
    "kind": ("Art", "Kind"),
    "place": ("Ort", "Place"),
    "arrival": ("Ankunft", "Arrival"),
    "start": ("Beginn", "Start"),
    "departure": ("Abfahrt", "Departure"),
    "rests": ("Pausen mit Fahrgästen", "Rests with passengers"),
    "shifts": ("Schichten", "Shifts"),
    "prior_load": ("bisher übernommen", "taken before"),
    "new_requests": ("Vorschläge", "Proposed"),
    "tours": ("Touren", "Tours"),
    "km": ("km", "km"),
    "hours": ("Stunden", "Hours"),
    "stage": ("Stufe", "Stage"),
    "value": ("Wert", "Value"),
    "bound": ("Schranke", "Bound"),
    "gap": ("Abstand", "Gap"),
    "proven": ("bewiesen", "proven"),
    "open": ("offen", "open"),
    # figures
    "custody": ("Zusätzliche Zeit an Bord (über der direkten Fahrt)", "Time on board above the direct ride"),
    "night": ("Zeit an Bord bei Nacht", "Time on board at night"),
    "distance": ("Strecke", "Distance"),
    "crew_hours": ("Einsatzzeit der Teams", "Crew time"),
    "cost": ("Kosten (mit CO2-Preis)", "Cost (with the price of CO2)"),
    "co2": ("CO2", "CO2"),
    # stages
    "stage_pinned": ("Festgelegte Anfragen", "Pinned requests"),
    "stage_served": ("Eingeplante, gewichtet nach Frist", "Served, weighted by deadline"),
    "stage_custody": ("Zusätzliche Zeit an Bord (min)", "Extra time on board (min)"),
    "stage_night": ("Zeit an Bord bei Nacht (min)", "Time on board at night (min)"),
    "stage_fair_load": ("Lastausgleich der ZAB", "Fair load of the ZABs"),
    "stage_changes": ("Änderungen am letzten Plan", "Changes to the last plan"),
    "stage_cost": ("Kosten (EUR)", "Cost (EUR)"),
    # bad input
    "rejected": ("Eingabe abgelehnt: {count} Fehler. Es wurde nichts geschrieben.",
                 "Input rejected: {count} problems. Nothing was written."),
    "notices": ("{count} Hinweise zur Eingabe:", "{count} notices on the input:"),
    "row": ("Zeile", "row"),
    "column": ("Spalte", "column"),
    "more": ("... und {count} weitere", "... and {count} more"),
    "defect": ("Fehler im Programm: Die unabhängige Prüfung hat den Plan verworfen. Es wurde nichts ausgegeben.",
               "A defect: the independent checker refused the plan. Nothing was put out."),
    "not_written": ("Nicht geschrieben: {reason}", "Not written: {reason}"),
}  # fmt: skip

_PROBLEMS_DE: Mapping[str, str] = {
    "ambiguous_place": "Ort mehrdeutig",
    "ambiguous_time": "Uhrzeit mehrdeutig (Ende der Sommerzeit)",
    "bad_id": "Kennung ungültig",
    "bad_people": "Personenangabe ungültig",
    "bad_seats": "Sitzplatzangabe ungültig",
    "bad_target": "Ziel ungeeignet",
    "bad_text": "Text ungültig",
    "binary": "keine Textdatei",
    "broken_csv": "CSV beschädigt",
    "cell_count": "falsche Zahl von Zellen",
    "column_twice": "Spalte doppelt",
    "date_missing": "Datum fehlt",
    "days_reversed": "Tage vertauscht",
    "deadline_past": "Frist abgelaufen",
    "departure_missing": "Abflugzeit fehlt",
    "duplicate_id": "Kennung doppelt",
    "empty_cell": "Zelle leer",
    "empty_file": "leer",
    "encoding": "falsche Zeichenkodierung",
    "forbidden_column": "Spalte nicht erlaubt (Datenschutz)",
    "formula": "Formel statt Wert",
    "horizon_too_long": "Zeitraum zu lang",
    "inconsistent": "Tabellen widersprechen sich",
    "infeasible_tour": "zugesagte Tour nicht durchführbar",
    "invalid_value": "Wert ungültig",
    "lone_bundle": "Verbund mit nur einer Anfrage",
    "merged_cells": "verbundene Zellen",
    "missing_column": "Spalte fehlt",
    "missing_path": "nicht gefunden",
    "missing_table": "Tabelle fehlt",
    "mixed_separators": "Trennzeichen gemischt",
    "more_problems": "weitere Fehler",
    "nameless_column": "Spalte ohne Namen",
    "no_daytime_pickup": "Flugzeit mit Abholung am Tag nicht erreichbar: ZFA um Umbuchung bitten",
    "no_duties": "keine Dienste",
    "no_header": "Kopfzeile fehlt",
    "no_records": "keine Datensätze",
    "nonexistent_time": "Uhrzeit gibt es nicht (Beginn der Sommerzeit)",
    "not_a_date": "kein Datum",
    "not_a_number": "keine Zahl",
    "not_a_time": "keine Uhrzeit",
    "not_a_workbook": "keine Arbeitsmappe",
    "not_an_interval": "kein Zeitraum",
    "not_waivable": "Ausnahme nicht zulässig",
    "not_yes_or_no": "weder ja noch nein",
    "out_of_range": "Zahl außerhalb des Bereichs",
    "outside_horizon": "außerhalb des Zeitraums",
    "place_twice": "Ort doppelt angegeben",
    "published_gone": "aus dem letzten Plan verschwunden",
    "rows_disagree": "Zeilen widersprechen sich",
    "several_windows": "mehrere Verfügbarkeiten",
    "table_twice": "Tabelle doppelt",
    "times_do_not_fit": "Zeiten passen nicht zusammen",
    "too_large": "Datei zu groß",
    "too_many_places": "zu viele Orte",
    "too_many_rows": "zu viele Zeilen",
    "tour_warning": "Warnung zu zugesagter Tour",
    "unknown_column": "Spalte unbekannt",
    "unknown_id": "Kennung unbekannt",
    "unknown_need": "Bedarf unbekannt",
    "unknown_place": "Ort unbekannt",
    "unknown_skill": "Kenntnis unbekannt",
    "unknown_table": "Tabelle unbekannt",
    "unknown_value": "Wert unbekannt",
    "unreadable": "nicht lesbar",
    "vehicle_unavailable": "Fahrzeug nicht verfügbar",
    "window_reversed": "Zeitfenster verkehrt herum",
    "window_twice": "Zeitfenster doppelt angegeben",
    "zero_people": "null Personen",
}  # fmt: skip
"""Short German titles of the problems of an import, by their stable code."""


def word(key: str, language: Language, **figures: object) -> str:
    """Return a text in a language with its figures; raises ``KeyError`` for a text that nobody wrote."""
    german, english = _WORDS[key]
    return (german if language is Language.DE else english).format(**figures)


def titles(language: Language) -> dict[str, str]:
    """Return all words by key: names of sheets and columns."""
    return {key: pair[0 if language is Language.DE else 1] for key, pair in _WORDS.items()}


def problem_title(code: str, language: Language) -> str:
    """Return the short title of a problem; in English the code itself, spelt out."""
    return _PROBLEMS_DE.get(code, code) if language is Language.DE else code.replace("_", " ")
