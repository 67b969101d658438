"""One rich valid plan, and for every rule one change that breaks exactly this rule.

The day on a line (driving seconds from the depot): A 1800, B 3600, C 5400, P 9000.

- D1 (crew C1, vehicle V1, ZAB Z1): two men R1 from A and R2 from B pooled to P, a break of 45 min there, then the
  committed family Q1 from C to P.
- D2 (crew C2, vehicle V2, ZAB Z2): a woman in a wheelchair, R3 from A to P and, bundled with it, R4 back.
- D3 (crew C2 on the next day): the family R5 from B to C, pinned; it waits 30 min for the hand-over window.
- D4 (crew C4, vehicle V4) is not used; R6 is unserved.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from optimizer.model import Assignment, Instance, Licence, Need, ParameterSet, Rule, Solution, Tour, Visit, VisitKind
from optimizer.travel.matrix import TravelMatrix
from tests.builders import (
    FAMILY,
    LONE_MINOR,
    MEN,
    WOMAN,
    TourBuilder,
    arbzg,
    commitment,
    crew,
    duty,
    instance,
    line,
    plan,
    published,
    request,
    seats,
    shift,
    strict,
    vehicle,
    window,
    with_visits,
    zab,
)

WHEELCHAIR = frozenset({Need.WHEELCHAIR, Need.INTERPRETER})
NIGHTS = (window(0, 21600), window(75600, 108000))


@dataclass(frozen=True)
class World:
    """A problem and a plan for it."""

    instance: Instance
    travel: TravelMatrix
    solution: Solution

    def changed(self, noun: str, id: str, **fields: Any) -> World:  # noqa: A002
        """The same world but for some fields of one value of the instance."""
        values = getattr(self.instance, noun)
        assert any(value.id == id for value in values)
        new = tuple(replace(value, **fields) if value.id == id else value for value in values)
        named: dict[str, Any] = {noun: new}
        return replace(self, instance=replace(self.instance, **named))

    def ruled(self, **fields: Any) -> World:
        """The same world but for some parameters."""
        parameters: ParameterSet = replace(self.instance.parameters, **fields)
        return replace(self, instance=replace(self.instance, parameters=parameters))

    def tour(self, duty: str) -> Tour:
        """The tour of a duty."""
        return next(tour for tour in self.solution.tours if tour.duty == duty)

    def with_tour(self, tour: Tour) -> World:
        """The same world with ``tour`` in place of its duty's, or as one more."""
        kept = [tour if each.duty == tour.duty else each for each in self.solution.tours]
        return replace(self, solution=plan(*kept, *([] if tour in kept else [tour])))


def rich_world() -> World:
    """The plan of the module's head: it breaks no rule, and touches the limits of many."""
    requests = (
        request("R1", "A", "P", pickup=(27000, 30000), service=(1800, 600)),
        request("R2", "B", "P", pickup=(27000, 33000), service=(1800, 600)),
        request("Q1", "C", "P", service=(2700, 600), party=FAMILY),
        request("R3", "A", "P", service=(1800, 600), party=WOMAN, needs=WHEELCHAIR, wheelchairs=1, bundle="trip"),
        request("R4", "P", "A", party=WOMAN, needs=WHEELCHAIR, wheelchairs=1, bundle="trip"),
        request(
            "R5",
            "B",
            "C",
            pickup=(108000, 119000),
            delivery=(119800, 122000),
            service=(600, 600),
            party=FAMILY,
            pin="D3",
        ),
        request("R6", "A", "B"),
    )
    able: dict[str, Any] = {"female_officers": 1, "skills": frozenset({"interpreter"})}
    both: dict[str, Any] = {"configurations": (seats(9), seats(7, 1)), "child_seats": (1, 1, 1)}
    world = instance(
        *requests,
        zabs=(zab("Z1"), zab("Z2")),
        vehicles=(vehicle("V1", **both), vehicle("V2", "Z2", **both), vehicle("V4", **both)),
        crews=(crew("C1", **able), crew("C2", "Z2", **able), crew("C4", **able)),
        shifts=(
            shift("S1", "C1", 21600, 64800),
            shift("S2", "C2", 21600, 64800),
            shift("S3", "C2", 108000, 150000),
            shift("S4", "C4", 21600, 64800),
        ),
        duties=(
            duty("D1", "S1", "V1"),
            duty("D2", "S2", "V2"),
            duty("D3", "S3", "V2"),
            duty("D4", "S4", "V4"),
        ),
        commitments=(commitment("D1", ("Q1", "pickup", 45300), ("Q1", "delivery", 51600), tolerance=600),),
        published=published(R1="D1"),
        nights=NIGHTS,
        parameters=strict(),
    )
    travel = line({"depot": 0, "A": 1800, "B": 3600, "C": 5400, "P": 9000})
    first = TourBuilder(world, travel, "D1", leave=25200).pickup("R1").pickup("R2").delivery("R1").delivery("R2")
    return World(
        instance=world,
        travel=travel,
        solution=plan(
            first.pause(2700).ride("Q1").build(),
            TourBuilder(world, travel, "D2", leave=30000).ride("R3").pause(2700).ride("R4").build(),
            TourBuilder(world, travel, "D3", leave=112000).ride("R5").build(),
        ),
    )


