"""The comparison with peers: each installed peer on a tiny day, rows, resumption, tables."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from benchmarks import peers, peers_report
from benchmarks.peers_day import build_day
from benchmarks.peers_judge import Judge, Verdict
from benchmarks.peers_rows import FAILED, KILLED, Ledger, Row, medians, refuted
from benchmarks.peers_run import ADAPTERS, ANSWER, OURS, Answer, answer
from benchmarks.provenance import code
from benchmarks.suites import Case, find, instances
from optimizer.io.json import instance_units
from optimizer.io.problem import Problem
from optimizer.model import Instance, Stage
from optimizer.model.units import HOUR
from optimizer.solve import solve as optimize
from tests import builders as b

PLACES = {"depot": 0, "A": 600, "B": 1800, "C": 3 * HOUR}
MODULES = {"ortools": "ortools", "vroom": "vroom", "pyvrp": "pyvrp", "vrp-cli": "vrp_cli"}
PEERS = sorted(MODULES)


def problem(instance: Instance) -> Problem:
    return Problem(instance=instance, travel=b.line(PLACES), units=instance_units(instance))


def judged(peer: str, given: Problem, seconds: float = 1) -> Verdict:
    if peer in MODULES:
        pytest.importorskip(MODULES[peer])
    else:
        optimize(given.instance, given.travel)  # Whatever is compiled for it is not to be measured.
    found = answer(peer, given, seconds, seed=0, threads=1)
    judge = Judge(given)
    return judge.judge_plan(found.plan) if found.plan is not None else judge.judge(found.routes or [])


# --- every peer on a day that it can be told whole -------------------------------------------------------------------


@pytest.mark.parametrize("peer", [*PEERS, OURS])
def test_a_peer_serves_what_can_be_served(peer: str) -> None:
    """Two vehicles, one of them barred for R2, and a promise; R4 is nobody's: too far for its window."""
    kept = b.commitment("D1", ("P", "pickup", HOUR), ("P", "delivery", HOUR + 1200))
    requests = [
        b.request("P"),
        b.request("R1", pickup=(2 * HOUR, 3 * HOUR), service=(600, 600)),
        b.request("R2", pickup=(2 * HOUR, 3 * HOUR), barred_duties=frozenset({"D1"}), separate=True),
        b.request("R3", "B", "A", pickup=(8 * HOUR, 9 * HOUR)),
        b.request("R4", "C", "A", pickup=(0, 60)),
    ]
    fleet = b.fleet(2, start=0, end=10 * HOUR)
    given = problem(b.instance(*requests, commitments=(kept,), parameters=b.strict(), **fleet))
    verdict = judged(peer, given)
    assert verdict.violations == {}
    assert verdict.plan.served == {"P", "R1", "R2", "R3"}


@pytest.mark.parametrize("peer", [*PEERS, OURS])
def test_a_peer_prefers_the_weightier(peer: str) -> None:
    """One vehicle that can make only one of the two."""
    light = b.request("R1", pickup=(HOUR, HOUR), weight=1, separate=True)
    heavy = b.request("R2", pickup=(HOUR, HOUR), weight=4, separate=True)
    verdict = judged(peer, problem(b.instance(light, heavy)))
    assert verdict.plan.served == {"R2"}


@pytest.mark.skipif(not instances().is_dir(), reason=f"no public instances at {instances()}")
@pytest.mark.parametrize("peer", [*PEERS, OURS])
def test_a_peer_on_a_literature_instance(peer: str) -> None:
    case = find("a2-16")
    verdict = judged(peer, case.load(), seconds=2)
    assert verdict.told.unserved_requests == 0
    if peer in ("ortools", OURS):
        assert verdict.violations == {}
    assert {rule.value for rule in verdict.violations} <= {"ride_time"}


