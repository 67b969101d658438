"""What a ZAB may grant beside vehicles and crews: longer shifts, its declines, closed tours, exceptions, its limit."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from optimizer.errors import InvalidValue
from optimizer.granted.edits import (
    counted,
    crew_of,
    found,
    known,
    shift_of,
    some_seconds,
    with_request,
    with_shift,
    with_zab,
)
from optimizer.model import RULEBOOK, DutyId, Instance, RequestId, Rule, Seconds, Strength, ZabId
from optimizer.model.units import MOST
from optimizer.model.value import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtendShift(Value):
    """The shift of a duty begins ``earlier``, or ends ``later``, by so many seconds (0 or more, one of them more)."""

    kind: Literal["extend_shift"] = "extend_shift"
    duty: DutyId
    earlier: Seconds = 0
    later: Seconds = 0

    def __post_init__(self) -> None:
        some_seconds("extend_shift", self.earlier, self.later)

    def change(self, instance: Instance) -> Instance:
        """Return the instance with the longer shift; all duties of that shift have it."""
        mine = shift_of("extend_shift.duty", self.duty, instance)
        return with_shift(instance, mine.id, start=mine.start - self.earlier, end=mine.end + self.later)


@dataclass(frozen=True, slots=True, kw_only=True)
class LiftBar(Value):
    """A request may ride on a duty that was barred to it, alone or as one of a ZAB that declined."""

    kind: Literal["lift_bar"] = "lift_bar"
    request: RequestId
    duty: DutyId

    def change(self, instance: Instance) -> Instance:
        """Return the instance without the bars of the duty and of its crew's ZAB."""
        asked = found("lift_bar.request", self.request, instance.requests)
        zab = crew_of("lift_bar.duty", self.duty, instance).zab
        return with_request(
            instance,
            self.request,
            barred_duties=asked.barred_duties - {self.duty},
            barred_zabs=asked.barred_zabs - {zab},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseTour(Value):
    """A promised tour that takes nobody else takes others again."""

    kind: Literal["release_tour"] = "release_tour"
    duty: DutyId

    def change(self, instance: Instance) -> Instance:
        """Return the instance in which the tour is not frozen; its promises stay."""
        known("release_tour.duty", self.duty, {duty.id for duty in instance.duties})
        commitments = tuple(replace(c, frozen=c.frozen and c.duty != self.duty) for c in instance.commitments)
        return replace(instance, commitments=commitments)


@dataclass(frozen=True, slots=True, kw_only=True)
class WaiveRule(Value):
    """A recorded exception lifts a rule for one request."""

    kind: Literal["waive_rule"] = "waive_rule"
    request: RequestId
    rule: Rule

    def __post_init__(self) -> None:
        if RULEBOOK[self.rule].strength is not Strength.OVERRIDABLE:
            raise InvalidValue("waive_rule.rule", "a rule that an exception may lift", self.rule.value)

    def change(self, instance: Instance) -> Instance:
        """Return the instance in which the rule does not bind the request."""
        asked = found("waive_rule.request", self.request, instance.requests)
        # One that only warns binds nobody, and need not be lifted.
        if instance.parameters.strength(self.rule) is Strength.HARD:
            rule = self.rule.value
            raise InvalidValue("waive_rule.rule", "a rule that the parameter set leaves to an exception", rule)
        return with_request(instance, self.request, waived=asked.waived | {self.rule})


@dataclass(frozen=True, slots=True, kw_only=True)
class RaiseBudget(Value):
    """A ZAB takes so many (1 or more) new requests more; one without a limit has none to raise."""

    kind: Literal["raise_budget"] = "raise_budget"
    zab: ZabId
    by: int = 1

    def __post_init__(self) -> None:
        counted("raise_budget.by", self.by, MOST)

    def change(self, instance: Instance) -> Instance:
        """Return the instance with the higher limit."""
        budget = found("raise_budget.zab", self.zab, instance.zabs).budget
        if budget is None:
            return instance
        return with_zab(instance, self.zab, budget=budget + self.by)
