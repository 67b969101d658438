"""What tables, rows and columns of the reports are called, in German and English."""

from __future__ import annotations

from collections.abc import Mapping

Pair = tuple[str, str]

REPORTS: Mapping[str, Pair] = {
    "observers": ("Jahresbericht für die Abschiebungsbeobachtung", "Yearly report for the observers of forced returns"),
    "causes": ("Gründe von Ablehnung und Scheitern", "Causes of rejection and failure"),
    "ledger": ("Ausgleich zwischen den ZAB", "Ledger between the ZABs"),
}
TABLES: Mapping[str, Pair] = {
    "by_month": ("nach Monat", "by month"),
    "by_destination": ("nach Flughafen", "by airport"),
    "overrides_by_month": ("Ausnahmen nach Regel und Monat", "lifted rules by rule and month"),
    "failed_by_month": ("Scheitern nach Grund und Monat", "failures by code and month"),
    "failed_by_destination": ("Scheitern nach Grund und Flughafen", "failures by code and airport"),
    "failed_by_zab": ("Scheitern nach Grund und ZAB", "failures by code and ZAB"),
    "failed_by_bezirk": ("Scheitern nach Grund und Bezirk", "failures by code and Bezirk"),
    "stopped_by_month": ("Stopps nach Grund und Monat", "stops by code and month"),
    "stopped_by_zab": ("Stopps nach Grund und ZAB", "stops by code and ZAB"),
    "stopped_by_bezirk": ("Stopps nach Grund und Bezirk", "stops by code and Bezirk"),
    "rejected_by_month": ("Ablehnungen (1. Runde) nach Monat", "rejections (first round) by month"),
    "rejected_by_zab": ("Ablehnungen (1. Runde) nach ZAB", "rejections (first round) by ZAB"),
    "rejected_by_bezirk": ("Ablehnungen (1. Runde) nach Bezirk", "rejections (first round) by Bezirk"),
    "declined_by_month": ("Ablehnungen (2. Runde) nach Monat", "declines (second round) by month"),
    "declined_by_zab": ("Ablehnungen (2. Runde) nach ZAB", "declines (second round) by ZAB"),
    "declined_by_bezirk": ("Ablehnungen (2. Runde) nach Bezirk", "declines (second round) by Bezirk"),
    "backed_out_by_month": ("Rücknahmen nach Monat", "promises given back by month"),
    "backed_out_by_zab": ("Rücknahmen nach ZAB", "promises given back by ZAB"),
    "backed_out_by_bezirk": ("Rücknahmen nach Bezirk", "promises given back by Bezirk"),
    "expired_by_month": ("ohne Antwort nach Monat", "left unanswered by month"),
    "expired_by_zab": ("ohne Antwort nach ZAB", "left unanswered by ZAB"),
    "expired_by_bezirk": ("ohne Antwort nach Bezirk", "left unanswered by Bezirk"),
    "zabs": ("Summen je ZAB", "sums by ZAB"),
    "accepted_by_month": ("Zusagen nach Monat", "promises by month"),
    "done_by_month": ("gefahren nach Monat", "driven by month"),
    "custody_by_month": ("Minuten an Bord nach Monat", "minutes on board by month"),
}
"""Titles of tables; at most 31 characters of them are the name of a sheet."""
COLUMNS: Mapping[str, Pair] = {
    "attempts": ("Vorgänge", "attempts"),
    "handed_over": ("übergeben", "handed over"),
    "failed": ("gescheitert", "failed"),
    "stopped": ("gestoppt", "stopped"),
    "cancelled": ("zurückgezogen", "withdrawn"),
    "returned": ("zurück an die ABH", "returned to the ABH"),
    "begun": ("Fahrten begonnen", "transports begun"),
    "people": ("Personen", "people"),
    "night": ("Abholung zur Nachtzeit", "pick-up at night"),
    "with_children": ("mit Kindern unter 14", "with children under 14"),
    "night_with_children": ("nachts mit Kindern", "at night with children"),
    "children_meet_night": ("mit Kindern, ganz oder teils nachts", "with children, in part at night"),
    "with_override": ("mit Ausnahme von einer Regel", "with a lifted rule"),
    "custody_minutes": ("Minuten in Gewahrsam", "minutes in custody"),
    "on_board_minutes": ("davon Minuten an Bord", "of them on board"),
    "escorts": ("Begleitkräfte", "escorts"),
    "accepted": ("zugesagt", "accepted"),
    "declined_bar": ("abgelehnt: nächste ZAB", "declined: next ZAB"),
    "declined_correct": ("abgelehnt: Angaben", "declined: data"),
    "declined_wait": ("abgelehnt: später", "declined: later"),
    "declined_escalate": ("abgelehnt: Leitung", "declined: leads"),
    "backed_out": ("zurückgenommen", "given back"),
    "done": ("gefahren", "driven"),
    "done_km": ("gefahrene km", "km driven"),
    "done_crew_hours": ("Teamstunden", "crew hours"),
    "total": ("gesamt", "total"),
}
GROUPS: Mapping[str, Pair] = {
    "": ("keine", "none"),
    "total": ("gesamt", "total"),
    "other": ("andere", "other"),
    "town": ("Ort", "town"),
    "facility": ("Einrichtung", "facility"),
    "detention": ("Abschiebungshaft", "detention"),
    "border": ("Grenze", "border"),
    "depot": ("Standort", "depot"),
    "node": ("Punkt", "node"),
}
"""Groups that are no names of their own."""
FILE: Mapping[str, Pair] = {
    "table": ("Tabelle", "table"),
    "row": ("Zeile", "row"),
    "column": ("Spalte", "column"),
    "value": ("Wert", "value"),
    "withheld": ("unter {least} oder geschützt", "below {least}, or protected"),
    "about": ("Bericht", "report"),
    "year": ("Jahr", "year"),
    "month": ("Monat", "month"),
    "edition": ("Ausgabe", "edition"),
    "outside": ("zur Weitergabe", "for others"),
    "inside": ("nur für den Dienstgebrauch", "for official use only"),
}
