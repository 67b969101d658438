"""Random instances a little larger than tiny: too large for brute force, small enough for the compact model."""

from __future__ import annotations

import random
from dataclasses import replace

from optimizer.model import Instance, Request
from optimizer.travel.matrix import TravelMatrix
from tests.strategies import build_tiny
from tests.strategies_requests import PARTIES, Scene, draw_pool


def random_small(seed: int) -> tuple[Instance, TravelMatrix]:
    """The instance of ``seed``, always the same: a tiny one with more pool requests, 5 to 8 in all."""
    rng = random.Random(f"small {seed}")
    instance, travel = build_tiny(rng)
    scene = Scene(
        rng=rng,
        draft=replace(instance, requests=(), commitments=(), published=()),
        travel=travel,
        parties=rng.choice(PARTIES),
        spice=rng.choice((0.25, 0.25, 1.0)),
    )
    promises = [promise for commitment in instance.commitments for promise in commitment.promises]
    committed = tuple(r for r in instance.requests if r.id in {promise.request for promise in promises})
    requests = instance.requests
    number, wanted = 0, rng.randint(5, 8)
    while len(requests) - len(committed) < wanted:
        number += 1
        further = [_renamed(request, number) for request in draw_pool(scene, promises, committed)]
        room = wanted - (len(requests) - len(committed))
        # Cutting a draw short may leave half a bundle or an exclusion of somebody who is not there.
        names = {request.id for request in (*requests, *further[:room])}
        requests += tuple(replace(request, excluded=request.excluded & names) for request in further[:room])
    return replace(instance, name=f"small-{seed}", requests=requests), travel


def _renamed(request: Request, number: int) -> Request:
    """The request of a further draw under names of its own."""
    return replace(
        request,
        id=f"{request.id}.{number}",
        excluded=frozenset(f"{name}.{number}" if name.startswith("r") else name for name in request.excluded),
        bundle=None if request.bundle is None else f"{request.bundle}.{number}",
    )
