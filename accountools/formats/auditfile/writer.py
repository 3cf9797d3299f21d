"""Writing an audit file: one year of books as XAF 4.0 or 3.2, in a stream.

Whatever is written is valid by the schema (`layout`). The same rows give the same bytes.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any

from lxml import etree
from pyxaf.catalogue import get_catalogue

from accountools.domain.audit_file.contents import EntryWithLines, Sums, YearContents
from accountools.domain.audit_file.findings import Loss, WrittenVersion
from accountools.domain.audit_file.rows import LINE_COLUMNS, JournalRow, StoredSubledgerRow
from accountools.domain.ledger import format_amount
from accountools.formats.auditfile.elements import Elements, Output, PartWriter, RunningSums, totals
from accountools.formats.auditfile.layout import Losses, Shape
from accountools.formats.auditfile.records import BESIDE, MORE, Records
from accountools.formats.auditfile.writable import writable_day

_ACCOUNT, _SIDE, _AMOUNT, _NUMBER = (LINE_COLUMNS.index(name) for name in ("account", "side", "amount", "number"))
_CHARACTERS_AT_A_TIME = 1 << 16
_UNKNOWN_DAYS = "1900-01-01", "1900-12-31"


@dataclass(frozen=True)
class WrittenAuditfile:
    """What was written: how many of each, the sums of the lines of the opening and of the entries, and what was lost."""

    counts: dict[str, int]
    opening_sums: Sums
    sums: Sums
    lost: tuple[Loss, ...]


def write_auditfile(file: Output, contents: YearContents, version: WrittenVersion, software: tuple[str, str]) -> WrittenAuditfile:
    """Write a year to `file`. `software` is for books that come from no file, as is the day of the last entry instead of the file's."""
    return _Writer(file, contents, version).write(software, contents.last_entry or contents.year.first_day)


