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


def downgrade() -> None:
    """Take it back."""
    op.drop_table("approval")
    op.drop_table("pickup_address")
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
