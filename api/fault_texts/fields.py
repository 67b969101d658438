"""Faults of single fields that services and pages find, in German."""

from __future__ import annotations

from collections.abc import Mapping

FIELDS: Mapping[str, str] = {
    "Expected {}, found none. {}": "Nicht gefunden: {}. {}",
    # --- what is wanted of codes and names
    "one of {}": "eines von: {}",
    "one of examine, take_over, decline": "prüfen, übernehmen oder ablehnen",
    "one of the fields {}": "eines der Felder {}",
    "no field here": "hier kein Feld",
    "code of a ZAB": "das Kürzel einer ZAB",
    "the code of a ZAB, as zab:essen": "das Kürzel einer ZAB, wie zab:essen",
    "code of an ABH that takes part here, as abh:05113000": "das Kürzel einer ABH, die teilnimmt, wie abh:05113000",
    "a code that is not given out yet": "eine Bezeichnung, die noch nicht vergeben ist",
    "a name that is not given out yet": "einen Namen, der noch nicht vergeben ist",
    "a code whose class leads to {}": "einen Grund, der zu „{}“ führt",
    "a code of the catalogue of documents": "ein Dokument aus dem Verzeichnis",
    "a code of the catalogue of offices, as bpol:FRA": "eine Dienststelle aus dem Verzeichnis, wie bpol:FRA",
    "each code once": "jedes Dokument nur einmal",
    "id of a page that you may see": "eine Seite, die Sie sehen dürfen",
    "a profile of the parameter set: {}": "ein Arbeitszeitmodell des Regelwerks: {}",
    "A new profile comes with a new parameter set, with its source.": (
        "Ein neues Modell kommt mit einem neuen Regelwerk und seiner Quelle."
    ),
    "a day without a choice": "einen Tag, für den noch nichts gewählt ist",
    "query: 051, 053, 055, 057, 059, more digits, or zab:<name>": (
        "051, 053, 055, 057, 059, mehr Ziffern, oder zab:<Name>"
    ),
    "abh, zfa, zrk, ltrako, the code of one of these, or {}": "ABH, ZFA, ZRK, LTraKo oder {}",
    "nothing": "keine Angabe",
    "nothing, since the code {} lets nobody wait": "keine Angabe, denn bei {} wartet niemand",
    "Choose one.": "Bitte wählen.",
    "Look them up in the catalogue.": "Sie stehen im Verzeichnis.",
    "JSON; it cannot be read from character {} on": "JSON; ab dem Zeichen {} ist es nicht zu lesen",
    # --- texts
    "1 to 200 characters, since the code is 'other'": (
        "einen Text von 1 bis 200 Zeichen, denn gewählt ist „anderer Grund“"
    ),
    "at most 200 characters": "höchstens 200 Zeichen",
    "1 to {} characters": "1 bis {} Zeichen",
    "{} to {} characters, without the login": "{} bis {} Zeichen, ohne den Anmeldenamen",
    "another password than the present one": "ein anderes Kennwort als das jetzige",
    "your present password": "Ihr jetziges Kennwort",
    "a password, or issuer and subject": "ein Kennwort, oder die Kennung beim Anmeldedienst",
    "the key that the form was made with": "den Schlüssel, mit dem das Formular gezeigt wurde",
    "the `next` of a page of the same list": "die nächste Seite derselben Liste",
    # --- times and days
    "an instant to come": "einen Zeitpunkt, der noch kommt",
    "an instant after now": "einen Zeitpunkt, der noch kommt",
    "an instant after pickup_at": "einen Zeitpunkt nach der Abholung",
    "an instant after the pick-up": "einen Zeitpunkt nach der Abholung",
    "an instant of the days around the duty": "einen Zeitpunkt an den Tagen um den Dienst",
    "an instant after now and up to the pick-up at {}": "einen Zeitpunkt von jetzt bis zur Abholung ({})",
    "an instant since the clearance was raised, up to now": "einen Zeitpunkt seit Beginn des Vorgangs bis jetzt",
    "an instant since the step before, up to now": "einen Zeitpunkt seit dem Schritt davor bis jetzt",
    "an instant with offset": "einen Zeitpunkt mit Zeitzone",
    "after now, within {} days": "ein Ende innerhalb der nächsten {} Tage",
    "today or a day before": "heute oder einen Tag davor",
    "today or a day to come": "heute oder einen späteren Tag",
    "today or later, {} or earlier, and at most {} days in all": (
        "heute oder später, spätestens {}, und höchstens {} Tage im Ganzen"
    ),
    "a day to come, another one than {}": "einen Tag, der noch kommt, einen anderen als den {}",
    "another day than {}": "einen anderen Tag als den {}",
    "a day up to the deadline, {}": "einen Tag bis zur Frist ({})",
    "a day at or after 'from', and at most {} days in all": (
        "einen Tag nicht vor dem ersten, und höchstens {} Tage im Ganzen"
    ),
    "a month before 'to', at most {} years": "einen Monat vor dem letzten, höchstens {} Jahre",
    "Ask for fewer months.": "Wählen Sie weniger Monate.",
    "Correct the day.": "Berichtigen Sie den Tag.",
    "Leave it out for now.": "Lassen Sie es vorerst weg.",
    "Call the field by its name, or take it out.": "Nennen Sie das Feld bei seinem Namen, oder lassen Sie es weg.",
    "Name the day that was offered.": "Nennen Sie den Tag, der angeboten wurde.",
    "whole minutes": "ganze Minuten",
    # --- places
    "the id of a place of the catalogue": "einen Ort aus dem Verzeichnis",
    "a place of the catalogue": "einen Ort aus dem Verzeichnis",
    "Look it up at /v1/catalogue/places.": "Wählen Sie ihn aus der Liste.",
    "a municipality or facility with an AGS": "eine Gemeinde oder Einrichtung mit AGS",
    "the id of a municipality or facility of the catalogue, with an AGS": (
        "eine Gemeinde oder Einrichtung aus dem Verzeichnis, mit AGS"
    ),
    "A pick-up at an airport or at a border is no business of the exchange.": (
        "Abholungen am Flughafen oder an der Grenze vermittelt die Börse nicht."
    ),
    "AGS (8 digits) of a municipality of North Rhine-Westphalia": (
        "den AGS (8 Ziffern) einer Gemeinde in Nordrhein-Westfalen"
    ),
    "Look it up in the catalogue. Elsewhere the exchange knows no ZAB.": (
        "Er steht im Verzeichnis. Außerhalb des Landes kennt die Börse keine ZAB."
    ),
    "the AGS of its ABH": "den AGS der ABH",
    "the office at {}, where people are handed over": "die Dienststelle in {}, wo übergeben wird",
    "Papers at another airport help nobody, and tell too much there.": (
        "Unterlagen an einem anderen Flughafen helfen niemandem und verraten dort zu viel."
    ),
    # --- requests
    "a pick-up that lies ahead": "eine Abholung, die noch bevorsteht",
    "Correct the date.": "Berichtigen Sie das Datum.",
    "where the deadline of a Dublin transfer was read": "die Quelle, in der die Frist der Dublin-Überstellung steht",
    "Name the document or file number that states it; no name of a person.": (
        "Nennen Sie Dokument oder Geschäftszeichen; keinen Namen einer Person."
    ),
    "a law in force on {}; {} is from {} to {}": "ein Recht, das am {0} gilt; {1} gilt vom {2} bis {3}",
    "a law in force on {}; {} is from {}": "ein Recht, das am {0} gilt; {1} gilt ab {2}",
    "Look the deadline up again: correct its law, or its date.": (
        "Sehen Sie die Frist noch einmal nach: Berichtigen Sie das Recht oder das Datum."
    ),
    "cases that are not open yet": "Fälle, die noch nicht offen sind",
    "a transfer deadline": "eine Überstellungsfrist",
    "Amend the request by it.": "Ergänzen Sie die Anfrage darum.",
    "An assignment after the deadline opens no Amtshilfe. Correct the day, or the deadline.": (
        "Eine Zuweisung nach der Frist eröffnet keine Amtshilfe. Berichtigen Sie den Tag oder die Frist."
    ),
    "the state that the request states, or nothing": "den Zielstaat der Anfrage, oder keine Angabe",
    "ISO code of the state of destination": "das Kürzel des Zielstaats (ISO 3166-1)",
    "Amend the request first.": "Ändern Sie zuerst die Anfrage.",
    "The request states none: name it here.": "Die Anfrage nennt keinen: Nennen Sie ihn hier.",
    "a gate that blocks, and that may be lifted as it stands": (
        "eine Voraussetzung, die sperrt und so, wie sie steht, ausgesetzt werden darf"
    ),
    # --- fleet
    "a {} of your ZAB in service": "{} Ihrer ZAB, das im Dienst ist",
    "Look it up at /v1/{}s, or put it back into service.": (
        "Wählen Sie ein anderes, oder nehmen Sie es wieder in Dienst."
    ),
    # --- files and addresses
    "a file that is not empty": "eine Datei mit Inhalt",
    "a sheet with a header and rows": "ein Blatt mit Kopfzeile und Zeilen",
    "an address such as https://zab.example.org/hooks, in ASCII": (
        "eine Adresse wie https://zab.example.org/hooks, in ASCII"
    ),
    "an address that begins with {}": "eine Adresse, die mit {} beginnt",
    "an address without user name and password": "eine Adresse ohne Namen und Kennwort",
    "an address without a fragment": "eine Adresse ohne Sprungmarke",
    "an address on the public network": "eine Adresse im öffentlichen Netz",
}
"""By the English text as the API tells it."""
