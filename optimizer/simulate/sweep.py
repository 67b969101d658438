"""A sweep as a value: which scenarios, against which one, over how many draws, and when it is enough."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Literal, TypeAlias

from pydantic import Field

import data
from optimizer.errors import InvalidValue
from optimizer.model import Instance
from optimizer.model.value import Value
from optimizer.simulate.changes_fleet import AddVehicles, ResizeFleet, known_preset
from optimizer.simulate.draws import Draws
from optimizer.simulate.outcome import Limits
from optimizer.simulate.scenario import Scenario


class Metric(StrEnum):
    """What of an outcome is compared; ``is_gain`` tells in which direction."""

    CARRIED = "carried"
    UNPLACED = "unplaced"
    CUSTODY = "custody"
    ON_BOARD = "on_board"
    NIGHT = "night"
    METRES = "metres"
    COST = "cost"
    OWN_DRIVES = "own_drives"
    SERVED_WEIGHT = "served_weight"
    RELEASED = "released"
    FAILED = "failed"
    GAP = "gap"

    @property
    def is_gain(self) -> bool:
        """Whether more of it is better; of all else less is."""
        return self in (Metric.CARRIED, Metric.SERVED_WEIGHT)


class Period(StrEnum):
    """What figures are told for; ``days`` of a file are scaled to it."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


_WORKING_DAYS = {Period.DAY: 1.0, Period.WEEK: 5.0, Period.MONTH: 5.0 * 52 / 12}
"""Working days of each: nearly all measures are on Monday to Friday (98 % in the synthetic demand)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OneMoreEach(Value):
    """Where does one more vehicle help most: for each ZAB of the file a scenario with one more of ``preset``."""

    kind: Literal["one_more_each"] = "one_more_each"
    preset: str = "van"

    def __post_init__(self) -> None:
        known_preset("one_more_each.preset", self.preset)

    def scenarios(self, instance: Instance) -> tuple[Scenario, ...]:
        """Return them in the order of the ZABs that have duties."""
        name = data.vehicle_presets()[self.preset].name
        working = {
            vehicle.zab for vehicle in instance.vehicles if any(d.vehicle == vehicle.id for d in instance.duties)
        }
        return tuple(
            Scenario(
                id=f"+1 {self.preset} {zab.id}",
                title={"de": f"+1 {name} bei {zab.name}", "en": f"+1 {self.preset.replace('_', ' ')} at {zab.name}"},
                changes=(AddVehicles(zab=zab.id, preset=self.preset),),
            )
            for zab in instance.zabs
            if zab.id in working
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetSizes(Value):
    """How many requests stay unplaced with a fleet of N: one scenario for each of ``sizes``."""

    kind: Literal["fleet_sizes"] = "fleet_sizes"
    sizes: tuple[int, ...]
    preset: str = "van"

    def __post_init__(self) -> None:
        if not self.sizes or list(self.sizes) != sorted(set(self.sizes)) or self.sizes[0] < 0:
            raise InvalidValue("fleet_sizes.sizes", "rising numbers of 0 or more", self.sizes)
        known_preset("fleet_sizes.preset", self.preset)

    def scenarios(self, instance: Instance) -> tuple[Scenario, ...]:
        """Return them in the order of the sizes."""
        del instance  # What the fleet is now, ``ResizeFleet`` finds out.
        return tuple(
            Scenario(
                id=f"fleet {size}",
                title={"de": f"Flotte von {size} Fahrzeugen", "en": f"fleet of {size} vehicles"},
                changes=(ResizeFleet(vehicles=size, preset=self.preset),),
            )
            for size in self.sizes
        )


Study: TypeAlias = Annotated[OneMoreEach | FleetSizes, Field(discriminator="kind")]
"""A question that makes scenarios by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep(Value):
    """Scenarios x draws, each compared with the baseline in the same worlds.

    Parameters
    ----------
    baseline
        What all others are compared with; the snapshot as it is where nothing is changed.
    scenarios, studies
        What is compared: scenarios by themselves, and questions that make scenarios.
    draws
        What is left to chance.
    fewest, most, batch
        At least so many draws, at most so many, and so many more between two looks whether it is enough.
    metric, precision, confidence
        A scenario has enough draws when the half-width of the ``confidence`` interval of its paired difference in
        ``metric``, told for a ``period``, is at most ``precision``; ``None``: all take ``most`` draws.
    period
        What figures are told for.
    limits, seed
        Work and seed of the solver.
    """

    name: str
    baseline: Scenario = field(
        default_factory=lambda: Scenario(id="today", title={"de": "wie in der Datei", "en": "as in the file"})
    )
    scenarios: tuple[Scenario, ...] = ()
    studies: tuple[Study, ...] = ()
    draws: Draws = field(default_factory=Draws)
    fewest: int = 20
    most: int = 100
    batch: int = 10
    metric: Metric = Metric.CARRIED
    precision: float | None = None
    confidence: float = 0.95
    period: Period = Period.WEEK
    limits: Limits = field(default_factory=Limits)
    seed: int = 0

    def __post_init__(self) -> None:
        if not 2 <= self.fewest <= self.most:
            raise InvalidValue("sweep.fewest, most", "2 <= fewest <= most", (self.fewest, self.most))
        if self.batch < 1:
            raise InvalidValue("sweep.batch", "1 or more", self.batch)
        if self.precision is not None and self.precision <= 0:
            raise InvalidValue("sweep.precision", "more than 0", self.precision)
        if not 0.5 <= self.confidence < 1:
            raise InvalidValue("sweep.confidence", "0.5 or more, below 1", self.confidence)
        if self.seed < 0:
            raise InvalidValue("sweep.seed", "0 or more", self.seed)

    def all_scenarios(self, instance: Instance) -> tuple[Scenario, ...]:
        """Return the baseline, then all others; raises ``InvalidValue`` where two have the same id."""
        made = [scenario for study in self.studies for scenario in study.scenarios(instance)]
        every = (self.baseline, *self.scenarios, *made)
        twice = sorted(name for name, count in Counter(scenario.id for scenario in every).items() if count > 1)
        if twice:
            raise InvalidValue("sweep.scenarios", "different ids", twice, "Rename one of them.")
        return every


def periods_of(period: Period, instance_days: int) -> float:
    """Return by what the figures of a file of ``instance_days`` local days (1 or more) are multiplied for a period.

    A file of up to five days is taken for as many working days; a longer one for as many calendar days, its weekends
    included.
    """
    if instance_days <= _WORKING_DAYS[Period.WEEK]:
        return _WORKING_DAYS[period] / instance_days
    calendar = {Period.DAY: 1.0, Period.WEEK: 7.0, Period.MONTH: 7.0 * 52 / 12}
    return calendar[period] / instance_days
