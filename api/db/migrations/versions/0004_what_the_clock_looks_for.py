"""What the clock looks for, by indexes of just that: bars that end, live offers by when they must be answered.

Bars of requests that have ended for good go, and with them those that are over.

Revision 0004, after 0003; 2026-11-28.
"""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from api.db.types import UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_FINAL = ("cancelled", "handed_over")
_WAITING = ("pooled", "expired")
_TIMED = "until IS NOT NULL"
_LIVE = "standing = 'live'"


def upgrade() -> None:
    """Bring the schema up."""
    request = sa.table("transport_request", sa.column("id", sa.Uuid()), sa.column("state", sa.String()))
    bar = sa.table("bar", sa.column("request_id", sa.Uuid()), sa.column("until", UtcDateTime()))
    of_final = sa.exists().where(request.c.id == bar.c.request_id, request.c.state.in_(_FINAL))
    # Those of waiting requests are left to the clock, which has them matched again.
    waits = sa.exists().where(request.c.id == bar.c.request_id, request.c.state.in_(_WAITING))
    is_over = sa.and_(bar.c.until <= datetime.now(UTC), ~waits)
    op.execute(bar.delete().where(sa.or_(of_final, is_over)))
    op.create_index(
        "ix_bar_until", "bar", ["until"], postgresql_where=sa.text(_TIMED), sqlite_where=sa.text(_TIMED)
    )  # fmt: skip
    op.drop_index("ix_proposal_respond_by", "proposal")
    op.create_index(
        "ix_proposal_respond_by", "proposal", ["respond_by", "id", "request_id"],
        postgresql_where=sa.text(_LIVE), sqlite_where=sa.text(_LIVE),
    )  # fmt: skip


def downgrade() -> None:
    """Take it back; what is gone served nothing."""
    op.drop_index("ix_proposal_respond_by", "proposal")
    op.create_index("ix_proposal_respond_by", "proposal", ["standing", "respond_by"])
    op.drop_index("ix_bar_until", "bar")