Mutation = Callable[[World], World]
MUTATIONS: dict[Rule, Mutation] = {}


def breaks(rule: Rule) -> Callable[[Mutation], Mutation]:
    """Register a change of the rich world that breaks ``rule`` and no other."""

    def register(mutation: Mutation) -> Mutation:
        assert rule not in MUTATIONS
        MUTATIONS[rule] = mutation
        return mutation

    return register


def _visits(world: World, duty: str, change: Callable[[Visit], Visit | None]) -> World:
    tour = world.tour(duty)
    changed = [change(visit) for visit in tour.visits]
    return world.with_tour(with_visits(tour, [visit for visit in changed if visit is not None]))


@breaks(Rule.ONCE_PER_REQUEST)
def carry_a_request_twice(world: World) -> World:
    return world.with_tour(TourBuilder(world.instance, world.travel, "D4", leave=25200).ride("R1").pause(2700).build())


@breaks(Rule.BUNDLE)
def leave_the_return_trip_out(world: World) -> World:
    builder = TourBuilder(world.instance, world.travel, "D2", leave=30000)
    return world.with_tour(builder.ride("R3").pause(2700).build())


@breaks(Rule.PAIRING)
def forget_a_hand_over(world: World) -> World:
    tour = TourBuilder(world.instance, world.travel, "D3", leave=112000).pickup("R5").build()
    return world.with_tour(tour)


@breaks(Rule.WINDOW)
def close_a_window_too_early(world: World) -> World:
    pickup = replace(world.instance.requests[0].pickup, earliest=20000, latest=26999)
    return world.changed("requests", "R1", pickup=pickup)


@breaks(Rule.DRIVE_TIME)
def come_home_too_soon(world: World) -> World:
    def sooner(visit: Visit) -> Visit:
        if visit.kind is not VisitKind.END:
            return visit
        return replace(visit, arrival=visit.arrival - 1, start=visit.start - 1, departure=visit.departure - 1)

    return _visits(world, "D3", sooner)


@breaks(Rule.LOAD)
def take_the_wheelchair_place_out(world: World) -> World:
    return world.changed("vehicles", "V2", configurations=(seats(9),))


@breaks(Rule.VEHICLE_FEATURES)
def ask_for_a_lift(world: World) -> World:
    return world.changed("requests", "R1", features=frozenset({"lift"}))


@breaks(Rule.CREW_SKILLS)
def leave_the_interpreter_at_home(world: World) -> World:
    return world.changed("crews", "C2", skills=frozenset())


@breaks(Rule.LICENCE)
def take_a_minibus(world: World) -> World:
    return world.changed("vehicles", "V1", licence=Licence.D1)


@breaks(Rule.NO_CHILDREN_VEHICLE)
def take_a_prisoner_transporter(world: World) -> World:
    return world.changed("vehicles", "V1", carries_children=False)


@breaks(Rule.RIDE_TIME)
def lower_the_ride_cap(world: World) -> World:
    return world.ruled(ride_cap=8999)


@breaks(Rule.DETOUR)
def forbid_detours(world: World) -> World:
    return world.ruled(detour_permille=1249, detour_allowance=1799)


@breaks(Rule.WAIT_ON_BOARD)
def forbid_the_wait(world: World) -> World:
    return world.ruled(max_wait=1799)


@breaks(Rule.REST_STOP)
def ask_for_more_rests(world: World) -> World:
    return world.ruled(rest_every=7199, rest_length=0)


