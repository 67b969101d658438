"""Is anything that a run claims false? Judged against brute force, or against the compact model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Protocol

from optimizer.model import Instance, InstanceIndex, Stage
from optimizer.result import Result, StageResult, Status
from optimizer.travel.matrix import TravelMatrix
from optimizer.verify import check, hard, objective
from tests import oracle
from tests.oracle_compact import compact
from tests.oracle_sequences import DutyRules
from tests.oracle_timetable import best_timetable


class Kind(StrEnum):
    """What can be wrong with an answer. Only the last two are no lie."""

    FALSE_OPTIMAL = "false optimal"
    FALSE_INFEASIBLE = "false infeasible"
    FALSE_PROVEN = "false proven"
    WRONG_BOUND = "wrong bound"
    BEYOND = "better than the oracle"
    PLAN = "faulty plan"
    CRASH = "crash"
    SLOW = "slow"
    UNPROVEN = "unproven"


LIES = frozenset(Kind) - {Kind.SLOW, Kind.UNPROVEN}
"""Kinds that must never occur, whatever limit struck."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that is wrong with one run."""

    kind: Kind
    detail: str


def sign(stage: Stage) -> int:
    """1 where less is better, -1 where more is."""
    return -1 if stage.is_maximised else 1


class Truth(Protocol):
    """What an oracle knows of one instance."""

    instance: Instance
    travel: TravelMatrix
    feasible: bool | None
    """``None`` where the oracle gave up."""
    values: dict[Stage, int]
    """Optimum of the first stages, in order, each given those before: of all, or as many as the oracle proved."""

    def least(self, stage: Stage, reached: dict[Stage, int]) -> int | None:
        """Return the best value of ``stage`` (minimised form) that a plan has which keeps the values ``reached``.

        Or that some plans have, where not all are known; ``None`` where nothing is.
        """
        ...


class CompactTruth:
    """The compact model: for instances that are too large for brute force."""

    def __init__(self, instance: Instance, travel: TravelMatrix, *, seconds: float = 20.0) -> None:
        self.instance, self.travel = instance, travel
        proven = compact(instance, travel, seconds=seconds)
        self.values = proven.values or {}
        self.feasible = None if proven.values == {} else proven.values is not None

    def least(self, stage: Stage, reached: dict[Stage, int]) -> int | None:
        """Known where all stages before are at their best."""
        if stage not in self.values or any(self.values.get(earlier) != value for earlier, value in reached.items()):
            return None
        return sign(stage) * self.values[stage]


class BruteForce:
    """Everything brute force knows; the long list of plans is made only where it is asked for."""

    def __init__(self, instance: Instance, travel: TravelMatrix) -> None:
        self.instance, self.travel = instance, travel
        best = oracle.brute_force(instance, travel)
        self.feasible: bool | None = best.feasible
        self.values = best.values

    @cached_property
    def plans(self) -> list[dict[Stage, int]]:
        """Values of plans: every choice of tours, every sequence whose best timetable no other one dominates.

        All of them are legal, but they are not all plans: a timetable that is worse first and better later is left
        out. So their least value is an upper bound on the true optimum, and a bound beyond it is certainly wrong.
        """
        index = InstanceIndex(self.instance)
        tours: dict[str, list[oracle.OracleTour]] = {}
        for duty in self.instance.duties:
            rules = DutyRules(self.instance, self.travel, index, duty.id, frozenset())
            kept: dict[frozenset[str], list[oracle.OracleTour]] = {}
            for served, course in rules.courses():
                timetable = best_timetable(course)
                if timetable is None:
                    continue
                found = oracle.OracleTour(duty=duty.id, served=served, course=course, timetable=timetable)
                others = kept.setdefault(served, [])
                if not any(_dominates(other, found) for other in others):
                    others[:] = [other for other in others if not _dominates(found, other)] + [found]
            tours[duty.id] = [tour for others in kept.values() for tour in others]
        made = oracle._plans(self.instance, index, tours, frozenset(), Counter())
        return [oracle._values(self.instance, index, plan) for plan in made]

    def least(self, stage: Stage, reached: dict[Stage, int]) -> int | None:
        """Exact where all stages before are at their best; else the best of ``plans``."""
        if not self.feasible:
            return None
        if all(self.values.get(earlier) == value for earlier, value in reached.items()):
            return sign(stage) * self.values[stage] if stage in self.values else None
        keeping = (
            sign(stage) * plan[stage]
            for plan in self.plans
            if all(sign(earlier) * plan[earlier] <= sign(earlier) * value for earlier, value in reached.items())
        )
        return min(keeping, default=None)


