"""Rules between a request and a duty, whatever the tour."""

from __future__ import annotations

from typing import Any

import pytest

from optimizer.model import AgeBand, Instance, Licence, Need, Rule
from tests.builders import (
    FATHER_AND_SON,
    TourBuilder,
    commitment,
    crew,
    duty,
    fleet,
    instance,
    party,
    people,
    request,
    shift,
    vehicle,
    zab,
)
from tests.verify.judge import ROAD, broken

OK: set[Rule] = set()
PROMISED = (commitment("D1", ("R1", "pickup", 1000), ("R1", "delivery", 2000)),)


def _ride(problem: Instance, duty: str = "D1") -> set[Rule]:
    return broken(problem, TourBuilder(problem, ROAD, duty).ride("R1").build())


@pytest.mark.parametrize(
    ("asked", "has", "expected"),
    [
        (set(), set(), OK),
        ({"lift"}, {"lift", "screen"}, OK),
        ({"lift", "screen"}, {"lift"}, {Rule.VEHICLE_FEATURES}),
        ({"lift"}, set(), {Rule.VEHICLE_FEATURES}),
    ],
)
@pytest.mark.parametrize("commitments", [(), PROMISED], ids=["pool", "committed"])
def test_features(asked: set[str], has: set[str], expected: set[Rule], commitments: Any) -> None:
    wanted = request("R1", features=frozenset(asked))
    problem = instance(wanted, vehicles=(vehicle(features=frozenset(has)),), commitments=commitments)
    assert _ride(problem) == expected


def test_no_vehicle_carries_lying_passengers() -> None:
    lying = vehicle(features=frozenset({"lying"}))
    problem = instance(request("R1", needs=frozenset({Need.LYING})), vehicles=(lying,))
    assert _ride(problem) == {Rule.VEHICLE_FEATURES}


@pytest.mark.parametrize("need", [Need.DOCTOR, Need.PARAMEDIC, Need.INTERPRETER])
def test_skills(need: Need) -> None:
    wanted = request("R1", needs=frozenset({need}))
    able = crew(skills=frozenset({"doctor", "paramedic", "interpreter"}))
    lacking = crew(skills=able.skills - {need.value})
    assert _ride(instance(wanted, crews=(able,))) == OK
    assert _ride(instance(wanted, crews=(lacking,))) == {Rule.CREW_SKILLS}


@pytest.mark.parametrize(
    ("held", "driven"),
    [("B", "B"), ("C1", "B"), ("C1", "C1"), ("D1", "B"), ("D1", "D1"), ("D", "B"), ("D", "D1"), ("D", "D")],
)
def test_licences_that_cover(held: str, driven: str) -> None:
    assert _ride(_driven(held, driven)) == OK


@pytest.mark.parametrize(
    ("held", "driven"),
    [("B", "C1"), ("B", "D1"), ("B", "D"), ("C1", "D1"), ("C1", "D"), ("D1", "C1"), ("D1", "D"), ("D", "C1")],
)
def test_licences_that_do_not_cover(held: str, driven: str) -> None:
    assert _ride(_driven(held, driven)) == {Rule.LICENCE}


def test_one_licence_of_the_crew_is_enough_and_none_is_not() -> None:
    both = frozenset({Licence.B, Licence.D})
    assert _ride(instance(request("R1"), vehicles=(vehicle(licence=Licence.D),), crews=(crew(licences=both),))) == OK
    assert _ride(instance(request("R1"), crews=(crew(licences=frozenset()),))) == {Rule.LICENCE}


def _driven(held: str, driven: str) -> Instance:
    return instance(
        request("R1"), vehicles=(vehicle(licence=Licence(driven)),), crews=(crew(licences=frozenset({Licence(held)})),)
    )


def test_no_children_in_a_vehicle_that_never_carries_them() -> None:
    barred = (vehicle(carries_children=False),)
    assert _ride(instance(request("R1", party=FATHER_AND_SON))) == OK
    assert _ride(instance(request("R1", party=FATHER_AND_SON), vehicles=barred)) == {Rule.NO_CHILDREN_VEHICLE}
    thirteen = party(people(), people(AgeBand.YOUNG))
    assert _ride(instance(request("R1", party=thirteen), vehicles=barred)) == {Rule.NO_CHILDREN_VEHICLE}
    fourteen = party(people(), people(AgeBand.TEEN))
    assert _ride(instance(request("R1", party=fourteen), vehicles=barred)) == OK


@pytest.mark.parametrize("field", [{"barred_duties": frozenset({"D1"})}, {"barred_zabs": frozenset({"Z1"})}])
def test_whoever_declined_is_not_asked_again(field: dict[str, Any]) -> None:
    # The vehicle is of another ZAB: a duty counts for its crew's.
    problem = instance(
        request("R1", **field),
        zabs=(zab("Z1"), zab("Z2")),
        vehicles=(vehicle("V1", "Z2"), vehicle("V2", "Z1")),
        crews=(crew("C1", "Z1"), crew("C2", "Z2")),
        shifts=(shift("S1", "C1"), shift("S2", "C2")),
        duties=(duty("D1", "S1", "V1"), duty("D2", "S2", "V2")),
    )
    assert _ride(problem, "D1") == {Rule.BARRED}
    assert _ride(problem, "D2") == OK


def test_a_promise_outlives_an_older_rejection() -> None:
    assert _ride(instance(request("R1", barred_zabs=frozenset({"Z1"})), commitments=PROMISED)) == OK


def test_a_pin_holds_or_the_request_stays_unserved() -> None:
    problem = instance(request("R1", pin="D2"), request("R2"), **fleet(2))
    assert _ride(problem, "D2") == OK
    assert _ride(problem, "D1") == {Rule.PIN}
    assert broken(problem, TourBuilder(problem, ROAD, "D1").ride("R2").build()) == OK