def test_the_router_is_told_who_may_not_ride_together_and_the_ride_cap() -> None:
    pytest.importorskip("ortools")
    requests = [
        b.request("R1", "A", "C", pickup=(HOUR, HOUR)),
        b.request("R2", "A", "C", pickup=(HOUR, HOUR), party=b.FAMILY),
        b.request("R3", "A", "C", pickup=(HOUR, HOUR)),
        b.request("R4", "A", "B", pickup=(HOUR, HOUR), delivery=(10 * HOUR, 24 * HOUR)),
    ]
    crews = (b.crew(female_officers=1),)
    given = problem(b.instance(*requests, parameters=b.strict(), crews=crews))
    assert "R4" not in {ride.request for ride in build_day(given).rides}
    verdict = judged("ortools", given)
    assert verdict.violations == {}
    assert verdict.plan.served == {"R1", "R3"}


# --- rows, tables, the command line -----------------------------------------------------------------------------------


def row(**fields: Any) -> Row:
    given = {"case": "c1", "solver": OURS, "limit": 5.0, "run": 0, "threads": 2, "seconds": 4.5, "requests": 10,
             "told": 8, "told_requests": 7, "cost": 12.5, "legal": 8, "legal_requests": 7, "peak_mib": 100}  # fmt: skip
    return Row(**{**given, **fields})


def test_rows_survive_a_file(tmp_path: Path) -> None:
    rows = [row(violations="detour:2 window:1", points="0.5:3 1:8"), row(run=1, status=KILLED, told=None, cost=None)]
    ledger = Ledger(tmp_path / "deep" / "peers.csv")
    assert ledger.rows() == []
    ledger.write(rows)
    assert ledger.rows() == rows
    assert rows[0].broken == 3
    (tmp_path / "old.csv").write_text("case,solver\n1,2\n")
    assert Ledger(tmp_path / "old.csv").rows() == []


def test_the_median_run_is_the_one_in_the_middle() -> None:
    rows = [row(run=0, legal=9), row(run=1, legal=3), row(run=2, legal=5)]
    assert medians(rows)["c1", OURS, 5.0].legal == 5
    assert medians(rows[:2])["c1", OURS, 5.0].legal == 3
    assert medians([row(status=FAILED, legal=None, told=None), row(run=1)])["c1", OURS, 5.0].status == FAILED
    by_cost = [row(run=n, legal=None, told=4, cost=cost) for n, cost in enumerate((3.0, 9.0, 4.0))]
    assert medians(by_cost)["c1", OURS, 5.0].cost == 4.0


def test_a_legal_plan_beyond_our_bound_refutes_it() -> None:
    assert refuted([row(bound=8.0), row(solver="vroom", legal=8, told=12)], by_cost=False) == []
    told = refuted([row(bound=8.0), row(solver="vroom", legal=9)], by_cost=False)
    assert told == ["c1: vroom has a legal plan of 9 beyond our bound 8"]
    assert refuted([row(bound=8.0), row(solver="vroom", legal=9, case="c2")], by_cost=False) == []
    ours, whole = row(bound=50.0, cost=60.0, legal=None), row(solver="vroom", cost=49.0, told_requests=10)
    assert len(refuted([ours, whole], by_cost=True)) == 1
    assert refuted([ours, replace(whole, violations="ride_time:1")], by_cost=True) == []
    assert refuted([ours, replace(whole, told_requests=9)], by_cost=True) == []


def test_solvers_take_turns() -> None:
    cases = [find("n25-d5-s1"), find("n50-d10-s1")]
    planned = peers.plan_runs(cases, ["ortools", OURS], [5.0], runs=2, threads=1)
    first, second = ["ortools", OURS], [OURS, "ortools"]
    assert [each.solver for each in planned] == [*first, *second, *second, *first]
    assert len({each.key for each in planned}) == 8


def test_a_process_that_hangs_is_ended(tmp_path: Path) -> None:
    ended = peers.run_bounded(["timeit", "-n", "1", "-r", "1", "import time; time.sleep(60)"], 0.5, tmp_path)
    assert ended.exit_code is None
    assert ended.seconds < 10
    assert peers.run_bounded(["timeit", "-n", "1", "pass"], 60, tmp_path).exit_code == 0


