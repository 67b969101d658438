"""The demo: the sample day through the service, in a folder of its own, with a user for each role.

Doing it again goes on with what is there. Passwords are random for each folder, and stand in a file that only its
owner may read.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from datetime import time as clock_time
from pathlib import Path

import typer
from sqlalchemy.orm import Session

import data
from api import logs
from api.actor import SYSTEM
from api.clock import system_clock
from api.db import migrate
from api.db.store import Store
from api.db.tables import Run, RunKind, RunState
from api.deadlines import BERLIN, Answering, fall_back_at, is_working_day, office_time_after, respond_by
from api.errors import Code, Problem
from api.mapping.horizon import Horizon
from api.repositories import accounts as account_rows
from api.repositories import fleet as fleet_rows
from api.repositories import loading as rows
from api.repositories import runs as run_rows
from api.security.passwords import hash_password, make_password
from api.services import accounts, loading, outbox, runs
from api.settings import Settings
from api.words import Language, OutputFormat, word
from api.workflow import Role
from optimizer.io.json import parse_instance
from optimizer.io.problem import Problem as Stated
from optimizer.model import Instance
from optimizer.params import SolveParams
from optimizer.result import Result, Status

USERS_FILE = "users.txt"
_LOGINS: Mapping[str, tuple[Role, str]] = {
    "abh": (Role.ABH, "abh:05774000"),
    "ltrako": (Role.LTRAKO, "ltrako"),
    "zfa": (Role.ZFA, "zfa"),
    "zrk": (Role.ZRK, "zrk"),
    "auditor": (Role.AUDITOR, "audit"),
    "admin": (Role.ADMIN, "operation"),
}
"""A user for each role, with the organisation; those of the ZABs are added for each ZAB."""
_LIVE = (RunState.QUEUED, RunState.RUNNING)
_LOOK = 0.5
_OFFICE_HOURS = timedelta(hours=4)
"""Office hours that a demo's proposals can be answered in, at least."""
_MOST_DAYS_AHEAD = 60
_MOST_MESSAGES = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A demo user; ``password`` as kept in the folder's file."""

    login: str
    password: str
    role: Role
    organisation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A database with the sample day on ``day``."""

    day: date
    loaded: loading.Loaded
    users: tuple[User, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A run that has ended, in the ZABs' own codes; ``result`` is ``None`` where it failed."""

    stated: Stated | None
    result: Result | None
    state: RunState


def present(folder: Path, params: SolveParams, *, out: Path | None, language: Language, output: OutputFormat) -> bool:
    """Do the demo and put out its plan; whether there is one.

    Raises what ``prepare`` raises, and ``OSError``.
    """
    from api.plan_output import put_out, tell_written  # noqa: PLC0415  # as the solver, late: it takes a while to load

    logs.configure("text", "error")
    settings, now = settings_of(folder, params), system_clock()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    store = Store(settings.address)
    try:
        prepared = prepare(store, settings, now=now)
        typer.echo(word("demo_begins", language, day=prepared.day), err=True)
        shown = solve(store, settings, prepared.day, params, now=now)
    finally:
        store.close()
    if shown.stated is None or shown.result is None:
        typer.echo(word("demo_failed", language, state=shown.state.value), err=True)
        return False
    written = put_out(shown.stated, shown.result, out=out, language=language, output=output)
    tell_written(written, out, language)
    command = f"{as_called()} serve --folder {folder}"
    address = str(settings.public_url).rstrip("/")
    typer.echo("\n" + word("demo_next", language, command=command, address=address), err=True)
    width = max(len(user.login) for user in prepared.users)
    for user in prepared.users:
        typer.echo(f"  {user.login:<{width}}  {user.password}  {user.role}", err=True)
    return shown.result.status not in (Status.INFEASIBLE, Status.UNKNOWN)


def as_called() -> str:
    """Return the name by which this programme can be called again: with its path, where a shell would not find it."""
    name = "restplatz"
    called = Path(sys.argv[0])
    known = shutil.which(name)
    if called.name != name or (known is not None and Path(known).resolve() == called.resolve()):
        return name
    return str(called)


