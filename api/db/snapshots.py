"""What a simulation may read of the live database, and by whom: a role that may do nothing else.

On PostgreSQL it is a role of its own with ``SELECT`` on the tables named here; on SQLite, and where no such role is
set up, a connection that the database lets change nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from api.db.engine import make_reader
from api.db.tables import (
    Account,
    Away,
    Bar,
    Clearance,
    CrewRow,
    Decision,
    DutyRow,
    LedgerEntry,
    Organisation,
    Override,
    ParameterSetRow,
    Proposal,
    TourStop,
    TransportRequest,
    VehicleRow,
)
from api.errors import Code, Problem

READ: Mapping[str, tuple[str, ...]] = {
    table.__tablename__: columns
    for table, columns in (
        # Of an account whose it is: what an organisation lifted holds for its own requests alone.
        (Account, ("id", "organisation_id", "version")),
        *((table, ()) for table in (
            Away, Bar, Clearance, CrewRow, Decision, DutyRow, LedgerEntry, Organisation, Override, ParameterSetRow,
            Proposal, TourStop, TransportRequest, VehicleRow,
        )),
    )
}  # fmt: skip
"""All tables that a snapshot is made of, with their columns where it is not all of them; neither addresses nor
passwords, keys or the log are among them."""
_MAY_WRITE = text(
    "SELECT count(*) FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = current_schema()::regnamespace"
    " AND has_table_privilege(oid, 'INSERT, UPDATE, DELETE, TRUNCATE')"
)


class Snapshots:
    """Where simulations read the state of the exchange; connections are opened for each and closed after it.

    Parameters
    ----------
    address
        ``Settings.snapshot_address``.
    is_own_role
        Whether that is a role of its own: one that may write is then refused.
    """

    def __init__(self, address: str, *, is_own_role: bool) -> None:
        self._engine: Engine = make_reader(address)
        self._is_own_role = is_own_role

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Yield a session that sees one state of the database; whatever it tries to change, the database refuses.

        Raises
        ------
        Problem
            ``unavailable`` (503) where the database cannot be reached so, or the role may do more than read.
        """
        try:
            with self._engine.connect() as connection:
                self._see_that_it_only_reads(connection)
                with Session(connection) as session:
                    yield session
        except DBAPIError as error:
            raise Problem(
                Code.UNAVAILABLE,
                "The state that a simulation starts from cannot be read. Tell your operators: the setting "
                "simulation_database_url, and restplatz simulation-role.",
            ) from error

    def _see_that_it_only_reads(self, connection: Connection) -> None:
        if self._is_own_role and connection.dialect.name == "postgresql" and connection.scalar(_MAY_WRITE):
            raise Problem(
                Code.UNAVAILABLE,
                "The role of simulation_database_url may change tables, so no simulation is started by it. Tell your "
                "operators: restplatz simulation-role takes all but reading from it.",
            )


def grant(engine: Engine, role: str) -> tuple[str, ...]:
    """Let a role of PostgreSQL read what a snapshot is made of, and nothing else.

    Returns each table, with the columns behind it where it may not read all of them: ``account (id, …)``.

    Raises
    ------
    Problem
        ``value_refused`` (422) where it is not PostgreSQL, or there is no such role.
    """
    if engine.dialect.name != "postgresql":
        raise Problem(Code.VALUE_REFUSED, "SQLite knows no roles: simulations read by connections that change nothing.")
    name = engine.dialect.identifier_preparer.quote_identifier(role)
    with engine.begin() as connection:
        if connection.scalar(text("SELECT count(*) FROM pg_roles WHERE rolname = :role"), {"role": role}) == 0:
            raise Problem(Code.VALUE_REFUSED, "PostgreSQL has no such role. Make it first: CREATE ROLE … LOGIN.")
        schema = engine.dialect.identifier_preparer.quote_identifier(
            str(connection.scalar(text("SELECT current_schema()")))
        )
        for what in ("TABLES", "SEQUENCES", "FUNCTIONS"):
            connection.exec_driver_sql(f"REVOKE ALL ON ALL {what} IN SCHEMA {schema} FROM {name}")
        connection.exec_driver_sql(f"REVOKE CREATE ON SCHEMA {schema} FROM {name}")
        connection.exec_driver_sql(f"GRANT USAGE ON SCHEMA {schema} TO {name}")
        for table, columns in READ.items():
            connection.exec_driver_sql(f"GRANT SELECT{_listed(columns)} ON {schema}.{table} TO {name}")
    return tuple(f"{table}{_listed(columns)}" for table, columns in READ.items())


def _listed(columns: tuple[str, ...]) -> str:
    return f" ({', '.join(columns)})" if columns else ""
