"""Pairs, parts and relaxations judged by brute force: nothing of ``optimizer.why`` or the solver."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from optimizer.model import Instance, InstanceIndex, Rule, Solution, Stage
from optimizer.travel.matrix import TravelMatrix
from tests.explain.alone import most_kept
from tests.oracle import OracleTour, _best_tours, _plans, _values
from tests.oracle_sequences import DutyRules

COMPANY = frozenset(
    {Rule.SEPARATION, Rule.EXCLUSION, Rule.LONE_MINOR, Rule.FAMILIES_APART, Rule.WOMEN_ALONE},
)
"""Lifted as one."""


def can_ride(instance: Instance, travel: TravelMatrix, request: str, duty: str, off: Collection[Rule] = ()) -> bool:
    """Whether some tour of ``duty`` carries ``request`` and its promises, without the rules ``off``."""
    rules = set(off)
    if rules & COMPANY:
        rules |= COMPANY
    pin = InstanceIndex(instance).request[request].pin
    if pin not in (None, duty) and Rule.PIN not in rules:
        return False
    # What stands in the data of another noun than the rule's own is taken away there.
    if Rule.FROZEN in rules:
        instance = replace(instance, commitments=tuple(replace(c, frozen=False) for c in instance.commitments))
    if Rule.PIN in rules:
        instance = replace(instance, requests=tuple(replace(r, pin=None) for r in instance.requests))
    if Rule.DEPOT in rules:
        instance = replace(instance, vehicles=tuple(replace(v, availability=()) for v in instance.vehicles))
        rules.discard(Rule.DEPOT)
    promises = Rule.COMMITMENT not in rules
    return most_kept(instance, travel, duty, request, off=frozenset(rules), promises=promises) is not None


def all_plans(instance: Instance, travel: TravelMatrix) -> list[list[OracleTour]]:
    """Every plan that keeps all rules, of the best tour for each duty and set."""
    index = InstanceIndex(instance)
    tours = {
        duty.id: list(_best_tours(duty.id, DutyRules(instance, travel, index, duty.id, frozenset())))
        for duty in instance.duties
    }
    return list(_plans(instance, index, tours, frozenset(), Counter()))


def carried(index: InstanceIndex, plan: Solution) -> dict[str, frozenset[str]]:
    """Pool requests of each used duty."""
    return {tour.duty: tour.requests - index.committed_duty.keys() for tour in plan.tours}


def with_pair(
    index: InstanceIndex,
    plans: list[list[OracleTour]],
    plan: Solution,
    around: Collection[str],
    request: str,
    duty: str | None,
) -> Iterator[list[OracleTour]]:
    """Yield the plans that carry ``request`` on ``duty`` and are as ``plan`` is on all duties but ``around``.

    Who is left out, but for the bundle of ``request``, stays left out.
    """
    known = plan.served.union(next(unit for unit in index.units if request in unit))
    fixed = {name: served for name, served in carried(index, plan).items() if name not in around}
    for other in plans:
        served = {tour.duty: tour.served for tour in other}
        rides = next((name for name, members in served.items() if request in members), None)
        if not known.issuperset(frozenset[str]().union(*served.values())):
            continue
        if rides == duty and {name: members for name, members in served.items() if name not in around} == fixed:
            yield other


def best_rank(instance: Instance, plans: Iterator[list[OracleTour]]) -> tuple[int, ...] | None:
    """The key of the best of ``plans``; ``None`` where there is none."""
    index = InstanceIndex(instance)
    return min((key(instance, _values(instance, index, plan)) for plan in plans), default=None)


def key(instance: Instance, values: Mapping[Stage, int]) -> tuple[int, ...]:
    """As many carried as can be, pins before or after that as the stages have it, then the stages; less is better."""
    stages = instance.stages
    who = [-values[Stage.SERVED]]
    if Stage.PINNED in stages:
        is_last = Stage.SERVED in stages and stages.index(Stage.SERVED) < stages.index(Stage.PINNED)
        who.insert(1 if is_last else 0, -values[Stage.PINNED])
    return (*who, *(-values[s] if s.is_maximised else values[s] for s in stages))
