"""What a change of the instance may do to its optimum, whatever the instance."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest

from optimizer.model import Crew, Duty, Instance, Licence, SeatConfiguration, Shift, Stage, Vehicle
from optimizer.result import Result, Status
from optimizer.solve import solve
from optimizer.travel.matrix import TravelMatrix
from tests.properties.solved import QUICK, rank, values_of
from tests.strategies import random_tiny


def solved(day: Instance, travel: TravelMatrix) -> Result:
    result = solve(day, travel, QUICK)
    assert result.status in (Status.OPTIMAL, Status.INFEASIBLE)
    return result


def with_another_duty(day: Instance, rng: random.Random) -> Instance:
    """The day with one more vehicle, crew, shift and duty, all of them new."""
    like = rng.choice(day.duties)
    shift = next(s for s in day.shifts if s.id == like.shift)
    zab = rng.choice(day.zabs).id
    crew = Crew(
        id="Cx", zab=zab, heads=1, officers=1, female_officers=1, licences=frozenset(Licence),
        skills=frozenset({"interpreter"}), cost_per_hour=rng.choice((0, 3600)),
    )  # fmt: skip
    vehicle = Vehicle(
        id="Vx", zab=zab, configurations=(SeatConfiguration(seats=6, wheelchair_places=1),), child_seats=(2, 2, 2),
        features=frozenset({"partition"}),
    )  # fmt: skip
    return replace(
        day,
        crews=(*day.crews, crew),
        vehicles=(*day.vehicles, vehicle),
        shifts=(*day.shifts, Shift(id="Sx", crew="Cx", start=shift.start, end=shift.end, profile=shift.profile)),
        duties=(*day.duties, Duty(id="Dx", shift="Sx", vehicle="Vx", start_place=like.start_place)),
    )


def without(day: Instance, request: str) -> Instance:
    """The day without one request and all mention of it."""
    return replace(
        day,
        requests=tuple(
            replace(other, excluded=other.excluded - {request}) for other in day.requests if other.id != request
        ),
        published=tuple(assignment for assignment in day.published if assignment.request != request),
    )


@pytest.mark.parametrize("seed", range(300, 330))
def test_another_duty_never_makes_it_worse(seed: int) -> None:
    day, travel = random_tiny(seed)
    before = solved(day, travel)
    richer = with_another_duty(day, random.Random(seed))
    after = solved(richer, travel)
    if before.status is Status.OPTIMAL:
        assert after.status is Status.OPTIMAL
        assert rank(values_of(after, richer), richer) <= rank(values_of(before, day), day)


@pytest.mark.parametrize("seed", range(400, 425))
def test_a_request_less_never_serves_more(seed: int) -> None:
    day, travel = random_tiny(seed)
    # What leaves takes its published assignment along: with a budget of changes others may have to stay.
    day = replace(day, stages=(Stage.PINNED, Stage.SERVED), serve_all=False, change_budget=None)
    committed = {promise.request for commitment in day.commitments for promise in commitment.promises}
    single = [request for request in day.requests if request.id not in committed and request.bundle is None]
    before = solved(day, travel)
    for request in single:
        smaller = without(day, request.id)
        after = solved(smaller, travel)
        if after.status is Status.OPTIMAL:
            assert before.status is Status.OPTIMAL
            assert rank(values_of(after, smaller), day) >= rank(values_of(before, day), day)


@pytest.mark.parametrize("seed", range(500, 530))
def test_the_order_of_things_does_not_matter(seed: int) -> None:
    day, travel = random_tiny(seed)
    rng = random.Random(seed)
    fields = ("places", "zabs", "vehicles", "crews", "shifts", "duties", "requests", "commitments", "published")
    mixed: dict[str, Any] = {name: tuple(rng.sample(getattr(day, name), len(getattr(day, name)))) for name in fields}
    shuffled = replace(day, **mixed)
    one, other = solved(day, travel), solved(shuffled, travel)
    assert one.status is other.status
    if one.status is Status.OPTIMAL:
        assert values_of(one, day) == values_of(other, shuffled)


@pytest.mark.parametrize("seed", range(600, 620))
def test_what_costs_more_is_never_served_less(seed: int) -> None:
    """Earlier stages are never traded for later ones: rates a thousand times higher leave them all alone."""
    day, travel = random_tiny(seed)
    dear = replace(
        day,
        vehicles=tuple(replace(vehicle, cost_per_km=vehicle.cost_per_km * 1000 + 999) for vehicle in day.vehicles),
    )
    one, other = solved(day, travel), solved(dear, travel)
    assert one.status is other.status
    if one.status is Status.OPTIMAL:
        ahead = day.stages[: day.stages.index(Stage.COST)] if Stage.COST in day.stages else day.stages
        here, there = values_of(one, day), values_of(other, dear)
        assert [here[stage] for stage in ahead] == [there[stage] for stage in ahead]
