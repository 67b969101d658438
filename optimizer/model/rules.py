"""The one list of rules: each with its strength and its source.

A rule stands once per role (architecture.md): one enforcer in ``routing/compatibility.py``, ``routing/`` or
``master/rows.py``; one function in ``verify``; one text in ``explain/messages.py``.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from optimizer.model.value import Value


class Strength(StrEnum):
    """How binding a rule is."""

    HARD = "hard"
    OVERRIDABLE = "overridable"
    """Binding, unless an override (reason, second person) for this request is recorded: ``Request.waived``."""
    WARN = "warn"
    """Not enforced; the checker tells it."""


class Scope(StrEnum):
    """Where a rule acts, and so where it is enforced."""

    STATIC = "static"
    TOUR = "tour"
    PLAN = "plan"


class Rule(StrEnum):
    """Every rule by its stable code."""

    ONCE_PER_REQUEST = "once_per_request"
    BUNDLE = "bundle"
    PAIRING = "pairing"
    WINDOW = "window"
    DRIVE_TIME = "drive_time"
    LOAD = "load"
    VEHICLE_FEATURES = "vehicle_features"
    CREW_SKILLS = "crew_skills"
    LICENCE = "licence"
    NO_CHILDREN_VEHICLE = "no_children_vehicle"
    RIDE_TIME = "ride_time"
    DETOUR = "detour"
    WAIT_ON_BOARD = "wait_on_board"
    REST_STOP = "rest_stop"
    SEPARATION = "separation"
    EXCLUSION = "exclusion"
    FAMILIES_APART = "families_apart"
    WOMEN_ALONE = "women_alone"
    LONE_MINOR = "lone_minor"
    ESCORTS = "escorts"
    FEMALE_OFFICER = "female_officer"
    SHIFT_SPAN = "shift_span"
    WORKING_BREAK = "working_break"
    REST_BETWEEN_SHIFTS = "rest_between_shifts"
    VEHICLE_DOUBLED = "vehicle_doubled"
    CREW_DOUBLED = "crew_doubled"
    DEPOT = "depot"
    COMMITMENT = "commitment"
    NIGHT_PICKUP = "night_pickup"
    NIGHT_CHILDREN = "night_children"
    BARRED = "barred"
    FROZEN = "frozen"
    PIN = "pin"
    SERVE_ALL = "serve_all"
    BUDGET = "budget"
    CHANGE_BUDGET = "change_budget"
    DRIVER_BREAK = "driver_break"


COMPANY_RULES = frozenset(
    {Rule.SEPARATION, Rule.EXCLUSION, Rule.FAMILIES_APART, Rule.WOMEN_ALONE, Rule.LONE_MINOR},
)
"""Rules on who may be on board with whom: lifted as one. By name they tell something of others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSpec(Value):
    """What is fixed about a rule: default strength, scope, legal or factual source."""

    strength: Strength
    scope: Scope
    source: str


def _spec(strength: Strength, scope: Scope, source: str) -> RuleSpec:
    return RuleSpec(strength=strength, scope=scope, source=source)


