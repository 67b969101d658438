"""Faults of scenarios and simulations in German: what a change may say, and what these days do not have."""

from __future__ import annotations

from collections.abc import Mapping

WHAT_IF: Mapping[str, str] = {
    # --- the snapshot
    "The state that a simulation starts from cannot be read. Tell your operators: the setting simulation_database_url, "
    "and restplatz simulation-role.": (
        "Der Stand, von dem eine Simulation ausgeht, lässt sich nicht lesen. Bitte dem Betrieb melden (Einstellung "
        "simulation_database_url, Befehl restplatz simulation-role)."
    ),
    "The role of simulation_database_url may change tables, so no simulation is started by it. Tell your operators: "
    "restplatz simulation-role takes all but reading from it.": (
        "Simulationen würden mit einer Datenbankrolle lesen, die auch schreiben darf; darum beginnt keine. Bitte dem "
        "Betrieb melden (Befehl restplatz simulation-role)."
    ),
    "SQLite knows no roles: simulations read by connections that change nothing.": (
        "SQLite kennt keine Rollen: Simulationen lesen über Verbindungen, die nichts ändern."
    ),
    "PostgreSQL has no such role. Make it first: CREATE ROLE … LOGIN.": (
        "PostgreSQL hat keine solche Rolle. Legen Sie sie zuerst an: CREATE ROLE … LOGIN."
    ),
    "places of the catalogue": "Orte des Verzeichnisses",
    # --- what is asked for
    "A scenario names what these days do not have. Correct it, or choose other days.": (
        "Ein Szenario nennt etwas, das es an diesen Tagen nicht gibt. Berichtigen Sie es, oder wählen Sie andere Tage."
    ),
    "an id that is there": "etwas, das es an diesen Tagen gibt",
    "A scenario opens gates of a request that is not yours to see.": (
        "Ein Szenario öffnet Sperren einer Anfrage, die Sie nicht sehen dürfen."
    ),
    "Gates open in single scenarios only. Leave the studies out, or the gates.": (
        "Sperren lassen sich nur in einzelnen Szenarien öffnen. Lassen Sie die Reihen weg, oder die Sperren."
    ),
    "none where a scenario opens gates": "keine, wo ein Szenario Sperren öffnet",
    "an id that is there ({})": "etwas, das es an diesen Tagen gibt",
    "names of fields without control characters": "Feldnamen ohne Steuerzeichen",
    "text without control characters": "Text ohne Steuerzeichen",
    "a number that is not beyond all days": "eine Zahl, die nicht jenseits aller Tage liegt",
    "no such field": "kein solches Feld",
    "one of the kinds {}": "eine der Arten {}",
    "The file is no scenario. Choose one as docs/what-if.md tells.": (
        "Die Datei ist kein Szenario. Wählen Sie eine, wie docs/what-if.md sie beschreibt."
    ),
    "a JSON file of at most 200 kB": "eine JSON-Datei von höchstens 200 kB",
    "the kind of a change or a study": "die Art einer Änderung oder Untersuchung",
    "scenario_ids, scenarios, sweep: expected at least one scenario or study": (
        "mindestens ein Szenario oder eine Untersuchung"
    ),
    "last_day: expected at most {} days": "höchstens {} Tage",
    "sweep, backtest: expected one of them": "entweder gezogene Welten oder ein Rückblick",
    "Nothing was stored: what was known when is read from the data. Leave it out.": (
        "Nichts wurde gespeichert: Was wann bekannt war, steht in den Daten. Lassen Sie es weg."
    ),
    "Nothing was replayed. Choose other days.": "Es wurde nichts nachgespielt. Wählen Sie andere Tage.",
    "Nobody waited or was promised in these days. Choose others.": (
        "An diesen Tagen wartete niemand und war nichts zugesagt. Wählen Sie andere."
    ),
    "a day before {}": "einen Tag vor dem {}",
    "{} or later": "{} oder später",
    "Requests of days before are deleted already, all or some.": (
        "Von Tagen davor sind Anfragen schon gelöscht, alle oder einige."
    ),
    "Your organisation has a scenario with this id. Change it, or choose another id.": (
        "Ihre Stelle hat schon ein Szenario mit diesem Namen. Ändern Sie es, oder wählen Sie einen anderen Namen."
    ),
    "This scenario is shared by another organisation, which alone changes it. Make your own.": (
        "Dieses Szenario teilt eine andere Stelle; nur sie ändert es. Legen Sie ein eigenes an."
    ),
    "one line of at most {} characters": "eine Zeile mit höchstens {} Zeichen",
    "at most {} changes": "höchstens {} Änderungen",
    "at most {}": "höchstens {}",
    "texts by language, de and en": "Texte nach Sprache, de und en",
    "Nobody waits or is promised in these days. Choose others.": (
        "An diesen Tagen wartet niemand und ist nichts zugesagt. Wählen Sie andere."
    ),
    "days with requests": "Tage mit Anfragen",
    "Your organisation has {} simulations under way. Wait for one, or end one.": (
        "Ihre Stelle hat schon {} Simulationen in Arbeit. Warten Sie auf eine, oder beenden Sie eine."
    ),
    "Expected at most {} scenarios and {} results, got {} scenarios of {} draws. Ask for fewer.": (
        "Höchstens {} Szenarien und {} Ergebnisse; gewünscht sind {} Szenarien zu {} Ziehungen. Verlangen Sie weniger."
    ),
    "Only the organisation that asked for a simulation ends it.": (
        "Eine Simulation beendet nur die Stelle, die sie begonnen hat."
    ),
    # --- changes
    "a place that somebody is handed over at{}": "ein Ort, an dem an diesen Tagen jemand übergeben wird",
    "Hand-overs are at {}.": "Übergeben wird an: {}.",
    "There are no requests on these days.": "An diesen Tagen gibt es keine Anfragen.",
    "1 to {}, with a minus for days earlier": "1 bis {}, mit Minus davor für Tage früher",
    "a day that is not before the first one of the horizon": "ein Tag, der nicht vor dem ersten der Simulation liegt",
    "no more pieces than the request has": "nicht mehr Stücke, als die Anfrage hat",
    "a request of a bundle": "eine Anfrage, zu der andere gehören",
    "a rule that an exception may lift": "eine Regel, von der eine Ausnahme möglich ist",
    "a rule that the parameter set leaves to an exception": (
        "eine Regel, von der der Parametersatz eine Ausnahme zulässt"
    ),
    "0 or more seconds, and one of them more than 0": "0 oder mehr Sekunden, und eine der Angaben mehr als 0",
    "the day of these hours": "der Tag zu diesen Stunden",
    "no hour before the first one": "keine Stunde vor der ersten",
    "at least one request": "mindestens eine Anfrage",
    "0 to 100": "0 bis 100",
    "0 or more": "0 oder mehr",
    "0 to 1": "0 bis 1",
    "1 or more": "1 oder mehr",
    "an id that no scenario before it has": "eine Kennung, die kein Szenario davor hat",
    "an id that no place has yet": "eine Kennung, die noch kein Ort hat",
    "Name it otherwise.": "Nennen Sie ihn anders.",
    "a depot, as {} is none of the five ZAB": "einen Standort, denn an diesen Tagen hat diese ZAB keinen Dienst",
    "State the place.": "Geben Sie den Ort an.",
    "a place of the instance or of data/places.csv": "einen Ort des Verzeichnisses",
    "Correct the id.": "Berichtigen Sie die Kennung.",
    "a fleet with duties": "eine Flotte mit Diensten",
    "Add vehicles instead.": "Fügen Sie stattdessen Fahrzeuge hinzu.",
    "working times, as the ZAB has no duty to follow": (
        "Arbeitszeiten, denn diese ZAB hat an diesen Tagen keinen Dienst"
    ),
    "State them.": "Geben Sie sie an.",
    "an id, changes, or both": "eine Kennung, Änderungen, oder beides",
    "0 or more, counted from the first day of the file": "0 oder mehr, gezählt vom ersten Tag",
    "0 to {}, counted from the first day of the file": "0 bis {}, gezählt vom ersten Tag",
    "0 to {}": "0 bis {}",
    "1 to {}": "1 bis {}",
    "earliest <= latest": "den Beginn nicht nach dem Ende",
    "Turn the time round.": "Drehen Sie die Zeit um.",
    "shifts and requests within {} days": "Dienste und Anfragen innerhalb von {} Tagen",
    "a date, so that days can be told": "ein Datum, damit Tage zu unterscheiden sind",
    "a short name": "einen kurzen Namen",
    # --- back-tests
    "one or more, with different ids of their scenarios": "mindestens eine, jede mit einem anderen Namen",
    "0 to {} seconds": "0 bis {} Sekunden",
    "ahead_days >= 1, known_days >= 0, frozen >= 0": (
        "mindestens 1 Tag voraus; 0 oder mehr Tage bekannt und Sekunden fest"
    ),
    "0 or more changes": "0 oder mehr Änderungen",
    # --- sweeps
    "at most 1 together": "zusammen höchstens 1",
    "0 or more seconds": "0 oder mehr Sekunden",
    "rising numbers of 0 or more": "steigende Zahlen ab 0",
    "2 <= fewest <= most": "mindestens 2, und höchstens so viele wie most",
    "more than 0": "mehr als 0",
    "0.5 or more, below 1": "0,5 oder mehr, unter 1",
    "different ids": "verschiedene Namen",
    "Rename one of them.": "Benennen Sie eines um.",
}
"""By the English text as the API tells it."""
