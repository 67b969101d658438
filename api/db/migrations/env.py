"""Alembic's entry: migrates the database that ``api.db.migrate`` names; also what ``alembic`` on a terminal runs."""

from __future__ import annotations

from alembic import context

from api.db.migrate import options

connection = context.config.attributes["connection"]
context.configure(connection=connection, **options())
with context.begin_transaction():
    context.run_migrations()
