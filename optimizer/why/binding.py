"""Rules that nobody may set aside and without which a request would ride, each with the plan that breaks it alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from optimizer.answer import Granter, Kind, Relaxation, Unit
from optimizer.explain.lifts import Lift, lifted
from optimizer.granted.edits import with_request
from optimizer.model import COMPANY_RULES, DutyId, Instance, Need, RequestId, Rule, Solution, Strength
from optimizer.why.measure import Change, asked_for
from optimizer.why.texts_relaxed import refused
from optimizer.why.trying import Trying

OVERRIDDEN: dict[Rule, Lift] = {
    Rule.RIDE_TIME: Lift.RIDE_TIME,
    Rule.DETOUR: Lift.DETOUR,
    Rule.FEMALE_OFFICER: Lift.FEMALE_OFFICER,
    Rule.NIGHT_CHILDREN: Lift.NIGHT_CHILDREN,
    Rule.FAMILIES_APART: Lift.COMPANY,
    Rule.WOMEN_ALONE: Lift.COMPANY,
}
"""The lift of each rule that an override may set aside, where the parameter set leaves it to one."""
_NEVER: dict[Rule, Lift] = {
    Rule.WAIT_ON_BOARD: Lift.WAIT,
    Rule.REST_STOP: Lift.REST_STOP,
    Rule.WORKING_BREAK: Lift.WORKING_BREAK,
    Rule.SHIFT_SPAN: Lift.SPAN,
    Rule.COMMITMENT: Lift.COMMITMENT,
}
"""Rules along a tour that nobody may ever set aside, and their lifts."""


def binding(trying: Trying) -> Iterator[Relaxation]:
    """Yield the rules without any single one of which the request would ride, and that nobody may set aside."""
    parameters = trying.planned.instance.parameters
    if Need.LYING in trying.planned.index.request[trying.request].needs:
        yield from _first(trying, Rule.VEHICLE_FEATURES, partial(_seated, trying.request), lift=None)
    binds = {rule: lift for rule, lift in OVERRIDDEN.items() if parameters.strength(rule) is Strength.HARD}
    for rule, lift in (_NEVER | binds).items():
        if lift is not Lift.COMPANY:
            yield from _first(trying, rule, partial(lifted, lifts={lift: None}), lift=lift)
    # Who rides together is one question: all of its rules are taken away, and the checker says which one it was.
    for rule in sorted(COMPANY_RULES, key=list(Rule).index):
        if parameters.strength(rule) is Strength.HARD:
            yield from _first(trying, rule, _acquainted, lift=Lift.COMPANY)


def _first(trying: Trying, rule: Rule, change: Change, *, lift: Lift | None) -> Iterator[Relaxation]:
    """Yield the rule with the first duty on which the request rides once it is taken away."""
    for duty in trying.duties:
        # Alone it must fit without the rule before it can beside others; that is asked of all duties at once.
        if lift is not None and not trying.alone(lift).fits(trying.request, duty):
            continue
        if lift is Lift.COMPANY and duty not in trying.planned.tours:
            continue
        shown = trying.plan_breaking(rule, change, duty)
        if shown is not None:
            yield _refused(trying, rule, duty, shown)
            return


def _seated(request: RequestId, instance: Instance) -> Instance:
    """Return the day on which the request need not be carried lying."""
    return with_request(instance, request, needs=asked_for(instance, request).needs - {Need.LYING})


def _acquainted(instance: Instance) -> Instance:
    """Return the day on which all are of one party: nothing is asked of who rides together."""
    return replace(instance, requests=tuple(replace(request, unit="all") for request in instance.requests))


def _refused(trying: Trying, rule: Rule, duty: DutyId, shown: Solution) -> Relaxation:
    told, actions = refused(rule)
    return Relaxation(
        kind=Kind.RULE,
        granter=Granter.NOBODY,
        duty=duty,
        zab=trying.planned.index.duty_zab(duty),
        size=1,
        unit=Unit.DECISIONS,
        texts=told,
        actions=actions,
        rule=rule,
        witness=trying.planned.witness(shown),
    )
