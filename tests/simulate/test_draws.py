"""Chance is common to scenarios, has the shares that it says, and leaves the snapshot alone."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

from optimizer.errors import InvalidValue
from optimizer.model import Instance, InstanceIndex
from optimizer.simulate.changes_demand import ScaleDemand
from optimizer.simulate.changes_fleet import CloseZab
from optimizer.simulate.changes_rules import PoolingOff
from optimizer.simulate.draws import NO_CHANCE, Draws, World, world
from optimizer.simulate.sampling import sample
from optimizer.simulate.scenario import Scenario

TODAY = Scenario(id="today")
MORE = Scenario(id="more", changes=(ScaleDemand(factor=1.5),))
CLOSED = Scenario(id="closed", changes=(CloseZab(zab="E"), PoolingOff()))


@cache
def day() -> Instance:
    return sample(requests=60, duties=12, seed=4)[0]


def there(made: World) -> dict[str, object]:
    return {r.id: (r.pickup, r.delivery, r.party) for r in made.instance.requests}


@pytest.mark.parametrize("draw", range(4))
def test_a_draw_is_the_same_world_in_every_scenario(draw: int) -> None:
    today, more, closed = (world(s, day(), Draws(), draw) for s in (TODAY, MORE, CLOSED))
    assert there(today) == there(closed), "what the scenario does not touch is as in any other"
    assert today.at_door == closed.at_door
    shared = {r for r in there(more) if not r.startswith("X")}
    assert {r: there(more)[r] for r in shared} == there(today)
    assert {r for r in more.at_door if not r.startswith("X")} == today.at_door


def test_draws_are_repeated_exactly_and_differ() -> None:
    assert world(TODAY, day(), Draws(), 5) == world(TODAY, day(), Draws(), 5)
    assert world(TODAY, day(), Draws(), 5) != world(TODAY, day(), Draws(), 6)
    assert world(TODAY, day(), Draws(seed=1), 5) != world(TODAY, day(), Draws(), 5)


def test_without_chance_every_draw_is_the_file() -> None:
    assert world(TODAY, day(), NO_CHANCE, 7) == World(instance=day(), at_door=frozenset(), cancelled=0)


def test_shares_are_those_of_the_draws() -> None:
    draws = Draws(demand=False, delayed=0.0)
    made = [world(TODAY, day(), draws, draw) for draw in range(60)]
    everybody = 60 * len(day().requests)
    gone = sum(w.cancelled for w in made)
    failed = sum(len(w.at_door) for w in made)
    assert gone / everybody == pytest.approx(0.303, abs=0.03)
    assert failed / everybody == pytest.approx(0.217, abs=0.03)
    assert (gone + failed) / everybody == pytest.approx(0.52, abs=0.03)


def test_a_bundle_shares_its_fate() -> None:
    draws = Draws(demand=False, delayed=0.0)
    bundles: dict[str | None, list[str]] = {}
    for request in day().requests:
        bundles.setdefault(request.bundle, []).append(request.id)
    pairs = [members for bundle, members in bundles.items() if bundle is not None]
    assert pairs, "the day must have one"
    for draw in range(20):
        made = world(TODAY, day(), draws, draw)
        for pair in pairs:
            left = [r in there(made) for r in pair]
            assert all(left) or not any(left)
            assert len({r in made.at_door for r in pair}) == 1


def test_demand_varies_around_that_of_the_file() -> None:
    draws = replace(NO_CHANCE, demand=True)
    sizes = [len(InstanceIndex(world(TODAY, day(), draws, draw).instance).pool) for draw in range(60)]
    assert sum(sizes) / 60 == pytest.approx(60, abs=4)
    assert min(sizes) < 55
    assert max(sizes) > 65


def test_people_on_one_flight_are_late_together() -> None:
    draws = replace(NO_CHANCE, delayed=0.5)
    made = world(TODAY, day(), draws, 1).instance
    later: dict[tuple[str, int], set[int]] = {}
    for before, after in zip(day().requests, made.requests, strict=True):
        flight = before.delivery.place, before.delivery.latest
        later.setdefault(flight, set()).add(after.delivery.latest - before.delivery.latest)
    assert all(len(delays) == 1 for delays in later.values())
    seen = {delay for delays in later.values() for delay in delays}
    assert all(0 <= delay <= 3 * 3600 and delay % 300 == 0 for delay in seen)
    assert 0 in seen
    assert len(seen) > 3


@pytest.mark.parametrize(
    "fields",
    [
        {"seed": -1},
        {"cancelled_ahead": 1.2},
        {"cancelled_ahead": 0.6, "cancelled_at_door": 0.6},
        {"delay_mean": -1},
    ],
)
def test_shares_that_are_none_are_refused(fields: dict[str, float]) -> None:
    with pytest.raises(InvalidValue, match=r"draws\."):
        Draws(**fields)  # type: ignore[arg-type]
