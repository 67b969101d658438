"""Dublin transfers: who is asked first and until when, the form's day; Amtshilfe cases; tasks.

Revision 0006, after 0005; 2026-11-28.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from api.db.types import UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_LIVE = sa.text("state IN ('examined', 'open')")
_OPEN = sa.text("state = 'open'")
_ASKED = sa.text("asked_until IS NOT NULL")


def _one_of(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def _versioned() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
    )


def upgrade() -> None:
    """Bring the schema up."""
    op.add_column("transport_request", sa.Column("asked_until", UtcDateTime(), nullable=True))
    op.add_column("transport_request", sa.Column("asked_because", sa.String(length=40), nullable=True))
    op.add_column("transport_request", sa.Column("form_sent_on", sa.Date(), nullable=True))
    op.create_index(
        "ix_transport_request_asked_until", "transport_request", ["asked_until"], postgresql_where=_ASKED,
        sqlite_where=_ASKED,
    )  # fmt: skip
    op.create_table(
        "amtshilfe_case",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("zab_id", sa.Uuid(), nullable=False),
        sa.Column("opener_id", sa.Uuid(), nullable=False),
        sa.Column("municipality_ags", sa.String(length=8), nullable=False),
        sa.Column("assigned_on", sa.Date(), nullable=False),
        sa.Column(
            "state",
            _one_of("amtshilfe_state", "open", "examined", "taken_over", "declined", "withdrawn", "lapsed"),
            nullable=False,
        ),
        sa.Column(
            "code",
            _one_of(
                "amtshilfe_reason", "no_capacity", "deadline_too_near", "first_zab_carries", "data_incomplete",
                "not_assigned_here", "other",
            ),
            nullable=True,
        ),
        sa.Column("remark", sa.String(length=200), server_default=sa.text("''"), nullable=False),
        *_versioned(),
        sa.CheckConstraint(
            "(state = 'declined') = (code IS NOT NULL)", name=op.f("ck_amtshilfe_case_declined_with_reason")
        ),
        sa.CheckConstraint("length(remark) <= 200", name=op.f("ck_amtshilfe_case_short_remark")),
        sa.ForeignKeyConstraint(
            ["request_id"], ["transport_request.id"], name="fk_amtshilfe_case_request_id_transport_request",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["zab_id"], ["organisation.id"], name="fk_amtshilfe_case_zab_id_organisation"),
        sa.ForeignKeyConstraint(["opener_id"], ["organisation.id"], name="fk_amtshilfe_case_opener_id_organisation"),
        sa.PrimaryKeyConstraint("id", name="pk_amtshilfe_case"),
    )  # fmt: skip
    op.create_index(
        "uq_amtshilfe_case_live", "amtshilfe_case", ["request_id"], unique=True, postgresql_where=_LIVE,
        sqlite_where=_LIVE,
    )  # fmt: skip
    op.create_index("ix_amtshilfe_case_request", "amtshilfe_case", ["request_id", "zab_id"])
    op.create_index("ix_amtshilfe_case_zab", "amtshilfe_case", ["zab_id", "state", "id"])
    op.create_index("ix_amtshilfe_case_opener", "amtshilfe_case", ["opener_id", "id"])
    op.create_table(
        "task",
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("state", _one_of("task_state", "open", "done", "dropped"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        *_versioned(),
        sa.CheckConstraint("(state = 'open') = (code IS NULL)", name=op.f("ck_task_outcome")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name="fk_task_organisation_id_organisation"),
        sa.ForeignKeyConstraint(
            ["request_id"], ["transport_request.id"], name="fk_task_request_id_transport_request", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_task"),
    )
    op.create_index(
        "uq_task_open", "task", ["organisation_id", "kind", "request_id"], unique=True, postgresql_where=_OPEN,
        sqlite_where=_OPEN,
    )  # fmt: skip
    op.create_index("ix_task_list", "task", ["organisation_id", "state", "due_at", "id"])
    op.create_index("ix_task_request", "task", ["request_id", "kind"])
    op.create_index("ix_task_open", "task", ["request_id"], postgresql_where=_OPEN, sqlite_where=_OPEN)


def downgrade() -> None:
    """Take it back."""
    op.drop_table("task")
    op.drop_table("amtshilfe_case")
    op.drop_index("ix_transport_request_asked_until", "transport_request")
    with op.batch_alter_table("transport_request") as batch:
        batch.drop_column("form_sent_on")
        batch.drop_column("asked_because")
        batch.drop_column("asked_until")
