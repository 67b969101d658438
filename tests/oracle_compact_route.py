"""One duty of the compact model without its clock: the circuit of its stops, and who is on board.

Nodes are the depot at the start and at the end, and a pick-up and a hand-over for each ride (a request on one stretch
of day) that the duty may make. ``_aboard[n][r]`` says whether ride ``r`` is on board on leaving node ``n``: it is
handed on along the arcs of the circuit, and everything that depends on who is on board is read from it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

from ortools.sat.python import cp_model

from optimizer.model import CHILD_SEAT_BANDS, Instance, Request, Rule, VisitKind, Window
from tests.oracle_sequences import DutyRules, Ride

Expression: TypeAlias = cp_model.LinearExpr | int
START, END = 0, 1


def total(parts: Iterable[Expression]) -> Expression:
    """Sum of expressions, 0 where there are none."""
    whole: Expression = cp_model.LinearExpr.sum(list(parts))
    return whole


def pickup(ride: int) -> int:
    """Node of a ride's pick-up."""
    return 2 + 2 * ride


def delivery(ride: int) -> int:
    """Node of a ride's hand-over."""
    return 3 + 2 * ride


@dataclass(frozen=True, slots=True, kw_only=True)
class Arc:
    """A drive from one node to another: seconds with nobody, with adults only, with children on board."""

    tail: int
    head: int
    empty: int
    adults: int
    children: int
    metres: int
    literal: cp_model.IntVar


