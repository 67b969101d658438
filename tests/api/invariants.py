"""What must hold in the database of the service whatever happened before: who may call it, who dies, in what order."""

from __future__ import annotations

import uuid

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from api import audit
from api.db.tables import (
    Decision,
    DutyRow,
    MeasureFact,
    Proposal,
    Run,
    RunState,
    Standing,
    TourStop,
    TransportRequest,
)
from api.workflow import ENDED, OFFERED, State
from optimizer.model import VisitKind


def check(session: Session) -> None:
    """No seat doubled, no request lost, every state told by its steps, the log whole, no run failed."""
    assert list(audit.verify(session)) == []
    requests = session.scalars(select(TransportRequest)).unique().all()
    proposals = session.scalars(select(Proposal).where(Proposal.standing == Standing.LIVE)).unique().all()
    live = {proposal.request_id: proposal for proposal in proposals}
    assert len(live) == len(proposals)
    stops = session.scalars(select(TourStop).order_by(TourStop.duty_id, TourStop.position)).all()
    steps = session.scalars(select(Decision).order_by(Decision.id)).all()
    last: dict[uuid.UUID, State] = {}
    for step in steps:
        assert last.get(step.request_id, step.before) is step.before
        last[step.request_id] = step.after
    for request in requests:
        assert last.get(request.id, State.DRAFT) is request.state
        assert (request.id in live) is (request.state in OFFERED)
    # A fact for each end, so that no report misses one; facts outlive requests.
    ends = [step for step in steps if step.after in ENDED and step.before is not State.DRAFT]
    assert (session.scalar(select(func.count()).select_from(MeasureFact)) or 0) >= len(ends)
    riding = {(stop.request_id, stop.kind): stop.duty_id for stop in stops}
    assert len(riding) == len(stops)
    ended = {request.id for request in requests if request.state in ENDED}
    kept = {
        (key, kind): proposal.duty_id
        for key, proposal in live.items()
        for kind in (VisitKind.PICKUP, VisitKind.DELIVERY)
    }
    assert {key: duty for key, duty in riding.items() if key[0] not in ended} == kept
    used = {stop.duty_id for stop in stops}
    assert {duty.id for duty in session.scalars(select(DutyRow)).unique() if duty.is_used} == used
    failed = session.scalars(select(Run).where(Run.state == RunState.FAILED)).all()
    assert [run.failure for run in failed] == []
