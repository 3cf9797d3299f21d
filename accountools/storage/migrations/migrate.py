"""Versions of databases: created in the present one, migrated by Alembic from an older one, refused if newer."""

from pathlib import Path

import sqlalchemy as sa

from accountools.domain.errors import MachineFailed, Refused
from accountools.domain.obstacle import Part
from accountools.storage import schema

_VERSION_DDL = "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
_VERSION_TABLE = sa.table("alembic_version", sa.column("version_num", sa.Text))


def create(connection: sa.Connection, *tables: sa.MetaData) -> None:
    """Make all tables of the present version and record it as Alembic does; a test compares this with the migrations."""
    for some in tables:
        some.create_all(connection, checkfirst=False)
    connection.exec_driver_sql(_VERSION_DDL)
    connection.execute(sa.insert(_VERSION_TABLE).values(version_num=schema.REVISION))


def is_old(connection: sa.Connection) -> bool:
    """Whether the database is of an older version. Raises `office-newer`, or `office-damaged` when it has no version."""
    found = connection.execute(sa.select(_VERSION_TABLE.c.version_num)).scalar()
    if found is None:
        raise MachineFailed("office-damaged", what=Part.VERSION)
    if found > schema.REVISION:
        raise Refused("office-newer", found=found)
    return bool(found < schema.REVISION)


def upgrade(connection: sa.Connection, which: str, target: str = "head") -> None:
    """Run the migrations of `which` (`register` or `books`, or all of an office on a `server`) on an open connection."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / which))
    config.attributes["connection"] = connection
    command.upgrade(config, target)
