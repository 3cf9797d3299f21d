"""The schema of images: the texts of their tables, frozen for each version (docs/decisions/0005)."""

import sqlite3
from contextlib import closing
from functools import cache
from importlib.resources import files
from typing import Literal

from accountools.domain.errors import Unsound
from accountools.storage import schema

Kind = Literal["administration", "register"]
APPLICATION_ID = 0x41434231  # "ACB1", by which `file` and this program recognise an image
REGISTER_COPIED = tuple(name for name in schema.REGISTER_TABLES if name not in {"replacements", "batches"})  # those are the machine's
EXTRACT_NAMES: dict[Kind, frozenset[str]] = {  # of the rows in `slice`
    "administration": frozenset({"number", "description", "client", "users", "by", "counts", "totals", "licence", "licence_user"}),
    "register": frozenset({"licence_number"}),
}
OFFICE_FILES = frozenset({"backup-key.pem", "trust.jwks"})  # the names of those in a register's image
ROWS_COPIED = {"backups": " WHERE state IN ('made', 'pruned')"}  # pending backups concern the machine that makes them


@cache
def create_statements(kind: Kind, version: int) -> tuple[str, ...]:
    """The statements that create an image's tables."""
    text = files("accountools.storage.image").joinpath("schema", f"{kind}_{version}.sql").read_text("utf-8")
    lines = (line for line in text.splitlines() if not line.startswith("--"))
    return tuple(statement.strip() for statement in "\n".join(lines).split(";") if statement.strip())


@cache
def expected_schema(kind: Kind, version: int) -> frozenset[tuple[str, str, str, str | None]]:
    """What `sqlite_schema` must hold: type, name, table and text. Raises `schema-unexpected` for an unknown version."""
    with closing(sqlite3.connect(":memory:")) as connection:
        try:
            connection.executescript(";".join(create_statements(kind, version)))
        except FileNotFoundError as error:
            raise Unsound("schema-unexpected", what=f"user_version {version}") from error
        return frozenset(connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_schema").fetchall())
