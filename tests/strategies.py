"""Tiny random instances that use every rule: small enough for brute force, tight enough that the rules bite.

``random_tiny(seed)`` makes one from a seed; ``tiny_instances()`` is the same construction as a hypothesis strategy
that shrinks. Drives, services, windows, caps and shifts are multiples of 300 s (detour caps too: drives and rests are
multiples of 600 s and the permille figure one of 1000, 1500, 2000). The one thing off that grid is a night's last
second before it begins, which is a legal pick-up.
"""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
from hypothesis import strategies as st

from optimizer.model import NRW_STAGES, Assignment, Instance, Place, PlaceKind, Shift, Stage, Window
from optimizer.travel.matrix import TravelMatrix
from tests.strategies_fleet import chance, draw_fleet, draw_parameters
from tests.strategies_requests import PARTIES, Scene, draw_commitments, draw_pool


def tiny_instances() -> st.SearchStrategy[tuple[Instance, TravelMatrix]]:
    """Strategy of tiny instances with their travel times; shrinks through the random choices."""
    return st.randoms(use_true_random=False).map(build_tiny)


def random_tiny(seed: int) -> tuple[Instance, TravelMatrix]:
    """The tiny instance of ``seed``, always the same one."""
    instance, travel = build_tiny(random.Random(seed))
    return replace(instance, name=f"tiny-{seed}"), travel


def build_tiny(rng: random.Random) -> tuple[Instance, TravelMatrix]:
    """Draw an instance with 1-4 pool requests, 0-2 committed ones, 1-3 duties and 2-5 places."""
    places = tuple(Place(id=f"P{i}", name=f"P{i}", kind=PlaceKind.NODE) for i in range(rng.randint(2, 5)))
    travel = _travel(rng, places)
    # How often requests ask for something special: seldom in most instances, so that they can be carried at all.
    spice = rng.choice((0.25, 0.25, 1.0))
    fleet = draw_fleet(rng, places, spice)
    parameters = draw_parameters(rng)
    draft = Instance(
        name="tiny",
        places=places,
        zabs=fleet.zabs,
        vehicles=fleet.vehicles,
        crews=fleet.crews,
        shifts=fleet.shifts,
        duties=fleet.duties,
        requests=(),
        nights=_nights(rng, fleet.shifts),
        parameters=parameters,
    )
    scene = Scene(rng=rng, draft=draft, travel=travel, parties=rng.choice(PARTIES), spice=spice)
    committed, commitments = draw_commitments(scene)
    pool = draw_pool(scene, [p for c in commitments for p in c.promises], committed)
    published: list[Assignment] = []
    if chance(rng, 0.4):
        published = [
            Assignment(request=request.id, duty=rng.choice(fleet.duties).id)
            for request in (*pool, *committed)
            if chance(rng, 0.6)
        ]
    instance = replace(
        draft,
        requests=(*pool, *committed) if chance(rng, 0.7) else (*committed, *pool),
        commitments=commitments,
        published=tuple(published),
        stages=_stages(rng),
        serve_all=chance(rng, 0.03),
    )
    return _replanned(rng, instance), travel


def _replanned(rng: random.Random, instance: Instance) -> Instance:
    """Some days are planned anew while tours are under way, and little may change; drawn last, so seeds stay theirs."""
    frozen = tuple(replace(promised, frozen=chance(rng, 0.2)) for promised in instance.commitments)
    most = rng.randint(0, len(instance.published)) if instance.published and chance(rng, 0.4) else None
    return replace(instance, commitments=frozen, change_budget=most)


def _travel(rng: random.Random, places: tuple[Place, ...]) -> TravelMatrix:
    """City-block drives of 600 s a block; in one instance of five any drives, neither symmetric nor metric."""
    n = len(places)
    points = [(rng.randint(0, 2), rng.randint(0, 2)) for _ in places]
    wild = chance(rng, 0.2)
    seconds = np.zeros((n, n), dtype=np.int64)
    metres = np.zeros((n, n), dtype=np.int64)
    for i in range(n):
        for j in range(n):
            if i != j:
                blocks = abs(points[i][0] - points[j][0]) + abs(points[i][1] - points[j][1])
                seconds[i, j] = 600 * (rng.randint(1, 5) if wild else max(1, blocks))
                metres[i, j] = int(seconds[i, j]) * 20 + (rng.randint(0, 3) * 700 if wild else 0)
    ids = tuple(place.id for place in places)
    return TravelMatrix(places=ids, seconds=seconds, metres=metres, sources=np.zeros((n, n), np.uint8), tags=("test",))


def _nights(rng: random.Random, shifts: tuple[Shift, ...]) -> tuple[Window, ...]:
    """No night, one at either end of the day that cuts into the shifts, or a short one in their midst."""
    first, last = min(shift.start for shift in shifts), max(shift.end for shift in shifts)
    draw = rng.randint(0, 9)
    if draw < 3:
        return ()
    if draw < 6:
        dawn = first + 900 * rng.randint(0, 6)
        return (
            Window(earliest=0, latest=dawn),
            Window(earliest=max(dawn, last - 900 * rng.randint(-2, 4)), latest=last + 21_600),
        )
    start = first + 900 * rng.randint(2, 10)
    return (Window(earliest=start, latest=start + 900 * rng.randint(1, 6)),)


_TIMED = (Stage.CUSTODY, Stage.NIGHT, Stage.COST)


def _stages(rng: random.Random) -> tuple[Stage, ...]:
    """Stages as an instance allows them: custody, night, cost in this order, night not without custody.

    Mostly those of NRW; else mostly with the served requests first, since few are carried otherwise.
    """
    draw = rng.randint(0, 19)
    if draw < 12:
        return NRW_STAGES
    if draw < 15:
        return rng.choice([(Stage.SERVED, Stage.COST), (Stage.SERVED, Stage.CUSTODY), (Stage.SERVED,), (Stage.COST,)])
    drawn = rng.sample(list(NRW_STAGES), rng.randint(1, len(NRW_STAGES)))
    if Stage.NIGHT in drawn and Stage.CUSTODY not in drawn:
        drawn.append(Stage.CUSTODY)
    if draw < 19:
        drawn = [Stage.SERVED, *(stage for stage in drawn if stage is not Stage.SERVED)]
    timed = iter(sorted((stage for stage in drawn if stage in _TIMED), key=list(Stage).index))
    return tuple(next(timed) if stage in _TIMED else stage for stage in drawn)
