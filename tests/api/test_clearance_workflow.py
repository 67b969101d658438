"""The table of clearances: every cell for every kind and role, the times, and when one is red."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from api.clearance_workflow import (
    AGAINST,
    BODY_OF,
    CLEAR,
    LIVE,
    OPEN,
    TABLE,
    ClearanceAction,
    ClearanceKind,
    ClearanceState,
    NotAllowed,
    Party,
    actions,
    due,
    is_due,
    is_red,
    limits,
    party_of,
    transition,
)
from api.workflow import Role

PICKUP = datetime(2026, 10, 5, 5, tzinfo=UTC)
S, A = ClearanceState, ClearanceAction
EXPECTED = {
    (S.NEEDED, A.APPLY): (S.APPLIED, Party.BODY),
    (S.REFUSED, A.APPLY): (S.APPLIED, Party.BODY),
    (S.ALTERNATIVE, A.APPLY): (S.APPLIED, Party.BODY),
    (S.APPLIED, A.EXTEND): (S.APPLIED, Party.BODY),
    (S.APPLIED, A.GRANT): (S.GRANTED, Party.BODY),
    (S.APPLIED, A.REFUSE): (S.REFUSED, Party.BODY),
    (S.GRANTED, A.REFUSE): (S.REFUSED, Party.BODY),
    (S.APPLIED, A.OFFER_DATE): (S.ALTERNATIVE, Party.BODY),
    (S.GRANTED, A.OFFER_DATE): (S.ALTERNATIVE, Party.BODY),
    (S.REFUSED, A.OFFER_DATE): (S.ALTERNATIVE, Party.BODY),
    (S.ALTERNATIVE, A.ACCEPT_DATE): (S.NOT_NEEDED, Party.OWNER),
    (S.ALTERNATIVE, A.DECLINE_DATE): (S.NEEDED, Party.OWNER),
} | {
    (state, action): (S.NOT_NEEDED, party)
    for state in (S.NEEDED, S.APPLIED, S.GRANTED, S.REFUSED, S.ALTERNATIVE)
    for action, party in ((A.WITHDRAW, Party.OWNER), (A.LAPSE, Party.SYSTEM))
}
"""Written by hand: what the table must say, and nothing else."""


@dataclass(frozen=True)
class Asked:
    kind: ClearanceKind
    state: ClearanceState


@pytest.mark.parametrize(("kind", "state", "action"), list(product(ClearanceKind, S, A)), ids=lambda value: value.value)
def test_each_cell_is_open_to_whom_it_names_and_to_nobody_else(
    kind: ClearanceKind, state: ClearanceState, action: ClearanceAction
) -> None:
    expected = EXPECTED.get((state, action))
    if action is A.WITHDRAW and kind is ClearanceKind.TRANSIT:
        expected = None
    named = {Party.BODY: BODY_OF[kind], Party.OWNER: Role.ABH, Party.SYSTEM: Role.SYSTEM}
    for role in Role:
        if expected is not None and role is named[expected[1]]:
            assert transition(kind, state, action, role).to is expected[0]
            assert action in actions(kind, state, role)
        else:
            with pytest.raises(NotAllowed) as caught:
                transition(kind, state, action, role)
            assert caught.value.exists == (expected is not None)
            assert caught.value.allowed == actions(kind, state, role)
            assert action not in caught.value.allowed


def test_the_table_has_nothing_more() -> None:
    assert set(TABLE) == set(EXPECTED)


def test_zfa_asks_for_transit_and_zrk_for_medical_reception_never_the_other_way_round() -> None:
    assert party_of(ClearanceKind.TRANSIT, Role.ZFA) is Party.BODY
    assert party_of(ClearanceKind.MEDICAL_RECEPTION, Role.ZRK) is Party.BODY
    assert party_of(ClearanceKind.TRANSIT, Role.ZRK) is None
    assert party_of(ClearanceKind.MEDICAL_RECEPTION, Role.ZFA) is None


def test_an_abh_applies_for_nothing_itself() -> None:
    """The decree, measures 1 and 2: ZRK and ZFA apply for the ABHs."""
    for kind, state in product(ClearanceKind, S):
        assert not actions(kind, state, Role.ABH) & {A.APPLY, A.EXTEND, A.GRANT, A.REFUSE, A.OFFER_DATE}


def test_the_clock_consents_to_nothing() -> None:
    assert {action for (_, action), cell in TABLE.items() if cell.who is Party.SYSTEM} == {A.LAPSE}
    assert all(cell.who is Party.BODY for cell in TABLE.values() if cell.to is S.GRANTED)


def test_a_refusal_says_why_and_an_alternative_when() -> None:
    assert {action for (_, action), cell in TABLE.items() if cell.needs_code} == {A.REFUSE}
    assert {action for (_, action), cell in TABLE.items() if cell.needs_date} == {A.OFFER_DATE}


def test_groups_are_what_they_say() -> None:
    assert set(S) == OPEN | AGAINST | CLEAR
    assert not OPEN & AGAINST
    assert not (OPEN | AGAINST) & CLEAR
    assert set(S) - LIVE == {S.NOT_NEEDED}


def test_two_days_to_apply_and_two_to_answer() -> None:
    apply_by, decide_by = due(limits(ClearanceKind.TRANSIT, PICKUP), PICKUP)
    assert apply_by == PICKUP - timedelta(days=2)
    assert decide_by == PICKUP
    assert limits(ClearanceKind.TRANSIT, PICKUP).extension == timedelta(days=2)


@pytest.mark.parametrize("kind", list(ClearanceKind))
def test_an_open_one_is_red_from_24_hours_before_the_pick_up(kind: ClearanceKind) -> None:
    edge = PICKUP - timedelta(hours=24)
    for state in OPEN:
        assert not is_red(Asked(kind, state), PICKUP, edge - timedelta(seconds=1))
        assert is_red(Asked(kind, state), PICKUP, edge)
        assert is_red(Asked(kind, state), PICKUP, PICKUP + timedelta(hours=1))


@pytest.mark.parametrize("kind", list(ClearanceKind))
def test_a_refusal_is_red_at_once_and_a_consent_never(kind: ClearanceKind) -> None:
    for ahead in (timedelta(days=20), timedelta(hours=1)):
        assert all(is_red(Asked(kind, state), PICKUP, PICKUP - ahead) for state in AGAINST)
        assert not any(is_red(Asked(kind, state), PICKUP, PICKUP - ahead) for state in CLEAR)


def test_the_warning_comes_two_days_before() -> None:
    edge = PICKUP - timedelta(hours=48)
    for state in OPEN | AGAINST:
        assert not is_due(Asked(ClearanceKind.TRANSIT, state), PICKUP, edge - timedelta(seconds=1))
        assert is_due(Asked(ClearanceKind.TRANSIT, state), PICKUP, edge)
    assert not any(is_due(Asked(ClearanceKind.TRANSIT, state), PICKUP, PICKUP) for state in CLEAR)
