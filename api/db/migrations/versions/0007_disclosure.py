"""What stays when something is deleted: records of deletion, anonymised counts, where the log begins.

Revision 0007, after 0006; 2026-11-28. Lines of the log may be deleted from here on, up to an anchor.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from api.db import guards
from api.db.types import UtcDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema up."""
    op.create_table(
        "deletion_record",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=False),
        sa.Column("parameter_set", sa.String(length=60), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("count >= 1", name=op.f("ck_deletion_record_something")),
        sa.PrimaryKeyConstraint("id", name="pk_deletion_record"),
        sa.UniqueConstraint("day", "kind", "parameter_set", name="uq_deletion_record_day_kind_parameter_set"),
    )
    op.create_table(
        "history_entry",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("bezirk", sa.String(length=20), nullable=False),
        sa.Column("destination", sa.String(length=20), nullable=False),
        sa.Column("size", sa.String(length=10), nullable=False),
        sa.Column("has_needs", sa.Boolean(), nullable=False),
        sa.Column("outcome", sa.String(length=40), nullable=False),
        sa.Column("zab", sa.String(length=60), nullable=False),
        sa.Column("hours", sa.String(length=10), nullable=False),
        sa.Column("requests", sa.Integer(), nullable=False),
        sa.CheckConstraint("requests >= 1", name=op.f("ck_history_entry_somebody")),
        sa.PrimaryKeyConstraint(
            "month", "bezirk", "destination", "size", "has_needs", "outcome", "zab", "hours", name="pk_history_entry"
        ),
    )
    op.create_table(
        "audit_anchor",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("parameter_set", sa.String(length=60), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_audit_anchor"),
    )
    for statement in guards.anchor_up(op.get_bind().dialect.name):
        op.execute(statement)


def downgrade() -> None:
    """Take it back."""
    for statement in guards.anchor_down(op.get_bind().dialect.name):
        op.execute(statement)
    op.drop_table("audit_anchor")
    op.drop_table("history_entry")
    op.drop_table("deletion_record")
