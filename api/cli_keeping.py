"""``restplatz``: the commands that keep what is stored: backup and restore, deletion by periods, keys."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.cli_opening import Folder, kept_store_of, make_ready, settings_of
from api.cli_problems import see_keys, telling_problems

EXIT_NEGATIVE = 1

commands = typer.Typer()
addresses = typer.Typer(no_args_is_help=True, help="Pick-up addresses, which are kept sealed.")
commands.add_typer(addresses, name="addresses")


@commands.command()
def backup(
    target: Annotated[Path, typer.Argument(help="Folder in which a folder with the backup is made.")],
    *,
    with_keys: Annotated[
        bool, typer.Option("--with-keys", help="Copy the keys of the folder too: addresses can be read with them.")
    ] = False,
    folder: Folder = None,
) -> None:
    """Back up a service on SQLite while it works. PostgreSQL: docs/operations.md."""
    with telling_problems():
        settings = settings_of(folder)
        from api.backup import KEY_SETTINGS, KEYS, back_up
        from api.clock import system_clock

        made = back_up(settings, target, with_keys=with_keys, now=system_clock())
        typer.echo(f"{made.folder}: {', '.join(made.files)}")
        typer.echo(f"{made.head.number}:{made.head.sha256}")
        missing = [each for each in KEYS if each not in made.files] if with_keys else []
        if missing:
            typer.echo(
                f"WARNING: no {' and no '.join(missing)} in this backup: the folder has none. Keys that settings give "
                f"({' and '.join(KEY_SETTINGS[each] for each in missing)}) are to be kept with these settings.",
                err=True,
            )


@commands.command()
def restore(
    source: Annotated[Path, typer.Argument(help="The folder of a backup.")],
    *,
    replace: Annotated[
        bool, typer.Option("--replace", help="Where a database is there, keep it under another name.")
    ] = False,
    folder: Folder = None,
) -> None:
    """Put a backup of a service on SQLite in place; the service must not be at work. Prints the head of the log."""
    with telling_problems():
        settings = settings_of(folder)
        from api.backup import KEY_SETTINGS, SEALING_KEY, lacks_sealing_key
        from api.backup import restore as put_back
        from api.clock import system_clock

        done = put_back(settings, source, is_replacing=replace, now=system_clock())
        typer.echo(f"{settings.folder}: {', '.join(done.files)}")
        typer.echo(f"{done.head.number}:{done.head.sha256}")
        if lacks_sealing_key(settings):
            typer.echo(
                f"WARNING: no key that opens the addresses of this backup: put the old {SEALING_KEY} into "
                f"{settings.folder}, or set {KEY_SETTINGS[SEALING_KEY]}, before the service is started. It would make "
                "a new one, and addresses and secrets of webhooks would stay closed.",
                err=True,
            )


@commands.command("simulation-role")
def simulation_role(
    role: Annotated[str, typer.Argument(help="Role of PostgreSQL, made before: CREATE ROLE … LOGIN PASSWORD …")],
    *,
    folder: Folder = None,
) -> None:
    """Let a role of PostgreSQL read what simulations start from, and nothing else; again after each migration.

    Its address is the setting RESTPLATZ_SIMULATION_DATABASE_URL. Prints the tables, with the columns where not all.
    """
    with telling_problems():
        settings = settings_of(folder)
        from api.db.snapshots import grant

        store = kept_store_of(settings)
        try:
            make_ready(store, settings)
            typer.echo(f"{role}: SELECT on {', '.join(grant(store.engine, role))}")
        finally:
            store.close()


@commands.command("sample-import")
def sample_import(
    *,
    authority: Annotated[
        str, typer.Option("--authority", metavar="AGS", help="Owner of all rows; left out: who sends them.")
    ] = "",
) -> None:
    """Print a sample of a bulk import as CSV: synthetic requests from a Monday on, 8 to 14 days ahead."""
    from api.clock import system_clock
    from api.deadlines import BERLIN
    from data.sample import import_sample

    typer.echo(import_sample(system_clock().astimezone(BERLIN).date(), authority), nl=False)


@commands.command()
def retention(
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count what would be deleted.")] = False,
    folder: Folder = None,
) -> None:
    """Delete what is past its period: addresses, requests, inputs of runs, messages, old lines of the log, files."""
    with telling_problems():
        settings = settings_of(folder)
        from api.clock import system_clock
        from api.deadlines import BERLIN
        from api.services.retention import enforce

        store = kept_store_of(settings)
        try:
            make_ready(store, settings)
            for done in enforce(store, system_clock(), drop_folder=settings.drop_folder, is_dry_run=dry_run):
                until = done.until.astimezone(BERLIN).strftime("%Y-%m-%d %H:%M")
                typer.echo(f"{done.kind.value} {done.count} (until {until})")
        finally:
            store.close()


@addresses.command()
def rotate(*, folder: Folder = None) -> None:
    """Seal all addresses, and secrets of webhooks, with the first of RESTPLATZ_ADDRESS_KEYS.

    Exit code 1: some addresses open with none of the keys.
    """
    with telling_problems():
        settings = settings_of(folder)
        from api.clock import system_clock
        from api.services import webhooks
        from api.services.addresses import rotate as seal_anew
        from api.services.addresses import seal_of

        store = kept_store_of(settings)
        see_keys(settings)
        try:
            make_ready(store, settings)
            done = seal_anew(store, seal_of(settings), now=system_clock())
            store.write(lambda session: webhooks.seal_all(session, webhooks.seal_of(settings)))
        finally:
            store.close()
        typer.echo(f"{done.resealed} resealed, {done.sealed_before} sealed with the first key before")
        if done.unreadable:
            typer.echo(f"{done.unreadable} open with none of the keys: add the old key behind the others.", err=True)
            raise typer.Exit(EXIT_NEGATIVE)
