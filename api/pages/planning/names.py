"""What runs, stages of the objective, and differences of a night are called, in German and English."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from api import company
from api.db.tables import RunKind, RunState
from api.gate_texts import GATES
from api.pages.language import told_money, told_number
from api.texts import Pair, in_language
from api.words import Language
from optimizer.explain.messages import MESSAGES
from optimizer.model import Rule, Stage
from optimizer.result import Obstacle

KINDS: Mapping[RunKind, Pair] = {
    RunKind.CONTINUOUS: ("laufende Zuordnung", "continuous match"),
    RunKind.ON_DEMAND: ("Planung auf Wunsch", "planned on demand"),
    RunKind.NIGHTLY: ("nächtliche Planung", "nightly run"),
    RunKind.QUESTION: ("Nachfrage", "question"),
    RunKind.SIMULATION: ("Simulation", "simulation"),
}
STATES: Mapping[RunState, Pair] = {
    RunState.QUEUED: ("wartet", "queued"),
    RunState.RUNNING: ("läuft", "running"),
    RunState.DONE: ("fertig", "done"),
    RunState.CANCELLED: ("vorzeitig beendet", "ended early"),
    RunState.FAILED: ("gescheitert", "failed"),
}
STATUSES: Mapping[str, Pair] = {
    "optimal": ("bewiesen der beste Plan", "proven to be the best plan"),
    "feasible": ("zulässiger Plan", "feasible plan"),
    "infeasible": ("kein Plan möglich", "no plan is possible"),
    "unknown": ("nicht bekannt", "not known"),
}
STAGES: Mapping[Stage, Pair] = {
    Stage.PINNED: ("von Hand Gesetztes", "placed by hand"),
    Stage.SERVED: ("Beförderte, nach Frist gewichtet", "carried, weighted by deadline"),
    Stage.CUSTODY: ("Minuten an Bord über der direkten Fahrt", "minutes on board above the direct drive"),
    Stage.NIGHT: ("Minuten an Bord bei Nacht", "minutes on board at night"),
    Stage.FAIR_LOAD: ("Ungleichheit der Last zwischen den ZABs", "unevenness of load between the ZABs"),
    Stage.CHANGES: ("Änderungen am veröffentlichten Plan", "changes to the published plan"),
    Stage.COST: ("Kosten in Euro (Strecke, Arbeitszeit, CO₂)", "cost in euros (distance, crew time, CO₂)"),
}
_SCALES = {Stage.CUSTODY: 60, Stage.NIGHT: 60, Stage.COST: 1_000_000}
_PHASES: Mapping[str, Pair] = {
    "parts": ("Tage und Teile werden getrennt", "days and parts are taken apart"),
    "compiling, once": ("Rechenkerne werden vorbereitet (einmalig)", "kernels are made ready (once)"),
    "# of #": ("# von # Teilen fertig", "# of # parts done"),
    "# draws": ("# Ziehungen", "# draws"),
    "plans": ("jedes Szenario wird geplant", "each scenario is planned"),
    "replay": ("vergangene Tage werden nachgespielt", "days that are over are replayed"),
    "fragments": ("mögliche Teilstrecken werden aufgezählt", "possible parts of tours are listed"),
    "construction": ("ein erster Plan entsteht", "a first plan is made"),
    "insertion": ("ein Platz wird gesucht", "a seat is looked for"),
    "fewest changes": ("so wenig Änderungen wie möglich", "as few changes as possible"),
    "flow": ("Fahrten werden verknüpft", "rides are linked"),
    "loose day": ("ein Tag mit weiten Zeitfenstern", "a day with wide windows"),
    "check": ("die unabhängige Prüfung", "the independent check"),
    "reasons": ("Gründe für Anfragen ohne Platz", "reasons for requests without a seat"),
}
_STAGE_PHASES: Mapping[str, Pair] = {
    "stage {}": ("Stufe", "stage"),
    "gap {}": ("Lücke zur Schranke", "gap to the bound"),
    "large neighbourhoods {}": ("Verbesserung", "improving"),
}
_STEPS: Mapping[str, Pair] = {
    "first plan": ("erster Plan", "first plan"),
    "better plan": ("besserer Plan", "better plan"),
    "searching": ("sucht", "searching"),
    "recombined": ("neu zusammengesetzt", "recombined"),
    "branching": ("verzweigt", "branching"),
    "proven": ("bewiesen", "proven"),
    "none that near": ("keiner so nah an der Schranke", "none that near the bound"),
    "priced exactly": ("genau bewertet", "priced exactly"),
    "# / #": ("# / #", "# / #"),
    "# columns within #": ("# Touren innerhalb von #", "# tours within #"),
    "# columns, # cuts": ("# Touren, # Schnitte", "# tours, # cuts"),
    "# cuts, # columns": ("# Schnitte, # Touren", "# cuts, # tours"),
    "# states, # columns": ("# Zustände, # Touren", "# states, # tours"),
    "# coarse states, # columns": ("# grobe Zustände, # Touren", "# coarse states, # tours"),
    "# seats, # labels, # of # columns new": (
        "# Plätze, # Teiltouren, # von # Touren neu", "# seats, # part tours, # of # tours new"
    ),
    "# tours within the gap, # labels": ("# Touren in der Lücke, # Teiltouren", "# tours within the gap, # part tours"),
    "relaxed": ("Schranke gefunden", "a bound is found"),
    "part #: its process #; it is tried once more": (
        "Teil #: noch einmal versucht", "part #: tried once more"
    ),
    "part #": ("Teil #", "part #"),
}  # fmt: skip
"""What runs tell of their phases and steps; ``#`` stands for a number."""
UNPLACED = "unplaced"
"""Kind of a row that tells of no change: the request waited before, and waits on."""
DIFFERENCES: Mapping[str, Pair] = {
    "new": ("neu vorgeschlagen", "newly proposed"),
    "changed": ("anders vorgeschlagen", "proposed otherwise"),
    "lost": ("Vorschlag entfallen", "proposal lost"),
    UNPLACED: ("nicht unterzubringen", "not placed"),
    "expired": ("abgelaufen", "expired"),
    "lapsed": ("verfallen", "lapsed"),
    "returned": ("an die ABH zurück", "returned to its ABH"),
}
_REASONS: Mapping[str, Pair] = {
    "fits": ("Es passt.", "It fits."),
    "better_plan": ("Der Plan im Ganzen wird besser.", "The plan as a whole gets better."),
    "no_longer_fits": ("Es passt nicht mehr.", "It no longer fits."),
    "nobody_answered": ("Niemand hat geantwortet.", "Nobody answered."),
    "condition_not_met": ("Die Bedingung wurde nicht erfüllt.", "The condition was not met."),
    "nobody_promised": ("Niemand hat zugesagt.", "Nobody promised."),
    "not_searched": ("Nicht zu Ende gesucht: die Zeit reichte nicht.", "Not searched to the end: time ran out."),
    "changed_meanwhile": ("Während der Planung hat sich etwas geändert.", "Something changed during the run."),
    # Obstacles where no rule stands against it: ``optimizer.result.Obstacle``.
    Obstacle.DISPLACES: (
        "Es würde passen, aber eine andere Fahrt müsste dafür weichen.",
        "It would fit, but another trip would have to give way.",
    ),
    Obstacle.STATIC: ("Kein Dienst ist dafür ausgestattet oder da.", "No duty is there or equipped for it."),
    Obstacle.TOUR: ("Sie passt in keine Tour.", "It fits no tour."),
}


