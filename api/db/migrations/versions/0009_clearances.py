"""Clearances that are worked: what each holds for, why refused, who was warned; contacts of the ZRK; guidance.

The check on the actions of a decision learns ``move_date``. Revision 0009, after 0008; 2026-11-28.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from api.db.full_text import statements_down, statements_up
from api.db.types import UtcDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_ACTIONS = (
    "ask", "reject", "accept", "pool", "amend", "propose", "assign", "lose", "confirm", "confirm_provisionally",
    "meet_condition", "lapse", "counter", "accept_counter", "refuse_counter", "decline_bar", "decline_correct",
    "decline_wait", "decline_escalate", "correct", "settle", "return_decline", "expire", "resume", "back_out",
    "freeze", "thaw", "depart", "hand_over", "fail", "cancel", "stop", "lift_stop", "return_to_abh",
)  # fmt: skip
_CLEARANCE_COLUMNS = ("holds_for", "code", "is_extended", "warned_at", "red_at")
_TOPICS = ("medical_reception", "transit", "exchange", "dublin", "resources", "general")


def _one_of(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    """Bring the schema up."""
    _let_decisions_be((*_ACTIONS, "move_date"))
    op.add_column("clearance", sa.Column("holds_for", sa.String(120), server_default=sa.text("''"), nullable=False))
    op.add_column("clearance", sa.Column("code", sa.String(40), nullable=True))
    op.add_column("clearance", sa.Column("is_extended", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column("clearance", sa.Column("warned_at", UtcDateTime(), nullable=True))
    op.add_column("clearance", sa.Column("red_at", UtcDateTime(), nullable=True))
    op.create_table(
        "contact",
        sa.Column("state", sa.String(2), nullable=False),
        sa.Column(
            "body",
            _one_of(
                "contact_body", "embassy", "consulate", "health_authority", "clinic", "reception_centre",
                "border_authority", "ministry", "other",
            ),
            nullable=False,
        ),
        sa.Column("office", sa.String(200), nullable=False),
        sa.Column("phone", sa.String(40), nullable=True),
        sa.Column("mail", sa.String(200), nullable=True),
        sa.Column("languages", sa.String(60), nullable=False),
        sa.Column("notes", sa.String(500), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        *_versioned(),
        sa.CheckConstraint("length(state) = 2", name=op.f("ck_contact_state_code")),
        sa.CheckConstraint("length(notes) <= 500", name=op.f("ck_contact_short_notes")),
        sa.PrimaryKeyConstraint("id", name="pk_contact"),
    )  # fmt: skip
    op.create_index("ix_contact_state", "contact", ["state", "id"])
    op.create_table(
        "guidance_page",
        sa.Column("slug", sa.String(80), nullable=False),
        sa.Column("topic", _one_of("guidance_topic", *_TOPICS), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("state", _one_of("guidance_page_state", "draft", "published"), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("published_at", UtcDateTime(), nullable=True),
        *_versioned(),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name="fk_guidance_page_organisation_id_organisation"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_guidance_page"),
        sa.UniqueConstraint("slug", name="uq_guidance_page_slug"),
    )
    op.create_index("ix_guidance_page_topic", "guidance_page", ["topic", "state", "id"])
    op.create_table(
        "guidance_version",
        sa.Column("page_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("topic", _one_of("guidance_version_topic", *_TOPICS), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("state", _one_of("guidance_version_state", "draft", "published"), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["page_id"], ["guidance_page.id"], name="fk_guidance_version_page_id_guidance_page", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name="fk_guidance_version_organisation_id_organisation"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_guidance_version"),
        sa.UniqueConstraint("page_id", "number", name="uq_guidance_version_page_id_number"),
    )
    op.create_table(
        "guidance_question",
        sa.Column("topic", _one_of("guidance_question_topic", *_TOPICS), nullable=False),
        sa.Column("page_id", sa.Uuid(), nullable=True),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.String(1000), nullable=False),
        sa.Column("state", _one_of("guidance_question_state", "asked", "answered", "hidden"), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_by_id", sa.Uuid(), nullable=True),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        *_versioned(),
        sa.CheckConstraint("length(text) <= 1000", name=op.f("ck_guidance_question_short_text")),
        sa.CheckConstraint(
            "state <> 'answered' OR (answer IS NOT NULL AND answered_by_id IS NOT NULL AND answered_at IS NOT NULL)",
            name=op.f("ck_guidance_question_answered"),
        ),
        sa.ForeignKeyConstraint(
            ["page_id"], ["guidance_page.id"], name="fk_guidance_question_page_id_guidance_page", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name="fk_guidance_question_organisation_id_organisation"
        ),
        sa.ForeignKeyConstraint(
            ["answered_by_id"], ["organisation.id"], name="fk_guidance_question_answered_by_id_organisation"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_guidance_question"),
    )
    op.create_index("ix_guidance_question_topic", "guidance_question", ["topic", "state", "id"])
    op.create_index("ix_guidance_question_asker", "guidance_question", ["organisation_id", "id"])
    op.create_index("ix_guidance_question_page_id", "guidance_question", ["page_id"])
    for statement in statements_up(op.get_bind().dialect.name):
        op.execute(statement)


def downgrade() -> None:
    """Take it back. What moved its date was amended: the older schema has no other word for it."""
    for statement in statements_down(op.get_bind().dialect.name):
        op.execute(statement)
    for table in ("guidance_question", "guidance_version", "guidance_page", "contact"):
        op.drop_table(table)
    for name in _CLEARANCE_COLUMNS:
        op.drop_column("clearance", name)
    op.execute("UPDATE decision SET action = 'amend' WHERE action = 'move_date'")
    _let_decisions_be(_ACTIONS)


def _let_decisions_be(actions: tuple[str, ...]) -> None:
    listed = ", ".join(f"'{each}'" for each in actions)
    with op.batch_alter_table("decision") as batch:
        batch.drop_constraint(batch.f("ck_decision_decision_action"), type_="check")
        batch.create_check_constraint(batch.f("ck_decision_decision_action"), f"action IN ({listed})")


def _versioned() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
    )
