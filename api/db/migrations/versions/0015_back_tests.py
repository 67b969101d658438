"""Back-tests: a third kind of simulation. Revision 0015, after 0014; 2026-11-29."""

from __future__ import annotations

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_BEFORE = ("plans", "sweep")
_KINDS = (*_BEFORE, "backtest")

_GO = (
    "DELETE FROM simulation_result WHERE run_id IN (SELECT run_id FROM simulation WHERE kind = 'backtest')",
    "DELETE FROM run_input WHERE run_id IN (SELECT run_id FROM simulation WHERE kind = 'backtest')",
    "DELETE FROM run_event WHERE run_id IN (SELECT run_id FROM simulation WHERE kind = 'backtest')",
    """UPDATE run SET state = 'cancelled' WHERE state IN ('queued', 'running')
        AND id IN (SELECT run_id FROM simulation WHERE kind = 'backtest')""",
    "DELETE FROM simulation WHERE kind = 'backtest'",
)


def _kinds(values: tuple[str, ...]) -> None:
    """Let simulations have these kinds."""
    told = ", ".join(f"'{each}'" for each in values)
    with op.batch_alter_table("simulation") as batch:
        batch.drop_constraint(batch.f("ck_simulation_simulation_kind"), type_="check")
        batch.create_check_constraint(batch.f("ck_simulation_simulation_kind"), f"kind IN ({told})")


def upgrade() -> None:
    """Bring the schema up."""
    _kinds(_KINDS)


def downgrade() -> None:
    """Take it back; back-tests go, with their runs."""
    for statement in _GO:
        op.execute(statement)
    _kinds(_BEFORE)
