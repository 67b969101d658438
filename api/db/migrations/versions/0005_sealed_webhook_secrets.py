"""Secrets of webhooks stand where sealed bytes do; `restplatz migrate` seals them right after, for it has the keys.

Revision 0005, after 0004; 2026-11-28.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_TABLE = sa.table(
    "webhook_endpoint", sa.column("sealed", sa.LargeBinary()), sa.column("secret", sa.String()),
    sa.column("is_active", sa.Boolean()),
)  # fmt: skip
_SECRET, _SEALED = _TABLE.c.secret, _TABLE.c.sealed
_BYTES = {"postgresql": sa.func.convert_to(_SECRET, "UTF8"), "sqlite": sa.cast(_SECRET, sa.LargeBinary())}
_TEXT = {"postgresql": sa.func.convert_from(_SEALED, "UTF8"), "sqlite": sa.cast(_SEALED, sa.String())}


def upgrade() -> None:
    """Bring the schema up."""
    # Columns one by one: a table rebuilt on SQLite would take the messages that refer to it along.
    op.add_column(
        "webhook_endpoint", sa.Column("sealed", sa.LargeBinary(), server_default=sa.text("''"), nullable=False)
    )  # fmt: skip
    op.execute(_TABLE.update().values(sealed=_BYTES[op.get_bind().dialect.name]))
    op.drop_column("webhook_endpoint", "secret")


def downgrade() -> None:
    """Take it back: what is sealed opens nowhere here, so its endpoints are off until their secret is rotated."""
    op.add_column(
        "webhook_endpoint", sa.Column("secret", sa.String(length=120), server_default=sa.text("''"), nullable=False)
    )  # fmt: skip
    text = _TEXT[op.get_bind().dialect.name]
    op.execute(_TABLE.update().where(text.startswith("whsec")).values(secret=text))
    op.execute(_TABLE.update().where(_SECRET == "").values(is_active=False))
    op.drop_column("webhook_endpoint", "sealed")
