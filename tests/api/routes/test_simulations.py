"""Simulations through HTTP: asked for, made by what a worker does, watched, ended, compared; they touch nothing."""

from __future__ import annotations

import io
import json
import re
from typing import Any

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import func, select

from api.db.tables import AuditEntry, Run, RunInput, RunKind, SimulationResult
from api.repositories import retention
from api.services.simulations import MOST_LIVE
from tests.api.house import House
from tests.api.what_if import CALM, DAY, asked, begun_by, crowded, everything_else, in_process, made


@pytest.fixture(autouse=True)
def _in_process(monkeypatch: pytest.MonkeyPatch) -> None:
    in_process(monkeypatch)


SWEEP = {"draws": {"seed": 1}, "fewest": 2, "most": 3, "batch": 1, "period": "week"}


def test_each_scenario_is_planned_once_and_nothing_else_is_touched(house: House) -> None:
    crowded(house)
    house.match()
    before = everything_else(house)
    told = made(house)
    assert [each["id"] for each in told["scenarios"]] == ["today", "one more"]
    assert (told["kind"], told["results"], told["most_results"]) == ("plans", 2, 2)
    found = house["essen"].get(f"/simulations/{told['id']}/comparison")
    today, more = found["lines"]
    assert found["period"] is None
    assert more["figures"]["carried"]["mean"] > today["figures"]["carried"]["mean"] >= 1
    assert more["differences"]["carried"]["low"] == more["differences"]["carried"]["high"]
    assert more["statements"]["en"].startswith("+1 van at Essen: ")
    assert re.search(r": [\d.]+ more requests? carried in this period$", more["statements"]["en"])
    assert today["statements"] == {}
    assert everything_else(house) == before, "a simulation changes nothing"
    house.check()


def test_a_zab_sees_its_own_tours_and_the_number_of_the_others(house: House) -> None:
    crowded(house)
    told = made(house)
    plans = house["essen"].get(f"/simulations/{told['id']}/comparison")["plans"]
    assert [plan["scenario"] for plan in plans] == ["today", "one more"]
    assert {tour["zab"] for plan in plans for tour in plan["tours"]} == {"zab:essen"}
    assert all(plan["others"].get("zab:koeln", 0) >= 1 for plan in plans)
    added = [tour for tour in plans[1]["tours"] if tour["duty"] == "XD1-1"]
    assert len(added) == 1, "what the scenario added drives too"
    stops = plans[0]["tours"][0]["stops"]
    assert [stops[0]["kind"], stops[-1]["kind"]] == ["pickup", "delivery"]
    assert stops[-1]["on_board"] == 0
    assert stops[0]["at"].startswith(DAY)
    assert stops[0]["lat"] == pytest.approx(51.4, abs=0.2)
    whole = made(house, "ltrako")
    seen = house["ltrako"].get(f"/simulations/{whole['id']}/comparison")["plans"]
    assert {tour["zab"] for tour in seen[0]["tours"]} == {"zab:essen", "zab:koeln"}
    assert seen[0]["others"] == {}


def test_a_sweep_tells_intervals_curves_and_what_brings_most(house: House) -> None:
    crowded(house)
    studies = [{"kind": "one_more_each"}, {"kind": "fleet_sizes", "sizes": [1, 2]}]
    told = made(house, sweep=SWEEP | {"studies": studies})
    assert len(told["scenarios"]) == 6
    assert told["results"] == told["most_results"] == 15, "what two scenarios have alike is made once"
    found = house["essen"].get(f"/simulations/{told['id']}/comparison")
    assert (found["period"], found["metric"], found["plans"]) == ("week", "carried", [])
    assert [[point["vehicles"] for point in curve] for curve in found["curves"]] == [[1, 2]]
    means = {line["id"]: line["differences"]["carried"]["mean"] for line in found["lines"][1:]}
    assert found["best"] == sorted(means, key=lambda name: -means[name])
    assert {line["draws"] for line in found["lines"]} == {3}
    assert set(found["lines"][0]["load"]) == {"zab:essen", "zab:koeln"}
    page = house["essen"].get(f"/simulations/{told['id']}/results?limit=5")
    rest = house["essen"].get(f"/simulations/{told['id']}/results?limit=200&after={page['next']}")
    results = [*page["items"], *rest["items"]]
    assert len({(each["scenario"], each["draw"]) for each in results}) == 15
    assert all(each["outcome"]["status"] == "optimal" for each in results)


def test_the_same_seed_gives_the_same_results(house: House) -> None:
    crowded(house)
    one, two = (made(house, sweep=SWEEP) for _ in range(2))
    told = [house["essen"].get(f"/simulations/{each['id']}/comparison")["lines"] for each in (one, two)]
    assert told[0] == told[1]
    assert one["input_sha256"] == two["input_sha256"]


