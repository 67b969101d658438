"""A versioned, dated parameter set: every number of a rule, with the source it came from.

The set that ships is ``data/parameters/nrw-2026-01.toml``. Literature formats use ``ParameterSet.neutral()``,
which switches every rule off that the literature does not know.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

from optimizer.errors import InvalidValue
from optimizer.model.request import DeadlineClass
from optimizer.model.rules import RULEBOOK, Rule, Strength
from optimizer.model.units import MOST, Seconds
from optimizer.model.value import Value

_CAPS = (
    "ride_cap", "ride_cap_children", "detour_permille", "detour_allowance", "max_wait", "fallback_before_pickup",
)  # fmt: skip


def _at_least_nothing(name: str, value: Value, *names: str) -> None:
    """Refuse numbers below 0: no plan can keep them, and some enforcers would not notice."""
    for each in names:
        number = getattr(value, each)
        if number is not None and number < 0:
            raise InvalidValue(f"{name}.{each}", "0 or more", number)


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakTier(Value):
    """A tour longer than ``span`` seconds needs breaks of ``total`` seconds together."""

    span: Seconds
    total: Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkingTime(Value):
    """Working-time profile (ArbZG §§ 3-5).

    Breaks are counted in whole ``step``s; a part shorter than one step does not count. ``tiers`` rise in ``span``.
    The ArbZG tiers "more than 6 h of work: 30 min, more than 9 h: 45 min" become spans of 6 h and 9 h 30 (work plus
    the break of the lower tier), which is never laxer than the law.

    Parameters
    ----------
    max_stretch
        Longest work without a break.
    max_span
        Longest tour from leaving to reaching the depot, breaks included.
    rest
        Least rest between the end of one shift of a crew and the start of its next.
    max_drive, drive_break
        Driver's break: after ``max_drive`` of driving ``drive_break`` in all (told as a warning).
    """

    id: str
    tiers: tuple[BreakTier, ...] = ()
    step: Seconds = 900
    max_stretch: Seconds | None = None
    max_span: Seconds | None = None
    rest: Seconds = 0
    max_drive: Seconds | None = None
    drive_break: Seconds = 0

    def __post_init__(self) -> None:
        _at_least_nothing(f"WorkingTime {self.id}", self, "max_stretch", "max_span", "rest", "max_drive", "drive_break")
        if self.step <= 0:
            raise InvalidValue(f"WorkingTime {self.id}.step", "more than 0 seconds", self.step)
        spans = [tier.span for tier in self.tiers]
        totals = [tier.total for tier in self.tiers]
        if spans != sorted(set(spans)) or totals != sorted(set(totals)):
            raise InvalidValue(
                f"WorkingTime {self.id}.tiers", "tiers rising in span and total", list(zip(spans, totals, strict=True))
            )
        if any(total % self.step for total in totals):
            raise InvalidValue(f"WorkingTime {self.id}.tiers", f"totals in whole steps of {self.step} s", totals)

    def break_needed(self, span: Seconds) -> Seconds:
        """Seconds of break that a tour of ``span`` seconds needs."""
        return max((tier.total for tier in self.tiers if span > tier.span), default=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class EscortRule(Value):
    """Officers per people on board.

    ``base`` for up to ``base_covers`` people of 14 and over, one more for each started ``per_further`` above them.
    """

    base: int = 0
    base_covers: int = 3
    per_further: int = 3

    def __post_init__(self) -> None:
        if self.base < 0 or self.base_covers < 0 or self.per_further < 1:
            raise InvalidValue(
                "EscortRule",
                "base, base_covers >= 0, per_further >= 1",
                (self.base, self.base_covers, self.per_further),
            )

    def officers(self, adults: int) -> int:
        """Officers needed while ``adults`` people of 14 and over are on board (somebody is on board)."""
        if self.base == 0:
            return 0
        return self.base + -(-max(0, adults - self.base_covers) // self.per_further)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceTimes(Value):
    """Times that importing fills in where a request leaves them open (seconds)."""

    pickup_single: Seconds = 1800
    pickup_family: Seconds = 2700
    pickup_family_covers: int = 3
    pickup_per_further: Seconds = 600
    handover: Seconds = 1800
    handover_before_departure: Seconds = 7200
    handover_before_charter: Seconds = 10800
    handover_window: Seconds = 3600

    def __post_init__(self) -> None:
        _at_least_nothing("ServiceTimes", self, *(field.name for field in fields(self)))

    def pickup(self, people: int) -> Seconds:
        """Seconds of service at the pick-up of a party of ``people``."""
        if people <= 1:
            return self.pickup_single
        return self.pickup_family + self.pickup_per_further * max(0, people - self.pickup_family_covers)


@dataclass(frozen=True, slots=True, kw_only=True)
class TravelRules(Value):
    """How free-flow driving times become planned ones: a margin, and factors by local hour of day (permille)."""

    margin_permille: int = 0
    hourly_permille: tuple[int, ...] = (1000,) * 24

    def __post_init__(self) -> None:
        if self.margin_permille < 0:
            raise InvalidValue("TravelRules.margin_permille", "0 or more", self.margin_permille)
        if len(self.hourly_permille) != 24 or min(self.hourly_permille) < 1:
            raise InvalidValue(
                "TravelRules.hourly_permille", "24 positive factors, one for each hour", self.hourly_permille
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Source(Value):
    """Where a parameter comes from: law, press, or our assumption."""

    parameter: str
    source: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterSet(Value):
    """All numbers of all rules. ``None`` switches a cap off. Times in seconds.

    Parameters
    ----------
    id, valid_from
        Version and the date (ISO 8601) from which it holds.
    ride_cap, ride_cap_children
        Most time on board; the second where anyone of the party is under 14.
    detour_permille, detour_allowance
        Pooling detour cap: at most ``max(direct * detour_permille / 1000, direct + detour_allowance)`` on board.
    max_wait
        Longest wait at a stop with people on board.
    rest_every, rest_every_children, rest_length
        A drive with people on board is interrupted by a rest of ``rest_length`` after at most ``rest_every``
        (``rest_every_children`` with anyone under 14 on board); a stop counts as an interruption. No rests without
        ``rest_every``.
    day_start, day_end
        Seconds of the local day between which it is not night (06:00 and 21:00).
    deadline_weights
        Weight of each deadline class in the first stage.
    co2_price
        Euros per tonne that the cost term charges.
    strengths
        Strengths that differ from ``RULEBOOK``.
    """

    id: str
    valid_from: str = "1970-01-01"
    ride_cap: Seconds | None = None
    ride_cap_children: Seconds | None = None
    detour_permille: int | None = None
    detour_allowance: Seconds = 0
    max_wait: Seconds | None = None
    rest_every: Seconds | None = None
    rest_every_children: Seconds | None = None
    rest_length: Seconds = 0
    day_start: Seconds = 21600
    day_end: Seconds = 75600
    escorts: EscortRule = EscortRule()
    working_time: tuple[WorkingTime, ...] = (WorkingTime(id="arbzg"),)
    deadline_weights: tuple[tuple[DeadlineClass, int], ...] = (
        (DeadlineClass.URGENT, 4),
        (DeadlineClass.SOON, 2),
        (DeadlineClass.NORMAL, 1),
    )
    service: ServiceTimes = ServiceTimes()
    travel: TravelRules = TravelRules()
    co2_price: int = 0
    fallback_before_pickup: Seconds = 172800
    strengths: tuple[tuple[Rule, Strength], ...] = ()
    sources: tuple[Source, ...] = ()

    def __post_init__(self) -> None:
        name = f"ParameterSet {self.id}"
        if {deadline for deadline, _ in self.deadline_weights} != set(DeadlineClass):
            raise InvalidValue(f"{name}.deadline_weights", "one weight for each deadline class", self.deadline_weights)
        if not all(1 <= weight <= MOST for _, weight in self.deadline_weights):
            raise InvalidValue(f"{name}.deadline_weights", f"weights of 1 to {MOST}", self.deadline_weights)
        _at_least_nothing(name, self, *_CAPS)
        if not 0 <= self.co2_price <= MOST:
            raise InvalidValue(f"{name}.co2_price", f"0 to {MOST}", self.co2_price)
        if len({profile.id for profile in self.working_time}) != len(self.working_time):
            raise InvalidValue(f"{name}.working_time", "profiles with different ids", [p.id for p in self.working_time])
        for every in (self.rest_every, self.rest_every_children):
            if every is not None and (every <= 0 or self.rest_length < 0):
                raise InvalidValue(
                    f"{name}.rest_every", "more than 0 seconds, rests of 0 or more", (every, self.rest_length)
                )
        if not 0 <= self.day_start < self.day_end <= 86400:
            raise InvalidValue(f"{name}.day_start", "0 <= day_start < day_end <= 86400", (self.day_start, self.day_end))
        for rule, strength in self.strengths:
            if RULEBOOK[rule].strength is Strength.HARD and strength is not Strength.HARD:
                raise InvalidValue(
                    f"{name}.strengths", f"{rule.value} to stay hard", strength.value, "Hard rules cannot be softened."
                )

    @classmethod
    def neutral(cls) -> ParameterSet:
        """Return the set without any rule of ours: for literature instances, which have their own."""
        return cls(
            id="neutral",
            day_start=0,
            day_end=86400,
            working_time=(WorkingTime(id="arbzg"),),
            strengths=(
                (Rule.FAMILIES_APART, Strength.WARN),
                (Rule.WOMEN_ALONE, Strength.WARN),
                (Rule.FEMALE_OFFICER, Strength.WARN),
                (Rule.NIGHT_CHILDREN, Strength.WARN),
            ),
        )

    def strength(self, rule: Rule) -> Strength:
        """Return the strength of ``rule`` under this set."""
        return dict(self.strengths).get(rule, RULEBOOK[rule].strength)

    def enforced(self, rule: Rule) -> bool:
        """Whether plans must keep ``rule`` (unless waived for a request)."""
        return self.strength(rule) is not Strength.WARN

    def rest_interval(self, *, with_children: bool) -> Seconds | None:
        """Longest drive without a rest with people on board; ``None`` where none is asked for."""
        if self.rest_every is None:
            return None
        shorter = self.rest_every_children if with_children else None
        return self.rest_every if shorter is None else shorter

    def weight(self, deadline: DeadlineClass) -> int:
        """Weight of a deadline class in the first stage."""
        return dict(self.deadline_weights)[deadline]

    def profile(self, profile: str) -> WorkingTime:
        """Return the working-time profile with this id; raises ``InvalidValue`` where there is none."""
        for candidate in self.working_time:
            if candidate.id == profile:
                return candidate
        raise InvalidValue("Shift.profile", f"one of {[p.id for p in self.working_time]}", profile)
