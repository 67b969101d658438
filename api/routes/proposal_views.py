"""A proposal whole, as far as the caller may see it."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from api.actor import Actor
from api.company import knows
from api.db.tables import Proposal, Standing, TourStop, TransportRequest
from api.gates import seen_by
from api.repositories import proposals as rows
from api.schemas.proposals import (
    AlternativeShown,
    ConditionShown,
    CostShown,
    CounterShown,
    LiftedRule,
    NoteShown,
    ProposalItem,
    ProposalShown,
    RiderShown,
    StopShown,
    item,
    minutes,
)
from api.services import alternatives, costs, gatekeeping, layouts, overrides
from api.services.alternatives import Alternative
from api.workflow import PROMISED, Role, actions
from optimizer.explain.messages import MESSAGES
from optimizer.model import Rule, VisitKind

Item = TypeVar("Item", bound=ProposalItem)


def whole(session: Session, actor: Actor, proposal: Proposal, *, now: datetime) -> ProposalShown:
    """Return a proposal with its tour; what an auditor and an ABH need not know is left out."""
    is_live = proposal.standing in (Standing.LIVE, Standing.DONE)
    tour = rows.stops_of(session, proposal.duty_id) if is_live else []
    others = alternatives.stored(session, proposal, now=now) if proposal.standing is Standing.LIVE else []
    shown = ProposalShown(
        **item(proposal),
        may=sorted(actions(proposal.request.state, actor.role)) if proposal.standing is Standing.LIVE else [],
        stops=_stops(actor, proposal, tour),
        riders=_riders(proposal, tour),
        cost=None if actor.role is Role.ABH else _cost(session, proposal),
        alternatives=[] if actor.role is Role.ABH else [alternative(each) for each in others],
        lifted_rules=[
            LiftedRule.of(each, actor.role) for each in overrides.holding(session, proposal.request, proposal.zab_id)
        ],
        notes=_notes(session, actor, proposal, [stop for stop, _ in tour]),
        condition=_condition(actor, proposal),
        counter=_counter(actor, proposal),
    )
    return with_gates(session, [shown], actor, now=now)[0]


def _notes(session: Session, actor: Actor, proposal: Proposal, tour: Sequence[TourStop]) -> list[NoteShown]:
    is_own = actor.is_zab and actor.organisation_id == proposal.zab_id
    if proposal.standing is not Standing.LIVE or not tour or not knows(actor.role, is_own=is_own):
        return []
    layout = layouts.laid_out(session, [proposal.duty], {proposal.duty_id: tour})[proposal.duty_id]
    return notes_of(layout.warned)


def notes_of(rules: Iterable[Rule]) -> list[NoteShown]:
    """Return what the checker only tells of a tour, in words."""
    told = ((rule, MESSAGES[rule]) for rule in rules)
    return [NoteShown(rule=rule, texts=dict(each.texts), actions=dict(each.actions)) for rule, each in told]


def _cost(session: Session, proposal: Proposal) -> CostShown | None:
    found = costs.of_proposal(session, proposal)
    if found is None:
        return None
    return CostShown(
        km=round(found.metres / 1000, 1), crew_minutes=minutes(found.crew_seconds),
        euros=None if found.micro_euros is None else round(found.micro_euros / 1_000_000, 2),
    )  # fmt: skip


def with_gates(session: Session | Connection, items: Sequence[Item], actor: Actor, *, now: datetime) -> list[Item]:
    """Return proposals with the gates that block them, read for all of them at once; of ended ones none."""
    live = {each.request_id for each in items if each.standing is Standing.LIVE}
    closed = gatekeeping.blocked(session, live, now=now) if live else {}
    told = {key: [each.told for each in seen_by(found, actor.role)] for key, found in closed.items()}
    return [
        each.model_copy(update={"is_red": True, "blocked_by": told[each.request_id]})
        if each.request_id in closed and each.standing is Standing.LIVE
        else each
        for each in items
    ]


def alternative(found: Alternative) -> AlternativeShown:
    """Return another duty as answers show it."""
    return AlternativeShown(
        zab=found.duty.zab.code, duty_id=found.duty.id, duty=found.duty.code,
        extra_minutes=minutes(found.extra_seconds),
    )  # fmt: skip


def _stops(actor: Actor, proposal: Proposal, tour: list[tuple[TourStop, TransportRequest | None]]) -> list[StopShown]:
    own = [stop.position for stop, _ in tour if stop.request_id == proposal.request_id]
    shown = []
    for stop, request in tour:
        is_own = stop.request_id == proposal.request_id
        # An owner sees where its own people wait and ride along, not where others are picked up.
        if actor.role is Role.ABH and not (own and own[0] <= stop.position <= own[-1]):
            continue
        shown.append(
            StopShown(
                position=stop.position, kind=stop.kind, is_own=is_own,
                place=stop.place if is_own or actor.role is not Role.ABH else None, start=stop.start,
                departure=stop.departure, people=0 if request is None else request.people,
                seats_taken=stop.on_board, seats=stop.seats,
            )
        )  # fmt: skip
    return shown


def _riders(proposal: Proposal, tour: list[tuple[TourStop, TransportRequest | None]]) -> list[RiderShown]:
    begins: dict[uuid.UUID, TourStop] = {}
    shown = []
    told = {each.get("request"): each for each in proposal.explanation.get("affected", [])}
    for stop, request in tour:
        if request is None or request.id == proposal.request_id:
            continue
        if stop.kind is VisitKind.PICKUP:
            begins[request.id] = stop
        elif (begin := begins.get(request.id)) is not None:
            before = told.get(str(request.id), {}).get("before_seconds")
            shown.append(
                RiderShown(
                    seats=request.people, is_promised=request.state in PROMISED,
                    is_together=begin.start < proposal.handover_at and proposal.pickup_at < stop.start,
                    minutes_before=None if before is None else minutes(int(before)),
                    minutes_after=minutes(int((stop.start - begin.departure).total_seconds())),
                )
            )  # fmt: skip
    return shown


def _condition(actor: Actor, proposal: Proposal) -> ConditionShown | None:
    if proposal.condition is None:
        return None
    # Free text is for those who see the request whole, and for whoever meets the condition.
    meets = actor.role is Role.LTRAKO and (proposal.condition_owner or "").partition(":")[0] == "ltrako"
    text = proposal.condition if meets or _reads_text(actor) else None
    return ConditionShown(text=text, owner=proposal.condition_owner, until=proposal.condition_until)


def _counter(actor: Actor, proposal: Proposal) -> CounterShown | None:
    if proposal.counter is None:
        return None
    shown = CounterShown.model_validate(proposal.counter)
    return shown if _reads_text(actor) else shown.model_copy(update={"remark": ""})


def _reads_text(actor: Actor) -> bool:
    """Whether the actor is the request's owner or the proposal's ZAB: others see no proposal but in coarse form."""
    return actor.role is Role.ABH or actor.is_zab
