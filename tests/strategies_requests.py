"""Requests and promises of tiny random instances."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

from optimizer.model import (
    AgeBand,
    Commitment,
    DeadlineClass,
    Duty,
    Instance,
    InstanceIndex,
    Licence,
    Need,
    ParameterSet,
    Party,
    People,
    Promise,
    Request,
    Sex,
    Stop,
    VisitKind,
    Window,
)
from optimizer.travel.matrix import TravelMatrix
from tests.strategies_fleet import OVERRIDABLE, chance

SLOT = 300
"""The grid of all times, seconds."""

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
    (COUPLE, MOTHER, FATHER),
)


@dataclass(frozen=True, kw_only=True)
class Scene:
    """What requests are drawn for. ``spice``: how often they ask for something special; ``parties``: who travels."""

    rng: random.Random
    draft: Instance
    travel: TravelMatrix
    parties: tuple[Party, ...]
    spice: float


def _request(scene: Scene, name: str, party: Party, stops: tuple[Stop, Stop], direct: int) -> Request:
    """A request with each special demand at a small probability; fields that name others come later."""
    rng, spice = scene.rng, scene.spice
    wheelchairs = rng.randint(1, party.size) if chance(rng, 0.08 * spice) else 0
    needs = {Need.WHEELCHAIR} if wheelchairs else set()
    if chance(rng, 0.08 * spice):
        needs.add(Need.INTERPRETER)
    if chance(rng, 0.015 * spice):
        needs.add(Need.LYING)
    escorts = rng.choice((1, 2, 2, 3)) if chance(rng, 0.12 * spice) else 0
    return Request(
        id=name,
        pickup=stops[0],
        delivery=stops[1],
        party=party,
        needs=frozenset(needs),
        wheelchairs=wheelchairs,
        luggage=rng.choice((0, 1, 1, 2)),
        load=rng.randint(0, 3) if chance(rng, 0.08 * spice) else None,
        features=frozenset({"partition"}) if chance(rng, 0.08 * spice) else frozenset(),
        max_ride=direct + rng.choice((0, 600, 1800)) if chance(rng, 0.35 * spice) else None,
        escort_officers=escorts,
        escort_female=rng.randint(0, min(1, escorts)),
        separate=chance(rng, 0.15 * spice),
        deadline_class=rng.choice(tuple(DeadlineClass)),
        weight=max(1, rng.randint(0, 5)) if chance(rng, 0.15 * spice) else None,
        unit=rng.choice(("U0", "U1")) if chance(rng, 0.2 * spice) else None,
        night_ground=chance(rng, 0.25),
        waived=frozenset(r for r in OVERRIDABLE if chance(rng, 0.5)) if chance(rng, 0.2 * spice) else frozenset(),
    )


def _with_rests(parameters: ParameterSet, drive: int, *, children: bool) -> int:
    """Seconds of a drive with people on board."""
    every = parameters.rest_every
    if every is None:
        return drive
    if children and parameters.rest_every_children is not None:
        every = parameters.rest_every_children
    return drive + parameters.rest_length * max(0, -(-drive // every) - 1)


def draw_pool(scene: Scene, promises: list[Promise], committed: tuple[Request, ...]) -> tuple[Request, ...]:
    """Draw pool requests: most towards one hub at about one time, some along promised rides, so that they pool."""
    rng, draft, travel = scene.rng, scene.draft, scene.travel
    places = [place.id for place in draft.places]
    hub = rng.choice(places)
    index = InstanceIndex(draft)
    usable = [duty for duty in draft.duties if index.duty_window(duty.id) is not None] or list(draft.duties)
    home, lead = rng.choice(usable), 1800 * rng.randint(0, 3)
    # A convoy sets out from one or two places at one time: only who may ride together can all be carried.
    convoy = chance(rng, 0.4)
    sources = rng.sample(places, min(len(places), rng.randint(1, 2)))
    widths = rng.choice(((0, 600, 1800), (1800, 3600), (1800, 3600, 5400), (3600, 7200)))
    by_id = {request.id: request for request in committed}
    pool: list[Request] = []
    for i in range(rng.choice((1, 2, 2, 3, 3, 4, 4))):
        origin = rng.choice(sources if convoy else places)
        goal = hub if convoy or chance(rng, 0.6) else rng.choice(places)
        duty = home if convoy or chance(rng, 0.7) else rng.choice(usable)
        shift = index.duty_shift(duty.id)
        window = index.duty_window(duty.id) or Window(earliest=shift.start, latest=shift.end)
        opening = window.earliest + (travel.drive(duty.start_place, origin) if duty.start_place is not None else 0)
        begin = opening + lead + SLOT * rng.randint(-1, 9)
        if convoy:
            begin = opening + lead + SLOT * rng.randint(0, 2)
        elif chance(rng, 0.3):
            begin = opening + SLOT * rng.randint(0, (window.latest - window.earliest) // SLOT * 2 // 3)
        along = bool(promises) and chance(rng, 0.6)
        promise = rng.choice(promises) if along else None
        if promise is not None:
            begin = promise.start + SLOT * rng.randint(-6, 2)
            if chance(rng, 0.7):
                origin = by_id[promise.request].pickup.place
                goal = by_id[promise.request].delivery.place if chance(rng, 0.7) else goal
        # A trip from a place to itself is rare but legal; it then has a pick-up service, so that it takes time.
        if goal == origin and chance(rng, 0.95):
            goal = rng.choice([place for place in places if place != origin])
        party = by_id[promise.request].party if promise is not None and chance(rng, 0.7) else rng.choice(scene.parties)
        direct = _with_rests(draft.parameters, travel.drive(origin, goal), children=party.has_children)
        service = rng.choice((0, 300, 600, 900) if promise is None else (0, 0, 300)) if goal != origin else 300
        begin = max(0, begin)
        latest = begin + rng.choice(widths) + (900 if promise else 0)
        pickup = Stop(place=origin, earliest=begin, latest=latest, service=service)
        hand_over = begin + service + direct + SLOT * rng.choice((-2, 0, 0, 0, 2, 6))
        until = hand_over + rng.choice(widths)
        if promise is not None or chance(rng, 0.6):
            until = max(until, pickup.latest + service + direct + SLOT * rng.randint(0, 4))
        delivery = Stop(
            place=goal,
            earliest=max(0, hand_over),
            latest=max(0, until),
            service=rng.choice((0, 300, 600)),
        )
        pool.append(_request(scene, f"r{i}", party, (pickup, delivery), direct))
    return _with_references(scene, pool, committed)


def _with_references(scene: Scene, pool: list[Request], committed: tuple[Request, ...]) -> tuple[Request, ...]:
    """Add what names other things: bars, pins, exclusions, bundles."""
    rng, draft, spice = scene.rng, scene.draft, scene.spice
    names = [request.id for request in (*pool, *committed)]
    bundled = {request.id for request in rng.sample(pool, 2)} if len(pool) >= 2 and chance(rng, 0.3) else set()
    duties = [duty.id for duty in draft.duties]
    out = []
    for request in pool:
        others = [name for name in names if name != request.id]
        out.append(
            replace(
                request,
                barred_duties=frozenset({rng.choice(duties)}) if chance(rng, 0.06 * spice) else frozenset(),
                barred_zabs=frozenset({rng.choice(draft.zabs).id}) if chance(rng, 0.05 * spice) else frozenset(),
                pin=rng.choice(duties) if chance(rng, 0.12 * spice) else None,
                excluded=frozenset({rng.choice(others)}) if others and chance(rng, 0.3 * spice) else frozenset(),
                bundle="B" if request.id in bundled else None,
            )
        )
    return tuple(out)


# --- commitments -----------------------------------------------------------------------------------------------------


def draw_commitments(scene: Scene) -> tuple[tuple[Request, ...], tuple[Commitment, ...]]:
    """Promise one or two rides in all, at the times of a little tour that leaves early and does not hurry."""
    rng, index = scene.rng, InstanceIndex(scene.draft)
    requests: list[Request] = []
    commitments: list[Commitment] = []
    for duty in rng.sample(scene.draft.duties, len(scene.draft.duties)):
        licensed = index.duty_vehicle(duty.id).licence is Licence.B or chance(rng, 0.2)
        if licensed and len(requests) < 2 and chance(rng, 0.4):
            number = rng.randint(1, 2 - len(requests))
            made = _committed_tour(scene, duty, [f"c{len(requests) + i}" for i in range(number)])
            if made is not None:
                requests.extend(made[0])
                commitments.append(made[1])
    return tuple(requests), tuple(commitments)


def _committed_tour(scene: Scene, duty: Duty, names: list[str]) -> tuple[list[Request], Commitment] | None:
    """Promises of one duty, or ``None`` where the little tour does not fit into it."""
    rng, draft, travel, number = scene.rng, scene.draft, scene.travel, len(names)
    index = InstanceIndex(draft)
    window = index.duty_window(duty.id)
    if window is None:
        return None
    places = [place.id for place in draft.places]
    ends = {name: rng.sample(places, 2) for name in names}
    if number == 2 and chance(rng, 0.5):
        ends[names[1]] = ends[names[0]]
    kinds = (VisitKind.PICKUP, VisitKind.DELIVERY)
    orders: list[list[tuple[str, VisitKind]]] = [[(n, k) for n in names for k in kinds]]
    if number == 2:
        a, b = names
        both = [(a, VisitKind.PICKUP), (b, VisitKind.PICKUP)]
        orders += [[*both, (x, VisitKind.DELIVERY), (y, VisitKind.DELIVERY)] for x, y in ((a, b), (b, a))]
    party = {name: MAN if chance(rng, 0.6) else rng.choice(scene.parties) for name in names}
    service = {(n, k): rng.choice((0, 300, 600)) for n in names for k in kinds}
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
        for kind, place in zip(kinds, ends[name], strict=True):
            # A promise may lie outside the window that was once asked for: the promise is what counts.
            earliest = max(0, start[name, kind] - rng.choice((0, 900, -900)))
            stops.append(Stop(place=place, earliest=earliest, latest=earliest + 1800, service=service[name, kind]))
        request = _request(scene, name, party[name], (stops[0], stops[1]), 7200)
        vehicle, crew = index.duty_vehicle(duty.id), index.duty_crew(duty.id)
        if not chance(rng, 0.03):  # nearly always a promise that this duty can keep
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
    tolerance = rng.choice((0, 0, 300, 900, 900, 1800))
    return requests, Commitment(duty=duty.id, promises=tuple(promises), tolerance=tolerance)
