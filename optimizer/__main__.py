"""``python -m optimizer solve | check | ...``: the optimizer without the service; ``what_if`` has the simulations.

Exit codes: 0 done; 1 infeasible, the check found something, or nothing fits; 2 bad input (every problem one line on
stderr, nothing written); 3 a defect. Results go to ``--out`` or stdout, everything else to stderr. What a command needs
is imported when it runs: ``--help`` is quick, and only ``solve`` loads the solver.
"""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from optimizer import what_if
from optimizer.errors import InvalidValue
from optimizer.terminal import (
    EXIT_DEFECT,
    EXIT_NEGATIVE,
    File,
    FileFormat,
    Format,
    Language,
    Out,
    ResultFile,
)
from optimizer.terminal import check_target as _check_target
from optimizer.terminal import one_line as _one_line
from optimizer.terminal import print_lines as _print
from optimizer.terminal import read_problem as _read
from optimizer.terminal import tell as _tell
from optimizer.terminal import telling_errors as _telling_errors
from optimizer.terminal import write_out as _write

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, help="The optimizer.")


@app.command()
def solve(
    file: File,
    *,
    file_format: Format = FileFormat.INSTANCE,
    time_limit: Annotated[
        float, typer.Option(metavar="S", help="Wall-clock seconds, start and reading included.")
    ] = 300.0,
    workers: Annotated[
        int, typer.Option(metavar="N", help="Threads, or days at a time; 1 is the same every time.")
    ] = 2,
    seed: Annotated[int, typer.Option(metavar="N", help="Seed of everything random.")] = 0,
    out: Out = None,
) -> None:
    """Find the best plan and tell how good it is proven to be. Ctrl-C stops with the best plan so far.

    Days that nothing couples are solved side by side.
    """
    begun = time.perf_counter()
    with _telling_errors():
        from optimizer.params import SolveParams

        params = SolveParams(time_limit=time_limit, workers=workers, seed=seed)
        from optimizer.progress import ended_by_interrupt, run_interruptibly, terminal_observer

        with ended_by_interrupt():
            _check_target(out, file)
            stated = _read(file, file_format)

            from optimizer.days.recipe import solve_days
            from optimizer.days.warm import compile_kernels
            from optimizer.io.result_file import dump_result
            from optimizer.result import Status
            from optimizer.telling import losses, summary

            compiling = compile_kernels(stated.instance, stated.travel)
        if compiling:
            _tell(f"compiled the kernels in {compiling:.0f} s, once on this machine; the time limit does not count it")
        spent = time.perf_counter() - begun - compiling
        params = replace(params, time_limit=max(0.05, time_limit - spent))
        # Fragments, check, reasons; and for each stage its relaxation and closing its gap.
        with terminal_observer(phases=3 + 2 * len(stated.instance.stages)) as observer:
            result, was_cancelled = run_interruptibly(
                lambda is_cancelled: solve_days(
                    stated.instance, stated.travel, params, observer=observer, is_cancelled=is_cancelled
                )
            )
        _write(out, dump_result(result, stated))
        for line in summary(result, stated, was_cancelled=was_cancelled):
            _tell(line)
        lost = list(losses(result))
        for line in lost:
            _tell(line)
        if lost:
            raise typer.Exit(EXIT_DEFECT)
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
    *,
    duty: Annotated[
        str | None, typer.Option(metavar="ID", help="Why the request does not ride on this duty; `all`: on any.")
    ] = None,
    relax: Annotated[
        bool,
        typer.Option("--relax", help="What would let the request ride, all others kept; without it, all left out."),
    ] = False,
    before: Annotated[
        Path | None, typer.Option("--before", metavar="OLD.json", help="What has changed against this earlier result.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The answers as JSON, with their plans.")] = False,
    language: Annotated[Language, typer.Option("--lang", "--language", help="Language of what is told.")] = Language.DE,
    file_format: Format = FileFormat.INSTANCE,
) -> None:
    """Tell why requests stay unserved, or do not ride on a duty, what would help, or why one rides where it does.

    Without options as the result states it; whatever else is asked is found out anew and confirmed by the checker.
    """
    with _telling_errors():
        if duty is not None and request is None:
            raise InvalidValue("--duty", "--request beside it", duty, "Name the request.")
        stated = _read(file, file_format)

        from optimizer.io.result_file import read_result, reasons_of, see_that_it_answers
        from optimizer.telling import unserved

        stored = read_result(result, stated)
        see_that_it_answers(stored, stated, result)
        reasons = reasons_of(stored, stated)
        is_stated = duty is None and not relax and before is None and not as_json
        german = language is Language.DE
        if is_stated and request is None:
            for each, why in reasons.items():
                _print(unserved(each, why, language.value))
            if not reasons:
                print("Alle Anfragen sind eingeplant." if german else "All requests are served.")
            return
        if is_stated and request is not None and request in reasons:
            _print(unserved(request, reasons[request], language.value))
            return
        from optimizer.explaining import Question, answered

        question = Question(
            request=request, duty=duty, relax=relax, before=before, as_json=as_json, language=language.value
        )
        text = answered(stored.result.solution, stated, question)
        if as_json:
            sys.stdout.write(text)
        else:
            _print(text.splitlines())