RULEBOOK: dict[Rule, RuleSpec] = {
    Rule.ONCE_PER_REQUEST: _spec(Strength.HARD, Scope.PLAN, "definition of the exchange"),
    Rule.BUNDLE: _spec(Strength.HARD, Scope.PLAN, "outward and return trip stand or fall together"),
    Rule.PAIRING: _spec(Strength.HARD, Scope.TOUR, "pick-up before hand-over, both in one vehicle"),
    Rule.WINDOW: _spec(Strength.HARD, Scope.TOUR, "request: service begins inside its window"),
    Rule.DRIVE_TIME: _spec(Strength.HARD, Scope.TOUR, "physics: no earlier than departure plus drive"),
    Rule.LOAD: _spec(
        Strength.HARD, Scope.TOUR, "StVO § 21 (1), (1a); StVZO § 35a (4a): seats, belts, wheelchair places"
    ),
    Rule.VEHICLE_FEATURES: _spec(Strength.HARD, Scope.STATIC, "request: features the vehicle must have"),
    Rule.CREW_SKILLS: _spec(Strength.HARD, Scope.STATIC, "request: skills the crew must have"),
    Rule.LICENCE: _spec(Strength.HARD, Scope.STATIC, "FeV § 6"),
    Rule.NO_CHILDREN_VEHICLE: _spec(
        Strength.HARD, Scope.STATIC, "prisoner transporter never with children (assumption)"
    ),
    Rule.RIDE_TIME: _spec(
        Strength.OVERRIDABLE, Scope.TOUR, "AufenthG § 58 (4): limited to the unavoidable; cap is an assumption"
    ),
    Rule.DETOUR: _spec(
        Strength.OVERRIDABLE, Scope.TOUR, "AufenthG § 58 (4): pooling may not lengthen without limit (assumption)"
    ),
    Rule.WAIT_ON_BOARD: _spec(Strength.HARD, Scope.TOUR, "AufenthG § 58 (4); 45 min is an assumption"),
    Rule.REST_STOP: _spec(Strength.HARD, Scope.TOUR, "welfare of passengers (assumption)"),
    Rule.SEPARATION: _spec(Strength.HARD, Scope.TOUR, "separation flag set by an officer"),
    Rule.EXCLUSION: _spec(Strength.HARD, Scope.TOUR, "exclusion between two requests set by an officer"),
    Rule.FAMILIES_APART: _spec(Strength.OVERRIDABLE, Scope.TOUR, "families ride only with families (assumption)"),
    Rule.WOMEN_ALONE: _spec(
        Strength.OVERRIDABLE, Scope.TOUR, "women travelling alone not with unrelated men (assumption)"
    ),
    Rule.LONE_MINOR: _spec(
        Strength.HARD, Scope.TOUR, "an unaccompanied minor rides with nobody unrelated (assumption; AufenthG § 58 (1a))"
    ),
    Rule.ESCORTS: _spec(Strength.HARD, Scope.TOUR, "officers per people on board (assumption)"),
    Rule.FEMALE_OFFICER: _spec(
        Strength.OVERRIDABLE, Scope.TOUR, "a female officer when women or girls travel (assumption)"
    ),
    Rule.SHIFT_SPAN: _spec(Strength.HARD, Scope.TOUR, "ArbZG § 3; the shift as rostered"),
    Rule.WORKING_BREAK: _spec(Strength.HARD, Scope.TOUR, "ArbZG § 4; only while nobody is on board"),
    Rule.REST_BETWEEN_SHIFTS: _spec(Strength.HARD, Scope.PLAN, "ArbZG § 5"),
    Rule.VEHICLE_DOUBLED: _spec(Strength.HARD, Scope.PLAN, "one vehicle, one duty at a time"),
    Rule.CREW_DOUBLED: _spec(Strength.HARD, Scope.PLAN, "one crew, one duty at a time"),
    Rule.DEPOT: _spec(
        Strength.HARD, Scope.TOUR, "a tour begins and ends at the duty's depots while the vehicle is available"
    ),
    Rule.COMMITMENT: _spec(
        Strength.HARD, Scope.TOUR, "what was promised keeps its order, and its time within the tolerance"
    ),
    Rule.NIGHT_PICKUP: _spec(
        Strength.HARD, Scope.TOUR, "AufenthG § 58 (7): no pick-up 21-06 h without the requester's recorded ground"
    ),
    Rule.NIGHT_CHILDREN: _spec(
        Strength.OVERRIDABLE, Scope.TOUR, "RdErl. NRW 13.01.2016: no measure 21-06 h with children under 14"
    ),
    Rule.BARRED: _spec(Strength.HARD, Scope.STATIC, "declined before: never offered to the same duty or ZAB again"),
    Rule.FROZEN: _spec(Strength.HARD, Scope.STATIC, "a tour about to begin, or under way, takes nobody new"),
    Rule.PIN: _spec(Strength.HARD, Scope.STATIC, "a manual assignment survives until released"),
    Rule.SERVE_ALL: _spec(Strength.HARD, Scope.PLAN, "literature: every request must be served"),
    Rule.BUDGET: _spec(Strength.HARD, Scope.PLAN, "most new requests a ZAB takes within the horizon"),
    Rule.CHANGE_BUDGET: _spec(
        Strength.HARD, Scope.PLAN, "most assignments of the published plan that a new plan may change"
    ),
    Rule.DRIVER_BREAK: _spec(
        Strength.WARN, Scope.TOUR, "45 min per 4.5 h of driving (soft; cf. VO (EG) 561/2006 Art. 7)"
    ),
}
"""Defaults; a parameter set may change the strength of a rule (``ParameterSet.strengths``), never its meaning."""
