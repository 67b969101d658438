"""Results of a sweep on disk: one line for each scenario and draw, written once, never changed.

``results.jsonl`` begins with a line that says what the results depend on; a sweep that is started again goes on where
it broke off, and one that asks for something else is refused. A line that a crash cut short is dropped and its draw
made again. A second process that writes to the same file is kept out by a lock, which the system lifts when the first
ends, however it ends.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Protocol, TypeAlias

from pydantic import TypeAdapter, ValidationError

from optimizer.errors import InputRejected, OptimizerError
from optimizer.io.document import plain, problem
from optimizer.model.value import Value
from optimizer.simulate.outcome import Outcome

FORMAT = "restplatz-sweep-results"
VERSION = 1
FILE = "results.jsonl"

Key: TypeAlias = tuple[str, int]
"""What a result is of: ``Scenario.key`` and the draw."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record(Value):
    """A line of the file; ``id`` is what the scenario was called, for people who read the file."""

    scenario: str
    id: str
    draw: int
    outcome: Outcome


@cache
def _adapter() -> TypeAdapter[Record]:
    return TypeAdapter(Record)


class Store(Protocol):
    """Where a sweep keeps its results: a file by ``Results``, or whatever else writes each of them once."""

    def __contains__(self, key: Key) -> bool:
        """Whether there is a result already: it is then not made again."""
        ...

    @property
    def known(self) -> Mapping[Key, Outcome]:
        """All results so far."""
        ...

    def add(self, scenario: str, name: str, draw: int, outcome: Outcome) -> bool:
        """Keep a result for good; ``False`` where there was one, which stays."""
        ...


class FolderInUse(OptimizerError):
    """Another process writes its results there."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path}: another sweep writes here. Wait for it, or name another folder.")


class Results:
    """The results known so far; a context manager, for the file that they are appended to.

    Parameters
    ----------
    path
        The file; ``None`` keeps the results in memory only.
    of
        Digest of all that results depend on besides scenario and draw.

    Raises
    ------
    InputRejected
        Where the file holds results of something else, or lines that are none.
    FolderInUse
        Where another process writes to it.
    """

    def __init__(self, path: Path | None, of: str) -> None:
        self._path = path
        self._of = of
        self._known: dict[Key, Outcome] = {}
        self._stream: BinaryIO | None = None

    def __enter__(self) -> Results:
        if self._path is not None:
            self._stream = self._path.open("a+b")
            try:
                _lock(self._stream, self._path)
                self._read(self._stream, self._path)
            except BaseException:
                self._stream.close()
                raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._stream is not None:
            self._stream.close()

    def __contains__(self, key: Key) -> bool:
        return key in self._known

    def __len__(self) -> int:
        return len(self._known)

    @property
    def known(self) -> Mapping[Key, Outcome]:
        """Outcome by scenario and draw."""
        return self._known

    def add(self, scenario: str, name: str, draw: int, outcome: Outcome) -> bool:
        """Keep a result; it is on disk when this returns. ``False``: there was one already, and that stays."""
        if (scenario, draw) in self._known:
            return False
        if self._stream is not None:
            record = Record(scenario=scenario, id=name, draw=draw, outcome=outcome)
            self._append(json.dumps(plain(record), ensure_ascii=False, allow_nan=False))
        self._known[scenario, draw] = outcome
        return True

    def _append(self, line: str) -> None:
        assert self._stream is not None  # noqa: S101 - asked by the callers
        self._stream.write(line.encode() + b"\n")
        self._stream.flush()
        os.fsync(self._stream.fileno())

    def _read(self, stream: BinaryIO, path: Path) -> None:
        stream.seek(0)
        text = stream.read()
        whole = text.rfind(b"\n") + 1
        if whole < len(text):
            stream.truncate(whole)  # The line that was being written when the process ended.
        lines = text[:whole].decode(errors="replace").splitlines()
        stream.seek(0, os.SEEK_END)
        header = {"format": FORMAT, "version": VERSION, "of": self._of}
        if not lines:
            self._append(json.dumps(header))
            return
        if _object(lines[0]) != header:
            raise InputRejected(
                [
                    problem(
                        str(path), "other_sweep", "", row=1, expected="results of this file, seed, chance and limits",
                        got="those of another sweep or version", action="Name another folder, or remove this one.",
                    )
                ]
            )  # fmt: skip
        faults = []
        for row, line in enumerate(lines[1:], 2):
            try:
                record = _adapter().validate_json(line)
            except ValidationError as error:
                got = error.errors(include_url=False)[0]["msg"]
                action = "Remove the line: its draw is made again."
                faults.append(problem(str(path), "value", "", row=row, expected="a result", got=got, action=action))
                continue
            self._known.setdefault((record.scenario, record.draw), record.outcome)
        if faults:
            raise InputRejected(faults)


def _object(line: str) -> object:
    try:
        return json.loads(line)
    except ValueError:
        return None


def _lock(stream: BinaryIO, path: Path) -> None:
    try:
        import fcntl  # noqa: PLC0415 - POSIX has it; elsewhere nobody is kept out
    except ImportError:
        return
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise FolderInUse(path) from None


def records(path: Path) -> Iterator[Record]:
    """Read the records of a file that nobody writes to, in the order in which they came."""
    with path.open(encoding="utf-8") as stream:
        next(stream, None)
        for line in stream:
            yield _adapter().validate_json(line)
