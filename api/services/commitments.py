"""Commitments: a ZAB enters the riders of a planned tour; what is left of its seats the exchange can offer.

Each rider becomes a request of its ABH that this ZAB was asked for and has accepted, so that everything else holds
for it too: stopping, cancelling, backing out, the hand-over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from api import audit
from api.actor import Actor
from api.db.tables import DutyRow, Organisation, OrganisationKind, Proposal, TransportRequest
from api.deadlines import Answering
from api.errors import Code, FieldError, Problem
from api.repositories import fleet
from api.repositories import requests as cases
from api.schemas.commitments import NewRider
from api.schemas.gates import Gates
from api.services import outbox, parameters, promises, request_rows, steps
from api.services.checking import Ground
from api.services.duty_facts import Fact
from api.services.request_rows import Completed
from api.workflow import Action, State
from optimizer.model import ParameterSet


def enter(
    session: Session,
    actor: Actor,
    duty: DutyRow,
    riders: Sequence[NewRider],
    *,
    answering: Answering,
    now: datetime,
    must_lie_ahead: bool = True,
) -> list[Proposal]:
    """Promise these riders seats on a duty of the actor's ZAB; return the promises in the order of ``riders``.

    Parameters
    ----------
    must_lie_ahead
        Whether a pick-up that is past is refused.

    Raises
    ------
    Problem
        ``value_refused`` (422) with all faults; ``exists_already`` (409) for a case that is open; ``plan_broken``
        (409) with the rules that the checker finds broken. Nothing is stored then.
    """
    owners, contents = _read(session, riders, now if must_lie_ahead else None)
    made = []
    for rider, owner, content in zip(riders, owners, contents, strict=True):
        request = _request(session, actor, duty, owner, content, rider.gates, answering, now)
        made.append(_promise(session, actor, duty, request, rider, now))
    if duty.ends_at > now:
        # Some seats are gone, and a tour that is under way anyway may now suit somebody who waits.
        outbox.ask_match(session, "shift_changed", [], duty_ids=[duty.id], now=now)
    return made


def _read(
    session: Session, riders: Sequence[NewRider], now: datetime | None
) -> tuple[list[Organisation], list[Completed]]:
    """Return owners and completed contents; raises all faults of all riders at once."""
    errors: list[FieldError] = []
    owners: list[Organisation] = []
    contents: list[Completed] = []

    def known(day: date) -> ParameterSet:
        return parameters.in_force(session, day)

    for number, rider in enumerate(riders):
        owner = fleet.organisation(session, rider.abh)
        if owner is None or owner.kind is not OrganisationKind.ABH or not owner.is_active:
            errors.append(
                FieldError(
                    path=f"/riders/{number}/abh", expected="code of an ABH that takes part here, as abh:05113000"
                )
            )
        else:
            owners.append(owner)
        try:
            contents.append(request_rows.complete(rider.request, known, now=now))
        except Problem as problem:
            errors += [replace(each, path=f"/riders/{number}/request{each.path}") for each in problem.errors]
    if errors:
        raise Problem(Code.VALUE_REFUSED, "Nobody was entered. Mend what 'errors' names.", errors=errors)
    return owners, contents


def _request(
    session: Session,
    actor: Actor,
    duty: DutyRow,
    owner: Organisation,
    content: Completed,
    gates: Gates | None,
    answering: Answering,
    now: datetime,
) -> TransportRequest:
    """Enter a request of ``owner`` in the state in which this ZAB was asked for it."""
    row = TransportRequest(
        organisation_id=owner.id, state=State.ASKED, asked_zab_id=duty.zab_id, created_at=now, updated_at=now,
        state_since=now,
    )  # fmt: skip
    request_rows.write_columns(row, content, answering)
    request_rows.write_gates(row, gates or Gates())
    try:
        with session.begin_nested():
            session.add(row)
            session.flush()
    except IntegrityError as error:
        known = cases.open_cases(session, owner.id, [row.case_reference])
        if (row.case_reference, row.pickup_from) not in known:
            raise
        raise Problem(
            Code.EXISTS_ALREADY,
            "Nobody was entered: a case is open already for this pick-up. Its ABH asks your ZAB, or cancels it first.",
            errors=[FieldError(path="/riders", expected="cases that are not open yet")],
        ) from error
    session.refresh(row)
    audit.append(session, actor, "created", "request", row.id, at=now, details={"enter_as": "commitment"})
    return row


def _promise(
    session: Session, actor: Actor, duty: DutyRow, request: TransportRequest, rider: NewRider, now: datetime
) -> Proposal:
    ground = Ground.of(session, duty, [request], now=now, is_joining=False)
    verdict = ground.judge(request.id, rider.pickup_at, rider.handover_at, are_times_agreed=True)
    # A ZAB may withhold a duty from the exchange and use it for its own. What it promised already stands, red where a
    # gate is closed, and does not depart so.
    broken = [each for each in verdict.broken if each.code != Fact.DUTY_WITHHELD.value and not each.is_gate]
    if broken or verdict.figures is None:
        raise promises.refusal(broken, "the checker refuses this tour with these riders at these times")
    figures = verdict.figures
    offer = steps.Offer(
        duty_id=duty.id, pickup_at=rider.pickup_at, handover_at=rider.handover_at,
        on_board_seconds=figures.on_board, direct_seconds=figures.direct, limit_seconds=figures.limit,
        explanation={"extra_metres": figures.extra_metres, "extra_crew_seconds": figures.extra_crew_seconds},
    )  # fmt: skip
    steps.take(session, request, Action.ACCEPT, actor, now=now, offer=offer)
    proposal = steps.live_proposal(session, request.id)
    if proposal is None:
        raise AssertionError("an accepted offer has a live proposal")
    return proposal
