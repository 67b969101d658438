"""What the database itself refuses, beyond what a table can say: doubled crews and vehicles, changed records.

A duty in use excludes every other one of its crew whose shift overlaps, and every other one of its vehicle whose window
overlaps; shifts that only touch do not (``optimizer.verify.plan``). Triggers do it, on PostgreSQL too: its exclusion
constraints would need an extension that not every server has. That the other duty has not ended before follows from
the rest; it is said for the indexes by crew and by vehicle, so that no trigger reads years of past duties. The audit
log can be added to, nothing else.
"""

from __future__ import annotations

_DOUBLED = (("crew", "crew_id", "starts_at", "ends_at"), ("vehicle", "vehicle_id", "vehicle_from", "vehicle_to"))

_POSTGRES_UP = (
    *(
        statement
        for what, column, begin, end in _DOUBLED
        for statement in (
            # Whoever puts a crew (a vehicle) to use locks its row first: two at once would not see one another.
            f"""CREATE FUNCTION ex_duty_{what}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            PERFORM 1 FROM {what} WHERE id = NEW.{column} FOR UPDATE;
            IF EXISTS (SELECT 1 FROM duty AS other WHERE other.id <> NEW.id AND other.is_used
                       AND other.{column} = NEW.{column} AND other.{begin} < NEW.{end} AND NEW.{begin} < other.{end}
                       AND NEW.{begin} < other.ends_at)
            THEN RAISE EXCEPTION 'ex_duty_{what}' USING ERRCODE = 'exclusion_violation', CONSTRAINT = 'ex_duty_{what}';
            END IF; RETURN NEW; END $$""",
            f"""CREATE TRIGGER tr_duty_{what} BEFORE INSERT OR UPDATE OF is_used, {column}, {begin}, {end} ON duty
            FOR EACH ROW WHEN (NEW.is_used) EXECUTE FUNCTION ex_duty_{what}()""",
        )
    ),
    """CREATE FUNCTION audit_entry_is_final() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'audit_entry is append-only' USING ERRCODE = 'restrict_violation'; END $$""",
    """CREATE TRIGGER tr_audit_entry_final BEFORE UPDATE OR DELETE ON audit_entry
    FOR EACH ROW EXECUTE FUNCTION audit_entry_is_final()""",
)
_POSTGRES_DOWN = (
    "DROP TRIGGER tr_audit_entry_final ON audit_entry",
    "DROP FUNCTION audit_entry_is_final()",
    *(
        statement
        for what, *_ in _DOUBLED
        for statement in (f"DROP TRIGGER tr_duty_{what} ON duty", f"DROP FUNCTION ex_duty_{what}()")
    ),
)


def _sqlite_up() -> tuple[str, ...]:
    made = []
    for what, column, begin, end in _DOUBLED:
        for event in ("INSERT", f"UPDATE OF is_used, {column}, {begin}, {end}"):
            name = f"tr_duty_{what}_{event.split()[0].lower()}"
            made.append(
                f"CREATE TRIGGER {name} BEFORE {event} ON duty WHEN NEW.is_used AND EXISTS ("
                f"SELECT 1 FROM duty AS other WHERE other.id <> NEW.id AND other.is_used"
                f" AND other.{column} = NEW.{column} AND other.{begin} < NEW.{end} AND NEW.{begin} < other.{end}"
                f" AND NEW.{begin} < other.ends_at)"
                f" BEGIN SELECT RAISE(ABORT, 'ex_duty_{what}'); END"
            )
    made += [
        f"CREATE TRIGGER tr_audit_entry_{event.lower()} BEFORE {event} ON audit_entry"
        f" BEGIN SELECT RAISE(ABORT, 'audit_entry is append-only'); END"
        for event in ("UPDATE", "DELETE")
    ]
    return tuple(made)


def statements_up(dialect: str) -> tuple[str, ...]:
    """Return the statements that put the guards up, for ``postgresql`` or ``sqlite``."""
    return _POSTGRES_UP if dialect == "postgresql" else _sqlite_up()


def statements_down(dialect: str) -> tuple[str, ...]:
    """Return the statements that take them down."""
    if dialect == "postgresql":
        return _POSTGRES_DOWN
    return tuple(f"DROP TRIGGER {statement.split()[2]}" for statement in _sqlite_up())
