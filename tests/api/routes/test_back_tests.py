"""Back-tests through HTTP: days that are over, read from the data, replayed by a worker, compared; none is touched."""

from __future__ import annotations

import io
import uuid
from datetime import timedelta
from typing import Any

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import func, select

from api.db.tables import Run, RunInput, RunKind, Simulation, SimulationResult
from api.jobs import simulating
from api.jobs.port import Interrupted
from api.mapping.past import PastDays
from api.mapping.what_if import plain_of
from api.repositories import what_if
from api.services import past
from api.services.back_tests import AS_IT_WAS
from api.services.retention import enforce
from optimizer.simulate.backtest import Backtest, Variant
from optimizer.simulate.backtesting import backtest
from optimizer.simulate.running import Running
from optimizer.simulate.scenario import Scenario
from tests.api.house import House
from tests.api.past_world import FIRST, LAST, lived
from tests.api.what_if import asked, begun_by, everything_else, in_process, made

DAYS = PastDays.read(f"{FIRST}/{LAST}")
NONE = Scenario(id="nobody planned ahead")
VARIANTS: list[dict[str, Any]] = [
    {"scenario": plain_of(AS_IT_WAS)},
    {"scenario": {"id": NONE.id}, "running": {"ahead_days": 1}},
]
SQLITE = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


@pytest.fixture(autouse=True)
def _in_process(monkeypatch: pytest.MonkeyPatch) -> None:
    in_process(monkeypatch)


def body(**more: Any) -> dict[str, Any]:
    """Both days, in two ways, and without the promised ride."""
    return {"first_day": FIRST, "last_day": LAST, "backtest": {"variants": VARIANTS}, "scenarios": []} | more


def kept(house: House, run_id: str) -> dict[tuple[str, int], dict[str, Any]]:
    with house.store.reading() as session:
        return {(name, day): told for name, day, told in what_if.outcomes(session, uuid.UUID(run_id))}


def test_it_is_as_the_same_days_replayed_from_a_file_and_touches_nothing(house: House) -> None:
    lived(house)
    before = everything_else(house)
    closed = {"id": "closed", "changes": [{"kind": "close_zab", "zab": "zab:essen", "day": 1}]}
    told = made(house, **body(scenarios=[closed]))
    assert (told["kind"], told["results"], told["most_results"]) == ("backtest", 6, 6)
    assert [each["id"] for each in told["scenarios"]] == ["as it was", NONE.id, "closed"]
    assert everything_else(house) == before
    with house.store.reading() as session:
        found = past.period(session, DAYS, house.context.settings, now=house.now)
    wanted = Backtest(
        name="file", history=found.history, days=DAYS.days,
        variants=(Variant(scenario=AS_IT_WAS), Variant(scenario=NONE, running=Running(ahead_days=1))),
    )  # fmt: skip
    file = backtest(wanted, found.mapped.instance, found.mapped.travel).outcomes
    results = kept(house, told["id"])
    assert {key: plain_of(each) for key, each in file.items()} == {k: v for k, v in results.items() if k[0] != "closed"}
    assert results["closed", 1]["carried"] == results["closed", 1]["failed"] == 0, "days count from the first"
    assert results["closed", 0] == results["as it was", 0]
    lines = house["ltrako"].get(f"/simulations/{told['id']}/comparison")
    assert (lines["period"], lines["plans"], [each["draws"] for each in lines["lines"]]) == ("week", [], [2, 2, 2])
    assert lines["lines"][0]["figures"]["carried"]["mean"] == 5, "two in two days, five days a week"
    items = house["essen"].get(f"/simulations/{told['id']}/results")["items"]
    assert {(each["scenario"], each["draw"]) for each in items} == results.keys()
    book = house["essen"].call("GET", f"/simulations/{told['id']}/comparison.xlsx?language=en").content
    assert "days" in CalamineWorkbook.from_filelike(io.BytesIO(book)).sheet_names


@SQLITE
def test_without_variants_it_is_as_it_was_and_others_may_not_see_it(house: House) -> None:
    lived(house)
    told = made(house, **body(backtest={}))
    assert [each["titles"]["de"] for each in told["scenarios"]] == ["wie es war"]
    assert house["koeln"].call("GET", f"/simulations/{told['id']}").status_code == 404
    assert [each["id"] for each in house["ltrako"].get("/simulations?kind=backtest")["items"]] == [told["id"]]
    assert "event: finished" in house["essen"].call("GET", f"/simulations/{told['id']}/events").text