def settings_of(folder: Path, params: SolveParams | None = None) -> Settings:
    """Return the settings of a demo in ``folder``: SQLite, no run by the clock."""
    knobs = SolveParams() if params is None else params
    return Settings(
        folder=folder, database_url="", is_nightly_scheduled=False, solver_workers=knobs.workers,
        solve_seconds=knobs.time_limit or 60, poll_seconds=0.1,
    )  # fmt: skip


def prepare(store: Store, settings: Settings, *, now: datetime) -> Prepared:
    """Bring the database up to date, load the sample day where it is not there, and see to it that all users are."""
    migrate.upgrade(store.engine)
    shipped = data.sample_day()[0]

    def work(session: Session) -> tuple[date, loading.Loaded]:
        day = _day_there(session, shipped, settings.answering, now) or day_for(shipped, settings.answering, now)
        loaded = loading.load(session, moved(shipped, day), answering=settings.answering, now=now)
        return day, loaded

    day, loaded = store.write(work)
    return Prepared(day=day, loaded=loaded, users=ensure_users(store, settings.folder, now=now))


def day_for(instance: Instance, answering: Answering, now: datetime) -> date:
    """Return the first working day whose requests the ZABs can still answer before they fall back to their ABH."""
    today = now.astimezone(BERLIN).date()
    for ahead in range(1, _MOST_DAYS_AHEAD):
        day = today + timedelta(days=ahead)
        if is_working_day(day) and _is_open(_first_pickup(instance, day), answering, now):
            return day
    raise AssertionError("no working day for weeks")


def moved(instance: Instance, day: date) -> Instance:
    """Return the day at another date: the same clock times, duties with the date in their code."""
    begin = datetime.combine(day, clock_time(), BERLIN)
    was = datetime.fromisoformat(instance.horizon_start)
    days = day - was.astimezone(BERLIN).date()

    def later(seconds: int) -> int:
        # By the clock on the wall: summer time may begin or end between day and deadline.
        wall = (was + timedelta(seconds=seconds)).astimezone(BERLIN).replace(tzinfo=None) + days
        return int((wall.replace(tzinfo=BERLIN).timestamp()) - begin.timestamp())

    codes = {duty.id: f"{duty.id}-{day:%m%d}" for duty in instance.duties}
    return replace(
        instance,
        horizon_start=begin.isoformat(),
        duties=tuple(replace(duty, id=codes[duty.id]) for duty in instance.duties),
        commitments=tuple(replace(each, duty=codes[each.duty]) for each in instance.commitments),
        requests=tuple(
            each if each.deadline is None else replace(each, deadline=later(each.deadline))
            for each in instance.requests
        ),
    )


def _first_pickup(instance: Instance, day: date) -> datetime:
    promised = {promise.request for each in instance.commitments for promise in each.promises}
    first = min(request.pickup.earliest for request in instance.requests if request.id not in promised)
    return datetime.combine(day, clock_time(), BERLIN) + timedelta(seconds=first)


def _is_open(pickup: datetime, answering: Answering, now: datetime) -> bool:
    """Whether an offer made now can be answered in office hours before the request falls back."""
    until = min(respond_by(pickup, now, answering), fall_back_at(pickup, answering))
    return office_time_after(now, _OFFICE_HOURS, answering) <= until


def _day_there(session: Session, shipped: Instance, answering: Answering, now: datetime) -> date | None:
    """Return the day that was loaded last, where its requests are still open."""
    last = rows.last_begin_of(session, f"{shipped.duties[0].id}-")
    if last is None:
        return None
    day = last.astimezone(BERLIN).date()
    return day if _is_open(_first_pickup(shipped, day), answering, now) else None


# --- users ------------------------------------------------------------------------------------------------------------


