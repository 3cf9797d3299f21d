"""The tables: one definition for every engine (SQLAlchemy Core). `VERSION` counts up with each migration.

The register is the one truth about who may do what under which licence; an administration's books hold only books. Days and
moments are ISO 8601 texts, amounts whole cents, flags 0 or 1: the same on every engine and in a backup's image.
"""

from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, Column, ForeignKey, ForeignKeyConstraint, Integer, Table, Text

VERSION = 3
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


def _optional(*names: str) -> Iterator[Column[str | None]]:
    return (Column(name, Text) for name in names)


def _refers(name: str, to: str) -> Column[str | None]:
    return Column(name, Text, ForeignKey(to))


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

folders = _table(  # the folders that the office named: `backups`, `inbox`; those in its own folder relative to that
    "folders", REGISTER, Column("name", Text, primary_key=True), _text("path"), CheckConstraint("name IN ('backups', 'inbox')", "name")
)

members = _table(  # who may make backups: `sealed` is the key that signs them, encrypted to the member's age key, in base64
    "members", REGISTER, Column("name", Text, primary_key=True), *_texts("recipient", "sealed", "since")
)

batches = _table(  # backups that were planned together, until all of them are made
    "batches",
    REGISTER,
    Column("id", Integer, primary_key=True),
    _text("signed"),  # a JWS by the key that signs backups: what is made, where it goes and to whom it is encrypted
)

events = _table(
    "events",
    REGISTER,
    Column("n", _BigInteger, primary_key=True),
    *_texts("at", "by", "what"),
    Column("administration", Integer),
    _text("details"),  # canonical JSON; numbers and hashes, never a token
    _text("hash"),
    sa.Index(None, "administration"),
    sa.Index(None, "what", "administration"),  # each command asks for some kinds: without it all events would be read
)

marks = _table(  # one row: the revision of the books, a random text; not part of an image
    "marks", BOOKS, Column("id", Integer, primary_key=True), _text("mark"), CheckConstraint("id = 1", "one")
)

# In the tables below `more` is JSON: what an audit file says of it that has no column, by the file's own names; `addresses` is
# a JSON list of addresses, each with its `kind` (street or postal).

years = _table(  # fiscal years, each with the header and the company of the audit file that it came from
    "years",
    BOOKS,
    Column("label", Text, primary_key=True),
    *_texts("first_day", "last_day"),
    *_flag("closed"),
    *_optional("format", "file", "sha256", "fiscal_year", "currency", "created", "software", "software_version", "rgs_version"),
    *_optional("company", "kvk", "tax_country", "tax_number", "addresses", "opening_day", "opening_text", "more"),
)

periods = _table(
    "periods",
    BOOKS,
    Column("year", Text, ForeignKey("years.label"), primary_key=True),
    Column("number", Integer, primary_key=True),  # 0 to 999; what it means is the package's own
    *_optional("first_day", "last_day", "name", "more"),
)

accounts = _table(
    "accounts",
    BOOKS,
    Column("code", Text, primary_key=True),
    *_texts("name", "rgs", "kind", "side", "vat"),
    *_optional("rgs_source", "more"),  # where the RGS code comes from, by the name of the element
    CheckConstraint("kind IN ('B', 'P', 'M')", "kind"),
    CheckConstraint("side IN ('D', 'C')", "side"),
)

journals = _table(
    "journals", BOOKS, Column("code", Text, primary_key=True), *_texts("name", "kind"), *_optional("offset_account", "bank_account", "more")
)

vat_codes = _table(
    "vat_codes",
    BOOKS,
    Column("code", Text, primary_key=True),
    _text("name"),
    Column("rate", Integer),
    *_optional("payable_account", "receivable_account", "more"),
)

relations = _table(
    "relations",
    BOOKS,
    Column("code", Text, primary_key=True),
    *_texts("name", "kind", "city"),
    *_optional("email", "kvk", "tax_country", "tax_number", "addresses", "more"),
    CheckConstraint("kind IN ('D', 'C', 'B', 'O')", "kind"),  # debtor, creditor, both, other: an audit file's C, S, B, O
)

