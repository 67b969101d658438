"""``restplatz explain | whatif | sweep | backtest``: questions to the live data, which is read and never changed."""

from __future__ import annotations

import re
import sys
import tempfile
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli_opening import Folder, kept_store_of, settings_of
from api.cli_problems import telling_problems
from api.words import Language

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from api.mapping.past import PastDays
    from api.mapping.problem import Mapped
    from api.mapping.questions import Asks
    from api.services.looking import Asked
    from api.services.past import Past
    from api.settings import Settings
    from optimizer.io.answers import Answer
    from optimizer.simulate.backtest import Backtest

commands = typer.Typer()

_UUID = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")

First = Annotated[
    datetime | None,
    typer.Option(
        "--date",
        formats=["%Y-%m-%d"],
        help="First local day; default: the next on which somebody waits.",
    ),
]
Days = Annotated[int, typer.Option("--days", min=1, max=31, help="Days of the snapshot.")]
Snapshot = Annotated[
    Path | None,
    typer.Option("--snapshot", metavar="FILE", help="Where to keep the days as they are, for `python -m optimizer`."),
]
Cluster = Annotated[str | None, typer.Option("--cluster", metavar="ADDRESS", help="Scheduler of a Dask cluster.")]
Jobs = Annotated[int, typer.Option("--jobs", metavar="N", min=1, help="Processes of this machine, without a cluster.")]
Tongue = Annotated[Language, typer.Option("--language", help="Language of what is told.")]


@commands.command()
def explain(
    request: Annotated[str, typer.Argument(help="A request: its id, or the last characters of it.")],
    *,
    duty: Annotated[
        str | None, typer.Option("--duty", metavar="ID", help="Why not on this duty (id, or its code); `all`: on any.")
    ] = None,
    relax: Annotated[bool, typer.Option("--relax", help="What would let it ride, all others kept.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The answers as JSON, with their plans.")] = False,
    language: Tongue = Language.DE,
    folder: Folder = None,
) -> None:
    """Tell why a request rides on no duty, or not on one, what would help, or why it is proposed where it is."""
    from optimizer.terminal import telling_errors

    with telling_problems(), telling_errors():
        settings = settings_of(folder)
        with _reading(settings) as session:
            asked = _asked(session, request, duty, settings, relax=relax)
        from api.services.explaining import answers
        from optimizer.io.answers import parse_answers

        told = [answers(each.mapped.instance, each.mapped.travel, each.stored) for each in asked]
        if as_json:
            for text in told:
                sys.stdout.write(text)
            return
        for each, text in zip(asked, told, strict=True):
            for line in _lines(parse_answers(text, request), each, language.value):
                typer.echo(_named(line, each.names))


@commands.command()
def whatif(
    *,
    scenario: Annotated[
        list[Path],
        typer.Option("--scenario", metavar="S.json", help="What is different; several are made one after another."),
    ],
    date: First = None,
    days: Days = 1,
    seed: Annotated[int, typer.Option("--seed", metavar="N", min=0, help="Seed of the solver.")] = 0,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Where to write the plan.")] = None,
    day: Annotated[
        Path | None, typer.Option("--day", metavar="DAY.json", help="Where to write the days as they would be.")
    ] = None,
    snapshot: Snapshot = None,
    language: Tongue = Language.DE,
    folder: Folder = None,
) -> None:
    """Tell what a scenario would change on days of the live data; nothing of it is changed."""
    with telling_problems():
        settings = settings_of(folder)
        with _snapshot(settings, date, days, snapshot) as file:
            from optimizer.terminal import Language as Languages
            from optimizer.what_if import whatif as on_file

            on_file(file, scenario=scenario, seed=seed, out=out, day=day, language=Languages(language.value))