class _Writer:
    def __init__(self, file: Output, contents: YearContents, version: WrittenVersion) -> None:
        self._file = file
        catalogue = get_catalogue(version)
        self._namespace = catalogue.namespace
        self._shape = Shape(catalogue, "/auditfile")
        self._version = version
        self._contents = contents
        self._losses = Losses()
        self._elements = Elements(file, self._losses)
        self._records = Records(version, self._losses)
        self._opening, self._lines = RunningSums(), RunningSums()
        self._rates: dict[str, int] = {}
        days = (contents.year.first_day, contents.year.last_day)  # of a file that says neither these nor its year they are no days
        self._days = days if all(map(writable_day, days)) else _UNKNOWN_DAYS
        self._due_stated: set[int] = set()  # lines of the opening of which a sub-ledger says when they are due
        self._opening_numbers: dict[int | None, str] = {}  # of the lines of the opening that sub-ledgers refer to

    def write(self, software: tuple[str, str], created: str) -> WrittenAuditfile:
        year, shape = self._contents.year, self._shape
        self._file.write(b'<?xml version="1.0" encoding="UTF-8"?>\n')
        root = f"{{{self._namespace}}}auditfile"
        with etree.xmlfile(self._file, encoding="UTF-8") as xml, xml.element(root, nsmap={None: self._namespace}):
            header = self._records.header(year, software, created)
            fallbacks = {"fiscalYear": year.label, "curCode": "EUR", "dateCreated": self._days[0]}
            fallbacks |= {"startDate": self._days[0], "endDate": self._days[1]}
            self._elements.write(xml, shape.shape("header").element(header, self._losses, fallbacks))
            self._write_company(xml)
        moved, number = self._contents.moved
        if moved:
            self._losses.add("journal/transaction", "replaced", number, moved)
        due, example = self._contents.due() if self._version == "4.0" else self._contents.due_alone()
        if due:
            self._losses.add("trLine/invDueDt", "left-out", example, due)
        if self._version == "4.0":
            for one in self._contents.subledger_lines():
                self._losses.add("subledger/sbLine", "left-out", one.invoice or one.relation or format_amount(one.amount))
        return WrittenAuditfile(self._elements.counts, self._opening.sums(), self._lines.sums(), self._losses.list_all())

    def _write_company(self, xml: Any) -> None:
        many: Mapping[str, PartWriter] = {
            "customersSuppliers": self._write_relations,
            "generalLedger": self._write_accounts,
            "vatCodes": self._write_vat_codes,
            "periods": self._write_periods,
            "openingBalance": self._write_opening,
            "transactions": self._write_transactions,
        }
        shape, values = self._shape.shape("company"), self._records.company(self._contents.year)
        self._elements.write_parts(xml, shape, values, many, {"taxRegistrationCountry": "NL"})

    def _write_relations(self, xml: Any, shape: Shape) -> None:
        rows = (self._records.relation(*row) for row in self._contents.relations)
        self._elements.write_list(xml, shape, "customerSupplier", rows, "relations")

    def _write_accounts(self, xml: Any, shape: Shape) -> None:
        net: dict[str, int] = {}
        for sums in (self._contents.opening_sums, self._contents.sums):
            for code, (debit, credit) in sums.accounts.items():
                net[code] = net.get(code, 0) + debit - credit
        rows = ((self._records.account(row, net.get(row.code, 0)), row.rgs) for row in self._contents.accounts)
        inner = shape.shape("ledgerAccount")
        made = (inner.element(values, self._losses, {"accTp": "P" if rgs.startswith("W") else "B"}) for values, rgs in rows)
        basics, last = self._records.basics(self._contents.year), []
        if basics and "basics" in shape.names:
            last = [shape.shape("basics").element({"basic": basics}, self._losses)]
        elif basics:
            self._losses.add("generalLedger/basics", "left-out", basics, len(basics))
        self._elements.write_elements(xml, shape.name, made, "accounts", last)

    def _write_vat_codes(self, xml: Any, shape: Shape) -> None:
        rows = list(self._contents.vat_codes)
        self._rates = {row.code: row.rate for row in rows if row.rate is not None}
        self._elements.write_list(xml, shape, "vatCode", map(self._records.vat_code, rows), "vat_codes")

    def _write_periods(self, xml: Any, shape: Shape) -> None:
        inner = shape.shape("period")
        days = {"periodNumber": "999", "startDatePeriod": self._days[0], "endDatePeriod": self._days[1]}
        made = (inner.element(self._records.period(row), self._losses, days) for row in self._contents.periods)
        self._elements.write_elements(xml, shape.name, made, "periods")

    def _write_opening(self, xml: Any, shape: Shape) -> None:
        year, sums = self._contents.year, self._contents.opening_sums
        subledgers = self._subledgers(opening=True) if "obSubledgers" in shape.names else {}
        values = totals(sums)
        for name, value in (("opBalDate", year.opening_day), ("opBalDesc", year.opening_text)):
            if value and name in shape.names:
                values[name] = value
            elif value:
                self._losses.add(f"openingBalance/{name}", "left-out", value)
        is_stated = "opBalDate" in values or "opBalDesc" in values
        if not (sums.lines or subledgers or is_stated):
            return
        many = {
            "obLine": self._write_opening_lines,
            "obSubledgers": lambda xml, shape: self._write_subledgers(xml, shape, subledgers, opening=True),
        }
        self._elements.write_parts(xml, shape, values, many, {"opBalDate": self._days[0]})

    def _write_opening_lines(self, xml: Any, shape: Shape) -> None:
        taken = set[str]()
        for place, row in enumerate(self._contents.opening_lines, 1):
            number = _number_of(row.number, place, taken)
            values = self._records.opening_line(row, number, due_stated=row.id in self._due_stated)
            self._elements.write(xml, shape.element(values, self._losses))
            if row.id in self._opening_numbers:
                self._opening_numbers[row.id] = values["nr"]
            self._opening.add(row.account, row.side, row.amount)
            self._elements.counts["opening_lines"] += 1

    def _write_transactions(self, xml: Any, shape: Shape) -> None:
        subledgers = self._subledgers(opening=False) if "subledgers" in shape.names else {}
        many = {
            "journal": self._write_journals,
            "subledgers": lambda xml, shape: self._write_subledgers(xml, shape, subledgers, opening=False),
        }
        self._elements.write_parts(xml, shape, totals(self._contents.sums), many)

    def _write_journals(self, xml: Any, shape: Shape) -> None:
        entries = _Ahead(self._contents.entries)
        for row in self._contents.journals:
            self._elements.counts["journals"] += 1
            of_journal = entries.while_in(row)
            many = {"transaction": lambda xml, shape, rows=of_journal: self._write_entries(xml, shape, rows)}
            self._elements.write_parts(xml, shape, self._records.journal(row), many)

    def _write_entries(self, xml: Any, shape: Shape, entries: Iterable[EntryWithLines]) -> None:
        line_shape, losses, records, rates = shape.shape("trLine"), self._losses, self._records, self._rates
        plan, add, some, size = line_shape.row_plan(records.line_columns, BESIDE), self._lines.add, list[str](), 0
        fallbacks, dates = {"periodNumber": "999", "trDt": self._days[0]}, {"effDate": self._days[0]}
        for one in entries:
            date, values, made = one.entry.date, records.entry(one.entry), list[str]()
            if "trLine" in values:
                losses.add("transaction/trLine", "left-out", values.pop("trLine"))
            taken = {str(line[_NUMBER]) for line in one.lines}
            for place, line in enumerate(one.lines, 1):
                number = _number_of(line[_NUMBER], place, taken)
                beside = records.line_beside(line, number, date, one.vat_rows.get(line[0], ()), rates)  # type: ignore[arg-type]
                if line[MORE]:
                    made.append(line_shape.element(records.line(line, beside), losses, dates))
                else:
                    made.append(line_shape.row_element(line, plan, beside, losses, dates))
                add(line[_ACCOUNT], line[_SIDE], line[_AMOUNT])  # type: ignore[arg-type]
            some.append(shape.element(values, losses, fallbacks, made))
            size += len(some[-1])
            if size > _CHARACTERS_AT_A_TIME:
                self._elements.write(xml, "".join(some))
                some, size = [], 0
            self._elements.counts["entries"] += 1
            self._elements.counts["lines"] += len(one.lines)
            self._elements.counts["vat_rows"] += sum(map(len, one.vat_rows.values()))
        self._elements.write(xml, "".join(some))

    def _subledgers(self, *, opening: bool) -> dict[tuple[str, str], Sums]:
        """The sub-ledgers that there are, by type and description, with their sums."""
        found: dict[tuple[str, str], RunningSums] = {}
        for row in self._contents.subledger_lines():
            if _is_opening(row) is opening:
                found.setdefault(self._records.subledger(row), RunningSums()).add("", row.side, row.amount)
                if row.opening_line is not None:
                    self._opening_numbers[row.opening_line] = ""
                    if row.due is not None:
                        self._due_stated.add(row.opening_line)
        return {key: added.sums() for key, added in found.items()}

    def _write_subledgers(self, xml: Any, shape: Shape, found: Mapping[tuple[str, str], Sums], *, opening: bool) -> None:
        """Write each of the sub-ledgers in turn: their rows are read again for each, since there may be more than fit in memory."""
        if not found:
            return
        inner = shape.shape("obSubledger" if opening else "subledger")
        name = "obSbLine" if opening else "sbLine"

        def write_lines(key: tuple[str, str]) -> PartWriter:
            def write(xml: Any, shape: Shape) -> None:
                rows = (row for row in self._contents.subledger_lines() if _is_opening(row) is opening)
                for number, row in enumerate((row for row in rows if self._records.subledger(row) == key), 1):
                    of_opening = self._opening_numbers.get(row.opening_line)
                    self._elements.write(xml, shape.element(self._records.subledger_line(row, number, of_opening), self._losses))

            return write

        with xml.element(shape.name):
            for key, sums in found.items():
                values = totals(sums) | {"sbType": key[0]} | ({"sbDesc": key[1]} if key[1] else {})
                self._elements.write_parts(xml, inner, values, {name: write_lines(key)}, {"sbType": "ZZ"})


class _Ahead:
    """Entries by journal, one after the other as the journals are asked for."""

    def __init__(self, entries: Iterable[EntryWithLines]) -> None:
        self._entries = iter(entries)
        self._next = next(self._entries, None)

    def while_in(self, journal: JournalRow) -> Iterator[EntryWithLines]:
        """The entries of this journal, if they are the next."""
        while self._next is not None and self._next.entry.journal == journal.code:
            yield self._next
            self._next = next(self._entries, None)


def _number_of(written: object, place: int, taken: set[str]) -> str:
    """The number of a line: as written, else the first from its place on that isn't taken; it is from now on."""
    number = str(written or next(one for one in map(str, count(place)) if one not in taken))
    taken.add(number)
    return number


def _is_opening(row: StoredSubledgerRow) -> bool:
    return row.opening_line is not None or '"obLineNr"' in (row.more or "")
