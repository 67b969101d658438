"""A road graph as a value, read from two CSV files: nodes and edges."""

from __future__ import annotations

import csv
import gzip
import math
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from optimizer.errors import InputProblem, InputRejected

MIN_MINUTES = 1e-6
"""Sparse graphs cannot hold an edge of weight 0."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RoadGraph:
    """A directed road graph.

    Parameters
    ----------
    lat, lon
        Degrees, one per node.
    tail, head
        Node numbers, one per edge; of parallel edges only the fastest is kept.
    minutes, km
        Free-flow minutes and kilometres, one per edge.
    """

    lat: NDArray[np.float64]
    lon: NDArray[np.float64]
    tail: NDArray[np.int64]
    head: NDArray[np.int64]
    minutes: NDArray[np.float64]
    km: NDArray[np.float64]

    @classmethod
    def read(cls, nodes: Path, edges: Path, *, both_ways: bool = True) -> RoadGraph:
        """Read nodes (``id, lat, lon``) and edges (``a, b, km, minutes``), plain or ``.gz``.

        Further columns are ignored. ``both_ways``: each row is a road in both directions; otherwise from a to b only.

        Raises
        ------
        InputRejected
            With every problem: missing file or column, number that is none, unknown node, negative length, no rows.
        """
        problems: list[InputProblem] = []
        number: dict[str, int] = {}
        lat, lon = [], []
        for row, record in _records(nodes, ("id", "lat", "lon"), problems):
            values = _numbers(nodes, row, record, {"lat": (-90, 90), "lon": (-180, 180)}, problems)
            if record["id"] in number:
                problems.append(graph_problem("duplicate_id", nodes, row, "id", "an id of its own", record["id"]))
            elif values is not None:
                number[record["id"]] = len(number)
                lat.append(values["lat"])
                lon.append(values["lon"])
        best: dict[tuple[int, int], tuple[float, float]] = {}
        for row, record in _records(edges, ("a", "b", "km", "minutes"), problems):
            values = _numbers(edges, row, record, {"km": (0, 1e6), "minutes": (0, 1e6)}, problems)
            ends = [number.get(record[end], -1) for end in ("a", "b")]
            for end, found in zip(("a", "b"), ends, strict=True):
                if found < 0:
                    problems.append(
                        graph_problem("unknown_node", edges, row, end, f"a node of {nodes.name}", record[end])
                    )
            if values is not None and min(ends) >= 0:
                edge = (max(values["minutes"], MIN_MINUTES), values["km"])
                for tail, head in (ends, ends[::-1]) if both_ways else (ends,):
                    best[tail, head] = min(best.get((tail, head), edge), edge)
        if problems:
            raise InputRejected(problems)
        pairs = np.array(list(best), dtype=np.int64).reshape(-1, 2)
        weights = np.array(list(best.values()), dtype=np.float64).reshape(-1, 2)
        return cls(
            lat=np.array(lat, dtype=np.float64),
            lon=np.array(lon, dtype=np.float64),
            tail=pairs[:, 0],
            head=pairs[:, 1],
            minutes=weights[:, 0],
            km=weights[:, 1],
        )


def _records(
    file: Path, columns: tuple[str, ...], problems: list[InputProblem]
) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield row number (the header is row 1) and record of a CSV file, plain or gzipped."""
    try:
        with (
            gzip.open(file, "rt", encoding="utf-8", newline="")
            if file.suffix == ".gz"
            else file.open(encoding="utf-8", newline="") as stream
        ):
            reader = csv.DictReader(stream, restval="")
            missing = [column for column in columns if column not in (reader.fieldnames or ())]
            problems.extend(
                graph_problem("missing_column", file, 1, column, "this column", "none") for column in missing
            )
            if not missing:
                empty = True
                for row, record in enumerate(reader, start=2):
                    empty = False
                    yield row, record
                if empty:
                    problems.append(graph_problem("empty_file", file, 0, "", "at least one row", "none"))
    except (OSError, EOFError, UnicodeDecodeError, zlib.error) as error:
        problems.append(graph_problem("unreadable_file", file, 0, "", "a readable CSV file, plain or .gz", str(error)))


def _numbers(
    file: Path, row: int, record: dict[str, str], ranges: dict[str, tuple[float, float]], problems: list[InputProblem]
) -> dict[str, float] | None:
    """Return the numbers of these columns, or ``None`` after telling what is wrong with them."""
    values: dict[str, float] = {}
    for column, (least, most) in ranges.items():
        try:
            value = float(record[column])
        except ValueError:
            value = math.nan
        if least <= value <= most:
            values[column] = value
        else:
            problems.append(
                graph_problem("bad_number", file, row, column, f"a number from {least:g} to {most:g}", record[column])
            )
    return values if len(values) == len(ranges) else None


def graph_problem(code: str, file: Path, row: int, column: str, expected: str, got: str) -> InputProblem:
    """Return a problem of a road graph's file."""
    return InputProblem(
        code=code,
        file=file.name,
        row=row,
        column=column,
        expected=expected,
        got=repr(got),
        action="Correct the road graph's file.",
    )
