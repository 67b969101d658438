"""Faults of rows and cells in files that are read in, in German."""

from __future__ import annotations

from collections.abc import Mapping

TABLES: Mapping[str, str] = {
    # --- the file
    "CSV text in UTF-8 or Windows-1252": "CSV-Text in UTF-8 oder Windows-1252",
    "In Excel: save as 'CSV UTF-8'.": "In Excel: als „CSV UTF-8“ speichern.",
    "In Excel: save as 'CSV UTF-8 (comma delimited)'.": (
        "In Excel: als „CSV UTF-8 (durch Trennzeichen getrennt)“ speichern."
    ),
    "CSV text": "CSV-Text",
    "UTF-8 text": "Text in UTF-8",
    "Rename it to .xlsx, or save as CSV.": "Nennen Sie die Datei .xlsx, oder speichern Sie sie als CSV.",
    "This is no text file: export the table anew as 'CSV UTF-8', or restore it from a copy.": (
        "Das ist keine Textdatei: Speichern Sie die Tabelle neu als „CSV UTF-8“, oder nehmen Sie eine Kopie."
    ),
    "a header and rows": "eine Kopfzeile und Zeilen",
    "a header and records": "eine Kopfzeile und Zeilen",
    "Export the file anew: it is empty.": "Erstellen Sie die Datei neu: Sie ist leer.",
    "Export it anew.": "Erstellen Sie die Datei neu.",
    "Fill it or remove it.": "Füllen Sie es aus, oder löschen Sie es.",
    "CSV with quotes in pairs": "CSV mit paarweisen Anführungszeichen",
    "CSV with quotes in pairs, cells of at most 100,000 characters": (
        "CSV mit paarweisen Anführungszeichen und Zellen von höchstens 100.000 Zeichen"
    ),
    "Close the quote, or double quotes inside of quoted cells.": (
        "Schließen Sie das Anführungszeichen, oder verdoppeln Sie es innerhalb der Zelle."
    ),
    "Close the quote, or double quotes inside of quoted cells. No later row was read.": (
        "Schließen Sie das Anführungszeichen, oder verdoppeln Sie es innerhalb der Zelle. Spätere Zeilen wurden nicht "
        "gelesen."
    ),
    "at most {} MiB": "höchstens {} MiB",
    "a readable file": "eine lesbare Datei",
    "Check the rights to it.": "Prüfen Sie die Rechte an der Datei.",
    "Split it by day.": "Teilen Sie die Datei nach Tagen.",
    "Split the file by day.": "Teilen Sie die Datei nach Tagen.",
    "Split the table by day.": "Teilen Sie die Tabelle nach Tagen.",
    "at most {} rows": "höchstens {} Zeilen",
    "at most {} records in table '{}'": "höchstens {0} Zeilen",
    "at least one row": "mindestens eine Zeile",
    "at least one record": "mindestens eine Zeile",
    "Fill the file.": "Füllen Sie die Datei.",
    "Without duties nobody can drive.": "Ohne Dienste kann niemand fahren.",
    "an Excel workbook (.xlsx) without password": "eine Excel-Datei (.xlsx) ohne Kennwort",
    "Save it anew as .xlsx.": "Speichern Sie sie neu als .xlsx.",
    "a readable sheet": "ein lesbares Blatt",
    "one cell for each row and column": "eine Zelle für jede Zeile und Spalte",
    "Unmerge them.": "Heben Sie die Verbindung der Zellen auf.",
    "Copy the column and paste it as values.": "Kopieren Sie die Spalte und fügen Sie sie als Werte ein.",
    "a JSON array of requests, in UTF-8": "eine JSON-Liste von Anfragen, in UTF-8",
    "a JSON array of 1 to {} objects": "eine JSON-Liste von 1 bis {} Objekten",
    "Send one.": "Senden Sie eine.",
    "Send an array of rows.": "Senden Sie eine Liste von Zeilen.",
    # --- the header
    "columns like {}": "Spalten wie {}",
    "Write the header in row 1.": "Schreiben Sie die Kopfzeile in Zeile 1.",
    "Delete the rows above row {}.": "Löschen Sie die Zeilen über Zeile {}.",
    "one of the columns {}": "eine der Spalten {}",
    "a column of table '{}'": "eine Spalte, die es hier gibt",
    "Remove the column; docs/import-format.md lists all.": "Löschen Sie die Spalte; welche es gibt, steht unten.",
    "columns 'handover_from' and 'handover_to', or column 'departure'": (
        "die Spalten „handover_from“ und „handover_to“, oder die Spalte „departure“"
    ),
    "Add them.": "Ergänzen Sie sie.",
    "each column once": "jede Spalte nur einmal",
    "Remove one.": "Löschen Sie eine davon.",
    "column '{}'": "die Spalte „{}“",
    "Add it ({})": "Ergänzen Sie die Spalte.",
    "a name above each column with content": "einen Namen über jeder Spalte mit Inhalt",
    "Name or remove the column.": "Benennen oder löschen Sie die Spalte.",
    "no column with names, birth dates, addresses, nationalities or diagnoses": (
        "keine Spalte mit Namen, Geburtsdaten, Adressen, Staatsangehörigkeiten oder Diagnosen"
    ),
    "Delete the column: the exchange stores no such data.": (
        "Löschen Sie die Spalte: Solche Daten speichert die Börse nicht."
    ),
    "{} cells as in the header": "{} Zellen wie in der Kopfzeile",
    "cells separated by {} as in the header": "dasselbe Trennzeichen wie in der Kopfzeile",
    "Use one separator in the whole file.": "Benutzen Sie in der ganzen Datei ein Trennzeichen.",
    "Put cells that contain the separator in quotes.": "Setzen Sie Zellen mit dem Trennzeichen in Anführungszeichen.",
    "Add the missing separators.": "Ergänzen Sie die fehlenden Trennzeichen.",
    # --- cells
    "a value": "eine Angabe",
    "Fill it, for example with '{}'.": "Füllen Sie die Zelle aus, zum Beispiel mit „{}“.",
    "Fill it.": "Füllen Sie die Zelle aus.",
    "Correct it.": "Berichtigen Sie die Angabe.",
    "Shorten it.": "Kürzen Sie den Text.",
    "Rename it.": "Benennen Sie es um.",
    "Use one of these codes.": "Schreiben Sie einen dieser Werte.",
    "yes or no (ja, nein)": "ja oder nein",
    "Write yes or no.": "Schreiben Sie ja oder nein.",
    "an id of letters, digits and . _ : / # - without spaces, at most 80 characters, a letter or digit first": (
        "eine Kennung aus Buchstaben, Ziffern und . _ : / # - ohne Leerzeichen, höchstens 80 Zeichen, zuerst ein "
        "Buchstabe oder eine Ziffer"
    ),
    "one line of at most 100 characters": "eine Zeile mit höchstens 100 Zeichen",
    "one line of at most 200 characters, no names, no diagnoses": (
        "eine Zeile mit höchstens 200 Zeichen, ohne Namen und Diagnosen"
    ),
    "one line of at most 80 characters, no names": "eine Zeile mit höchstens 80 Zeichen, ohne Namen",
    "an amount in euros with at most two decimals": "einen Betrag in Euro mit höchstens zwei Nachkommastellen",
    "an amount in euros, like 0.60": "einen Betrag in Euro, wie 0,60",
    "Round it to cents.": "Runden Sie auf Cent.",
    "a whole number from {} to {}": "eine ganze Zahl von {} bis {}",
    "a whole number from {} to {} {}": "eine ganze Zahl von {} bis {} {}",
    "a number from {} to {} {}": "eine Zahl von {} bis {} {}",
    "degrees from {} to {}, like 51.2277": "Grad von {} bis {}, wie 51.2277",
    "Enter a number.": "Geben Sie eine Zahl ein.",
    "Correct the number.": "Berichtigen Sie die Zahl.",
    "Did you mean {}?": "Meinten Sie {}?",
    "{} '{}'?": "Meinten Sie „{1}“?",
    "Leave it out: child seats follow from the age bands in column 'people'.": (
        "Lassen Sie es weg: Kindersitze folgen aus den Altersgruppen in der Spalte „people“."
    ),
    "people as age:sex:count, like 'adult:m:1 6-11:f:2' (ages 0-2, 3-5, 6-11, 12-13, 14-17, adult; sex f, m, d)": (
        "Personen als Alter:Geschlecht:Anzahl, wie „adult:m:1 6-11:f:2“ (Alter 0-2, 3-5, 6-11, 12-13, 14-17, adult; "
        "Geschlecht f, m, d)"
    ),
    "Correct the group.": "Berichtigen Sie die Gruppe.",
    "Correct the sex.": "Berichtigen Sie das Geschlecht.",
    "at least 1 person in each group": "mindestens 1 Person in jeder Gruppe",
    "Leave the empty group out.": "Lassen Sie die leere Gruppe weg.",
    "at most {} people in a group": "höchstens {} Personen in einer Gruppe",
    "seats with the driver's, '+' wheelchair places, alternatives by spaces, like '9 6+1'": (
        "Sitze mit dem des Fahrers, „+“ Rollstuhlplätze, Alternativen mit Leerzeichen, wie „9 6+1“"
    ),
    "Correct the seats.": "Berichtigen Sie die Sitze.",
    "a flight number like LH 1234": "eine Flugnummer wie LH 1234",
    "at most {} IATA codes of three letters": "höchstens {} Flughäfen mit ihren drei Buchstaben (IATA)",
    "the two letters of a state (ISO 3166-1), like TR": "die zwei Buchstaben eines Staats (ISO 3166-1), wie TR",
    "not_needed, needed, or a local date": "not_needed, needed oder ein Datum",
    # --- days and times
    "a day of the calendar, like 2026-10-05": "einen Tag, den es gibt, wie 2026-10-05",
    "a date like 2026-10-05": "ein Datum wie 2026-10-05",
    "Write year-month-day.": "Schreiben Sie Jahr-Monat-Tag.",
    "a local time like 2026-10-05T08:30, or 08:30 where column 'date' is filled": (
        "eine Ortszeit wie 2026-10-05T08:30, oder 08:30, wo die Spalte „date“ ausgefüllt ist"
    ),
    "Correct the time.": "Berichtigen Sie die Uhrzeit.",
    "Fill the column 'date' or write the date into the cell.": (
        "Füllen Sie die Spalte „date“ aus, oder schreiben Sie das Datum in die Zelle."
    ),
    "a year of our time": "ein Jahr unserer Zeit",
    "a time between 00:00 and 23:59": "eine Uhrzeit zwischen 00:00 und 23:59",
    "an offset from UTC below 24 hours": "einen Abstand zu UTC unter 24 Stunden",
    "Correct the offset.": "Berichtigen Sie den Abstand.",
    "from/to, like 2026-10-05T06:00/2026-10-05T18:00": "von/bis, wie 2026-10-05T06:00/2026-10-05T18:00",
    "Write both ends.": "Schreiben Sie Anfang und Ende.",
    "a local time that exists once (the clock is put back on this day)": (
        "eine Ortszeit, die es nur einmal gibt (an diesem Tag wird die Uhr zurückgestellt)"
    ),
    "Write {} for the first one or {} for the second one.": "Schreiben Sie {} für die erste oder {} für die zweite.",
    "a local time that exists (the clock is put forward on this day)": (
        "eine Ortszeit, die es gibt (an diesem Tag wird die Uhr vorgestellt)"
    ),
    "Write the time that the clock shows, an hour later.": (
        "Schreiben Sie die Zeit, die die Uhr zeigt, eine Stunde später."
    ),
    "a day from {} on": "einen Tag ab dem {}",
    "Correct the days.": "Berichtigen Sie die Tage.",
    "at most {} days from the first to the last": "höchstens {} Tage vom ersten bis zum letzten",
    "Look for a slip in a year or month, or split the tables.": (
        "Suchen Sie einen Fehler in Jahr oder Monat, oder teilen Sie die Tabellen."
    ),
    "a day from {} to {}": "einen Tag vom {} bis zum {}",
    "Correct the time or table 'horizon'.": "Berichtigen Sie die Uhrzeit oder die Tabelle „horizon“.",
    # --- rows of requests
    "a window or a departure": "ein Zeitfenster oder einen Abflug",
    "Empty the departure, or handover_from and handover_to: the window follows from the departure.": (
        "Leeren Sie „departure“, oder „handover_from“ und „handover_to“: Das Fenster folgt aus dem Abflug."
    ),
    "a time here and in the other column of the window, or a departure": (
        "eine Zeit hier und in der anderen Spalte des Fensters, oder einen Abflug"
    ),
    "both who rejected and why, or neither": "wer abgelehnt hat und warum, oder keines von beiden",
    "Fill both or none.": "Füllen Sie beide aus oder keine.",
    "id, name or AGS of a known place": "Kennung, Name oder AGS eines bekannten Orts",
    "a place that is named once (ids {})": "einen Ort, dessen Name nur einmal vorkommt (Kennungen {})",
    "Write the id.": "Schreiben Sie die Kennung.",
    "Use a place of the list, or give coordinates.": "Nehmen Sie einen Ort aus dem Verzeichnis.",
    "AGS of an ABH of the exchange": "den AGS einer ABH der Börse",
    "your own ABH's AGS, or nothing": "den AGS Ihrer ABH, oder keine Angabe",
    "a case that is not open for this pick-up": "einen Fall, der für diese Abholung noch nicht offen ist",
    "Leave it out: row {} is the same.": "Lassen Sie ihn weg: Zeile {} ist dieselbe.",
    "Leave it out: request {} is the same.": "Lassen Sie ihn weg: Die Anfrage {} ist dieselbe.",
    "Leave it out: {} is the same.": "Lassen Sie ihn weg: {} ist derselbe.",
    # --- rows of duties
    "a code: a shift without a vehicle is no duty": "eine Bezeichnung: Eine Schicht ohne Fahrzeug ist kein Dienst",
    "each duty once": "jeden Dienst nur einmal",
    "Row {} has it too.": "Zeile {} hat ihn auch.",
    "'{}': your own ZAB": "„{}“: Ihre eigene ZAB",
    "a vehicle of your ZAB in service": "ein Fahrzeug Ihrer ZAB, das im Dienst ist",
    "Enter it first.": "Tragen Sie es zuerst ein.",
    "a crew in service": "ein Team, das im Dienst ist",
    "Put it back into service at /v1/crews.": "Nehmen Sie es unter „Teams“ wieder in Dienst.",
    "what is known of this crew": "was von diesem Team bekannt ist",
    "Change the crew at /v1/crews, or leave the column empty.": (
        "Ändern Sie das Team unter „Teams“, oder lassen Sie die Spalte leer."
    ),
    # --- where
    "column {}": "Spalte {}",
    "an unknown column": "eine unbekannte Spalte",
    "{} faults; nothing was stored. Mend what 'errors' names and send the rows again.": (
        "{} Fehler; es wurde nichts gespeichert. Berichtigen Sie, was unten steht, und senden Sie die Zeilen noch "
        "einmal."
    ),
}
"""By the English text as the API tells it."""
