"""What the nightly run catches up on for reports, by an index of just that. Revision 0011, after 0010; 2026-11-29."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_UNREPORTED = "reported_id IS NULL AND state IN ('cancelled', 'failed', 'handed_over', 'returned', 'stopped')"


def upgrade() -> None:
    """Bring the schema up."""
    op.create_index(
        "ix_transport_request_unreported", "transport_request", ["id"],
        postgresql_where=sa.text(_UNREPORTED), sqlite_where=sa.text(_UNREPORTED),
    )  # fmt: skip


def downgrade() -> None:
    """Take it back."""
    op.drop_index("ix_transport_request_unreported", "transport_request")
