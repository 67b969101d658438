"""What a request and a duty have against each other whatever the tour, in words."""

from __future__ import annotations

from collections.abc import Set

from optimizer.explain.finding import Finding, both
from optimizer.explain.message import LANGUAGES, Count
from optimizer.explain.messages import MESSAGES
from optimizer.explain.messages_precise import PRECISE, WORDS, Precise
from optimizer.model import CREW_NEEDS, DutyId, InstanceIndex, Need, Request, Rule
from optimizer.result import Obstacle
from optimizer.routing.compatibility import first_block

_NEAREST_FIRST: tuple[Rule, ...] = (
    Rule.PIN,
    Rule.FROZEN,
    Rule.BARRED,
    Rule.CREW_SKILLS,
    Rule.LICENCE,
    Rule.NO_CHILDREN_VEHICLE,
    Rule.VEHICLE_FEATURES,
    Rule.DEPOT,
)
"""What is changed most easily first."""


def static_rule(index: InstanceIndex, request: Request, duty: DutyId) -> Rule | None:
    """Return the first rule that keeps ``request`` off ``duty`` whatever the tour, ``None`` where none does.

    DEPOT stands for a vehicle that is not available during the shift at all.
    """
    rule = first_block(index, request, duty)
    if rule is None and index.duty_window(duty) is None:
        return Rule.DEPOT
    return rule


def static_finding(index: InstanceIndex, request: Request, duty: DutyId, rule: Rule) -> Finding:
    """Return the finding for a static rule."""
    vehicle, crew = index.duty_vehicle(duty), index.duty_crew(duty)
    message, values = MESSAGES[rule], both()
    match rule:
        case Rule.VEHICLE_FEATURES if Need.LYING in request.needs:
            message = PRECISE[Precise.LYING]
        case Rule.VEHICLE_FEATURES:
            message = PRECISE[Precise.FEATURES]
            values = _in_words(request.features - vehicle.features)
        case Rule.CREW_SKILLS:
            message = PRECISE[Precise.SKILLS]
            values = _in_words({need.value for need in request.needs & CREW_NEEDS} - crew.skills)
        case Rule.LICENCE:
            message, values = PRECISE[Precise.LICENCE], both(licence=vehicle.licence.value)
        case Rule.BARRED if duty not in request.barred_duties:
            message = PRECISE[Precise.BARRED_ZAB]
        case Rule.PIN:
            message, values = PRECISE[Precise.PIN], both(pin=request.pin)
    return Finding(
        duty=duty,
        obstacle=Obstacle.STATIC,
        rule=rule,
        message=message,
        values=values,
        rank=(2, _NEAREST_FIRST.index(rule)),
    )


def _in_words(missing: Set[str]) -> dict[str, dict[str, object]]:
    """Return what is missing, in words where there are any: a vehicle may have equipment that no table knows."""
    return {
        language: {
            "missing": ", ".join(WORDS[language].get(code, code) for code in sorted(missing)),
            "number": Count(len(missing)),
        }
        for language in LANGUAGES
    }
