"""The tables: one definition for every engine (SQLAlchemy Core). `VERSION` counts up with each migration.

The register is the one truth about who may do what under which licence; an administration's books hold only books. Days and
moments are ISO 8601 texts, amounts whole cents, flags 0 or 1: the same on every engine and in a backup's image.
"""

from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, Column, ForeignKey, ForeignKeyConstraint, Integer, Table, Text

VERSION = 1
LONGEST_TEXT, LONGEST_LIST = 1 << 20, 16 << 20  # bytes of a text in the books; of any other, such as a list of users in JSON
PENDING, WRITTEN, COMMITTED, PRUNED = "begun", "sealed", "made", "pruned"  # the states of a backup, as stored
REVISION = f"{VERSION:04d}"

_NAMES = {
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "ix": "ix_%(table_name)s_%(column_0_name)s",
}
REGISTER = sa.MetaData(naming_convention=_NAMES)
BOOKS = sa.MetaData(naming_convention=_NAMES)
_BigInteger = sa.BigInteger().with_variant(Integer, "sqlite")


def _table(name: str, metadata: sa.MetaData, *items: sa.schema.SchemaItem) -> Table:
    return Table(name, metadata, *items, sqlite_strict=True)


def _text(name: str, *more: sa.schema.SchemaItem) -> Column[str]:
    return Column(name, Text, *more, nullable=False)


def _texts(*names: str) -> Iterator[Column[str]]:
    return map(_text, names)


def _flag(name: str) -> tuple[Column[int], CheckConstraint]:
    return Column(name, Integer, nullable=False), CheckConstraint(f'"{name}" IN (0, 1)', name)


office = _table("office", REGISTER, Column("id", Integer, primary_key=True), _text("made_at"), CheckConstraint("id = 1", "one"))

licences = _table(
    "licences",
    REGISTER,
    Column("sha256", Text, primary_key=True),  # of the token
    *_texts("token", "number", "key_id"),
)

own_licences = _table(
    "own_licences",
    REGISTER,
    Column("n", Integer, primary_key=True),  # the highest is the present one
    _text("licence", ForeignKey("licences.sha256")),
    _text("since"),
)

revocations = _table(
    "revocations", REGISTER, Column("key_id", Text, primary_key=True), Column("seq", _BigInteger, nullable=False), _text("token")
)

clients = _table("clients", REGISTER, Column("kvk", Text, primary_key=True), *_texts("name", "city"))

administrations = _table(
    "administrations",
    REGISTER,
    Column("number", Integer, primary_key=True),
    _text("description"),
    Column("client_kvk", Text, ForeignKey("clients.kvk")),
    *_flag("archived"),
    Column("version", _BigInteger, nullable=False),  # counts the changes of it, its users and its licence
    Column("counter", _BigInteger, nullable=False, default=0),  # of the last backup made of it
    Column("exchanged_mark", Text),  # the revision of its books when last sent to the client or received from it
)

users = _table(
    "users",
    REGISTER,
    Column("administration", Integer, ForeignKey("administrations.number"), primary_key=True),
    Column("login_key", Text, primary_key=True),
    *_texts("login", "name"),
    Column("employee", Integer),
    *_flag("active"),
    *_flag("office"),
)

imports = _table(
    "imports",
    REGISTER,
    Column("administration", Integer, ForeignKey("administrations.number"), primary_key=True),
    _text("licence", ForeignKey("licences.sha256")),
    *_texts("login_key", "imported_at"),
    _text("accepted"),  # JSON: the codes of obstacles that were accepted
    ForeignKeyConstraint(["administration", "login_key"], ["users.administration", "users.login_key"]),
)

signers = _table(
    "signers",
    REGISTER,
    Column("client_kvk", Text, primary_key=True),  # in an accountant's office; empty in a client's, which knows one signer
    *_texts("thumbprint", "jwk", "name", "kvk", "kept_at"),
)

received = _table(
    "received",
    REGISTER,
    Column("administration", Integer, primary_key=True),
    Column("thumbprint", Text, primary_key=True),
    Column("counter", _BigInteger, nullable=False),
)

backups = _table(
    "backups",
    REGISTER,
    Column("id", Integer, primary_key=True),
    Column("administration", Integer),
    _text("purpose"),
    _text("part_path"),  # where it is written before it gets its name
    Column("path", Text),
    Column("bytes", _BigInteger),
    Column("sha256", Text),
    _text("licence_number"),
    *_flag("encrypted"),
    Column("books_mark", Text),
    Column("counter", _BigInteger, nullable=False),
    Column("journal_length", _BigInteger, nullable=False),
    *_texts("journal_head", "at", "day"),
    Column("milliseconds", Integer),
    Column("rehearsed", Text),
    _text("state"),
    CheckConstraint("state IN ('begun', 'sealed', 'made', 'pruned')", "state"),
)

replacements = _table(
    "replacements",  # books that are being replaced: undone at the next opening after an interruption
    REGISTER,
    Column("administration", Integer, primary_key=True),
    _text("kept_name"),
    Column("owner", Text),  # the lock of who does it
)

events = _table(
    "events",
    REGISTER,
    Column("n", _BigInteger, primary_key=True),
    *_texts("at", "by", "what"),
    Column("administration", Integer),
    _text("details"),  # canonical JSON; numbers and hashes, never a token
    _text("hash"),
)

marks = _table(  # one row: the revision of the books, a random text; not part of an image
    "marks", BOOKS, Column("id", Integer, primary_key=True), _text("mark"), CheckConstraint("id = 1", "one")
)

accounts = _table(
    "accounts",
    BOOKS,
    Column("code", Text, primary_key=True),
    *_texts("name", "rgs", "kind", "side", "vat"),
    CheckConstraint("kind IN ('B', 'P')", "kind"),
    CheckConstraint("side IN ('D', 'C')", "side"),
)

journals = _table("journals", BOOKS, Column("code", Text, primary_key=True), *_texts("name", "kind"))

vat_codes = _table("vat_codes", BOOKS, Column("code", Text, primary_key=True), _text("name"), Column("rate", Integer))

relations = _table(
    "relations",
    BOOKS,
    Column("code", Text, primary_key=True),
    *_texts("name", "kind", "city"),
    CheckConstraint("kind IN ('D', 'C', 'B')", "kind"),
)

entries = _table(
    "entries",
    BOOKS,
    Column("id", _BigInteger, primary_key=True),
    _text("journal", ForeignKey("journals.code")),
    *_texts("number", "date"),
    Column("period", Integer, nullable=False),
    _text("description"),
)

lines = _table(
    "lines",
    BOOKS,
    Column("id", _BigInteger, primary_key=True),
    Column("entry", _BigInteger, ForeignKey("entries.id"), nullable=False),
    _text("account", ForeignKey("accounts.code")),
    _text("side"),
    Column("amount", _BigInteger, nullable=False),  # cents
    _text("description"),
    Column("relation", Text, ForeignKey("relations.code")),
    Column("vat", Text, ForeignKey("vat_codes.code")),
    CheckConstraint("side IN ('D', 'C')", "side"),
)

sa.Index(None, lines.c.entry)
sa.Index(None, lines.c.account)

BOOK_TABLES = ("accounts", "journals", "vat_codes", "relations", "entries", "lines")
REGISTER_TABLES = tuple(table.name for table in REGISTER.sorted_tables)
