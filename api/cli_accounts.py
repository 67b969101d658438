"""``restplatz accounts``: accounts with a password, for the first admin and in need."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from api.cli_opening import Folder, kept_store_of, settings_of
from api.cli_problems import telling_problems

commands = typer.Typer(no_args_is_help=True, help="Accounts with a password, for the first admin and in need.")

Login = Annotated[str, typer.Argument(help="Login; no name of a person.")]
FromStdin = Annotated[bool, typer.Option("--stdin", help="Read the password from standard input.")]


@commands.command()
def create(
    login: Login,
    *,
    role: Annotated[str, typer.Option("--role", help="Role, as admin or zab_lead.")],
    organisation: Annotated[str, typer.Option("--organisation", help="Code of the organisation, as zab:essen.")],
    stdin: FromStdin = False,
    folder: Folder = None,
) -> None:
    """Create an account with a password, which is asked for."""
    with telling_problems():
        from api.actor import SYSTEM
        from api.clock import system_clock
        from api.services.accounts import create_account
        from api.services.looking import organisation_named
        from api.workflow import Role

        roles = sorted(set(Role) - {Role.SYSTEM})
        if role not in roles:
            raise typer.BadParameter(f"expected one of {', '.join(roles)}", param_hint="--role")
        password = _password(stdin)
        store = kept_store_of(settings_of(folder))
        try:
            with store.writing() as session:
                found = organisation_named(session, organisation)
                create_account(
                    session, SYSTEM, login=login, role=Role(role), organisation_id=found.id, password=password,
                    now=system_clock(),
                )  # fmt: skip
        finally:
            store.close()
        typer.echo(f"created: {login}, {role} of {organisation}")


@commands.command()
def reset(login: Login, *, stdin: FromStdin = False, folder: Folder = None) -> None:
    """Give an account a new password, which is asked for; it is unlocked, and its sessions end."""
    with telling_problems():
        from api.actor import SYSTEM
        from api.clock import system_clock
        from api.errors import absent
        from api.repositories.accounts import account_by_login
        from api.services.accounts import reset_password

        password = _password(stdin)
        store = kept_store_of(settings_of(folder))
        try:
            with store.writing() as session:
                found = account_by_login(session, login)
                if found is None:
                    raise absent("an account of this login", "Admins find logins on the page /accounts.")
                reset_password(session, SYSTEM, found, password=password, now=system_clock())
        finally:
            store.close()
        typer.echo(f"new password: {login}; unlocked, its sessions are ended")


def _password(from_stdin: bool) -> str:
    from api.security.passwords import LONGEST, SHORTEST

    if from_stdin:
        password = sys.stdin.readline().rstrip("\n")
    elif not sys.stdin.isatty():
        # Asked for here it could be seen as it is typed.
        raise typer.BadParameter("no terminal to ask for it at: pass it on standard input", param_hint="--stdin")
    else:
        password = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    if not SHORTEST <= len(password) <= LONGEST:
        raise typer.BadParameter(f"expected {SHORTEST} to {LONGEST} characters", param_hint="password")
    return str(password)