def test_the_workbook_has_statements_and_every_draw(house: House) -> None:
    crowded(house)
    told = made(house, sweep=SWEEP)
    answer = house["essen"].call("GET", f"/simulations/{told['id']}/comparison.xlsx?language=en")
    assert answer.status_code == 200
    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.content))
    sheets = [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]
    assert "+1 van at Essen" in str(sheets)
    assert len(sheets) >= 4
    with house.store.reading() as session:
        line = session.scalars(select(AuditEntry).where(AuditEntry.action == "exported")).one()
        assert (line.subject_kind, line.subject_id) == ("simulation", told["id"])


def test_it_is_of_the_moment_at_which_it_was_asked_for(house: House) -> None:
    crowded(house, 2)
    begun = asked(house)
    house.pooled(9)
    house.answer()
    today = house["essen"].get(f"/simulations/{begun['id']}/comparison")["lines"][0]
    assert today["figures"]["carried"]["mean"] + today["figures"]["unplaced"]["mean"] == 2


def test_kept_scenarios_and_days_that_count_from_the_first(house: House) -> None:
    crowded(house)
    closed = {"scenario": {"id": "closed", "changes": [{"kind": "close_zab", "zab": "zab:essen", "day": 0}]}}
    kept = house["essen"].call("POST", "/scenarios", closed).json()["id"]
    told = made(house, scenarios=[], scenario_ids=[kept])
    today, changed = house["essen"].get(f"/simulations/{told['id']}/comparison")["lines"]
    assert changed["load"]["zab:essen"]["mean"] == 0 < today["load"]["zab:essen"]["mean"]


@pytest.mark.parametrize(
    ("more", "path"),
    [
        ({"scenarios": [{"id": "a", "changes": [{"kind": "remove_vehicle", "vehicle": "V-9"}]}]},
         "/scenarios/0/changes/0/vehicle"),
        ({"scenarios": [{"id": "a", "changes": [{"kind": "cancel_flight", "place": "CGN"}]}]},
         "/scenarios/0/changes/0/place"),
        ({"scenarios": [], "sweep": {"scenarios": [{"id": "a", "changes": [{"kind": "crew_ill", "crew": "C"}]}]}},
         "/sweep/scenarios/0/changes/0/crew"),
        ({"sweep": {"most": 1001}}, "/sweep/most"),
        ({"sweep": {"limits": {"max_nodes": 10**9}}}, "/sweep/limits/max_nodes"),
        ({"first_day": "2026-11-05"}, "/first_day"),
        ({"scenarios": [{"id": "a"}, {"id": "b"}, {"id": "a"}]}, "/scenarios/2"),
        ({"scenarios": [{"id": "a"}], "sweep": {"scenarios": [{"id": "a"}]}}, "/sweep/scenarios/0"),
    ],
)  # fmt: skip
def test_what_these_days_do_not_have_is_told_at_once(house: House, more: dict[str, Any], path: str) -> None:
    crowded(house, 1)
    told = asked(house, status=422, **more)
    assert told["code"] == "value_refused"
    assert [each["path"] for each in told["errors"]] == [path]
    with house.store.reading() as session:
        assert session.scalar(select(func.count()).select_from(Run).where(Run.kind == RunKind.SIMULATION)) == 0


@pytest.mark.parametrize(
    ("more", "path"),
    [
        ({"scenarios": []}, "/"),
        ({"last_day": "2026-10-04"}, "/"),
        ({"last_day": "2026-10-19"}, "/"),
        ({"name": "a\nb"}, "/name"),
        ({"sweep": {"fewest": 5, "most": 2}}, "/sweep/fewest"),
        ({"sweep": {"draws": {"delayed": 2.0}}}, "/sweep/draws/delayed"),
        ({"sweep": {"studies": [{"kind": "fleet_sizes", "sizes": [3, 1]}]}}, "/sweep/studies/0/sizes"),
        ({"scenarios": [{"id": "a", "changes": [{"kind": "scale_demand"}]}]}, "/scenarios/0/changes/0/factor"),
    ],
)
def test_what_is_no_simulation_is_refused_with_its_path(house: House, more: dict[str, Any], path: str) -> None:
    told = asked(house, status=422, **more)
    assert told["code"] == "body_invalid"
    assert path in [each["path"] for each in told["errors"]]


