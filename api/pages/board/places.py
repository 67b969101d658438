"""What the map shows: where requests of the pool are picked up, and the ways of tours and proposals.

The page draws it from its table twin: what the table does not say is not on the map either.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from api.pages.board.content import Board, place_of
from api.pages.board.timeline import pairs
from api.pages.board.wishes import BEZIRKE
from api.schemas.duties import DutyShown, Standing
from api.workflow import WAITING
from data import zabs
from optimizer.model import Place, VisitKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """A municipality with those who are picked up there."""

    ags: str
    name: str
    bezirk: str
    at: str
    """Latitude and longitude, as the script reads them."""
    requests: int
    waiting: int
    people: int
    is_chosen: bool
    first: uuid.UUID
    """What is chosen with the spot: the first one to be picked up there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A line of the map: a tour with its stops, or one proposal."""

    duty: DutyShown
    chosen: uuid.UUID
    """What is chosen with the line: the duty, or the request that is proposed for it."""
    is_promised: bool
    names: Sequence[str]
    at: str
    people: int
    is_chosen: bool


def spots(board: Board) -> list[Spot]:
    """Return the municipalities of the pool, those with most requests that wait first."""
    by_place: dict[str, list[int]] = {}
    for number, entry in enumerate(board.entries):
        by_place.setdefault(entry.pickup_ags, []).append(number)
    found = []
    for ags, numbers in by_place.items():
        entries = [board.entries[number] for number in numbers]
        place = place_of(ags)
        found.append(
            Spot(
                ags=ags, name=entries[0].pickup_municipality, bezirk=BEZIRKE.get(ags[:3], ""), at=_at([place]),
                requests=len(entries), waiting=sum(entry.state in WAITING for entry in entries),
                people=sum(entry.people for entry in entries),
                is_chosen=any(entry.id in board.chosen_requests for entry in entries), first=entries[0].id,
            )
        )  # fmt: skip
    return sorted(found, key=lambda spot: (-spot.waiting, -spot.requests, spot.name))


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What the map names though nobody is picked up there: a ZAB, or where people are handed over."""

    name: str
    label: str
    """As short as there is room for on the map."""
    at: str
    is_zab: bool


def sites(board: Board) -> list[Site]:
    """Return the ZABs, then the hand-overs of the pool and of the tours, each once, by name."""
    met = {entry.handover_place for entry in board.entries}
    met |= {stop.place for duty in board.duties for stop in duty.tour if stop.place and stop.kind is VisitKind.DELIVERY}
    found = [(site.depot, True) for site in zabs()]
    found += [(place, False) for each in sorted(met) if (place := place_of(each)) is not None and place.lat]
    made = [
        Site(
            name=place.name, label=place.name.removeprefix("Flughafen ").removeprefix("Grenzübergang "),
            at=_at([place]), is_zab=is_zab,
        )
        for place, is_zab in found
    ]  # fmt: skip
    return sorted(made, key=lambda site: (not site.is_zab, site.name))


def ways(board: Board) -> list[Way]:
    """Return the lines: of each tour the stops that are promised, of each proposal pick-up and hand-over."""
    shown = {entry.id for entry in board.entries}
    found = []
    for duty in board.duties:
        promised = [stop.place for stop in duty.tour if stop.standing is Standing.PROMISED and stop.place]
        if promised:
            names = [duty.start_place, *promised, duty.end_place]
            people = sum(number for pickup, _, number in pairs(duty) if pickup.standing is Standing.PROMISED)
            found.append(_way(duty, names, duty.id, people, is_promised=True, is_chosen=duty.id in board.chosen_duties))
        found.extend(
            _way(
                duty, (pickup.place, handover.place), pickup.request_id, people, is_promised=False,
                is_chosen=pickup.request_id in board.chosen_requests,
            )
            for pickup, handover, people in pairs(duty)
            if pickup.standing is Standing.PROPOSED and pickup.request_id is not None and pickup.request_id in shown
        )  # fmt: skip
    return found


def _way(
    duty: DutyShown, ids: Sequence[str | None], chosen: uuid.UUID, people: int, *, is_promised: bool, is_chosen: bool
) -> Way:
    found = [place for each in ids if (place := place_of(each)) is not None]
    # A tour that stops twice at one place does not move between.
    kept = [place for number, place in enumerate(found) if number == 0 or place != found[number - 1]]
    return Way(
        duty=duty, chosen=chosen, is_promised=is_promised, names=[place.name for place in kept], at=_at(kept),
        people=people, is_chosen=is_chosen,
    )  # fmt: skip


def _at(places: Sequence[Place | None]) -> str:
    return " ".join(f"{place.lat:.3f},{place.lon:.3f}" for place in places if place is not None and place.lat)
