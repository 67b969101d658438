"""Timetables and repair of plans that others made."""

from __future__ import annotations

import pytest

from benchmarks.peers_judge import Judge
from benchmarks.peers_timetable import Route, Stop, Timetabler
from optimizer.io.json import instance_units
from optimizer.io.problem import Problem
from optimizer.model import Instance, Rule, VisitKind
from optimizer.model.units import HOUR, MINUTE
from optimizer.params import SolveParams
from optimizer.simulate.sampling import sample
from optimizer.solve import solve
from optimizer.verify import check as checked
from optimizer.verify import hard
from tests import builders as b

PLACES = {"depot": 0, "A": 600, "B": 1800, "C": 3 * HOUR}


def problem(instance: Instance) -> Problem:
    return Problem(instance=instance, travel=b.line(PLACES), units=instance_units(instance))


def route(duty: str, *stops: str) -> Route:
    """``"+R1"`` picks up, ``"-R1"`` hands over."""
    kinds = {"+": VisitKind.PICKUP, "-": VisitKind.DELIVERY}
    return Route(duty=duty, stops=tuple(Stop(request=s[1:], kind=kinds[s[0]], start=0) for s in stops))


def test_a_good_order_keeps_every_rule() -> None:
    given = problem(b.instance(b.request("R1", pickup=(HOUR, 2 * HOUR)), b.request("R2"), parameters=b.strict()))
    verdict = Judge(given).judge([route("D1", "+R1", "-R1", "+R2", "-R2")])
    assert verdict.violations == {}
    assert verdict.legal == verdict.told
    assert verdict.told.served_requests == 2


def test_breaks_are_found_for_a_peer_that_has_none() -> None:
    early = b.request("R1", pickup=(HOUR, HOUR), delivery=(HOUR, 2 * HOUR))
    late = b.request("R2", pickup=(8 * HOUR, 8 * HOUR), delivery=(8 * HOUR, 9 * HOUR))
    given = problem(b.instance(early, late, parameters=b.strict()))
    tour = Timetabler(given).legal(route("D1", "+R1", "-R1", "+R2", "-R2"))
    assert tour is not None
    assert any(visit.kind is VisitKind.BREAK for visit in tour.visits)


def test_a_broken_cap_is_told_and_repaired() -> None:
    # R2 rides along to C and back: 1200 s alone, more than five hours with R1.
    requests = b.request("R1", "A", "C", weight=2), b.request("R2", "A", "B", weight=1)
    given = problem(b.instance(*requests, parameters=b.strict()))
    verdict = Judge(given).judge([route("D1", "+R1", "+R2", "-R1", "-R2")])
    assert verdict.violations[Rule.DETOUR] == 1
    assert verdict.told.served == 3
    assert verdict.legal is not None
    assert verdict.legal.served == 2
    assert verdict.legal_plan is not None
    assert verdict.legal_plan.served == {"R1"}
    assert not hard(checked(given.instance, given.travel, verdict.legal_plan))


def test_who_may_not_ride_together_is_parted() -> None:
    requests = b.request("R1", separate=True), b.request("R2")
    verdict = Judge(problem(b.instance(*requests))).judge([route("D1", "+R1", "+R2", "-R1", "-R2")])
    assert verdict.violations == {Rule.SEPARATION: 1}
    assert verdict.legal is not None
    assert verdict.legal.served_requests == 1


def test_half_a_bundle_is_taken_off() -> None:
    requests = b.request("R1", bundle="x"), b.request("R2", bundle="x"), b.request("R3")
    verdict = Judge(problem(b.instance(*requests))).judge([route("D1", "+R1", "-R1", "+R3", "-R3")])
    assert verdict.violations == {Rule.BUNDLE: 1}
    assert verdict.legal_plan is not None
    assert verdict.legal_plan.served == {"R3"}


def test_forgotten_promises_are_made_in_the_legal_plan() -> None:
    kept = b.commitment("D1", ("R1", "pickup", HOUR), ("R1", "delivery", 2 * HOUR))
    instance = b.instance(b.request("R1"), b.request("R2"), commitments=(kept,), **b.fleet(2))
    verdict = Judge(problem(instance)).judge([route("D2", "+R2", "-R2")])
    assert verdict.violations == {Rule.COMMITMENT: 1}
    assert verdict.legal is not None
    assert verdict.legal.served_requests == 1
    assert verdict.legal_plan is not None
    assert verdict.legal_plan.served == {"R1", "R2"}


