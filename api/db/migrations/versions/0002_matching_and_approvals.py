"""What a match leaves on a request, the first round's ZAB, pick-up addresses, approvals, reminders.

Revision 0002, after 0001; 2026-11-23.
"""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from api.db.guards import statements_down, statements_up
from api.db.types import UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_DOCUMENT = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

_INDEXES = (
    ("duty", "ix_duty_begin", ["starts_at", "id"]),
    ("duty", "ix_duty_zab", ["zab_id", "starts_at", "id"]),
    ("duty", "ix_duty_changed", ["updated_at"]),
    ("away", "ix_away_ends_at", ["ends_at"]),
    ("transport_request", "ix_transport_request_all", ["organisation_id", "id"]),
    ("transport_request", "ix_transport_request_case", ["case_reference"]),
    ("decision", "ix_decision_action", ["action", "created_at"]),
    ("run", "ix_run_state", ["state", "id"]),
    ("proposal", "ix_proposal_all", ["zab_id", "id"]),
    ("proposal", "ix_proposal_pickup", ["zab_id", "pickup_at"]),
    ("audit_entry", "ix_audit_entry_account", ["account_id", "number"]),
    ("audit_entry", "ix_audit_entry_action", ["action", "number"]),
    ("outbox_message", "ix_outbox_message_endpoint", ["endpoint_id", "id"]),
    ("notice", "ix_notice_all", ["organisation_id", "id"]),
    ("notice", "ix_notice_subject", ["subject_id"]),
)
"""For lists and looks that years of history would slow down."""
_LIVE_RUNS = {
    "uq_run_live_horizon": "state IN ('queued', 'running') AND kind IN ('on_demand', 'nightly')",
    "uq_run_live_match": "state IN ('queued', 'running') AND kind = 'continuous'",
}
"""A match of single requests may go on beside a long run of the same days."""
_PINNED = "pinned_duty_id IS NOT NULL"
_DUTIES = {
    "ix_duty_horizon": (["starts_at", "ends_at"], ["ends_at", "starts_at"]),
    "ix_duty_crew": (["crew_id", "starts_at"], ["crew_id", "ends_at"]),
    "ix_duty_vehicle": (["vehicle_id", "starts_at"], ["vehicle_id", "ends_at"]),
}
"""Before and after: what has not ended yet is little, what had begun before is all the years."""


def _each(statements: Callable[[str], tuple[str, ...]]) -> None:
    for statement in statements(op.get_bind().dialect.name):
        op.execute(statement)


def upgrade() -> None:
    """Bring the schema up."""
    with op.batch_alter_table("transport_request") as batch:
        batch.add_column(sa.Column("asked_zab_id", sa.Uuid(), nullable=True))
        batch.add_column(sa.Column("matched_at", UtcDateTime(), nullable=True))
        batch.add_column(sa.Column("reasons", _DOCUMENT, nullable=True))
        batch.create_foreign_key(
            "fk_transport_request_asked_zab_id_organisation", "organisation", ["asked_zab_id"], ["id"]
        )
        batch.create_index("ix_transport_request_fall_back", ["state", "fall_back_at"])
    # Batches of SQLite rebuild the table, and drop its triggers with it: the guards on duties are put up again.
    _each(statements_down)
    with op.batch_alter_table("duty") as batch:
        batch.add_column(sa.Column("tolerance_seconds", sa.Integer(), server_default=sa.text("0"), nullable=False))
        batch.create_check_constraint("tolerance", "tolerance_seconds >= 0")
    _each(statements_up)
    with op.batch_alter_table("proposal") as batch:
        batch.add_column(sa.Column("reminders_sent", sa.Integer(), server_default=sa.text("0"), nullable=False))
        batch.create_index("ix_proposal_request", ["request_id", "id"])
    op.add_column(
        "account", sa.Column("must_change_password", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
    op.create_table(
        "worker_seen",
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_worker_seen"),
    )
    op.create_table(
        "pickup_address",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["transport_request.id"],
            name="fk_pickup_address_request_id_transport_request",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("request_id", name="pk_pickup_address"),
    )
    op.create_table(
        "approval",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("payload", _DOCUMENT, nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "pending",
                "agreed",
                "refused",
                "withdrawn",
                name="approval_state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("second_id", sa.Uuid(), nullable=True),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("second_id IS NULL OR second_id <> account_id", name="ck_approval_second_is_another"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_approval_account_id_account"),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name="fk_approval_organisation_id_organisation"
        ),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["transport_request.id"],
            name="fk_approval_request_id_transport_request",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["second_id"], ["account.id"], name="fk_approval_second_id_account"),
        sa.PrimaryKeyConstraint("id", name="pk_approval"),
    )
    op.create_index("ix_approval_request_id", "approval", ["request_id"])
    op.create_index("ix_approval_pending", "approval", ["organisation_id", "state", "id"])
    for table, name, columns in _INDEXES:
        op.create_index(name, table, columns)
    op.create_index(
        "ix_transport_request_pinned", "transport_request", ["pinned_duty_id"],
        postgresql_where=sa.text(_PINNED), sqlite_where=sa.text(_PINNED),
    )  # fmt: skip
    for name, (_, after) in _DUTIES.items():
        op.drop_index(name, "duty")
        op.create_index(name, "duty", after)
    op.drop_index("uq_run_live_horizon", "run")
    for name, where in _LIVE_RUNS.items():
        op.create_index(
            name, "run", ["horizon"], unique=True, postgresql_where=sa.text(where), sqlite_where=sa.text(where)
        )  # fmt: skip
    # What a ZAB lifts for itself the owner, or another ZAB, may lift too.
    op.drop_index("uq_override_request_rule", "override")
    op.create_index("uq_override_request_rule", "override", ["request_id", "rule", "account_id"], unique=True)


def downgrade() -> None:
    """Take it back."""
    op.drop_index("uq_override_request_rule", "override")
    op.create_index("uq_override_request_rule", "override", ["request_id", "rule"], unique=True)
    for name in _LIVE_RUNS:
        op.drop_index(name, "run")
    before_matches = sa.text("state IN ('queued', 'running') AND kind <> 'simulation'")
    op.create_index(
        "uq_run_live_horizon", "run", ["horizon"], unique=True, postgresql_where=before_matches,
        sqlite_where=before_matches,
    )  # fmt: skip
    for name, (before, _) in _DUTIES.items():
        op.drop_index(name, "duty")
        op.create_index(name, "duty", before)
    op.drop_index("ix_transport_request_pinned", "transport_request")
    for table, name, _ in reversed(_INDEXES):
        op.drop_index(name, table)
    op.drop_table("approval")
    op.drop_table("pickup_address")
    op.drop_table("worker_seen")
    op.drop_column("account", "must_change_password")
    _each(statements_down)
    with op.batch_alter_table("duty") as batch:
        batch.drop_constraint("tolerance", type_="check")
        batch.drop_column("tolerance_seconds")
    _each(statements_up)
    with op.batch_alter_table("proposal") as batch:
        batch.drop_index("ix_proposal_request")
        batch.drop_column("reminders_sent")
    with op.batch_alter_table("transport_request") as batch:
        batch.drop_index("ix_transport_request_fall_back")
        batch.drop_constraint("fk_transport_request_asked_zab_id_organisation", type_="foreignkey")
        batch.drop_column("reasons")
        batch.drop_column("matched_at")
        batch.drop_column("asked_zab_id")
