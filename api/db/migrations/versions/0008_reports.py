"""Shift patterns and working-time profiles of the ZABs; facts on ended attempts, which reports stand on.

Revision 0008, after 0007; 2026-11-28.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from api.db.types import UtcDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_STATES = (
    "draft", "asked", "rejected", "pooled", "proposed", "counter_proposed", "provisionally_confirmed", "confirmed",
    "declined", "expired", "frozen", "under_way", "handed_over", "failed", "cancelled", "stopped", "returned",
)  # fmt: skip


def _one_of(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    """Bring the schema up."""
    op.add_column("transport_request", sa.Column("reported_id", sa.Uuid(), nullable=True))
    op.create_table(
        "measure_fact",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("zab", sa.String(length=60), nullable=False),
        sa.Column("bezirk", sa.String(length=40), nullable=False),
        sa.Column("destination", sa.String(length=40), nullable=False),
        sa.Column("hour_band", sa.Integer(), nullable=False),
        sa.Column("is_night", sa.Boolean(), nullable=False),
        sa.Column("meets_night", sa.Boolean(), nullable=False),
        sa.Column("has_children", sa.Boolean(), nullable=False),
        sa.Column("has_override", sa.Boolean(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("escorts", sa.Integer(), nullable=False),
        sa.Column("is_promised", sa.Boolean(), nullable=False),
        sa.Column("has_begun", sa.Boolean(), nullable=False),
        sa.Column("custody_seconds", sa.Integer(), nullable=False),
        sa.Column("on_board_seconds", sa.Integer(), nullable=False),
        sa.Column("outcome", _one_of("measure_fact_outcome", *_STATES), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.CheckConstraint("people >= 1", name=op.f("ck_measure_fact_somebody")),
        sa.CheckConstraint("hour_band >= 0 AND hour_band < 24", name=op.f("ck_measure_fact_hour_band")),
        sa.CheckConstraint(
            "escorts >= 0 AND custody_seconds >= 0 AND on_board_seconds >= 0", name=op.f("ck_measure_fact_amounts")
        ),
        sa.CheckConstraint(
            "has_begun OR custody_seconds = 0", name=op.f("ck_measure_fact_custody_of_what_began")
        ),
        sa.CheckConstraint("meets_night OR NOT is_night", name=op.f("ck_measure_fact_night")),
        sa.PrimaryKeyConstraint("id", name="pk_measure_fact"),
    )  # fmt: skip
    op.create_index("ix_measure_fact_month", "measure_fact", ["month", "zab"])
    op.create_table(
        "measure_count",
        sa.Column("fact_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            _one_of("measure_count_kind", "override", "rejected", "declined", "backed_out", "expired"),
            nullable=False,
        ),
        sa.Column("zab", sa.String(length=60), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.CheckConstraint("number >= 1", name=op.f("ck_measure_count_counted")),
        sa.ForeignKeyConstraint(
            ["fact_id"], ["measure_fact.id"], name="fk_measure_count_fact_id_measure_fact", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("fact_id", "kind", "zab", "code", name="pk_measure_count"),
    )
    op.create_index("ix_measure_count_kind", "measure_count", ["kind", "code"])
    op.create_table(
        "shift_pattern",
        sa.Column("zab_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=48), nullable=False),
        sa.Column("crew_id", sa.Uuid(), nullable=False),
        sa.Column("vehicle_id", sa.Uuid(), nullable=False),
        sa.Column("weekdays", sa.String(length=7), nullable=False),
        sa.Column("begins", sa.Time(), nullable=False),
        sa.Column("ends", sa.Time(), nullable=False),
        sa.Column("vehicle_begins", sa.Time(), nullable=True),
        sa.Column("vehicle_ends", sa.Time(), nullable=True),
        sa.Column("profile", sa.String(length=40), nullable=True),
        sa.Column("start_place", sa.String(length=80), nullable=True),
        sa.Column("end_place", sa.String(length=80), nullable=True),
        sa.Column("tolerance_seconds", sa.Integer(), nullable=False),
        sa.Column("is_offered", sa.Boolean(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("on_holidays", sa.Boolean(), nullable=False),
        sa.Column("every_weeks", sa.Integer(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("every_weeks >= 1", name=op.f("ck_shift_pattern_every_weeks")),
        sa.CheckConstraint("valid_to IS NULL OR valid_from <= valid_to", name=op.f("ck_shift_pattern_validity")),
        sa.CheckConstraint("length(weekdays) >= 1", name=op.f("ck_shift_pattern_weekdays")),
        sa.CheckConstraint("tolerance_seconds >= 0", name=op.f("ck_shift_pattern_tolerance")),
        sa.ForeignKeyConstraint(["zab_id"], ["organisation.id"], name="fk_shift_pattern_zab_id_organisation"),
        sa.ForeignKeyConstraint(["crew_id"], ["crew.id"], name="fk_shift_pattern_crew_id_crew"),
        sa.ForeignKeyConstraint(["vehicle_id"], ["vehicle.id"], name="fk_shift_pattern_vehicle_id_vehicle"),
        sa.PrimaryKeyConstraint("id", name="pk_shift_pattern"),
        sa.UniqueConstraint("zab_id", "code", name="uq_shift_pattern_zab_id_code"),
    )
    op.create_index("ix_shift_pattern_zab", "shift_pattern", ["zab_id", "id"])
    op.create_index("ix_shift_pattern_changed", "shift_pattern", ["updated_at", "id"])
    op.create_table(
        "pattern_day",
        sa.Column("pattern_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("duty_id", sa.Uuid(), nullable=True),
        sa.Column("is_edited", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["pattern_id"], ["shift_pattern.id"], name="fk_pattern_day_pattern_id_shift_pattern", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["duty_id"], ["duty.id"], name="fk_pattern_day_duty_id_duty", ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("pattern_id", "day", name="pk_pattern_day"),
    )
    op.create_index("ix_pattern_day_duty", "pattern_day", ["duty_id"])
    op.create_table(
        "working_time_choice",
        sa.Column("zab_id", sa.Uuid(), nullable=False),
        sa.Column("profile", sa.String(length=40), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["zab_id"], ["organisation.id"], name="fk_working_time_choice_zab_id_organisation"),
        sa.PrimaryKeyConstraint("id", name="pk_working_time_choice"),
        sa.UniqueConstraint("zab_id", "valid_from", name="uq_working_time_choice_zab_id_valid_from"),
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_table("working_time_choice")
    op.drop_table("pattern_day")
    op.drop_table("shift_pattern")
    op.drop_table("measure_count")
    op.drop_table("measure_fact")
    op.drop_column("transport_request", "reported_id")
