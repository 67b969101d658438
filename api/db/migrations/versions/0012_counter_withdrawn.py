"""A ZAB may take its counter-proposal back: decisions learn ``withdraw_counter``. Revision 0012, after 0011; 2026-11-29."""

from __future__ import annotations

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_ACTIONS = (
    "ask", "reject", "accept", "pool", "amend", "propose", "assign", "lose", "confirm", "confirm_provisionally",
    "meet_condition", "lapse", "counter", "accept_counter", "refuse_counter", "decline_bar", "decline_correct",
    "decline_wait", "decline_escalate", "correct", "settle", "return_decline", "expire", "resume", "back_out",
    "move_date", "freeze", "thaw", "depart", "hand_over", "fail", "cancel", "stop", "lift_stop", "return_to_abh",
)  # fmt: skip


def upgrade() -> None:
    """Bring the schema up."""
    _let_decisions_be((*_ACTIONS, "withdraw_counter"))


def downgrade() -> None:
    """Take it back. The offer stood again: the older schema has no other word for it than that it was made."""
    op.execute("UPDATE decision SET action = 'propose' WHERE action = 'withdraw_counter'")
    _let_decisions_be(_ACTIONS)


def _let_decisions_be(actions: tuple[str, ...]) -> None:
    listed = ", ".join(f"'{each}'" for each in actions)
    with op.batch_alter_table("decision") as batch:
        batch.drop_constraint(batch.f("ck_decision_decision_action"), type_="check")
        batch.create_check_constraint(batch.f("ck_decision_decision_action"), f"action IN ({listed})")
