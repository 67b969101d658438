"""Scenarios and sweeps as files: what is written is read back, and every fault is named at its place."""

from __future__ import annotations

import json
import re
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, get_args

import pytest

from optimizer.errors import InputRejected
from optimizer.granted import (
    AddChildSeats,
    AllowChanges,
    AssignFemaleOfficers,
    ExchangeVehicles,
    ExtendAvailability,
    ExtendShift,
    Granted,
    LiftBar,
    MoveDay,
    PartBundle,
    RaiseBudget,
    RecordNightGround,
    ReduceLuggage,
    RefitVehicle,
    ReleasePin,
    ReleaseTour,
    StrengthenCrew,
    SupplyDriver,
    SupplySkills,
    WaiveRule,
    WidenWindow,
)
from optimizer.model import Place, Rule, SeatConfiguration, Window
from optimizer.simulate.changes_demand import (
    AddPlace,
    CancelFlight,
    CancelRequests,
    DelayFlight,
    OpenGates,
    ScaleDemand,
)
from optimizer.simulate.changes_fleet import (
    AddVehicles,
    BreakVehicle,
    CloseZab,
    CrewIll,
    MoveShift,
    RemoveVehicle,
    ResizeFleet,
)
from optimizer.simulate.changes_rules import PoolingOff, SecondRoundOff, UseParameters
from optimizer.simulate.documents import (
    dump_scenario,
    dump_sweep,
    parse_backtest,
    parse_scenario,
    parse_sweep,
    read_backtest,
    read_scenario,
    read_sweep,
)
from optimizer.simulate.draws import Draws
from optimizer.simulate.running import History
from optimizer.simulate.sampling import sample
from optimizer.simulate.scenario import Change, Scenario, apply
from optimizer.simulate.sweep import FleetSizes, OneMoreEach
from tests.simulate.worlds import sweep

GUIDE = (Path(__file__).parents[2] / "docs" / "what-if.md").read_text(encoding="utf-8")
GRANTED: tuple[Granted, ...] = (
    WidenWindow(request="R1", pickup_earlier=600),
    MoveDay(request="R1", days=-1),
    RecordNightGround(request="R1"),
    ReduceLuggage(request="R1", pieces=2),
    PartBundle(request="R1"),
    ExtendShift(duty="D1", later=900),
    ExtendAvailability(duty="D1", earlier=900),
    LiftBar(request="R1", duty="D1"),
    ReleaseTour(duty="D1"),
    WaiveRule(request="R1", rule=Rule.RIDE_TIME),
    RaiseBudget(zab="E", by=2),
    AddChildSeats(request="R1", duty="D1", seats=2),
    RefitVehicle(duty="D1", configuration=SeatConfiguration(seats=7, wheelchair_places=1)),
    StrengthenCrew(duty="D1", officers=2),
    AssignFemaleOfficers(duty="D1"),
    SupplySkills(request="R1", duty="D1"),
    SupplyDriver(duty="D1"),
    ExchangeVehicles(duty="D1", vehicle="V2"),
    ReleasePin(request="R1"),
    AllowChanges(by=3),
)
EVERY = Scenario(
    id="every",
    title={"de": "alles", "en": "everything"},
    changes=(
        AddVehicles(zab="E", count=2, shifts=(Window(earliest=1, latest=2),), depot="ZAB-E"),
        RemoveVehicle(vehicle="V1"),
        BreakVehicle(vehicle="V1", at=36_000),
        CrewIll(crew="C1", earliest=5),
        MoveShift(shift="S1", by=-3600),
        CloseZab(zab="E", day=0),
        ResizeFleet(vehicles=20),
        DelayFlight(place="DUS", by=3600, handover=Window(earliest=1, latest=2)),
        CancelFlight(place="DUS"),
        CancelRequests(requests=("R1", "R2")),
        OpenGates(request="R1"),
        ScaleDemand(factor=1.5, seed=4),
        AddPlace(place=Place(id="NEW", name="Neu", lat=51.0, lon=7.0), share=0.1),
        UseParameters(changes={"ride_cap": 100, "service": {"handover": 60}}),
        PoolingOff(),
        *GRANTED,
        SecondRoundOff(able=0.5),
    ),
)


