"""Who travels, as far as seats, belts, escorts and welfare limits need to know: age bands and sex, nothing more."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from optimizer.errors import InvalidValue
from optimizer.model.units import MOST
from optimizer.model.value import Value


class AgeBand(StrEnum):
    """Age in the bands that a rule asks for; birth dates are never stored."""

    INFANT = "0-2"
    TODDLER = "3-5"
    CHILD = "6-11"
    YOUNG = "12-13"
    TEEN = "14-17"
    ADULT = "adult"


CHILD_SEAT_BANDS: tuple[AgeBand, ...] = (AgeBand.INFANT, AgeBand.TODDLER, AgeBand.CHILD)
"""Bands that ride in a child seat, in the order of ``Vehicle.child_seats`` (StVO § 21 (1a))."""
UNDER_14: frozenset[AgeBand] = frozenset({AgeBand.INFANT, AgeBand.TODDLER, AgeBand.CHILD, AgeBand.YOUNG})
"""Children in the sense of the night rule for families (RdErl. NRW 13.01.2016)."""
MINOR: frozenset[AgeBand] = UNDER_14 | {AgeBand.TEEN}


class Sex(StrEnum):
    """Sex as the authority's record states it; used for escorts and for who may ride together only."""

    FEMALE = "f"
    MALE = "m"
    DIVERSE = "d"


@dataclass(frozen=True, slots=True, kw_only=True)
class People(Value):
    """``count`` people of one age band and sex."""

    age: AgeBand
    sex: Sex
    count: int = 1

    def __post_init__(self) -> None:
        if self.count < 1:
            raise InvalidValue("People.count", "at least 1", self.count, "Leave the group out instead.")
        if self.count > MOST:
            raise InvalidValue("People.count", f"at most {MOST}", self.count)


@dataclass(frozen=True, slots=True, kw_only=True)
class Party(Value):
    """The people of one request: a single person or a family, which is never split."""

    groups: tuple[People, ...]

    def __post_init__(self) -> None:
        if not self.groups:
            raise InvalidValue("Party.groups", "at least one person", "none", "Enter the people by age band and sex.")

    @property
    def size(self) -> int:
        """Number of people."""
        return sum(group.count for group in self.groups)

    def count(self, ages: frozenset[AgeBand]) -> int:
        """Number of people in any of ``ages``."""
        return sum(group.count for group in self.groups if group.age in ages)

    @property
    def has_children(self) -> bool:
        """Whether anyone is under 14."""
        return self.count(UNDER_14) > 0

    @property
    def is_family(self) -> bool:
        """Whether several people travel as one unit."""
        return self.size > 1

    @property
    def is_lone_minor(self) -> bool:
        """Whether this is one minor travelling without relatives (§ 58 (1a) AufenthG)."""
        return self.size == 1 and self.count(MINOR) == 1

    @property
    def is_woman_alone(self) -> bool:
        """Whether this is one woman travelling alone."""
        return self.size == 1 and all(g.sex is Sex.FEMALE and g.age is AgeBand.ADULT for g in self.groups)

    @property
    def has_female(self) -> bool:
        """Whether a woman or girl is among them."""
        return any(group.sex is Sex.FEMALE for group in self.groups)

    @property
    def has_adult_man(self) -> bool:
        """Whether an adult man is among them."""
        return any(group.sex is Sex.MALE and group.age is AgeBand.ADULT for group in self.groups)

    @property
    def escorted_adults(self) -> int:
        """People of 14 and over: those whom the number of officers is counted by."""
        return self.size - self.count(UNDER_14)
