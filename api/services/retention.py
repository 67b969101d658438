"""Deletion by periods: addresses, requests with what hangs on them, inputs of runs, messages, lines of the log, files.

In small transactions, so that nobody waits; each commits what it deleted together with the record of it. Whoever is
killed in between begins again and goes on with what is left; a second time there is nothing to do. The periods are
parameters of the service (``data/parameters/service-*.toml``, ``[retention]``).
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from math import inf
from pathlib import Path
from time import monotonic

from sqlalchemy import Select
from sqlalchemy.orm import Session

from api import audit
from api.actor import SYSTEM
from api.db.store import Store
from api.db.tables import TransportRequest
from api.deadlines import BERLIN
from api.repositories import retention as rows
from api.services import facts, history, steps, tours
from data import service_parameters
from data.service_parameters import ServiceParameters

_AT_A_TIME = 100
"""Addresses, runs or messages of one transaction; requests that are looked for in documents together."""
_LINES = 1_000
"""Lines of the log of one transaction."""


class Kind(StrEnum):
    """What is deleted."""

    ADDRESSES = "addresses"
    RUN_INPUTS = "run_inputs"
    MESSAGES = "messages"
    REQUESTS = "requests"
    LOG_LINES = "log_lines"
    FILES = "files"
    """What the nightly run took in from the drop folder, or refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deleted:
    """How many of a kind were deleted, or would be: what ended (or was written) at or before ``until``."""

    kind: Kind
    count: int
    until: datetime


def log_cut(now: datetime, parameters: ServiceParameters) -> datetime:
    """Return the instant before which lines of the log are old: the begin of a local year (§ 76 (4) BDSG)."""
    year = now.astimezone(BERLIN).year - parameters.retention.log_years.value
    return datetime.combine(date(year, 1, 1), time(), BERLIN).astimezone(UTC)


def enforce(
    store: Store,
    now: datetime,
    *,
    drop_folder: Path,
    is_dry_run: bool = False,
    parameters: ServiceParameters | None = None,
    within: timedelta | None = None,
) -> tuple[Deleted, ...]:
    """Delete all whose period is over; return how much it was.

    Parameters
    ----------
    drop_folder
        Where files for the nightly import lie; those in its folders ``done`` and ``rejected`` are old at some time.
    is_dry_run
        Only count what would be deleted.
    within
        By the wall clock; no further step begins after it, and the next time goes on. ``None``: until all is done.
    """
    return _Pass(store, now, parameters or service_parameters(), drop_folder, within).all(is_dry_run=is_dry_run)


