"""What is chosen, told: a request in coarse form with why no ZAB could carry it, or a duty with its tour."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from api.actor import Actor
from api.deadlines import BERLIN
from api.errors import Code, Problem
from api.mapping.layouts import Layout
from api.pages.board.content import Board
from api.pages.board.timeline import is_away, pairs
from api.repositories import fleet
from api.repositories import requests as rows
from api.routes.requests import blocked, offers_of, show_reasons
from api.schemas.duties import DutyShown, StopShown
from api.schemas.pool import PoolEntry
from api.schemas.proposals import ProposalItem
from api.schemas.request_views import ReasonShown
from api.services import duties, layouts, place_book
from api.services.duty_views import duties_shown
from api.web.context import Context
from api.workflow import OPEN, WAITING
from data import zabs


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A request, what stands against it at each ZAB, and the duty that it would ride on."""

    entry: PoolEntry
    reasons: Sequence[tuple[str, ReasonShown]]
    """The first reason of each ZAB with its name; what keeps it from all of them comes first, without one."""
    is_matched: bool
    matched_at: datetime | None
    """When a run looked at it last: its reasons are those of that plan."""
    proposal: ProposalItem | None
    duty: DutyShown | None
    day: date
    """The first day of a time line on which it could be picked up: the one shown, where it reaches so far."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tour:
    """A duty with those who ride on it."""

    duty: DutyShown
    layout: Layout
    is_away: bool
    rides: Sequence[tuple[StopShown, StopShown, int, ProposalItem | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """One of the two, or neither where what was chosen is not there, or not to be seen."""

    request: Told | None = None
    tour: Tour | None = None


def details(context: Context, actor: Actor, board: Board, chosen: uuid.UUID | None) -> Details | None:
    """Return what is told of what is chosen; ``None`` where nothing is."""
    if chosen is None:
        return None
    request = _request(context, actor, board, chosen)
    return Details(request=request) if request is not None else Details(tour=_tour(context, actor, board, chosen))


def _request(context: Context, actor: Actor, board: Board, chosen: uuid.UUID) -> Told | None:
    now = context.now
    with context.store.reading() as session:
        row = rows.find(session, actor, chosen)
        if row is None:
            return None
        entry = PoolEntry.of(row, offers_of(session, [row]).get(row.id), now=now)
        closed = blocked(session, [row.id] if row.state in OPEN else [], actor, now=now)
        entry = entry.model_copy(update={"blocked_by": closed.get(row.id, [])})
    found = show_reasons(chosen, context, actor) if entry.state in WAITING else None
    duty = next((each for each in board.duties if any(stop.request_id == chosen for stop in each.tour)), None)
    return Told(
        entry=entry, reasons=[] if found is None else first_reasons(found.items),
        is_matched=found is None or found.matched_at is not None,
        matched_at=None if found is None else found.matched_at, proposal=board.proposals.get(chosen), duty=duty,
        day=board.first if entry.pickup_from < board.ends and entry.pickup_to > board.begins
        else max(entry.pickup_from, min(now, entry.pickup_to)).astimezone(BERLIN).date(),
    )  # fmt: skip


def first_reasons(items: Sequence[ReasonShown]) -> list[tuple[str, ReasonShown]]:
    """Return what keeps a request from all ZABs, then of each ZAB the first reason, with the name of the ZAB."""
    # Stored by the code of the organisation, or by the catalogue's id.
    names = {key: site.zab.name for site in zabs() for key in (site.zab.id, place_book.code_of(site.zab))}
    first: dict[str, ReasonShown] = {}
    for item in items:
        if item.zab is not None:
            first.setdefault(item.zab, item)
    of_all = [("", item) for item in items if item.zab is None]
    return [*of_all, *((names.get(zab, zab), item) for zab, item in first.items())]


def _tour(context: Context, actor: Actor, board: Board, chosen: uuid.UUID) -> Tour | None:
    duty = next((each for each in board.duties if each.id == chosen), None)
    layout = board.layouts.get(chosen, Layout())
    if duty is None:
        try:
            with context.store.reading() as session:
                row = duties.found(session, actor, chosen)
                duty = duties_shown(session, [row])[0]
                layout = layouts.laid_out(session, [row], fleet.tours(session, [row.id])).get(row.id, Layout())
        except Problem as problem:
            if problem.code is not Code.NOT_FOUND:
                raise
            return None
    rides = [
        (pickup, handover, people, board.proposals.get(pickup.request_id) if pickup.request_id else None)
        for pickup, handover, people in pairs(duty)
    ]
    return Tour(duty=duty, layout=layout, is_away=is_away(board, duty), rides=rides)
