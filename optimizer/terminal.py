"""What all commands of the terminal share: files named on the command line, exit codes, what is told where."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from optimizer.errors import InputProblem, InputRejected, InvalidValue, OptimizerError, UnsoundSolution

if TYPE_CHECKING:
    from optimizer.io.problem import Problem

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


def read_problem(path: Path, file_format: FileFormat) -> Problem:
    """Read a problem file; raises ``InputRejected`` with every problem."""
    if file_format is FileFormat.CORDEAU:
        from optimizer.io.cordeau import read_cordeau

        return read_cordeau(path)
    if file_format is FileFormat.PTP:
        from optimizer.io.ptp import read_ptp

        return read_ptp(path)
    from optimizer.io.json import read_instance

    return read_instance(path)


def check_target(out: Path | None, source: Path | None = None) -> None:
    """Refuse a target that cannot be written before the work is done, not after."""
    if out is None:
        return
    if out.is_dir() or not out.resolve().parent.is_dir():
        got = "a folder" if out.is_dir() else f"no folder {out.parent}"
        raise bad_target(out, "a file in a folder that exists", got)
    if source is not None and out.exists() and source.exists() and out.samefile(source):
        raise bad_target(out, "another file than the problem", "the problem itself")


def bad_target(out: Path, expected: str, got: str) -> InputRejected:
    """Return the refusal of a target."""
    problem = InputProblem(
        code="file", file=str(out), row=0, column="--out", expected=expected, got=got, action="Name another file."
    )
    return InputRejected([problem])


def write_out(out: Path | None, text: str) -> None:
    """Write a text to a file, whole or not at all, or to stdout."""
    if out is None:
        sys.stdout.write(text)
        return
    from optimizer.io.files import write_text

    try:
        write_text(out, text)
    except OSError as error:
        raise bad_target(out, "a file that may be written", error.strerror or str(error)) from None


@contextmanager
def telling_errors() -> Iterator[None]:
    """Tell what is wrong in lines on stderr and end with the exit code for it."""
    try:
        yield
    except InputRejected as error:
        for problem in error.problems:
            tell(str(problem))
        raise typer.Exit(EXIT_BAD_INPUT) from None
    except InvalidValue as error:
        tell(str(error))
        raise typer.Exit(EXIT_BAD_INPUT) from None
    except UnsoundSolution as error:
        tell("Defect: the checker refused the solver's plan, so there is no result. Please report this with the file.")
        for violation in error.violations:
            tell(str(violation))
        raise typer.Exit(EXIT_DEFECT) from None
    except OptimizerError as error:
        tell(str(error))
        raise typer.Exit(EXIT_BAD_INPUT) from None


def print_lines(lines: Iterable[str]) -> None:
    """Print lines to stdout."""
    for line in lines:
        print(one_line(line))


def tell(line: str) -> None:
    """Print a line to stderr."""
    print(one_line(line), file=sys.stderr)


def one_line(text: str) -> str:
    """Keep a line a line: texts quote files, and these may hold line breaks and control characters."""
    kept = text.replace("\r\n", " ").replace("\n", " ")
    return "".join(character if character.isprintable() else "�" for character in kept)
