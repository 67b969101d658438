"""Rules lifted one at a time: the same problem without one rule, to see whether that rule is what blocks.

A lift changes the *input* (a wider window, a longer shift, a bigger vehicle) and leaves the enforcers alone, so that
what is asked afterwards is answered by the same routing as every plan.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum

from optimizer.model import (
    DAY,
    MOST,
    EscortRule,
    Instance,
    ParameterSet,
    Request,
    Rule,
    SeatConfiguration,
    Seconds,
    Stop,
    Strength,
    Vehicle,
    Window,
)


class Lift(StrEnum):
    """What can be lifted, the most telling first: where several would help, the first is named."""

    LOAD = "load"
    ESCORTS = "escorts"
    FEMALE_OFFICER = "female_officer"
    COMPANY = "company"
    """All rules on who may ride together; lifted where the rides are built (``trials``)."""
    NIGHT_CHILDREN = "night_children"
    NIGHT_PICKUP = "night_pickup"
    RIDE_TIME = "ride_time"
    DETOUR = "detour"
    WAIT = "wait_on_board"
    REST_STOP = "rest_stop"
    WORKING_BREAK = "working_break"
    SPAN = "span"
    """The longest tour of the working-time profile."""
    SHIFT = "shift"
    """Begin and end of the shift."""
    AVAILABILITY = "availability"
    """When the vehicle may be used."""
    PICKUP = "pickup"
    """The pick-up window."""
    HANDOVER = "handover"
    """The hand-over window."""
    COMMITMENT = "commitment"
    """The promised tour."""


TIMED: tuple[Lift, ...] = (Lift.PICKUP, Lift.SHIFT, Lift.AVAILABILITY, Lift.HANDOVER)
"""Lifts that can be made by some minutes only."""
Lifts = Mapping[Lift, Seconds | None]
"""Rules to lift; by how many seconds, or ``None`` altogether."""
NOTHING: Lifts = {}


def lifted(instance: Instance, lifts: Lifts) -> Instance:
    """Return the problem without these rules."""
    committed = {promise.request for c in instance.commitments for promise in c.promises}
    everything = _reach(instance)
    if Lift.COMMITMENT in lifts:
        kept = tuple(request for request in instance.requests if request.id not in committed)
        ids = {request.id for request in kept}
        kept = tuple(replace(request, excluded=request.excluded & ids) for request in kept)
        instance = replace(instance, commitments=(), requests=kept)
    by = {lift: everything if seconds is None else seconds for lift, seconds in lifts.items()}
    room = _room(instance)
    return replace(
        instance,
        parameters=_parameters(instance.parameters, lifts),
        vehicles=tuple(_vehicle(vehicle, by, room) for vehicle in instance.vehicles),
        shifts=tuple(
            replace(shift, start=shift.start - by[Lift.SHIFT], end=shift.end + by[Lift.SHIFT])
            if Lift.SHIFT in by
            else shift
            for shift in instance.shifts
        ),
        requests=tuple(_request(request, request.id in committed, by) for request in instance.requests),
    )


def _room(instance: Instance) -> tuple[int, int]:
    """Places for all people of the day and any crew at once, and room for all luggage."""
    people = sum(max(request.party.size, request.load or 0) for request in instance.requests)
    crew = max((crew.heads for crew in instance.crews), default=0)
    return people + crew + 1, sum(request.luggage for request in instance.requests)


def _reach(instance: Instance) -> Seconds:
    """Seconds that no window and no shift could ask for more of."""
    instants = [moment for shift in instance.shifts for moment in (shift.start, shift.end)]
    instants += [
        moment for vehicle in instance.vehicles for w in vehicle.availability for moment in (w.earliest, w.latest)
    ]
    instants += [stop.latest for request in instance.requests for stop in (request.pickup, request.delivery)]
    return 3 * max((abs(moment) for moment in instants if abs(moment) < 1000 * DAY), default=0) + 3 * DAY


def _parameters(parameters: ParameterSet, lifts: Lifts) -> ParameterSet:
    strengths = parameters.strengths
    if Lift.FEMALE_OFFICER in lifts:
        strengths = (
            *(pair for pair in strengths if pair[0] is not Rule.FEMALE_OFFICER),
            (Rule.FEMALE_OFFICER, Strength.WARN),
        )
    profiles = parameters.working_time
    if Lift.WORKING_BREAK in lifts:
        profiles = tuple(replace(profile, tiers=(), max_stretch=None) for profile in profiles)
    if Lift.SPAN in lifts:
        profiles = tuple(replace(profile, max_span=None) for profile in profiles)
    parameters = replace(parameters, strengths=strengths, working_time=profiles)
    if Lift.ESCORTS in lifts:
        parameters = replace(parameters, escorts=EscortRule())
    if Lift.RIDE_TIME in lifts:
        parameters = replace(parameters, ride_cap=None, ride_cap_children=None)
    if Lift.DETOUR in lifts:
        parameters = replace(parameters, detour_permille=None)
    if Lift.WAIT in lifts:
        parameters = replace(parameters, max_wait=None)
    if Lift.REST_STOP in lifts:
        parameters = replace(parameters, rest_every=None, rest_every_children=None)
    return parameters


def _vehicle(vehicle: Vehicle, by: Mapping[Lift, Seconds], room: tuple[int, int]) -> Vehicle:
    if Lift.LOAD in by:
        places, luggage = (min(MOST, number) for number in room)
        vehicle = replace(
            vehicle,
            configurations=(SeatConfiguration(seats=places, wheelchair_places=places),),
            child_seats=(places, places, places),
            luggage=luggage,
        )
    if Lift.AVAILABILITY in by and vehicle.availability:
        more = by[Lift.AVAILABILITY]
        windows = tuple(Window(earliest=w.earliest - more, latest=w.latest + more) for w in vehicle.availability)
        vehicle = replace(vehicle, availability=windows)
    return vehicle


def _request(request: Request, is_committed: bool, by: Mapping[Lift, Seconds]) -> Request:
    if Lift.RIDE_TIME in by:
        request = replace(request, max_ride=None)
    if Lift.FEMALE_OFFICER in by:
        request = replace(request, escort_female=0)
    if Lift.ESCORTS in by:
        request = replace(request, escort_officers=request.escort_female)
    if is_committed:
        return request
    if Lift.NIGHT_CHILDREN in by:
        request = replace(request, waived=request.waived | {Rule.NIGHT_CHILDREN})
    if Lift.NIGHT_PICKUP in by:
        request = replace(request, night_ground=True)
    if Lift.PICKUP in by:
        request = replace(request, pickup=_wider(request.pickup, by[Lift.PICKUP]))
    if Lift.HANDOVER in by:
        request = replace(request, delivery=_wider(request.delivery, by[Lift.HANDOVER]))
    return request


def _wider(stop: Stop, by: Seconds) -> Stop:
    return replace(stop, earliest=max(0, stop.earliest - by), latest=stop.latest + by)
