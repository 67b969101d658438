"""``restplatz``: match the pool of rejected requests with free seats, from tables to a plan that a dispatcher can read.

Exit codes: 0 done; 1 no feasible plan, or the files could not be written; 2 bad input (every problem on stderr, nothing
written); 3 a defect of the programme. The plan goes to stdout, everything else to stderr.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli_accounts import commands as accounts
from api.cli_asking import commands as asking
from api.cli_keeping import commands as keeping
from api.cli_problems import make_folder, telling_problems
from api.cli_service import commands
from api.words import Language, OutputFormat, word
from optimizer.errors import InputProblem, InputRejected, InvalidValue, UnsoundSolution

if TYPE_CHECKING:
    from optimizer.model import Instance
    from optimizer.params import SolveParams
    from optimizer.travel.matrix import TravelMatrix

EXIT_NEGATIVE = 1
EXIT_BAD_INPUT = 2
EXIT_DEFECT = 3

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Restplatzbörse: abgelehnte Fahrten auf freie Plätze. Matches rejected transport requests with free seats.",
)


Tables = Annotated[
    Path, typer.Argument(metavar="FOLDER_OR_XLSX", help="Folder of CSV files, or workbook: pool, fleet, shifts, tours.")
]
Out = Annotated[Path | None, typer.Option("--out", metavar="DIR", help="Folder for result.json, CSV and plan.xlsx.")]
TimeLimit = Annotated[float, typer.Option("--time-limit", metavar="S", help="Wall-clock seconds for the solve.")]
Workers = Annotated[int, typer.Option("--workers", metavar="N", help="Threads; 1 is the same every time.")]
Seed = Annotated[int, typer.Option("--seed", metavar="N", help="Seed of everything random.")]
Tongue = Annotated[Language, typer.Option("--language", help="Language of screen and workbook.")]
Format = Annotated[OutputFormat, typer.Option("--format", help="What to print: tables, or RESULT.json.")]


@app.command()
def rematch(
    source: Tables,
    *,
    out: Out = None,
    time_limit: TimeLimit = 60.0,
    workers: Workers = 2,
    seed: Seed = 0,
    language: Tongue = Language.DE,
    output: Format = OutputFormat.TABLE,
) -> None:
    """Match the pool in these tables with the free seats, and show proposals, reasons and the proof."""
    with _telling_errors(language):
        params = _params(time_limit, workers, seed)
        check_target(out)
        instance, travel = _read(source, language)
        _match(instance, travel, params, out=out, language=language, output=output)


@app.command()
def demo(
    *,
    folder: Annotated[Path, typer.Option("--folder", metavar="DIR", help="Where the demo keeps its database.")] = Path(
        "var/demo"
    ),
    out: Out = None,
    time_limit: TimeLimit = 60.0,
    workers: Workers = 2,
    seed: Seed = 0,
    language: Tongue = Language.DE,
    output: Format = OutputFormat.TABLE,
) -> None:
    """Match the shipped sample day through the service: 30 synthetic requests on real places of the state."""
    with _telling_errors(language), telling_problems():
        params = _params(time_limit, workers, seed)
        check_target(out)
        make_folder(folder)
        from api.demo import present

        if not present(folder, params, out=out, language=language, output=output):
            raise typer.Exit(EXIT_NEGATIVE)


app.add_typer(commands)
app.add_typer(accounts, name="accounts")
app.add_typer(keeping)
app.add_typer(asking)


def main() -> None:
    """Entry point of ``restplatz``."""
    app()


def _params(time_limit: float, workers: int, seed: int) -> SolveParams:
    from optimizer.params import SolveParams

    return SolveParams(time_limit=time_limit, workers=workers, seed=seed)


def _read(source: Path, language: Language) -> tuple[Instance, TravelMatrix]:
    import data
    from api.report import console_for, print_notices
    from optimizer.io.tables import read_tables
    from optimizer.travel.great_circle import GreatCircle
    from optimizer.verify.commitments import check_commitments

    parameters = data.parameter_set()
    instance, travel, notices = read_tables(
        source,
        gazetteer=data.places(),
        parameters=parameters,
        travel_provider=GreatCircle(parameters.travel),
        check_commitments=check_commitments,
        airport_times={a.place.id: (a.before_departure, a.before_charter) for a in data.airports()},
    )
    print_notices(console_for(stderr=True), notices, language)
    return instance, travel


def _match(
    instance: Instance,
    travel: TravelMatrix,
    params: SolveParams,
    *,
    out: Path | None,
    language: Language,
    output: OutputFormat,
) -> None:
    from api.plan_output import put_out, tell_written
    from optimizer.days.warm import compile_kernels
    from optimizer.io.json import instance_units
    from optimizer.io.problem import Problem
    from optimizer.progress import run_interruptibly, terminal_observer
    from optimizer.result import Status
    from optimizer.solve import solve

    compile_kernels(instance, travel)
    with terminal_observer(phases=2 * len(instance.stages) + 4) as observer:
        result, was_cancelled = run_interruptibly(
            lambda is_cancelled: solve(instance, travel, params, observer=observer, is_cancelled=is_cancelled)
        )
    stated = Problem(instance=instance, travel=travel, units=instance_units(instance))
    written = put_out(stated, result, out=out, language=language, output=output)
    if was_cancelled:
        typer.echo(word("cancelled", language), err=True)
    tell_written(written, out, language)
    if result.status in (Status.INFEASIBLE, Status.UNKNOWN):
        raise typer.Exit(EXIT_NEGATIVE)


def check_target(out: Path | None) -> None:
    """Refuse a target that cannot be written to, before a minute is spent on solving.

    Raises
    ------
    InputRejected
        The target is a file, holds files that are not ours, or its parent folder does not exist.
    """
    if out is None:
        return
    from api.plan_files import foreign_files

    expected, action = "a new folder, or one with an earlier plan only", "Name another folder."
    got = ""
    if not out.resolve().parent.is_dir():
        got, action = "a folder in a place that does not exist", "Make the folder above it first."
    elif out.exists() and not out.is_dir():
        got = "a file"
    elif out.is_dir():
        foreign = foreign_files(out)
        got = f"a folder that holds {', '.join(foreign[:3])}" if foreign else ""
    if got:
        raise InputRejected(
            [
                InputProblem(
                    code="bad_target", file=str(out), row=0, column="", expected=expected, got=got, action=action
                )
            ]
        )


@contextmanager
def _telling_errors(language: Language) -> Iterator[None]:
    """Turn our own errors into lines on stderr and the exit code."""
    from api.report import console_for, print_problems

    try:
        yield
    except InputRejected as error:
        print_problems(console_for(stderr=True), error.problems, language)
        raise typer.Exit(EXIT_BAD_INPUT) from None
    except InvalidValue as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(EXIT_BAD_INPUT) from None
    except UnsoundSolution as error:
        typer.echo(f"{word('defect', language)}\n{error}", err=True)
        raise typer.Exit(EXIT_DEFECT) from None
    except OSError as error:
        typer.echo(word("not_written", language, reason=error.strerror or str(error)), err=True)
        raise typer.Exit(EXIT_NEGATIVE) from None


if __name__ == "__main__":
    main()
