"""Tables for the compiled search over plans: what tours are made of, what binds them together, what counts how much."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from math import gcd

import numpy as np
from numpy.typing import NDArray

from optimizer.master.rows import Rows
from optimizer.model import InstanceIndex, Stage, fair_load_marginal
from optimizer.routing import fragment_kernel as fk
from optimizer.routing import tour_plan_kernel as kernel
from optimizer.routing.classes import DutyClass, Fleet
from optimizer.routing.completion import NEVER
from optimizer.routing.fragments import Fragments
from optimizer.routing.pricing import Pricing
from optimizer.routing.tour_kernel import DUTY_FIELDS, Blocks

Ints = NDArray[np.int64]

COLUMN = {
    Stage.PINNED: kernel.PINNED,
    Stage.SERVED: kernel.SERVED,
    Stage.CUSTODY: kernel.CUSTODY,
    Stage.NIGHT: kernel.NIGHT,
    Stage.FAIR_LOAD: kernel.FAIR_LOAD,
    Stage.CHANGES: kernel.CHANGES,
    Stage.COST: kernel.COST,
}
"""Column of each stage in the kernels' tables."""
_BITS = 60
"""Points of a step stay below two to this."""
_SPARE = 10
"""Bits below the last stage, where there is room."""
_REQUESTS = 64
"""Most requests that a step takes from a plan or gives to it, as far as points go."""
_METRES_PER_SECOND = 40
"""Faster than anybody drives: what a tour can cost at most."""
_TYPICAL_METRES, _TYPICAL_SECONDS = 10_000, 600
"""An empty drive, where cost alone counts: what a cooling measures its losses by."""
_NEAR, _NEAR_DUTIES = 60, 20


