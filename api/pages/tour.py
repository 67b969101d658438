"""The guided tour: five steps through the pages of a role, each told in a box on the page it is about.

It is an address (``?tour=2``), so it works without script, can be left at any time, and nothing is kept of it.
"""

from __future__ import annotations

from dataclasses import dataclass

from api.pages.navigation import ZABS
from api.workflow import Role


def _marked(text: str) -> str:
    """Mark a text for translation that is translated where it is shown."""
    return text


_ = _marked
Stop = tuple[str, str, str]
"""Path, heading and text (German)."""

_END: Stop = (
    "/me",
    _("Und jetzt Sie"),
    _(
        "Hier stellen Sie Darstellung und Kennwort ein; die Sprache wechseln Sie oben rechts. Der Rundgang beginnt "
        "jederzeit neu über „Rundgang“ oben rechts."
    ),
)
_TASKS: Stop = (
    "/tasks",
    _("Was zu tun ist"),
    _("Alles, was auf Ihre Stelle wartet, mit Fristen: das Dringendste zuerst."),
)
_GUIDANCE: Stop = (
    "/guidance",
    _("Nachschlagen und fragen"),
    _("Der Informationsbereich beantwortet Fragen zu den Maßnahmen des Erlasses. Was fehlt, können Sie dort fragen."),
)
_RULES: Stop = (
    "/parameters",
    _("Nach welchen Regeln"),
    _("Alle Grenzen und Gewichte der Planung mit ihrer Quelle. Merkmale einer Person gehören nicht dazu."),
)
_REPORTS: Stop = (
    "/reports",
    _("Was dabei herauskommt"),
    _(
        "Lasten der ZAB, Gründe für Ablehnungen und der Bericht für die Beobachtung, auch als CSV und "
        "Excel. Kleine Gruppen sind unterdrückt."
    ),
)
_DISPATCHERS: tuple[Stop, ...] = (
    (
        "/board",
        _("Die Tafel"),
        _(
            "Links stehen die Anfragen im Pool, offene (○) und schon vorgeschlagene (●), in der Mitte liegen die "
            "Touren, rechts die Karte. Wählen Sie eine Anfrage: Sie ist überall markiert. Filter gelten für alle drei."
        ),
    ),
    (
        "/proposals",
        _("Vorschläge beantworten"),
        _(
            "Die Planung schlägt vor, Sie entscheiden. Jeder Vorschlag zeigt, warum: Minuten an Bord gegen "
            "die direkte Fahrt, wer mitfährt, was es sonst gäbe. Vor einer Ablehnung steht, was aus der "
            "Anfrage wird. Schweigen sagt nichts zu."
        ),
    ),
    (
        "/requests",
        _("Was nicht unterkam"),
        _(
            "Öffnen Sie eine wartende Anfrage: Für jede ZAB steht dort die erste Regel, an der es scheitert, "
            "und was helfen würde. Sie können selbst einen Platz versuchen; die Prüfung antwortet, bevor "
            "etwas gespeichert wird."
        ),
    ),
    (
        "/morning",
        _("Was die Nacht geändert hat"),
        _(
            "Um 2 Uhr wird neu geplant. Am Morgen steht hier, was anders ist und was weiter wartet, jedes mit einem "
            "Grund."
        ),
    ),
    _END,
)
_OWNERS: tuple[Stop, ...] = (
    (
        "/requests",
        _("Ihre Anfragen"),
        _(
            "Jede Anfrage mit Stand und nächstem Schritt. Die Adresse der Abholung sieht nur die ZAB, die "
            "zugesagt hat, und nur bis 24 Stunden nach der Fahrt."
        ),
    ),
    (
        "/requests/new",
        _("Eine Anfrage stellen"),
        _(
            "„Prüfen“ sagt, was unmöglich ist und was helfen würde, bevor etwas gespeichert wird. Bitte keine "
            "Namen, keine Diagnosen."
        ),
    ),
    (
        "/import",
        _("Viele auf einmal"),
        _("Eine Datei wird ganz angenommen oder gar nicht; alle Fehler stehen auf einmal da."),
    ),
    _TASKS,
    _END,
)
STEPS: dict[Role, tuple[Stop, ...]] = {
    **dict.fromkeys(sorted(ZABS | {Role.LTRAKO}), _DISPATCHERS),
    Role.ABH: _OWNERS,
    Role.ZFA: (
        _TASKS,
        (
            "/clearances",
            _("Durchbeförderungen"),
            _("Anfragen, deren Flug zwischenlandet, mit ihren Fristen. Ihre Antwort erfahren die Beteiligten sofort."),
        ),
        _GUIDANCE,
        _RULES,
        _END,
    ),
    Role.ZRK: (
        _TASKS,
        (
            "/clearances",
            _("Medizinische Inempfangnahmen"),
            _(
                "Was zu beantragen ist und was zugesagt wurde. Dass jemand sie braucht, erfahren nur die ABH, Sie "
                "und der Datenschutz."
            ),
        ),
        _GUIDANCE,
        _RULES,
        _END,
    ),
    Role.AUDITOR: (
        (
            "/audit",
            _("Das Protokoll"),
            _(
                "Jede Erhebung, Änderung, Entscheidung und jedes Lesen geschützter Felder. Die Kette ist "
                "versiegelt; ob sie heil ist, prüfen Sie hier."
            ),
        ),
        ("/requests", _("Anfragen, nur lesend"), _("Sie sehen, was zur Aufsicht nötig ist, und ändern nichts.")),
        _REPORTS,
        _RULES,
        _END,
    ),
    Role.ADMIN: (
        ("/accounts", _("Konten und Stellen"), _("Wer hier arbeitet und mit welcher Rolle. Inhalte sehen Sie nicht.")),
        _TASKS,
        ("/runs", _("Planungen"), _("Was die Planung getan hat und tut.")),
        _RULES,
        _END,
    ),
}
"""Five steps for each role."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of the tour; ``back`` and ``on`` are addresses, ``None`` at the ends."""

    number: int
    of: int
    heading: str
    text: str
    back: str | None
    on: str | None


def begin(role: Role) -> str:
    """Return the address of the first step."""
    return f"{STEPS[role][0][0]}?tour=1"


def step(role: Role, path: str, number: str) -> Step | None:
    """Return the step that an address asks for; ``None`` where there is none, or on another page."""
    steps = STEPS[role]
    if number not in {str(each) for each in range(1, len(steps) + 1)}:
        return None
    at = int(number) - 1
    own, heading, text = steps[at]
    if path != own:
        return None
    back, on = (f"{steps[each][0]}?tour={each + 1}" if 0 <= each < len(steps) else None for each in (at - 1, at + 1))
    return Step(number=at + 1, of=len(steps), heading=heading, text=text, back=back, on=on)
