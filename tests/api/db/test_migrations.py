"""Migrations go up and down, and leave the schema that the tables say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, inspect, select, text
from sqlalchemy.exc import DatabaseError, IntegrityError
from sqlalchemy.orm import Session

from api.db import migrate
from api.db.tables import (
    Bar,
    Decision,
    MeasureFact,
    Run,
    RunInput,
    RunKind,
    RunState,
    Simulation,
    SimulationKind,
    SimulationResult,
    WebhookEndpoint,
)
from api.workflow import Action, Role, State
from tests.api.db.rows import NOW, organisation, transport_request


@pytest.fixture
def engine(empty: Engine) -> Engine:
    """Migrated here and now, not copied."""
    migrate.upgrade(empty)
    return empty


def test_up_gives_the_schema_of_the_tables(engine: Engine) -> None:
    assert migrate.drift(engine) == []
    assert migrate.current(engine) == migrate.head()


def test_up_twice_changes_nothing(engine: Engine) -> None:
    migrate.upgrade(engine)
    assert migrate.drift(engine) == []


def test_down_leaves_nothing_and_up_again_all(engine: Engine) -> None:
    migrate.downgrade(engine, "base")
    assert set(inspect(engine).get_table_names()) <= {"alembic_version"}
    assert migrate.current(engine) is None
    migrate.upgrade(engine)
    assert migrate.drift(engine) == []


def test_a_difference_is_told(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE notice ADD COLUMN forgotten INTEGER"))
    assert any("forgotten" in difference for difference in migrate.drift(engine))


def test_a_migration_that_fails_leaves_the_old_schema(empty: Engine) -> None:
    with empty.begin() as connection:
        connection.execute(text("CREATE TABLE webhook_endpoint (id INTEGER)"))  # In the way of the first migration.
    with pytest.raises(DatabaseError, match="webhook_endpoint"):
        migrate.upgrade(empty)
    assert set(inspect(empty).get_table_names()) == {"webhook_endpoint"}


def test_bars_that_serve_nothing_go(engine: Engine) -> None:
    over = datetime.now(UTC) - timedelta(days=1)
    kept = set()
    with Session(engine) as session, session.begin():
        zab, abh = organisation(), organisation("abh:05113000")
        for number, (state, until, is_kept) in enumerate(
            (
                (State.HANDED_OVER, None, False),
                (State.CANCELLED, over, False),
                (State.RETURNED, over, False),
                (State.RETURNED, None, True),
                (State.STOPPED, over + timedelta(days=9), True),
                (State.POOLED, over, True),
            )
        ):
            request = transport_request(abh, f"A-{number}", state=state)
            session.add_all([zab, request])
            session.flush()
            bar = Bar(created_at=NOW, request_id=request.id, zab_id=zab.id, until=until)
            session.add(bar)
            session.flush()
            kept |= {bar.id} if is_kept else set()
    migrate.downgrade(engine, "0002")
    migrate.upgrade(engine, "0004")
    with Session(engine) as session:
        assert set(session.scalars(select(Bar.id))) == kept


def test_secrets_of_webhooks_are_kept_and_what_is_sealed_is_switched_off_below(engine: Engine) -> None:
    with Session(engine) as session, session.begin():
        zab = organisation()
        session.add(zab)
        session.flush()
        for url, sealed in (("clear", b"whsec_abc whsec_old@9"), ("sealed", b"gAAAAA")):
            session.add(
                WebhookEndpoint(
                    organisation_id=zab.id, url=url, sealed=sealed, topics="", is_active=True, created_at=NOW,
                    updated_at=NOW,
                )
            )  # fmt: skip
    migrate.downgrade(engine, "0004")
    with engine.connect() as connection:
        found = connection.execute(text("SELECT url, secret, is_active FROM webhook_endpoint ORDER BY url")).all()
    assert [(url, secret, bool(active)) for url, secret, active in found] == [
        ("clear", "whsec_abc whsec_old@9", True),
        ("sealed", "", False),
    ]
    migrate.upgrade(engine)
    assert migrate.drift(engine) == []
    with Session(engine) as session:
        query = select(WebhookEndpoint.sealed).order_by(WebhookEndpoint.url)
        assert list(session.scalars(query)) == [b"whsec_abc whsec_old@9", b""]


def test_a_counter_proposal_that_was_withdrawn_is_an_offer_below(engine: Engine) -> None:
    with Session(engine) as session, session.begin():
        request = transport_request(organisation("abh:05113000"), "A-1")
        session.add(request)
        session.flush()
        session.add(
            Decision(
                created_at=NOW, request_id=request.id, action=Action.WITHDRAW_COUNTER, before=State.COUNTER_PROPOSED,
                after=State.PROPOSED, role=Role.ZAB_DISPATCHER, remark="", details={},
            )
        )  # fmt: skip
    migrate.downgrade(engine, "0011")
    with engine.connect() as connection:
        assert connection.execute(text("SELECT action FROM decision")).scalars().all() == ["propose"]
    with pytest.raises(DatabaseError, match="ck_decision_decision_action"), engine.begin() as connection:
        connection.execute(text("UPDATE decision SET action = 'withdraw_counter'"))
    migrate.upgrade(engine)
    assert migrate.drift(engine) == []


def test_facts_keep_minutes_and_none_of_them_becomes_none(engine: Engine) -> None:
    migrate.downgrade(engine, "0013")
    with engine.begin() as connection:
        for number, (custody, on_board) in enumerate(((3600, 3541), (61, 1), (0, 0))):
            connection.execute(
                text(
                    "INSERT INTO measure_fact (id, month, zab, bezirk, destination, hour_band, is_night, meets_night, "
                    "has_children, has_override, people, escorts, is_promised, has_begun, custody_seconds, "
                    "on_board_seconds, outcome, code) VALUES (:id, '2026-10-01', 'zab:essen', 'other', 'DUS', 6, "
                    "false, false, false, false, 1, 2, true, true, :custody, :on_board, 'handed_over', '')"
                ),
                {"id": f"{number:032x}", "custody": custody, "on_board": on_board},
            )
    migrate.upgrade(engine)
    assert migrate.drift(engine) == []
    with Session(engine) as session:
        query = select(MeasureFact.custody_minutes, MeasureFact.on_board_minutes).order_by(MeasureFact.id)
        assert [tuple(row) for row in session.execute(query)] == [(60, 60), (2, 1), (0, 0)]
    with pytest.raises(DatabaseError, match="ck_measure_fact_amounts"), engine.begin() as connection:
        connection.execute(text("UPDATE measure_fact SET custody_minutes = -1"))
    migrate.downgrade(engine, "0013")
    with engine.connect() as connection:
        found = connection.execute(text("SELECT custody_seconds, on_board_seconds FROM measure_fact ORDER BY id"))
        assert [tuple(row) for row in found] == [(3600, 3600), (120, 60), (0, 0)]


def test_questions_get_a_kind_of_their_own_and_simulations_go_below(engine: Engine) -> None:
    known = {"created_at": NOW, "updated_at": NOW, "state": RunState.DONE, "horizon": "2026-10-05/2026-10-05",
             "horizon_from": NOW, "horizon_to": NOW + timedelta(days=1), "parameter_set": "p"}  # fmt: skip
    with Session(engine) as session, session.begin():
        zab = organisation()
        question = Run(kind=RunKind.QUESTION, solve_params={"question": {}}, **known)
        simulated = Run(kind=RunKind.SIMULATION, solve_params={}, **known)
        session.add_all([zab, question, simulated])
        session.flush()
        keys = question.id, simulated.id
        session.add_all(
            [
                RunInput(run_id=simulated.id, instance=b"x", result=None),
                Simulation(
                    run_id=simulated.id, organisation_id=zab.id, kind=SimulationKind.SWEEP, name="n", wanted={},
                    scenarios={}, days=1,
                ),
                SimulationResult(run_id=simulated.id, scenario="k", draw=0, at=NOW, outcome={}, plan=None),
            ]
        )  # fmt: skip
    migrate.downgrade(engine, "0012")
    with engine.connect() as connection:
        left = connection.execute(text("SELECT kind FROM run")).scalars().all()
        assert (left, connection.execute(text("SELECT count(*) FROM run_input")).scalar()) == (["simulation"], 0)
    migrate.upgrade(engine)
    assert migrate.drift(engine) == []
    with Session(engine) as session:
        assert [(row.id, row.kind) for row in session.scalars(select(Run))] == [(keys[0], RunKind.QUESTION)]
    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(text("UPDATE run SET kind = 'another'"))


def test_back_tests_go_below_and_other_simulations_stay(engine: Engine) -> None:
    known = {"kind": RunKind.SIMULATION, "solve_params": {}, "created_at": NOW, "updated_at": NOW, "horizon": "h",
             "horizon_from": NOW, "horizon_to": NOW + timedelta(days=1), "parameter_set": "p"}  # fmt: skip
    with Session(engine) as session, session.begin():
        zab = organisation()
        runs = {kind: Run(state=RunState.QUEUED, **known) for kind in (SimulationKind.SWEEP, SimulationKind.BACKTEST)}
        session.add_all([zab, *runs.values()])
        session.flush()
        keys = {kind: run.id for kind, run in runs.items()}
        for kind, key in keys.items():
            session.add_all(
                [
                    RunInput(run_id=key, instance=b"x", result=None),
                    Simulation(
                        run_id=key, organisation_id=zab.id, kind=kind, name="n", wanted={}, scenarios={}, days=1
                    ),
                    SimulationResult(run_id=key, scenario="k", draw=0, at=NOW, outcome={}, plan=None),
                ]
            )
    migrate.downgrade(engine, "0014")
    kept = keys[SimulationKind.SWEEP]
    with Session(engine) as session:
        for column in (RunInput.run_id, Simulation.run_id, SimulationResult.run_id):
            assert list(session.scalars(select(column))) == [kept]
        states = {row.id: row.state for row in session.scalars(select(Run))}
        assert states == {kept: RunState.QUEUED, keys[SimulationKind.BACKTEST]: RunState.CANCELLED}
    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(text("UPDATE simulation SET kind = 'backtest'"))
    migrate.upgrade(engine)
    assert migrate.drift(engine) == []