def shown_value(stage: str, value: float) -> float:
    """Return the value of a stage in the unit that people read."""
    known = Stage(stage) if stage in set(Stage) else None
    return value / _SCALES.get(known, 1) if known is not None else value


def told_value(stage: str, value: float, language: Language) -> str:
    """Return a value of a stage, in the unit that people read, in words: costs as money."""
    return told_money(value, language) if stage == Stage.COST else told_number(value, language)


@cache
def progress_words(language: Language) -> dict[str, tuple[str, float]]:
    """Return what phases and steps of a run are called, and by what their values are divided for people."""
    found = {text: (in_language(pair, language), 1.0) for text, pair in {**_PHASES, **_STEPS}.items()}
    for stage, pair in STAGES.items():
        for template, kind in _STAGE_PHASES.items():
            name = f"{in_language(kind, language)}: {in_language(pair, language)}"
            found[template.format(stage.value)] = (name, float(_SCALES.get(stage, 1)))
    return found


def reason(code: str) -> Pair:
    """Return what the one reason of a difference is called: of the exchange, of a rule, of a gate; else the code."""
    if code in _REASONS:
        return _REASONS[code]
    said = company.said(code)
    if said is not None:
        return said[0]["de"], said[0]["en"]
    if code in set(Rule):
        texts = dict(MESSAGES[Rule(code)].texts)
        return texts["de"], texts["en"]
    return GATES.get(code, (code, code))