class Weights:
    """Points: one whole number in which, within a step, an earlier stage outweighs all later ones."""

    def __init__(
        self, index: InstanceIndex, classes: Sequence[DutyClass], stages: Sequence[Stage], penalty: int
    ) -> None:
        heavy = [index.unit_weight(unit) for unit in index.units] or [1]
        weight = reduce(gcd, heavy)
        # (units of the stage that count as one, bits of the most that a step changes it by)
        spans = {
            Stage.PINNED: (1, _REQUESTS.bit_length()),
            Stage.SERVED: (weight, (_REQUESTS * max(heavy) // weight).bit_length()),
            Stage.CUSTODY: (4, 13),
            Stage.NIGHT: (16, 11),
            Stage.FAIR_LOAD: (32, 10),
            Stage.CHANGES: (1, 4),
        }
        dearest = max(
            ((c.latest - c.earliest) * (c.rate_per_second + _METRES_PER_SECOND * c.rate_per_metre) for c in classes),
            default=1,
        )
        dearest = _REQUESTS * penalty if penalty else 8 * dearest
        left = _BITS - sum(spans[stage][1] for stage in stages if stage in spans)
        bits = max(1, min(left, dearest.bit_length()))
        spans[Stage.COST] = (max(1, dearest >> bits), bits)
        self.points = np.zeros(kernel.STAGES, dtype=np.int64)
        self.coarse = np.ones(kernel.STAGES, dtype=np.int64)
        # Half a bundle and a noisy worth must be whole numbers too, where no later stage makes points small.
        spare = _BITS - sum(spans[stage][1] for stage in stages)
        worth = 1 << max(0, min(_SPARE, spare))
        for stage in reversed(stages):
            self.coarse[COLUMN[stage]], self.points[COLUMN[stage]] = spans[stage][0], worth
            worth <<= spans[stage][1]

        typical = [c.rate_per_metre * _TYPICAL_METRES + c.rate_per_second * _TYPICAL_SECONDS for c in classes]
        self._request = self.of(Stage.PINNED) or self.of(Stage.SERVED)
        if not self._request:
            self._request = max(1, max(typical, default=1) // int(self.coarse[kernel.COST]) * self.of(Stage.COST))

    def heat(self, *, deep: bool) -> tuple[float, float]:
        """Return the points at which a cooling begins and ends; ``deep`` ends where a minute of custody is little."""
        cold = 0.05 * self._request
        if deep:
            cold = min(
                cold, max(1.0, 15.0 * self.of(Stage.CUSTODY)) if self.of(Stage.CUSTODY) else 0.002 * self._request
            )
        return (0.3 if deep else 0.5) * self._request, cold

    def of(self, stage: Stage) -> int:
        """Return the points of one coarse unit of a stage; 0 where it is none."""
        return int(self.points[COLUMN[stage]])


def _lists(groups: Sequence[Sequence[int]]) -> tuple[Ints, Ints]:
    """Return lists one after the other, and where each begins."""
    begins = np.concatenate([[0], np.cumsum([len(group) for group in groups])]).astype(np.int64)
    return np.array([x for group in groups for x in group], dtype=np.int64), begins


def build_blocks(
    pricing: Pricing, fragments: Fragments, duties: Sequence[DutyClass], index: InstanceIndex, weights: Weights
) -> Blocks:
    """Return what tours are made of, for a list of duties (each by its class)."""
    bits = np.unpackbits(fragments.requests.view(np.uint8), axis=1, bitorder="little")
    carrier, carried = np.nonzero(bits)
    zabs = {zab.id: number for number, zab in enumerate(index.instance.zabs)}
    table = np.zeros((len(duties), DUTY_FIELDS), dtype=np.int64)
    tiers: list[tuple[int, int]] = []
    for number, duty in enumerate(duties):
        profile, since = duty.profile, len(tiers)
        tiers += [(tier.span, tier.total) for tier in profile.tiers]
        stretch = NEVER if profile.max_stretch is None else profile.max_stretch
        span = NEVER if profile.max_span is None else profile.max_span
        table[number] = [
            duty.start_row, duty.end_row, duty.earliest, duty.latest, duty.promises, profile.step, stretch, span,
            since, len(tiers), duty.rate_per_metre, duty.rate_per_second, zabs[duty.zab], duty.number,
        ]  # fmt: skip
    signature = np.zeros(len(fragments), dtype=np.int64)
    np.bitwise_or.at(signature, carrier, np.int64(1) << (carried * 37 % 62).astype(np.int64))
    return Blocks(
        figures=np.ascontiguousarray(fragments.figures),
        carried=carried.astype(np.int64),
        carried_from=np.searchsorted(carrier, np.arange(len(fragments) + 1)).astype(np.int64),
        signature=signature,
        seconds=np.ascontiguousarray(pricing.seconds),
        metres=np.ascontiguousarray(pricing.metres),
        duties=table,
        tiers=np.array(tiers, dtype=np.int64).reshape(-1, 2),
        quantum=int(weights.coarse[kernel.COST]),
        price=weights.of(Stage.COST),
    )


def _able(pricing: Pricing, fragments: Fragments, duty_class: DutyClass) -> NDArray[np.bool_]:
    """Return for each fragment whether a class can make it at all."""
    figures = fragments.figures
    slots = np.zeros(fragments.masks.shape[1], dtype=np.uint64)
    for slot in duty_class.slots:
        slots[slot // 64] |= np.uint64(1) << np.uint64(slot % 64)
    able = np.any(fragments.masks & slots, axis=1)
    start, end = duty_class.start_row, duty_class.end_row
    arrival = duty_class.earliest + (pricing.seconds[start, figures[:, fk.FIRST]] if start >= 0 else 0)
    done = np.maximum(figures[:, fk.LO], arrival) + figures[:, fk.DURATION]
    home = pricing.seconds[figures[:, fk.LAST], end] if end >= 0 else 0
    return np.asarray(able & (arrival <= figures[:, fk.HI]) & (done + home <= duty_class.latest), dtype=np.bool_)


def _near(pricing: Pricing, requests: int, starts: Ints) -> tuple[Ints, Ints]:
    """Return requests near each, by drives between pick-ups and between hand-overs and by time; duties by depot."""
    rides = pricing.rides
    if not len(rides):
        nobody = np.zeros((requests, 0), dtype=np.int64)
        return nobody, nobody
    one = np.zeros(requests, dtype=np.int64)
    one[rides.request] = np.arange(len(rides))
    has = np.zeros(requests, dtype=np.bool_)
    has[rides.request] = True
    pickup, delivery = rides.pickup[one], rides.delivery[one]
    middle = (rides.pickup_from[one] + rides.pickup_to[one]) // 2
    far = pricing.seconds[np.ix_(pickup, pickup)] + pricing.seconds[np.ix_(delivery, delivery)]
    far = far + far.T + np.abs(middle[:, None] - middle[None, :])
    far[:, ~has] = NEVER
    np.fill_diagonal(far, NEVER)
    near = np.argsort(far, axis=1, kind="stable")[:, :_NEAR]
    depots = np.where(starts[None, :] >= 0, pricing.seconds[pickup[:, None], np.maximum(starts, 0)[None, :]], 0)
    duties = np.argsort(depots, axis=1, kind="stable")[:, :_NEAR_DUTIES]
    return np.ascontiguousarray(near, dtype=np.int64), np.ascontiguousarray(duties, dtype=np.int64)


def build_problem(
    index: InstanceIndex,
    fleet: Fleet,
    fragments: Fragments,
    pricing: Pricing,
    rows: Rows,
    duties: Sequence[DutyClass],
    stages: Sequence[Stage],
    *,
    weights: Weights,
    penalty: int,
) -> kernel.Problem:
    """Return what binds tours together and what counts; ``penalty`` is the cost of a unit left out."""
    instance = index.instance
    requests = len(instance.requests)
    row = {request.id: number for number, request in enumerate(instance.requests)}
    bits = np.unpackbits(fragments.requests.view(np.uint8), axis=1, bitorder="little")[:, :requests]
    carried, carriers = np.nonzero(bits.T)
    able = np.array([_able(pricing, fragments, c) for c in fleet.classes], dtype=np.bool_)
    able = able.reshape(len(fleet.classes), len(fragments))
    promised = np.nonzero(fragments.figures[:, fk.PROMISES_TO] > 0)[0]
    kept, kept_from = _lists([promised[able[d.number, promised]].tolist() if d.promises else [] for d in duties])
    units = [[row[member] for member in unit] for unit in index.units]
    unit_of = np.full(requests, -1, dtype=np.int64)
    prize = np.zeros(requests, dtype=np.int64)
    unit_weight = [index.unit_weight(unit) for unit in index.units]
    pins = [sum(index.request[member].pin is not None for member in unit) for unit in index.units]
    for number, unit in enumerate(units):
        whole = unit_weight[number] // int(weights.coarse[kernel.SERVED]) * weights.of(Stage.SERVED)
        whole += pins[number] * weights.of(Stage.PINNED)
        whole += penalty // int(weights.coarse[kernel.COST]) * weights.of(Stage.COST)
        for member in unit:
            unit_of[member], prize[member] = number, whole // len(unit)
    unit_members, unit_members_from = _lists(units)
    wanted = np.zeros((len(fleet.classes), requests), dtype=np.bool_)
    for assignment in instance.published:
        if assignment.duty in fleet.class_by_duty and assignment.request not in index.committed_duty:
            wanted[fleet.class_by_duty[assignment.duty], row[assignment.request]] = True
    fair = np.zeros((len(instance.zabs), requests + 2), dtype=np.int64)
    if Stage.FAIR_LOAD in instance.stages:
        for number, zab in enumerate(instance.zabs):
            shifts = index.shifts_of_zab(zab.id)
            if shifts:
                steps = [
                    fair_load_marginal(prior=zab.prior_load, number=k, shifts=shifts) for k in range(1, requests + 2)
                ]
                fair[number, 1:] = np.cumsum(steps)
    near, near_duties = _near(pricing, requests, np.array([d.start_row for d in duties], dtype=np.int64))
    # A duty with promises is always used: where it excludes another, that one stays at home.
    cliques, cliques_from = _lists([[] if d.promises else rows.of_class[d.number][1:] for d in duties])
    clique_most = np.array([row.upper for row in rows.rows], dtype=np.int64)
    for duty in duties:
        clique_most[rows.of_class[duty.number][1:]] -= 1 if duty.promises else 0
    return kernel.Problem(
        carriers=carriers.astype(np.int64),
        carriers_from=np.searchsorted(carried, np.arange(requests + 1)).astype(np.int64),
        able=able,
        unit=unit_of,
        unit_size=np.array([len(unit) for unit in units], dtype=np.int64),
        unit_weight=np.array(unit_weight, dtype=np.int64),
        unit_pins=np.array(pins, dtype=np.int64),
        unit_penalty=penalty,
        bundles=np.array([number for number, unit in enumerate(units) if len(unit) > 1], dtype=np.int64),
        unit_members=unit_members,
        unit_members_from=unit_members_from,
        kept=kept,
        kept_from=kept_from,
        wanted=wanted,
        near=near,
        near_duties=near_duties,
        fair=fair,
        budget=np.array([NEVER if zab.budget is None else zab.budget for zab in instance.zabs], dtype=np.int64),
        most_changed=NEVER if rows.kept is None else -rows.rows[rows.kept].lower,
        cliques=cliques,
        cliques_from=cliques_from,
        clique_most=clique_most,
        prize=prize,
        points=weights.points,
        coarse=weights.coarse,
        order=np.array([COLUMN[stage] for stage in stages], dtype=np.int64),
    )