@commands.command()
def sweep(
    *,
    sweep: Annotated[
        Path, typer.Option("--sweep", metavar="SW.json", help="Scenarios, chance, and when it is enough.")
    ],
    date: First = None,
    days: Days = 1,
    cluster: Cluster = None,
    jobs: Jobs = 2,
    draws: Annotated[
        int | None, typer.Option("--draws", metavar="N", min=2, help="Most draws; without it, as SW.json says.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", help="Folder for results and comparison.")] = None,
    snapshot: Snapshot = None,
    language: Tongue = Language.DE,
    folder: Folder = None,
) -> None:
    """Compare scenarios over many draws of chance on days of the live data; nothing of it is changed.

    To go on later with the same days keep them with --snapshot, and use `python -m optimizer sweep` on that file.
    """
    with telling_problems():
        settings = settings_of(folder)
        with _snapshot(settings, date, days, snapshot) as file:
            from optimizer.terminal import Language as Languages
            from optimizer.what_if import sweep as on_file

            on_file(
                file, sweep=sweep, cluster=cluster, jobs=jobs, draws=draws, out=out,
                language=Languages(language.value),
            )  # fmt: skip


@commands.command()
def backtest(
    *,
    backtest: Annotated[
        Path, typer.Option("--backtest", metavar="B.json", help="Ways in which the days might have gone.")
    ],
    since: Annotated[
        datetime | None,
        typer.Option("--from", formats=["%Y-%m-%d"], help="First local day; default: four weeks up to --to."),
    ] = None,
    until: Annotated[
        datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last local day; default: yesterday.")
    ] = None,
    cluster: Cluster = None,
    jobs: Jobs = 2,
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", help="Folder for the comparison.")] = None,
    snapshot: Annotated[
        Path | None,
        typer.Option(
            "--snapshot", metavar="FILE",
            help="Where to keep the days, and as FILE.backtest.json what was known when, for `python -m optimizer`.",
        ),
    ] = None,
    language: Tongue = Language.DE,
    folder: Folder = None,
) -> None:  # fmt: skip
    """Replay days that are over under other rules; nothing of the data is changed.

    At most 31 days, and none of which requests are deleted already. What was known when is read from the data.
    """
    from optimizer.terminal import check_target, telling_errors, write_out

    with telling_problems(), telling_errors():
        settings = settings_of(folder)
        from optimizer.simulate.documents import dump_backtest, read_backtest

        kept = None if snapshot is None else snapshot.with_name(f"{snapshot.name}.backtest.json")
        for target in (snapshot, kept):
            check_target(target, backtest)
        wanted = read_backtest(backtest)
        days, found = _past(settings, wanted, since, until)
        wanted = replace(wanted, history=found.history, days=days.days)
        with _kept(found.mapped, snapshot) as file:
            if kept is not None:
                write_out(kept, dump_backtest(wanted))
                kept.chmod(0o600)
            from optimizer.terminal import Language as Languages
            from optimizer.what_if import started, tell_backtest

            tell_backtest(
                started(file), wanted, cluster=cluster, jobs=jobs, out=out, language=Languages(language.value)
            )


@contextmanager
def _reading(settings: Settings) -> Iterator[Session]:
    store = kept_store_of(settings)
    try:
        with store.reading() as session:
            yield session
    finally:
        store.close()


def _asked(session: Session, named: str, duty: str | None, settings: Settings, *, relax: bool) -> list[Asked]:
    from api.clock import system_clock
    from api.mapping.questions import Asks
    from api.services import looking

    now = system_clock()
    request = looking.request_named(session, named)
    wanted: list[tuple[Asks, str | None]] = []
    if duty is not None:
        wanted.append((Asks.WHY_NOT, None if duty == "all" else duty))
    if relax:
        wanted.append((Asks.WHAT_HELPS, None))
    found = []
    for asks, name in wanted or [(looking.usual_question(request), None)]:
        row = None if name is None else looking.duty_named(session, name, request)
        found.append(looking.asked(session, request, row, asks, settings, now=now))
    return found


