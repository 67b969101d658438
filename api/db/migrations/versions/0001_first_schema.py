"""First schema.

Revision 0001, the first; 2026-11-23.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from api.db.guards import statements_down, statements_up
from api.db.types import UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema up."""
    op.create_table(
        "audit_entry",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("subject_kind", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.String(length=60), nullable=False),
        sa.Column("purpose", sa.String(length=120), nullable=False),
        sa.Column(
            "details", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit_entry")),
        sa.UniqueConstraint("sha256", name=op.f("uq_audit_entry_sha256")),
    )
    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        batch_op.create_index("ix_audit_entry_at", ["at"], unique=False)
        batch_op.create_index("ix_audit_entry_subject", ["subject_kind", "subject_id"], unique=False)

    op.create_table(
        "organisation",
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "abh",
                "zab",
                "ltrako",
                "zfa",
                "zrk",
                "audit",
                "operation",
                name="organisation_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("ags", sa.String(length=8), nullable=True),
        sa.Column("zab", sa.String(length=60), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
        sa.UniqueConstraint("code", name=op.f("uq_organisation_code")),
    )
    op.create_table(
        "parameter_set",
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("source", sa.String(length=400), nullable=False),
        sa.Column(
            "content", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parameter_set")),
        sa.UniqueConstraint("name", name=op.f("uq_parameter_set_name")),
    )
    with op.batch_alter_table("parameter_set", schema=None) as batch_op:
        batch_op.create_index("ix_parameter_set_valid_from", ["valid_from"], unique=False)

    op.create_table(
        "account",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("login", sa.String(length=120), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "abh",
                "zab_dispatcher",
                "zab_lead",
                "ltrako",
                "zfa",
                "zrk",
                "auditor",
                "admin",
                "system",
                name="account_role",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("password_hash", sa.String(length=300), nullable=True),
        sa.Column("issuer", sa.String(length=300), nullable=True),
        sa.Column("subject", sa.String(length=300), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("failed_logins", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("locked_until", UtcDateTime(), nullable=True),
        sa.Column("language", sa.String(length=5), server_default=sa.text("'de'"), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("password_hash IS NOT NULL OR subject IS NOT NULL", name=op.f("ck_account_can_sign_in")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_account_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("login", name=op.f("uq_account_login")),
    )
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_account_organisation_id"), ["organisation_id"], unique=False)
        batch_op.create_index("uq_account_issuer_subject", ["issuer", "subject"], unique=True)

    op.create_table(
        "crew",
        sa.Column("zab_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column(
            "content", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["zab_id"], ["organisation.id"], name=op.f("fk_crew_zab_id_organisation")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crew")),
        sa.UniqueConstraint("zab_id", "code", name=op.f("uq_crew_zab_id_code")),
    )
    op.create_table(
        "ledger_entry",
        sa.Column("zab_id", sa.Uuid(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("decision_id", sa.Uuid(), nullable=True),
        sa.Column("requests", sa.Integer(), nullable=False),
        sa.Column("metres", sa.Integer(), nullable=False),
        sa.Column("crew_seconds", sa.Integer(), nullable=False),
        sa.Column("custody_seconds", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["zab_id"], ["organisation.id"], name=op.f("fk_ledger_entry_zab_id_organisation")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_entry")),
    )
    with op.batch_alter_table("ledger_entry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ledger_entry_decision_id"), ["decision_id"], unique=False)
        batch_op.create_index("ix_ledger_entry_month", ["month", "zab_id"], unique=False)

    op.create_table(
        "notice",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=True),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=True),
        sa.Column("subject_kind", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.String(length=80), nullable=False),
        sa.Column(
            "details", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("due_at", UtcDateTime(), nullable=True),
        sa.Column("done_at", UtcDateTime(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_notice_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint(
            "organisation_id", "kind", "subject_id", name=op.f("uq_notice_organisation_id_kind_subject_id")
        ),
    )
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.create_index("ix_notice_open", ["organisation_id", "done_at", "id"], unique=False)

    op.create_table(
        "vehicle",
        sa.Column("zab_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column(
            "content", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["zab_id"], ["organisation.id"], name=op.f("fk_vehicle_zab_id_organisation")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vehicle")),
        sa.UniqueConstraint("zab_id", "code", name=op.f("uq_vehicle_zab_id_code")),
    )
    op.create_table(
        "webhook_endpoint",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("url", sa.String(length=500), nullable=False),
        sa.Column("secret", sa.String(length=120), nullable=False),
        sa.Column("topics", sa.String(length=400), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_webhook_endpoint_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_endpoint")),
    )
    with op.batch_alter_table("webhook_endpoint", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_webhook_endpoint_organisation_id"), ["organisation_id"], unique=False)

    op.create_table(
        "api_key",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("prefix", sa.String(length=16), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("label", sa.String(length=120), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=True),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.Column("last_used_at", UtcDateTime(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_api_key_account_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_key")),
        sa.UniqueConstraint("prefix", name=op.f("uq_api_key_prefix")),
    )
    with op.batch_alter_table("api_key", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_api_key_account_id"), ["account_id"], unique=False)

    op.create_table(
        "away",
        sa.Column("crew_id", sa.Uuid(), nullable=True),
        sa.Column("vehicle_id", sa.Uuid(), nullable=True),
        sa.Column("starts_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("(crew_id IS NULL) <> (vehicle_id IS NULL)", name=op.f("ck_away_crew_or_vehicle")),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_away_interval")),
        sa.ForeignKeyConstraint(["crew_id"], ["crew.id"], name=op.f("fk_away_crew_id_crew")),
        sa.ForeignKeyConstraint(["vehicle_id"], ["vehicle.id"], name=op.f("fk_away_vehicle_id_vehicle")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_away")),
    )
    with op.batch_alter_table("away", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_away_crew_id"), ["crew_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_away_vehicle_id"), ["vehicle_id"], unique=False)

    op.create_table(
        "duty",
        sa.Column("zab_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("crew_id", sa.Uuid(), nullable=False),
        sa.Column("vehicle_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.Column("vehicle_from", UtcDateTime(), nullable=False),
        sa.Column("vehicle_to", UtcDateTime(), nullable=False),
        sa.Column("profile", sa.String(length=40), nullable=False),
        sa.Column("start_place", sa.String(length=80), nullable=True),
        sa.Column("end_place", sa.String(length=80), nullable=True),
        sa.Column("is_offered", sa.Boolean(), nullable=False),
        sa.Column("is_used", sa.Boolean(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_duty_shift")),
        sa.CheckConstraint(
            "starts_at <= vehicle_from AND vehicle_from <= vehicle_to AND vehicle_to <= ends_at",
            name=op.f("ck_duty_window"),
        ),
        sa.ForeignKeyConstraint(["crew_id"], ["crew.id"], name=op.f("fk_duty_crew_id_crew")),
        sa.ForeignKeyConstraint(["vehicle_id"], ["vehicle.id"], name=op.f("fk_duty_vehicle_id_vehicle")),
        sa.ForeignKeyConstraint(["zab_id"], ["organisation.id"], name=op.f("fk_duty_zab_id_organisation")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty")),
        sa.UniqueConstraint("zab_id", "code", name=op.f("uq_duty_zab_id_code")),
    )
    with op.batch_alter_table("duty", schema=None) as batch_op:
        batch_op.create_index("ix_duty_crew", ["crew_id", "starts_at"], unique=False)
        batch_op.create_index("ix_duty_horizon", ["starts_at", "ends_at"], unique=False)
        batch_op.create_index("ix_duty_vehicle", ["vehicle_id", "starts_at"], unique=False)

    op.create_table(
        "idempotency_key",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("route", sa.String(length=200), nullable=False),
        sa.Column("body_sha256", sa.String(length=64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column(
            "headers", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=True
        ),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_idempotency_key_account_id_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", "key", name=op.f("pk_idempotency_key")),
    )
    with op.batch_alter_table("idempotency_key", schema=None) as batch_op:
        batch_op.create_index("ix_idempotency_key_at", ["at"], unique=False)

    op.create_table(
        "outbox_message",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("topic", sa.String(length=60), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column(
            "payload", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("endpoint_id", sa.Uuid(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("delivered_at", UtcDateTime(), nullable=True),
        sa.Column("failure", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(
            ["endpoint_id"], ["webhook_endpoint.id"], name=op.f("fk_outbox_message_endpoint_id_webhook_endpoint")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_outbox_message_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_message")),
    )
    with op.batch_alter_table("outbox_message", schema=None) as batch_op:
        batch_op.create_index("ix_outbox_message_due", ["delivered_at", "due_at"], unique=False)

    op.create_table(
        "run",
        sa.Column(
            "kind",
            sa.Enum(
                "continuous",
                "on_demand",
                "nightly",
                "simulation",
                name="run_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "queued",
                "running",
                "done",
                "cancelled",
                "failed",
                name="run_state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("horizon", sa.String(length=40), nullable=False),
        sa.Column("horizon_from", UtcDateTime(), nullable=False),
        sa.Column("horizon_to", UtcDateTime(), nullable=False),
        sa.Column("night", sa.Date(), nullable=True),
        sa.Column("parameter_set", sa.String(length=60), nullable=False),
        sa.Column(
            "solve_params",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "versions", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("input_sha256", sa.String(length=64), nullable=True),
        sa.Column("status", sa.String(length=20), nullable=True),
        sa.Column(
            "stages", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column(
            "summary", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("failure", sa.String(length=400), nullable=True),
        sa.Column("is_cancel_wanted", sa.Boolean(), nullable=False),
        sa.Column("worker", sa.String(length=80), nullable=True),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("started_at", UtcDateTime(), nullable=True),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("horizon_from < horizon_to", name=op.f("ck_run_horizon")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_run_account_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run")),
    )
    with op.batch_alter_table("run", schema=None) as batch_op:
        batch_op.create_index("ix_run_recent", ["kind", "id"], unique=False)
        batch_op.create_index(
            "uq_run_live_horizon",
            ["horizon"],
            unique=True,
            postgresql_where=sa.text("state IN ('queued', 'running') AND kind <> 'simulation'"),
            sqlite_where=sa.text("state IN ('queued', 'running') AND kind <> 'simulation'"),
        )
        batch_op.create_index("uq_run_night", ["night"], unique=True)

    op.create_table(
        "session",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_session_account_id_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session")),
        sa.UniqueConstraint("sha256", name=op.f("uq_session_sha256")),
    )
    with op.batch_alter_table("session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_session_account_id"), ["account_id"], unique=False)

    op.create_table(
        "run_event",
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column(
            "payload", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_run_event_run_id_run"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("run_id", "number", name=op.f("pk_run_event")),
    )
    op.create_table(
        "run_input",
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("instance", sa.LargeBinary(), nullable=False),
        sa.Column("result", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_run_input_run_id_run"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_run_input")),
    )
    op.create_table(
        "transport_request",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("case_reference", sa.String(length=40), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "asked",
                "rejected",
                "pooled",
                "proposed",
                "counter_proposed",
                "provisionally_confirmed",
                "confirmed",
                "declined",
                "expired",
                "frozen",
                "under_way",
                "handed_over",
                "failed",
                "cancelled",
                "stopped",
                "returned",
                name="request_state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("pickup_ags", sa.String(length=8), nullable=False),
        sa.Column("pickup_from", UtcDateTime(), nullable=False),
        sa.Column("pickup_to", UtcDateTime(), nullable=False),
        sa.Column("delivery_place", sa.String(length=80), nullable=False),
        sa.Column("delivery_from", UtcDateTime(), nullable=False),
        sa.Column("delivery_to", UtcDateTime(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("has_children", sa.Boolean(), nullable=False),
        sa.Column("bundle", sa.String(length=60), nullable=True),
        sa.Column("deadline_at", UtcDateTime(), nullable=True),
        sa.Column(
            "content", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("free_text", sa.String(length=200), server_default=sa.text("''"), nullable=False),
        sa.Column("fall_back_at", UtcDateTime(), nullable=False),
        sa.Column("pinned_duty_id", sa.Uuid(), nullable=True),
        sa.Column("state_since", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("delivery_from <= delivery_to", name=op.f("ck_transport_request_delivery_window")),
        sa.CheckConstraint("length(free_text) <= 200", name=op.f("ck_transport_request_short_text")),
        sa.CheckConstraint("people >= 1", name=op.f("ck_transport_request_somebody")),
        sa.CheckConstraint("pickup_from <= pickup_to", name=op.f("ck_transport_request_pickup_window")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_transport_request_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(["pinned_duty_id"], ["duty.id"], name=op.f("fk_transport_request_pinned_duty_id_duty")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transport_request")),
    )
    with op.batch_alter_table("transport_request", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_transport_request_bundle"), ["bundle"], unique=False)
        batch_op.create_index("ix_transport_request_changed", ["updated_at", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_transport_request_delivery_place"), ["delivery_place"], unique=False)
        batch_op.create_index("ix_transport_request_owner", ["organisation_id", "state", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_transport_request_pickup_ags"), ["pickup_ags"], unique=False)
        batch_op.create_index("ix_transport_request_pool", ["state", "pickup_from", "id"], unique=False)
        batch_op.create_index(
            "uq_transport_request_open_case",
            ["organisation_id", "case_reference", "pickup_from"],
            unique=True,
            postgresql_where=sa.text(
                "state IN ('asked', 'confirmed', 'counter_proposed', 'declined', 'draft', 'expired', 'frozen', 'pooled', 'proposed', 'provisionally_confirmed', 'rejected', 'under_way')"
            ),
            sqlite_where=sa.text(
                "state IN ('asked', 'confirmed', 'counter_proposed', 'declined', 'draft', 'expired', 'frozen', 'pooled', 'proposed', 'provisionally_confirmed', 'rejected', 'under_way')"
            ),
        )

    op.create_table(
        "bar",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("zab_id", sa.Uuid(), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["transport_request.id"],
            name=op.f("fk_bar_request_id_transport_request"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["zab_id"], ["organisation.id"], name=op.f("fk_bar_zab_id_organisation")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bar")),
    )
    with op.batch_alter_table("bar", schema=None) as batch_op:
        batch_op.create_index("uq_bar_request_zab", ["request_id", "zab_id"], unique=True)

    op.create_table(
        "override",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("rule", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("second_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("length(reason) >= 1", name=op.f("ck_override_reason_given")),
        sa.CheckConstraint("second_id <> account_id", name=op.f("ck_override_second_is_another")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_override_account_id_account")),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["transport_request.id"],
            name=op.f("fk_override_request_id_transport_request"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["second_id"], ["account.id"], name=op.f("fk_override_second_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_override")),
    )
    with op.batch_alter_table("override", schema=None) as batch_op:
        batch_op.create_index("uq_override_request_rule", ["request_id", "rule"], unique=True)

    op.create_table(
        "proposal",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("duty_id", sa.Uuid(), nullable=False),
        sa.Column("zab_id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=True),
        sa.Column(
            "standing",
            sa.Enum(
                "live",
                "lost",
                "declined",
                "expired",
                "withdrawn",
                "backed_out",
                "done",
                name="proposal_standing",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("is_manual", sa.Boolean(), nullable=False),
        sa.Column("pickup_at", UtcDateTime(), nullable=False),
        sa.Column("handover_at", UtcDateTime(), nullable=False),
        sa.Column("on_board_seconds", sa.Integer(), nullable=False),
        sa.Column("direct_seconds", sa.Integer(), nullable=False),
        sa.Column("limit_seconds", sa.Integer(), nullable=True),
        sa.Column("respond_by", UtcDateTime(), nullable=True),
        sa.Column("condition", sa.String(length=200), nullable=True),
        sa.Column("condition_owner", sa.String(length=60), nullable=True),
        sa.Column("condition_until", UtcDateTime(), nullable=True),
        sa.Column(
            "counter", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=True
        ),
        sa.Column(
            "explanation", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("end_code", sa.String(length=40), nullable=True),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("pickup_at < handover_at", name=op.f("ck_proposal_times")),
        sa.ForeignKeyConstraint(["duty_id"], ["duty.id"], name=op.f("fk_proposal_duty_id_duty")),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["transport_request.id"],
            name=op.f("fk_proposal_request_id_transport_request"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_proposal_run_id_run")),
        sa.ForeignKeyConstraint(["zab_id"], ["organisation.id"], name=op.f("fk_proposal_zab_id_organisation")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal")),
    )
    with op.batch_alter_table("proposal", schema=None) as batch_op:
        batch_op.create_index("ix_proposal_changed", ["updated_at", "id"], unique=False)
        batch_op.create_index("ix_proposal_duty", ["duty_id", "standing"], unique=False)
        batch_op.create_index("ix_proposal_respond_by", ["standing", "respond_by"], unique=False)
        batch_op.create_index(batch_op.f("ix_proposal_run_id"), ["run_id"], unique=False)
        batch_op.create_index("ix_proposal_zab", ["zab_id", "standing", "id"], unique=False)
        batch_op.create_index(
            "uq_proposal_live_request",
            ["request_id"],
            unique=True,
            postgresql_where=sa.text("standing = 'live'"),
            sqlite_where=sa.text("standing = 'live'"),
        )

    op.create_table(
        "tour_stop",
        sa.Column("duty_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "start",
                "pickup",
                "delivery",
                "break",
                "end",
                name="tour_stop_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("request_id", sa.Uuid(), nullable=True),
        sa.Column("place", sa.String(length=80), nullable=True),
        sa.Column("arrival", UtcDateTime(), nullable=False),
        sa.Column("start", UtcDateTime(), nullable=False),
        sa.Column("departure", UtcDateTime(), nullable=False),
        sa.Column("rests", sa.Integer(), nullable=False),
        sa.Column("on_board", sa.Integer(), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.CheckConstraint("arrival <= start AND start <= departure", name=op.f("ck_tour_stop_times")),
        sa.CheckConstraint("on_board <= seats", name=op.f("ck_tour_stop_seats")),
        sa.CheckConstraint("on_board >= 0", name=op.f("ck_tour_stop_on_board")),
        sa.ForeignKeyConstraint(["duty_id"], ["duty.id"], name=op.f("fk_tour_stop_duty_id_duty"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["request_id"], ["transport_request.id"], name=op.f("fk_tour_stop_request_id_transport_request")
        ),
        sa.PrimaryKeyConstraint("duty_id", "position", name=op.f("pk_tour_stop")),
    )
    with op.batch_alter_table("tour_stop", schema=None) as batch_op:
        batch_op.create_index("uq_tour_stop_request", ["request_id", "kind"], unique=True)

    op.create_table(
        "decision",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("proposal_id", sa.Uuid(), nullable=True),
        sa.Column("zab_id", sa.Uuid(), nullable=True),
        sa.Column(
            "action",
            sa.Enum(
                "ask",
                "reject",
                "accept",
                "pool",
                "amend",
                "propose",
                "assign",
                "lose",
                "confirm",
                "confirm_provisionally",
                "meet_condition",
                "lapse",
                "counter",
                "accept_counter",
                "refuse_counter",
                "decline_bar",
                "decline_correct",
                "decline_wait",
                "decline_escalate",
                "correct",
                "settle",
                "return_decline",
                "expire",
                "resume",
                "back_out",
                "freeze",
                "thaw",
                "depart",
                "hand_over",
                "fail",
                "cancel",
                "stop",
                "lift_stop",
                "return_to_abh",
                name="decision_action",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "before",
            sa.Enum(
                "draft",
                "asked",
                "rejected",
                "pooled",
                "proposed",
                "counter_proposed",
                "provisionally_confirmed",
                "confirmed",
                "declined",
                "expired",
                "frozen",
                "under_way",
                "handed_over",
                "failed",
                "cancelled",
                "stopped",
                "returned",
                name="decision_before",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "after",
            sa.Enum(
                "draft",
                "asked",
                "rejected",
                "pooled",
                "proposed",
                "counter_proposed",
                "provisionally_confirmed",
                "confirmed",
                "declined",
                "expired",
                "frozen",
                "under_way",
                "handed_over",
                "failed",
                "cancelled",
                "stopped",
                "returned",
                name="decision_after",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "role",
            sa.Enum(
                "abh",
                "zab_dispatcher",
                "zab_lead",
                "ltrako",
                "zfa",
                "zrk",
                "auditor",
                "admin",
                "system",
                name="decision_role",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("second_id", sa.Uuid(), nullable=True),
        sa.Column("code", sa.String(length=40), nullable=True),
        sa.Column(
            "decline_class",
            sa.Enum(
                "bar",
                "correct",
                "wait",
                "escalate",
                name="decision_class",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("remark", sa.String(length=200), server_default=sa.text("''"), nullable=False),
        sa.Column(
            "details", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("length(remark) <= 200", name=op.f("ck_decision_short_remark")),
        sa.CheckConstraint("second_id IS NULL OR second_id <> account_id", name=op.f("ck_decision_second_is_another")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_decision_account_id_account")),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name=op.f("fk_decision_proposal_id_proposal")),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["transport_request.id"],
            name=op.f("fk_decision_request_id_transport_request"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["second_id"], ["account.id"], name=op.f("fk_decision_second_id_account")),
        sa.ForeignKeyConstraint(["zab_id"], ["organisation.id"], name=op.f("fk_decision_zab_id_organisation")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
    )
    with op.batch_alter_table("decision", schema=None) as batch_op:
        batch_op.create_index("ix_decision_request", ["request_id", "id"], unique=False)
        batch_op.create_index("ix_decision_zab", ["zab_id", "created_at"], unique=False)

    for statement in statements_up(op.get_bind().dialect.name):
        op.execute(statement)


def downgrade() -> None:
    """Take it back."""
    for statement in statements_down(op.get_bind().dialect.name):
        op.execute(statement)
    with op.batch_alter_table("decision", schema=None) as batch_op:
        batch_op.drop_index("ix_decision_zab")
        batch_op.drop_index("ix_decision_request")

    op.drop_table("decision")
    with op.batch_alter_table("tour_stop", schema=None) as batch_op:
        batch_op.drop_index("uq_tour_stop_request")

    op.drop_table("tour_stop")
    with op.batch_alter_table("proposal", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_proposal_live_request",
            postgresql_where=sa.text("standing = 'live'"),
            sqlite_where=sa.text("standing = 'live'"),
        )
        batch_op.drop_index("ix_proposal_zab")
        batch_op.drop_index(batch_op.f("ix_proposal_run_id"))
        batch_op.drop_index("ix_proposal_respond_by")
        batch_op.drop_index("ix_proposal_duty")
        batch_op.drop_index("ix_proposal_changed")

    op.drop_table("proposal")
    with op.batch_alter_table("override", schema=None) as batch_op:
        batch_op.drop_index("uq_override_request_rule")

    op.drop_table("override")
    with op.batch_alter_table("bar", schema=None) as batch_op:
        batch_op.drop_index("uq_bar_request_zab")

    op.drop_table("bar")
    with op.batch_alter_table("transport_request", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_transport_request_open_case",
            postgresql_where=sa.text(
                "state IN ('asked', 'confirmed', 'counter_proposed', 'declined', 'draft', 'expired', 'frozen', 'pooled', 'proposed', 'provisionally_confirmed', 'rejected', 'under_way')"
            ),
            sqlite_where=sa.text(
                "state IN ('asked', 'confirmed', 'counter_proposed', 'declined', 'draft', 'expired', 'frozen', 'pooled', 'proposed', 'provisionally_confirmed', 'rejected', 'under_way')"
            ),
        )
        batch_op.drop_index("ix_transport_request_pool")
        batch_op.drop_index(batch_op.f("ix_transport_request_pickup_ags"))
        batch_op.drop_index("ix_transport_request_owner")
        batch_op.drop_index(batch_op.f("ix_transport_request_delivery_place"))
        batch_op.drop_index("ix_transport_request_changed")
        batch_op.drop_index(batch_op.f("ix_transport_request_bundle"))

    op.drop_table("transport_request")
    op.drop_table("run_input")
    op.drop_table("run_event")
    with op.batch_alter_table("session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_session_account_id"))

    op.drop_table("session")
    with op.batch_alter_table("run", schema=None) as batch_op:
        batch_op.drop_index("uq_run_night")
        batch_op.drop_index(
            "uq_run_live_horizon",
            postgresql_where=sa.text("state IN ('queued', 'running') AND kind <> 'simulation'"),
            sqlite_where=sa.text("state IN ('queued', 'running') AND kind <> 'simulation'"),
        )
        batch_op.drop_index("ix_run_recent")

    op.drop_table("run")
    with op.batch_alter_table("outbox_message", schema=None) as batch_op:
        batch_op.drop_index("ix_outbox_message_due")

    op.drop_table("outbox_message")
    with op.batch_alter_table("idempotency_key", schema=None) as batch_op:
        batch_op.drop_index("ix_idempotency_key_at")

    op.drop_table("idempotency_key")
    with op.batch_alter_table("duty", schema=None) as batch_op:
        batch_op.drop_index("ix_duty_vehicle")
        batch_op.drop_index("ix_duty_horizon")
        batch_op.drop_index("ix_duty_crew")

    op.drop_table("duty")
    with op.batch_alter_table("away", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_away_vehicle_id"))
        batch_op.drop_index(batch_op.f("ix_away_crew_id"))

    op.drop_table("away")
    with op.batch_alter_table("api_key", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_api_key_account_id"))

    op.drop_table("api_key")
    with op.batch_alter_table("webhook_endpoint", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_webhook_endpoint_organisation_id"))

    op.drop_table("webhook_endpoint")
    op.drop_table("vehicle")
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.drop_index("ix_notice_open")

    op.drop_table("notice")
    with op.batch_alter_table("ledger_entry", schema=None) as batch_op:
        batch_op.drop_index("ix_ledger_entry_month")
        batch_op.drop_index(batch_op.f("ix_ledger_entry_decision_id"))

    op.drop_table("ledger_entry")
    op.drop_table("crew")
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.drop_index("uq_account_issuer_subject")
        batch_op.drop_index(batch_op.f("ix_account_organisation_id"))

    op.drop_table("account")
    with op.batch_alter_table("parameter_set", schema=None) as batch_op:
        batch_op.drop_index("ix_parameter_set_valid_from")

    op.drop_table("parameter_set")
    op.drop_table("organisation")
    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        batch_op.drop_index("ix_audit_entry_subject")
        batch_op.drop_index("ix_audit_entry_at")

    op.drop_table("audit_entry")
