"""Entries in a table: a row is a line, and the rows with one journal and number are an entry."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from accountools.domain.errors import Refused
from accountools.domain.identifiers import single_line
from accountools.domain.ledger import Line, Side, decimal_amount
from accountools.domain.obstacle import Obstacle, Reason, obstacle
from accountools.formats.csv_files import Columns, fault, parse_day, parse_rows, refuse_faults, without_apostrophes
from accountools.formats.tables import TableFault, TableRow

COLUMNS = ("journal", "number", "date", "account", "debit", "credit", "description", "relation", "vat", "document")
_NEEDED = ("journal", "number", "date", "account", "debit", "credit")
_RELATIONS, _CODE_ENDINGS = ("relatie", "debiteur", "debiteuren", "crediteur", "crediteuren"), ("", "code", "nummer", "nr")
_OTHER_NAMES = {  # as they are called in Dutch lists
    **dict.fromkeys(("dagboek", "dagboekcode"), "journal"),
    **dict.fromkeys(("boekstuk", "boekstuknummer", "boekstuknr", "nummer", "nr", "boeking"), "number"),
    **dict.fromkeys(("datum", "boekdatum"), "date"),
    **dict.fromkeys(("rekening", "rekeningnummer", "grootboekrekening", "grootboek"), "account"),
    "debet": "debit",
    "omschrijving": "description",
    **{f"{who}{ending}": "relation" for who in _RELATIONS for ending in _CODE_ENDINGS},
    **dict.fromkeys(("btw", "btwcode", "btwtarief"), "vat"),
    **dict.fromkeys(("factuur", "factuurnummer", "factuurnr", "stuknummer", "kenmerk"), "document"),
}
_AMOUNT = re.compile(r"[+-]?(?:[0-9]+|[0-9]{1,3}(?:\.[0-9]{3})+(?=,)|[0-9]{1,3}(?:,[0-9]{3})+(?=\.))(?:[.,][0-9]{1,2})?")
_MOST_DIGITS = 18


@dataclass(frozen=True)
class KnownCodes:
    """What the rows may name, by column."""

    journals: frozenset[str]
    accounts: frozenset[str]
    relations: frozenset[str]
    vat_codes: frozenset[str]


@dataclass
class TypedEntry:
    """An entry as it was typed; `row` is the line that it begins on."""

    journal: str
    number: str
    date: date
    row: int
    lines: list[Line] = field(default_factory=list)

    @property
    def description(self) -> str:
        """The first that its rows have."""
        return next((line.description for line in self.lines if line.description), "")

    def sum(self, side: Side) -> int:
        """Its debit or credit."""
        return sum(line.amount for line in self.lines if line.side == side)


@dataclass(frozen=True)
class EntriesFile:
    """What was read from a table. `unread` are the titles of the columns that aren't known."""

    entries: tuple[TypedEntry, ...]
    unread: tuple[str, ...]


def read_entries(path: Path, known: KnownCodes) -> EntriesFile:
    """The entries in a CSV file or a workbook, in their order; each balances and names what is known.

    Raises `file-not-found`, `file-too-large`, and `entries-invalid` or `entry-unbalanced` with all that is wrong, by line and column.
    """
    entries: dict[tuple[str, str], TypedEntry] = {}
    incomplete: set[tuple[str, str]] = set()  # entries of which a row can't be read; empty where it isn't known of which
    unread: dict[str, None] = {}

    def skip(row: TableRow) -> None:
        code, number = (single_line(row.cells.get(name, "")) for name in ("journal", "number"))
        incomplete.add((code if code in known.journals else "", number))

    def parse(row: TableRow) -> None:
        unread.update(dict.fromkeys(row.unread))
        try:
            _add_row(row, known, entries)
        except Refused:
            skip(row)
            raise

    faults: list[Obstacle] = []
    try:
        parse_rows(path, "entries-invalid", Columns(COLUMNS, _NEEDED, _OTHER_NAMES), parse, skip=skip)
    except Refused as error:
        if not error.obstacles:  # nothing of the file could be read
            raise
        faults += error.obstacles
    for one in entries.values():
        debit, credit = one.sum("D"), one.sum("C")
        is_whole = not any(journal in {"", one.journal} and number in {"", one.number} for journal, number in incomplete)
        if debit != credit and is_whole:
            facts = {"entry": f"{one.journal} {one.number}", "debit": decimal_amount(debit), "credit": decimal_amount(credit)}
            faults.append(fault("entry-unbalanced", path, line=one.row, **facts))
    if not entries and not faults:
        faults.append(obstacle("entries-invalid", path=path.name, why=Reason.NO_ROWS))
    refuse_faults(sorted(faults, key=lambda one: int(str(dict(one.facts).get("line", 0)))))
    return EntriesFile(tuple(entries.values()), tuple(unread))


def _add_row(row: TableRow, known: KnownCodes, entries: dict[tuple[str, str], TypedEntry]) -> None:
    """Add a row to its entry. Raises `Refused` with all that is wrong in it."""
    cell = {name: single_line(text) for name, text in row.cells.items()}
    if not row.of_workbook:
        cell = {name: without_apostrophes(text) for name, text in cell.items()}
    faults: list[Obstacle] = []

    def parsed(column: str, parse: Callable[[str, str], Any]) -> Any:
        try:
            return parse(column, cell[column])
        except TableFault as error:
            faults.append(obstacle("entries-invalid", path="", **error.facts))
            return None

    for column in ("journal", "number", "account"):
        parsed(column, _filled)
    for column, codes in (
        ("journal", known.journals),
        ("account", known.accounts),
        ("relation", known.relations),
        ("vat", known.vat_codes),
    ):
        if cell[column] and cell[column] not in codes:
            faults.append(obstacle("entries-invalid", path="", why=Reason.CODE_UNKNOWN, column=column, value=cell[column]))
    day, debit, credit = parsed("date", parse_day), parsed("debit", _parse_amount), parsed("credit", _parse_amount)
    if debit is not None and credit is not None and bool(debit) == bool(credit):
        value = f"{cell['debit']} {cell['credit']}".strip()
        faults.append(obstacle("entries-invalid", path="", why=Reason.ONE_SIDE, column="debit", value=value))
    key = cell["journal"], cell["number"]
    other = entries.get(key)
    if other is not None and day is not None and other.date != day:
        facts = {"column": "date", "value": cell["date"], "other": other.row}
        faults.append(obstacle("entries-invalid", path="", why=Reason.OTHER_DAY, **facts))
    refuse_faults(faults)
    words = cell["description"], cell["relation"] or None, cell["vat"] or None, cell["document"] or None
    entry = entries.setdefault(key, TypedEntry(*key, day, row.line))
    entry.lines.append(Line(cell["account"], "D" if debit else "C", debit or credit, *words))


def _filled(column: str, text: str) -> str:
    if not text:
        raise TableFault(Reason.CELL_EMPTY, column=column, value="")
    return text


def _parse_amount(column: str, text: str) -> int:
    """An amount in cents: `1234.56`, `1.234,56`; an empty cell is nothing. `1.234` could mean two things, and is refused."""
    plain = re.sub(r"[€\s]", "", text)
    if not plain:
        return 0
    if not _AMOUNT.fullmatch(plain):
        raise TableFault(Reason.NOT_AN_AMOUNT, column=column, value=text)
    whole, _, cents = re.sub(r"[.,](?=[0-9]{3})", "", plain).replace(",", ".").partition(".")
    amount = int(f"{whole}{cents:0<2}")
    if len(str(abs(amount))) > _MOST_DIGITS:
        raise TableFault(Reason.NOT_AN_AMOUNT, column=column, value=text)
    return amount
