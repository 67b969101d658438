"""What problems say in detail, in German: what offices do, and what is of the programme's own making."""

from __future__ import annotations

from collections.abc import Mapping

OFFICES: Mapping[str, str] = {
    "Case {} is open for this request. Let it be decided, or withdraw it.": (
        "Für diese Anfrage ist schon ein Fall offen. Lassen Sie ihn entscheiden, oder ziehen Sie ihn zurück."
    ),
    "The owner tells of an assignment, or the ZAB of the Bezirk in which the facility lies: yours is another.": (
        "Eine Zuweisung meldet die ABH, oder die ZAB des Bezirks, in dem die Einrichtung liegt: Ihre ist eine andere."
    ),
    "Expected a Dublin transfer: Amtshilfe of the decree is about these alone.": (
        "Das ist keine Dublin-Überstellung: Nur um sie geht es bei der Amtshilfe nach dem Erlass."
    ),
    "Expected a Dublin transfer: no other measure has this form.": (
        "Das ist keine Dublin-Überstellung: Andere Maßnahmen haben dieses Formular nicht."
    ),
    "The transfer deadline has passed: Amtshilfe can no longer be examined.": (
        "Die Überstellungsfrist ist abgelaufen: Amtshilfe kann nicht mehr geprüft werden."
    ),
    "The transfer deadline has passed: there is nothing left to be taken over.": (
        "Die Überstellungsfrist ist abgelaufen: Es gibt nichts mehr zu übernehmen."
    ),
    "The case is {}; {} is not possible there. Choose one of: {}.": "So, wie der Fall steht, ist das nicht möglich.",
    "The ZAB of the Bezirk of assignment decides this.": "Darüber entscheidet die ZAB des Bezirks der Zuweisung.",
    "Whoever opened the case withdraws it, or the request's owner.": (
        "Zurückziehen kann den Fall, wer ihn gemeldet hat, oder die ABH der Anfrage."
    ),
    "Another ZAB has promised this transport, and its word holds. Decline with `first_zab_carries`, or wait until it "
    "backs out.": (
        "Eine andere ZAB hat die Fahrt zugesagt, und ihr Wort gilt. Lehnen Sie mit diesem Grund ab, oder warten Sie."
    ),
    "Medical reception was asked for already. Read that clearance.": "Medizinische Inempfangnahme ist schon beantragt.",
    "This measure does not take place so: nothing is sent for it.": (
        "So findet die Maßnahme nicht statt: Es wird nichts versandt."
    ),
    "The further days were taken already, and are there once.": (
        "Die weiteren Tage gibt es nur einmal, und sie sind genommen."
    ),
    "The clearance is {}; {} is not possible there. Choose one of: {}.": (
        "So, wie der Vorgang steht, ist das nicht möglich."
    ),
    "Your role may not {} a clearance. Ask whoever may.": "Das darf Ihre Rolle bei diesem Vorgang nicht.",
    "Its owner notes this, or the ZAB that is asked or has promised it.": (
        "Das vermerkt die ABH der Anfrage, oder die ZAB, die gefragt ist oder zugesagt hat."
    ),
    "Nothing was stored. Note the form when it has gone out.": (
        "Es wurde nichts gespeichert. Vermerken Sie das Formular, wenn es hinausgegangen ist."
    ),
    "A page has this name in addresses. Choose another one, or change that page.": (
        "Diesen Namen hat schon eine andere Seite."
    ),
    "Nothing was asked. Name a page that you can read, or none.": (
        "Nennen Sie eine Seite, die Sie lesen können, oder keine."
    ),
    "What leaves the authorities is a whole year: its months stand in it. Leave the month out, or ask for the edition "
    "'inside'.": "Nach außen geht ein ganzes Jahr. Lassen Sie den Monat weg, oder wählen Sie die innere Ausgabe.",
    "The figures of {} may leave the authorities from {} on: before that two editions would tell a case by their "
    "difference. Ask again then, or for the edition 'inside'.": (
        "Die Zahlen von {} dürfen ab {} nach außen: Vorher verriete der Unterschied zweier Ausgaben einen Fall."
    ),
    "The endpoint is switched off. Switch it on first.": "Der Empfänger ist abgeschaltet. Schalten Sie ihn zuerst ein.",
}
US: Mapping[str, str] = {
    "Expected the header Idempotency-Key with a new value of your own, such as a UUID.": (
        "Der Schlüssel des Aufrufs fehlt."
    ),
    "This key was sent before with another body or address. Make a new key for each new call.": (
        "Dieses Formular wurde schon einmal mit anderen Angaben gesendet."
    ),
    "The first call is still at work. Try again in a moment.": "Die erste Sendung wird noch bearbeitet.",
    "This call was done before, but no key opens its answer any more. Read the record instead; operators look at the "
    "setting address_keys.": "Das wurde schon einmal getan. Sehen Sie nach, wie es steht.",
    "Nothing was stored. Tell your operators the request_id.": "Es wurde nichts gespeichert.",
    "Expected at most {} calls in {} s. Try again in {} s.": (
        "Höchstens {} Aufrufe in {} s. Versuchen Sie es in {} s wieder."
    ),
    "Expected If-Match with the ETag of the record as you saw it. Read it first.": (
        "Die Seite sagt nicht, welchen Stand Sie gesehen haben."
    ),
    "It was changed since you read it. Read it again, then decide again.": (
        "Seit Sie es gelesen haben, wurde es geändert."
    ),
    "Somebody changed this record meanwhile. Read it again, then decide again.": "Inzwischen hat es jemand geändert.",
    "Nothing was stored: the database takes no changes now. Tell your operators.": "Es wurde nichts gespeichert.",
    "Nothing was stored: the disk is full. Tell your operators.": "Es wurde nichts gespeichert.",
    "Another write took too long. Try again in a moment.": "Ein anderes Speichern hat zu lange gedauert.",
    "Many write at once. Try again in a moment.": "Gerade speichern viele zugleich.",
    "The database cannot be reached. Nothing was stored. Try again in a moment.": "Es wurde nichts gespeichert.",
}