relation_balances = _table(  # as an audit file states them
    "relation_balances",
    BOOKS,
    Column("year", Text, ForeignKey("years.label"), primary_key=True),
    Column("relation", Text, ForeignKey("relations.code"), primary_key=True),
    Column("opening", _BigInteger),
    *_optional("opening_side"),
    Column("closing", _BigInteger),
    *_optional("closing_side"),
)

opening_lines = _table(  # opening balances: no movements
    "opening_lines",
    BOOKS,
    Column("id", _BigInteger, primary_key=True),
    _text("year", ForeignKey("years.label")),
    _text("account", ForeignKey("accounts.code")),
    _text("side"),
    Column("amount", _BigInteger, nullable=False),
    *_optional("number", "description"),
    _refers("relation", "relations.code"),
    *_optional("document", "invoice", "due", "more"),
    CheckConstraint("side IN ('D', 'C')", "side"),
)

entries = _table(
    "entries",
    BOOKS,
    Column("id", _BigInteger, primary_key=True),
    _text("journal", ForeignKey("journals.code")),
    *_texts("number", "date"),
    Column("period", Integer, nullable=False),
    *_texts("description", "year"),
    *_optional("source", "user_name", "more"),
    ForeignKeyConstraint(["year", "period"], ["periods.year", "periods.number"]),
)

lines = _table(
    "lines",
    BOOKS,
    Column("id", _BigInteger, primary_key=True),
    Column("entry", _BigInteger, ForeignKey("entries.id"), nullable=False),
    _text("account", ForeignKey("accounts.code")),
    _text("side"),
    Column("amount", _BigInteger, nullable=False),  # cents; negative as written in an audit file, on the side written there
    _text("description"),
    _refers("relation", "relations.code"),
    *_optional("number", "document", "effective_date", "settlement_date", "due", "invoice", "match_key"),
    *_optional("cost_centre", "product", "project", "quantity", "receipt", "shipment", "work_costs"),
    *_optional("bank_account", "offset_bank_account", "currency"),
    Column("currency_amount", _BigInteger),  # hundredths of that currency
    *_optional("more"),
    CheckConstraint("side IN ('D', 'C')", "side"),
)

vat_rows = _table(
    "vat_rows",
    BOOKS,
    Column("id", _BigInteger, primary_key=True),
    Column("line", _BigInteger, ForeignKey("lines.id"), nullable=False),
    _text("code", ForeignKey("vat_codes.code")),
    Column("percentage", _BigInteger),  # thousandths of a percent
    *_optional("side"),
    Column("amount", _BigInteger),  # cents; where the row only names a code, side and amount are not known
    CheckConstraint("side IN ('D', 'C')", "side"),
)

subledger_lines = _table(  # of a 3.x audit file: what the sub-ledgers say of a line, or of a line of the opening
    "subledger_lines",
    BOOKS,
    Column("id", _BigInteger, primary_key=True),
    _text("year", ForeignKey("years.label")),
    Column("line", _BigInteger, ForeignKey("lines.id")),
    Column("opening_line", _BigInteger, ForeignKey("opening_lines.id")),
    *_texts("ledger", "side"),
    Column("amount", _BigInteger, nullable=False),
    _refers("relation", "relations.code"),
    *_optional("invoice", "invoice_date", "due", "more"),
    CheckConstraint("side IN ('D', 'C')", "side"),
)

for _referring in (opening_lines.c.year, entries.c.year, lines.c.entry, lines.c.account, vat_rows.c.line, subledger_lines.c.line):
    sa.Index(None, _referring)

BOOK_TABLES = tuple(table.name for table in BOOKS.sorted_tables if table is not marks)  # each after those that it refers to
LARGE_TABLES = ("entries", "lines", "vat_rows")
REGISTER_TABLES = tuple(table.name for table in REGISTER.sorted_tables)
