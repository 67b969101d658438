"""``restplatz explain | whatif | sweep | backtest``: as an operator types them, on live data that they leave alone."""

from __future__ import annotations

import json
import stat
import uuid
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import inspect, select, text
from typer.testing import CliRunner
from typer.testing import Result as Outcome

from api.cli import app
from api.db.tables import Organisation
from api.deadlines import BERLIN
from api.repositories.plans import next_day
from api.services.back_tests import AS_IT_WAS
from api.workflow import State
from optimizer.__main__ import app as on_files
from optimizer.answer import WhatHelps, WhyNot
from optimizer.io.answers import parse_answers
from optimizer.io.json import parse_instance
from optimizer.simulate.backtest import Backtest, Variant
from optimizer.simulate.changes_fleet import AddVehicles
from optimizer.simulate.documents import dump_backtest, dump_scenario, dump_sweep
from optimizer.simulate.running import History, Running
from optimizer.simulate.scenario import Scenario
from optimizer.simulate.sweep import Sweep
from tests.api.db import rows
from tests.api.house import House
from tests.api.jobs.plan_world import hours
from tests.api.past_world import FIRST, LAST, lived

Run = Callable[..., Outcome]


@pytest.fixture
def run(house: House, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Calls a command on the data of the house; checks that nothing of it has changed."""
    monkeypatch.setenv("RESTPLATZ_DATABASE_URL", house.engine.url.render_as_string(hide_password=False))
    monkeypatch.setenv("RESTPLATZ_FOLDER", str(house.folder))
    monkeypatch.setattr("api.clock.system_clock", lambda: house.now)

    def call(*arguments: object) -> Outcome:
        before = everything(house)
        outcome = CliRunner().invoke(app, [str(argument) for argument in arguments])
        assert everything(house) == before, "nothing is changed"
        return outcome

    return call


def everything(house: House) -> dict[str, list[Any]]:
    """Every row of every table."""
    with house.engine.connect() as connection:
        return {
            table: sorted(map(str, connection.execute(text(f"SELECT * FROM {table}"))))
            for table in inspect(connection).get_table_names()
        }


DAY = ("--date", hours(5).date().isoformat())
"""The options for the day on which the duties of the house are."""


@pytest.fixture
def left(house: House) -> dict[str, str]:
    """A request that no duty can carry, as the shifts end before its hand-over could be reached."""
    ids = {"essen": house.duty("zab:essen", since=5, until=7), "request": house.pooled(1)}
    house.match()
    assert house.state(ids["request"]) == "pooled"
    return ids


def test_why_a_request_rides_nowhere_and_what_would_help(run: Run, left: dict[str, str], house: House) -> None:
    request = left["request"]
    told = run("explain", request[-6:], "--language", "en")
    assert told.exit_code == 0, told.stderr
    with house.store.reading() as session:
        code = session.execute(text("SELECT code FROM duty")).scalar_one()
    assert f"duty {code}" in told.stdout
    assert left["essen"] not in told.stdout
    assert request not in told.stdout, "requests are called as on the pages"
    assert "ZAB zab:" not in told.stdout
    assert run("explain", request, "--duty", code, "--language", "en").stdout == told.stdout
    assert run("explain", request, "--duty", left["essen"], "--language", "en").stdout == told.stdout
    helps = run("explain", request, "--relax")
    assert helps.exit_code == 0, helps.stderr
    assert "Was helfen würde" in helps.stdout


def test_answers_as_json_are_read_back(run: Run, left: dict[str, str]) -> None:
    for options, kind in (((), WhyNot), (("--relax",), WhatHelps)):
        told = run("explain", left["request"], "--json", *options)
        assert {type(each) for each in parse_answers(told.stdout, "answers.json")} == {kind}


def test_a_proposed_request_is_told_why_there(run: Run, house: House) -> None:
    house.duty("zab:essen")
    request = house.pooled(1)
    house.match()
    told = run("explain", request, "--language", "en")
    assert told.exit_code == 0, told.stderr
    assert told.stdout.startswith(f"Request …{request[-6:]}: served by duty"), "nothing stands before the answer"
    assert "There is no other duty" not in told.stdout
    refused = run("explain", request, "--relax")
    assert (refused.exit_code, "[state_forbids]" in refused.stderr) == (2, True)


def test_closed_gates_come_first(run: Run, house: House) -> None:
    house.duty("zab:essen")
    request = house.pooled(1, gates={})
    told = run("explain", request, "--relax", "--language", "en")
    assert told.exit_code == 0, told.stderr
    assert told.stdout.startswith("  [ABH] ")
    assert "the trip fits on duty" in told.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("zzzz",), "[value_refused]"),
        (("ffffffffffff",), "[not_found]"),
        (("{request}", "--duty", "NOT-THERE"), "[not_found]"),
    ],
)
def test_what_is_not_there_is_said(run: Run, left: dict[str, str], arguments: tuple[str, ...], said: str) -> None:
    told = run("explain", *(each.format(request=left["request"]) for each in arguments))
    assert told.exit_code == 2
    assert said in told.stderr
    assert told.stdout == ""


def test_an_unknown_duty_is_told_with_those_that_are_near(run: Run, left: dict[str, str], house: House) -> None:
    with house.store.reading() as session:
        code = session.execute(text("SELECT code FROM duty")).scalar_one()
    told = run("explain", left["request"], "--duty", "NOT-THERE")
    assert f"Near it are {code}." in told.stderr
    assert "you may see" not in told.stderr


def test_several_requests_that_end_alike_ask_for_more(run: Run, house: House) -> None:
    with house.store.writing() as session:
        owner = session.scalars(select(Organisation).where(Organisation.code == "abh:05113000")).one()
        for number in (1, 2):
            key = uuid.UUID(f"0000000{number}-0000-7000-8000-0123456789ab")
            session.add(rows.transport_request(owner, f"A-{number}", id=key, state=State.POOLED))
    told = run("explain", "89ab")
    assert told.exit_code == 2
    assert "Give more characters" in told.stderr


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    path = tmp_path / "scenario.json"
    changes = (AddVehicles(zab="zab:essen", count=1, preset="van"),)
    path.write_text(dump_scenario(Scenario(id="one-more", changes=changes)), encoding="utf-8")
    return path


def test_what_a_scenario_would_change_on_a_live_day(
    run: Run, left: dict[str, str], scenario: Path, tmp_path: Path
) -> None:
    plan, kept = tmp_path / "plan.json", tmp_path / "days.json"
    told = run("whatif", "--scenario", scenario, *DAY, "--out", plan, "--snapshot", kept, "--language", "en")
    assert told.exit_code == 0, told.stderr
    assert "one-more" in told.stdout
    assert json.loads(plan.read_text())["format"]
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    days = parse_instance(kept.read_text(), "days.json").instance
    assert left["request"] in {request.id for request in days.requests}
    assert {duty.id for duty in days.duties} == {left["essen"]}


def test_without_a_date_it_is_the_first_day_with_somebody_who_waits(
    run: Run, left: dict[str, str], house: House, tmp_path: Path
) -> None:
    pick_up = hours(5)
    with house.store.reading() as session:
        assert next_day(session, now=house.now) == pick_up.astimezone(BERLIN).date()
        assert next_day(session, now=pick_up - timedelta(days=3)) == pick_up.astimezone(BERLIN).date()
        gone = pick_up + timedelta(days=3)
        assert next_day(session, now=gone) == gone.astimezone(BERLIN).date(), "today, where nobody waits"
    (tmp_path / "s.json").write_text(dump_scenario(Scenario(id="as it is")))
    snapshot = tmp_path / "day.json"
    told = run("whatif", "--scenario", tmp_path / "s.json", "--snapshot", snapshot)
    assert told.exit_code == 0, told.stderr
    kept = parse_instance(snapshot.read_text(), "day.json").instance
    assert left["request"] in {request.id for request in kept.requests}


def test_a_scenario_that_names_what_is_not_there_is_refused(run: Run, house: House, tmp_path: Path) -> None:
    house.duty("zab:essen")
    wrong = tmp_path / "wrong.json"
    changes = (AddVehicles(zab="zab:nowhere", count=1),)
    wrong.write_text(dump_scenario(Scenario(id="wrong", changes=changes)), encoding="utf-8")
    told = run("whatif", "--scenario", wrong, *DAY)
    assert told.exit_code == 2
    assert "zab:nowhere" in told.stderr
    assert run("whatif", "--scenario", tmp_path / "missing.json", *DAY).exit_code == 2


def test_scenarios_are_compared_on_a_live_day(run: Run, left: dict[str, str], tmp_path: Path) -> None:
    wanted = tmp_path / "sweep.json"
    changes = (AddVehicles(zab="zab:essen", count=1, preset="van"),)
    one_more = Scenario(id="one-more", changes=changes)
    wanted.write_text(dump_sweep(Sweep(name="vans", scenarios=(one_more,), most=2, fewest=2)), encoding="utf-8")
    out = tmp_path / "out"
    told = run("sweep", "--sweep", wanted, *DAY, "--jobs", 1, "--out", out, "--language", "en")
    assert told.exit_code == 0, told.stderr
    assert "one-more" in told.stdout
    assert {"results.jsonl", "comparison.json", "comparison.xlsx"} <= {path.name for path in out.iterdir()}


def test_days_that_are_over_are_replayed_and_kept_as_files_that_say_the_same(
    run: Run, house: House, tmp_path: Path
) -> None:
    ids = lived(house)
    wanted, kept, out = tmp_path / "rules.json", tmp_path / "days.json", tmp_path / "out"
    variants = (Variant(scenario=AS_IT_WAS), Variant(scenario=Scenario(id="late"), running=Running(ahead_days=1)))
    wanted.write_text(dump_backtest(Backtest(name="past", variants=variants)), encoding="utf-8")
    told = run(
        "backtest", "--backtest", wanted, "--from", FIRST, "--to", LAST, "--jobs", 1, "--snapshot", kept, "--out", out,
        "--language", "en",
    )  # fmt: skip
    assert told.exit_code == 0, told.stderr
    assert f"request {ids['blocked']}: gate_closed" in told.stderr
    assert "late: no difference" in told.stdout
    assert {path.name for path in out.iterdir()} == {"comparison.json", "comparison.xlsx"}
    known = tmp_path / "days.json.backtest.json"
    assert [stat.S_IMODE(path.stat().st_mode) for path in (kept, known)] == [0o600, 0o600]
    again = CliRunner().invoke(
        on_files, ["backtest", str(kept), "--backtest", str(known), "--jobs", "1", "--language", "en"]
    )
    assert again.exit_code == 0, again.stderr
    assert again.stdout == told.stdout


def test_what_cannot_be_replayed_is_refused(run: Run, house: House, tmp_path: Path) -> None:
    wanted = tmp_path / "rules.json"
    plain = Backtest(name="past", variants=(Variant(scenario=AS_IT_WAS),))
    wanted.write_text(dump_backtest(plain), encoding="utf-8")
    for days in ((), ("--to", LAST), ("--from", LAST, "--to", FIRST), ("--from", "2026-08-01")):
        told = run("backtest", "--backtest", wanted, *days)
        assert (told.exit_code, "[value_refused]" in told.stderr) == (2, True), told.stderr
    wanted.write_text(dump_backtest(Backtest(name="p", variants=plain.variants, history=History(failed=("R1",)))))
    told = run("backtest", "--backtest", wanted)
    assert (told.exit_code, "Leave it out" in told.stderr) == (2, True), told.stderr
