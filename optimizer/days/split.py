"""A problem taken apart into parts that no rule couples: for a week, mostly its days.

Requests and duties are the nodes of a graph; what hangs together by an edge stays together:

- a request and each duty that could carry it (``search.carriers``), and its promised or pinned duty;
- the members of a bundle;
- two duties of which at most one may be used (crew, vehicle, rest between shifts);
- the duties of a ZAB whose budget is less than the requests that could ride with it;
- requests and duties of the published plan where few of its assignments may change;
- the duties of a ZAB that fair load weighs against each other. This edge is no rule but a term: large problems are cut
  through it, and the bounds of ``merge`` then say honestly what is left of the proof.

A plan of the whole is then a plan of each part, and the other way round.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import combinations, pairwise

from optimizer.explain.trials import narrowed
from optimizer.master.rows import conflict
from optimizer.model import DutyId, Instance, InstanceIndex, Request, RequestId, Seconds, Stage, ZabId
from optimizer.search.carriers import possible_duties
from optimizer.travel.matrix import TravelMatrix

SMALL = 100
"""Requests up to which fair load is not cut through: so little is solved as one, with the whole proof."""
_MOST = 0.7
"""Share of the requests above which one part is so large that cutting the others off saves too little time."""
_LEAST = 0.1
"""Share of the largest part's requests below which a part that only fair load ties goes with its neighbour."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part as a problem of its own; ZABs, crews, shifts, nights and rules are those of the whole.

    An assignment of the published plan whose request and duty are in different parts is in none: no plan keeps it.
    """

    instance: Instance
    travel: TravelMatrix

    @property
    def pool(self) -> int:
        """Number of requests that are not promised."""
        return len(self.instance.requests) - sum(len(c.promises) for c in self.instance.commitments) // 2


def split(instance: Instance, travel: TravelMatrix, *, small: int = SMALL) -> tuple[Part, ...]:
    """Return the parts of a problem in the order of their duties; one part, the problem itself, where it is coupled.

    Parameters
    ----------
    small
        Most requests of a part that is not cut through fair load.

    Raises
    ------
    InvalidValue
        Where the matrix lacks a place.
    """
    index = InstanceIndex(instance)
    groups = _Groups(index, possible_duties(index, travel, instance.requests))
    groups.tie_rules()
    rules = groups.members()
    if Stage.FAIR_LOAD in instance.stages:
        groups.tie_fair_load()
    parts: list[_Group] = []
    for whole in groups.members():
        inner = [group for group in rules if group.duties <= whole.duties and group.requests <= whole.requests]
        parts += _cut(index, whole, inner, small)
    parts = _gathered(index, parts, least=0)
    if len(parts) <= 1:
        return (Part(instance=instance, travel=travel),)
    order = {duty.id: number for number, duty in enumerate(instance.duties)}
    parts.sort(key=lambda group: min(order[duty] for duty in group.duties))
    return tuple(_part(instance, travel, group) for group in parts)


@dataclass(slots=True, kw_only=True)
class _Group:
    duties: set[DutyId]
    requests: set[RequestId]
    is_live: bool
    """Whether any request could ride there."""


class _Groups:
    """The graph: sets of nodes that hang together, joined edge by edge."""

    def __init__(self, index: InstanceIndex, carriers: dict[RequestId, tuple[DutyId, ...]]) -> None:
        self._index = index
        self._carriers = carriers
        self._live = {duty for duties in carriers.values() for duty in duties}
        self._parent: dict[tuple[str, str], tuple[str, str]] = {}
        for duty in index.instance.duties:
            self._parent["duty", duty.id] = ("duty", duty.id)
        for request in index.instance.requests:
            self._parent["request", request.id] = ("request", request.id)

    def tie_rules(self) -> None:
        """Join what a rule couples."""
        index = self._index
        for request in index.instance.requests:
            tied = [*self._carriers[request.id], *([request.pin] if request.pin is not None else [])]
            for duty in tied:
                self._join(("request", request.id), ("duty", duty))
        for unit in index.units:
            for one, other in pairwise(unit):
                self._join(("request", one), ("request", other))
        users: dict[tuple[str, str], list[DutyId]] = {}
        for each in index.instance.duties:
            if each.id in self._live:
                users.setdefault(("vehicle", each.vehicle), []).append(each.id)
                users.setdefault(("crew", index.duty_shift(each.id).crew), []).append(each.id)
        for duties in users.values():
            for one, other in combinations(duties, 2):
                if conflict(index, one, other) is not None:
                    self._join(("duty", one), ("duty", other))
        for zab in index.instance.zabs:
            if zab.budget is not None and self._reach(zab.id) > zab.budget:
                self._join_all(zab.id)
        published, budget = index.instance.published, index.instance.change_budget
        if budget is not None and len(published) > budget:
            for was in published:
                self._join(("request", was.request), ("duty", was.duty))
                self._join(("duty", was.duty), ("duty", published[0].duty))

    def tie_fair_load(self) -> None:
        """Join the duties of each ZAB."""
        for zab in self._index.instance.zabs:
            self._join_all(zab.id)

    def members(self) -> list[_Group]:
        """Return the sets, in the order of their first node."""
        found: dict[tuple[str, str], _Group] = {}
        for kind, name in self._parent:
            group = found.setdefault(self._root((kind, name)), _Group(duties=set(), requests=set(), is_live=False))
            (group.duties if kind == "duty" else group.requests).add(name)
            group.is_live = group.is_live or (kind == "duty" and name in self._live)
        return list(found.values())

    def _reach(self, zab: ZabId) -> int:
        """Count the pool requests that could ride with a ZAB."""
        pool = {request.id for request in self._index.pool}
        return sum(
            request in pool and any(self._index.duty_zab(duty) == zab for duty in duties)
            for request, duties in self._carriers.items()
        )

    def _join_all(self, zab: ZabId) -> None:
        duties = [d.id for d in self._index.instance.duties if d.id in self._live and self._index.duty_zab(d.id) == zab]
        for one, other in pairwise(duties):
            self._join(("duty", one), ("duty", other))

    def _join(self, one: tuple[str, str], other: tuple[str, str]) -> None:
        self._parent[self._root(one)] = self._root(other)

    def _root(self, node: tuple[str, str]) -> tuple[str, str]:
        while self._parent[node] != node:
            self._parent[node] = self._parent[self._parent[node]]
            node = self._parent[node]
        return node


def _cut(index: InstanceIndex, whole: _Group, inner: list[_Group], small: int) -> list[_Group]:
    """Return what only fair load holds together as parts, where that saves much; else the whole."""
    sizes = [len(group.requests) for group in inner if group.is_live]
    if len(whole.requests) <= small or not sizes or max(sizes) > _MOST * len(whole.requests):
        return [whole]
    return _gathered(index, inner, least=int(_LEAST * max(sizes)))


def _gathered(index: InstanceIndex, groups: list[_Group], *, least: int) -> list[_Group]:
    """Join groups that nobody could ride in, or that have fewer than ``least`` requests, to the nearest in time.

    Which one is no matter for any plan: it is where reasons are sought for a request that no duty can carry.
    """
    kept = [group for group in groups if group.is_live and len(group.requests) >= least]
    if not kept:
        return groups[:0] if not groups else [_united(groups)]
    middle = [_middle(index, group) for group in kept]
    for group in groups:
        if not any(group is other for other in kept):
            at = _middle(index, group)
            nearest = min(range(len(kept)), key=lambda k: (abs(middle[k] - at), k))
            kept[nearest] = _united([kept[nearest], group])
    return kept


def _united(groups: Iterable[_Group]) -> _Group:
    united = _Group(duties=set(), requests=set(), is_live=False)
    for group in groups:
        united.duties |= group.duties
        united.requests |= group.requests
        united.is_live = united.is_live or group.is_live
    return united


def _middle(index: InstanceIndex, group: _Group) -> Seconds:
    """Return an instant that stands for a group: the mean of the middles of its shifts, else of its windows."""
    shifts = [index.duty_shift(duty) for duty in group.duties]
    middles = [(shift.start + shift.end) // 2 for shift in shifts]
    if not middles:
        middles = [
            (index.request[request].pickup.earliest + index.request[request].delivery.latest) // 2
            for request in group.requests
        ]
    return sum(middles) // max(1, len(middles))


def _part(instance: Instance, travel: TravelMatrix, group: _Group) -> Part:
    def own(request: Request) -> Request:
        if not request.excluded and not request.barred_duties:
            return request
        return replace(
            request, excluded=request.excluded & group.requests, barred_duties=request.barred_duties & group.duties
        )

    part = replace(
        instance,
        duties=tuple(duty for duty in instance.duties if duty.id in group.duties),
        requests=tuple(own(request) for request in instance.requests if request.id in group.requests),
        commitments=tuple(c for c in instance.commitments if c.duty in group.duties),
        published=tuple(a for a in instance.published if a.duty in group.duties and a.request in group.requests),
    )
    near = narrowed(travel, part)
    known = set(near.places)
    return Part(instance=replace(part, places=tuple(place for place in part.places if place.id in known)), travel=near)
