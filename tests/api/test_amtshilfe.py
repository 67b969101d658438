"""The table of Amtshilfe: every cell, and what holds of it as a whole; the kinds of tasks."""

from __future__ import annotations

from itertools import product

import pytest

from api import texts
from api.amtshilfe import AMTSHILFE_TABLE, LIVE, AmtshilfeAction, AmtshilfeReason, AmtshilfeState, amtshilfe_actions
from api.tasks import OUTCOMES, DropCode, TaskKind
from api.workflow import Role

S, A = AmtshilfeState, AmtshilfeAction
ZAB = {Role.ZAB_DISPATCHER, Role.ZAB_LEAD}
EXPECTED = {
    (S.OPEN, A.EXAMINE): (S.EXAMINED, ZAB),
    (S.EXAMINED, A.TAKE_OVER): (S.TAKEN_OVER, ZAB),
    (S.EXAMINED, A.DECLINE): (S.DECLINED, ZAB),
    (S.OPEN, A.WITHDRAW): (S.WITHDRAWN, ZAB | {Role.ABH}),
    (S.EXAMINED, A.WITHDRAW): (S.WITHDRAWN, ZAB | {Role.ABH}),
    (S.OPEN, A.LAPSE): (S.LAPSED, {Role.SYSTEM}),
    (S.EXAMINED, A.LAPSE): (S.LAPSED, {Role.SYSTEM}),
}


@pytest.mark.parametrize(("state", "action"), list(product(S, A)), ids=lambda value: value.value)
def test_each_cell(state: AmtshilfeState, action: AmtshilfeAction) -> None:
    cell = AMTSHILFE_TABLE.get((state, action))
    expected = EXPECTED.get((state, action))
    assert (None if cell is None else (cell.to, set(cell.who))) == expected
    for role in Role:
        assert (action in amtshilfe_actions(state, role)) == (expected is not None and role in expected[1])


def test_nobody_takes_over_or_declines_by_silence_or_unexamined() -> None:
    for (state, action), cell in AMTSHILFE_TABLE.items():
        if cell.to in (S.TAKEN_OVER, S.DECLINED):
            assert state is S.EXAMINED
            assert Role.SYSTEM not in cell.who
            assert cell.is_examiners
        assert cell.needs_reason == (action is A.DECLINE)
    assert {state for state, _ in AMTSHILFE_TABLE} == LIVE, "what is decided stays decided"


def test_every_code_has_its_text() -> None:
    assert set(texts.AMTSHILFE_STATES) == set(S)
    assert set(texts.REASON_TEXTS[AmtshilfeReason]) == set(AmtshilfeReason)
    assert set(texts.TASKS) == set(TaskKind) == set(OUTCOMES)
    assert set(texts.DROPS) == set(DropCode)
    for outcomes in OUTCOMES.values():
        assert outcomes is None or set(texts.REASON_TEXTS[outcomes]) == set(outcomes)
