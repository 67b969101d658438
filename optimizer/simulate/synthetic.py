"""Further requests like those of a day: its places, flights, windows and urgency, with synthetic people.

Nothing of a person is copied: who travels, with what needs and escorts, is drawn by the shares of synthetic days.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from optimizer.errors import InvalidValue
from optimizer.model import Instance, InstanceIndex, PlaceKind, Request
from optimizer.simulate.sampling_demand import Demand
from optimizer.simulate.sampling_dice import Dice
from optimizer.simulate.sampling_parties import PartyMaker, escorts_of, needs_of

_DEMAND = Demand()


def like_the_day(instance: Instance, number: int, *, seed: int, draw: int = 0, prefix: str = "X") -> Instance:
    """Return the instance with ``number`` (0 or more) further pool requests ``<prefix>0001`` and on.

    Each takes the stops of one of the day's pool requests (single rides by day only) and the urgency of another, all
    alike. The n-th is the same whatever ``number`` is, so that less demand is part of more.

    Raises
    ------
    InvalidValue
        Where the pool has no such request to draw from.
    """
    pool = [r for r in InstanceIndex(instance).pool if r.bundle is None and not r.night_ground]
    if number > 0 and not pool:
        raise InvalidValue(
            "demand", "a pool with a single ride by day to draw from", "none", "Take a day that has one."
        )
    while any(request.id.startswith(prefix) for request in instance.requests):
        prefix += "+"
    detention = {place.id for place in instance.places if place.kind is PlaceKind.DETENTION}
    further = tuple(
        _one(instance, pool, f"{prefix}{n:04d}", Dice(seed, _stream(draw, n)), detention) for n in range(1, number + 1)
    )
    return replace(instance, requests=(*instance.requests, *further)) if further else instance


def _stream(draw: int, number: int) -> int:
    """Return a stream of its own for each request of each draw, apart from those that days are sampled from."""
    return ((draw + 1) << 20) + number


def _one(instance: Instance, pool: Sequence[Request], name: str, dice: Dice, detention: set[str]) -> Request:
    like, urgent_like = dice.one_of(pool), dice.one_of(pool)
    makers = PartyMaker(_DEMAND, dice)
    detained = like.pickup.place in detention
    party = makers.detained() if detained else makers.anyone()
    needs, wheelchairs = needs_of(dice, _DEMAND, detained=detained)
    officers, female = escorts_of(dice, _DEMAND, party)
    # Whoever takes longer at the door is fetched earlier; that of the day's request may state less than the rules do.
    usual = instance.parameters.service
    more = max(0, usual.pickup(party.size) - usual.pickup(like.party.size))
    latest = max(0, like.pickup.latest - more)
    pickup = replace(
        like.pickup,
        earliest=min(like.pickup.earliest, latest),
        latest=latest,
        service=max(0, like.pickup.service + usual.pickup(party.size) - usual.pickup(like.party.size)),
    )
    return Request(
        id=name,
        pickup=pickup,
        delivery=like.delivery,
        party=party,
        case_type=like.case_type,
        authority=like.authority,
        needs=needs,
        wheelchairs=wheelchairs,
        luggage=party.size,
        escort_officers=officers,
        escort_female=female,
        separate=party.size == 1 and dice.chance(_DEMAND.separate),
        deadline_class=urgent_like.deadline_class,
        unit=f"U{name}" if party.size > 1 else None,
    )
