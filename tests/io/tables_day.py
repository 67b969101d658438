"""A small day as tables, to be changed in one place by each test."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from optimizer.errors import InputProblem, InputRejected
from optimizer.io.tables import read_tables
from optimizer.model import Instance, ParameterSet, Place, PlaceKind
from optimizer.model.units import Seconds
from optimizer.travel.matrix import TravelMatrix
from optimizer.verify.commitments import check_commitments
from tests.builders import strict

Record: TypeAlias = dict[str, Any]
Tables: TypeAlias = dict[str, list[Record]]

GAZETTEER = (
    Place(id="05762020", name="Höxter", lat=51.775, lon=9.381, ags="05762020"),
    Place(id="05113000", name="Essen", lat=51.456, lon=7.012, ags="05113000"),
    Place(id="05315000", name="Köln", lat=50.938, lon=6.957, ags="05315000"),
    Place(id="05154036", name="Kleve", lat=51.789, lon=6.139, ags="05154036"),
    Place(id="DUS", name="Flughafen Düsseldorf", lat=51.289, lon=6.767, kind=PlaceKind.AIRPORT),
    Place(id="NK-1", name="Neukirchen", lat=51.44, lon=6.55),
    Place(id="NK-2", name="Neukirchen", lat=50.6, lon=6.9),
)
MINUTES = {frozenset({"Höxter", "Flughafen Düsseldorf"}): 160}
"""Drives that an example of the domain states; all others take 60 min."""


class Roads:
    """Every drive takes 60 min and 60 km, but for those of ``MINUTES``."""

    def matrix(self, places: Sequence[Place], departure: Seconds | None = None) -> TravelMatrix:
        """Return the matrix."""
        minutes = np.array(
            [[0 if a == b else MINUTES.get(frozenset({a.name, b.name}), 60) for b in places] for a in places],
            dtype=np.int64,
        ).reshape(len(places), len(places))
        return TravelMatrix(
            places=tuple(place.id for place in places),
            seconds=minutes * 60,
            metres=minutes * 1000,
            sources=np.zeros_like(minutes, dtype=np.uint8),
            tags=("test",),
        )


def day(**changes: Any) -> Tables:
    """Two requests, one van, one crew, one promised ride. ``changes`` are fields of the first request."""
    return {
        "pool": [
            {
                "request": "R1",
                "authority": "05113000",
                "people": "adult:m:1",
                "pickup_place": "Essen",
                "pickup_from": "2026-10-05T08:00",
                "pickup_to": "2026-10-05T10:00",
                "handover_place": "DUS",
                "handover_from": "2026-10-05T10:00",
                "handover_to": "2026-10-05T12:00",
                **changes,
            },
            {
                "request": "R2",
                "authority": "05315000",
                "people": "adult:f:1",
                "pickup_place": "Köln",
                "pickup_from": "2026-10-05T12:00",
                "pickup_to": "2026-10-05T14:00",
                "handover_place": "DUS",
                "handover_from": "2026-10-05T14:00",
                "handover_to": "2026-10-05T16:00",
            },
        ],
        "fleet": [{"vehicle": "V1", "zab": "essen", "seats": "9", "child_seats_6_11": "2", "depot": "Essen"}],
        "shifts": [
            {
                "duty": "D1",
                "vehicle": "V1",
                "zab": "essen",
                "start": "2026-10-05T06:00",
                "end": "2026-10-05T18:00",
                "female_officers": "1",
            }
        ],
        "tours": [
            {
                "duty": "D1",
                "request": "C1",
                "people": "adult:m:1",
                "pickup_place": "Essen",
                "pickup_time": "2026-10-05T08:00",
                "handover_place": "DUS",
                "handover_time": "2026-10-05T09:30",
                "tolerance_min": "10",
            }
        ],
    }


def columns_of(records: Sequence[Record]) -> list[str]:
    """All columns of some records, in order of first use."""
    return list(dict.fromkeys(column for record in records for column in record))


def write_csv(
    folder: Path, tables: Mapping[str, Sequence[Record]], separator: str = ",", encoding: str = "utf-8"
) -> Path:
    """Write tables as CSV; a table without records gets the header of the plain day."""
    folder.mkdir(parents=True, exist_ok=True)
    plain = day()
    for name, records in tables.items():
        columns = columns_of(records or plain[name])
        with (folder / f"{name}.csv").open("w", encoding=encoding, newline="") as stream:
            writer = csv.writer(stream, delimiter=separator, lineterminator="\n")
            writer.writerow(columns)
            writer.writerows([record.get(column, "") for column in columns] for record in records)
    return folder


def write_xlsx(path: Path, tables: Mapping[str, Sequence[Record]]) -> Path:
    """Write tables as a workbook; datetimes, dates, times and numbers as such."""
    import xlsxwriter

    formats = {dt.datetime: "yyyy-mm-dd hh:mm", dt.date: "yyyy-mm-dd", dt.time: "hh:mm"}
    with xlsxwriter.Workbook(path) as book:
        made = {kind: book.add_format({"num_format": text}) for kind, text in formats.items()}
        for name, records in tables.items():
            sheet = book.add_worksheet(name)
            columns = columns_of(records)
            sheet.write_row(0, 0, columns)
            for row, record in enumerate(records, start=1):
                for at, column in enumerate(columns):
                    value = record.get(column)
                    if type(value) in made:
                        sheet.write_datetime(row, at, value, made[type(value)])
                    elif value is not None:
                        sheet.write(row, at, value)
    return path


def read(path: Path, parameters: ParameterSet | None = None, **arguments: Any) -> Instance:
    """Read tables with the places and roads of the tests."""
    return read_all(path, parameters, **arguments)[0]


def read_all(
    path: Path, parameters: ParameterSet | None = None, **arguments: Any
) -> tuple[Instance, TravelMatrix, list[InputProblem]]:
    """Read tables; return travel times and notices too."""
    defaults: dict[str, Any] = {
        "gazetteer": GAZETTEER,
        "parameters": parameters or strict(),
        "travel_provider": Roads(),
        "check_commitments": check_commitments,
    }
    return read_tables(path, **(defaults | arguments))


def problems_of(path: Path, parameters: ParameterSet | None = None, **arguments: Any) -> list[InputProblem]:
    """Read tables that must be refused; return the problems."""
    try:
        read(path, parameters, **arguments)
    except InputRejected as error:
        return list(error.problems)
    raise AssertionError("the tables were taken")
