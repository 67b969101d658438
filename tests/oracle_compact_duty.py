"""One duty of the compact model: the clock on its route, breaks, and what its tour is worth."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from ortools.sat.python import cp_model

from optimizer.model import Instance, Stage, Window
from tests.oracle_compact_route import END, START, Expression, Route, delivery, pickup, total
from tests.oracle_sequences import ALWAYS, DutyRules


def shortest(drives: Mapping[tuple[str, str], int]) -> dict[tuple[str, str], int]:
    """Least seconds between two places over any others: no ride is shorter (a cut, needed for no answer)."""
    least = dict(drives)
    places = sorted({place for place, _ in drives})
    for via in places:
        for a in places:
            for b in places:
                least[a, b] = min(least[a, b], least[a, via] + least[via, b])
    return least


class DutyModel(Route):
    """A route with times. ``custody``, ``night`` and ``cost`` are what the tour adds to these stages."""

    def __init__(self, model: cp_model.CpModel, instance: Instance, rules: DutyRules) -> None:
        super().__init__(model, instance, rules)
        self.custody: Expression = 0
        self.night: Expression = 0
        self.cost: Expression = 0
        if self._rides:
            self._clocks()
            self._breaks()
            self._worth()

    # --- clocks -------------------------------------------------------------------------------------------------------

    def _clocks(self) -> None:
        model, rules = self._model, self._rules
        window = rules.window()
        assert window is not None
        whole = [window, window, *(w for ride in self._rides for w in (ride.pickup, ride.delivery))]
        unit = self._unit(whole)
        self._time: list[Expression] = [
            unit * model.new_int_var(-(-w.earliest // unit), w.latest // unit, f"{self.id} time {n}")
            for n, w in enumerate(whole)
        ]
        wait = self._instance.parameters.max_wait
        for arc in self._arcs:
            leave = self._time[arc.tail] + self._service(arc.tail)
            full, child = self._is_full[arc.tail], self._has_child[arc.tail]
            model.add(self._time[arc.head] >= leave + arc.empty).only_enforce_if(arc.literal)
            for drive, state in ((arc.adults, [full, ~child]), (arc.children, [child])):
                model.add(self._time[arc.head] >= leave + drive).only_enforce_if([arc.literal, *state])
                if wait is not None:
                    model.add(self._time[arc.head] <= leave + drive + wait).only_enforce_if([arc.literal, *state])
        self._on_board: list[cp_model.IntVar] = []
        least = shortest(rules.drives)
        for number, ride in enumerate(self._rides):
            request, present = ride.request, self._present[number]
            length = model.new_int_var(0, ALWAYS.latest, "")
            model.add(length >= least[request.pickup.place, request.delivery.place] * present)
            ends = self._time[delivery(number)] - self._time[pickup(number)] - request.pickup.service
            model.add(length == ends).only_enforce_if(present)
            model.add(length == 0).only_enforce_if(~present)
            cap = rules.caps[request.id]
            if cap is not None:
                model.add(length <= cap)
            self._on_board.append(length)
        self._span = model.new_int_var(0, ALWAYS.latest, "")
        model.add(self._span == self._time[END] - self._time[START]).only_enforce_if(self.is_used)
        model.add(self._span == 0).only_enforce_if(~self.is_used)
        if rules.profile.max_span is not None:
            model.add(self._span <= rules.profile.max_span)

    def _unit(self, windows: list[Window]) -> int:
        """Common divisor of all numbers on times: in this unit an optimal timetable is whole.

        With every choice made (order, breaks and their steps, sides of nights and tiers) times solve a system of
        difference constraints and the terms are linear: its vertices are sums of these numbers.
        """
        parameters, profile = self._instance.parameters, self._rules.profile
        numbers = [number for w in (*windows, *self._instance.nights) for number in (w.earliest, w.latest)]
        numbers += [drive for arc in self._arcs for drive in (arc.empty, arc.adults, arc.children)]
        numbers += [self._service(node) for node in range(len(windows))]
        numbers += [cap for ride in self._rides if (cap := self._rules.caps[ride.request.id]) is not None]
        numbers += [parameters.max_wait or 0, profile.max_span or 0, profile.max_stretch or 0, profile.step]
        numbers += [number for tier in profile.tiers for number in (tier.span, tier.total)]
        return math.gcd(*numbers)

    def _breaks(self) -> None:
        """At most one break on each empty leg, before the drive or after it, counted in whole steps."""
        model, profile = self._model, self._rules.profile
        if not profile.tiers and profile.max_stretch is None:
            return
        most = ALWAYS.latest // profile.step
        nodes = range(len(self._time))
        steps, count = ([model.new_int_var(0, most, "") for _ in nodes] for _ in range(2))
        since = [model.new_int_var(0, ALWAYS.latest, "") for _ in nodes]
        early, late, none = ([model.new_bool_var("") for _ in nodes] for _ in range(3))
        model.add(count[START] == 0)
        model.add(since[START] == self._time[START])
        model.add(late[END] == 0)  # a break after the last drive parts nothing
        for node in nodes:
            model.add_exactly_one(early[node], late[node], none[node])
            model.add(steps[node] == 0).only_enforce_if(none[node])
            model.add(steps[node] >= 1).only_enforce_if(~none[node])
        for arc in self._arcs:
            tail, head, on = arc.tail, arc.head, arc.literal
            model.add_implication(self._is_full[tail], none[head]).only_enforce_if(on)
            if tail == START:
                model.add(early[head] == 0).only_enforce_if(on)
            model.add(count[head] == count[tail] + steps[head]).only_enforce_if(on)
            model.add(since[head] == since[tail]).only_enforce_if([on, none[head]])
            leave = self._time[tail] + self._service(tail)
            idle = self._time[head] - leave - arc.empty
            model.add(steps[head] * profile.step <= idle).only_enforce_if([on, ~none[head]])
            for kind, begin, end in (
                (early, leave, self._time[head] - arc.empty),
                (late, leave + arc.empty, self._time[head]),
            ):
                model.add(since[head] == end).only_enforce_if([on, kind[head]])
                if profile.max_stretch is not None:
                    model.add(begin - since[tail] <= profile.max_stretch).only_enforce_if([on, kind[head]])
        if profile.max_stretch is not None:
            model.add(self._time[END] - since[END] <= profile.max_stretch).only_enforce_if(self.is_used)
        for tier in profile.tiers:
            beyond = model.new_bool_var("")
            model.add(self._span <= tier.span).only_enforce_if(~beyond)
            model.add(count[END] * profile.step >= tier.total).only_enforce_if(beyond)

    # --- what it is worth ---------------------------------------------------------------------------------------------

    def _worth(self) -> None:
        rules = self._rules
        directs = [rules.directs[ride.request.id] for ride in self._rides]
        self.custody = total(self._on_board) - cp_model.LinearExpr.weighted_sum(self._present, directs)
        per_metre, per_second = rules.index.rate_per_metre(self.id), rules.index.rate_per_second(self.id)
        self.cost = total(per_metre * arc.metres * arc.literal for arc in self._arcs) + per_second * self._span
        self.night = total(self._night_seconds())

    def _night_seconds(self) -> Iterator[cp_model.IntVar]:
        """Yield the seconds of each ride in each night, bounded from below: the stage minimises them."""
        if Stage.NIGHT not in self._instance.stages:
            return
        model = self._model
        for number, ride in enumerate(self._rides):
            for night in self._instance.nights:
                begin, end, inside = (model.new_int_var(0, 2 * ALWAYS.latest, "") for _ in range(3))
                boarded = self._time[pickup(number)] + ride.request.pickup.service
                model.add_max_equality(begin, [boarded, night.earliest])
                model.add_min_equality(end, [self._time[delivery(number)], night.latest])
                model.add(inside >= end - begin).only_enforce_if(self._present[number])
                yield inside