def test_the_limit_counts_from_the_mark(tmp_path: Path) -> None:
    mark = tmp_path / "begun"
    script = f"import time, pathlib; time.sleep(1); pathlib.Path({str(mark)!r}).touch(); time.sleep(60)"
    ended = peers.run_bounded(["timeit", "-n", "1", "-r", "1", script], 0.5, tmp_path, mark=mark)
    assert ended.exit_code is None
    assert 1 < ended.seconds < 15


def test_an_answer_survives_a_file() -> None:
    given = Answer(version="1", seconds=1.5, cpu=1.0, peak=5, points=[(0.5, 3)], routes=[], bounds={Stage.SERVED: 4})
    assert ANSWER.validate_json(ANSWER.dump_json(given)) == given


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> list[Row]:
    """Runs are noted and come out at once."""
    made: list[Row] = []

    def measure(case: Case, judge: Judge, asked: Row, folder: Path) -> Row:
        made.append(asked)
        weight = 9 if asked.solver == OURS else 7
        return replace(
            row(legal=weight, violations="" if weight == 9 else "detour:2", bound=10.0, points="0.5:3 1:8"),
            case=asked.case, solver=asked.solver, limit=asked.limit, run=asked.run, version="1", code=code(),
        )  # fmt: skip

    monkeypatch.setattr(peers, "measure", measure)
    return made


def test_a_measurement_goes_on_where_it_was(fake: list[Row], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import typer

    pytest.importorskip("matplotlib")
    app = typer.Typer()
    app.command()(peers.main)
    command = ["--suite", "growth", "--seeds", "2", "--seconds", "1,5", "--peers", "ortools,ours", "--folder"]
    runner = CliRunner()
    done = runner.invoke(app, [*command, str(tmp_path)], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    assert len(fake) == 8
    assert runner.invoke(app, [*command, str(tmp_path)]).exit_code == 0
    assert len(fake) == 8
    assert runner.invoke(app, [*command, str(tmp_path), "--fresh"]).exit_code == 0
    assert len(fake) == 16
    monkeypatch.setattr(peers, "code", lambda: "changed")
    assert runner.invoke(app, [*command, str(tmp_path)]).exit_code == 0
    assert [row.solver for row in fake[16:]] == [OURS] * 4
    text = (tmp_path / "peers-growth.md").read_text()
    assert "| ours | 5 | 2 | 9.0 |" in text
    assert "+2 =0 -0" in text
    assert "detour 4" in text
    plots = {path.name: path.read_bytes() for path in tmp_path.glob("*.svg")}
    assert set(plots) == {"peers-growth-served.svg", "peers-growth-gap.svg"}
    assert runner.invoke(app, [*command, str(tmp_path), "--report"]).exit_code == 0
    assert plots == {path.name: path.read_bytes() for path in tmp_path.glob("*.svg")}


def test_the_gap_is_that_of_legal_plans() -> None:
    rows = [row(bound=10.0), row(solver="vroom", legal=6, told=9, violations="detour:3")]
    lines = peers_report.gap_lines(medians(rows), by_cost=False)
    assert lines["ours"][0] == pytest.approx((5.0, 20.0))
    assert lines["VROOM"][0] == pytest.approx((5.0, 40.0))
    served = row(cost=110.0, told_requests=10, best_known=100.0, legal=None)
    broken = replace(served, solver="vroom", cost=90.0, violations="ride_time:1")
    assert list(peers_report.gap_lines(medians([served, broken]), by_cost=True)) == ["ours"]


def test_unknown_solvers_are_refused() -> None:
    import typer

    with pytest.raises(typer.BadParameter, match="cplex"):
        peers.installed(["cplex"])
    assert peers.installed([OURS]) == [OURS]
    assert set(ADAPTERS) == {*PEERS, OURS}
