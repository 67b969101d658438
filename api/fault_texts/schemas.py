"""Faults that the schemas of bodies find, in German: kinds of values (pydantic), and what holds between fields."""

from __future__ import annotations

from collections.abc import Mapping

_KINDS: Mapping[str, str] = {
    "Field required": "Bitte ausfüllen.",
    "Missing required argument": "Bitte ausfüllen.",
    "Missing required keyword only argument": "Bitte ausfüllen.",
    "Missing required positional only argument": "Bitte ausfüllen.",
    "Input should be None": "Hier steht nichts.",
    "Extra inputs are not permitted": "Dieses Feld gibt es nicht.",
    "Unexpected keyword argument": "Dieses Feld gibt es nicht.",
    "Unexpected positional argument": "Dieses Feld gibt es nicht.",
    "Got multiple values for argument": "Dieses Feld gibt es nur einmal.",
    "Field is frozen": "Das lässt sich nicht ändern.",
    "Instance is frozen": "Das lässt sich nicht ändern.",
    # --- numbers
    "Input should be greater than {}": "Eine Zahl über {}.",
    "Input should be greater than or equal to {}": "Mindestens {}.",
    "Input should be less than {}": "Eine Zahl unter {}.",
    "Input should be less than or equal to {}": "Höchstens {}.",
    "Input should be a multiple of {}": "Ein Vielfaches von {}.",
    "Input should be a finite number": "Bitte eine Zahl angeben.",
    "Input should be a valid number": "Bitte eine Zahl angeben.",
    "Input should be a valid number, {}": "Bitte eine Zahl angeben.",
    "Input should be a valid decimal": "Bitte eine Zahl angeben.",
    "Input is not a valid fraction": "Bitte eine Zahl angeben.",
    "Decimal input should be {}": "Bitte eine Zahl angeben.",
    "Fraction input should be {}": "Bitte eine Zahl angeben.",
    "Input should be a valid python complex object, {}": "Bitte eine Zahl angeben.",
    "Input should be a valid complex string {}": "Bitte eine Zahl angeben.",
    "Decimal input should have no more than {} digit{} in total": "Höchstens {0} Ziffern im Ganzen.",
    "Decimal input should have no more than {} decimal place{}": "Höchstens {0} Nachkommastellen.",
    "Decimal input should have no more than {} digit{} before the decimal point": (
        "Höchstens {0} Ziffern vor dem Komma."
    ),
    "Input should be a valid integer": "Bitte eine ganze Zahl angeben.",
    "Input should be a valid integer, {}": "Bitte eine ganze Zahl angeben.",
    "Unable to parse input string as an integer, exceeded maximum size": "Die Zahl ist zu groß.",
    "Input should be a valid boolean": "Bitte ja oder nein angeben.",
    "Input should be a valid boolean, {}": "Bitte ja oder nein angeben.",
    # --- texts
    "Input should be a valid string": "Bitte einen Text angeben.",
    "Input should be a valid string, {}": "Bitte einen Text angeben.",
    "Input should be a valid bytes": "Bitte einen Text angeben.",
    "Data should have at least {} byte{}": "Mindestens {0} Zeichen.",
    "Data should have at most {} byte{}": "Höchstens {0} Zeichen.",
    "Data should be valid {}": "Diese Zeichen lassen sich nicht lesen.",
    "String should have at least {} character{}": "Mindestens {0} Zeichen.",
    "String should have at most {} character{}": "Höchstens {0} Zeichen.",
    "String should match pattern '{}'": "Die Schreibweise passt nicht.",
    "String should contain only ASCII characters": "Nur Buchstaben ohne Umlaute, Ziffern und Satzzeichen.",
    "Input should be {}": "Eines von: {}.",
    "URL input should be a string or URL": "Bitte eine Adresse angeben.",
    "Input should be a valid URL, {}": "Bitte eine Adresse angeben, wie https://zab.example.org/hooks.",
    "Input violated strict URL syntax rules, {}": "Bitte eine Adresse angeben, wie https://zab.example.org/hooks.",
    "URL should have at most {} character{}": "Höchstens {0} Zeichen.",
    "URL scheme should be {}": "Die Adresse beginnt mit {}.",
    "UUID input should be a string, bytes or UUID object": "Das ist keine Kennung.",
    "Input should be a valid UUID, {}": "Das ist keine Kennung.",
    "UUID version {} expected": "Das ist keine Kennung.",
    # --- days and times
    "Input should be a valid date": "Bitte einen Tag angeben.",
    "Input should be a valid date in the format YYYY-MM-DD, {}": "Bitte einen Tag angeben, wie 2026-10-05.",
    "Input should be a valid date or datetime, {}": "Bitte einen Tag angeben.",
    "Datetimes provided to dates should have zero time - e.g. be exact dates": (
        "Bitte nur einen Tag angeben, ohne Uhrzeit."
    ),
    "Date should be in the past": "Der Tag muss in der Vergangenheit liegen.",
    "Date should be in the future": "Der Tag muss in der Zukunft liegen.",
    "Input should be a valid time": "Bitte eine Uhrzeit angeben.",
    "Input should be in a valid time format, {}": "Bitte eine Uhrzeit angeben, wie 08:30.",
    "Input should be a valid datetime": "Bitte Tag und Uhrzeit angeben.",
    "Input should be a valid datetime, {}": "Bitte Tag und Uhrzeit angeben.",
    "Input should be a valid datetime or date, {}": "Bitte Tag und Uhrzeit angeben.",
    "Invalid datetime object, got {}": "Bitte Tag und Uhrzeit angeben.",
    "Input should be in the past": "Der Zeitpunkt muss in der Vergangenheit liegen.",
    "Input should be in the future": "Der Zeitpunkt muss in der Zukunft liegen.",
    "Input should not have timezone info": "Bitte Tag und Uhrzeit ohne Zeitzone angeben.",
    "expected a time that there is: that night the clock is put forward from 02:00 to 03:00": (
        "Diese Uhrzeit gibt es nicht: In dieser Nacht wird die Uhr von 2 auf 3 vorgestellt."
    ),
    "expected an instant with offset, as {}": "Bitte Tag und Uhrzeit mit Zeitzone angeben, wie {}.",
    "expected a day, as {}": "Bitte einen Tag angeben, wie {}.",
    "Input should have timezone info": "Bitte Tag und Uhrzeit mit Zeitzone angeben.",
    "Timezone offset of {} required, got {}": "Bitte die Zeitzone {0} angeben.",
    "Input should be a valid timedelta": "Bitte eine Dauer angeben.",
    "Input should be a valid timedelta, {}": "Bitte eine Dauer angeben.",
    # --- lists and objects: only programmes can get these wrong
    "{} should have at least {} item{} after validation, not {}": "Mindestens {1} Angaben.",
    "{} should have at most {} item{} after validation, not {}": "Höchstens {1} Angaben.",
    "Input should be iterable": "Bitte eine Liste angeben.",
    "Error iterating over object, error: {}": "Bitte eine Liste angeben.",
    "Input should be a valid list": "Bitte eine Liste angeben.",
    "Input should be a valid deque": "Bitte eine Liste angeben.",
    "Input should be a valid tuple": "Bitte eine Liste angeben.",
    "Input should be a valid set": "Bitte eine Liste angeben.",
    "Input should be a valid frozenset": "Bitte eine Liste angeben.",
    "Set items should be hashable": "Bitte eine Liste von Texten angeben.",
    "Input should be a valid dictionary": "Bitte ein Objekt angeben.",
    "Input should be a valid dictionary or {}": "Bitte ein Objekt angeben.",
    "Input should be a dictionary or {}": "Bitte ein Objekt angeben.",
    "Input should be a valid frozendict": "Bitte ein Objekt angeben.",
    "Input should be a valid OrderedDict": "Bitte ein Objekt angeben.",
    "Input should be a valid Counter": "Bitte ein Objekt angeben.",
    "Input should be a valid mapping, error: {}": "Bitte ein Objekt angeben.",
    "Input should be a tuple, list, dictionary or an instance of {}": "Bitte ein Objekt angeben.",
    "Input should be an instance of {}": "Bitte ein Objekt angeben.",
    "Input should be a subclass of {}": "Bitte ein Objekt angeben.",
    "Input should be callable": "Bitte ein Objekt angeben.",
    "Input should be the 'MISSING' sentinel": "Bitte nichts angeben.",
    "Input should be the 'Ellipsis' literal": "Bitte nichts angeben.",
    "Arguments must be a tuple, list or a dictionary": "Bitte ein Objekt angeben.",
    "Object has no attribute '{}'": "Bitte ein Objekt angeben.",
    "Error extracting attribute: {}": "Bitte ein Objekt angeben.",
    "Keys should be strings": "Bitte ein Objekt angeben.",
    "Input tag '{}' found using {} does not match any of the expected tags: {}": "Eines von: {2}.",
    "Unable to extract tag using discriminator {}": "Die Angabe {} fehlt.",
    "The default factory uses validated data, but at least one validation error occurred": (
        "Eine andere Angabe passt nicht."
    ),
    "Invalid JSON: {}": "Das ist kein JSON.",
    "JSON input should be string, bytes or bytearray": "Das ist kein JSON.",
    "Recursion error - {}": "Das ist zu tief geschachtelt.",
    "Cannot check `{}` when validating from json, use a JsonOrPython validator instead": "Die Angabe passt nicht.",
    "Assertion failed, {}": "Die Angabe passt nicht.",
}
_BETWEEN: Mapping[str, str] = {
    # --- fields of requests
    "expected earliest before latest: turn the window round": "Der Beginn muss vor dem Ende liegen.",
    "expected a window of at most 3 days: look for a slip in the date": (
        "Das Zeitfenster ist länger als drei Tage: Datum prüfen."
    ),
    "handover: expected its end after the begin of the pick-up": (
        "Die Übergabe muss nach dem Beginn der Abholung enden."
    ),
    "its end after the begin of the pick-up": "ein Ende nach dem Beginn der Abholung",
    "wheelchairs: expected at most {}, the people": "Höchstens so viele Rollstühle wie Personen ({}).",
    "at most {}, the people": "höchstens {}: so viele, wie Personen da sind",
    "wheelchairs: expected a number above 0 exactly with the need 'wheelchair'": (
        "Zahl der Rollstühle und Bedarf „eigener Rollstuhl“ gehören zusammen."
    ),
    "a number above 0 exactly with the need 'wheelchair'": (
        "eine Zahl über 0 genau dann, wenn der Bedarf „eigener Rollstuhl“ genannt ist"
    ),
    "escorts_female: expected at most {}, the escorts": "Höchstens so viele wie Begleitkräfte insgesamt ({}).",
    "at most {}, the escorts": "höchstens {}: so viele, wie Begleitkräfte da sind",
    "departure: expected it after the end of the hand-over window": (
        "Der Abflug muss nach dem Ende der Übergabe liegen."
    ),
    "it after the end of the hand-over window": "einen Abflug nach dem Ende der Übergabe",
    "destination: expected the state of destination where medical reception is needed": (
        "Bei medizinischer Inempfangnahme ist der Zielstaat nötig."
    ),
    "the state of destination where medical reception is needed": (
        "den Zielstaat, weil medizinische Inempfangnahme nötig ist"
    ),
    "zab: expected exactly with enter_as 'ask'": "Bitte die ZAB wählen, die gefragt werden soll.",
    "exactly with enter_as 'ask'": "die ZAB genau dann, wenn sie gefragt werden soll",
    "announced_on: expected a day only where the announcement is needed": (
        "Ein Tag gehört nur dazu, wo die Ankündigung nötig ist."
    ),
    "a day only where the announcement is needed": "einen Tag nur dort, wo die Ankündigung nötig ist",
    "expected a year from {} to {}": "Das Jahr muss zwischen {} und {} liegen.",
    "expected the hand-over after the pick-up, within 24 h: correct the times": (
        "Die Übergabe muss nach der Abholung liegen, innerhalb von 24 Stunden."
    ),
    "request.bundle: expected none, for each rider is promised by itself": (
        "Ohne Verbund: Jede Fahrt wird für sich zugesagt."
    ),
    # --- fleet
    "starts_at: expected it before ends_at; turn the shift round": "Der Beginn muss vor dem Ende liegen.",
    "starts_at: expected it before ends_at": "Der Beginn muss vor dem Ende liegen.",
    "ends_at: expected a shift of at most 24 h; look for a slip in the date": (
        "Eine Schicht dauert höchstens 24 Stunden: Datum prüfen."
    ),
    "ends_at: expected at most {} days; look for a slip in the date": "Höchstens {} Tage: Datum prüfen.",
    "vehicle_from, vehicle_to: expected starts_at <= vehicle_from <= vehicle_to <= ends_at": (
        "Die Zeit des Fahrzeugs muss in der Schicht liegen."
    ),
    "crew_id, vehicle_id: expected exactly one of them": "Entweder ein Team oder ein Fahrzeug.",
    "code: expected one of {}": "Einer der Gründe {}.",
    "expected a code with a number in it, as K-C001: crews are anonymous, no names": (
        "Die Bezeichnung braucht eine Zahl, wie K-C001: Teams sind anonym, keine Namen."
    ),
    "expected one of {}": "Eines von: {}.",
    "expected female_officers <= officers <= heads: correct the numbers": (
        "Weibliche Kräfte höchstens so viele wie Kräfte, Kräfte höchstens so viele wie Köpfe."
    ),
    "expected each weekday once, in order": "Jeder Wochentag nur einmal, in der Reihenfolge der Woche.",
    "ends: expected a shift of at most 23 h by the local clock": "Eine Schicht dauert höchstens 23 Stunden.",
    "vehicle_begins, vehicle_ends: expected both within the shift, in order": (
        "Die Zeit des Fahrzeugs muss in der Schicht liegen."
    ),
    "valid_to: expected it at or after valid_from": "Das Ende darf nicht vor dem Beginn liegen.",
    "last_day: expected it at or after first_day": "Der letzte Tag darf nicht vor dem ersten liegen.",
    "expected first_day before last_day: turn them round": "Der erste Tag darf nicht nach dem letzten liegen.",
    "expected at most 14 days: ask for fewer": "Höchstens 14 Tage.",
    # --- offices
    "expected a code that begins with the kind, {}": "Das Kürzel beginnt mit der Art, {}.",
    "expected ags for the kind abh only": "Einen AGS hat nur eine ABH.",
    "expected zab for the kind zab": "Bei einer ZAB ist die ZAB des Verzeichnisses nötig.",
    "expected zab for the kinds abh and zab only": "Eine ZAB haben nur ABH und ZAB.",
    "expected a text without control characters but line breaks and tabs": "Ein Text ohne Steuerzeichen.",
    "expected an office, got what looks like a person's title: name the office, not who works there": (
        "Nennen Sie die Stelle, nicht eine Person, die dort arbeitet."
    ),
    "expected a mail address, as consular@embassy.example": "Eine Mailadresse, wie consular@embassy.example.",
    "expected a mailbox of an office, as consular@… or info@…: those of persons are not kept. Ask the office for its "
    "functional address": (
        "Ein Postfach der Stelle, wie consular@… oder info@…: Adressen von Personen werden nicht gespeichert."
    ),
    "expected no mail address in a text: the field 'mail' has the office's own": (
        "Keine Mailadresse im Text: Die der Stelle gehört in das Feld „Mail“."
    ),
    "topics: expected some of {}": "Mindestens eines von: {}.",
}
"""What holds between fields, and for texts: whole sentences, and in rows of imports what is wanted."""
SCHEMAS: Mapping[str, str] = {**_KINDS, **_BETWEEN}
"""By the English text as the API tells it."""
