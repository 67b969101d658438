"""Linking rules as neutral rows: relaxation and selection both loop over them, neither knows a rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from optimizer.master.column import Column
from optimizer.model import DutyId, InstanceIndex, Rule, Stage, fair_load_marginal
from optimizer.routing.classes import Fleet
from optimizer.routing.rides import Rides, closure
from optimizer.travel.matrix import TravelMatrix

UNBOUNDED = 1 << 50


@dataclass(slots=True, kw_only=True)
class Row:
    """``lower <= sum of coefficients <= upper`` over columns and auxiliaries; ``rule`` is what it enforces, if one."""

    rule: Rule | None
    lower: int
    upper: int


@dataclass(slots=True, kw_only=True)
class Auxiliary:
    """A binary beside the columns, with its coefficients in rows and in stages."""

    entries: dict[int, int]
    worth: dict[Stage, int]


@dataclass(slots=True, kw_only=True)
class Rows:
    """All rows of an instance.

    ``cover[r]`` is the row of pool request ``r`` (row of ``Rides.ids``); ``of_class[c]`` the rows that a column of
    class ``c`` stands in with coefficient 1 whatever it carries; ``per_request[c]`` those it stands in once for each
    request it carries; ``kept`` the one that counts kept assignments of the published plan, where changes are limited.
    ``least_custody`` is below any plan's: 0 where the travel times are metric.
    """

    rows: list[Row] = field(default_factory=list)
    auxiliaries: list[Auxiliary] = field(default_factory=list)
    cover: dict[int, int] = field(default_factory=dict)
    of_class: dict[int, list[int]] = field(default_factory=dict)
    per_request: dict[int, list[int]] = field(default_factory=dict)
    kept: int | None = None
    constant: dict[Stage, int] = field(default_factory=dict)
    least_custody: int = 0

    def add(self, rule: Rule | None, lower: int, upper: int) -> int:
        """Append a row and return its number."""
        self.rows.append(Row(rule=rule, lower=lower, upper=upper))
        return len(self.rows) - 1

    def entries(self, column: Column) -> dict[int, int]:
        """Return the coefficients of a column by row."""
        entries = dict.fromkeys(self.of_class[column.duty_class], 1)
        for request in column.requests:
            entries[self.cover[request]] = 1
        for row in self.per_request[column.duty_class]:
            entries[row] = len(column.requests)
        if self.kept is not None:
            entries[self.kept] = column.kept
        return {row: value for row, value in entries.items() if value}

    def without_change_budget(self) -> Rows:
        """Return the same rows, by the same numbers, where any change to the published plan is allowed."""
        if self.kept is None:
            return self
        rows = list(self.rows)
        rows[self.kept] = replace(rows[self.kept], lower=0)
        return replace(self, rows=rows)


def build_rows(index: InstanceIndex, rides: Rides, fleet: Fleet, travel: TravelMatrix) -> Rows:
    """Return the linking rows of an instance, one block for each rule across tours."""
    rows = Rows()
    row_of = {request.id: number for number, request in enumerate(index.instance.requests)}
    penalty = unserved_penalty(index, travel)
    _cover_and_bundles(rows, index, row_of, penalty)
    _one_tour_a_duty(rows, fleet)
    _conflicts(rows, index, fleet)
    _budgets(rows, index, fleet)
    _fair_load(rows, index, fleet)
    # A committed request stays where it was promised: kept or changed, that is a constant.
    rows.constant[Stage.CHANGES] = index.instance.changes(index.committed_duty)
    _change_budget(rows, index)
    rows.constant[Stage.COST] = penalty * len(index.units)
    least = closure(travel.seconds)
    for ride in rides.direct_rides():
        rows.least_custody += min(0, int(least[rides.pickup[ride], rides.delivery[ride]] - rides.direct[ride]))
    return rows


def _cover_and_bundles(rows: Rows, index: InstanceIndex, row_of: dict[str, int], penalty: int) -> None:
    """At most once; a bundle all or none: every member is covered exactly as often as the bundle is served."""
    for unit in index.units:
        entries: dict[int, int] = {}
        for member in unit:
            row = rows.add(Rule.BUNDLE if len(unit) > 1 else Rule.ONCE_PER_REQUEST, 0, 0)
            rows.cover[row_of[member]] = row
            entries[row] = -1
        pinned = sum(index.request[member].pin is not None for member in unit)
        worth = {Stage.SERVED: index.unit_weight(unit), Stage.PINNED: pinned}
        if penalty:
            worth[Stage.COST] = -penalty
        rows.auxiliaries.append(Auxiliary(entries=entries, worth=worth))


def unserved_penalty(index: InstanceIndex, travel: TravelMatrix) -> int:
    """Return micro-euros above the cost of any plan: what leaving a request out costs where all must be served."""
    if not index.instance.serve_all or index.instance.stages[0] is not Stage.COST:
        return 0
    duties = [duty.id for duty in index.instance.duties]
    legs = 2 * len(index.instance.requests) + 2 * len(duties)
    dearest = legs * int(travel.metres.max(initial=0)) * max((index.rate_per_metre(duty) for duty in duties), default=0)
    for duty in duties:
        shift = index.duty_shift(duty)
        dearest += (shift.end - shift.start) * index.rate_per_second(duty)
    return dearest + 1


def _one_tour_a_duty(rows: Rows, fleet: Fleet) -> None:
    for duty_class in fleet.classes:
        must = duty_class.promises > 0
        row = rows.add(Rule.COMMITMENT if must else Rule.DEPOT, 1 if must else 0, duty_class.count)
        rows.of_class[duty_class.number] = [row]
        rows.per_request[duty_class.number] = []


def conflict(index: InstanceIndex, one: DutyId, other: DutyId) -> Rule | None:
    """Return the rule that forbids two duties to be used together, ``None`` where none does."""
    if index.duty[one].vehicle == index.duty[other].vehicle:
        a, b = index.duty_window(one), index.duty_window(other)
        if a is not None and b is not None and a.earliest < b.latest and b.earliest < a.latest:
            return Rule.VEHICLE_DOUBLED
    first, second = index.duty_shift(one), index.duty_shift(other)
    if first.crew == second.crew:
        if first.id == second.id or (first.start < second.end and second.start < first.end):
            return Rule.CREW_DOUBLED
        if first.start > second.start:
            first, second = second, first
            one, other = other, one
        if second.start - first.end < index.duty_profile(other).rest:
            return Rule.REST_BETWEEN_SHIFTS
    return None


def _conflicts(rows: Rows, index: InstanceIndex, fleet: Fleet) -> None:
    """Cliques of duties of which at most one is used; each pair of duties in conflict stands in one of them."""
    users: dict[tuple[str, str], list[DutyId]] = {}
    for duty in fleet.class_by_duty:
        users.setdefault(("vehicle", index.duty[duty].vehicle), []).append(duty)
        users.setdefault(("crew", index.duty_shift(duty).crew), []).append(duty)
    rule_of: dict[tuple[DutyId, DutyId], Rule] = {}
    for members in users.values():
        for x, one in enumerate(members):
            for other in members[x + 1 :]:
                rule = conflict(index, one, other)
                if rule is not None:
                    rule_of[one, other] = rule_of[other, one] = rule
    uncovered = set(rule_of)
    for one, other in sorted(rule_of):
        if (one, other) not in uncovered:
            continue
        clique = [one, other]
        for candidate in sorted({b for a, b in rule_of if a == one}):
            if candidate not in clique and all((candidate, member) in rule_of for member in clique):
                clique.append(candidate)
        row = rows.add(rule_of[one, other], 0, 1)
        for member in clique:
            rows.of_class[fleet.class_by_duty[member]].append(row)
        uncovered -= {(a, b) for a in clique for b in clique}


def _budgets(rows: Rows, index: InstanceIndex, fleet: Fleet) -> None:
    for zab in index.instance.zabs:
        if zab.budget is None:
            continue
        row = rows.add(Rule.BUDGET, 0, zab.budget)
        for duty_class in fleet.classes:
            if duty_class.zab == zab.id:
                rows.per_request[duty_class.number].append(row)


def _change_budget(rows: Rows, index: InstanceIndex) -> None:
    """So many assignments must be kept that no more than the budget change; no row where that is sure."""
    budget = index.instance.change_budget
    if budget is not None and rows.constant[Stage.CHANGES] > budget:
        rows.kept = rows.add(Rule.CHANGE_BUDGET, rows.constant[Stage.CHANGES] - budget, len(index.instance.published))


def _fair_load(rows: Rows, index: InstanceIndex, fleet: Fleet) -> None:
    """Convex load of each ZAB: its requests are counted on unit steps of rising worth."""
    if Stage.FAIR_LOAD not in index.instance.stages:
        return
    for zab in index.instance.zabs:
        classes = [duty_class for duty_class in fleet.classes if duty_class.zab == zab.id]
        if not classes:
            continue
        row = rows.add(None, 0, 0)
        for duty_class in classes:
            rows.per_request[duty_class.number].append(row)
        for number in range(1, len(index.pool) + 1):
            worth = fair_load_marginal(prior=zab.prior_load, number=number, shifts=index.shifts_of_zab(zab.id))
            rows.auxiliaries.append(Auxiliary(entries={row: -1}, worth={Stage.FAIR_LOAD: worth}))


def settled_auxiliaries(rows: Rows, columns: Sequence[Column]) -> list[bool] | None:
    """Return the auxiliaries that go with a choice of columns, ``None`` where the choice breaks a row.

    Each stands with -1 in its rows: it is set while they all are still above what is allowed. Of the unit steps of a
    load the cheap ones come first, so that the value is the least that the choice allows.
    """
    activity: Counter[int] = Counter()
    for column in columns:
        activity.update(rows.entries(column))
    settled = []
    for auxiliary in rows.auxiliaries:
        is_set = all(activity[row] > rows.rows[row].upper for row in auxiliary.entries)
        if is_set:
            activity.update(auxiliary.entries)
        settled.append(is_set)
    kept = all(row.lower <= activity[number] <= row.upper for number, row in enumerate(rows.rows))
    return settled if kept else None


def worth_of(rows: Rows, columns: Sequence[Column], stage: Stage) -> int | None:
    """Return the stage's value of a choice of columns, ``None`` where the choice breaks a row."""
    settled = settled_auxiliaries(rows, columns)
    if settled is None:
        return None
    total = rows.constant.get(stage, 0) + sum(column.value(stage) for column in columns)
    return total + sum(
        auxiliary.worth.get(stage, 0) for auxiliary, is_set in zip(rows.auxiliaries, settled, strict=True) if is_set
    )
