"""Solving a stored problem: one into a plan, several together, and room made by offers that may change their times."""

from __future__ import annotations

from dataclasses import asdict

from api.db.tables import RunKind
from api.services.matching import Matched, match, params_of, with_offers_loose
from optimizer.model import Instance, VisitKind
from optimizer.model.units import HOUR
from optimizer.params import SolveParams
from optimizer.search.observer import SilentObserver
from tests.builders import commitment, duty, instance, line, request, seats, vehicle

HERE = line({"depot": 0, "A": 600, "B": 1800})
KNOBS = asdict(SolveParams(workers=1, time_limit=20))


def done(problem: Instance, kind: RunKind = RunKind.CONTINUOUS, **stored: object) -> Matched:
    return match(
        kind, problem, HERE, KNOBS | stored, observer=SilentObserver(), is_cancelled=lambda: False
    )  # fmt: skip


def test_the_knobs_are_read_from_what_the_run_stores() -> None:
    assert params_of(KNOBS | {"wanted": ["R1"], "offered": []}) == SolveParams(workers=1, time_limit=20)


def test_one_request_goes_where_it_fits_and_nobody_else_moves() -> None:
    problem = instance(
        request("R1"),
        request("R2", pickup=(4 * HOUR, 5 * HOUR)),
        commitments=(commitment("D1", ("R1", "pickup", HOUR), ("R1", "delivery", HOUR + 1200)),),
    )
    found = done(problem)
    assert found.is_plan
    assert found.result.solution.duty_by_request == {"R1": "D1", "R2": "D1"}
    (tour,) = found.result.solution.tours
    starts = {(p.request, p.kind): p.start for p in tour.promises}
    assert (starts["R1", VisitKind.PICKUP], starts["R1", VisitKind.DELIVERY]) == (HOUR, HOUR + 1200)
    assert [place["zab"] for place in found.alternatives["R2"]] == ["Z1"]


def test_one_that_fits_nowhere_has_a_reason_for_each_zab() -> None:
    problem = instance(request("R1", load=20))
    found = done(problem)
    assert found.is_plan
    (unserved,) = found.result.unserved
    assert unserved.request == "R1"
    assert [reason.zab for reason in unserved.reasons] == ["Z1"]


def test_an_offer_gives_way_in_time_not_in_duty() -> None:
    """R1 is offered in the middle of the only hour that R2 has; one after the other both fit."""
    problem = instance(
        request("R1", pickup=(0, 10 * HOUR), separate=True),
        request("R2", pickup=(HOUR, HOUR + 300), separate=True),
        commitments=(commitment("D1", ("R1", "pickup", HOUR), ("R1", "delivery", HOUR + 1200)),),
        vehicles=(vehicle(configurations=(seats(9),)),),
        duties=(duty(),),
    )
    assert done(problem).result.solution.duty_by_request == {"R1": "D1"}
    both = done(problem, offered=["R1"]).result
    assert both.solution.duty_by_request == {"R1": "D1", "R2": "D1"}
    loose = with_offers_loose(problem, frozenset({"R1"}))
    assert loose.commitments == ()
    assert [(was.request, was.duty) for was in loose.published] == [("R1", "D1")]
    assert loose.change_budget == 0


def test_several_are_placed_together_and_told_where_else() -> None:
    problem = instance(request("R1"), request("R2"))
    for kind in (RunKind.CONTINUOUS, RunKind.ON_DEMAND):
        found = done(problem, kind)
        assert found.result.solution.served == {"R1", "R2"}
        assert set(found.alternatives) == {"R1", "R2"}


def test_nobody_to_place_keeps_the_promises() -> None:
    problem = instance(
        request("R1"),
        commitments=(commitment("D1", ("R1", "pickup", HOUR), ("R1", "delivery", HOUR + 1200)),),
    )
    assert done(problem).result.solution.duty_by_request == {"R1": "D1"}


def test_cancelled_at_once_there_is_an_answer() -> None:
    problem = instance(request("R1"), request("R2"))
    found = match(
        RunKind.ON_DEMAND, problem, HERE, KNOBS, observer=SilentObserver(), is_cancelled=lambda: True
    )  # fmt: skip
    assert found.alternatives == {}