def _lines(answers: Sequence[Answer], asked: Asked, language: str) -> Iterator[str]:
    """Yield what is told of one question."""
    from api.services import closed_gates
    from optimizer import telling_why as tell
    from optimizer.answer import WhatHelps, WhyNot, WhyThis

    helped = next((each for each in answers if isinstance(each, WhatHelps)), None)
    for gate in closed_gates.clearances(asked.closed, helped, is_full=True):
        yield f"  [{', '.join(role.value.upper() for role in gate.who)}] {gate.texts[language]}"
        yield f"     {gate.actions[language]}"
    refusals = [each for each in answers if isinstance(each, WhyNot)]
    if refusals or not answers:  # That there is no duty to refuse it is told to whoever asked why not.
        yield from tell.why_not(refusals, language)
    if helped is not None:
        yield from tell.what_helps(helped, language, is_any_duty=bool(asked.mapped.instance.duties))
    for each in answers:
        if isinstance(each, WhyThis):
            yield from tell.why_this(each, language)


def _named(line: str, names: Mapping[str, str]) -> str:
    """Return a line with duties and ZABs called as people call them, and requests as the pages show them."""
    from api.pages.place_names import handle

    for name, called in names.items():
        line = line.replace(name, called)
    return _UUID.sub(lambda found: handle(uuid.UUID(found[0])), line)


@contextmanager
def _snapshot(settings: Settings, first: datetime | None, days: int, kept: Path | None) -> Iterator[Path]:
    """Yield a file of the days as they are; without ``kept`` it is gone afterwards."""
    from api.clock import system_clock
    from api.mapping.horizon import Horizon
    from api.repositories.plans import next_day
    from api.services import looking
    from optimizer.terminal import check_target, telling_errors

    now = system_clock()
    with telling_errors():
        check_target(kept)
    with _reading(settings) as session:
        begin: date = next_day(session, now=now) if first is None else first.date()
        mapped = looking.days(session, Horizon(first=begin, last=begin + timedelta(days=days - 1)), settings, now=now)
    with _kept(mapped, kept) as file:
        yield file


@contextmanager
def _kept(mapped: Mapped, kept: Path | None) -> Iterator[Path]:
    """Yield a file of days, and say what could not be taken into it; without ``kept`` it is gone afterwards."""
    from optimizer.io.json import dump_instance
    from optimizer.terminal import telling_errors, write_out

    for each in mapped.left_out:
        typer.echo(f"{each.kind} {each.id}: {each.code}", err=True)
    text = dump_instance(mapped.instance, mapped.travel)
    with tempfile.TemporaryDirectory(prefix="restplatz-") as place, telling_errors():
        file = Path(place) / "snapshot.json" if kept is None else kept
        write_out(file, text)
        file.chmod(0o600)  # It tells when whom is to be fetched where: nobody's business but the owner's.
        yield file


def _past(
    settings: Settings, wanted: Backtest, since: datetime | None, until: datetime | None
) -> tuple[PastDays, Past]:  # fmt: skip
    """Return the days that are replayed, and what is left of them."""
    from api.clock import system_clock
    from api.errors import Code, FieldError, Problem
    from api.mapping.past import PastDays
    from api.services import past
    from optimizer.simulate.running import History

    if wanted.history != History():
        raise Problem(
            Code.VALUE_REFUSED, "What was known when is read from the data. Leave it out.",
            errors=[FieldError(path="/backtest/history", expected="no such field")],
        )  # fmt: skip
    now = system_clock()
    days = past.usual_days(now, None if until is None else until.date())
    if since is not None and since.date() > days.last:
        raise Problem(
            Code.VALUE_REFUSED, "Expected the first day before the last.",
            errors=[FieldError(path="--from", expected=f"{days.last.isoformat()} or earlier")],
        )  # fmt: skip
    days = days if since is None else PastDays(first=since.date(), last=days.last)
    with _reading(settings) as session:
        return days, past.period(session, days, settings, now=now)
