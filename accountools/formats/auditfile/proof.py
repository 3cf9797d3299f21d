"""A proof, made while an audit file is read, that pyxaf.validate would find nothing wrong in it: then it needn't be read by that as well.

What pyxaf checks of elements and values one by one is checked by a schema (`schema`), in a thread: libxml2 works without Python's lock. The
rest is checked of what is read. Whatever isn't certain is a doubt, and then it is for pyxaf.validate to say what is wrong, if anything is.
"""

import re
from collections.abc import Iterator
from decimal import Decimal
from threading import Thread

import pyxaf
from lxml import etree
from pyxaf.catalogue import get_catalogue

from accountools.domain.audit_file.contents import EntryBatch
from accountools.domain.audit_file.rows import LINE_COLUMNS
from accountools.formats.auditfile.faults import AmountFaults
from accountools.formats.auditfile.schema import build_schema
from accountools.formats.auditfile.source import AuditfileSource
from accountools.formats.auditfile.values import day

_ENCODINGS = {"utf-8", "iso8859-1"}
_OPENING_PERIODS = {"0", "00", "000"}
_CHUNK = 1 << 20
_MOST_DAYS = 10_000
_PERIOD_DIGITS = 3
_ACCOUNT, _SIDE, _AMOUNT = (LINE_COLUMNS.index(name) for name in ("account", "side", "amount"))


class Proof:
    """Whether nothing is wrong in a file: `is_doubtful` from the first doubt on, `holds` at the end. A context manager."""

    def __init__(self, opened: pyxaf.AuditFile, source: AuditfileSource, faults: AmountFaults) -> None:
        self._opened = opened
        self._source = source
        self._faults = faults
        self._is_valid: bool | None = None  # known when the thread has come so far
        self._days: set[tuple[str | None, str | None]] = set()
        self._journals: set[str] = set()
        self._opens = False
        self._lines = self._debit = self._credit = 0
        self._has_doubts = not _can_be_proven(opened, source) or any(_master_doubts(opened))
        self._thread = Thread(target=self._validate, daemon=True)
        if not self._has_doubts:
            self._thread.start()

    @property
    def is_doubtful(self) -> bool:
        """Whether there is a doubt by now."""
        return self._has_doubts or self._is_valid is False

    def __enter__(self) -> "Proof":
        return self

    def __exit__(self, *_: object) -> None:
        self._has_doubts = True
        if self._thread.ident is not None:
            self._thread.join()

    def _validate(self) -> None:
        """Validate the file by the schema, until the first doubt."""
        is_valid = False
        try:
            parser = _validating_parser(self._opened)
            with self._source.paths[0].open("rb") as file:
                while (chunk := file.read(_CHUNK)) and not self._has_doubts:
                    parser.feed(chunk)
                    if parser.feed_error_log:
                        return
            parser.close()
            is_valid = not parser.feed_error_log
        except (etree.LxmlError, OSError):
            pass
        finally:
            self._is_valid = is_valid

    def check_batch(self, batch: EntryBatch) -> None:
        """Check entries: whether they balance, what they refer to, and their days."""
        if self.is_doubtful:
            return
        opened, lines = self._opened, batch.lines
        at = batch.columns.index("relation") if "relation" in batch.columns else None
        relations = set[object]() if at is None else {row[at] for row in lines} - {None}
        self._lines += len(lines)
        amounts = [(row[_AMOUNT], row[_SIDE]) for row in lines]
        debit = sum(amount for amount, side in amounts if side == "D")  # type: ignore[misc]
        self._debit += debit
        self._credit += sum(amount for amount, _ in amounts) - debit  # type: ignore[misc]
        self._journals |= {entry.journal for entry in batch.entries}
        days = batch.days - self._days
        self._days |= days
        self._opens |= any((period or "").strip() in _OPENING_PERIODS for period, _ in days)
        self._has_doubts = bool(
            batch.unbalanced
            or batch.is_doubtful
            or self._faults.count
            or not opened.accounts.keys() >= {row[_ACCOUNT] for row in lines}
            or not opened.relations.keys() >= relations
            or not opened.vat_codes.keys() >= {row.code for row in batch.vat_rows}
            or len(self._days) > _MOST_DAYS
            or not all(_is_within_period(opened, *one) for one in days)
        )

    def holds(self) -> bool:
        """Whether nothing is wrong, all entries having been read. That no two of a journal have one number is checked elsewhere."""
        if self.is_doubtful:
            return False
        opened, journals = self._opened, self._opened.journals.values()
        stated = opened.opening_balance("element").source == "element"
        opens = self._opens or any(one.id in self._journals and one.journal_type.kind is pyxaf.JournalKind.OPENING for one in journals)
        self._has_doubts = (
            stated is opens
            or (opens and opened.version is pyxaf.Version.XAF40)
            or any(one.offset_account_id and one.offset_account_id not in opened.accounts for one in journals)
            or not _are_totals(opened.transaction_totals, self._lines, Decimal(self._debit).scaleb(-2), Decimal(self._credit).scaleb(-2))
            or any(one.severity is not pyxaf.Severity.INFO for one in opened.findings)
        )
        if not self._has_doubts:
            self._thread.join()
        return not self._has_doubts and self._is_valid is True


