"""Amounts of an audit file with their sides, and dates: those that can't be read become findings, with the line."""

from collections.abc import Mapping

from pyxaf import RawRecord

from accountools.domain.audit_file.findings import Finding
from accountools.domain.ledger import Side
from accountools.formats.auditfile.values import scaled

MOST_FAULTS = 100  # that are named; the others are only counted
_SIDES: Mapping[str, Side] = {"D": "D", "C": "C", "d": "D", "c": "C"}
_LARGEST_SUM = 1 << 62
_CODE = "amount-invalid"


class AmountFaults:
    """Reads amounts, and collects what can't be read."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self.count = 0
        self._sum = 0

    def add(self, record: RawRecord | None, name: str, text: str | None) -> None:
        """Note that the element `name` of this record can't be read."""
        self.count += 1
        if len(self.findings) < MOST_FAULTS:
            line = None if record is None else record.line
            written = "is missing" if text is None else f"is {text.strip()[:40]!r}"
            self.findings.append(Finding(_CODE, "error", f"<{name}> {written}", line))

    def of_names(self, record: RawRecord | None, amount: str, side: str) -> tuple[int | None, Side | None]:
        """An amount that may be absent, with its side: in these elements."""
        if record is None or not (record.fields.get(amount) or "").strip():
            return None, None
        return self.cents(record, amount), _SIDES.get((record.fields.get(side) or "").strip())

    def of_line(self, record: RawRecord | None) -> tuple[int | None, Side | None]:
        """The amount of a line, which must be there."""
        if record is None:
            return None, None
        get = record.fields.get
        text, written = get("amnt"), get("amntTp")
        side = _SIDES.get(written or "") or _SIDES.get((written or "").strip())
        cents = None if text is None else scaled(text)
        if cents is None:
            self.add(record, "amnt", text)
            return None, None
        if side is None:
            self.add(record, "amntTp", written)
            return None, None
        self._sum += abs(cents)
        return (cents if self._sum <= _LARGEST_SUM else self.bounded(record, "amnt", cents, counted=True)), side

    def cents(self, record: RawRecord, name: str, decimals: int = 2) -> int | None:
        """A number in one of a record's elements; None where it is absent."""
        text = record.fields.get(name)
        found = scaled(text, decimals) if text else None
        if found is None and text and text.strip():
            self.add(record, name, text)
        return found

    def bounded(self, record: RawRecord | None, name: str, cents: int, *, counted: bool = False) -> int | None:
        """The amount, unless with those before it (and it, if it is `counted`) it is more than the books can add up."""
        self._sum += 0 if counted else abs(cents)
        if self._sum > _LARGEST_SUM:
            self._sum -= abs(cents)
            self.add(record, name, str(cents))
            return None
        return cents


class DateFaults:
    """Collects the dates of entries and of the year that can't be read, with what they become.

    `first` is the first of them: its element, what is written there, and the date that it becomes. `written` counts those that
    aren't missing.
    """

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self.count = self.written = 0
        self.first = ("", "", "")

    def add(self, record: RawRecord | None, name: str, text: str | None, becomes: str) -> None:
        """Note that the element `name` of this record can't be read, and becomes that date."""
        text = None if text is None else text.strip()[:40]
        self.first = self.first if self.count else (name, text or "—", becomes)
        self.count += 1
        self.written += text is not None
        if len(self.findings) < MOST_FAULTS:
            written = "is missing" if text is None else f"is {text!r}"
            line = None if record is None else record.line
            self.findings.append(Finding("date-invalid", "warning", f"<{name}> {written}: it becomes {becomes}", line))
