"""What is written reads back to the same instance."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from optimizer.errors import InvalidValue
from optimizer.io.tables import read_instance_only
from optimizer.io.tables_write import ordered, write_tables
from optimizer.model import (
    AgeBand,
    Assignment,
    CaseType,
    Crew,
    DeadlineClass,
    Instance,
    Licence,
    Need,
    Rejection,
    RejectionCode,
    Rule,
    Sex,
    Stage,
    Window,
)
from optimizer.simulate.sampling import sample
from tests import builders
from tests.io.tables_day import day, read, write_csv


@pytest.fixture
def plain(tmp_path: Path) -> Instance:
    return read(write_csv(tmp_path / "plain", day()))


@pytest.mark.parametrize(("seed", "days"), [(1, 1), (2, 1), (3, 3)])
def test_sampled_days(tmp_path: Path, seed: int, days: int) -> None:
    instance, _ = sample(requests=40, duties=20, seed=seed, days=days)
    write_tables(tmp_path / "day", instance)
    assert read_instance_only(tmp_path / "day", instance.parameters) == instance


def test_every_field_of_a_request(tmp_path: Path, plain: Instance) -> None:
    full = replace(
        plain.requests[0],
        party=builders.party(builders.people(), builders.people(AgeBand.CHILD, Sex.DIVERSE, 2)),
        case_type=CaseType.DUBLIN,
        needs=frozenset({Need.WHEELCHAIR, Need.DOCTOR}),
        wheelchairs=1,
        luggage=7,
        load=4,
        features=frozenset({"ramp", "partition"}),
        max_ride=5_431,
        escort_officers=3,
        escort_female=1,
        separate=True,
        excluded=frozenset({"R2", "C1"}),
        deadline_class=DeadlineClass.SOON,
        deadline=123_456,
        weight=7,
        rejection=Rejection(by="essen", code=RejectionCode.NIGHT_RULE),
        barred_duties=frozenset({"D1"}),
        barred_zabs=frozenset({"essen"}),
        pin="D1",
        bundle="B1",
        unit="F1",
        night_ground=True,
        waived=frozenset({Rule.DETOUR, Rule.NIGHT_CHILDREN}),
    )
    defaults = plain.requests[1]
    for name in type(full).__dataclass_fields__:
        if name not in ("pickup", "delivery"):
            assert getattr(full, name) != getattr(defaults, name), f"{name} tests nothing"
    instance = replace(plain, requests=(full, *plain.requests[1:]))
    write_tables(tmp_path / "day", instance)
    assert read_instance_only(tmp_path / "day", instance.parameters) == instance


def test_every_field_of_the_fleet(tmp_path: Path, plain: Instance) -> None:
    vehicle = replace(
        plain.vehicles[0],
        kind="minibus, 17 seats",
        configurations=(builders.seats(17), builders.seats(11, 2)),
        child_seats=(1, 2, 3),
        luggage=0,
        features=frozenset({"ramp"}),
        licence=Licence.D1,
        carries_children=False,
        availability=(Window(earliest=-100, latest=70_000), Window(earliest=90_000, latest=100_000)),
        cost_per_km=95,
        co2_per_km=330,
    )
    crew = Crew(
        id="C-1",
        zab="essen",
        heads=4,
        officers=3,
        female_officers=2,
        licences=frozenset({Licence.B, Licence.D1}),
        skills=frozenset({"interpreter"}),
        cost_per_hour=12_345,
    )
    instance = replace(
        plain,
        vehicles=(vehicle,),
        crews=(crew,),
        shifts=(replace(plain.shifts[0], crew="C-1"), builders.shift("S-2", "C-1", 100_000, 120_000)),
        zabs=(replace(plain.zabs[0], name="ZAB Essen, Süd", prior_load=3, budget=0),),
        published=(Assignment(request="R1", duty="D1"),),
    )
    write_tables(tmp_path / "day", instance)
    assert read_instance_only(tmp_path / "day", instance.parameters) == instance


def test_order_of_promises_that_times_do_not_tell(tmp_path: Path, plain: Instance) -> None:
    # Both are picked up at the same second; the second row comes first.
    again = replace(plain.requests[2], id="C2")
    commitment = builders.commitment(
        "D1",
        ("C2", "pickup", 28_800),
        ("C1", "pickup", 28_800),
        ("C1", "delivery", 34_200),
        ("C2", "delivery", 34_200),
        tolerance=90,
    )
    instance = replace(plain, requests=(*plain.requests, again), commitments=(commitment,))
    write_tables(tmp_path / "day", instance)
    found = read_instance_only(tmp_path / "day", instance.parameters)
    assert found.commitments == (commitment,)
    assert ordered(found) == ordered(instance)


def test_what_the_tables_cannot_say_is_refused_and_nothing_written(tmp_path: Path, plain: Instance) -> None:
    for number, instance in enumerate(
        (
            replace(plain, serve_all=True),
            replace(plain, stages=(Stage.COST,)),
            replace(plain, nights=()),
            replace(plain, horizon_start="2026-10-05T01:00:00+02:00"),
            replace(plain, crews=(*plain.crews, replace(plain.crews[0], id="idle"))),
            replace(plain, zabs=(replace(plain.zabs[0], name=""),)),
        )
    ):
        with pytest.raises(InvalidValue):
            write_tables(tmp_path / f"day{number}", instance)
        assert not (tmp_path / f"day{number}").exists()


def test_writing_again_leaves_nothing_of_the_earlier_day(tmp_path: Path, plain: Instance) -> None:
    published = replace(plain, published=(Assignment(request="R1", duty="D1"),))
    write_tables(tmp_path / "day", published)
    write_tables(tmp_path / "day", plain)
    assert read_instance_only(tmp_path / "day", plain.parameters) == plain
