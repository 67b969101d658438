"""Every gate alone, as a pure function: open, blocking, overridden; who can clear it, and what it rests on."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from api import dates_of_law, gate_texts
from api.db.tables_clearances import ClearanceKind, ClearanceState
from api.gates import (
    GATES,
    Announcement,
    CourtOrder,
    Facts,
    Finding,
    Fitness,
    Gate,
    GateState,
    MinorHandover,
    Stated,
    UrgentApplication,
    blocking,
    examine,
)
from api.repositories.gates import is_lone_minor, needs
from api.schemas.gates import CLEAR, Gates, GateShown
from api.workflow import Role
from data.service_parameters import NEVER_LIFTED, service_parameters

RULES = service_parameters(date(2026, 10, 5)).gates
PICKUP = datetime(2026, 10, 6, 5, tzinfo=UTC)
"""Seven in the morning of 6 October, local time."""
FACTS = Facts(stated=Stated.of(CLEAR), pickup_at=PICKUP, now=PICKUP - timedelta(days=5))
TRANSIT, MEDICAL = ClearanceKind.TRANSIT, ClearanceKind.MEDICAL_RECEPTION
EVERY = frozenset(gate.value for gate in Gate)


def stated(**fields: Any) -> Facts:
    return replace(FACTS, stated=replace(FACTS.stated, **fields))


def cleared(kind: ClearanceKind, state: ClearanceState, **fields: Any) -> Facts:
    return replace(FACTS, needs=frozenset({kind}), clearances={kind: state}, **fields)


def minor(handover: MinorHandover | None) -> Facts:
    return replace(stated(unaccompanied_minor=handover), is_lone_minor=True)


def of(gate: Gate, facts: Facts) -> Finding:
    return GATES[gate](facts, RULES)


ANNOUNCED = date(2026, 9, 5)
OPEN = [
    (Gate.COURT_ORDER, stated(court_order=CourtOrder.PRESENT), "present"),
    (Gate.COURT_ORDER, stated(court_order=CourtOrder.NOT_NEEDED), "not_needed"),
    (Gate.URGENT_APPLICATION, stated(urgent_application=UrgentApplication.NONE), "none"),
    (Gate.URGENT_APPLICATION, stated(urgent_application=UrgentApplication.REJECTED), "rejected"),
    (Gate.ANNOUNCEMENT, stated(announcement=Announcement(is_needed=False)), "not_needed"),
    (Gate.ANNOUNCEMENT, stated(announcement=Announcement(is_needed=True, announced_on=ANNOUNCED)), "announced"),
    (Gate.FITNESS_TO_TRAVEL, stated(fitness_to_travel=Fitness.FIT), "fit"),
    (Gate.UNACCOMPANIED_MINOR, minor(MinorHandover.ASSURED), "assured"),
    (Gate.UNACCOMPANIED_MINOR, stated(unaccompanied_minor=MinorHandover.NOT_ASSURED), "not_needed"),
    (Gate.TRANSIT, FACTS, "not_needed"),
    (Gate.TRANSIT, cleared(TRANSIT, ClearanceState.NOT_NEEDED), "not_needed"),
    (Gate.TRANSIT, cleared(TRANSIT, ClearanceState.GRANTED), "granted"),
    (Gate.MEDICAL_RECEPTION, FACTS, "not_needed"),
    (Gate.MEDICAL_RECEPTION, cleared(MEDICAL, ClearanceState.NOT_NEEDED), "not_needed"),
    (Gate.MEDICAL_RECEPTION, cleared(MEDICAL, ClearanceState.GRANTED), "granted"),
]
ABH, ZFA, ZRK = (Role.ABH,), (Role.ZFA,), (Role.ZRK,)
BLOCKING = [
    (Gate.COURT_ORDER, stated(court_order=None), "not_stated", ABH),
    (Gate.URGENT_APPLICATION, stated(urgent_application=None), "not_stated", ABH),
    (Gate.URGENT_APPLICATION, stated(urgent_application=UrgentApplication.PENDING), "pending", ABH),
    (Gate.ANNOUNCEMENT, stated(announcement=None), "not_stated", ABH),
    (Gate.ANNOUNCEMENT, stated(announcement=Announcement(is_needed=True)), "not_announced", ABH),
    (
        Gate.ANNOUNCEMENT,
        stated(announcement=Announcement(is_needed=True, announced_on=ANNOUNCED + timedelta(days=1))),
        "too_early",
        ABH,
    ),
    (Gate.FITNESS_TO_TRAVEL, stated(fitness_to_travel=None), "not_stated", ABH),
    (Gate.FITNESS_TO_TRAVEL, stated(fitness_to_travel=Fitness.UNFIT), "unfit", ABH),
    (Gate.UNACCOMPANIED_MINOR, minor(None), "not_stated", ABH),
    (Gate.UNACCOMPANIED_MINOR, minor(MinorHandover.NOT_ASSURED), "not_assured", ABH),
    (Gate.TRANSIT, replace(FACTS, needs=frozenset({TRANSIT})), "needed", ZFA),
    (Gate.TRANSIT, cleared(TRANSIT, ClearanceState.NEEDED), "needed", ZFA),
    (Gate.TRANSIT, cleared(TRANSIT, ClearanceState.REFUSED), "refused", ZFA + ABH),
    (Gate.TRANSIT, cleared(TRANSIT, ClearanceState.ALTERNATIVE), "alternative", ZFA + ABH),
    (
        Gate.TRANSIT,
        cleared(TRANSIT, ClearanceState.APPLIED, now=PICKUP - timedelta(hours=24)),
        "undecided",
        ZFA + ABH,
    ),
    (Gate.MEDICAL_RECEPTION, replace(FACTS, needs=frozenset({MEDICAL})), "needed", ZRK),
    (Gate.MEDICAL_RECEPTION, cleared(MEDICAL, ClearanceState.NEEDED), "needed", ZRK),
    (Gate.MEDICAL_RECEPTION, cleared(MEDICAL, ClearanceState.APPLIED), "applied", ZRK),
    (Gate.MEDICAL_RECEPTION, cleared(MEDICAL, ClearanceState.REFUSED), "refused", ZRK + ABH),
    (Gate.MEDICAL_RECEPTION, cleared(MEDICAL, ClearanceState.ALTERNATIVE), "alternative", ZRK + ABH),
]
LIFTABLE = {
    (Gate.FITNESS_TO_TRAVEL, "not_stated"), (Gate.MEDICAL_RECEPTION, "needed"), (Gate.MEDICAL_RECEPTION, "applied"),
}  # fmt: skip
"""What two persons may lift as the parameter set stands: never a no, never what a court or a law asks for."""


@pytest.mark.parametrize(("gate", "facts", "code"), OPEN)
def test_open(gate: Gate, facts: Facts, code: str) -> None:
    found = of(gate, facts)
    assert (found.state, found.code, found.blocks) == (GateState.OPEN, code, False)
    assert found.who == ()
    assert not found.may_be_lifted
    assert blocking(examine(facts, RULES)) == (), "alone: all others are open"


@pytest.mark.parametrize(("gate", "facts", "code", "who"), BLOCKING)
def test_blocking(gate: Gate, facts: Facts, code: str, who: tuple[Role, ...]) -> None:
    found = of(gate, facts)
    assert (found.state, found.code, found.who) == (GateState.CLOSED, code, who)
    assert [each.gate for each in blocking(examine(facts, RULES))] == [gate], "alone: no other one closes with it"
    for text in (found.texts, found.actions, found.name):
        assert set(text) == {"de", "en"}
        assert all(text.values())
    assert found.law


@pytest.mark.parametrize(("gate", "facts", "code", "who"), BLOCKING)
def test_overridden(gate: Gate, facts: Facts, code: str, who: tuple[Role, ...]) -> None:
    found = of(gate, replace(facts, lifted=EVERY))
    assert of(gate, facts).may_be_lifted is ((gate, code) in LIFTABLE)
    assert found.state is (GateState.WAIVED if (gate, code) in LIFTABLE else GateState.CLOSED)
    others = replace(facts, lifted=EVERY - {gate.value})
    assert of(gate, others).blocks, "an override of another gate lifts nothing here"
    if (gate, code) in LIFTABLE:
        assert "zweiter Person" in found.texts["de"]
        assert "zweiter Person" in of(gate, facts).actions["de"]


def test_every_gate_is_tried_open_and_blocking() -> None:
    assert {gate for gate, *_ in OPEN} == {gate for gate, *_ in BLOCKING} == set(Gate) == set(GATES)


def test_what_is_not_stated_blocks() -> None:
    found = blocking(examine(Facts(stated=Stated(), pickup_at=PICKUP, now=PICKUP), RULES))
    assert [each.gate for each in found] == [
        Gate.COURT_ORDER, Gate.URGENT_APPLICATION, Gate.ANNOUNCEMENT, Gate.FITNESS_TO_TRAVEL,
    ]  # fmt: skip


@pytest.mark.parametrize(
    "document",
    [
        {}, {"court_order": "perhaps"}, {"court_order": 1}, {"court_order": None, "announcement": {"is_needed": "no"}},
        {"announcement": {"is_needed": True, "announced_on": "soon"}}, {"announcement": [], "fitness_to_travel": ""},
    ],
)  # fmt: skip
def test_a_word_that_is_not_known_states_nothing(document: dict[str, Any]) -> None:
    assert Stated.of(document) == Stated()


# --- announcement -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("announced", "first"),
    [
        (date(2026, 9, 5), date(2026, 10, 6)),
        (date(2026, 1, 31), date(2026, 3, 1)),
        (date(2028, 1, 31), date(2028, 3, 1)),
        (date(2026, 12, 15), date(2027, 1, 16)),
    ],
)
def test_a_month_passes_whole(announced: date, first: date) -> None:
    assert dates_of_law.first_day_after_announcement(announced, 1) == first


def test_the_local_day_of_the_pick_up_counts() -> None:
    facts = stated(announcement=Announcement(is_needed=True, announced_on=ANNOUNCED))
    midnight = datetime(2026, 10, 5, 22, tzinfo=UTC)  # 6 October, 0 h in Düsseldorf
    assert not of(Gate.ANNOUNCEMENT, replace(facts, pickup_at=midnight)).blocks
    early = of(Gate.ANNOUNCEMENT, replace(facts, pickup_at=midnight - timedelta(seconds=1)))
    assert early.blocks
    assert "06.10.2026" in early.texts["de"]
    assert "2026-10-06" in early.actions["en"]


def test_the_term_is_a_parameter() -> None:
    facts = stated(announcement=Announcement(is_needed=True, announced_on=ANNOUNCED))
    longer = replace(RULES, announcement_months=replace(RULES.announcement_months, value=2))
    assert GATES[Gate.ANNOUNCEMENT](facts, longer).code == "too_early"


# --- transit ----------------------------------------------------------------------------------------------------------


def test_an_applied_for_transit_is_a_warning_until_a_day_before() -> None:
    last = PICKUP - timedelta(hours=24)
    before = of(Gate.TRANSIT, cleared(TRANSIT, ClearanceState.APPLIED, now=last - timedelta(seconds=1)))
    assert (before.state, before.is_warning, before.who) == (GateState.OPEN, True, ZFA)
    assert before.texts["de"]
    after = of(Gate.TRANSIT, cleared(TRANSIT, ClearanceState.APPLIED, now=last))
    assert (after.state, after.is_warning) == (GateState.CLOSED, False)
    later = replace(RULES, clearance_hours_before_pickup=replace(RULES.clearance_hours_before_pickup, value=23))
    assert not GATES[Gate.TRANSIT](cleared(TRANSIT, ClearanceState.APPLIED, now=last), later).blocks


def test_only_transit_that_is_granted_is_without_a_warning() -> None:
    assert not of(Gate.TRANSIT, cleared(TRANSIT, ClearanceState.GRANTED, now=PICKUP)).is_warning


# --- parameters and texts ---------------------------------------------------------------------------------------------


def test_what_a_court_or_a_law_asks_for_is_never_lifted() -> None:
    assert not NEVER_LIFTED & set(RULES.may_be_lifted.value)
    assert EVERY - {"fitness_to_travel", "medical_reception"} == NEVER_LIFTED
    for code in sorted(NEVER_LIFTED):
        with pytest.raises(Exception, match="may_be_lifted"):
            replace(RULES, may_be_lifted=replace(RULES.may_be_lifted, value=(code,)))


def test_no_gate_may_be_lifted_where_the_parameter_set_lets_none() -> None:
    strict = replace(RULES, may_be_lifted=replace(RULES.may_be_lifted, value=()))
    for gate, facts, *_ in BLOCKING:
        assert GATES[gate](replace(facts, lifted=EVERY), strict).blocks


def test_every_gate_has_a_name_a_law_and_texts() -> None:
    assert set(gate_texts.GATES) == EVERY == set(RULES.law.value)
    told = {(gate.value, code) for gate, _, code in OPEN} | {(gate.value, code) for gate, _, code, _ in BLOCKING}
    assert told | {("transit", "applied")} == set(gate_texts.SAID)
    for texts, _ in gate_texts.SAID.values():
        assert all(texts)


def test_it_is_shown_whole() -> None:
    shown = GateShown.of(of(Gate.URGENT_APPLICATION, stated(urgent_application=UrgentApplication.PENDING)))
    assert shown.model_dump(mode="json") == {
        "gate": "urgent_application",
        "name": {"de": "Eilantrag", "en": "urgent application"},
        "state": "closed",
        "code": "pending",
        "texts": {
            "de": "Ein Eilantrag ist anhängig: Bis zur Entscheidung findet keine Maßnahme statt.",
            "en": "An urgent application is pending: there is no measure until the court has decided.",
        },
        "actions": {
            "de": "ABH: Entscheidung des Gerichts abwarten.",
            "en": "ABH: wait for the decision of the court.",
        },
        "who": ["abh"],
        "law": "§ 34a Abs. 3 AsylG",
        "is_warning": False,
        "may_be_lifted": False,
    }


# --- from what is stored ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("people", "is_minor"),
    [
        ([{"age": "14-17", "sex": "m", "count": 1}], True),
        ([{"age": "6-11", "sex": "f"}], True),
        ([{"age": "adult", "sex": "f", "count": 1}], False),
        ([{"age": "14-17", "sex": "m", "count": 2}], False),
        ([{"age": "adult", "sex": "f", "count": 1}, {"age": "0-2", "sex": "m", "count": 1}], False),
    ],
)
def test_who_travels_as_an_unaccompanied_minor(people: list[dict[str, Any]], is_minor: bool) -> None:
    assert is_lone_minor({"people": people}) is is_minor


def test_what_a_request_needs_is_in_what_it_says() -> None:
    assert needs({"stop_overs": []}) == frozenset()
    assert needs({"stop_overs": ["IST"], "needs_medical_reception": True}) == {TRANSIT, MEDICAL}


def test_gates_are_stated_strictly() -> None:
    read = Gates.model_validate_json('{"announcement": {"is_needed": true, "announced_on": "2026-09-05"}}')
    assert Stated.of(read.model_dump(mode="json")).announcement == Announcement(is_needed=True, announced_on=ANNOUNCED)
    for wrong in (
        '{"court_order": "perhaps"}', '{"diagnosis": "x"}', '{"announcement": {"is_needed": "yes"}}',
        '{"announcement": {"is_needed": false, "announced_on": "2026-09-05"}}',
    ):  # fmt: skip
        with pytest.raises(ValidationError):
            Gates.model_validate_json(wrong)
