"""The entries of an audit file as rows for the books, in batches: whatever the size of the file, few are in memory."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import lru_cache

import pyxaf
from pyxaf import RawRecord

from accountools.domain.audit_file.contents import EntryBatch, MasterData
from accountools.domain.audit_file.rows import ALWAYS, LINE_COLUMNS, EntryRow, LineValues, VatRow
from accountools.domain.ledger import Side
from accountools.formats.auditfile.faults import AmountFaults, DateFaults
from accountools.formats.auditfile.values import as_json, day, day_of, remainder, scaled

_LINES_AT_A_TIME = 1_000  # what is in memory stays in the processor's cache
_AT = {name: index for index, name in enumerate(LINE_COLUMNS)}
_TEXTS = {  # the elements of a line, in 4.0 and in 3.x
    "accID": "account", "desc": "description", "custSupID": "relation", "nr": "number", "docRef": "document", "invRef": "invoice",
    "matchKeyID": "match_key", "cost": "cost_centre", "costID": "cost_centre", "product": "product", "prodID": "product",
    "project": "project", "projID": "project", "qntity": "quantity", "receivingDocRef": "receipt", "shipDocRef": "shipment",
    "workCostArrRef": "work_costs", "bankAccNr": "bank_account", "offsetBankAccNr": "offset_bank_account",
}  # fmt: skip
_DAYS = {"effDate": "effective_date", "settDate": "settlement_date"}
_AMOUNT_PLACE, _OTHER_PLACE = 0, -1
_DATES = ("trDt", "transactionDate", "verwerkingsdatum")  # of an entry: in XAF, CLAIR2 and ADF
_TRANSACTION = frozenset({"nr", "desc", "periodNumber", "trDt", "Source", "sourceID", "User", "userID", "trLine"})
_CLAIR2_TRANSACTION = frozenset({"transactionID", "description", "period", "transactionDate", "sourceID", "line"})
_CLAIR2_LINE = frozenset({"recordID", "accountID", "custSupID", "documentID", "effectiveDate", "description", "debitAmount", "creditAmount",
                          "costDesc", "productDesc", "projectDesc", "vat", "currency"})  # fmt: skip
_PERIOD_DIGITS = 6
_SIDES: dict[str, Side] = {"D": "D", "C": "C", "d": "D", "c": "C"}


class EntryReader:
    """Reads the entries of one year, numbered from 1, as are their lines."""

    def __init__(self, opened: pyxaf.AuditFile, master: MasterData, faults: AmountFaults, dates: DateFaults) -> None:
        self._opened = opened
        self._year = master.year.label
        self._first_day = master.year.first_day
        self._periods: dict[int | None, str | None] = {one.number: one.first_day for one in master.periods}
        self._faults = faults
        self._dates = dates
        self._entries = self._lines = self._difference = 0
        self._columns = list(LINE_COLUMNS[:ALWAYS] if opened.format.family is pyxaf.Family.XAF else LINE_COLUMNS)
        self._places = dict.fromkeys(_AMOUNTS, _AMOUNT_PLACE)  # of elements in a row of `columns`; negative those of days

    def batches(self) -> Iterator[EntryBatch]:
        """All entries."""
        batch = EntryBatch()
        is_xaf = self._opened.format.family is pyxaf.Family.XAF
        for one in self._raw_entries(batch) if is_xaf else self._plain_entries(batch):
            if len(one.lines) >= _LINES_AT_A_TIME:
                yield self._complete(one)
                for rows in (one.entries, one.lines, one.vat_rows, one.unbalanced, one.days):
                    rows.clear()
        yield self._complete(batch)

    def _complete(self, batch: EntryBatch) -> EntryBatch:
        """Make all lines as long as the longest: a column is there from the line that first fills it."""
        batch.columns = tuple(self._columns)
        width = len(batch.columns)
        if batch.lines and len(batch.lines[0]) < width:
            for row in batch.lines:
                row.extend([None] * (width - len(row)))
        return batch

    def _raw_entries(self, batch: EntryBatch) -> Iterator[EntryBatch]:
        """From the records as they are written: twice as fast as from what pyxaf makes of them."""
        for journal, record in self._opened.raw.transactions():
            fields, children = record.fields, record.children
            is_plain = _TRANSACTION.issuperset(fields) and _TRANSACTION.issuperset(children)
            get, lines = fields.get, children.get("trLine", ())
            self._add_entry(
                batch,
                (journal or "", get("nr"), get("desc"), get("periodNumber"), get("trDt")),
                (get("Source") or get("sourceID"), get("User") or get("userID")),
                {} if is_plain else remainder(record, _TRANSACTION),
                record,
                (line.fields.get("effDate") for line in lines),
            )
            for line in lines:
                self._add_raw_line(batch, line)
            if len({(line.fields.get("nr") or "").strip() for line in lines}) < max(len(lines), 1):
                batch.is_doubtful = True
            self._end_entry(batch)
            yield batch

    def _add_entry(
        self,
        batch: EntryBatch,
        head: tuple[str, str | None, str | None, str | None, str | None],
        by: tuple[str | None, str | None],
        more: dict[str, object],
        record: RawRecord | None,
        line_dates: Iterable[str | None],
    ) -> None:
        journal, number, description, period_text, date_text = head
        self._entries += 1
        batch.days.add((period_text, date_text))
        date, period = day(date_text) if date_text else None, _period(period_text)
        if date is None:
            more["trDt"] = date_text
            date = next(filter(None, map(day, filter(None, line_dates))), None) or self._periods.get(period) or self._first_day
            self._dates.add(record, _date_element(record), date_text, date)
        if period is None:
            more["periodNumber"] = period_text
            period = int(date[5:7])
        source, user = by
        batch.entries.append(
            EntryRow(
                self._entries,
                journal,
                (number or "").strip(),
                date,
                period,
                (description or "").strip(),
                self._year,
                source.strip() or None if source else None,
                user.strip() or None if user else None,
                as_json(more) if more else None,
            )
        )

    def _end_entry(self, batch: EntryBatch) -> None:
        if self._difference:
            batch.unbalanced.append((self._entries, self._difference))
            self._difference = 0

    def _add_line(self, batch: EntryBatch, row: LineValues, debit: int) -> None:
        self._difference += debit
        batch.lines.append(row)

    def _place(self, column: str, row: LineValues) -> int:
        """Where the column is in this row and those that follow."""
        if column not in self._columns:
            self._columns.append(column)
        row.extend([None] * (len(self._columns) - len(row)))
        return self._columns.index(column)

    def _place_of(self, name: str, row: LineValues) -> int:
        """Where a text or a day of this element belongs."""
        if name in _TEXTS:
            self._places[name] = self._place(_TEXTS[name], row)
        elif name in _DAYS:
            self._places[name] = -self._place(_DAYS[name], row)
        return self._places.get(name, _OTHER_PLACE)

    def _add_raw_line(self, batch: EntryBatch, record: RawRecord) -> None:
        cents, side = self._faults.of_line(record)
        if cents is None or side is None:
            return
        self._lines += 1
        row: LineValues = [self._lines, self._entries, "", side, cents, "", *_NOTHING[: len(self._columns) - ALWAYS]]
        more: dict[str, object] = {}
        places = self._places
        for name, written in record.fields.items():
            at = places.get(name)
            if at is None:
                at = self._place_of(name, row)
            if at > 0:
                text = written.strip()
                if text:
                    row[at] = text
            elif at < 0:
                found = day(written) if at != _OTHER_PLACE else None
                if found is not None:
                    row[-at] = found
                elif text := written.strip():
                    more[name] = text
        if record.children:
            self._add_children(batch, record, row, more)
        if more:
            row[self._place("more", row)] = as_json(more)
        self._add_line(batch, row, cents if side == "D" else -cents)

    def _add_children(self, batch: EntryBatch, record: RawRecord, row: LineValues, more: dict[str, object]) -> None:
        for name, children in record.children.items():
            if name == "vat":
                for child in children:
                    self._add_vat(batch, child)
            elif name == "currency" and children[0].text is None:
                row[self._place("currency", row)] = (children[0].fields.get("curCode") or "").strip() or None
                row[self._place("currency_amount", row)] = self._faults.cents(children[0], "curAmnt")
            else:
                more[name] = [child.text if child.text is not None else child.to_dict() for child in children]

    def _add_vat(self, batch: EntryBatch, record: RawRecord) -> None:
        faults, get = self._faults, record.fields.get
        percentage, amount = faults.cents(record, "vatPerc", 3), faults.cents(record, "vatAmnt")
        side = _SIDES.get((get("vatAmntTp") or "").strip())
        batch.vat_rows.append(VatRow(self._lines, (get("vatID") or "").strip(), percentage, side, amount))

    def _plain_entries(self, batch: EntryBatch) -> Iterator[EntryBatch]:
        """From what pyxaf makes of CLAIR2 and ADF, which have other elements."""
        for one in self._opened.transactions():
            more = remainder(one.raw, _CLAIR2_TRANSACTION)
            of_lines = [day_of(line.effective_date, line.raw, "effectiveDate") for line in one.lines]
            date = None if one.date is None else one.date.isoformat()
            if date is None and one.raw is not None:
                date = one.raw.fields.get(_date_element(one.raw))
            if not (date or "").strip() and self._opened.format.family is pyxaf.Family.ADF:
                date = next(filter(None, of_lines), date)  # where an entry needs no date of its own
            head = one.journal_id or "", one.number, one.description, one.period_key, date
            self._add_entry(batch, head, (one.source, one.user), more, one.raw, of_lines)
            for line in one.lines:
                self._add_plain_line(batch, line)
            self._end_entry(batch)
            yield batch

    def _add_plain_line(self, batch: EntryBatch, line: pyxaf.Line) -> None:
        cents = _exact(line.amount)
        if cents is None or line.side is None:
            self._faults.add(line.raw, "amount", None if line.amount is None else str(line.amount))
            return
        bounded = self._faults.bounded(line.raw, "amount", cents)
        if bounded is None:
            return
        self._lines += 1
        row: LineValues = [self._lines, self._entries, line.account_id or "", line.side.value, bounded, line.description or "", *_NOTHING]
        values = {
            "relation": line.relation_id,
            "number": line.number,
            "document": line.document_ref,
            "effective_date": day_of(line.effective_date, line.raw, "effectiveDate"),
            "cost_centre": line.cost_center,
            "product": line.product,
            "project": line.project,
            "quantity": None if line.quantity is None else str(line.quantity),
            "currency": line.foreign.currency if line.foreign else None,
            "currency_amount": _exact(line.foreign.amount) if line.foreign else None,
            "more": as_json(remainder(line.raw, _CLAIR2_LINE)) if line.raw is not None and line.raw.tag == "line" else None,
        }
        for name, value in values.items():
            row[_AT[name]] = value
        for vat in line.vat:
            percentage = None if vat.percentage is None else scaled(f"{vat.percentage:f}", 3)
            batch.vat_rows.append(
                VatRow(self._lines, vat.code or "", percentage, _SIDES.get(vat.side.value) if vat.side else None, _exact(vat.amount))
            )
        self._add_line(batch, row, bounded if line.side is pyxaf.Side.DEBIT else -bounded)


_AMOUNTS = frozenset({"amnt", "amntTp"})
_NOTHING: tuple[None, ...] = (None,) * (len(LINE_COLUMNS) - ALWAYS)


def _date_element(record: RawRecord | None) -> str:
    """The element of an entry's date."""
    return next((name for name in _DATES if record is not None and name in record.fields), _DATES[0])


def _exact(amount: Decimal | None) -> int | None:
    return None if amount is None else scaled(f"{amount:f}")


@lru_cache
def _period(text: str | None) -> int | None:
    text = (text or "").strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _PERIOD_DIGITS else None
