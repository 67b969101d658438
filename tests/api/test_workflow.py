"""The table of states: every cell, and what holds of the table as a whole."""

from __future__ import annotations

from itertools import product

import pytest

from api.workflow import (
    CLASS_OF,
    DECLINE_OF,
    ENDED,
    FINAL,
    OFFERED,
    OPEN,
    PROMISED,
    SHUT,
    TABLE,
    TAKEN_BACK_BY,
    WAITING,
    Action,
    DeclineClass,
    DeclineCode,
    NotAllowed,
    Role,
    State,
    actions,
    transition,
)

PEOPLE = frozenset(Role) - {Role.SYSTEM}


@pytest.mark.parametrize(("state", "action"), list(product(State, Action)), ids=lambda value: value.value)
def test_each_cell_is_open_to_its_roles_and_to_nobody_else(state: State, action: Action) -> None:
    cell = TABLE.get((state, action))
    for role in Role:
        if cell is not None and role in cell.who:
            assert transition(state, action, role) is cell
            assert action in actions(state, role)
        else:
            with pytest.raises(NotAllowed) as caught:
                transition(state, action, role)
            assert caught.value.allowed == actions(state, role)
            assert caught.value.exists == (cell is not None and cell.who != {Role.SYSTEM})
            assert action.value in str(caught.value)


def reachable(start: State, without: frozenset[Action] = frozenset()) -> set[State]:
    found, left = {start}, [start]
    while left:
        at = left.pop()
        for (state, action), cell in TABLE.items():
            if state is at and action not in without and cell.to not in found:
                found.add(cell.to)
                left.append(cell.to)
    return found


def test_every_state_can_be_reached_and_every_open_one_ends() -> None:
    assert reachable(State.DRAFT) == set(State)
    for state in OPEN:
        assert reachable(state) & ENDED


def test_silence_and_solver_never_promise() -> None:
    """Humane rule 7: a person gives every Zusage."""
    for (state, action), cell in TABLE.items():
        if Role.SYSTEM in cell.who and cell.to in PROMISED:
            assert (state, action) == (State.CONFIRMED, Action.FREEZE), (state, action)
            assert state in PROMISED, "it was promised before"


def test_only_a_zab_promises_unless_an_abh_accepts_its_counter_proposal() -> None:
    for (state, action), cell in TABLE.items():
        if cell.to in PROMISED and state not in PROMISED and action is not Action.ACCEPT_COUNTER:
            assert cell.who <= {Role.ZAB_DISPATCHER, Role.ZAB_LEAD}, (state, action)


def test_stop_works_from_every_open_state_and_only_the_owner_lifts_it_with_a_second_person() -> None:
    for state in State:
        assert ((state, Action.STOP) in TABLE) == (state in OPEN)
    assert all(TABLE[state, Action.STOP].to is State.STOPPED for state in OPEN)
    assert all(Role.ABH in TABLE[state, Action.STOP].who for state in OPEN)
    lifted = TABLE[State.STOPPED, Action.LIFT_STOP]
    assert (lifted.who, lifted.needs_second, lifted.needs_reason) == (frozenset({Role.ABH}), True, True)


def test_anybody_s_refusal_needs_a_reason() -> None:
    wanting = {
        Action.REJECT, Action.DECLINE_BAR, Action.DECLINE_CORRECT, Action.DECLINE_WAIT, Action.DECLINE_ESCALATE,
        Action.BACK_OUT, Action.CANCEL, Action.STOP, Action.FAIL, Action.COUNTER, Action.CONFIRM_PROVISIONALLY,
        Action.RETURN_DECLINE, Action.THAW, Action.LIFT_STOP, Action.SETTLE, Action.MOVE_DATE,
    }  # fmt: skip
    assert {action for (_, action), cell in TABLE.items() if cell.needs_reason} == wanting


def test_observers_change_nothing() -> None:
    for role in (Role.AUDITOR, Role.ADMIN, Role.ZRK):
        assert not any(actions(state, role) for state in State)


def test_each_code_of_a_decline_has_a_class_and_each_class_an_action() -> None:
    assert set(CLASS_OF) == set(DeclineCode)
    assert set(CLASS_OF.values()) == set(DECLINE_OF) == set(DeclineClass)
    for action in DECLINE_OF.values():
        assert (State.PROPOSED, action) in TABLE


