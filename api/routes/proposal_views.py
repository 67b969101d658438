"""A proposal whole, as far as the caller may see it."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from api.actor import Actor
from api.db.tables import Proposal, Standing, TourStop, TransportRequest
from api.repositories import proposals as rows
from api.schemas.proposals import (
    AlternativeShown,
    ConditionShown,
    CounterShown,
    LiftedRule,
    ProposalShown,
    RiderShown,
    StopShown,
    item,
    minutes,
)
from api.services import alternatives, clearances, overrides
from api.services.alternatives import Alternative
from api.workflow import PROMISED, Role, actions
from optimizer.model import VisitKind


def whole(session: Session, actor: Actor, proposal: Proposal, *, now: datetime) -> ProposalShown:
    """Return a proposal with its tour; what an auditor and an ABH need not know is left out."""
    is_live = proposal.standing in (Standing.LIVE, Standing.DONE)
    tour = rows.stops_of(session, proposal.duty_id) if is_live else []
    others = alternatives.stored(session, proposal, now=now) if proposal.standing is Standing.LIVE else []
    return ProposalShown(
        **item(proposal),
        is_red=proposal.standing is Standing.LIVE and bool(clearances.reds(session, [proposal.request_id], now=now)),
        may=sorted(actions(proposal.request.state, actor.role)) if proposal.standing is Standing.LIVE else [],
        stops=_stops(actor, proposal, tour),
        riders=_riders(proposal, tour),
        alternatives=[] if actor.role is Role.ABH else [alternative(each) for each in others],
        lifted_rules=[LiftedRule.of(each) for each in overrides.holding(session, proposal.request, proposal.zab_id)],
        condition=_condition(actor, proposal),
        counter=_counter(actor, proposal),
    )


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
    text = None if actor.role is Role.AUDITOR else proposal.condition
    return ConditionShown(text=text, owner=proposal.condition_owner, until=proposal.condition_until)


def _counter(actor: Actor, proposal: Proposal) -> CounterShown | None:
    if proposal.counter is None:
        return None
    shown = CounterShown.model_validate(proposal.counter)
    return shown.model_copy(update={"remark": ""}) if actor.role is Role.AUDITOR else shown
