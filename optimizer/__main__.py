"""``python -m optimizer solve | check | sample | explain``: the optimizer on files, without the service.

Exit codes: 0 done; 1 infeasible, or the check found something; 2 bad input (every problem one line on stderr, nothing
written). Results go to ``--out`` or stdout, everything else to stderr. What a command needs is imported when it runs:
``--help`` is quick, and only ``solve`` loads the solver.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from optimizer.errors import InputProblem, InputRejected, InvalidValue, UnsoundSolution

if TYPE_CHECKING:
    from optimizer.io.problem import Problem, Units
    from optimizer.result import Reason, Result

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, help="The optimizer.")

EXIT_NEGATIVE = 1
EXIT_BAD_INPUT = 2
EXIT_DEFECT = 3


class FileFormat(StrEnum):
    """Formats of problem files."""

    INSTANCE = "instance"
    CORDEAU = "cordeau"
    PTP = "ptp"


class Language(StrEnum):
    """Languages of reasons."""

    DE = "de"
    EN = "en"


File = Annotated[Path, typer.Argument(help="The problem.")]
ResultFile = Annotated[Path, typer.Argument(help="RESULT.json, as `solve` wrote it.")]
Format = Annotated[FileFormat, typer.Option("--format", help="Format of FILE.")]
Out = Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Where to write; stdout without it.")]


@app.command()
def solve(
    file: File,
    *,
    file_format: Format = FileFormat.INSTANCE,
    time_limit: Annotated[
        float, typer.Option(metavar="S", help="Wall-clock seconds, start and reading included.")
    ] = 300.0,
    workers: Annotated[int, typer.Option(metavar="N", help="Threads; 1 is the same every time.")] = 2,
    seed: Annotated[int, typer.Option(metavar="N", help="Seed of everything random.")] = 0,
    out: Out = None,
) -> None:
    """Find the best plan and tell how good it is proven to be. Ctrl-C stops with the best plan so far."""
    begun = time.perf_counter()
    with _telling_errors():
        from optimizer.params import SolveParams

        params = SolveParams(time_limit=time_limit, workers=workers, seed=seed)
        _check_target(out, file)
        stated = _read(file, file_format)

        from optimizer.io.result_file import dump_result
        from optimizer.progress import run_interruptibly, terminal_observer
        from optimizer.result import Status
        from optimizer.solve import solve as run

        params = replace(params, time_limit=max(0.05, time_limit - (time.perf_counter() - begun)))
        # Fragments, check, reasons; and for each stage its relaxation and closing its gap.
        with terminal_observer(phases=3 + 2 * len(stated.instance.stages)) as observer:
            result, was_cancelled = run_interruptibly(
                lambda is_cancelled: run(
                    stated.instance, stated.travel, params, observer=observer, is_cancelled=is_cancelled
                )
            )
        _write(out, dump_result(result, stated))
        _summarise(result, stated, was_cancelled=was_cancelled)
        if result.status is Status.INFEASIBLE:
            raise typer.Exit(EXIT_NEGATIVE)


@app.command()
def check(file: File, result: ResultFile, file_format: Format = FileFormat.INSTANCE) -> None:
    """Check a plan against every rule, and the figures told with it. "feasible", or one line per violation."""
    with _telling_errors():
        stated = _read(file, file_format)

        from optimizer import verify
        from optimizer.io.claims import contradictions
        from optimizer.io.result_file import read_result

        stored = read_result(result, stated)
        plan = stored.result.solution
        violations = verify.check(stated.instance, stated.travel, plan)
        binding = verify.hard(violations)
        for warning in (violation for violation in violations if violation not in binding):
            _tell(f"warning: {warning}")
        terms = verify.objective(stated.instance, stated.travel, plan)
        found = [str(violation) for violation in binding]
        found += [f"contradiction: {text}" for text in contradictions(stored, terms, stated)]
        if not found:
            print("feasible")
            return
        for line in found:
            print(_one_line(line))
        raise typer.Exit(EXIT_NEGATIVE)


@app.command()
def sample(
    requests: Annotated[int, typer.Option(metavar="N", min=0, help="Requests in the pool, over all days.")],
    duties: Annotated[int, typer.Option(metavar="M", min=0, help="Duties, over all days.")],
    seed: Annotated[int, typer.Option(metavar="K", min=0, help="Seed: the same seed, the same days.")],
    days: Annotated[int, typer.Option(metavar="D", min=1, help="Days of the horizon.")] = 1,
    out: Out = None,
) -> None:
    """Make up days of North Rhine-Westphalia: synthetic requests on real places."""
    with _telling_errors():
        _check_target(out)

        from optimizer.io.json import dump_instance
        from optimizer.simulate.sampling import sample as draw

        instance, travel = draw(requests=requests, duties=duties, seed=seed, days=days)
        _write(out, dump_instance(instance, travel))


@app.command()
def explain(
    file: File,
    result: ResultFile,
    request: Annotated[str | None, typer.Option(metavar="ID", help="This request only.")] = None,
    language: Annotated[Language, typer.Option(help="Language of the reasons.")] = Language.DE,
    file_format: Format = FileFormat.INSTANCE,
) -> None:
    """Tell why requests stay unserved, as the result states it."""
    with _telling_errors():
        stated = _read(file, file_format)

        from optimizer.io.result_file import read_result, reasons_of

        stored = read_result(result, stated)
        reasons = reasons_of(stored, stated)
        german = language is Language.DE
        if request is None:
            for unserved, why in reasons.items():
                _explain(unserved, why, language)
            if not reasons:
                print("Alle Anträge sind verplant." if german else "All requests are served.")
            return
        if request in reasons:
            _explain(request, reasons[request], language)
            return
        duty = stored.result.solution.duty_by_request.get(request)
        if duty is None:
            raise InvalidValue("--request", f"a request that {result} tells of", request, "Check the id.")
        print(
            f"Anfrage {request}: verplant auf Dienst {duty}."
            if german
            else f"Request {request}: served by duty {duty}."
        )


def _explain(request: str, reasons: tuple[Reason, ...], language: Language) -> None:
    german = language is Language.DE
    print(_one_line(f"Anfrage {request}: nicht verplant" if german else f"Request {request}: unserved"))
    for reason in reasons:
        duty = f"Dienst {reason.duty}" if german else f"duty {reason.duty}"
        print(_one_line(f"  ZAB {reason.zab}, {duty}: {reason.texts.get(language.value, '–')}"))
        action = reason.actions.get(language.value)
        if action:
            print("    " + _one_line(f"{'Möglich' if german else 'Possible'}: {action}"))
    if not reasons:
        print("  Das Ergebnis nennt keinen Grund." if german else "  The result tells no reason.")


# --- files ------------------------------------------------------------------------------------------------------------


def _read(path: Path, file_format: FileFormat) -> Problem:
    if file_format is FileFormat.CORDEAU:
        from optimizer.io.cordeau import read_cordeau

        return read_cordeau(path)
    if file_format is FileFormat.PTP:
        from optimizer.io.ptp import read_ptp

        return read_ptp(path)
    from optimizer.io.json import read_instance

    return read_instance(path)


def _check_target(out: Path | None, source: Path | None = None) -> None:
    """Refuse a target that cannot be written before the work is done, not after."""
    if out is None:
        return
    if out.is_dir() or not out.resolve().parent.is_dir():
        got = "a folder" if out.is_dir() else f"no folder {out.parent}"
        raise _bad_target(out, "a file in a folder that exists", got)
    if source is not None and out.exists() and source.exists() and out.samefile(source):
        raise _bad_target(out, "another file than the problem", "the problem itself")


def _bad_target(out: Path, expected: str, got: str) -> InputRejected:
    problem = InputProblem(
        code="file", file=str(out), row=0, column="--out", expected=expected, got=got, action="Name another file."
    )
    return InputRejected([problem])


def _write(out: Path | None, text: str) -> None:
    if out is None:
        sys.stdout.write(text)
        return
    from optimizer.io.files import write_text

    try:
        write_text(out, text)
    except OSError as error:
        raise _bad_target(out, "a file that may be written", error.strerror or str(error)) from None


# --- what is told -----------------------------------------------------------------------------------------------------


@contextmanager
def _telling_errors() -> Iterator[None]:
    try:
        yield
    except InputRejected as error:
        for problem in error.problems:
            _tell(str(problem))
        raise typer.Exit(EXIT_BAD_INPUT) from None
    except InvalidValue as error:
        _tell(str(error))
        raise typer.Exit(EXIT_BAD_INPUT) from None
    except UnsoundSolution as error:
        _tell("Defect: the checker refused the solver's plan, so there is no result. Please report this with the file.")
        for violation in error.violations:
            _tell(str(violation))
        raise typer.Exit(EXIT_DEFECT) from None


def _tell(line: str) -> None:
    print(_one_line(line), file=sys.stderr)


def _one_line(text: str) -> str:
    """Keep a line a line: texts quote files, and these may hold line breaks and control characters."""
    kept = text.replace("\r\n", " ").replace("\n", " ")
    return "".join(character if character.isprintable() else "�" for character in kept)


def _summarise(result: Result, stated: Problem, *, was_cancelled: bool) -> None:
    if was_cancelled:
        _tell("Stopped on request: the best plan so far.")
    _tell(f"{stated.instance.name}: {result.status.value}" + ("" if result.complete else " (enumeration cut short)"))
    if result.stages:
        _tell(f"  {'stage':<10} {'value':>14} {'bound':>14} {'gap':>8}  proven")
    for stage in result.stages:
        value, bound = (_figure(stage.name.value, number, stated.units) for number in (stage.value, stage.bound))
        _tell(f"  {stage.name.value:<10} {value:>14} {bound:>14} {stage.gap:>8.2%}  {'yes' if stage.proven else 'no'}")
    if result.objective is not None:
        served, unserved = result.objective.served_requests, result.objective.unserved_requests
        _tell(f"  {served} requests served, {unserved} unserved, {len(result.solution.tours)} tours")
    seconds = result.statistics.get("seconds")
    if isinstance(seconds, dict):
        phases = ", ".join(f"{name} {spent:.2f}" for name, spent in seconds.items() if isinstance(spent, int | float))
        _tell(f"  seconds: {phases}")


def _figure(term: str, number: int, units: Units) -> str:
    from optimizer.io.result_file import tell

    told = tell(term, number, units)
    return f"{told:,.2f}" if isinstance(told, float) else f"{told:,}"


def main() -> None:
    """Run the command line."""
    app()


if __name__ == "__main__":
    main()
