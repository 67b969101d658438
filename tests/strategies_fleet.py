"""Parameters and fleets of tiny random instances."""

from __future__ import annotations

import random
from dataclasses import dataclass

from optimizer.model import (
    RULEBOOK,
    BreakTier,
    Crew,
    Duty,
    EscortRule,
    Licence,
    ParameterSet,
    Place,
    SeatConfiguration,
    Shift,
    Strength,
    Vehicle,
    Window,
    WorkingTime,
    Zab,
)

MORNING = 21_600
"""Begin of the first shift, 06:00."""

OVERRIDABLE = tuple(rule for rule, spec in RULEBOOK.items() if spec.strength is Strength.OVERRIDABLE)


def chance(rng: random.Random, probability: float) -> bool:
    """True with a probability given in whole percent or coarser."""
    return rng.randint(0, 99) < round(probability * 100)


def draw_parameters(rng: random.Random) -> ParameterSet:
    """Draw a parameter set in which every number is on with some probability."""
    rests = chance(rng, 0.35)
    waits = (0, 300, 600, 900, 1800)
    return ParameterSet(
        id="tiny",
        ride_cap=rng.choice((1800, 2400, 3000)) if chance(rng, 0.35) else None,
        ride_cap_children=rng.choice((1200, 1800, 2400)) if chance(rng, 0.3) else None,
        detour_permille=rng.choice((1000, 1500, 2000)) if chance(rng, 0.4) else None,
        detour_allowance=rng.choice((0, 600, 1200, 1800)),
        max_wait=rng.choice(waits) if chance(rng, 0.5) else None,
        rest_every=rng.choice((1200, 1800, 2400)) if rests else None,
        # Without ``rest_every`` the children's figure means nothing: no rests at all.
        rest_every_children=rng.choice((600, 1200)) if chance(rng, 0.5 if rests else 0.05) else None,
        rest_length=600,
        escorts=EscortRule(base=1, base_covers=rng.randint(1, 3), per_further=rng.randint(1, 2))
        if chance(rng, 0.35)
        else EscortRule(),
        working_time=(_profile(rng, "arbzg"), _profile(rng, "other")),
        co2_price=rng.choice((0, 200)),
        strengths=tuple((rule, Strength.WARN) for rule in OVERRIDABLE if chance(rng, 0.3)) if chance(rng, 0.3) else (),
    )


def _profile(rng: random.Random, name: str) -> WorkingTime:
    """A working-time profile whose breaks matter in tours of a few hours."""
    tiers: tuple[BreakTier, ...] = ()
    if chance(rng, 0.55):
        tiers = (BreakTier(span=rng.choice((3600, 5400, 7200)), total=rng.choice((900, 1800))),)
        if chance(rng, 0.5):
            tiers = (*tiers, BreakTier(span=tiers[0].span + rng.choice((1800, 3600)), total=2700))
    return WorkingTime(
        id=name,
        tiers=tiers,
        step=900,
        max_stretch=rng.choice((4500, 5400, 7200)) if chance(rng, 0.25) else None,
        max_span=rng.choice((7200, 9000, 10_800, 14_400)) if chance(rng, 0.3) else None,
        rest=rng.choice((0, 3600, 7200)),
        max_drive=3600 if chance(rng, 0.2) else None,
        drive_break=900,
    )


@dataclass(frozen=True, kw_only=True)
class Fleet:
    """Everything that can carry."""

    zabs: tuple[Zab, ...]
    vehicles: tuple[Vehicle, ...]
    crews: tuple[Crew, ...]
    shifts: tuple[Shift, ...]
    duties: tuple[Duty, ...]


