"""What the commands of the service say when something cannot be: lines on stderr and the exit code, no trace."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import typer

if TYPE_CHECKING:
    from api.errors import Problem
    from api.settings import Settings

EXIT_BAD_INPUT = 2
UNREACHABLE = "RESTPLATZ_DATABASE_URL: the database cannot be reached with what this setting says."


@contextmanager
def telling_problems() -> Iterator[None]:
    """Turn problems of the service, and settings that are wrong, into lines on stderr and the exit code."""
    from pydantic import ValidationError
    from sqlalchemy.exc import OperationalError

    from api.errors import Code, Problem, text_of

    try:
        yield
    except OperationalError:
        # Not its text: it may tell user, address and statement.
        typer.echo(f"{UNREACHABLE} Start it, or correct the setting.", err=True)
        raise typer.Exit(EXIT_BAD_INPUT) from None
    except Problem as problem:
        if isinstance(problem.__cause__, OperationalError) and problem.code is Code.UNAVAILABLE:
            typer.echo(f"{UNREACHABLE} Start it, or correct the setting.", err=True)
        else:
            _tell(problem)
        raise typer.Exit(EXIT_BAD_INPUT) from None
    except ValidationError as error:
        for fault in error.errors():
            name = "_".join(str(part) for part in fault["loc"]).upper()
            typer.echo(f"RESTPLATZ_{name}: {text_of(fault)}", err=True)
        raise typer.Exit(EXIT_BAD_INPUT) from None


def make_folder(folder: Path) -> None:
    """Make the folder of what is kept in files, for its owner alone; where that cannot be, say so and exit."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        what = "it is a file" if folder.is_file() else f"it cannot be made ({error.strerror})"
        typer.echo(f"RESTPLATZ_FOLDER (--folder): expected a folder, but {what}: {folder}", err=True)
        raise typer.Exit(EXIT_BAD_INPUT) from None


def refuse_empty(file: str) -> NoReturn:
    """Say that no database of the service is where it was looked for, and exit."""
    typer.echo(
        f"RESTPLATZ_FOLDER (--folder): expected the database of the service, found none: {file}\n"
        "Name the folder that has it with --folder DIR, or make one with `restplatz migrate`.",
        err=True,
    )
    raise typer.Exit(EXIT_BAD_INPUT)


def refuse_unknown(names: Iterable[tuple[str, str]]) -> None:
    """Say which names are no settings, and exit where one of them is most like a setting: it was meant to be one.

    Others are told alone: where services run in containers, names like ``RESTPLATZ_SERVICE_HOST`` are set by whoever
    runs them.
    """
    is_misspelt = False
    for name, near in names:
        is_misspelt = is_misspelt or bool(near)
        said = f"Did you mean {near}?" if near else "`restplatz settings` has them all; it is left alone."
        typer.echo(f"{name}: there is no such setting. {said}", err=True)
    if is_misspelt:
        raise typer.Exit(EXIT_BAD_INPUT)


def see_keys(settings: Settings) -> None:
    """Make the keys that are not set, or say why they cannot be used, before anybody calls."""
    try:
        settings.signing_key()
        settings.sealing_keys()
    except (ValueError, OSError) as error:
        what = error.strerror if isinstance(error, OSError) else error
        typer.echo(f"RESTPLATZ_SECRET, RESTPLATZ_ADDRESS_KEYS: {what}", err=True)
        raise typer.Exit(EXIT_BAD_INPUT) from None


def _tell(problem: Problem) -> None:
    typer.echo(f"[{problem.code}] {problem.detail}", err=True)
    for error in problem.errors:
        typer.echo(f"  {error.path}: expected {error.expected}. {error.what_to_do}".rstrip(), err=True)
