"""Bring a database to the newest schema, and say which one it has."""

from __future__ import annotations

from pathlib import Path

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from nspl_opt.store.errors import Unfit


def known_versions() -> tuple[str, ...]:
    """Every version of the schema that this program knows, oldest first."""
    return tuple(reversed([script.revision for script in _scripts().walk_revisions()]))


def found_version(connection: Connection) -> str | None:
    """The version of the schema that the database has; None when it has none."""
    return MigrationContext.configure(connection).get_current_revision()


def check_version(connection: Connection, where: str) -> None:
    """``Unfit`` unless the schema is the newest: ``L101`` none, ``L104`` newer than known, ``L105`` older."""
    found, known = found_version(connection), known_versions()
    if found is None:
        raise Unfit("L101", where=where)
    if found not in known:
        raise Unfit("L104", found=found, known=known[-1])
    if found != known[-1]:
        raise Unfit("L105", found=found, known=known[-1])


def upgrade(connection: Connection, to: str = "head") -> tuple[str | None, str | None]:
    """Run the steps that are missing, inside the transaction that is open; version before and after.

    Raises
    ------
    Unfit
        ``L104`` when the database has a version that is not known here: it is not touched.
    """
    before, known, scripts = found_version(connection), known_versions(), _scripts()
    if before is not None and before not in known:
        raise Unfit("L104", found=before, known=known[-1])
    steps = EnvironmentContext(scripts.config, scripts, fn=lambda found, _context: scripts._upgrade_revs(to, found))
    with steps:
        steps.configure(connection=connection, transactional_ddl=True, target_metadata=None)
        with steps.begin_transaction():
            steps.run_migrations()
    return before, found_version(connection)


class _Scripts(ScriptDirectory):
    config: Config


def _scripts() -> _Scripts:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    scripts = _Scripts.from_config(config)
    scripts.config = config
    return scripts
