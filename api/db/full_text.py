"""Full-text indexes of the information area: GIN over German lexemes on PostgreSQL, FTS5 with triggers on SQLite.

They are no tables of the code: each database has its own, made in the migration, and ``api.db.migrate`` does not
compare them. Only what everybody may read is found: published pages, answered questions.
"""

from __future__ import annotations

from dataclasses import dataclass

PREFIX = "fts_"
"""Names of all that is made here begin so."""
TABLE = "fts_guidance"
"""On SQLite: ``kind`` (``page`` or ``question``), ``key`` (id), ``title``, ``body``."""
LANGUAGE = "german"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source:
    kind: str
    table: str
    title: str
    body: str
    shown: str
    """State in which everybody reads it."""

    def value(self, row: str) -> tuple[str, str]:
        return self.title.replace("{}", f"{row}."), self.body.replace("{}", f"{row}.")


_SOURCES = (
    _Source(kind="page", table="guidance_page", title="{}title", body="{}body", shown="published"),
    _Source(
        kind="question", table="guidance_question", title="{}text", body="coalesce({}answer, '')", shown="answered"
    ),
)


def lexemes(table: str) -> str:
    """Return the expression that is indexed on PostgreSQL; a query must say it just so for the index to serve."""
    source = next(each for each in _SOURCES if each.table == table)
    title, body = source.value(table)
    return f"to_tsvector('{LANGUAGE}'::regconfig, {title} || ' ' || {body})"


def statements_up(dialect: str) -> tuple[str, ...]:
    """Return the statements that make the indexes, for ``postgresql`` or ``sqlite``."""
    if dialect == "postgresql":
        return tuple(
            f"CREATE INDEX {PREFIX}{each.table} ON {each.table} USING gin ({lexemes(each.table)})" for each in _SOURCES
        )
    made = [
        # Without accents: "ü" is found as "u", as on the screen of whoever has no such key.
        (
            f"CREATE VIRTUAL TABLE {TABLE} USING fts5"
            "(kind UNINDEXED, key UNINDEXED, title, body, tokenize = 'unicode61 remove_diacritics 2')"
        )
    ]
    for each in _SOURCES:
        title, body = each.value("NEW")
        drop = f"DELETE FROM {TABLE} WHERE kind = '{each.kind}' AND key = OLD.id"
        put = (
            f"INSERT INTO {TABLE} (kind, key, title, body) SELECT '{each.kind}', NEW.id, {title}, {body}"
            f" WHERE NEW.state = '{each.shown}'"
        )
        for event, work in (("INSERT", (put,)), ("UPDATE", (drop, put)), ("DELETE", (drop,))):
            body_of = "; ".join(work)
            made.append(
                f"CREATE TRIGGER {PREFIX}{each.table}_{event.lower()} AFTER {event} ON {each.table}"
                f" BEGIN {body_of}; END"
            )
    return tuple(made)


def statements_down(dialect: str) -> tuple[str, ...]:
    """Return the statements that take them away; triggers go with their tables."""
    if dialect == "postgresql":
        return tuple(f"DROP INDEX {PREFIX}{each.table}" for each in _SOURCES)
    triggers = [statement.split()[2] for statement in statements_up(dialect) if statement.startswith("CREATE TRIGGER")]
    return (*(f"DROP TRIGGER {name}" for name in triggers), f"DROP TABLE {TABLE}")
