"""Tables as text: CSV by RFC 4180, read as Dutch and English spreadsheets write it (`;` or `,`, BOM or not)."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from accountools.domain.administration import Client
from accountools.domain.errors import Refused
from accountools.domain.identifiers import KvkNumber, parse_name, single_line
from accountools.domain.ledger import Account
from accountools.safe_files import read_whole

MAX_BYTES = 64 << 20
_FORMULA = r"(?=[\s\"']*[=+\-@\uff0b\uff0d\uff1d\uff20])"  # also wide ones, behind blanks and quotes
_CELL_START = r"(^|[;,\t])"  # also in a text: it becomes a cell in a program that expects other separators
_NUMBER = re.compile(r"[+-]?[0-9]+([.,][0-9]+)*")
_KVK = 8  # digits
CHART_COLUMNS = ("code", "name", "rgs", "kind", "side", "vat")
CLIENT_COLUMNS = ("name", "kvk", "city")
AUDIT_COLUMNS = ("client", "kvk", "number", "licence_number", "licence_status", "valid_until")

_BALANCE = {"b", "balance", "balance sheet", "balans", "asset", "assets", "liability", "liabilities", "equity", "activa", "passiva"}
_RESULT = {"p", "w", "profit and loss", "profit-and-loss", "profit-loss", "result", "winst en verlies", "revenue", "income", "expense"}
_DAYS = ("%Y-%m-%d", "%d-%m-%Y", "%d/%m/%Y")  # the last two are what a Dutch spreadsheet makes of the first when it saves the file
_DEBIT, _CREDIT = {"d", "debit", "debet"}, {"c", "credit"}


class TableError(Exception):
    """A table that can't be read, and why, with the line where that is known."""


@dataclass(frozen=True)
class SavedAuditRow:
    """A row of an audit saved as CSV, as far as it is compared."""

    client: str
    kvk: str
    number: int | None
    licence_number: str | None
    licence_status: str
    valid_until: date | None


def read_audit(path: Path) -> tuple[SavedAuditRow, ...]:
    """The rows of an audit saved as CSV, with `,` or `;`. Raises `file-not-found`, `file-too-large`, `audit-invalid`."""
    try:
        return tuple(_audit_row(line, row) for line, row in _rows(path, AUDIT_COLUMNS, AUDIT_COLUMNS))
    except TableError as error:
        raise Refused("audit-invalid", path=path.name, why=error) from error


def read_chart(path: Path) -> tuple[Account, ...]:
    """A chart of accounts: `code,name,rgs,kind,side,vat`. Raises `file-not-found`, `chart-invalid`."""
    try:
        accounts = tuple(_account(line, row) for line, row in _rows(path, CHART_COLUMNS, ("code", "name")))
        for code, count in Counter(account.code for account in accounts).items():
            if count > 1:
                raise TableError(f"account {code} occurs twice")
    except TableError as error:
        raise Refused("chart-invalid", path=path.name, why=error) from error
    return accounts


def read_clients(path: Path) -> tuple[Client, ...]:
    """A list of clients: `name,kvk,city`. Raises `file-not-found`, `clients-invalid`, `kvk-invalid`, `name-missing`."""
    try:
        rows = list(_rows(path, CLIENT_COLUMNS, ("name", "kvk")))
    except TableError as error:
        raise Refused("clients-invalid", path=path.name, why=error) from error
    return tuple(Client(KvkNumber.parse(row["kvk"]), parse_name(row["name"]), single_line(row["city"])) for _, row in rows)


def write_csv(header: Sequence[str], rows: Iterable[Sequence[object]], *, delimiter: str = ",", bom: bool = False) -> bytes:
    """A table as CSV with CRLF (RFC 4180). What a spreadsheet would take for a formula gets an apostrophe before it."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=delimiter, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    return buffer.getvalue().encode("utf-8-sig" if bom else "utf-8")


def _harmless(cell: object) -> object:
    if not isinstance(cell, str) or _NUMBER.fullmatch(cell):
        return cell
    return re.sub(_CELL_START + _FORMULA, r"\1'", cell)


def _without_apostrophes(cell: str) -> str:
    """A cell as it was before `write_csv` made it harmless."""
    return re.sub(f"{_CELL_START}'{_FORMULA}", r"\1", cell)


def _rows(path: Path, columns: tuple[str, ...], needed: tuple[str, ...]) -> list[tuple[int, dict[str, str]]]:
    data = read_whole(path, MAX_BYTES)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
    first = text.split("\n", 1)[0]
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=";" if first.count(";") > first.count(",") else ",", strict=True)
        table = [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise TableError(str(error)) from error
    header = [cell.strip().lower() for cell in table[0][1]] if table else []
    missing = [column for column in needed if column not in header]
    if missing:
        raise TableError(f"columns missing: {', '.join(missing)}")
    places = {column: header.index(column) for column in columns if column in header}
    return [
        (line, {column: row[places[column]] if column in places and places[column] < len(row) else "" for column in columns})
        for line, row in table[1:]
    ]


def _account(line: int, row: dict[str, str]) -> Account:
    code, name, rgs = single_line(row["code"]), single_line(row["name"]), single_line(row["rgs"])
    if not code or not name:
        raise TableError(f"line {line}: code and name are needed")
    kind = _one_of(row["kind"], _BALANCE, _RESULT, otherwise=rgs.startswith("W"))
    side = _one_of(row["side"], _DEBIT, _CREDIT, otherwise=False)
    if kind is None or side is None:
        raise TableError(f"line {line}: kind is B or P, side is D or C")
    return Account(code, name, rgs, "P" if kind else "B", "C" if side else "D", single_line(row["vat"]))


def _audit_row(line: int, row: dict[str, str]) -> SavedAuditRow:
    cell = {name: _without_apostrophes(text).strip() for name, text in row.items()}
    kvk = cell["kvk"].zfill(_KVK)  # a spreadsheet takes it for a number and drops the zeros before it
    if not re.fullmatch(r"[0-9]{8}", kvk) or not re.fullmatch(r"|[1-9][0-9]{0,4}", cell["number"]):
        raise TableError(f"line {line}: kvk and number are numbers")
    number = int(cell["number"]) if cell["number"] else None
    until = _day(line, cell["valid_until"]) if cell["valid_until"] else None
    return SavedAuditRow(_without_apostrophes(row["client"]), kvk, number, cell["licence_number"] or None, cell["licence_status"], until)


def _day(line: int, text: str) -> date:
    for form in _DAYS:
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    raise TableError(f"line {line}: «{text}» is not a day")


def _one_of(text: str, no: set[str], yes: set[str], *, otherwise: bool) -> bool | None:
    word = text.strip().casefold()
    if not word:
        return otherwise
    return True if word in yes else False if word in no else None
