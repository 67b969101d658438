"""A plan put out as asked: on the screen or as JSON, and as files."""

from __future__ import annotations

from pathlib import Path

import typer

from api.plan_files import write_plan
from api.report import Report, console_for
from api.words import Language, OutputFormat, word
from optimizer.io.plan_tables import plan_tables
from optimizer.io.problem import Problem
from optimizer.io.result_file import dump_result
from optimizer.result import Result
from optimizer.verify.commitments import lasting


def put_out(
    stated: Problem, result: Result, *, out: Path | None, language: Language, output: OutputFormat
) -> list[str]:
    """Print a plan, and write its files where ``out`` names a folder; return the files that were written.

    Raises
    ------
    OSError
        As the system says it; nothing was printed then.
    """
    instance, travel = stated.instance, stated.travel
    tables = plan_tables(instance, travel, result, language.value)
    written = write_plan(out, stated, result, tables, language) if out is not None else []
    if output is OutputFormat.JSON:
        typer.echo(dump_result(result, stated), nl=False)
    else:
        warnings = lasting(instance, travel, result.solution) if result.objective is not None else []
        Report(console_for(), language).print(tables, result, warnings)
    return written


def tell_written(written: list[str], out: Path | None, language: Language) -> None:
    """Say on stderr which files were written, if any."""
    if written:
        typer.echo(word("written", language, files=", ".join(written), folder=out), err=True)
