"""Alembic's way in: the engine comes from `storage.migrate`."""

from __future__ import annotations

from alembic import context
from sqlmodel import SQLModel

from storage import tables

assert tables.Incident.metadata is SQLModel.metadata  # the import is what registers the tables

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=SQLModel.metadata, render_as_batch=True, compare_type=True)
with context.begin_transaction():
    context.run_migrations()
