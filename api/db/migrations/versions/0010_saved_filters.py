"""Filters of the dispatcher's board, saved by each person under a name. Revision 0010, after 0009; 2026-11-29."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from api.db.types import UtcDateTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema up."""
    op.create_table(
        "saved_filter",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("query", sa.String(600), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("length(name) >= 1", name=op.f("ck_saved_filter_named")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name="fk_saved_filter_account_id_account", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_saved_filter"),
    )
    op.create_index("uq_saved_filter_account_name", "saved_filter", ["account_id", "name"], unique=True)


def downgrade() -> None:
    """Take it back."""
    op.drop_table("saved_filter")