class _Nothing:
    """What becomes of the elements: they are only validated."""

    def close(self) -> None:
        """At the end."""


def _validating_parser(opened: pyxaf.AuditFile) -> etree.XMLParser:
    """A parser that has what isn't valid in its `feed_error_log`. Raises LxmlError when it hasn't."""
    header, catalogue = opened.header, get_catalogue(opened.version)
    days = (header.start_date.isoformat(), header.end_date.isoformat()) if header.start_date and header.end_date else None
    schema = build_schema(catalogue, str(opened.format.namespace), days)

    def parser() -> etree.XMLParser:
        return etree.XMLParser(target=_Nothing(), schema=schema, resolve_entities=False, no_network=True, load_dtd=False)

    trial = parser()
    trial.feed(f'<auditfile xmlns="{opened.format.namespace}"/>')
    trial.close()
    if not trial.feed_error_log:
        raise etree.LxmlError("nothing found in an empty file")  # it does not say so in this version of lxml
    return parser()


def _can_be_proven(opened: pyxaf.AuditFile, source: AuditfileSource) -> bool:
    """Whether it is a file of a kind that the schema is made for."""
    found = opened.format
    return (
        len(source.paths) == 1
        and not source.repairs
        and found.family is pyxaf.Family.XAF
        and found.namespace_status is pyxaf.NamespaceStatus.OFFICIAL
        and found.continuation is None
        and found.compression is None
        and found.encoding.effective in _ENCODINGS
    )


def _master_doubts(opened: pyxaf.AuditFile) -> Iterator[bool]:
    """What may be wrong in all but the entries."""
    accounts, header, opening = opened.accounts, opened.header, opened.opening_balance("element")
    references = [one.rgs for one in accounts.values() if one.rgs is not None]
    yield any(one.placeholder or one.code is None for one in references)
    yield opened.version is pyxaf.Version.XAF40 and len({one.raw.strip() for one in references}) < len(references)
    named = {code for one in opened.vat_codes.values() for code in (one.payable_account_id, one.receivable_account_id) if code}
    yield not accounts.keys() >= named
    yield any(one.relation_type.code and one.relation_type.kind is pyxaf.RelationKind.UNKNOWN for one in opened.relations.values())
    if header.start_date and header.end_date and header.fiscal_year:
        years = {int(year) for year in re.findall(r"\d{4}", header.fiscal_year)}
        yield bool(years) and not years & {header.start_date.year, header.end_date.year}
    yield any(one.amount is None or one.side is None for one in opening.lines)
    yield not accounts.keys() >= {one.account_id for one in opening.lines}
    yield len({one.number for one in opening.lines}) < len(opening.lines)
    sums = [sum(one.amount or 0 for one in opening.lines if one.side is side) for side in (pyxaf.Side.DEBIT, pyxaf.Side.CREDIT)]
    yield sums[0] != sums[1]
    yield not _are_totals(opening.declared, len(opening.lines), *map(Decimal, sums))


def _are_totals(declared: pyxaf.TransactionTotals | None, lines: int, debit: Decimal, credit: Decimal) -> bool:
    """Whether what the file declares, if it does, is what it holds."""
    if declared is None:
        return True
    return (
        declared.lines_count in {None, lines}
        and declared.total_debit in {None, debit}
        and declared.total_credit in {None, credit}
        and (None in {declared.total_debit, declared.total_credit} or declared.total_debit == declared.total_credit)
    )


def _is_within_period(opened: pyxaf.AuditFile, period: str | None, date: str | None) -> bool:
    """Whether the period is declared (0 needn't be before 4.0) and the date lies in it."""
    key, found = (period or "").strip(), day(date or "")
    if not key.isascii() or not key.isdecimal() or len(key) > _PERIOD_DIGITS or found is None:
        return False
    declared = opened.periods.get(key)
    if declared is None:
        return str(int(key)) in opened.periods or (int(key) == 0 and opened.version is not pyxaf.Version.XAF40)
    if declared.start_date is None or declared.end_date is None:
        return True
    return declared.start_date.isoformat() <= found <= declared.end_date.isoformat()
