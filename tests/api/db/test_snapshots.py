"""Whoever makes a snapshot may read what it is made of, and the database refuses everything else."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import suppress

import pytest
from sqlalchemy import Engine, Table, create_engine, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from api.db.snapshots import READ, Snapshots, grant
from api.db.tables import Base
from api.errors import Code, Problem
from api.mapping.horizon import Horizon
from api.mapping.past import PastDays
from api.services import back_tests
from api.services.simulations import snapshot
from tests.api.house import House
from tests.api.past_world import FIRST, LAST, lived
from tests.api.what_if import crowded, everything_else, in_process, made

ON_POSTGRES = pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
TABLES = Base.metadata.sorted_tables
MONDAY = Horizon.read("2026-10-05/2026-10-05")


@pytest.fixture
def role(engine: Engine) -> Iterator[URL]:
    """The address of a role that was let in by ``restplatz simulation-role``."""
    name = f"simulation_{uuid.uuid4().hex[:8]}"
    admin = engine.execution_options(isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE ROLE {name} LOGIN PASSWORD 'known to tests only'"))
    told = grant(engine, name)
    assert "account (id, organisation_id, version)" in told, "of what it may read in part, that part is told"
    assert {each.partition(" ")[0] for each in told} == set(READ)
    try:
        yield engine.url.set(username=name, password="known to tests only")
    finally:
        with admin.connect() as connection:
            connection.execute(text(f"DROP OWNED BY {name}"))
            connection.execute(text(f"DROP ROLE {name}"))


def changes(table: Table) -> tuple[str, ...]:
    column = next(iter(table.columns)).name
    return (
        f'INSERT INTO "{table.name}" DEFAULT VALUES', f'UPDATE "{table.name}" SET "{column}" = "{column}"',
        f'DELETE FROM "{table.name}"',
    )  # fmt: skip


@ON_POSTGRES
def test_the_role_changes_no_table_and_reads_no_more_than_it_needs(engine: Engine, role: URL) -> None:
    made = create_engine(role)  # Not told to read only: it is the role that may not.
    refused, read = [], []
    try:
        for table in TABLES:
            for statement in (*changes(table), f'TRUNCATE "{table.name}"'):
                with made.connect() as connection, pytest.raises(DBAPIError) as error:
                    connection.execute(text(statement))
                refused.append(getattr(error.value.orig, "sqlstate", None))
            with made.connect() as connection, suppress(DBAPIError):
                connection.execute(text(f'SELECT * FROM "{table.name}"'))
                read.append(table.name)
        with made.connect() as connection, pytest.raises(DBAPIError):
            connection.execute(text("CREATE TABLE mine (id integer)"))
        with made.connect() as connection, pytest.raises(DBAPIError):
            connection.execute(text("SELECT password_hash FROM account"))
    finally:
        made.dispose()
    assert set(refused) == {"42501"}, "each is refused for want of a right"
    assert len(refused) == 4 * len(TABLES)
    assert set(read) == {name for name, columns in READ.items() if not columns}
    assert not {"account", "pickup_address", "audit_entry", "api_key", "session", "idempotency_key"} & set(read)


@ON_POSTGRES
def test_with_that_role_a_snapshot_is_whole(house: House, role: URL) -> None:
    crowded(house)
    house.match()
    taken = []
    for snapshots in (
        Snapshots(house.context.settings.address, is_own_role=False),
        Snapshots(role.render_as_string(hide_password=False), is_own_role=True),
    ):
        with snapshots.reading() as session:
            taken.append(snapshot(session, MONDAY, house.context.settings, now=house.now))
    assert taken[0].instance == taken[1].instance
    assert len(taken[0].instance.requests) == 6


@ON_POSTGRES
def test_with_that_role_days_that_are_over_are_whole(house: House, role: URL) -> None:
    lived(house)
    taken = []
    for snapshots in (
        Snapshots(house.context.settings.address, is_own_role=False),
        Snapshots(role.render_as_string(hide_password=False), is_own_role=True),
    ):
        with snapshots.reading() as session:
            days = PastDays.read(f"{FIRST}/{LAST}")
            taken.append(back_tests.snapshot(session, days, house.context.settings, now=house.now))
    assert (taken[0].instance, taken[0].history) == (taken[1].instance, taken[1].history)
    assert len(taken[0].instance.requests) == 5


@ON_POSTGRES
def test_simulations_are_made_with_that_role_and_leave_all_else_as_it_was(
    house: House, role: URL, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_process(monkeypatch)
    crowded(house)
    house.match()
    house.context.parts["snapshots"] = Snapshots(role.render_as_string(hide_password=False), is_own_role=True)
    before = everything_else(house)
    made(house)
    assert everything_else(house) == before
    assert sum(map(len, before.values())) > 30, "there is something to compare"


@ON_POSTGRES
def test_a_role_that_may_write_is_not_used(house: House) -> None:
    with (
        pytest.raises(Problem, match="may change tables") as problem,
        Snapshots(house.context.settings.address, is_own_role=True).reading(),
    ):
        pass
    assert problem.value.code is Code.UNAVAILABLE


@ON_POSTGRES
def test_a_role_that_is_not_there_is_told(engine: Engine) -> None:
    with pytest.raises(Problem, match="no such role"):
        grant(engine, 'nobody"; DROP TABLE duty; --')
    address = engine.url.set(username="nobody_at_all", password="x")
    with (
        pytest.raises(Problem) as problem,
        Snapshots(address.render_as_string(hide_password=False), is_own_role=True).reading(),
    ):
        pass
    assert problem.value.code is Code.UNAVAILABLE


def test_without_a_role_of_its_own_the_connection_changes_nothing(engine: Engine) -> None:
    snapshots = Snapshots(engine.url.render_as_string(hide_password=False), is_own_role=False)
    for table in TABLES:
        for statement in changes(table):
            with pytest.raises(Problem) as problem, snapshots.reading() as session:
                session.execute(text(statement))
            cause = problem.value.__cause__
            assert isinstance(cause, DBAPIError)
            assert "readonly" in str(cause.orig) or "read-only" in str(cause.orig)
