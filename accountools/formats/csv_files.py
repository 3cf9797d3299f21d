"""The lists that are read from a table, CSV or a workbook (`formats.tables`): clients and saved audits; and writing CSV (RFC 4180)."""

import csv
import io
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import IO, Any, TypeVar

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
# As they are called in Dutch lists; blanks, dots and hyphens in a title don't count.
CLIENT_NAMES = {
    **dict.fromkeys(("naam", "klant", "klantnaam", "cliënt", "bedrijfsnaam", "client", "company"), "name"),
    **dict.fromkeys(("kvknummer", "kvknr", "kvkno", "kvknumber"), "kvk"),
    **dict.fromkeys(("plaats", "woonplaats", "vestigingsplaats", "plaatsnaam", "stad"), "city"),
}
AUDIT_COLUMNS = ("client", "kvk", "number", "licence_number", "licence_status", "valid_until")

_DAYS = ("%Y-%m-%d", "%d-%m-%Y", "%d/%m/%Y")  # the last two are what a Dutch spreadsheet makes of the first when it saves the file


@dataclass(frozen=True)
class Columns:
    """The columns of a table, those that are `needed`, and what else they may be called."""

    names: tuple[str, ...]
    needed: tuple[str, ...]
    other_names: Mapping[str, str] = field(default_factory=dict)


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
    return tuple(row for _, row in parse_rows(path, "audit-invalid", Columns(AUDIT_COLUMNS, AUDIT_COLUMNS), _audit_row))


def read_clients(path: Path) -> tuple[Client, ...]:
    """A list of clients: `name,kvk,city`. Raises `file-not-found`, `file-too-large`, `clients-invalid`, `kvk-invalid`, `name-missing`."""
    clients: dict[str, tuple[int, Client]] = {}

    def twice(line: int, client: Client) -> TableFault | None:
        first, same = clients.setdefault(client.kvk, (line, client))
        if same == client:
            return None
        why, given = (Reason.KVK_TWICE_CITY, client.city) if same.name == client.name else (Reason.KVK_TWICE, client.name)
        return TableFault(why, column="kvk", value=f"{given} {client.kvk}".strip(), other=first)

    parse_rows(path, "clients-invalid", Columns(CLIENT_COLUMNS, ("name", "kvk"), CLIENT_NAMES), _client, twice)
    return tuple(client for _, client in clients.values())


def write_csv(header: Sequence[str], rows: Iterable[Sequence[object]], *, delimiter: str = ",", bom: bool = False) -> bytes:
    """A table as CSV with CRLF (RFC 4180). What a spreadsheet would take for a formula gets an apostrophe before it."""
    buffer = io.BytesIO()
    stream_csv(buffer, header, rows, delimiter=delimiter, bom=bom)
    return buffer.getvalue()


def stream_csv(
    file: IO[bytes], header: Sequence[str], rows: Iterable[Sequence[object]], *, delimiter: str = ",", bom: bool = False
) -> None:
    """As `write_csv`, into an open file: rows are written as they come."""
    text = io.TextIOWrapper(file, "utf-8-sig" if bom else "utf-8", newline="")
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    text.detach()


def _harmless(cell: object) -> object:
    if not isinstance(cell, str) or _NUMBER.fullmatch(cell):
        return cell
    return re.sub(_CELL_START + _FORMULA, r"\1'", cell)


def without_apostrophes(cell: str) -> str:
    """A cell as it was before `write_csv` made it harmless."""
    return re.sub(f"{_CELL_START}'{_FORMULA}", r"\1", cell)


def parse_rows(
    path: Path,
    code: str,
    columns: Columns,
    parse: Callable[[TableRow], T],
    check: Callable[[int, T], TableFault | None] = lambda *_: None,
    skip: Callable[[TableRow], object] = lambda _: None,
) -> list[tuple[int, T]]:
    """The rows of a table as values, with their lines; `check` compares each with those before, `skip` gets those that can't be parsed.

    Raises `Refused` with all faults: `code`, or what `parse` raises.
    """
    try:
        rows = read_table(path, columns.names, columns.needed, columns.other_names)
    except TableFault as error:
        refuse_faults([fault(code, path, **error.facts)])
    found, faults = [], []
    for row in rows:

        def add(code: str, facts: dict[str, Any], row: TableRow = row) -> None:
            column = {"column": row.titles.get(facts["column"], facts["column"])} if "column" in facts else {}
            faults.append(fault(code, path, **{"line": row.line, **facts, **column}))

        try:
            if row.fault is not None:
                skip(row)
                raise row.fault
            value = parse(row)
            found.append((row.line, value))
            wrong = check(row.line, value)
            if wrong is not None:
                raise wrong
        except TableFault as error:
            add(code, error.facts)
        except Refused as error:
            for one in error.obstacles or (error.reason,):
                add(one.code, dict(one.facts))
    refuse_faults(faults)
    return found


def fault(code: str, file: Path, /, **facts: object) -> Obstacle:
    """What is wrong at a place in a file."""
    return obstacle(code, **{**facts, "path": file.name})


def remark_unread(file: Path, titles: Iterable[str]) -> tuple[Obstacle, ...]:
    """That the columns with these titles aren't read, if there are any."""
    columns = ", ".join(titles)
    return (obstacle("columns-unread", path=file.name, columns=columns),) if columns else ()


def refuse_faults(faults: list[Obstacle]) -> None:
    """Raise `Refused` with all faults, if there are any."""
    if faults:
        raise Refused(faults[0].code, faults, **dict(faults[0].facts))


def _client(row: TableRow) -> Client:
    faults: list[Obstacle] = []
    kvk, name = (_parsed_cell(row, column, parse, faults) for column, parse in (("kvk", KvkNumber.parse), ("name", parse_name)))
    refuse_faults(faults)
    return Client(kvk, name, single_line(row.cells["city"]))


def _parsed_cell(row: TableRow, column: str, parse: Callable[[str], Any], faults: list[Obstacle]) -> Any:
    """A cell as a value; what it is refused for is added to `faults`, with its column."""
    try:
        return parse(row.cells[column])
    except Refused as error:
        facts: dict[str, Any] = {**dict(error.reason.facts), "column": column}
        faults.append(obstacle(error.code, **facts))
        return None


def _audit_row(row: TableRow) -> SavedAuditRow:
    cell = {name: without_apostrophes(text) for name, text in row.cells.items()}
    kvk = cell["kvk"].zfill(_KVK)  # a spreadsheet takes it for a number and drops the zeros before it
    for column, text, form in (("kvk", kvk, r"[0-9]{8}"), ("number", cell["number"], r"|[1-9][0-9]{0,4}")):
        if not re.fullmatch(form, text):
            raise TableFault(Reason.NOT_A_NUMBER, column=column, value=cell[column])
    number = int(cell["number"]) if cell["number"] else None
    until = parse_day("valid_until", cell["valid_until"]) if cell["valid_until"] else None
    return SavedAuditRow(cell["client"], kvk, number, cell["licence_number"] or None, cell["licence_status"], until)


def parse_day(column: str, text: str) -> date:
    """A cell as a day. Raises `TableFault`."""
    for form in _DAYS:
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    raise TableFault(Reason.NOT_A_DAY, column=column, value=text)