def test_a_promise_on_the_wrong_duty_goes_back_to_its_own() -> None:
    kept = b.commitment("D1", ("R1", "pickup", HOUR), ("R1", "delivery", 2 * HOUR))
    instance = b.instance(b.request("R1"), b.request("R2"), commitments=(kept,), **b.fleet(2))
    verdict = Judge(problem(instance)).judge([route("D2", "+R2", "-R2", "+R1", "-R1")])
    assert Rule.COMMITMENT in verdict.violations
    assert verdict.legal_plan is not None
    assert {tour.duty: tour.requests for tour in verdict.legal_plan.tours} == {"D1": {"R1"}, "D2": {"R2"}}


def test_of_duties_that_exclude_each_other_the_lighter_one_goes() -> None:
    fields = b.fleet(2) | {"duties": (b.duty("D1", "S1", "V1"), b.duty("D2", "S2", "V1"))}
    instance = b.instance(b.request("R1", weight=5), b.request("R2", weight=1), **fields)
    verdict = Judge(problem(instance)).judge([route("D1", "+R1", "-R1"), route("D2", "+R2", "-R2")])
    assert Rule.VEHICLE_DOUBLED in verdict.violations
    assert verdict.legal_plan is not None
    assert verdict.legal_plan.served == {"R1"}


def test_a_request_carried_twice_is_carried_once() -> None:
    instance = b.instance(b.request("R1"), b.request("R2"), **b.fleet(2))
    verdict = Judge(problem(instance)).judge([route("D1", "+R1", "-R1"), route("D2", "+R1", "-R1", "+R2", "-R2")])
    assert Rule.ONCE_PER_REQUEST in verdict.violations
    assert verdict.legal is not None
    assert verdict.legal.served_requests == 2


@pytest.mark.parametrize("stops", [("+R1",), ("-R1", "+R1"), ("+R1", "-R1", "+R1", "-R1")])
def test_orders_that_do_not_pair_are_told(stops: tuple[str, ...]) -> None:
    verdict = Judge(problem(b.instance(b.request("R1"), b.request("R2")))).judge([route("D1", *stops)])
    assert Rule.PAIRING in verdict.violations
    assert verdict.legal is not None


def test_where_all_must_be_served_nobody_is_taken_off() -> None:
    requests = b.request("R1"), b.request("R2", max_ride=1300)
    verdict = Judge(problem(b.instance(*requests, serve_all=True))).judge([route("D1", "+R1", "-R1")])
    assert verdict.violations == {Rule.SERVE_ALL: 1}
    assert verdict.legal is None


def test_a_late_stop_breaks_its_window_and_nothing_else_is_lost() -> None:
    requests = b.request("R1", pickup=(0, 10 * MINUTE)), b.request("R2", pickup=(0, 10 * MINUTE), origin="C")
    given = problem(b.instance(*requests, parameters=b.strict()))
    # C is three hours away: no order serves R2 in time, and what our own solver would not even try is left out.
    verdict = Judge(given).judge([route("D1", "+R1", "-R1", "+R2", "-R2")])
    assert Rule.WINDOW in verdict.violations
    assert verdict.legal_plan is not None
    assert verdict.legal_plan.served == {"R1"}


def test_our_own_plan_survives_the_loss_of_its_timetable() -> None:
    """Orders alone are enough: the timetabler finds what the solver had, breaks, promises and rests included."""
    instance, travel = sample(requests=40, duties=8, seed=3)
    plan = solve(instance, travel, SolveParams(workers=1, time_limit=5)).solution
    assert plan.tours
    judge = Judge(Problem(instance=instance, travel=travel, units=instance_units(instance)))
    whole = judge.judge_plan(plan)
    serving = (VisitKind.PICKUP, VisitKind.DELIVERY)
    routes = [
        Route(
            duty=tour.duty,
            stops=tuple(
                Stop(request=visit.request, kind=visit.kind, start=visit.start)
                for visit in tour.visits
                if visit.request is not None and visit.kind in serving
            ),
        )
        for tour in plan.tours
    ]
    verdict = judge.judge(routes)
    assert whole.violations == verdict.violations == {}
    assert (verdict.told.served, verdict.told.custody) == (whole.told.served, whole.told.custody)
