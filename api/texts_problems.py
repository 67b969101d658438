"""What problems are called on the pages: what happened, and what to do; in German and English."""

from __future__ import annotations

from collections.abc import Mapping

from api.errors import Code

Pair = tuple[str, str]
_AGAIN: Pair = ("Laden Sie die Seite neu und versuchen Sie es noch einmal.", "Load the page again and try once more.")
_OPERATORS: Pair = (
    "Versuchen Sie es in einigen Minuten noch einmal. Bleibt es dabei, nennen Sie dem Betrieb die Vorgangsnummer.",
    "Try again in a few minutes. If it stays so, tell your operators the number of the call.",
)
_MEND: Pair = ("Es wurde nichts gespeichert. Bitte berichtigen Sie die Angaben.",
               "Nothing was stored. Please correct what you entered.")  # fmt: skip
_PROGRAMME: Pair = (
    "Das liegt nicht an Ihren Angaben. Nennen Sie dem Betrieb die Vorgangsnummer.",
    "This is not about what you entered. Tell your operators the number of the call.",
)

PROBLEMS: Mapping[Code, tuple[Pair, Pair]] = {
    Code.BODY_INVALID: (("Angaben fehlen oder passen nicht.", "Something is missing or does not fit."), _MEND),
    Code.BODY_TOO_LARGE: (
        ("Die Eingabe ist zu groß.", "What you sent is too large."),
        ("Senden Sie es in mehreren Teilen.", "Send it in several parts."),
    ),
    Code.ROWS_INVALID: (
        (
            "Zeilen der Datei wurden abgelehnt. Es wurde nichts gespeichert.",
            "Rows of the file are refused. Nothing was stored.",
        ),
        (
            "Berichtigen Sie die genannten Zeilen und senden Sie die Datei noch einmal.",
            "Correct the rows that are named and send the file again.",
        ),
    ),
    Code.PARAMETER_INVALID: (
        (
            "Die Adresse dieser Seite enthält etwas, das nicht passt.",
            "The address of this page holds something that does not fit.",
        ),
        ("Öffnen Sie die Seite über die Menüleiste.", "Open the page from the menu."),
    ),
    Code.MEDIA_TYPE_UNKNOWN: (
        ("Diese Art von Datei wird nicht gelesen.", "This kind of file is not read."),
        ("Senden Sie CSV, Excel oder JSON.", "Send CSV, Excel or JSON."),
    ),
    Code.IDEMPOTENCY_KEY_MISSING: (
        ("Die Seite war nicht vollständig geladen.", "The page was not loaded completely."),
        _AGAIN,
    ),
    Code.IDEMPOTENCY_KEY_REUSED: (
        ("Diese Eingabe wurde schon einmal gesendet.", "This was sent once already."),
        _AGAIN,
    ),
    Code.IDEMPOTENCY_KEY_BUSY: (
        ("Die erste Sendung dieser Eingabe wird noch bearbeitet.", "The first sending of this is still at work."),
        ("Warten Sie einen Augenblick.", "Wait a moment."),
    ),
    Code.NOT_SIGNED_IN: (
        ("Sie sind nicht oder nicht mehr angemeldet.", "You are not signed in, or no longer."),
        ("Melden Sie sich an.", "Sign in."),
    ),
    Code.SIGN_IN_FAILED: (
        ("Die Anmeldung ist gescheitert.", "Signing in failed."),
        (
            (
                "Prüfen Sie Namen und Kennwort. Nach zu vielen Versuchen ist das Konto für einige Minuten "
                "gesperrt. Hilfe gibt Ihre Verwaltung der Konten."
            ),
            (
                "Check login and password. After too many attempts the account is locked for some "
                "minutes. Your admin can help."
            ),
        ),
    ),
    Code.ROLE_MAY_NOT: (
        ("Ihre Rolle darf das nicht.", "Your role may not do this."),
        ("Wenden Sie sich an die Stelle, die es darf, oder an Ihre Leitung.", "Ask whoever may, or your lead."),
    ),
    Code.CROSS_SITE: (
        (
            "Der Aufruf kam nicht von einer Seite dieses Dienstes.",
            "The call does not come from a page of this service.",
        ),
        ("Es wurde nichts geändert. Öffnen Sie die Seite neu.", "Nothing was changed. Open the page again."),
    ),
    Code.TOO_MANY_REQUESTS: (
        ("Zu viele Aufrufe in kurzer Zeit.", "Too many calls in a short time."),
        ("Warten Sie eine Minute.", "Wait a minute."),
    ),
    Code.NOT_FOUND: (
        ("Das gibt es nicht, oder Sie dürfen es nicht sehen.", "It does not exist, or you may not see it."),
        ("Prüfen Sie die Adresse, oder gehen Sie über die Menüleiste.", "Check the address, or use the menu."),
    ),
    Code.METHOD_NOT_ALLOWED: (
        ("So lässt sich diese Seite nicht aufrufen.", "This page cannot be called like this."),
        ("Gehen Sie über die Menüleiste.", "Use the menu."),
    ),
    Code.VERSION_MISSING: (("Die Seite war nicht vollständig geladen.", "The page was not loaded completely."), _AGAIN),
    Code.VERSION_CHANGED: (
        (
            "Jemand hat das inzwischen geändert. Es wurde nichts gespeichert.",
            "Somebody changed it meanwhile. Nothing was stored.",
        ),
        ("Sehen Sie sich den neuen Stand an und entscheiden Sie dann.", "Look at it as it is now, then decide."),
    ),
    Code.STATE_FORBIDS: (
        ("Im jetzigen Stand ist das nicht möglich.", "This is not possible as it stands now."),
        (
            "Sehen Sie sich den Stand an: Er nennt, was möglich ist.",
            "Look at how it stands: that tells what is possible.",
        ),
    ),
    Code.ALREADY_DECIDED: (
        ("Darüber wurde inzwischen entschieden.", "It was decided meanwhile."),
        (
            "Es wurde nichts geändert. Sehen Sie sich den neuen Stand an.",
            "Nothing was changed. Look at it as it is now.",
        ),
    ),
    Code.RUN_IN_PROGRESS: (
        ("Für diese Tage läuft schon eine Planung.", "These days are being planned already."),
        ("Warten Sie, bis sie fertig ist, oder beenden Sie sie.", "Wait for it, or end it."),
    ),
    Code.EXISTS_ALREADY: (
        ("Das gibt es schon.", "It exists already."),
        (
            "Nehmen Sie, was da ist, oder wählen Sie etwas anderes.",
            "Take what is there, or choose something else.",
        ),
    ),
    Code.IN_USE: (
        ("Das wird noch gebraucht.", "It is still in use."),
        ("Lösen Sie zuerst, was daran hängt.", "First settle what depends on it."),
    ),
    Code.REASON_MISSING: (
        ("Ein Grund fehlt.", "A reason is missing."),
        (
            "Wählen Sie einen Grund, bei „anderer Grund“ mit Text.",
            "Choose a reason, with a text for \u201cother\u201d.",
        ),
    ),
    Code.SECOND_PERSON_MISSING: (
        ("Dafür braucht es eine zweite Person.", "A second person is needed for this."),
        ("Bitten Sie eine zweite Person Ihrer Stelle.", "Ask a second person of your office."),
    ),
    Code.SECOND_PERSON_IS_FIRST: (
        ("Die zweite Person muss eine andere sein.", "The second person must be another one."),
        ("Es muss jemand anderes zustimmen.", "Somebody else has to agree."),
    ),
    Code.PLAN_BROKEN: (
        (
            "Die unabhängige Prüfung lehnt die Fahrt ab. Es wurde nichts geändert.",
            "The independent checker refuses the trip. Nothing was changed.",
        ),
        ("Was dagegen steht, ist unten genannt.", "What stands against it is told below."),
    ),
    Code.GATE_CLOSED: (
        ("Eine Voraussetzung der Maßnahme fehlt.", "A precondition of the measure is missing."),
        ("Unten steht, welche, und wer sie klären kann.", "Below is which, and who can clear it."),
    ),
    Code.TOO_LATE: (
        ("Dafür ist es zu spät.", "It is too late for this."),
        (
            "Sehen Sie sich den Stand an: Er nennt, was noch möglich ist.",
            "Look at how it stands: that tells what is still possible.",
        ),
    ),
    Code.VALUE_REFUSED: (("Ein Wert wird nicht angenommen.", "A value is refused."), _MEND),
    Code.DATABASE_READ_ONLY: (("Zurzeit kann nichts gespeichert werden.", "Nothing can be stored now."), _OPERATORS),
    Code.DATABASE_FULL: (
        (
            "Der Speicher der Datenbank ist voll. Es wurde nichts gespeichert.",
            "The disk of the database is full. Nothing was stored.",
        ),
        _OPERATORS,
    ),
    Code.DATABASE_BUSY: (
        ("Gerade speichern sehr viele zugleich.", "Very many are storing at once."),
        # Not by loading anew: the form that is shown again has what was typed.
        ("Senden Sie es in einem Augenblick noch einmal.", "Send it once more in a moment."),
    ),
    Code.UNAVAILABLE: (("Der Dienst ist gerade nicht erreichbar.", "The service cannot be reached now."), _OPERATORS),
    Code.DEFECT: (
        ("Fehler im Programm. Es wurde nichts gespeichert.", "A defect of the programme. Nothing was stored."),
        _PROGRAMME,
    ),
}
"""Of each code: what happened, what to do."""
