"""Rows are only ever added: triggers refuse anything else."""

from __future__ import annotations

from alembic import op
from sqlalchemy import inspect

from nspl_opt.store.migrations.append_only import make

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """One or two triggers for every table that is there by now."""
    connection = op.get_bind()
    tables = sorted(set(inspect(connection).get_table_names()) - {"alembic_version", "store_lock"})
    for statement in make(connection.dialect.name, tables):
        connection.exec_driver_sql(statement)