class Route:
    """``carried`` holds an expression by pool request; without rides (``_rides``) the duty cannot be used."""

    def __init__(self, model: cp_model.CpModel, instance: Instance, rules: DutyRules) -> None:
        self.id = rules.duty.id
        self.carried: dict[str, Expression] = {}
        self.is_used = model.new_bool_var(f"used {self.id}")
        self._model, self._instance, self._rules = model, instance, rules
        self._promised: set[int] = set()
        self._rides = list(self._collected()) if rules.is_usable() else []
        if rules.commitment is not None:
            model.add(self.is_used == 1)
        if not self._rides:
            model.add(self.is_used == 0)
            return
        self._present = [model.new_bool_var("") for _ in self._rides]
        self._circuit()
        self._people()
        self._seats()

    # --- what there is ------------------------------------------------------------------------------------------------

    def _collected(self) -> Iterator[Ride]:
        """Yield the rides: those promised, then those of the pool; nothing where a promised one cannot be carried."""
        rules = self._rules

        def fits(request: Request) -> bool:
            return rules.can_carry(request) and rules.may_board([request])

        promises = rules.commitment.promises if rules.commitment is not None else ()
        committed = {promise.request: rules.index.request[promise.request] for promise in promises}
        if not all(fits(request) for request in committed.values()):
            return
        tolerance = rules.commitment.tolerance if rules.commitment is not None else 0
        windows = {
            (p.request, p.kind): Window(earliest=max(0, p.start - tolerance), latest=p.start + tolerance)
            for p in promises
        }
        for number, (name, request) in enumerate(committed.items()):
            self._promised.add(number)
            yield Ride(
                request=request, pickup=windows[name, VisitKind.PICKUP], delivery=windows[name, VisitKind.DELIVERY]
            )
        for request in rules.index.pool:
            if fits(request):
                yield from rules.rides(request)

    def _place(self, node: int) -> str | None:
        if node in (START, END):
            return self._rules.duty.start_place if node == START else self._rules.duty.end_place
        request = self._rides[node // 2 - 1].request
        return request.delivery.place if node % 2 else request.pickup.place

    def _service(self, node: int) -> int:
        if node in (START, END):
            return 0
        request = self._rides[node // 2 - 1].request
        return request.delivery.service if node % 2 else request.pickup.service

    # --- the circuit --------------------------------------------------------------------------------------------------

    def _circuit(self) -> None:
        model, rules = self._model, self._rules
        nodes = range(2 + 2 * len(self._rides))
        loops = [(pickup(r), pickup(r), ~self._present[r]) for r in range(len(self._rides))]
        loops += [(delivery(r), delivery(r), ~self._present[r]) for r in range(len(self._rides))]
        loops += [(START, START, ~self.is_used), (END, END, ~self.is_used), (END, START, self.is_used)]
        self._arcs: list[Arc] = []
        for tail in nodes:
            for head in nodes:
                if tail in (head, END) or head == START or (tail, head) == (START, END):
                    continue
                if (tail == START and head % 2) or (head == END and not tail % 2) or (tail % 2 and tail == head + 1):
                    continue  # nobody on board at the depots; no hand-over before the pick-up
                a, b = self._place(tail), self._place(head)
                drive = rules.drives[a, b] if a is not None and b is not None else 0
                rest = self._instance.parameters.rest_length
                self._arcs.append(
                    Arc(
                        tail=tail,
                        head=head,
                        empty=drive,
                        literal=model.new_bool_var(f"{self.id} {tail}-{head}"),
                        adults=drive + rest * rules.rests(drive, children=False),
                        children=drive + rest * rules.rests(drive, children=True),
                        metres=rules.distances[a, b] if a is not None and b is not None else 0,
                    )
                )
        model.add_circuit([*loops, *((arc.tail, arc.head, arc.literal) for arc in self._arcs)])
        for request in rules.index.pool:
            own = [self._present[r] for r, ride in enumerate(self._rides) if ride.request.id == request.id]
            if own:
                model.add_at_most_one(own)
                self.carried[request.id] = total(own)
        for ride in self._promised:
            model.add(self._present[ride] == 1)
        self._keep_order(len(nodes))

    def _keep_order(self, nodes: int) -> None:
        """What is promised keeps its order, whatever stands between."""
        if commitment := self._rules.commitment:
            rank = [self._model.new_int_var(0, nodes, "") for _ in range(nodes)]
            for arc in self._arcs:
                self._model.add(rank[arc.head] == rank[arc.tail] + 1).only_enforce_if(arc.literal)
            ride = {self._rides[number].request.id: number for number in self._promised}
            order = [(pickup if p.kind is VisitKind.PICKUP else delivery)(ride[p.request]) for p in commitment.promises]
            for earlier, later in pairwise(order):
                self._model.add(rank[earlier] < rank[later])

    # --- who is on board ----------------------------------------------------------------------------------------------

    def _people(self) -> None:
        model, rides = self._model, range(len(self._rides))
        nodes = 2 + 2 * len(self._rides)
        self._aboard = [[model.new_bool_var("") for _ in rides] for _ in range(nodes)]
        for ride in rides:
            model.add(self._aboard[pickup(ride)][ride] == self._present[ride])
            for node in (START, END, delivery(ride)):
                model.add(self._aboard[node][ride] == 0)
        for arc in self._arcs:
            for ride in rides:
                before, after = self._aboard[arc.tail][ride], self._aboard[arc.head][ride]
                if arc.head == pickup(ride):
                    model.add(before == 0).only_enforce_if(arc.literal)
                elif arc.head == delivery(ride):
                    model.add(before == 1).only_enforce_if(arc.literal)
                else:
                    model.add(before == after).only_enforce_if(arc.literal)
        self._is_full = [self._any(self._aboard[node]) for node in range(nodes)]
        young = [ride for ride in rides if self._rides[ride].request.party.has_children]
        self._has_child = [self._any([self._aboard[node][ride] for ride in young]) for node in range(nodes)]
        for a in rides:
            for b in rides:
                if a != b and not self._rules.may_share(self._rides[a].request, self._rides[b].request):
                    model.add(self._aboard[pickup(a)][b] == 0)

    def _any(self, literals: list[cp_model.IntVar]) -> cp_model.IntVar:
        some = self._model.new_bool_var("")
        if literals:
            self._model.add_max_equality(some, literals)
        else:
            self._model.add(some == 0)
        return some

    def _seats(self) -> None:
        """Seats in one configuration from empty to empty, child seats, luggage, officers."""
        model, rules = self._model, self._rules
        requests = [ride.request for ride in self._rides]
        vehicle, crew, escorts = rules.vehicle, rules.crew, self._instance.parameters.escorts
        configurations = vehicle.configurations
        setup = [[model.new_bool_var("") for _ in configurations] for _ in self._aboard]
        for node, flags in enumerate(setup):
            model.add_exactly_one(flags)
            board = self._aboard[node]

            def load(loads: list[int], board: list[cp_model.IntVar] = board) -> cp_model.LinearExpr:
                return cp_model.LinearExpr.weighted_sum(board, loads)

            for flag, configuration in zip(flags, configurations, strict=True):
                seats = [r.load if r.load is not None else r.party.size - r.wheelchairs for r in requests]
                # A vehicle with fewer seats than crew carries nobody, yet may stand at a stop that it does not make.
                full = [flag, self._is_full[node]]
                model.add(load(seats) <= configuration.seats - crew.heads).only_enforce_if(full)
                model.add(load([r.wheelchairs for r in requests]) <= configuration.wheelchair_places).only_enforce_if(
                    full
                )
            for band, stock in zip(CHILD_SEAT_BANDS, vehicle.child_seats, strict=True):
                model.add(load([r.party.count(frozenset({band})) for r in requests]) <= stock)
            model.add(load([r.luggage for r in requests]) <= vehicle.luggage)
            if rules.applies(Rule.ESCORTS):
                adults = [r.party.escorted_adults for r in requests]
                enough = [number for number in range(sum(adults) + 1) if escorts.officers(number) <= crew.officers]
                model.add(load(adults) <= max(enough, default=0))
        for arc in self._arcs:
            for before, after in zip(setup[arc.tail], setup[arc.head], strict=True):
                model.add(before == after).only_enforce_if([arc.literal, self._is_full[arc.tail]])
