"""Scenarios, simulations and their results; questions about a plan are runs of a kind of their own.

Revision 0013, after 0012; 2026-11-29. Until now questions were the only runs of kind ``simulation``.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from api.db.types import UtcDateTime

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_BEFORE = ("continuous", "on_demand", "nightly", "simulation")
_KINDS = ("continuous", "on_demand", "nightly", "question", "simulation")


def _one_of(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def _document() -> sa.JSON:
    return sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")


def _kinds(values: tuple[str, ...]) -> None:
    """Let runs have these kinds."""
    told = ", ".join(f"'{each}'" for each in values)
    with op.batch_alter_table("run") as batch:
        batch.drop_constraint(batch.f("ck_run_run_kind"), type_="check")
        batch.create_check_constraint(batch.f("ck_run_run_kind"), f"kind IN ({told})")


def upgrade() -> None:
    """Bring the schema up."""
    _kinds(_KINDS)
    op.execute("UPDATE run SET kind = 'question' WHERE kind = 'simulation'")
    op.create_table(
        "scenario",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("content", _document(), nullable=False),
        sa.Column("is_shared", sa.Boolean(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("length(name) >= 1", name=op.f("ck_scenario_named")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name="fk_scenario_organisation_id_organisation"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_scenario"),
        sa.UniqueConstraint("organisation_id", "name", name=op.f("uq_scenario_organisation_id_name")),
    )
    op.create_index("ix_scenario_shared", "scenario", ["is_shared", "id"])
    op.create_table(
        "simulation",
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("kind", _one_of("simulation_kind", "plans", "sweep"), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("wanted", _document(), nullable=False),
        sa.Column("scenarios", _document(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.CheckConstraint("days >= 1", name=op.f("ck_simulation_days")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name="fk_simulation_organisation_id_organisation"
        ),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name="fk_simulation_run_id_run", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("run_id", name="pk_simulation"),
    )
    op.create_index("ix_simulation_organisation", "simulation", ["organisation_id", "run_id"])
    op.create_table(
        "simulation_result",
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("scenario", sa.String(80), nullable=False),
        sa.Column("draw", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("outcome", _document(), nullable=False),
        sa.Column("plan", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name="fk_simulation_result_run_id_run", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("run_id", "scenario", "draw", name="pk_simulation_result"),
    )


def downgrade() -> None:
    """Take it back; simulations go, questions have the kind that they had."""
    op.drop_table("simulation_result")
    op.drop_table("simulation")
    op.drop_table("scenario")
    op.execute("DELETE FROM run_input WHERE run_id IN (SELECT id FROM run WHERE kind = 'simulation')")
    op.execute("DELETE FROM run_event WHERE run_id IN (SELECT id FROM run WHERE kind = 'simulation')")
    op.execute("DELETE FROM run WHERE kind = 'simulation'")
    op.execute("UPDATE run SET kind = 'simulation' WHERE kind = 'question'")
    _kinds(_BEFORE)
