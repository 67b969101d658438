"""From messages that ask for a match to runs: those of the same days that came together become one."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from api.actor import SYSTEM
from api.db.tables import DutyRow, Run, RunKind, RunState, TransportRequest
from api.mapping.horizon import Horizon, united
from api.repositories import runs as repository
from api.repositories.plans import times_of_duties, times_of_requests, versions_of, waiting_of_days
from api.services import outbox, runs
from api.services.outbox import Taken
from api.settings import Settings
from optimizer.params import SolveParams

MOST = 200
"""Messages taken at a time."""
_LATER = timedelta(seconds=1)
"""While another match of the same days is live a message waits so long."""


def take_matches(session: Session, settings: Settings, *, now: datetime) -> list[Run]:
    """Queue a run for the days of each message that is due; return the runs.

    Messages of days that a live match is at stay, and are looked at again in a second: what they tell of came after it
    had read its rows. So do those that the nightly run sees to; other long runs hold up nobody. One whose requests wait
    no longer is done.
    """
    taken = outbox.due(session, now, MOST, is_inner=True)
    if taken:
        # Before it is looked which matches are live: another worker may be about to queue one of the same days.
        runs.alone(session)
    spans = {message.id: _span(session, message, now) for message in taken}
    at_night = _at_night(session, taken, spans)
    outbox.release(session, at_night, now + _LATER)
    taken = [message for message in taken if message not in at_night]
    spans = {message.id: spans[message.id] for message in taken}
    made = []
    for horizon in united(span for span in spans.values() if span is not None):
        group = [m for m in taken if (span := spans[m.id]) is not None and horizon.first <= span.first <= horizon.last]
        if horizon.days > runs.MOST_DAYS:
            # Only windows of several days, one reaching into the next, come to this: the first is matched, then others.
            horizon = Horizon(first=horizon.first, last=horizon.first + timedelta(days=runs.MOST_DAYS - 1))  # noqa: PLW2901
        if runs.overlapping(session, horizon, RunKind.CONTINUOUS) is not None:
            outbox.release(session, group, now + _LATER)
            continue
        wanted = {request for message in group for request in _ids(message, "requests")}
        if any(_ids(message, "duties") for message in group):
            wanted |= set(waiting_of_days(session, horizon.since, horizon.until, now=now))
        if wanted:
            made.append(_queued(session, settings, horizon, wanted, group[0], now))
        for message in group:
            outbox.delivered(session, message, now=now)
    for message in taken:
        if spans[message.id] is None:
            outbox.delivered(session, message, now=now)
    return made


def _at_night(session: Session, taken: list[Taken], spans: dict[uuid.UUID, Horizon | None]) -> list[Taken]:
    """Return the messages about what a nightly run at work reads now, or has read as it still is.

    What its import brought in is planned by the night as a whole, not one by one beside it. Whatever changed since it
    read its rows does not wait for it.
    """
    nights = [run for run in repository.live_runs(session, (RunState.RUNNING,)) if run.kind is RunKind.NIGHTLY]
    found = []
    for message in taken if nights else ():
        span = spans[message.id]
        near = [run for run in nights if span is not None and runs.shares(run, span)]
        if any(run.input_sha256 is None or _is_read(session, run, message) for run in near):
            found.append(message)
    return found


def _is_read(session: Session, run: Run, message: Taken) -> bool:
    kinds: tuple[tuple[str, type[TransportRequest] | type[DutyRow]], ...] = (
        ("requests", TransportRequest), ("duties", DutyRow),
    )  # fmt: skip
    return all(
        versions_of(session, kind, _ids(message, name)).items() <= run.versions.get(name, {}).items()
        for name, kind in kinds
    )


def _queued(
    session: Session, settings: Settings, horizon: Horizon, wanted: set[uuid.UUID], first: Taken, now: datetime
) -> Run:
    # One thread: a match is then the same every time, and leaves the other core to those who wait for an answer.
    params = SolveParams(time_limit=settings.match_seconds, workers=1)
    more = {"wanted": sorted(map(str, wanted)), "reason": str(first.payload.get("reason", ""))}
    return runs.queue(session, SYSTEM, RunKind.CONTINUOUS, horizon, params, now=now, more=more)


def _span(session: Session, message: Taken, now: datetime) -> Horizon | None:
    """Return the days that a message is about; ``None`` where nobody of it waits any more."""
    windows = [
        *times_of_requests(session, _ids(message, "requests"), now=now).values(),
        *times_of_duties(session, _ids(message, "duties")).values(),
    ]
    ahead = [(since, until) for since, until in windows if until > now]
    if not ahead:
        return None
    return Horizon.of(max(now, min(since for since, _ in ahead)), max(until for _, until in ahead))


def _ids(message: Taken, name: str) -> list[uuid.UUID]:
    return [uuid.UUID(each) for each in message.payload.get(name, ())]
