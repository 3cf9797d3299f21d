"""The sub-ledgers of a 3.x audit file, which pyxaf passes over: they know when an invoice is due.

What a line of them belongs to is written in several ways: journal, entry and line each in its element (`BNK`, `1`, `2`), or the entry with
its journal before it (`BNK.1`), or all in the line's element (`BNK.1.2`).
"""

from collections.abc import Iterator
from typing import Any

from pyxaf import RawRecord

from accountools.domain.audit_file.rows import SubledgerRow
from accountools.formats.auditfile.faults import AmountFaults
from accountools.formats.auditfile.values import as_json, day, remainder

_RECORD = 1  # pyxaf's kind of event for a whole record
_TAGS = frozenset({"sbLine", "obSbLine"})
_FIELDS = 1  # in a frame of pyxaf
_KNOWN = frozenset({"amnt", "amntTp", "custSupID", "invRef", "invDt", "invDueDt"})


class SubledgerReader:
    """Collects the lines as pyxaf comes past them (`observe` is its observer); `taken` gives those since it was last asked."""

    def __init__(self, faults: AmountFaults) -> None:
        self.faults = faults
        self._rows: list[SubledgerRow] = []
        self.basics: list[dict[str, str]] = []

    def observe(self, _: int, event: tuple[Any, ...]) -> None:
        """Take what belongs to a sub-ledger, or to the list of cost centres and projects."""
        if event[0] != _RECORD:
            return
        record: RawRecord = event[1]
        if record.tag in _TAGS:
            self._add(record, dict(event[2][-1][_FIELDS] or {}))
        elif record.tag == "basic":
            self.basics.append({name: text.strip() for name, text in record.fields.items()})

    def taken(self) -> list[SubledgerRow]:
        """The lines since this was last asked."""
        rows, self._rows = self._rows, []
        return rows

    def _add(self, record: RawRecord, ledger: dict[str, str]) -> None:
        amount, side = self.faults.of_line(record)
        if amount is None or side is None:
            return
        fields = {name: text.strip() for name, text in record.fields.items()}
        get = fields.get
        more = remainder(record, _KNOWN) | ({"sbDesc": ledger["sbDesc"].strip()} if "sbDesc" in ledger else {})
        dates = {name: day(fields[name]) if name in fields else None for name in ("invDt", "invDueDt")}
        more |= {name: fields[name] for name, found in dates.items() if found is None and name in fields}
        self._rows.append(
            SubledgerRow(
                ledger=(ledger.get("sbType") or "").strip(),
                side=side,
                amount=amount,
                relation=get("custSupID") or None,
                invoice=get("invRef") or None,
                invoice_date=dates["invDt"],
                due=dates["invDueDt"],
                more=as_json(more),
                opening=get("obLineNr") or None if record.tag == "obSbLine" else None,
                references=tuple(_references(get("jrnID") or "", get("trNr") or "", get("trLineNr") or "")),
            )
        )


def _references(journal: str, entry: str, line: str) -> Iterator[tuple[str, str, str]]:
    """What a reference may mean, the plainest first."""
    if not line:
        return
    yield journal, entry, line
    prefix = f"{journal}."
    if journal and entry.startswith(prefix):
        yield journal, entry.removeprefix(prefix), line
    parts = line.split(".")
    if len(parts) > 2:  # noqa: PLR2004 - journal, entry, line
        yield ".".join(parts[:-2]), parts[-2], parts[-1]
    elif len(parts) == 2:  # noqa: PLR2004 - entry, line
        yield journal, parts[0], parts[1]