@app.command()
def insert(
    file: File,
    result: ResultFile,
    request: Annotated[str, typer.Option(metavar="ID", help="The late request.")],
    *,
    tolerance: Annotated[
        float | None,
        typer.Option(metavar="S", min=0, help="Most seconds that a planned stop may move; without it, as rules allow."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Where to write the plan with the best possibility.")
    ] = None,
    language: Annotated[Language, typer.Option(help="Language of what is told.")] = Language.DE,
    file_format: Format = FileFormat.INSTANCE,
) -> None:
    """Tell where one more request fits into a plan, everybody else keeping duty and order; or why nowhere."""
    with _telling_errors():
        _check_target(out, file)
        stated = _read(file, file_format)

        from optimizer.insertion.best import best_insertions
        from optimizer.insertion.result import result_of
        from optimizer.io.result_file import dump_result, read_result
        from optimizer.params import SolveParams
        from optimizer.search.observer import SilentObserver
        from optimizer.search.statistics import Statistics
        from optimizer.telling import insertion, seconds_of

        before = read_result(result, stated).result
        allowed = None if tolerance is None else stated.units.to_seconds(tolerance)
        statistics = Statistics(SolveParams(workers=1), SilentObserver())
        statistics.phase("insertion")
        answer = best_insertions(stated.instance, stated.travel, before.solution, request, tolerance=allowed)
        told = statistics.told()
        _print(insertion(answer, stated, language.value))
        _tell(seconds_of(told))
        if not answer.possibilities:
            raise typer.Exit(EXIT_NEGATIVE)
        if out is not None:
            after = result_of(stated.instance, stated.travel, before, answer, answer.possibilities[0], told)
            _write(out, dump_result(after, stated))


@app.command()
def roll(
    file: File,
    result: ResultFile,
    *,
    frozen_until: Annotated[
        float | None, typer.Option(metavar="S", help="Tours whose first stop begins before this second are frozen.")
    ] = None,
    change_budget: Annotated[
        int | None, typer.Option(metavar="N", min=0, help="Most assignments of the plan that may change.")
    ] = None,
    out: Out = None,
) -> None:
    """Make the problem of planning anew: FILE as it is now, with the plan of RESULT.json, earlier, as published.

    A later `solve` starts from that plan. What it says of requests and duties that FILE no longer has is left out.
    """
    with _telling_errors():
        _check_target(out, file)
        stated = _read(file, FileFormat.INSTANCE)

        from optimizer.io.json import dump_instance
        from optimizer.io.result_file import read_stops
        from optimizer.rolling import roll as rolled

        stops = read_stops(result, stated.units)
        until = None if frozen_until is None else stated.units.to_seconds(frozen_until)
        instance = rolled(stated.instance, stops, frozen_until=until, change_budget=change_budget)
        _write(out, dump_instance(instance, stated.travel))
        frozen = sum(commitment.frozen for commitment in instance.commitments)
        _tell(f"{len(instance.published)} assignments published, {frozen} tours frozen")
        if out is not None:
            _tell(f"The problem of planning anew: {out}. Next: python -m optimizer solve {out} --out NEW.json")


app.command()(what_if.whatif)
app.command()(what_if.sweep)
app.command()(what_if.backtest)


def main() -> None:
    """Run the command line."""
    app()


if __name__ == "__main__":
    main()
