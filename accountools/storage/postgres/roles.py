"""Who may do what, by three roles of the database: `DATABASE_owner`, `DATABASE_accountant` and `DATABASE_reader`.

A reader reads the register: enough for the audit. An accountant also changes it and the books, but can't change the office's own licence,
whom it trusts, its members or its folders, nor any event that was recorded; nor move the office away, to where they could do all that. An
owner may do everything.
"""

import sqlalchemy as sa

from accountools.domain.errors import MachineFailed
from accountools.storage import schema
from accountools.storage.postgres.tables import BOOKS, REGISTER, SCHEMA, held_books, trusted

_ADDED_TO = (schema.events.name, schema.licences.name)  # by accountants, who change nothing in them
_OWNERS = {one.name for one in (schema.office, schema.own_licences, schema.revocations, schema.folders, schema.members)}
_READ = (*REGISTER.tables, held_books.name, trusted.name, "alembic_version")
_CHANGED = (*(name for name in REGISTER.tables if name not in {*_OWNERS, *_ADDED_TO}), held_books.name, *BOOKS.tables)
_LONGEST = 63 - len("_accountant")  # bytes of a name, longer ones are shortened by the server


def grant(connection: sa.Connection) -> None:
    """Make the roles where the user may, and grant them what they may do. Roles that are there already are granted it too."""
    database = str(connection.execute(sa.select(sa.func.current_database())).scalar_one())
    owner, accountant, reader = (f"{database[:_LONGEST]}_{name}" for name in ("owner", "accountant", "reader"))
    known = sa.table("pg_roles", sa.column("rolname"), sa.column("rolcreaterole"), sa.column("rolsuper"), schema="pg_catalog")
    there = set(connection.execute(sa.select(known.c.rolname).where(known.c.rolname.in_([owner, accountant, reader]))).scalars())
    may = sa.select(sa.or_(known.c.rolcreaterole, known.c.rolsuper)).where(known.c.rolname == sa.func.current_user())
    if connection.execute(may).scalar():
        for role in sorted({owner, accountant, reader} - there):
            connection.exec_driver_sql(f"CREATE ROLE {_quoted(role)} NOLOGIN")
        there = {owner, accountant, reader}
    grants = (
        (owner, "ALL", f"ALL TABLES IN SCHEMA {SCHEMA}"),
        (owner, "ALL", f"SCHEMA {SCHEMA}"),
        (accountant, "USAGE", f"SCHEMA {SCHEMA}"),
        (accountant, "SELECT", f"ALL TABLES IN SCHEMA {SCHEMA}"),
        (accountant, "INSERT, UPDATE, DELETE", _listed(_CHANGED)),
        (accountant, "INSERT", _listed(_ADDED_TO)),
        (reader, "USAGE", f"SCHEMA {SCHEMA}"),
        (reader, "SELECT", _listed(_READ)),
    )
    for role, what, which in grants:
        if role in there:
            connection.exec_driver_sql(f"GRANT {what} ON {which} TO {_quoted(role)}")


def is_owner(connection: sa.Connection) -> bool:
    """Whether the user may do what only an owner may."""
    return bool(connection.execute(sa.select(sa.func.has_table_privilege(f"{SCHEMA}.{schema.members.name}", "UPDATE"))).scalar_one())


def validate_table_owner(connection: sa.Connection) -> None:
    """Validate that the user may alter the tables, which only who made them may, whatever was granted. Raises `not-permitted`."""
    tables = sa.table("pg_tables", sa.column("schemaname"), sa.column("tablename"), sa.column("tableowner"), schema="pg_catalog")
    chosen = sa.select(tables.c.tableowner, sa.func.pg_has_role(tables.c.tableowner, "USAGE"))
    found = chosen.where(tables.c.schemaname == SCHEMA, tables.c.tablename == schema.events.name)
    owner, may = connection.execute(found).one()
    if not may:
        raise MachineFailed("not-permitted", owner=owner)


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(f'{SCHEMA}."{name}"' for name in names)


def _quoted(role: str) -> str:
    return '"' + role.replace('"', '""') + '"'