def ensure_users(store: Store, folder: Path, *, now: datetime) -> tuple[User, ...]:
    """Return a user for each role; all have the one password of the folder, which is made the first time."""
    path = folder / USERS_FILE
    known = _read(path)
    password = next(iter(known.values()), None) or make_password()
    wanted = dict(_LOGINS)
    for site in data.zabs():
        code = loading.code_of(site.zab)
        name = code.removeprefix("zab:")
        wanted[name] = (Role.ZAB_DISPATCHER, code)
        wanted[f"{name}-lead"] = (Role.ZAB_LEAD, code)
    users = tuple(
        User(login=login, password=known.get(login, password), role=role, organisation=code)
        for login, (role, code) in wanted.items()
    )
    # The file first: a password that nobody knows is of no use, one of an account that is made next time is.
    _write(path, users)

    hashed = hash_password(password)  # Once: it is slow on purpose.

    def work(session: Session) -> None:
        for user in users:
            row = account_rows.account_by_login(session, user.login)
            organisation = fleet_rows.organisation(session, user.organisation)
            if row is None and organisation is not None:
                accounts.create_account(
                    session, SYSTEM, login=user.login, role=user.role, organisation_id=organisation.id,
                    password=None if user.password == password else user.password, password_hash=hashed, now=now,
                )  # fmt: skip
            elif row is not None and user.login not in known:
                accounts.reset_password(session, SYSTEM, row, password=user.password, now=now)

    store.write(work)
    return users


def users_of(folder: Path) -> tuple[str, ...]:
    """Return the logins of the demo users of a folder; none where it is no demo."""
    return tuple(_read(folder / USERS_FILE))


def _read(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    lines = (line.split() for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))
    return {parts[0]: parts[1] for parts in lines if len(parts) >= 2}


def _write(path: Path, users: tuple[User, ...]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    width = max(len(user.login) for user in users)
    lines = ["# Demo users of this folder: login, password, role, organisation. All data are synthetic."]
    lines += [f"{user.login:<{width}} {user.password} {user.role} {user.organisation}" for user in users]
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
    draft.replace(path)


# --- the run ----------------------------------------------------------------------------------------------------------


def solve(store: Store, settings: Settings, day: date, params: SolveParams, *, now: datetime) -> Shown:
    """Run the day through the service: queued, done by a worker, read back.

    A worker in this process does it, unless one is at work on the folder already.
    """
    from api.jobs.worker import run_worker  # noqa: PLC0415  # the solver takes a second to load

    wait = _Wait(store=store, horizon=Horizon(first=day, last=day), params=params, now=now)
    try:
        run_worker(settings, is_enough=wait.is_over)
    except Problem as problem:
        if problem.code is not Code.IN_USE:
            raise
        while not wait.is_over():
            time.sleep(_LOOK)
    with store.reading() as session:
        run = session.get(Run, wait.run_id)
        assert run is not None, "the run was queued just now"  # noqa: S101
        return _shown(session, run)


@dataclass(slots=True, kw_only=True)
class _Wait:
    """Queues a run, after those that are live, and tells when it has ended."""

    store: Store
    horizon: Horizon
    params: SolveParams
    now: datetime
    run_id: uuid.UUID | None = None

    def __post_init__(self) -> None:
        self._queue()

    def is_over(self) -> bool:
        """Whether the run has ended."""
        if self.run_id is None:
            self._queue()
            return False
        with self.store.reading() as session:
            run = session.get(Run, self.run_id)
            return run is None or run.state not in _LIVE

    def _queue(self) -> None:
        def work(session: Session) -> uuid.UUID:
            run = runs.queue(session, SYSTEM, RunKind.ON_DEMAND, self.horizon, self.params, now=self.now)
            # The run does what the arrival of the day asked for, at this same instant.
            for message in outbox.due(session, self.now, _MOST_MESSAGES, is_inner=True):
                if message.at == self.now:
                    outbox.delivered(session, message, now=self.now)
            return run.id

        try:
            self.run_id = self.store.write(work)
        except Problem as problem:
            # One that was broken off, or that the day's arrival asked for: it ends first.
            if problem.code is not Code.RUN_IN_PROGRESS:
                raise


def _shown(session: Session, run: Run) -> Shown:
    from api.jobs.solving import read_stored  # noqa: PLC0415  # as above

    kept = run_rows.input_of(session, run.id)
    if kept is None or kept.result is None:
        return Shown(stated=None, result=None, state=run.state)
    codes = rows.names(session)
    stated = parse_instance(_renamed(kept.instance, codes).decode(), "run")
    return Shown(stated=stated, result=read_stored(_renamed(kept.result, codes), stated), state=run.state)


def _renamed(text: bytes, codes: Mapping[str, str]) -> bytes:
    """Return a stored file with codes in place of ids: a UUID stands for nothing else."""
    told = text.decode()
    for key, name in codes.items():
        told = told.replace(key, name)
    return told.encode()
