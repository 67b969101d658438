"""``restplatz``: the commands that run and keep the service. Settings come from the environment (docs/service.md)."""

from __future__ import annotations

import os
import re
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli_opening import Folder, bring_up, kept_store_of, make_ready, settings_of, store_of
from api.cli_problems import UNREACHABLE, make_folder, see_keys, telling_problems
from api.words import Language, word

if TYPE_CHECKING:
    from api.db.store import Store
    from api.settings import Settings

EXIT_NEGATIVE = 1
_KNOWN = re.compile(r"(\d+):([0-9a-f]{64})")
_LOOPBACK = "127.0.0.1"

commands = typer.Typer()
audit = typer.Typer(no_args_is_help=True, help="The append-only log of who did what.")
commands.add_typer(audit, name="audit")


@commands.command()
def serve(
    *,
    host: Annotated[str, typer.Option("--host", help="Address to listen at.")] = _LOOPBACK,
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="Port to listen at.")] = 8000,
    workers: Annotated[int, typer.Option("--workers", min=1, max=64, help="Web processes.")] = 1,
    worker: Annotated[
        bool, typer.Option("--worker/--no-worker", help="Whether a worker runs beside it; it ends with the service.")
    ] = True,
    folder: Folder = None,
    language: Annotated[Language, typer.Option("--language", help="Language of what is printed.")] = Language.DE,
) -> None:
    """Serve the API, with one worker beside it."""
    with telling_problems():
        settings = settings_of(folder)
        from api.serving import Beside, address_of, refuse_taken, serve_web

        refuse_taken(settings, host, port)
        address = address_of(host, port)
        if "public_url" not in settings.model_fields_set:
            # For the processes that are started from here as well.
            os.environ["RESTPLATZ_PUBLIC_URL"] = address
            settings = settings_of(folder)
        store = store_of(settings)
        see_keys(settings)
        try:
            # Where the database is away it serves all the same: `ready` says no, and calls wait for it.
            if not make_ready(store, settings):
                typer.echo(
                    f"{UNREACHABLE} Serving all the same; every call is refused (503) until it is back.", err=True
                )
        finally:
            store.close()
        typer.echo(word("served_at", language, address=address))
        _tell_users(settings, language)
        # Not before the first line is out: the worker logs too.
        with Beside.started() if worker else _nothing():
            serve_web(settings, host=host, port=port, processes=workers)


@commands.command()
def worker(
    *,
    folder: Folder = None,
    parent: Annotated[int | None, typer.Option("--parent", hidden=True)] = None,
) -> None:
    """Do runs, keep the clock, deliver messages, until told to end. On other machines with PostgreSQL."""
    with telling_problems():
        settings = settings_of(folder)
        store = kept_store_of(settings)
        # With PostgreSQL it is this machine's own, and may not be there yet.
        make_folder(settings.folder)
        from api import logs

        logs.configure(settings.log_format, settings.log_level)
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        from api.jobs.worker import await_database, run_worker

        # Whoever started it may have been killed: then nobody would end it.
        def is_enough() -> bool:
            return parent is not None and os.getppid() != parent

        try:
            await_database(store, settings.folder, stop, is_enough)
            if stop.is_set():
                return
            make_ready(store, settings)
        finally:
            store.close()
        run_worker(settings, stop=stop, is_enough=is_enough)


@commands.command()
def migrate(
    *,
    check: Annotated[bool, typer.Option("--check", help="Change nothing; tell whether anything would be.")] = False,
    folder: Folder = None,
) -> None:
    """Bring the database to the newest schema, with parameter sets and the organisations of the state."""
    with telling_problems():
        settings = settings_of(folder)
        from api.db import migrate as migrations

        # Whoever asks whether anything would change wants no database made in a folder that was misspelt.
        store = kept_store_of(settings) if check else store_of(settings)
        try:
            if check:
                _check_schema(store)
                return
            bring_up(store, settings)
            typer.echo(migrations.head())
        finally:
            store.close()


