"""Tiny random instances that use every rule: small enough for brute force, tight enough that the rules bite.

``random_tiny(seed)`` makes one from a seed; ``tiny_instances()`` is the same construction as a hypothesis strategy
that shrinks. Drives, services, windows, caps and shifts are multiples of 300 s (detour caps too: drives and rests are
multiples of 600 s and the permille figure one of 1000, 1500, 2000). The one thing off that grid is a night's last
second before it begins, which is a legal pick-up.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

import numpy as np
from hypothesis import strategies as st

from optimizer.model import (
    AgeBand,
    Assignment,
    BreakTier,
    Commitment,
    Crew,
    DeadlineClass,
    Duty,
    EscortRule,
    Instance,
    InstanceIndex,
    Licence,
    Need,
    NRW_STAGES,
    ParameterSet,
    Party,
    People,
    Place,
    PlaceKind,
    Promise,
    Request,
    RULEBOOK,
    Rule,
    SeatConfiguration,
    Sex,
    Shift,
    Stage,
    Stop,
    Strength,
    Vehicle,
    VisitKind,
    Window,
    WorkingTime,
    Zab,
)
from optimizer.travel.matrix import TravelMatrix

MORNING = 21_600
"""Begin of the first shift, 06:00."""
SLOT = 300
"""The grid of all times, seconds."""

OVERRIDABLE = tuple(rule for rule, spec in RULEBOOK.items() if spec.strength is Strength.OVERRIDABLE)

MAN = Party(groups=(People(age=AgeBand.ADULT, sex=Sex.MALE),))
WOMAN = Party(groups=(People(age=AgeBand.ADULT, sex=Sex.FEMALE),))
LONE_TEEN = Party(groups=(People(age=AgeBand.TEEN, sex=Sex.MALE),))
LONE_CHILD = Party(groups=(People(age=AgeBand.YOUNG, sex=Sex.FEMALE),))
COUPLE = Party(groups=(People(age=AgeBand.ADULT, sex=Sex.MALE), People(age=AgeBand.ADULT, sex=Sex.FEMALE)))
BROTHERS = Party(groups=(People(age=AgeBand.ADULT, sex=Sex.MALE, count=2),))
MOTHER = Party(groups=(People(age=AgeBand.ADULT, sex=Sex.FEMALE), People(age=AgeBand.INFANT, sex=Sex.MALE)))
FATHER = Party(
    groups=(
        People(age=AgeBand.ADULT, sex=Sex.MALE),
        People(age=AgeBand.TODDLER, sex=Sex.DIVERSE),
        People(age=AgeBand.CHILD, sex=Sex.MALE),
    )
)
PARTIES: tuple[tuple[Party, ...], ...] = (
    (MAN,),
    (MAN, MAN, WOMAN, BROTHERS, COUPLE, MOTHER, FATHER, LONE_TEEN, LONE_CHILD),
    (BROTHERS, COUPLE, MOTHER, FATHER, MAN),
    (MAN, WOMAN, WOMAN),
    (MAN, MAN, LONE_TEEN, BROTHERS),
)


def tiny_instances() -> st.SearchStrategy[tuple[Instance, TravelMatrix]]:
    """Strategy of tiny instances with their travel times; shrinks through the random choices."""
    return st.randoms(use_true_random=False).map(build_tiny)


def random_tiny(seed: int) -> tuple[Instance, TravelMatrix]:
    """The tiny instance of ``seed``, always the same one."""
    instance, travel = build_tiny(random.Random(seed))
    return replace(instance, name=f"tiny-{seed}"), travel


def build_tiny(rng: random.Random) -> tuple[Instance, TravelMatrix]:
    """Draw an instance with 1-4 pool requests, 0-2 committed ones, 1-3 duties and 2-5 places."""
    places = tuple(Place(id=f"P{i}", name=f"P{i}", kind=PlaceKind.NODE) for i in range(rng.randint(2, 5)))
    travel = _travel(rng, places)
    # How often requests ask for something special: seldom in most instances, so that they can be carried at all.
    spice = rng.choice((0.25, 0.25, 1.0))
    fleet = _fleet(rng, places, spice)
    parameters = _parameters(rng)
    draft = Instance(
        name="tiny",
        places=places,
        zabs=fleet.zabs,
        vehicles=fleet.vehicles,
        crews=fleet.crews,
        shifts=fleet.shifts,
        duties=fleet.duties,
        requests=(),
        nights=_nights(rng, fleet.shifts),
        parameters=parameters,
    )
    parties = rng.choice(PARTIES)
    committed, commitments = _commitments(rng, draft, travel, parties, spice)
    pool = _pool(rng, draft, travel, parties, spice, [p for c in commitments for p in c.promises], committed)
    published: list[Assignment] = []
    if _chance(rng, 0.4):
        published = [
            Assignment(request=request.id, duty=rng.choice(fleet.duties).id)
            for request in (*pool, *committed)
            if _chance(rng, 0.6)
        ]
    return (
        replace(
            draft,
            requests=(*pool, *committed) if _chance(rng, 0.7) else (*committed, *pool),
            commitments=commitments,
            published=tuple(published),
            stages=_stages(rng),
            serve_all=_chance(rng, 0.03),
        ),
        travel,
    )


def _chance(rng: random.Random, probability: float) -> bool:
    return rng.randint(0, 99) < round(probability * 100)


def _travel(rng: random.Random, places: tuple[Place, ...]) -> TravelMatrix:
    """City-block drives of 600 s a block; in one instance of five any drives, neither symmetric nor metric."""
    n = len(places)
    points = [(rng.randint(0, 2), rng.randint(0, 2)) for _ in places]
    wild = _chance(rng, 0.2)
    seconds = np.zeros((n, n), dtype=np.int64)
    metres = np.zeros((n, n), dtype=np.int64)
    for i in range(n):
        for j in range(n):
            if i != j:
                blocks = abs(points[i][0] - points[j][0]) + abs(points[i][1] - points[j][1])
                seconds[i, j] = 600 * (rng.randint(1, 5) if wild else max(1, blocks))
                metres[i, j] = int(seconds[i, j]) * 20 + (rng.randint(0, 3) * 700 if wild else 0)
    ids = tuple(place.id for place in places)
    return TravelMatrix(places=ids, seconds=seconds, metres=metres, sources=np.zeros((n, n), np.uint8), tags=("test",))


def _nights(rng: random.Random, shifts: tuple[Shift, ...]) -> tuple[Window, ...]:
    """No night, one at either end of the day that cuts into the shifts, or a short one in their midst."""
    first, last = min(shift.start for shift in shifts), max(shift.end for shift in shifts)
    draw = rng.randint(0, 9)
    if draw < 3:
        return ()
    if draw < 6:
        dawn = first + 900 * rng.randint(0, 6)
        return (
            Window(earliest=0, latest=dawn),
            Window(earliest=max(dawn, last - 900 * rng.randint(-2, 4)), latest=last + 21_600),
        )
    start = first + 900 * rng.randint(2, 10)
    return (Window(earliest=start, latest=start + 900 * rng.randint(1, 6)),)


def _stages(rng: random.Random) -> tuple[Stage, ...]:
    """Return stages in any order that an instance allows: custody, night, cost stay in theirs."""
    if rng.random() < 0.4:
        return NRW_STAGES
    if rng.random() < 0.3:
        return rng.choice([(Stage.SERVED, Stage.COST), (Stage.COST,), (Stage.SERVED,)])
    drawn = rng.sample(list(NRW_STAGES), rng.randint(1, len(NRW_STAGES)))
    if Stage.NIGHT in drawn and Stage.CUSTODY not in drawn:
        drawn.append(Stage.CUSTODY)
    timed = iter(sorted((s for s in drawn if s in _TIMED), key=list(Stage).index))
    return tuple(next(timed) if stage in _TIMED else stage for stage in drawn)


_TIMED = (Stage.CUSTODY, Stage.NIGHT, Stage.COST)



# --- parameters -------------------------------------------------------------------------------------------------------


def _parameters(rng: random.Random) -> ParameterSet:
    rests = _chance(rng, 0.35)
    waits = (0, 300, 600, 900, 1800)
    return ParameterSet(
        id="tiny",
        ride_cap=rng.choice((2400, 3600, 5400)) if _chance(rng, 0.3) else None,
        ride_cap_children=rng.choice((1800, 2400, 3600)) if _chance(rng, 0.3) else None,
        detour_permille=rng.choice((1000, 1500, 2000)) if _chance(rng, 0.4) else None,
        detour_allowance=rng.choice((0, 600, 1200, 1800)),
        max_wait=rng.choice(waits) if _chance(rng, 0.5) else None,
        rest_every=rng.choice((1200, 1800, 2400)) if rests else None,
        # Without ``rest_every`` the children's figure means nothing: no rests at all.
        rest_every_children=rng.choice((600, 1200)) if _chance(rng, 0.5 if rests else 0.05) else None,
        rest_length=600,
        escorts=EscortRule(base=1, base_covers=rng.randint(1, 3), per_further=rng.randint(1, 2))
        if _chance(rng, 0.35)
        else EscortRule(),
        working_time=(_profile(rng, "arbzg"), _profile(rng, "other")),
        co2_price=rng.choice((0, 200)),
        strengths=tuple((rule, Strength.WARN) for rule in OVERRIDABLE if _chance(rng, 0.3))
        if _chance(rng, 0.3)
        else (),
    )


def _profile(rng: random.Random, name: str) -> WorkingTime:
    """A working-time profile whose breaks matter in tours of a few hours."""
    tiers: tuple[BreakTier, ...] = ()
    if _chance(rng, 0.55):
        tiers = (BreakTier(span=rng.choice((3600, 5400, 7200)), total=rng.choice((900, 1800))),)
        if _chance(rng, 0.5):
            tiers = (*tiers, BreakTier(span=tiers[0].span + rng.choice((1800, 3600)), total=2700))
    return WorkingTime(
        id=name,
        tiers=tiers,
        step=900,
        max_stretch=rng.choice((4500, 5400, 7200)) if _chance(rng, 0.25) else None,
        max_span=rng.choice((7200, 9000, 10_800, 14_400)) if _chance(rng, 0.3) else None,
        rest=rng.choice((0, 3600, 7200)),
        max_drive=3600 if _chance(rng, 0.2) else None,
        drive_break=900,
    )


# --- fleet ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class _Fleet:
    zabs: tuple[Zab, ...]
    vehicles: tuple[Vehicle, ...]
    crews: tuple[Crew, ...]
    shifts: tuple[Shift, ...]
    duties: tuple[Duty, ...]


def _fleet(rng: random.Random, places: tuple[Place, ...], spice: float) -> _Fleet:
    """One to three duties that share vehicles, crews and shifts in all ways."""
    zabs = tuple(
        Zab(
            id=f"Z{i}",
            name=f"Z{i}",
            prior_load=rng.choice((0, 0, 1, 3)),
            budget=rng.choice((0, 1, 1, 2)) if _chance(rng, 0.15) else None,
        )
        for i in range(rng.randint(1, 2))
    )
    number = rng.choice((1, 2, 2, 3))
    crews = tuple(_crew(rng, f"C{i}", rng.choice(zabs).id, spice) for i in range(_count(rng, number)))
    shifts: list[Shift] = []
    for i in range(_count(rng, number)):
        start = MORNING + 1800 * rng.randint(0, 3)
        if shifts and _chance(rng, 0.5):
            start = shifts[-1].end + rng.choice((0, 1800, 3600, 7200))
        length = rng.choice((7200, 14_400, 14_400, 18_000, 21_600))
        shift = Shift(
            id=f"S{i}",
            crew=crews[i].id if i < len(crews) and _chance(rng, 0.85) else rng.choice(crews).id,
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
                start_place=None if _chance(rng, 0.12) else depot,
                end_place=rng.choice((None, rng.choice(places).id)) if _chance(rng, 0.2) else depot,
            )
        )
    return _Fleet(zabs=zabs, vehicles=vehicles, crews=crews, shifts=tuple(shifts), duties=tuple(duties))


def _count(rng: random.Random, duties: int) -> int:
    """How many crews, shifts or vehicles: mostly one for each duty, else some are shared."""
    return duties if _chance(rng, 0.65) else rng.randint(1, duties)


def _crew(rng: random.Random, name: str, zab: str, spice: float) -> Crew:
    heads = rng.choice((1, 1, 2, 2, 3))
    officers = heads - 1 if _chance(rng, 0.4 * spice) else heads
    return Crew(
        id=name,
        zab=zab,
        heads=heads,
        officers=officers,
        female_officers=min(officers, 0 if _chance(rng, 0.4 * spice) else rng.randint(1, 2)),
        licences=rng.choice(
            (frozenset({Licence.B}), frozenset({Licence.D1}), frozenset({Licence.D}), frozenset({Licence.B, Licence.C1}))
        ),
        skills=frozenset({"interpreter"}) if _chance(rng, 0.5) else frozenset(),
        cost_per_hour=rng.choice((0, 3600, 6100)),
    )


def _vehicle(rng: random.Random, name: str, zab: str, shifts: list[Shift], spice: float) -> Vehicle:
    seats = rng.choice((5, 6, 8, 9))
    configurations = (SeatConfiguration(seats=seats),)
    if _chance(rng, 0.4):
        configurations = (*configurations, SeatConfiguration(seats=max(2, seats - 2), wheelchair_places=1))
    availability: tuple[Window, ...] = ()
    if _chance(rng, 0.2):
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
        child_seats=rng.choice(((0, 0, 0), (1, 0, 1))) if _chance(rng, 0.4 * spice) else rng.choice(((1, 1, 1), (2, 2, 2))),
        luggage=rng.choice((2, 3, 4, 1000)),
        features=frozenset({"partition"}) if _chance(rng, 0.5) else frozenset(),
        licence=rng.choice((Licence.D1, Licence.C1)) if _chance(rng, 0.2 * spice) else Licence.B,
        carries_children=not _chance(rng, 0.4 * spice),
        availability=availability,
        cost_per_km=rng.choice((0, 45, 60)),
        co2_per_km=rng.choice((150, 230)),
    )


# --- requests ---------------------------------------------------------------------------------------------------------


def _request(
    rng: random.Random, name: str, party: Party, pickup: Stop, delivery: Stop, direct: int, spice: float
) -> Request:
    """A request with each special demand at a small probability; fields that name others come later."""
    wheelchairs = rng.randint(1, party.size) if _chance(rng, 0.08 * spice) else 0
    needs = {Need.WHEELCHAIR} if wheelchairs else set()
    if _chance(rng, 0.08 * spice):
        needs.add(Need.INTERPRETER)
    if _chance(rng, 0.015 * spice):
        needs.add(Need.LYING)
    escorts = rng.choice((1, 2, 2, 3)) if _chance(rng, 0.12 * spice) else 0
    return Request(
        id=name,
        pickup=pickup,
        delivery=delivery,
        party=party,
        needs=frozenset(needs),
        wheelchairs=wheelchairs,
        luggage=rng.choice((0, 1, 1, 2)),
        load=rng.randint(0, 3) if _chance(rng, 0.08 * spice) else None,
        features=frozenset({"partition"}) if _chance(rng, 0.08 * spice) else frozenset(),
        max_ride=direct + rng.choice((0, 600, 1800)) if _chance(rng, 0.2 * spice) else None,
        escort_officers=escorts,
        escort_female=rng.randint(0, min(1, escorts)),
        separate=_chance(rng, 0.15 * spice),
        deadline_class=rng.choice(tuple(DeadlineClass)),
        weight=rng.randint(0, 5) if _chance(rng, 0.15 * spice) else None,
        unit=rng.choice(("U0", "U1")) if _chance(rng, 0.2 * spice) else None,
        night_ground=_chance(rng, 0.25),
        waived=frozenset(rule for rule in OVERRIDABLE if _chance(rng, 0.5)) if _chance(rng, 0.2 * spice) else frozenset(),
    )


def _with_rests(parameters: ParameterSet, drive: int, *, children: bool) -> int:
    """Seconds of a drive with people on board."""
    every = parameters.rest_every
    if every is None:
        return drive
    if children and parameters.rest_every_children is not None:
        every = parameters.rest_every_children
    return drive + parameters.rest_length * max(0, -(-drive // every) - 1)


def _pool(
    rng: random.Random,
    draft: Instance,
    travel: TravelMatrix,
    parties: tuple[Party, ...],
    spice: float,
    promises: list[Promise],
    committed: tuple[Request, ...],
) -> tuple[Request, ...]:
    """Pool requests: most towards one hub at about one time, some near promised stops, so that pooling suggests itself."""
    places = [place.id for place in draft.places]
    hub = rng.choice(places)
    index = InstanceIndex(draft)
    usable = [duty for duty in draft.duties if index.duty_window(duty.id) is not None] or list(draft.duties)
    home, lead = rng.choice(usable), 1800 * rng.randint(0, 3)
    # A convoy sets out from one or two places at one time: only who may ride together can all be carried.
    convoy = _chance(rng, 0.4)
    sources = rng.sample(places, min(len(places), rng.randint(1, 2)))
    widths = rng.choice(((0, 600, 1800), (1800, 3600), (1800, 3600, 5400), (3600, 7200)))
    by_id = {request.id: request for request in committed}
    pool: list[Request] = []
    for i in range(rng.choice((1, 2, 2, 3, 3, 4, 4))):
        origin = rng.choice(sources if convoy else places)
        goal = hub if convoy or _chance(rng, 0.6) else rng.choice(places)
        duty = home if convoy or _chance(rng, 0.7) else rng.choice(usable)
        shift = index.duty_shift(duty.id)
        window = index.duty_window(duty.id) or Window(earliest=shift.start, latest=shift.end)
        opening = window.earliest + (travel.drive(duty.start_place, origin) if duty.start_place is not None else 0)
        begin = opening + lead + SLOT * rng.randint(-1, 9)
        if convoy:
            begin = opening + lead + SLOT * rng.randint(0, 2)
        elif _chance(rng, 0.3):
            begin = opening + SLOT * rng.randint(0, (window.latest - window.earliest) // SLOT * 2 // 3)
        along = bool(promises) and _chance(rng, 0.6)
        if along:
            promise = rng.choice(promises)
            begin = promise.start + SLOT * rng.randint(-6, 3)
            if _chance(rng, 0.7):
                origin = by_id[promise.request].pickup.place
                goal = by_id[promise.request].delivery.place if _chance(rng, 0.7) else goal
        # A trip from a place to itself is rare but legal; it then has a pick-up service, so that it takes time.
        if goal == origin and _chance(rng, 0.95):
            goal = rng.choice([place for place in places if place != origin])
        party = by_id[promise.request].party if along and _chance(rng, 0.6) else rng.choice(parties)
        direct = _with_rests(draft.parameters, travel.drive(origin, goal), children=party.has_children)
        service = rng.choice((0, 300, 600, 900)) if goal != origin else 300
        begin = max(0, begin)
        pickup = Stop(place=origin, earliest=begin, latest=begin + rng.choice(widths), service=service)
        hand_over = begin + service + direct + SLOT * rng.choice((-2, 0, 0, 0, 2, 4))
        until = hand_over + rng.choice(widths)
        if _chance(rng, 0.6):
            until = max(until, pickup.latest + service + direct)
        delivery = Stop(
            place=goal,
            earliest=max(0, hand_over),
            latest=max(0, until),
            service=rng.choice((0, 300, 600)),
        )
        pool.append(_request(rng, f"r{i}", party, pickup, delivery, direct, spice))
    return _with_references(rng, draft, pool, committed, spice)


def _with_references(
    rng: random.Random, draft: Instance, pool: list[Request], committed: tuple[Request, ...], spice: float
) -> tuple[Request, ...]:
    """Add what names other things: bars, pins, exclusions, bundles."""
    names = [request.id for request in (*pool, *committed)]
    bundled = {request.id for request in rng.sample(pool, 2)} if len(pool) >= 2 and _chance(rng, 0.25) else set()
    duties = [duty.id for duty in draft.duties]
    out = []
    for request in pool:
        others = [name for name in names if name != request.id]
        out.append(
            replace(
                request,
                barred_duties=frozenset({rng.choice(duties)}) if _chance(rng, 0.06 * spice) else frozenset(),
                barred_zabs=frozenset({rng.choice(draft.zabs).id}) if _chance(rng, 0.05 * spice) else frozenset(),
                pin=rng.choice(duties) if _chance(rng, 0.12 * spice) else None,
                excluded=frozenset({rng.choice(others)}) if others and _chance(rng, 0.3 * spice) else frozenset(),
                bundle="B" if request.id in bundled else None,
            )
        )
    return tuple(out)


# --- commitments ------------------------------------------------------------------------------------------------------


def _commitments(
    rng: random.Random, draft: Instance, travel: TravelMatrix, parties: tuple[Party, ...], spice: float
) -> tuple[tuple[Request, ...], tuple[Commitment, ...]]:
    """Promise one or two rides in all, at the times of a little tour that leaves early and does not hurry."""
    requests: list[Request] = []
    commitments: list[Commitment] = []
    for duty in rng.sample(draft.duties, len(draft.duties)):
        if len(requests) < 2 and _chance(rng, 0.4) and (InstanceIndex(draft).duty_vehicle(duty.id).licence is Licence.B or _chance(rng, 0.2)):
            number = rng.randint(1, 2 - len(requests))
            made = _committed_tour(rng, draft, travel, duty, number, len(requests), parties, spice)
            if made is not None:
                requests.extend(made[0])
                commitments.append(made[1])
    return tuple(requests), tuple(commitments)


def _committed_tour(
    rng: random.Random,
    draft: Instance,
    travel: TravelMatrix,
    duty: Duty,
    number: int,
    offset: int,
    parties: tuple[Party, ...],
    spice: float,
) -> tuple[list[Request], Commitment] | None:
    """Promises of one duty, or ``None`` where the little tour does not fit into it."""
    index = InstanceIndex(draft)
    window = index.duty_window(duty.id)
    if window is None:
        return None
    places = [place.id for place in draft.places]
    names = [f"c{offset + i}" for i in range(number)]
    ends = {name: rng.sample(places, 2) for name in names}
    if number == 2 and _chance(rng, 0.5):
        ends[names[1]] = ends[names[0]]
    orders: list[list[tuple[str, VisitKind]]] = [[(n, k) for n in names for k in (VisitKind.PICKUP, VisitKind.DELIVERY)]]
    if number == 2:
        a, b = names
        for last in ((a, b), (b, a)):
            orders.append(
                [(a, VisitKind.PICKUP), (b, VisitKind.PICKUP), *((name, VisitKind.DELIVERY) for name in last)]
            )
    party = {name: MAN if _chance(rng, 0.6) else rng.choice(parties) for name in names}
    service = {(n, k): rng.choice((0, 300, 600)) for n in names for k in (VisitKind.PICKUP, VisitKind.DELIVERY)}
    now, here = window.earliest, duty.start_place
    aboard: list[str] = []
    promises: list[Promise] = []
    for name, kind in rng.choice(orders):
        place = ends[name][0 if kind is VisitKind.PICKUP else 1]
        drive = travel.drive(here, place) if here is not None else 0
        if aboard:
            drive = _with_rests(draft.parameters, drive, children=any(party[n].has_children for n in aboard))
            # Some air in what was promised, so that a stop more may fit in.
            drive += SLOT * rng.choice((0, 0, 1, 2)) if draft.parameters.max_wait is None else 0
        else:
            drive += SLOT * rng.choice((0, 0, 1, 3, 6, 12))
        now += drive
        promises.append(Promise(request=name, kind=kind, start=now))
        now, here = now + service[name, kind], place
        aboard = [*aboard, name] if kind is VisitKind.PICKUP else [n for n in aboard if n != name]
    home = travel.drive(here, duty.end_place) if here is not None and duty.end_place is not None else 0
    if now + home > window.latest:
        return None
    start = {(promise.request, promise.kind): promise.start for promise in promises}
    requests = []
    for name in names:
        stops = []
        for kind, place in zip((VisitKind.PICKUP, VisitKind.DELIVERY), ends[name], strict=True):
            # A promise may lie outside the window that was once asked for: the promise is what counts.
            earliest = max(0, start[name, kind] - rng.choice((0, 900, -900)))
            stops.append(Stop(place=place, earliest=earliest, latest=earliest + 1800, service=service[name, kind]))
        request = _request(rng, name, party[name], stops[0], stops[1], 7200, spice)
        vehicle, crew = index.duty_vehicle(duty.id), index.duty_crew(duty.id)
        if not _chance(rng, 0.03):  # nearly always a promise that this duty can keep
            wanted = request.needs & {Need(skill) for skill in crew.skills}
            officers = min(request.escort_officers, crew.officers)
            request = replace(
                request,
                needs=wanted,
                wheelchairs=0,
                features=request.features & vehicle.features,
                luggage=min(request.luggage, vehicle.luggage // number),
                escort_officers=officers,
                escort_female=min(request.escort_female, officers, crew.female_officers),
                separate=False,
                party=MAN if request.party.has_children or request.party.has_female else request.party,
            )
        requests.append(request)
    return requests, Commitment(duty=duty.id, promises=tuple(promises), tolerance=rng.choice((0, 0, 300, 900, 900, 1800)))
