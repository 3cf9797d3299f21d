"""The lists that are read from a table, CSV or a workbook (`formats.tables`): clients and saved audits; and writing CSV (RFC 4180)."""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar

from accountools.domain.administration import Client
from accountools.domain.errors import Refused
from accountools.domain.identifiers import KvkNumber, parse_name, single_line
from accountools.domain.obstacle import Obstacle, Reason, obstacle
from accountools.formats.tables import TableFault, TableRow, read_table

T = TypeVar("T")

_FORMULA = r"(?=[\s\"']*[=+\-@\uff0b\uff0d\uff1d\uff20])"  # also wide ones, behind blanks and quotes
_CELL_START = r"(^|[;,\t])"  # also in a text: it becomes a cell in a program that expects other separators
_NUMBER = re.compile(r"[+-]?[0-9]+([.,][0-9]+)*")
_KVK = 8  # digits
CLIENT_COLUMNS = ("name", "kvk", "city")
AUDIT_COLUMNS = ("client", "kvk", "number", "licence_number", "licence_status", "valid_until")

_DAYS = ("%Y-%m-%d", "%d-%m-%Y", "%d/%m/%Y")  # the last two are what a Dutch spreadsheet makes of the first when it saves the file


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
    """The rows of an audit saved as CSV. Raises `file-not-found`, `file-too-large`, `audit-invalid`."""
    return tuple(row for _, row in parse_rows(path, "audit-invalid", AUDIT_COLUMNS, AUDIT_COLUMNS, _audit_row))


def read_clients(path: Path) -> tuple[Client, ...]:
    """A list of clients: `name,kvk,city`. Raises `file-not-found`, `file-too-large`, `clients-invalid`, `kvk-invalid`, `name-missing`."""
    rows = parse_rows(path, "clients-invalid", CLIENT_COLUMNS, ("name", "kvk"), _client)
    clients: dict[str, tuple[int, Client]] = {}
    faults = []
    for line, client in rows:
        first, same = clients.setdefault(client.kvk, (line, client))
        if same.name != client.name:
            found = {"line": line, "column": "kvk", "value": f"{client.name} {client.kvk}", "why": Reason.KVK_TWICE, "other": first}
            faults.append(fault("clients-invalid", path, **found))
    refuse_faults(faults)
    return tuple(client for _, client in clients.values())


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


def without_apostrophes(cell: str) -> str:
    """A cell as it was before `write_csv` made it harmless."""
    return re.sub(f"{_CELL_START}'{_FORMULA}", r"\1", cell)


def parse_rows(
    path: Path, code: str, columns: tuple[str, ...], needed: tuple[str, ...], parse: Callable[[TableRow], T]
) -> list[tuple[int, T]]:
    """The rows of a table as values, with their lines. Raises `Refused` with all faults: `code`, or what `parse` raises."""
    try:
        rows = read_table(path, columns, needed)
    except TableFault as error:
        refuse_faults([fault(code, path, **error.facts)])
    found, faults = [], []
    for row in rows:
        try:
            found.append((row.line, parse(row)))
        except TableFault as error:
            faults.append(fault(code, path, line=row.line, **error.facts))
        except Refused as error:
            faults.append(fault(error.code, path, line=row.line, **dict(error.reason.facts)))
    refuse_faults(faults)
    return found


def fault(code: str, path: Path, **facts: object) -> Obstacle:
    """What is wrong at a place in a file."""
    return obstacle(code, path=path.name, **facts)


def refuse_faults(faults: list[Obstacle]) -> None:
    """Raise `Refused` with all faults, if there are any."""
    if faults:
        raise Refused(faults[0].code, faults, **dict(faults[0].facts))


def _client(row: TableRow) -> Client:
    with _column("kvk"):
        kvk = KvkNumber.parse(row.cells["kvk"])
    with _column("name"):
        name = parse_name(row.cells["name"])
    return Client(kvk, name, single_line(row.cells["city"]))


@contextmanager
def _column(name: str) -> Iterator[None]:
    """Add the column to what is refused in the block."""
    try:
        yield
    except Refused as error:
        facts: dict[str, Any] = {**dict(error.reason.facts), "column": name}
        raise Refused(error.code, **facts) from error


def _audit_row(row: TableRow) -> SavedAuditRow:
    cell = {name: without_apostrophes(text) for name, text in row.cells.items()}
    kvk = cell["kvk"].zfill(_KVK)  # a spreadsheet takes it for a number and drops the zeros before it
    for column, text, form in (("kvk", kvk, r"[0-9]{8}"), ("number", cell["number"], r"|[1-9][0-9]{0,4}")):
        if not re.fullmatch(form, text):
            raise TableFault(Reason.NOT_A_NUMBER, column=column, value=cell[column])
    number = int(cell["number"]) if cell["number"] else None
    until = _day("valid_until", cell["valid_until"]) if cell["valid_until"] else None
    return SavedAuditRow(cell["client"], kvk, number, cell["licence_number"] or None, cell["licence_status"], until)


def _day(column: str, text: str) -> date:
    for form in _DAYS:
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    raise TableFault(Reason.NOT_A_DAY, column=column, value=text)
