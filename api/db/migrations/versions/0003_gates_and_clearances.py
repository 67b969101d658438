"""What the decree's other measures stand on: gates of a request, clearances, records of what was sent.

Revision 0003, after 0002; 2026-11-28.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from api.db.types import UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_DOCUMENT = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_LIVE = sa.text("state <> 'not_needed'")


def _one_of(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    """Bring the schema up."""
    op.add_column("transport_request", sa.Column("gates", _DOCUMENT, server_default=sa.text("'{}'"), nullable=False))
    op.create_table(
        "clearance",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("kind", _one_of("clearance_kind", "transit", "medical_reception"), nullable=False),
        sa.Column(
            "state",
            _one_of("clearance_state", "needed", "applied", "granted", "refused", "alternative", "not_needed"),
            nullable=False,
        ),
        sa.Column("subject", sa.String(length=60), nullable=False),
        sa.Column("apply_by", UtcDateTime(), nullable=False),
        sa.Column("decide_by", UtcDateTime(), nullable=False),
        sa.Column("applied_at", UtcDateTime(), nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("alternative_on", sa.Date(), nullable=True),
        sa.Column("reference", sa.String(length=60), nullable=True),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "(state = 'alternative') = (alternative_on IS NOT NULL)", name=op.f("ck_clearance_alternative")
        ),
        sa.CheckConstraint(
            "state NOT IN ('granted', 'refused', 'alternative') OR decided_at IS NOT NULL",
            name=op.f("ck_clearance_decided"),
        ),
        sa.ForeignKeyConstraint(
            ["request_id"], ["transport_request.id"], name="fk_clearance_request_id_transport_request",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_clearance"),
    )  # fmt: skip
    op.create_index("ix_clearance_request_id", "clearance", ["request_id"])
    op.create_index("ix_clearance_list", "clearance", ["kind", "state", "decide_by", "id"])
    op.create_index(
        "uq_clearance_live", "clearance", ["request_id", "kind"], unique=True, postgresql_where=_LIVE,
        sqlite_where=_LIVE,
    )  # fmt: skip
    op.create_table(
        "dispatch_record",
        sa.Column("clearance_id", sa.Uuid(), nullable=False),
        sa.Column("office", sa.String(length=60), nullable=False),
        sa.Column("documents", sa.String(length=400), nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clearance_id"], ["clearance.id"], name="fk_dispatch_record_clearance_id_clearance", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_dispatch_record_account_id_account"),
        sa.PrimaryKeyConstraint("id", name="pk_dispatch_record"),
    )
    op.create_index("ix_dispatch_record_clearance", "dispatch_record", ["clearance_id", "id"])


def downgrade() -> None:
    """Take it back."""
    op.drop_table("dispatch_record")
    op.drop_table("clearance")
    with op.batch_alter_table("transport_request") as batch:
        batch.drop_column("gates")
