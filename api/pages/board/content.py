"""What the board shows of the exchange: requests, duties and proposals, read once for all three parts.

Everything is read through the repositories' own conditions, as the lists of the API are: the pool in coarse form for
all, duties and proposals of the own ZAB, for the Landestransportkoordination those of all.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cache

from sqlalchemy.orm import Session

from api.actor import Actor
from api.db.tables import Standing, TransportRequest
from api.deadlines import BERLIN
from api.mapping.layouts import Layout
from api.pages.board.wishes import Wish, Zoom, begin
from api.repositories import board as summary
from api.repositories import fleet, proposals
from api.repositories import requests as rows
from api.routes.proposal_views import with_gates
from api.routes.requests import blocked
from api.schemas.duties import DutyShown
from api.schemas.pool import PoolEntry
from api.schemas.proposals import ProposalItem
from api.services import layouts, place_book
from api.services.duty_views import duties_shown
from api.web.context import Context
from data import places, zabs
from optimizer.model import Place

MOST = 2_000
"""Requests, and duties, that are read at most; where there are more, the board says so."""
_ORDER = (TransportRequest.pickup_from, TransportRequest.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """All that is shown, as the actor may see it and as the wish narrows it."""

    entries: Sequence[PoolEntry]
    duties: Sequence[DutyShown]
    proposals: Mapping[uuid.UUID, ProposalItem]
    """Live proposals of the time line's days by request."""
    away: Mapping[uuid.UUID, Sequence[tuple[datetime, datetime]]]
    """When a crew or a vehicle is away, by its id."""
    first: date
    last: date
    chosen_requests: frozenset[uuid.UUID]
    chosen_duties: frozenset[uuid.UUID]
    is_cut: bool
    layouts: Mapping[uuid.UUID, Layout] = field(default_factory=dict)
    """Tours from depot to depot by duty; of a duty on which nobody rides there is none."""

    @property
    def days(self) -> list[date]:
        """The days of the time line."""
        return [self.first + timedelta(days=number) for number in range((self.last - self.first).days + 1)]

    @property
    def before(self) -> date:
        """The first day of a time line that ends where this one begins."""
        return self.first - timedelta(days=len(self.days))

    @property
    def after(self) -> date:
        """The day behind the last one."""
        return self.last + timedelta(days=1)

    @property
    def begins(self) -> datetime:
        """Where the time line begins."""
        return _begin(self.first)

    @property
    def ends(self) -> datetime:
        """Where it ends."""
        return _begin(self.last, 1)


def board(context: Context, actor: Actor, wish: Wish) -> Board:
    """Return what somebody sees of the board."""
    now = context.now
    with context.store.reading() as session:
        entries = _entries(session, actor, wish, now)
        first = wish.day or wish.since or _first_day(entries, now)
        last = first + timedelta(days=6 if wish.zoom is Zoom.WEEK else 0)
        since, until = _begin(first), _begin(last, 1)
        query = summary.duties(actor, zab=wish.zab or None, since=since, until=until, most=MOST)
        found = session.scalars(query).unique().all()
        stops = fleet.tours(session, [row.id for row in found])
        duties = [each for each in duties_shown(session, found, stops) if _is_in(each, wish.bezirke)]
        tours = layouts.laid_out(session, found, stops)
        offers = _proposals(session, actor, wish, since, until, now)
        away: dict[uuid.UUID, list[tuple[datetime, datetime]]] = {}
        for row in session.scalars(fleet.absences(actor, since=since, until=until)):
            if (of := row.crew_id or row.vehicle_id) is not None:
                away.setdefault(of, []).append((row.starts_at, row.ends_at))
    requests, chosen = _chosen(wish.chosen, duties)
    return Board(
        entries=entries, duties=duties, proposals=offers, away=away, first=first, last=last, chosen_requests=requests,
        chosen_duties=chosen, is_cut=len(entries) == MOST or len(found) == MOST, layouts=tours,
    )  # fmt: skip


def _entries(session: Session, actor: Actor, wish: Wish, now: datetime) -> list[PoolEntry]:
    query = rows.pool(
        rows.board_of(actor), wish.filters, lambda branch: branch.order_by(*_ORDER).limit(MOST), _ORDER, MOST
    )
    found = session.execute(query).all()
    if wish.zab:
        # Who is asked stands with the live proposal; what nobody is asked about any ZAB may take.
        found = [row for row in found if row.zab in (None, wish.zab)]
    # Gates are told in the list alone, of those that it shows.
    closed = blocked(session, [row.id for row in found[: wish.most]], actor, now=now)
    return [PoolEntry.of_board(row, closed.get(row.id, []), now=now) for row in found]


def _proposals(
    session: Session, actor: Actor, wish: Wish, since: datetime, until: datetime, now: datetime
) -> dict[uuid.UUID, ProposalItem]:
    filters = proposals.Filters(
        zab=wish.zab or None, standing=Standing.LIVE, pickup_from=since - timedelta(days=1), pickup_to=until
    )
    found = [ProposalItem.of_list(row) for row in session.execute(proposals.listed(actor, filters).limit(MOST))]
    return {each.request_id: each for each in with_gates(session, found, actor, now=now)}


def _first_day(entries: Sequence[PoolEntry], now: datetime) -> date:
    """Return the next day on which somebody is to be picked up, and today where there is none."""
    coming = (entry.pickup_from for entry in entries if entry.pickup_to > now)
    return max(min(coming, default=now), now).astimezone(BERLIN).date()


def coming_day(context: Context, actor: Actor) -> date:
    """Return the day on which the board opens where nothing is filtered: the next one with somebody in the pool."""
    now = context.now
    filters = replace(Wish().filters, pickup_from=now)
    first = rows.pool(
        rows.board_of(actor), filters, lambda branch: branch.order_by(*_ORDER).limit(1), _ORDER, 1
    )  # fmt: skip
    with context.store.reading() as session:
        found = session.execute(first).first()
    return (now if found is None else found.pickup_from).astimezone(BERLIN).date()


def _chosen(chosen: uuid.UUID | None, duties: Sequence[DutyShown]) -> tuple[frozenset[uuid.UUID], frozenset[uuid.UUID]]:
    """Return the requests and duties to be marked: a duty with all that ride on it, a request with its duty."""
    if chosen is None:
        return frozenset(), frozenset()
    for duty in duties:
        riders = frozenset(stop.request_id for stop in duty.tour if stop.request_id is not None)
        if duty.id == chosen:
            return riders, frozenset({duty.id})
        if chosen in riders:
            return frozenset({chosen}), frozenset({duty.id})
    return frozenset({chosen}), frozenset()


def _is_in(duty: DutyShown, bezirke: Sequence[str]) -> bool:
    """Whether a duty is of a ZAB of these Bezirke, or stops in one of them."""
    if not bezirke:
        return True
    homes = {place_book.code_of(site.zab) for site in zabs() if site.ags_prefix in bezirke}
    stops = (place_of(stop.place) for stop in duty.tour)
    return duty.zab in homes or any(place is not None and place.ags.startswith(tuple(bezirke)) for place in stops)


@cache
def _by_id() -> Mapping[str, Place]:
    return {place.id: place for place in places()}


def place_of(place_id: str | None) -> Place | None:
    """Return a place of the catalogue."""
    return None if place_id is None else _by_id().get(place_id)


def place_name(place_id: str | None) -> str:
    """Return what a place is called."""
    place = place_of(place_id)
    return (place_id or "") if place is None else place.name


def _begin(day: date, days: int = 0) -> datetime:
    found = begin(day, days)
    if found is None:
        raise AssertionError("a day begins")
    return found
