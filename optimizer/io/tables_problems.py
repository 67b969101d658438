"""What is wrong with a table: collected, not raised one by one, and bounded in memory."""

from __future__ import annotations

from collections import Counter

from optimizer.errors import InputProblem, InputRejected

MAX_LISTED = 1_000
"""Problems that are kept word for word; the others are counted. 100,000 bad rows must not fill memory or screen."""
MAX_SHOWN = 80
"""Characters of a cell that a message repeats."""


class CellError(ValueError):
    """A cell's text is not what its column asks for; row and column are added by whoever reads the table."""

    def __init__(self, code: str, expected: str, action: str = "", got: str | None = None) -> None:
        self.code = code
        self.expected = expected
        self.action = action
        self.got = got
        super().__init__(expected)


def shown(text: object) -> str:
    """Return a cell's text as a message repeats it: one line, at most ``MAX_SHOWN`` characters, visibly empty."""
    line = " ".join(str(text).split())
    if not line:
        return "nothing"
    line = "".join(character if character.isprintable() else "?" for character in line)
    return f"'{line}'" if len(line) <= MAX_SHOWN else f"'{line[:MAX_SHOWN]}...' ({len(line)} characters)"


class ProblemLog:
    """All problems of one import, and the notices: what is odd, but no error."""

    def __init__(self) -> None:
        self._problems: list[InputProblem] = []
        self._not_listed: Counter[str] = Counter()
        self.count = 0
        self.notices: list[InputProblem] = []

    def add(
        self, code: str, *, file: str, row: int = 0, column: str = "", expected: str, got: str, action: str = ""
    ) -> None:
        """Add a problem; beyond ``MAX_LISTED`` it is only counted, by file."""
        self.count += 1
        if len(self._problems) < MAX_LISTED:
            self._problems.append(
                InputProblem(code=code, file=file, row=row, column=column, expected=expected, got=got, action=action)
            )
        else:
            self._not_listed[file] += 1

    def add_cell(self, error: CellError, *, file: str, row: int, column: str, text: object) -> None:
        """Add the problem of one cell."""
        got = shown(text) if error.got is None else error.got
        self.add(error.code, file=file, row=row, column=column, expected=error.expected, got=got, action=error.action)

    def note(
        self, code: str, *, file: str, row: int = 0, column: str = "", expected: str, got: str, action: str = ""
    ) -> None:
        """Add a notice: the import goes on."""
        if len(self.notices) < MAX_LISTED:
            self.notices.append(
                InputProblem(code=code, file=file, row=row, column=column, expected=expected, got=got, action=action)
            )

    def raise_if_any(self) -> None:
        """Raise ``InputRejected`` with every problem so far, in the order of files and rows."""
        if not self._problems:
            return
        files = list(dict.fromkeys(problem.file for problem in self._problems))
        listed = sorted(self._problems, key=lambda problem: (files.index(problem.file), problem.row))
        for file, count in self._not_listed.items():
            listed.append(
                InputProblem(
                    code="more_problems",
                    file=file,
                    row=0,
                    column="",
                    expected=f"at most {MAX_LISTED:,} problems to list",
                    got=f"{count:,} more",
                    action="Mend those listed first; the same cause often stands behind the others.",
                )
            )
        raise InputRejected(listed)