class _Pass:
    """One time through everything."""

    def __init__(
        self, store: Store, now: datetime, parameters: ServiceParameters, drop_folder: Path, within: timedelta | None
    ) -> None:
        self._store, self._now, self._parameters = store, now, parameters
        self._drop_folder = drop_folder
        self._over_at = inf if within is None else monotonic() + within.total_seconds()
        kept = parameters.retention
        self._until = {
            Kind.ADDRESSES: now - timedelta(hours=kept.address_hours.value),
            Kind.RUN_INPUTS: now - timedelta(days=kept.run_days.value),
            Kind.MESSAGES: now - timedelta(days=kept.message_days.value),
            Kind.REQUESTS: now - timedelta(days=kept.request_days.value),
            Kind.LOG_LINES: log_cut(now, parameters),
            Kind.FILES: now - timedelta(days=kept.file_days.value),
        }

    def all(self, *, is_dry_run: bool) -> tuple[Deleted, ...]:
        """Return what was deleted, kind by kind; inputs of runs before the requests that stand in them."""
        work: dict[Kind, tuple[Callable[[], int], Callable[[], int]]] = {
            Kind.ADDRESSES: self._of(Kind.ADDRESSES, rows.due_addresses, rows.delete_addresses),
            Kind.RUN_INPUTS: self._run_inputs(),
            Kind.MESSAGES: self._of(Kind.MESSAGES, rows.due_messages, rows.delete_messages),
            Kind.REQUESTS: (lambda: self._counted(rows.due_requests, Kind.REQUESTS), self.requests),
            Kind.LOG_LINES: (self.old_lines, self.log_lines),
            Kind.FILES: (lambda: len(self._old_files()), self.files),
        }
        return tuple(
            Deleted(kind=kind, count=look() if is_dry_run else do(), until=self._until[kind])
            for kind, (look, do) in work.items()
        )

    def _of(
        self,
        kind: Kind,
        due: Callable[[datetime], Select[uuid.UUID]],
        remove: Callable[[Session, Collection[uuid.UUID]], int],
    ) -> tuple[Callable[[], int], Callable[[], int]]:
        """Return what counts and what deletes things that go by their ids alone."""

        def step(session: Session) -> int:
            found = rows.ids(session, due(self._until[kind]), _AT_A_TIME)
            number = remove(session, found) if found else 0
            self._note(session, kind, number)
            return number

        return lambda: self._counted(due, kind), lambda: self._again(step)

    def _run_inputs(self) -> tuple[Callable[[], int], Callable[[], int]]:
        """Return what counts and what deletes inputs of runs: those of days that were over as their requests are."""
        count, delete = self._of(Kind.RUN_INPUTS, rows.due_runs, rows.delete_run_inputs)
        past_until = self._until[Kind.REQUESTS]

        def step(session: Session) -> int:
            found = rows.ids(session, rows.due_past_days(past_until), _AT_A_TIME)
            number = rows.delete_past_days(session, found) if found else 0
            self._note(session, Kind.RUN_INPUTS, number)
            return number

        def past() -> int:
            with self._store.reading() as session:
                return rows.count(session, rows.due_past_days(past_until))

        return lambda: count() + past(), lambda: delete() + self._again(step)

    def _counted(self, due: Callable[[datetime], Select[uuid.UUID]], kind: Kind) -> int:
        with self._store.reading() as session:
            return rows.count(session, due(self._until[kind]))

    def _again(self, step: Callable[[Session], int]) -> int:
        """Take a step until there is nothing left; return how many it were."""
        done = 0
        while not self._is_over() and (number := self._store.write(step)):
            done += number
        return done

    def _is_over(self) -> bool:
        return monotonic() >= self._over_at

    # --- requests -----------------------------------------------------------------------------------------------------

    def requests(self) -> int:
        """Delete requests: first where others name them, then one by one."""
        done, passed = 0, uuid.UUID(int=0)
        while not self._is_over():
            with self._store.reading() as session:
                due = rows.due_requests(self._until[Kind.REQUESTS])
                found = rows.ids(session, due.where(TransportRequest.id > passed), _AT_A_TIME)
            if not found:
                break
            self._forget(found)
            done += sum(self._store.write(lambda session, key=key: self._one(session, key)) for key in found)  # type: ignore[misc]
            passed = found[-1]
        return done

    def _forget(self, request_ids: Collection[uuid.UUID]) -> None:
        """Take them out of what names them: notices, messages, morning lists, reasons and explanations of others."""
        with self._store.reading() as session:
            names = rows.names_of(session, request_ids)
            found = list(rows.naming(session, names))
        for begin in range(0, len(found), _AT_A_TIME):

            def step(session: Session, part: slice = slice(begin, begin + _AT_A_TIME)) -> None:
                for table, key in found[part]:
                    rows.forget(session, table, key, names)

            self._store.write(step)

    def _one(self, session: Session, request_id: uuid.UUID) -> bool:
        request = steps.lock_request(session, request_id)
        if request is None or rows.ended_at(request) > self._until[Kind.REQUESTS]:
            return False  # Somebody lifted its stop or amended it meanwhile.
        history.enter(session, request, self._now, self._parameters)
        facts.record(session, request)
        for duty_id in sorted(rows.delete_request(session, request)):
            if rows.rides_nobody(session, duty_id):
                duty = tours.lock_duty(session, duty_id)
                duty.is_used, duty.updated_at = False, self._now
        session.flush()
        self._note(session, Kind.REQUESTS, 1)
        return True

    # --- the log ------------------------------------------------------------------------------------------------------

    def old_lines(self) -> int:
        """Return how many lines of the log would be deleted."""
        with self._store.reading() as session:
            last = max(
                audit.older(session, self._until[Kind.LOG_LINES]).number, audit.anchor(session).number
            )  # fmt: skip
            return rows.audit_lines(session, last)

    def log_lines(self) -> int:
        """Set the anchor, then delete up to it: what was left by somebody who was killed as well."""
        until, name = self._until[Kind.LOG_LINES], self._parameters.id
        self._store.write(lambda session: audit.cut(session, SYSTEM, until=until, at=self._now, parameter_set=name))

        def step(session: Session) -> int:
            number = audit.delete_cut(session, _LINES)
            self._note(session, Kind.LOG_LINES, number)
            return number

        return self._again(step)

    # --- files --------------------------------------------------------------------------------------------------------

    def files(self) -> int:
        """Delete old files of the drop folder; what cannot be deleted now is tried again the next time."""
        done = 0
        for path in self._old_files():
            try:
                path.unlink()
            except OSError:
                continue
            done += 1
        self._store.write(lambda session: self._note(session, Kind.FILES, done))
        return done

    def _old_files(self) -> list[Path]:
        until = self._until[Kind.FILES].timestamp()
        found = []
        for name in ("done", "rejected"):
            folder = self._drop_folder / name
            # Of when it was put there: a file may have been written long before.
            found += [
                path
                for path in (folder.iterdir() if folder.is_dir() else ())
                if path.is_file() and path.lstat().st_ctime <= until
            ]
        return sorted(found)

    def _note(self, session: Session, kind: Kind, number: int) -> None:
        """Note in the record and in the log what this transaction deleted."""
        if not number:
            return
        day, until, name = self._now.astimezone(BERLIN).date(), self._until[kind], self._parameters.id
        rows.note_deletion(session, day, kind.value, number, until=until, parameter_set=name, now=self._now)
        audit.append(
            session, SYSTEM, "deleted", "retention", kind.value, at=self._now,
            details={"count": number, "until": until.isoformat(), "parameters": name},
        )  # fmt: skip
