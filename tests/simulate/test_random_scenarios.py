"""Whatever is changed, in whatever order: the instance is valid, and its plan keeps every rule of the changed day."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from optimizer.errors import InvalidValue
from optimizer.granted import (
    AddChildSeats,
    AllowChanges,
    AssignFemaleOfficers,
    ExchangeVehicles,
    ExtendAvailability,
    ExtendShift,
    LiftBar,
    MoveDay,
    PartBundle,
    RaiseBudget,
    RecordNightGround,
    ReduceLuggage,
    RefitVehicle,
    ReleasePin,
    ReleaseTour,
    StrengthenCrew,
    SupplyDriver,
    SupplySkills,
    WaiveRule,
    WidenWindow,
)
from optimizer.model import HOUR, Instance, Place, Rule, SeatConfiguration, Window
from optimizer.simulate.changes_demand import AddPlace, CancelFlight, CancelRequests, DelayFlight, ScaleDemand
from optimizer.simulate.changes_fleet import (
    AddVehicles,
    BreakVehicle,
    CloseZab,
    CrewIll,
    MoveShift,
    RemoveVehicle,
    ResizeFleet,
)
from optimizer.simulate.changes_rules import PoolingOff, SecondRoundOff, UseParameters
from optimizer.simulate.draws import Draws
from optimizer.simulate.evaluation import evaluate
from optimizer.simulate.sampling import sample
from optimizer.simulate.scenario import Change, Scenario, apply
from optimizer.verify import check, hard
from tests.simulate.worlds import LIMITS

NEW = Place(id="NEW", name="Neue Einrichtung", lat=51.4, lon=7.6)
PARAMETERS = (
    {"ride_cap": 2 * HOUR},
    {"rest_every": None, "rest_every_children": None},
    {"service": {"handover_before_departure": 9000, "handover": 600}},
    {"day_start": 5 * HOUR, "travel": {"margin_permille": 300}},
)
MAKERS: tuple[Callable[[random.Random, Instance], Change], ...] = (
    lambda r, i: AddVehicles(
        zab=r.choice(i.zabs).id, preset=r.choice(["van", "car", "minibus"]), count=r.randint(1, 2)
    ),
    lambda r, i: RemoveVehicle(vehicle=r.choice(i.vehicles).id),
    lambda r, i: BreakVehicle(vehicle=r.choice(i.vehicles).id, at=r.randint(5, 18) * HOUR),
    lambda r, i: CrewIll(crew=r.choice(i.crews).id),
    lambda r, i: MoveShift(shift=r.choice(i.shifts).id, by=r.choice([-2, -1, 1, 3]) * HOUR),
    lambda r, i: CloseZab(zab=r.choice(i.zabs).id, day=r.choice([None, 0])),
    lambda r, i: ResizeFleet(vehicles=r.randint(0, 6)),
    lambda r, i: DelayFlight(place=r.choice(i.requests).delivery.place, by=r.choice([-1, 1, 4]) * HOUR),
    lambda r, i: CancelFlight(place=r.choice(i.requests).delivery.place, handover=Window(earliest=0, latest=11 * HOUR)),
    lambda r, i: CancelRequests(requests=(r.choice(i.requests).id,)),
    lambda r, i: ScaleDemand(factor=r.choice([0.5, 1.3, 2.0]), seed=r.randint(0, 9)),
    lambda r, i: AddPlace(place=NEW, share=r.random()),
    lambda r, i: UseParameters(changes=r.choice(PARAMETERS)),
    lambda r, i: PoolingOff(),
    lambda r, i: WidenWindow(request=r.choice(i.requests).id, pickup_earlier=HOUR, handover_later=r.randint(0, HOUR)),
    lambda r, i: ExtendShift(duty=r.choice(i.duties).id, later=r.randint(1, 2 * HOUR)),
    lambda r, i: StrengthenCrew(duty=r.choice(i.duties).id),
    lambda r, i: MoveDay(request=r.choice(i.requests).id, days=r.choice((-1, 1))),
    lambda r, i: RecordNightGround(request=r.choice(i.requests).id),
    lambda r, i: ReduceLuggage(request=r.choice(i.requests).id),
    lambda r, i: PartBundle(request=r.choice(i.requests).id),
    lambda r, i: ExtendAvailability(duty=r.choice(i.duties).id, earlier=r.randint(1, HOUR)),
    lambda r, i: LiftBar(request=r.choice(i.requests).id, duty=r.choice(i.duties).id),
    lambda r, i: ReleaseTour(duty=r.choice(i.duties).id),
    lambda r, i: WaiveRule(request=r.choice(i.requests).id, rule=r.choice((Rule.RIDE_TIME, Rule.FEMALE_OFFICER))),
    lambda r, i: RaiseBudget(zab=r.choice(i.zabs).id),
    lambda r, i: AddChildSeats(request=r.choice(i.requests).id, duty=r.choice(i.duties).id),
    lambda r, i: RefitVehicle(
        duty=r.choice(i.duties).id, configuration=SeatConfiguration(seats=r.randint(2, 9), wheelchair_places=1)
    ),
    lambda r, i: AssignFemaleOfficers(duty=r.choice(i.duties).id),
    lambda r, i: SupplySkills(request=r.choice(i.requests).id, duty=r.choice(i.duties).id),
    lambda r, i: SupplyDriver(duty=r.choice(i.duties).id),
    lambda r, i: ExchangeVehicles(duty=r.choice(i.duties).id, vehicle=r.choice(i.vehicles).id),
    lambda r, i: ReleasePin(request=r.choice(i.requests).id),
    lambda r, i: AllowChanges(by=r.randint(1, 3)),
    lambda r, i: SecondRoundOff(able=r.random()),
)


def drawn(dice: random.Random, instance: Instance) -> Scenario:
    """Return a scenario of up to five changes, each of something that the ones before it left."""
    changes: list[Change] = []
    for _ in range(dice.randint(1, 5)):
        try:
            change = dice.choice(MAKERS)(dice, instance)
            instance = change.change(instance)
        except (InvalidValue, IndexError):
            continue  # It names what another one took away, which is refused; or there is nothing left to name.
        changes.append(change)
    return Scenario(id="drawn", changes=tuple(changes))


def judge(seed: int) -> None:
    dice = random.Random(seed)
    instance, travel = sample(
        requests=dice.randint(1, 10), duties=dice.randint(1, 5), seed=seed, days=dice.randint(1, 2)
    )
    scenario = drawn(dice, instance)
    apply(scenario, instance)
    found = evaluate(scenario, instance, travel, draws=Draws(seed=seed), draw=seed % 3, limits=LIMITS)
    assert found.outcome.has_plan, scenario
    assert hard(check(found.instance, found.travel, found.result.solution)) == [], scenario
    counted = found.outcome
    assert counted.carried + counted.unplaced + counted.failed == counted.requests, scenario


@pytest.mark.parametrize("seed", range(12))
def test_some_scenarios(seed: int) -> None:
    judge(seed)


@pytest.mark.slow
def test_many_scenarios() -> None:
    for seed in range(100, 600):
        judge(seed)
