"""Facts for reports hold whole minutes, rounded up, instead of seconds. Revision 0014, after 0013; 2026-11-29."""

from __future__ import annotations

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_TO_MINUTES = """UPDATE measure_fact
    SET custody_seconds = (custody_seconds + 59) / 60, on_board_seconds = (on_board_seconds + 59) / 60"""
_TO_SECONDS = "UPDATE measure_fact SET custody_seconds = custody_seconds * 60, on_board_seconds = on_board_seconds * 60"
_AMOUNTS = ("custody", "on_board")


def upgrade() -> None:
    """Bring the schema up; the checks on the columns follow their names."""
    op.execute(_TO_MINUTES)
    for each in _AMOUNTS:
        op.execute(f"ALTER TABLE measure_fact RENAME COLUMN {each}_seconds TO {each}_minutes")


def downgrade() -> None:
    """Take it back; which seconds they were nobody knows any more."""
    for each in _AMOUNTS:
        op.execute(f"ALTER TABLE measure_fact RENAME COLUMN {each}_minutes TO {each}_seconds")
    op.execute(_TO_SECONDS)