@SQLITE
def test_what_another_worker_replayed_is_not_replayed_again(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    lived(house)
    begun = asked(house, **body())
    first = begun_by(house, begun["id"], "first")
    keep = simulating._Results.keep_days
    with monkeypatch.context() as patched:

        def and_stop(self: Any, *args: Any) -> None:
            keep(self, *args)
            first.stop.set()

        patched.setattr(simulating._Results, "keep_days", and_stop)
        first.prepare(begun["id"])
        with pytest.raises(Interrupted):
            first.solve(begun["id"])
    assert kept(house, begun["id"]).keys() == {("as it was", 0), ("as it was", 1)}
    seen: list[str] = []

    def watched(self: Any, scenario: str, days: Any) -> None:
        seen.append(scenario)
        keep(self, scenario, days)

    monkeypatch.setattr(simulating._Results, "keep_days", watched)
    second = begun_by(house, begun["id"], "second")
    for step in (second.prepare, second.solve, second.publish):
        step(begun["id"])
    assert seen == [NONE.id]
    told = house["essen"].get(f"/simulations/{begun['id']}")
    assert (told["state"], told["results"]) == ("done", 4)


def test_the_days_go_before_their_requests_and_what_it_came_to_stays(house: House) -> None:
    ids = lived(house)
    without = {"id": "without", "changes": [{"kind": "cancel_requests", "requests": [ids["done"]]}]}
    told = made(house, **body(scenarios=[without]))
    before = house["essen"].get(f"/simulations/{told['id']}/comparison")["lines"]
    house.now = DAYS.since + timedelta(days=30, minutes=-1)

    def deleted() -> int:
        done = enforce(house.store, house.now, drop_folder=house.context.settings.drop_folder)
        return {each.kind.value: each.count for each in done}["run_inputs"]

    def left() -> tuple[int, int]:
        with house.store.reading() as session:
            inputs = select(func.count()).select_from(RunInput).join(Run).where(Run.kind == RunKind.SIMULATION)
            return session.scalar(inputs) or 0, session.scalar(select(func.count()).select_from(SimulationResult)) or 0

    deleted()
    assert left() == (1, 6)
    house.later(minutes=1)
    assert deleted() == 1
    assert left() == (0, 6)
    with house.store.reading() as session:
        row = session.get_one(Simulation, uuid.UUID(told["id"]))
        assert ids["done"] not in f"{row.wanted} {row.scenarios}"
    assert house["essen"].get(f"/simulations/{told['id']}/comparison")["lines"] == before
    house.later(days=32)
    deleted()
    assert left() == (0, 0)


REFUSED: tuple[tuple[dict[str, Any], str, str], ...] = (
    ({"last_day": "2026-10-07"}, "value_refused", "/last_day"),
    ({"first_day": "2026-09-06", "last_day": "2026-09-08"}, "value_refused", "/first_day"),
    ({"first_day": "2026-09-20", "last_day": "2026-09-21"}, "value_refused", "/first_day"),
    ({"first_day": "2026-09-01"}, "body_invalid", "/"),
    ({"sweep": {"most": 2}}, "body_invalid", "/"),
    ({"backtest": {"history": {"failed": []}}}, "body_invalid", "/backtest/history"),
    ({"backtest": {"variants": []}}, "body_invalid", "/backtest/variants"),
    ({"backtest": {"confidence": 2.0}}, "body_invalid", "/backtest/confidence"),
    ({"backtest": {"variants": [VARIANTS[1] | {"running": {"ahead_days": 0}}]}}, "body_invalid",
     "/backtest/variants/0/running"),
    ({"backtest": {"variants": [VARIANTS[1] | {"running": {"ahead_days": 15}}]}}, "value_refused",
     "/backtest/variants/0/running/ahead_days"),
    ({"backtest": {"limits": {"max_nodes": 10**9}}}, "value_refused", "/backtest/limits/max_nodes"),
    ({"scenarios": [{"id": "as it was"}]}, "value_refused", "/scenarios/0"),
    ({"scenarios": [{"id": "a", "changes": [{"kind": "crew_ill", "crew": "C"}]}]}, "value_refused",
     "/scenarios/0/changes/0/crew"),
)  # fmt: skip


@SQLITE
def test_what_cannot_be_replayed_is_told_before_anything_is_queued(house: House) -> None:
    house.pooled(1)
    house.now = DAYS.until + timedelta(hours=20)
    for more, code, path in REFUSED:
        told = asked(house, status=422, **body(**more))
        assert (told["code"], path in [each["path"] for each in told["errors"]]) == (code, True), told
    assert house["essen"].get("/simulations")["items"] == []
