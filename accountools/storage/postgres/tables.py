"""The tables on PostgreSQL: those of `storage.schema`, and with the books of all administrations in the same tables.

Each table of the books has `administration` as the first column of its primary key and of each foreign key. It holds the `id` of a row
of `held_books`, which says whose these books are: books come to exist, and others take their place, by a change of that row alone.
"""

from typing import Any

import sqlalchemy as sa

from accountools.storage import schema

SCHEMA = "accountools"
ADMINISTRATION = "administration"
CURRENT = "{administration}"  # in the text of a statement: the id of the books of its transaction


def _type(column: sa.Column[Any]) -> sa.types.TypeEngine[Any]:
    """As it is in SQLite: numbers of 64 bits; texts compared by their bytes, whatever the database's own order is."""
    return sa.BigInteger() if isinstance(column.type, sa.Integer) else sa.Text(collation="C")


def _shared(tables: sa.MetaData) -> sa.MetaData:
    """The same tables for the books of all administrations. What a foreign key names has an index: else removing books takes hours."""
    made = sa.MetaData(naming_convention=tables.naming_convention)
    for table in tables.sorted_tables:
        owner = sa.Column(ADMINISTRATION, sa.BigInteger, nullable=False, autoincrement=False, default=sa.literal_column(CURRENT))
        columns = [sa.Column(one.name, _type(one), nullable=bool(one.nullable)) for one in table.columns]
        keys: list[sa.schema.SchemaItem] = [sa.PrimaryKeyConstraint(ADMINISTRATION, *table.primary_key.columns.keys())]
        indexed = {index.columns.keys()[0] for index in table.indexes}
        for constraint in table.constraints:
            if isinstance(constraint, sa.CheckConstraint):
                keys.append(sa.CheckConstraint(str(constraint.sqltext), name=constraint.name))
            elif isinstance(constraint, sa.ForeignKeyConstraint):
                to = [element.target_fullname for element in constraint.elements]
                own, theirs = [ADMINISTRATION, *constraint.column_keys], [f"{to[0].partition('.')[0]}.{ADMINISTRATION}", *to]
                name = f"fk_{table.name}_{constraint.column_keys[0]}"
                keys.append(sa.ForeignKeyConstraint(own, theirs, name=name))
                indexed.add(constraint.column_keys[0])
        first = table.primary_key.columns.keys()[0]
        new = sa.Table(table.name, made, owner, *columns, *keys)
        for name in sorted(indexed - {first}):
            sa.Index(f"ix_{table.name}_{name}", new.c[ADMINISTRATION], new.c[name])
    return made


def _register(tables: sa.MetaData) -> sa.MetaData:
    """The same tables; each foreign key has a name of its own, which only this database demands."""
    names: dict[Any, Any] = {**tables.naming_convention, "fk": "fk_%(table_name)s_%(column_0_N_name)s"}
    made = sa.MetaData(naming_convention=names)
    for table in tables.sorted_tables:
        parts: list[sa.schema.SchemaItem] = [
            sa.Column(one.name, _type(one), primary_key=one.primary_key, nullable=bool(one.nullable), autoincrement=False)
            for one in table.columns
        ]
        for constraint in table.constraints:
            if isinstance(constraint, sa.CheckConstraint):
                parts.append(sa.CheckConstraint(str(constraint.sqltext), name=constraint.name))
            elif isinstance(constraint, sa.ForeignKeyConstraint):
                parts.append(sa.ForeignKeyConstraint(constraint.column_keys, [one.target_fullname for one in constraint.elements]))
        new = sa.Table(table.name, made, *parts)
        for index in table.indexes:
            sa.Index(index.name, *(new.c[one.name] for one in index.columns))
    return made


REGISTER = _register(schema.REGISTER)
BOOKS = _shared(schema.BOOKS)
OWN = sa.MetaData()

held_books = sa.Table(  # all books, also those that are being made: `number` is the administration whose books they are
    "held_books",
    OWN,
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("number", sa.Integer, unique=True),
    sa.Column("identity", sa.Text(collation="C"), nullable=False),
    sa.Column("aside", sa.Integer),  # books that were there before, of no administration: the number they had
)

trusted = sa.Table(  # one row: the issuers whose licences count, a JWKS
    "trusted",
    OWN,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("jwks", sa.LargeBinary, nullable=False),
    sa.CheckConstraint("id = 1", "ck_trusted_one"),
)

ALL = (REGISTER, BOOKS, OWN)

MOVE = sa.MetaData()  # not of an office: only while one is being moved here, which is no office yet
unfinished_move = sa.Table(
    "unfinished_move",
    MOVE,
    sa.Column("journal", sa.Text(collation="C"), primary_key=True),
    sa.Column("source", sa.Text(collation="C"), nullable=False),
)