def test_each_resting_decline_leaves_a_way_out_to_those_whose_turn_it_is() -> None:
    turns = {DeclineClass.CORRECT: (Role.ABH, Action.CORRECT), DeclineClass.ESCALATE: (Role.ZAB_LEAD, Action.SETTLE)}
    assert set(SHUT) == set(turns)
    for each, (role, way) in turns.items():
        assert TABLE[State.PROPOSED, DECLINE_OF[each]].to is State.DECLINED
        assert all((State.DECLINED, action) in TABLE for action in SHUT[each])
        assert way in actions(State.DECLINED, role) - SHUT[each]
        assert {Action.CANCEL, Action.STOP, Action.RETURN_TO_ABH} <= actions(State.DECLINED, Role.ABH) - SHUT[each]


def test_a_decline_frees_the_offer_and_backing_out_too() -> None:
    for action in (*DECLINE_OF.values(), Action.BACK_OUT):
        for (state, known), cell in TABLE.items():
            if known is action:
                assert state in OFFERED
                assert cell.to not in OFFERED


def test_the_groups_are_what_they_say() -> None:
    assert PROMISED < OFFERED < OPEN
    assert not WAITING & OFFERED
    assert set(State) == OPEN | ENDED
    assert not OPEN & ENDED
    assert {State.HANDED_OVER, State.CANCELLED} == FINAL
    assert FINAL < ENDED


def test_what_the_clock_does_leads_back_to_a_match_or_to_the_abh() -> None:
    for (state, action), cell in TABLE.items():
        if cell.who == {Role.SYSTEM} and action not in (Action.PROPOSE, Action.ASK):
            assert cell.to in {*WAITING, State.RETURNED}, (state, action)
    assert TABLE[State.POOLED, Action.RETURN_TO_ABH].to is State.RETURNED


def test_whom_the_decree_names_is_asked_from_wherever_no_word_was_given() -> None:
    """A Dublin transfer from a state facility, or one taken over as Amtshilfe: never against somebody's promise."""
    asking = {state for (state, action), cell in TABLE.items() if action is Action.ASK and Role.SYSTEM in cell.who}
    assert asking == (OPEN - PROMISED) | {State.FAILED, State.RETURNED}
    assert all(TABLE[state, Action.ASK].to is State.ASKED for state in asking)
    people = {state: TABLE[state, Action.ASK].who - {Role.SYSTEM} for state in asking}
    assert {state for state, who in people.items() if who} == {State.DRAFT}, "an owner asks with a draft alone"


def test_a_first_round_ends_by_an_answer_or_by_its_time_and_both_lead_into_the_pool() -> None:
    assert TABLE[State.ASKED, Action.EXPIRE].to in WAITING
    assert TABLE[State.ASKED, Action.EXPIRE].who == {Role.SYSTEM}
    assert TABLE[State.ASKED, Action.REJECT].needs_reason
    assert TABLE[State.REJECTED, Action.POOL].who == {Role.ABH, Role.SYSTEM}


def test_roles_of_people_are_all_known() -> None:
    assert {role for cell in TABLE.values() for role in cell.who} <= PEOPLE | {Role.SYSTEM}


def test_a_date_moves_by_its_owner_alone_and_never_once_under_way() -> None:
    moves = {state: cell for (state, action), cell in TABLE.items() if action is Action.MOVE_DATE}
    assert set(moves) == PROMISED - {State.UNDER_WAY} | {State.RETURNED}
    assert all(cell.who == {Role.ABH} and cell.to is State.POOLED and cell.needs_reason for cell in moves.values())


def test_what_takes_an_action_back_is_there_where_the_action_leads() -> None:
    for action, back in TAKEN_BACK_BY.items():
        leads_to = {cell.to for (_, of), cell in TABLE.items() if of is action}
        assert leads_to
        assert all((state, back) in TABLE for state in leads_to), action
        # Nobody is told that something may be undone that only the system does.
        assert all(TABLE[state, back].who - {Role.SYSTEM} for state in leads_to)