def draw_fleet(rng: random.Random, places: tuple[Place, ...], spice: float) -> Fleet:
    """One to three duties that share vehicles, crews and shifts in all ways."""
    zabs = tuple(
        Zab(
            id=f"Z{i}",
            name=f"Z{i}",
            prior_load=rng.choice((0, 0, 1, 3)),
            budget=rng.choice((0, 1, 1, 2)) if chance(rng, 0.15) else None,
        )
        for i in range(rng.randint(1, 2))
    )
    number = rng.choice((1, 2, 2, 2, 3, 3))
    crews = tuple(_crew(rng, f"C{i}", rng.choice(zabs).id, spice) for i in range(_count(rng, number)))
    shifts: list[Shift] = []
    for i in range(_count(rng, number)):
        start = MORNING + 1800 * rng.randint(0, 3)
        if shifts and chance(rng, 0.5):
            start = shifts[-1].end + rng.choice((0, 1800, 3600, 7200))
        length = rng.choice((7200, 14_400, 14_400, 18_000, 21_600))
        shift = Shift(
            id=f"S{i}",
            crew=crews[i].id if i < len(crews) and chance(rng, 0.85) else rng.choice(crews).id,
            start=start,
            end=start + length,
            profile=rng.choice(("arbzg", "arbzg", "other")),
        )
        shifts.append(shift)
    vehicles = tuple(_vehicle(rng, f"V{i}", rng.choice(zabs).id, shifts, spice) for i in range(_count(rng, number)))
    duties = []
    for i in range(number):
        depot = rng.choice(places).id
        duties.append(
            Duty(
                id=f"D{i}",
                shift=shifts[i].id if i < len(shifts) else rng.choice(shifts).id,
                vehicle=vehicles[i].id if i < len(vehicles) else rng.choice(vehicles).id,
                start_place=None if chance(rng, 0.12) else depot,
                end_place=rng.choice((None, rng.choice(places).id)) if chance(rng, 0.2) else depot,
            )
        )
    return Fleet(zabs=zabs, vehicles=vehicles, crews=crews, shifts=tuple(shifts), duties=tuple(duties))


def _count(rng: random.Random, duties: int) -> int:
    """How many crews, shifts or vehicles: mostly one for each duty, else some are shared."""
    return duties if chance(rng, 0.65) else rng.randint(1, duties)


def _crew(rng: random.Random, name: str, zab: str, spice: float) -> Crew:
    heads = rng.choice((1, 1, 2, 2, 3))
    officers = heads - 1 if chance(rng, 0.4 * spice) else heads
    return Crew(
        id=name,
        zab=zab,
        heads=heads,
        officers=officers,
        female_officers=min(officers, 0 if chance(rng, 0.4 * spice) else rng.randint(1, 2)),
        licences=rng.choice(
            (
                frozenset({Licence.B}),
                frozenset({Licence.D1}),
                frozenset({Licence.D}),
                frozenset({Licence.B, Licence.C1}),
            )
        ),
        skills=frozenset({"interpreter"}) if chance(rng, 0.5) else frozenset(),
        cost_per_hour=rng.choice((0, 3600, 6100)),
    )


def _vehicle(rng: random.Random, name: str, zab: str, shifts: list[Shift], spice: float) -> Vehicle:
    seats = rng.choice((5, 6, 8, 9))
    configurations: tuple[SeatConfiguration, ...] = (SeatConfiguration(seats=seats),)
    if chance(rng, 0.4):
        configurations = (*configurations, SeatConfiguration(seats=max(2, seats - 2), wheelchair_places=1))
    availability: tuple[Window, ...] = ()
    if chance(rng, 0.2):
        shift = rng.choice(shifts)
        start = shift.start + 900 * rng.randint(-1, 4)
        availability = (
            Window(earliest=0, latest=min(other.start for other in shifts)),
            Window(earliest=start, latest=start + 900 * rng.randint(4, 14)),
        )
    return Vehicle(
        id=name,
        zab=zab,
        configurations=configurations,
        child_seats=rng.choice(((0, 0, 0), (1, 0, 1)))
        if chance(rng, 0.4 * spice)
        else rng.choice(((1, 1, 1), (2, 2, 2))),
        luggage=rng.choice((2, 3, 4, 1000)),
        features=frozenset({"partition"}) if chance(rng, 0.5) else frozenset(),
        licence=rng.choice((Licence.D1, Licence.C1)) if chance(rng, 0.2 * spice) else Licence.B,
        carries_children=not chance(rng, 0.4 * spice),
        availability=availability,
        cost_per_km=rng.choice((0, 45, 60)),
        co2_per_km=rng.choice((150, 230)),
    )