def document(**fields: Any) -> str:
    return json.dumps({"format": "restplatz-scenario", "version": 1, "scenario": {"id": "s", **fields}})


def faults(text: str) -> dict[str, str]:
    with pytest.raises(InputRejected) as caught:
        parse_scenario(text, "s.json")
    return {problem.column: problem.code for problem in caught.value.problems}


def test_every_change_is_written_and_read_back(tmp_path: Path) -> None:
    union, _ = get_args(Change)
    assert {type(change) for change in EVERY.changes} == set(get_args(union)), "the example has them all"
    text = dump_scenario(EVERY)
    assert parse_scenario(text, "s.json") == EVERY
    file = tmp_path / "s.json"
    file.write_text(text, encoding="utf-8")
    assert read_scenario(file) == EVERY
    assert dump_scenario(read_scenario(file)) == text


def test_a_sweep_is_written_and_read_back(tmp_path: Path) -> None:
    wanted = sweep(scenarios=(EVERY,), studies=(OneMoreEach(preset="minibus"), FleetSizes(sizes=(1, 4))), precision=0.5)
    text = dump_sweep(wanted)
    assert parse_sweep(text, "w.json") == wanted
    file = tmp_path / "w.json"
    file.write_text(text, encoding="utf-8")
    assert read_sweep(file) == wanted


def test_a_short_sweep_takes_the_defaults() -> None:
    text = '{"format": "restplatz-sweep", "version": 1, "sweep": {"name": "n", "studies": [{"kind": "one_more_each"}]}}'
    found = parse_sweep(text, "w.json")
    assert (found.fewest, found.most) == (20, 100)
    assert found.draws.cancelled_at_door == pytest.approx(0.2167, abs=1e-4)


def test_all_faults_are_told_at_once_and_at_their_place() -> None:
    text = document(
        colour="red",
        changes=[
            {"kind": "add_vehicles", "zab": 5, "count": "two"},
            {"kind": "fly"},
            {"kind": "scale_demand"},
            {"kind": "delay_flight", "place": "DUS", "by": 1, "handover": {"earliest": 5, "latest": 1}},
            {"kind": "scale_demand", "factor": -1.0},
        ],
    )
    found = faults(text)
    assert found["scenario.colour"] == "unknown"
    assert found["scenario.changes[0].zab"] == "value"
    assert found["scenario.changes[0].count"] == "value"
    assert found["scenario.changes[1]"] == "value"
    assert found["scenario.changes[2].factor"] == "missing"
    assert found["scenario.changes[3].handover (Window)"] == "invalid"
    assert found["scenario.changes[4] (scale_demand.factor)"] == "invalid"
    assert len(found) == 7


def test_an_object_is_told_with_its_fields() -> None:
    with pytest.raises(InputRejected, match=r"handover.*expected an object with the fields earliest, latest, got 5\."):
        parse_scenario(document(changes=[{"kind": "cancel_flight", "place": "DUS", "handover": 5}]), "s.json")
    with pytest.raises(InputRejected, match=r"place.*object with the fields id, name \(.*be left out\)"):
        parse_scenario(document(changes=[{"kind": "add_place", "place": "DUS"}]), "s.json")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"a": 1 "b": 2}', "expected valid JSON, got no comma or closing bracket in column 9"),
        ('{"a" 1}', "got no colon behind a name in column 6"),
        ('{"a": }', "got no value in column 7"),
        ('{"a": 1} x', "got something behind the end in column 10"),
    ],
)
def test_where_json_breaks_is_told_in_words(text: str, said: str) -> None:
    with pytest.raises(InputRejected) as caught:
        parse_scenario(text, "s.json")
    assert said in str(caught.value)