def _dominates(a: oracle.OracleTour, b: oracle.OracleTour) -> bool:
    return all(a.timetable.values[stage] <= b.timetable.values[stage] for stage in a.timetable.values)


def judge(truth: Truth, result: Result) -> Iterator[Fault]:
    """Yield everything that is wrong with ``result``."""
    if result.status is Status.INFEASIBLE:
        if truth.feasible:
            yield Fault(kind=Kind.FALSE_INFEASIBLE, detail=f"a plan is worth {_told(truth.values)}")
        return
    if result.status is not Status.OPTIMAL:
        yield Fault(kind=Kind.UNPROVEN, detail=result.status.value)
    if result.status is Status.UNKNOWN:
        return
    yield from _plan_faults(truth, result)
    if result.objective is None:
        return
    if truth.feasible is False:
        yield Fault(kind=Kind.BEYOND, detail="a plan, where the oracle proves that there is none")
        return
    values = {stage: result.objective.value(stage) for stage in truth.values}
    if result.status is Status.OPTIMAL and values != truth.values:
        yield Fault(kind=Kind.FALSE_OPTIMAL, detail=f"{_told(values)} told, {_told(truth.values)} is best")
    if result.status is Status.OPTIMAL and not all(stage.proven for stage in result.stages):
        yield Fault(kind=Kind.FALSE_OPTIMAL, detail="a stage is not proven")
    reached: dict[Stage, int] = {}
    for stage in result.stages:
        yield from _stage_faults(truth, stage, reached)
        reached[stage.name] = stage.value


def _stage_faults(truth: Truth, stage: StageResult, reached: dict[Stage, int]) -> Iterator[Fault]:
    name, least = stage.name, truth.least(stage.name, reached)
    value, bound = sign(name) * stage.value, sign(name) * stage.bound
    told = f"{name.value}: value {stage.value}, bound {stage.bound}, proven {stage.proven}"
    told += f", best {least and sign(name) * least} given {_told(reached)}"
    if bound > value or stage.proven != (bound == value):
        yield Fault(kind=Kind.WRONG_BOUND, detail=told)
    if least is None:
        return
    if stage.proven and value > least:
        yield Fault(kind=Kind.FALSE_PROVEN, detail=told)
    if bound > least:
        yield Fault(kind=Kind.WRONG_BOUND, detail=told)
    if value < least and all(truth.values.get(earlier) == before for earlier, before in reached.items()):
        yield Fault(kind=Kind.BEYOND, detail=told)


def _plan_faults(truth: Truth, result: Result) -> Iterator[Fault]:
    broken = hard(check(truth.instance, truth.travel, result.solution))
    if broken:
        yield Fault(kind=Kind.PLAN, detail="; ".join(str(violation) for violation in broken))
    terms = objective(truth.instance, truth.travel, result.solution)
    if terms != result.objective:
        yield Fault(kind=Kind.PLAN, detail=f"recomputed {terms}, told {result.objective}")
    for stage in result.stages:
        if terms.value(stage.name) != stage.value:
            detail = f"{stage.name.value}: recomputed {terms.value(stage.name)}, told {stage.value}"
            yield Fault(kind=Kind.PLAN, detail=detail)


def _told(values: dict[Stage, int]) -> str:
    return ", ".join(f"{stage.value} {value}" for stage, value in values.items()) or "nothing before"
