"""Duties that are alike form one class with a count; each (class, seat configuration) is a *slot* of the bit masks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from optimizer.model import DutyId, InstanceIndex, ZabId
from optimizer.model.parameters import WorkingTime
from optimizer.routing.compatibility import first_block, unfit
from optimizer.routing.rides import CHILDREN, FEMALE, INFANTS, LUGGAGE, OFFICERS, SEATS, TODDLERS, WHEELCHAIRS, Rides
from optimizer.travel.matrix import TravelMatrix

Ints = NDArray[np.int64]
Words = NDArray[np.uint64]

CAPACITY_KINDS: tuple[int, ...] = (SEATS, WHEELCHAIRS, INFANTS, TODDLERS, CHILDREN, LUGGAGE, OFFICERS, FEMALE)


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyClass:
    """Duties that no rule and no cost can tell apart.

    ``start_row`` / ``end_row`` are rows of the travel matrix, -1 where the tour may begin or end anywhere.
    ``promises`` is the number of promised stops: such a class has one duty, which must make a tour.
    ``slots`` are its bits, one for each seat configuration.
    """

    number: int
    duties: tuple[DutyId, ...]
    zab: ZabId
    start_row: int
    end_row: int
    earliest: int
    latest: int
    profile: WorkingTime
    rate_per_metre: int
    rate_per_second: int
    promises: int
    slots: range

    @property
    def count(self) -> int:
        """Number of duties."""
        return len(self.duties)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fleet:
    """All classes, and the tables that the fragment kernel asks which slots fit a load.

    Parameters
    ----------
    static
        ``(rides, words)`` slots that each ride may use.
    fits
        ``(rows, words)``: row ``fits_from[kind] + load`` has the slots whose capacity is at least ``load``.
    fits_from
        ``(kinds + 1,)`` first row of each of ``CAPACITY_KINDS``.
    class_of_slot
        ``(slots,)`` class number.
    """

    classes: tuple[DutyClass, ...]
    class_by_duty: dict[DutyId, int]
    static: Words
    fits: Words
    fits_from: Ints
    class_of_slot: Ints


def build_fleet(index: InstanceIndex, rides: Rides, travel: TravelMatrix) -> Fleet:
    """Group the duties into classes and build the bit tables."""
    blocked = _blocked(index, rides)
    row_of = {place: row for row, place in enumerate(travel.places)}
    travel.index([p for d in index.instance.duties for p in (d.start_place, d.end_place) if p is not None])
    shared = _shared_resources(index)
    published = {assignment.duty for assignment in index.instance.published}
    groups: dict[tuple[object, ...], list[DutyId]] = {}
    for duty in index.instance.duties:
        window = index.duty_window(duty.id)
        if window is None:
            continue
        vehicle, crew = index.duty_vehicle(duty.id), index.duty_crew(duty.id)
        alone = duty.id in shared or duty.id in index.commitment or duty.id in published
        key: tuple[object, ...] = (
            duty.id if alone else None,
            index.duty_zab(duty.id),
            duty.start_place,
            duty.end_place,
            window,
            index.duty_profile(duty.id),
            index.rate_per_metre(duty.id),
            index.rate_per_second(duty.id),
            vehicle.co2_per_km,
            tuple((c.seats, c.wheelchair_places) for c in vehicle.configurations),
            vehicle.child_seats,
            vehicle.luggage,
            (crew.heads, crew.officers, crew.female_officers),
            blocked[duty.id],
        )
        groups.setdefault(key, []).append(duty.id)
    classes: list[DutyClass] = []
    slots = 0
    for members in groups.values():
        first = members[0]
        duty, shape = index.duty[first], index.duty_window(first)
        if shape is None:
            continue
        configurations = len(index.duty_vehicle(first).configurations)
        commitment = index.commitment.get(first)
        classes.append(
            DutyClass(
                number=len(classes),
                duties=tuple(members),
                zab=index.duty_zab(first),
                start_row=-1 if duty.start_place is None else row_of[duty.start_place],
                end_row=-1 if duty.end_place is None else row_of[duty.end_place],
                earliest=shape.earliest,
                latest=shape.latest,
                profile=index.duty_profile(first),
                rate_per_metre=index.rate_per_metre(first),
                rate_per_second=index.rate_per_second(first),
                promises=len(commitment.promises) if commitment is not None else 0,
                slots=range(slots, slots + configurations),
            )
        )
        slots += configurations
    fits, fits_from = _fits(index, rides, classes, slots)
    return Fleet(
        classes=tuple(classes),
        class_by_duty={duty: c.number for c in classes for duty in c.duties},
        static=_static(rides, classes, blocked, slots),
        fits=fits,
        fits_from=fits_from,
        class_of_slot=np.array([c.number for c in classes for _ in c.slots], dtype=np.int64),
    )


def _blocked(index: InstanceIndex, rides: Rides) -> dict[DutyId, frozenset[int]]:
    """Requests (rows) that a static rule keeps off each duty."""
    with_rides = [index.instance.requests[row] for row in sorted(set(rides.request.tolist()))]
    blocked: dict[DutyId, frozenset[int]] = {}
    known: dict[tuple[object, ...], frozenset[int]] = {}
    special = {d for r in with_rides for d in (*r.barred_duties, *([r.pin] if r.pin is not None else []))}
    special |= set(index.commitment)
    for duty in index.instance.duties:
        vehicle, crew = index.duty_vehicle(duty.id), index.duty_crew(duty.id)
        key = (
            duty.id if duty.id in special else None,
            vehicle.features,
            vehicle.carries_children,
            vehicle.licence,
            crew.licences,
            crew.skills,
            crew.zab,
        )
        if key not in known:
            known[key] = frozenset(
                rides.row_by_request[request.id]
                for request in with_rides
                if first_block(index, request, duty.id) is not None
                or (request.id in index.committed_duty and unfit(index, request, duty.id) is not None)
            )
        blocked[duty.id] = known[key]
    return blocked


def _shared_resources(index: InstanceIndex) -> set[DutyId]:
    """Duties whose crew or vehicle stands in another duty too: their linking rules tell them apart."""
    users: dict[tuple[str, str], list[DutyId]] = {}
    for duty in index.instance.duties:
        users.setdefault(("vehicle", duty.vehicle), []).append(duty.id)
        users.setdefault(("crew", index.duty_shift(duty.id).crew), []).append(duty.id)
    return {duty for members in users.values() if len(members) > 1 for duty in members}


def _set_bits(rows: NDArray[np.bool_]) -> Words:
    """Pack a boolean table ``(rows, slots)`` into words, bit ``s % 64`` of word ``s // 64`` for slot ``s``."""
    words = max(1, -(-rows.shape[1] // 64))
    packed = np.zeros((rows.shape[0], words), dtype=np.uint64)
    for slot in range(rows.shape[1]):
        packed[:, slot // 64] |= rows[:, slot].astype(np.uint64) << np.uint64(slot % 64)
    return packed


def _static(rides: Rides, classes: list[DutyClass], blocked: dict[DutyId, frozenset[int]], slots: int) -> Words:
    allowed = np.ones((len(rides), slots), dtype=np.bool_)
    for duty_class in classes:
        rows = np.isin(rides.request, np.array(sorted(blocked[duty_class.duties[0]]), dtype=np.int64))
        allowed[np.ix_(rows, np.array(duty_class.slots))] = False
    return _set_bits(allowed)


def _fits(index: InstanceIndex, rides: Rides, classes: list[DutyClass], slots: int) -> tuple[Words, Ints]:
    capacity = np.zeros((slots, len(CAPACITY_KINDS)), dtype=np.int64)
    for duty_class in classes:
        vehicle, crew = index.duty_vehicle(duty_class.duties[0]), index.duty_crew(duty_class.duties[0])
        for slot, configuration in zip(duty_class.slots, vehicle.configurations, strict=True):
            capacity[slot] = [
                configuration.seats - crew.heads,
                configuration.wheelchair_places,
                *vehicle.child_seats,
                vehicle.luggage,
                crew.officers,
                crew.female_officers,
            ]
    tables: list[Words] = []
    fits_from = [0]
    total = rides.load.sum(axis=0) if len(rides) else np.zeros(FEMALE + 1, dtype=np.int64)
    for column, kind in enumerate(CAPACITY_KINDS):
        # No load above every capacity needs a row, nor one above what all requests together could bring.
        top = int(capacity[:, column].max(initial=0))
        if kind not in (OFFICERS, FEMALE):
            top = min(top, int(total[kind]))
        values = np.arange(max(0, top) + 1)
        tables.append(_set_bits(capacity[None, :, column] >= values[:, None]))
        fits_from.append(fits_from[-1] + len(values))
    return np.concatenate(tables), np.array(fits_from, dtype=np.int64)