def _check_schema(store: Store) -> None:
    """Tell the schema, and what is to be done about it; exit with 1 where it is not the newest, or differs from it."""
    from api.db import migrate as migrations

    at, newest = migrations.current(store.engine), migrations.head()
    if at is None:
        typer.echo(f"no schema yet, newest {newest}: run `restplatz migrate`")
    elif at != newest:
        # Everything that migrations will bring would be told as missing here.
        typer.echo(f"{at} -> {newest}: run `restplatz migrate`")
    else:
        typer.echo(f"{at} is the newest")
        drift = migrations.drift(store.engine)
        for difference in drift:
            typer.echo(difference)
        if not drift:
            return
    raise typer.Exit(EXIT_NEGATIVE)


@commands.command()
def nightly(
    *,
    day: Annotated[
        datetime | None, typer.Option("--date", formats=["%Y-%m-%d"], help="Local date of the night; default: today.")
    ] = None,
    folder: Folder = None,
) -> None:
    """Do the nightly run of a local date: once, however often it is asked for."""
    with telling_problems():
        settings = settings_of(folder)
        from api import logs
        from api.clock import system_clock
        from api.db.tables import RunState
        from api.deadlines import BERLIN
        from api.jobs.worker import run_nightly

        logs.configure(settings.log_format, settings.log_level)
        store = kept_store_of(settings)
        try:
            store.see_whether_it_takes_changes()
            make_ready(store, settings)
        finally:
            store.close()
        night: date = system_clock().astimezone(BERLIN).date() if day is None else day.date()
        run = run_nightly(settings, night)
        typer.echo(f"{night} {run.id} {run.state.value}")
        if run.state is RunState.FAILED:
            raise typer.Exit(EXIT_NEGATIVE)


@commands.command("settings")
def show_settings() -> None:
    """Print all settings as a table of Markdown, as in docs/service.md."""
    from api.settings_table import settings_table

    typer.echo(settings_table())


@commands.command("demo-data")
def demo_data(*, folder: Folder = None) -> None:
    """Load the sample day, moved to a working day to come, and a demo user for each role. Synthetic people only."""
    with telling_problems():
        settings = settings_of(folder)
        from api.clock import system_clock
        from api.demo import USERS_FILE, prepare

        store = store_of(settings)
        try:
            prepared = prepare(store, settings, now=system_clock())
        finally:
            store.close()
        made = prepared.loaded
        typer.echo(f"{prepared.day}: {made.duties} duties, {made.promised} promised, {made.pooled} pooled")
        typer.echo(f"{len(prepared.users)} users: {settings.folder / USERS_FILE}")


@audit.command()
def verify(
    *,
    known: Annotated[
        str | None, typer.Option("--known", metavar="N:HASH", help="A head that was noted earlier; it must be there.")
    ] = None,
    folder: Folder = None,
) -> None:
    """Look whether the audit log is whole; print its head, to be noted elsewhere. Exit code 1: it is not."""
    with telling_problems():
        from api import audit as log

        found = None if known is None else _KNOWN.fullmatch(known)
        if known is not None and found is None:
            raise typer.BadParameter("expected NUMBER:HASH, as this command prints it", param_hint="--known")
        noted = None if found is None else log.Head(number=int(found[1]), sha256=found[2])
        store = kept_store_of(settings_of(folder))
        faults = 0
        try:
            with store.reading() as session:
                head, begin = log.head(session), log.anchor(session)
                for fault in log.verify(session, known=noted):
                    faults += 1
                    typer.echo(f"{fault.number}: {fault.what}", err=True)
        finally:
            store.close()
        if begin.number:
            typer.echo(f"older lines were deleted up to {begin.number}:{begin.sha256}", err=True)
        typer.echo(f"{head.number}:{head.sha256}")
        if faults:
            raise typer.Exit(EXIT_NEGATIVE)


def _tell_users(settings: Settings, language: Language) -> None:
    from api.demo import USERS_FILE, users_of

    logins = users_of(settings.folder)
    if logins:
        path = settings.folder / USERS_FILE
        typer.echo(word("demo_users", language, logins=", ".join(logins), file=path))


@contextmanager
def _nothing() -> Iterator[None]:
    yield
