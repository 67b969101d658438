"""Tiny instances of several days: random days one after another, with the ZABs in common."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from optimizer.model import Commitment, Instance, Request, Stage, Stop, Window
from optimizer.model.units import DAY
from optimizer.travel.matrix import TravelMatrix
from tests.strategies import random_tiny

APART = 3 * DAY
"""Seconds from one day to the next: more than any shift, night or rest of a tiny instance lasts."""


def several_days(seeds: Sequence[int], stages: tuple[Stage, ...] | None = None) -> tuple[Instance, TravelMatrix]:
    """The tiny days of ``seeds`` one after another, under the rules and stages of the first."""
    days = [random_tiny(seed) for seed in seeds]
    moved = [_moved(day, f"{number}-", number * APART) for number, (day, _) in enumerate(days)]
    first = moved[0]
    zabs = {zab.id: zab for day in reversed(moved) for zab in day.zabs}
    instance = replace(
        first,
        name=f"days-{'-'.join(map(str, seeds))}",
        places=tuple(place for day in moved for place in day.places),
        zabs=tuple(zabs[name] for name in sorted(zabs)),
        vehicles=tuple(vehicle for day in moved for vehicle in day.vehicles),
        crews=tuple(crew for day in moved for crew in day.crews),
        shifts=tuple(shift for day in moved for shift in day.shifts),
        duties=tuple(duty for day in moved for duty in day.duties),
        requests=tuple(request for day in moved for request in day.requests),
        commitments=tuple(commitment for day in moved for commitment in day.commitments),
        published=tuple(was for day in moved for was in day.published),
        nights=tuple(night for day in moved for night in day.nights),
        stages=first.stages if stages is None else stages,
    )
    return instance, _joined([travel for _, travel in days])


def _joined(travels: Sequence[TravelMatrix]) -> TravelMatrix:
    """The matrices side by side, a day's drive apart."""
    sizes = [len(travel.places) for travel in travels]
    seconds = np.full((sum(sizes), sum(sizes)), 6 * 3600, dtype=np.int64)
    metres = np.full_like(seconds, 400_000)
    begin = 0
    for travel, size in zip(travels, sizes, strict=True):
        own = slice(begin, begin + size)
        seconds[own, own], metres[own, own] = travel.seconds, travel.metres
        begin += size
    places = tuple(f"{number}-{place}" for number, travel in enumerate(travels) for place in travel.places)
    return TravelMatrix(
        places=places, seconds=seconds, metres=metres, sources=np.zeros_like(seconds, dtype=np.uint8), tags=("test",)
    )


def _moved(day: Instance, mark: str, by: int) -> Instance:
    """A day under other names and ``by`` seconds later; ZABs keep their names."""

    def stop(old: Stop) -> Stop:
        return replace(old, place=mark + old.place, earliest=old.earliest + by, latest=old.latest + by)

    def request(old: Request) -> Request:
        return replace(
            old,
            id=mark + old.id,
            pickup=stop(old.pickup),
            delivery=stop(old.delivery),
            excluded=frozenset(mark + other for other in old.excluded),
            barred_duties=frozenset(mark + duty for duty in old.barred_duties),
            pin=None if old.pin is None else mark + old.pin,
            bundle=None if old.bundle is None else mark + old.bundle,
            unit=None if old.unit is None else mark + old.unit,
        )

    def commitment(old: Commitment) -> Commitment:
        promises = tuple(replace(p, request=mark + p.request, start=p.start + by) for p in old.promises)
        return replace(old, duty=mark + old.duty, promises=promises)

    def window(old: Window) -> Window:
        return Window(earliest=old.earliest + by, latest=old.latest + by)

    return replace(
        day,
        places=tuple(replace(place, id=mark + place.id) for place in day.places),
        vehicles=tuple(
            replace(v, id=mark + v.id, availability=tuple(map(window, v.availability))) for v in day.vehicles
        ),
        crews=tuple(replace(crew, id=mark + crew.id) for crew in day.crews),
        shifts=tuple(
            replace(s, id=mark + s.id, crew=mark + s.crew, start=s.start + by, end=s.end + by) for s in day.shifts
        ),
        duties=tuple(
            replace(
                d,
                id=mark + d.id,
                shift=mark + d.shift,
                vehicle=mark + d.vehicle,
                start_place=None if d.start_place is None else mark + d.start_place,
                end_place=None if d.end_place is None else mark + d.end_place,
            )
            for d in day.duties
        ),
        requests=tuple(map(request, day.requests)),
        commitments=tuple(map(commitment, day.commitments)),
        published=tuple(replace(was, request=mark + was.request, duty=mark + was.duty) for was in day.published),
        nights=tuple(map(window, day.nights)),
    )