def test_only_the_organisation_and_the_landestransportkoordination_see_one(house: House) -> None:
    crowded(house, 2)
    told = made(house)
    paths = ("", "/events", "/results", "/comparison", "/comparison.xlsx")
    for path in paths:
        assert house["koeln"].call("GET", f"/simulations/{told['id']}{path}").status_code == 404
        assert house["abh"].call("GET", f"/simulations/{told['id']}{path}").status_code == 403
        assert house["ltrako"].call("GET", f"/simulations/{told['id']}{path}").status_code == 200
        assert house["essen-lead"].call("GET", f"/simulations/{told['id']}{path}").status_code == 200
    assert house["koeln"].get("/simulations")["items"] == []
    assert [each["id"] for each in house["ltrako"].get("/simulations")["items"]] == [told["id"]]
    assert house["ltrako"].get(f"/simulations/{told['id']}")["is_own"] is False
    refused = house["ltrako"].call("DELETE", f"/simulations/{told['id']}")
    assert (refused.status_code, refused.json()["code"]) == (403, "role_may_not")
    assert told["id"] not in json.dumps(house["ltrako"].get("/runs")), "the runs of the exchange are others"


def test_it_is_watched_from_where_one_left_off_and_holds_up_no_run(house: House) -> None:
    crowded(house, 2)
    begun = asked(house)
    started = house["ltrako"].call("POST", "/runs", {"first_day": DAY, "last_day": DAY})
    assert started.status_code == 202, "no simulation is in the way of a run"
    house.match()
    house.answer()
    told = house["essen"].call("GET", f"/simulations/{begun['id']}/events").text
    assert "event: finished" in told
    numbers = [int(line.removeprefix("id: ")) for line in told.splitlines() if line.startswith("id: ")]
    last = {"Last-Event-ID": str(numbers[-1] - 1)}
    again = house["essen"].call("GET", f"/simulations/{begun['id']}/events", **last).text
    assert again.count("event: ") == 1
    last = {"Last-Event-ID": str(numbers[-1])}
    assert house["essen"].call("GET", f"/simulations/{begun['id']}/events", **last).status_code == 204


def test_one_that_waits_ends_at_once_and_one_that_goes_on_keeps_what_it_has(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    crowded(house, 2)
    waits = asked(house)
    ended = house["essen"].call("DELETE", f"/simulations/{waits['id']}")
    assert (ended.status_code, ended.json()["state"]) == (202, "cancelled")
    again = house["essen"].call("DELETE", f"/simulations/{waits['id']}")
    assert (again.status_code, again.json()["code"]) == (409, "state_forbids")
    begun = asked(house, sweep=SWEEP)
    steps = begun_by(house, begun["id"])
    from api.jobs.telling import Telling

    kept = iter(range(100))
    # After three results somebody ends it.
    monkeypatch.setattr(Telling, "is_cancelled", lambda self: next(kept) > 12)
    monkeypatch.setattr(Telling, "is_end_wanted", property(lambda self: True))
    assert house["essen"].call("DELETE", f"/simulations/{begun['id']}").json()["is_cancel_wanted"]
    for step in (steps.prepare, steps.solve, steps.publish):
        step(begun["id"])
    told = house["essen"].get(f"/simulations/{begun['id']}")
    assert told["state"] == "cancelled"
    assert 1 <= told["results"] < told["most_results"]
    assert house["essen"].call("GET", f"/simulations/{begun['id']}/comparison").status_code == 200


def test_there_is_a_limit_to_what_waits(house: House) -> None:
    crowded(house, 1)
    for _ in range(MOST_LIVE):
        asked(house)
    assert asked(house, status=409)["code"] == "in_use"
    assert asked(house, "koeln")["state"] == "queued", "others have room of their own"


def test_lists_go_by_kind_and_state(house: House) -> None:
    crowded(house, 1)
    one = made(house)["id"]
    two = asked(house, sweep=SWEEP)["id"]

    def ids(query: str) -> list[str]:
        return [each["id"] for each in house["essen"].get(f"/simulations{query}")["items"]]

    assert ids("") == [two, one]
    assert ids("?kind=plans") == [one]
    assert ids("?state=queued") == [two]
    first = house["essen"].get("/simulations?limit=1")
    assert ids(f"?limit=1&after={first['next']}") == [one]


def test_all_of_it_is_deleted_when_its_period_is_over(house: House) -> None:
    crowded(house, 1)
    told = made(house)
    with house.store.writing() as session:
        due = retention.ids(session, retention.due_runs(house.now), 10)
        assert [str(each) for each in due] == [told["id"]]
        retention.delete_run_inputs(session, due)
    with house.store.reading() as session:
        assert session.scalars(select(SimulationResult.draw)).all() == []
        assert session.scalars(select(RunInput.run_id)).all() == []
    assert house["essen"].get("/simulations")["items"] == []
    assert house["essen"].call("GET", f"/simulations/{told['id']}").status_code == 404


def test_chance_is_told_by_its_seed(house: House) -> None:
    crowded(house)
    calm = made(house, sweep=SWEEP | {"draws": CALM})
    lines = house["essen"].get(f"/simulations/{calm['id']}/comparison")["lines"]
    assert lines[0]["figures"]["carried"]["low"] == lines[0]["figures"]["carried"]["high"], "nothing was drawn"
