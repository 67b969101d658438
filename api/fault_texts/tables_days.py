"""Faults and notices of tables of whole days (``restplatz rematch``), in German."""

from __future__ import annotations

from collections.abc import Mapping

TABLES_OF_DAYS: Mapping[str, str] = {
    # --- the files
    "a folder of CSV files or an Excel workbook": "einen Ordner mit CSV-Dateien oder eine Excel-Datei",
    "Check the path.": "Prüfen Sie den Pfad.",
    "a folder of CSV files or a workbook ending in .xlsx": (
        "einen Ordner mit CSV-Dateien oder eine Excel-Datei mit der Endung .xlsx"
    ),
    "Name the folder, or save as .xlsx.": "Nennen Sie den Ordner, oder speichern Sie als .xlsx.",
    "{}s named {}": "Tabellen mit den Namen {1}",
    "a {} named '{}'": "eine Tabelle mit dem Namen „{1}“",
    "one {} for table '{}'": "eine Datei oder ein Blatt für die Tabelle „{1}“",
    "Rename it to '{}'.": "Nennen Sie sie „{}“.",
    "Add it; a header alone is enough.": "Ergänzen Sie sie; die Kopfzeile allein genügt.",
    "Add it.": "Ergänzen Sie sie.",
    "at most {} problems to list": "höchstens {} Fehler zum Auflisten",
    "Mend those listed first; the same cause often stands behind the others.": (
        "Berichtigen Sie zuerst die genannten; hinter den anderen steht oft dieselbe Ursache."
    ),
    # --- ids
    "an id used once": "eine Kennung, die es nur einmal gibt",
    "Rename or remove one; {}, row {} has it too.": (
        "Benennen Sie eine um, oder löschen Sie sie: {}, Zeile {} hat sie auch."
    ),
    "Rename or remove one; row {} has it too.": "Benennen Sie eine um, oder löschen Sie sie: Zeile {} hat sie auch.",
    "the id of a {}": "eine Kennung, die es in den Tabellen gibt",
    "Add the {} or correct the id.": "Ergänzen Sie, was fehlt, oder berichtigen Sie die Kennung.",
    "other requests": "andere Anfragen",
    "Remove its own id.": "Löschen Sie die eigene Kennung.",
    "Correct the row.": "Berichtigen Sie die Zeile.",
    # --- places and times of requests
    "a place or coordinates": "einen Ort oder Koordinaten",
    "Empty one: coordinates stand for places that the list does not have.": (
        "Leeren Sie eines von beiden: Koordinaten stehen für Orte, die das Verzeichnis nicht hat."
    ),
    "both coordinates or none": "beide Koordinaten oder keine",
    "Fill the other one.": "Füllen Sie die andere aus.",
    "an airport, since the row has a departure": "einen Flughafen, denn die Zeile hat einen Abflug",
    "Taken as it stands.": "Übernommen, wie es steht.",
    "Did you mean '{}' ({})? Taken as it stands.": "Meinten Sie „{}“ ({})? Übernommen, wie es steht.",
    "a time": "eine Zeit",
    "a departure": "einen Abflug",
    "column '{}' before column '{}'": "Spalte „{}“ vor Spalte „{}“",
    "Turn the window round; where it ends on the next day write both dates.": (
        "Drehen Sie das Fenster um; endet es am nächsten Tag, schreiben Sie beide Daten."
    ),
    "pick-up before hand-over": "die Abholung vor der Übergabe",
    "Correct the times: the hand-over ends before the pick-up can begin.": (
        "Berichtigen Sie die Zeiten: Die Übergabe endet, bevor die Abholung beginnen kann."
    ),
    "a departure that closes after {}": "einen Abflug, dessen Annahme nach {} schließt",
    "Correct the departure, or begin the tables a day earlier.": (
        "Berichtigen Sie den Abflug, oder beginnen Sie die Tabellen einen Tag früher."
    ),
    "a deadline on or after {}": "eine Frist am {} oder später",
    "Check whether the measure is still lawful.": "Prüfen Sie, ob die Maßnahme noch zulässig ist.",
    "a {} at {} or later ({})": "hier {1} oder später",
    "a {} early enough that nobody under 14 travels after {}": (
        "hier eine Zeit so früh, dass niemand unter 14 Jahren nach {1} unterwegs ist"
    ),
    "Ask ZFA to rebook: impossible with a daytime pick-up, and children under 14 travel by day only.": (
        "Bitten Sie die ZFA umzubuchen: Mit einer Abholung am Tag geht es nicht, und Kinder unter 14 Jahren fahren nur "
        "am Tag."
    ),
    "Ask ZFA to rebook: impossible with a daytime pick-up. Only the requester can record a ground for a pick-up at "
    "night (column 'night_ground').": (
        "Bitten Sie die ZFA umzubuchen: Mit einer Abholung am Tag geht es nicht. Einen Grund für eine Abholung in der "
        "Nacht kann nur die anfragende Stelle eintragen (Spalte „night_ground“)."
    ),
    "{} min from the pick-up to the hand-over": "{} Minuten von der Abholung bis zur Übergabe",
    "Widen a window; as it is, the request stays unserved.": (
        "Erweitern Sie ein Fenster; so, wie es ist, bleibt die Anfrage nicht eingeplant."
    ),
    # --- other cells of requests
    "the number of wheelchairs, with need 'wheelchair'": "die Zahl der Rollstühle, bei Bedarf „wheelchair“",
    "at most {} (the people)": "höchstens {} (die Personen)",
    "at most {} (escorts)": "höchstens {} (Begleitkräfte)",
    "a value, since {} is filled": "eine Angabe, denn „{}“ ist ausgefüllt",
    "two or more requests of one bundle": "zwei oder mehr Anfragen eines Bündels",
    "Check whether the partner trip is missing.": "Prüfen Sie, ob die zugehörige Fahrt fehlt.",
    # --- duties
    "at least one shift with a vehicle": "mindestens einen Dienst mit einem Fahrzeug",
    "start before end": "den Beginn vor dem Ende",
    "Turn it round; where it ends on the next day write both dates.": (
        "Drehen Sie es um; endet es am nächsten Tag, schreiben Sie beide Daten."
    ),
    "from/to with from before to": "von/bis, der Beginn vor dem Ende",
    "Turn it round.": "Drehen Sie es um.",
    "the id of the shift, where no duty is named": "die Kennung der Schicht, wo kein Dienst genannt ist",
    "Name the shift.": "Nennen Sie die Schicht.",
    "the same value in all rows of '{}'": "dieselbe Angabe in allen Zeilen von „{}“",
    "Rows of one shift or crew must agree; row {} is the first of '{}'.": (
        "Zeilen einer Schicht oder eines Teams müssen übereinstimmen; Zeile {} ist die erste von „{}“."
    ),
    "one availability of the vehicle within the shift": "einen Zeitraum des Fahrzeugs innerhalb der Schicht",
    "Split the duty.": "Teilen Sie den Dienst.",
    "a vehicle that is available within the shift": "ein Fahrzeug, das in der Schicht verfügbar ist",
    "The duty cannot be used.": "Der Dienst kann nicht benutzt werden.",
    # --- promised tours
    "one {} for all rides of a duty": "dieselbe Angabe bei allen Fahrten eines Diensts",
    "Row {} states another one for the same duty.": "Zeile {} hat für denselben Dienst eine andere.",
    "a position, as in other rows": "eine Stelle in der Reihenfolge, wie in anderen Zeilen",
    "Fill it for all rides of the duty, or for none.": (
        "Füllen Sie sie für alle Fahrten des Diensts aus oder für keine."
    ),
    "different positions for all stops of a duty": "verschiedene Stellen für alle Halte eines Diensts",
    "Number them anew.": "Nummerieren Sie sie neu.",
    "a hand-over after the pick-up": "eine Übergabe nach der Abholung",
    "Correct the times.": "Berichtigen Sie die Zeiten.",
    "a request and a duty of these tables": "eine Anfrage und einen Dienst dieser Tabellen",
    "Left out: one of them is gone.": "Weggelassen: Eines von beiden gibt es nicht mehr.",
    "a promised tour that keeps rule '{}': {}": "eine zugesagte Tour, die die Regel „{}“ einhält ({})",
    "Correct the promised times, the people or the duty.": (
        "Berichtigen Sie die zugesagten Zeiten, die Personen oder den Dienst."
    ),
    "Correct the promised times or the places. If the ZAB confirms the tour although our estimate of the drive is "
    "longer: enter the time named here as promised (tolerance_min does not lift this check).": (
        "Berichtigen Sie die zugesagten Zeiten oder die Orte. Bestätigt die ZAB die Tour, obwohl unsere Schätzung der "
        "Fahrzeit länger ist, tragen Sie die hier genannte Zeit als zugesagt ein (tolerance_min hebt das nicht auf)."
    ),
    "No obstacle, but look.": "Kein Hindernis, aber sehen Sie nach.",
}
"""By the English text, as in ``tables``."""
