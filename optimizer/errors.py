"""Errors of the optimizer: one base class, each says what was expected, what was found, and what to do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


class OptimizerError(Exception):
    """Base class of everything the optimizer raises on purpose."""


class InvalidValue(OptimizerError, ValueError):
    """A single value breaks its own definition (``Expected X, got Y``)."""

    def __init__(self, subject: str, expected: str, got: object, action: str = "") -> None:
        self.subject = subject
        self.expected = expected
        self.got = got
        self.action = action
        text = f"{subject}: expected {expected}, got {got!r}."
        super().__init__(f"{text} {action}" if action else text)


@dataclass(frozen=True, slots=True, kw_only=True)
class InputProblem:
    """One thing wrong with a piece of input, precise enough to be mended without asking.

    ``row`` counts as a person counts in the file: the header is row 1, the first record row 2; 0 means the
    whole file or sheet.
    """

    code: str
    file: str
    row: int
    column: str
    expected: str
    got: str
    action: str

    def __str__(self) -> str:
        place = self.file
        if self.row:
            place += f", row {self.row}"
        if self.column:
            place += f", column {self.column!r}"
        return f"{place}: [{self.code}] expected {self.expected}, got {self.got}. {self.action}".rstrip()


class InputRejected(OptimizerError):
    """Input was refused as a whole; ``problems`` holds *every* problem found, not only the first."""

    def __init__(self, problems: Iterable[InputProblem]) -> None:
        self.problems: Sequence[InputProblem] = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class UnsoundSolution(OptimizerError):
    """The independent checker refused a plan of our own solver: a defect, never a result."""

    def __init__(self, violations: Sequence[object]) -> None:
        self.violations = tuple(violations)
        super().__init__("The checker refused the plan:\n" + "\n".join(str(v) for v in violations))
