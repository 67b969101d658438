"""What the database itself refuses, beyond what a table can say: doubled crews and vehicles, changed records.

A duty in use excludes every other one of its crew whose shift overlaps, and every other one of its vehicle whose window
overlaps; shifts that only touch do not (``optimizer.verify.plan``). Triggers do it, on PostgreSQL too: its exclusion
constraints would need an extension that not every server has. That the other duty has not ended before follows from
the rest; it is said for the indexes by crew and by vehicle, so that no trigger reads years of past duties. The audit
log can be added to; lines are deleted only up to an anchor that holds the hash of the last of them.
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


_ANCHORED = """IF TG_OP = 'DELETE' AND EXISTS (SELECT 1 FROM audit_anchor WHERE number >= OLD.number)
    THEN RETURN OLD; END IF;"""
_FITS = """EXISTS (SELECT 1 FROM audit_entry AS line WHERE line.number = NEW.number AND line.sha256 = NEW.sha256)
    AND NOT EXISTS (SELECT 1 FROM audit_entry AS line WHERE line.number <= NEW.number AND line.at >= NEW.until)
    AND EXISTS (SELECT 1 FROM audit_entry AS line WHERE line.number > NEW.number) AND NEW.until < NEW.at"""
"""An anchor is a line of the log, all up to it are older than it says, and the log goes on after it."""


def _postgres_final(before: str) -> str:
    return f"""CREATE OR REPLACE FUNCTION audit_entry_is_final() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN {before} RAISE EXCEPTION 'audit_entry is append-only' USING ERRCODE = 'restrict_violation'; END $$"""


_SQLITE_FINAL = """CREATE TRIGGER tr_audit_entry_delete BEFORE DELETE ON audit_entry{when}
    BEGIN SELECT RAISE(ABORT, 'audit_entry is append-only'); END"""


def anchor_up(dialect: str) -> tuple[str, ...]:
    """Return the statements that let anchored lines be deleted, and guard the anchors; once their table is there."""
    if dialect == "postgresql":
        return (
            _postgres_final(_ANCHORED),
            f"""CREATE FUNCTION audit_anchor_fits() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF TG_OP = 'INSERT' AND {_FITS} THEN RETURN NEW; END IF;
            RAISE EXCEPTION 'audit_anchor does not fit' USING ERRCODE = 'restrict_violation'; END $$""",
            """CREATE TRIGGER tr_audit_anchor_fits BEFORE INSERT OR UPDATE OR DELETE ON audit_anchor
            FOR EACH ROW EXECUTE FUNCTION audit_anchor_fits()""",
        )
    anchored = " WHEN NOT EXISTS (SELECT 1 FROM audit_anchor WHERE number >= OLD.number)"
    return (
        "DROP TRIGGER tr_audit_entry_delete",
        _SQLITE_FINAL.format(when=anchored),
        *(
            f"CREATE TRIGGER tr_audit_anchor_{event.lower()} BEFORE {event} ON audit_anchor{when}"
            f" BEGIN SELECT RAISE(ABORT, 'audit_anchor does not fit'); END"
            for event, when in (("INSERT", f" WHEN NOT ({_FITS})"), ("UPDATE", ""), ("DELETE", ""))
        ),
    )


def anchor_down(dialect: str) -> tuple[str, ...]:
    """Return the statements that take it back, before the table of anchors goes."""
    if dialect == "postgresql":
        return (
            _postgres_final(""),
            "DROP TRIGGER tr_audit_anchor_fits ON audit_anchor",
            "DROP FUNCTION audit_anchor_fits()",
        )
    return (
        "DROP TRIGGER tr_audit_entry_delete",
        _SQLITE_FINAL.format(when=""),
        *(f"DROP TRIGGER tr_audit_anchor_{event}" for event in ("insert", "update", "delete")),
    )
