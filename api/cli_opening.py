"""What all commands of the service begin with: the settings, the database, and its schema."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli_problems import make_folder, refuse_empty, refuse_unknown

if TYPE_CHECKING:
    from api.db.store import Store
    from api.settings import Settings

Folder = Annotated[
    Path | None,
    typer.Option("--folder", metavar="DIR", help="Folder of what is kept in files; stands for RESTPLATZ_FOLDER."),
]


def settings_of(folder: Path | None) -> Settings:
    """Return the settings; ``folder`` stands for that of the environment.

    Where a name in the environment is like a setting and is none, say so and exit.
    """
    from api.settings import Settings
    from api.settings_names import unknown_names

    refuse_unknown(unknown_names(os.environ, Path(".env")))

    if folder is not None:
        # For the processes that are started from here as well.
        os.environ["RESTPLATZ_FOLDER"] = str(folder)
    return Settings()


def store_of(settings: Settings) -> Store:
    """Return the database that the settings name, with its folder made."""
    from api.db.store import Store

    make_folder(settings.folder)
    return Store(settings.address, pool_size=settings.pool_size)


def kept_store_of(settings: Settings) -> Store:
    """Return the database that the settings name, for commands that look at what is there; they make none.

    Where there is none on SQLite it is said where it was looked for, and how to name another.
    """
    from sqlalchemy.engine import make_url

    from api.db import migrate as migrations
    from api.db.store import Store

    address = make_url(settings.address)
    is_file = address.get_backend_name() == "sqlite" and address.database is not None
    if is_file and not Path(str(address.database)).is_file():
        refuse_empty(str(address.database))
    store = Store(settings.address, pool_size=settings.pool_size)
    if is_file and migrations.current(store.engine) is None:
        store.close()
        refuse_empty(str(address.database))
    return store


def make_ready(store: Store, settings: Settings) -> bool:
    """See to it that the schema is the newest: on SQLite it is brought there, PostgreSQL is left to operators.

    False where the database is away.
    """
    from sqlalchemy.exc import OperationalError

    from api.db import migrate as migrations
    from api.errors import Code, Problem

    try:
        at = migrations.current(store.engine)
    except OperationalError:
        return False
    if at == migrations.head():
        return True
    if store.is_postgres:
        raise Problem(Code.UNAVAILABLE, "The schema of the database is not the newest. Run `restplatz migrate` first.")
    bring_up(store, settings)
    return True


def bring_up(store: Store, settings: Settings) -> None:
    """Bring the schema to the newest, with what everybody needs in it."""
    from api.actor import SYSTEM
    from api.clock import system_clock
    from api.db import migrate as migrations
    from api.services import guidance, loading, parameters, webhooks

    migrations.upgrade(store.engine)
    now = system_clock()
    with store.writing() as session:
        parameters.seed(session, SYSTEM, now=now)
        loading.organisations(session, now=now)
        webhooks.seal_all(session, webhooks.seal_of(settings))
        guidance.seed(session, now=now)