def test_names_that_there_are_are_told_as_people_write_them() -> None:
    wrong = [{"kind": "use_parameters", "changes": {"fuel": 1}}, {"kind": "add_vehicles", "zab": "E", "preset": "bike"}]
    with pytest.raises(InputRejected) as caught:
        parse_scenario(document(changes=wrong), "s.json")
    for fault in caught.value.problems:
        assert fault.expected.startswith("one of ")
        assert not re.search(r"[\[\]']", fault.expected)


def test_kinds_that_there_are_are_named() -> None:
    with pytest.raises(InputRejected, match="break_vehicle"):
        parse_scenario(document(changes=[{"kind": "fly"}]), "s.json")


def test_a_change_without_a_kind_and_text_that_only_one_reader_takes_are_told_plainly() -> None:
    with pytest.raises(InputRejected, match="expected an object with the field 'kind'"):
        parse_scenario(document(changes=[{"by": 1}]), "s.json")
    half = '{"format": "restplatz-scenario", "version": 1, "scenario": {"id": "\\ud800"}}'
    with pytest.raises(InputRejected, match=r"expected valid JSON \("):
        parse_scenario(half, "s.json")


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ('{"format": "restplatz-sweep", "version": 1, "scenario": {"id": "s"}}', "format"),
        ('{"format": "restplatz-scenario", "version": 2, "scenario": {"id": "s"}}', "version"),
        ('{"format": "restplatz-scenario", "version": true, "scenario": {"id": "s"}}', "version"),
        ('{"version": 1, "scenario": {"id": "s"}}', "format"),
        ("no json", ""),
        ("[]", ""),
    ],
)
def test_files_of_another_kind_are_refused(text: str, column: str) -> None:
    assert list(faults(text)) == [column]


def examples() -> dict[str, str]:
    """The JSON blocks of the guide by their format."""
    blocks = re.findall(r"^```json\n(.*?)^```", GUIDE, flags=re.MULTILINE | re.DOTALL)
    return {json.loads(block)["format"]: block for block in blocks}


def test_examples_of_the_guide_are_read() -> None:
    found = examples()
    assert set(found) == {"restplatz-scenario", "restplatz-sweep", "restplatz-backtest"}
    instance, _ = sample(requests=30, duties=8, seed=1)
    assert len(apply(parse_scenario(found["restplatz-scenario"], "guide"), instance).vehicles) == 9
    assert len(parse_sweep(found["restplatz-sweep"], "guide").all_scenarios(instance)) == 1 + 1 + 5 + 4
    wanted = parse_backtest(found["restplatz-backtest"], "guide")
    week, _ = sample(requests=60, duties=30, seed=3, days=5)
    named = {*wanted.history.known, *wanted.history.cancelled, *wanted.history.failed}
    assert named <= {request.id for request in week.requests}


def test_examples_of_the_guide_are_files_as_well() -> None:
    folder = Path(__file__).parents[2] / "docs" / "examples"
    for form, block in examples().items():
        assert (folder / f"{form.removeprefix('restplatz-')}.json").read_text(encoding="utf-8") == block
    live = read_backtest(folder / "backtest-live.json")
    assert live == replace(parse_backtest(examples()["restplatz-backtest"], "guide"), history=History())


def test_the_guide_has_every_change_with_its_fields_and_every_share() -> None:
    rows = {
        cells[1].strip("` "): set(re.findall(r"`(\w+)`", cells[2]))
        for line in GUIDE.splitlines()
        if len(cells := line.split("|")) == 5 and re.fullmatch(r" `\w+` ", cells[1])
    }
    union, _ = get_args(Change)
    for value in get_args(union):
        kind = next(str(each.default) for each in fields(value) if each.name == "kind")
        assert rows[kind] - {"van"} == {each.name for each in fields(value)} - {"kind"}, kind
    for each in fields(Draws):
        assert f"`{each.name}`" in GUIDE


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputRejected, match="none there"):
        read_scenario(tmp_path / "none.json")