@breaks(Rule.SEPARATION)
def flag_a_passenger_as_separate(world: World) -> World:
    return world.changed("requests", "R1", separate=True)


@breaks(Rule.EXCLUSION)
def let_one_exclude_the_other(world: World) -> World:
    return world.changed("requests", "R2", excluded=frozenset({"R1"}))


@breaks(Rule.FAMILIES_APART)
def make_one_a_family(world: World) -> World:
    return world.changed("requests", "R1", party=MEN)


@breaks(Rule.WOMEN_ALONE)
def make_one_a_woman_alone(world: World) -> World:
    return world.changed("requests", "R2", party=WOMAN)


@breaks(Rule.LONE_MINOR)
def make_one_a_lone_minor(world: World) -> World:
    return world.changed("requests", "R2", party=LONE_MINOR)


@breaks(Rule.ESCORTS)
def take_an_officer_away(world: World) -> World:
    return world.changed("crews", "C1", officers=1)


@breaks(Rule.FEMALE_OFFICER)
def send_men_only(world: World) -> World:
    return world.changed("crews", "C1", female_officers=0)


@breaks(Rule.SHIFT_SPAN)
def end_the_shift_early(world: World) -> World:
    return world.changed("shifts", "S1", end=61199)


@breaks(Rule.WORKING_BREAK)
def shorten_the_break_by_a_second(world: World) -> World:
    def shorter(visit: Visit) -> Visit:
        return replace(visit, departure=visit.departure - 1) if visit.kind is VisitKind.BREAK else visit

    return _visits(world, "D1", shorter)


@breaks(Rule.REST_BETWEEN_SHIFTS)
def begin_the_next_shift_early(world: World) -> World:
    return world.changed("shifts", "S3", start=64800 + 39600 - 1)


@breaks(Rule.VEHICLE_DOUBLED)
def put_two_crews_on_one_vehicle(world: World) -> World:
    return world.changed("duties", "D2", vehicle="V1")


@breaks(Rule.CREW_DOUBLED)
def put_one_crew_on_two_vehicles(world: World) -> World:
    return world.changed("shifts", "S2", crew="C1")


@breaks(Rule.DEPOT)
def ask_for_another_depot(world: World) -> World:
    return world.changed("duties", "D3", end_place="A")


@breaks(Rule.COMMITMENT)
def promise_another_time(world: World) -> World:
    promise = commitment("D1", ("Q1", "pickup", 45300 + 601), ("Q1", "delivery", 51600), tolerance=600)
    return replace(world, instance=replace(world.instance, commitments=(promise,)))


@breaks(Rule.NIGHT_PICKUP)
def let_the_night_last_longer(world: World) -> World:
    return replace(world, instance=replace(world.instance, nights=(window(0, 27001), NIGHTS[1])))


@breaks(Rule.NIGHT_CHILDREN)
def let_night_fall_on_a_family(world: World) -> World:
    nights = (*NIGHTS, window(120399, 122000))
    return replace(world, instance=replace(world.instance, nights=nights))


@breaks(Rule.BARRED)
def let_the_duty_have_declined_before(world: World) -> World:
    return world.changed("requests", "R1", barred_duties=frozenset({"D1"}))


@breaks(Rule.FROZEN)
def freeze_the_tour(world: World) -> World:
    commitments = tuple(replace(promise, frozen=True) for promise in world.instance.commitments)
    return replace(world, instance=replace(world.instance, commitments=commitments))


@breaks(Rule.PIN)
def pin_to_another_duty(world: World) -> World:
    return world.changed("requests", "R1", pin="D4")


@breaks(Rule.SERVE_ALL)
def demand_that_all_are_served(world: World) -> World:
    return replace(world, instance=replace(world.instance, serve_all=True))


@breaks(Rule.BUDGET)
def lower_the_budget(world: World) -> World:
    return world.changed("zabs", "Z1", budget=1)


@breaks(Rule.CHANGE_BUDGET)
def have_published_another_plan(world: World) -> World:
    published = (Assignment(request="R1", duty="D4"), Assignment(request="R2", duty="D4"))
    return replace(world, instance=replace(world.instance, published=published, change_budget=1))


@breaks(Rule.DRIVER_BREAK)
def lower_the_longest_drive(world: World) -> World:
    return world.ruled(working_time=(arbzg(max_drive=16199),))
