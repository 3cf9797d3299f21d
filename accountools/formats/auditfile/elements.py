"""Elements of an audit file as they come into its stream: in the order of the schema, and counted."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

from accountools.domain.audit_file.contents import Sums
from accountools.domain.ledger import format_amount
from accountools.formats.auditfile.layout import Losses, Shape, Values

PartWriter = Callable[[Any, Shape], None]
_COUNTED = ("accounts", "relations", "vat_codes", "journals", "periods", "opening_lines", "entries", "lines", "vat_rows")


class Output(Protocol):
    """What it is written to."""

    def write(self, data: bytes, /) -> int:
        """Write some bytes."""


class RunningSums:
    """Adds up lines as they are written."""

    def __init__(self) -> None:
        self.lines = 0
        self._accounts: dict[str, list[int]] = {}

    def add(self, account: str, side: str, amount: int) -> None:
        """Add a line."""
        self.lines += 1
        sums = self._accounts.setdefault(account, [0, 0])
        sums[side != "D"] += amount

    def sums(self) -> Sums:
        """The sums so far."""
        return Sums(self.lines, {account: (debit, credit) for account, (debit, credit) in self._accounts.items()})


class Elements:
    """Writes elements to `file`. `counts` are how many of each there are, `losses` what couldn't be written as it is."""

    def __init__(self, file: Output, losses: Losses) -> None:
        self._file = file
        self.losses = losses
        self.counts = dict.fromkeys(_COUNTED, 0)

    def write(self, xml: Any, elements: str) -> None:
        """Write elements as `layout` made them: by objects of lxml's own they would take as long again as all the rest."""
        xml.flush()
        self._file.write(elements.encode())

    def write_parts(
        self,
        xml: Any,
        shape: Shape,
        values: Values,
        many: Mapping[str, PartWriter],
        fallbacks: Mapping[str, str] | None = None,
    ) -> None:
        """Write an element of which the parts `many` are written by functions of their own, in the order of the schema."""
        for name in values.keys() & many.keys():
            self.losses.add(f"{shape.name}/{name}", "left-out", values.pop(name))
        simple = shape.parts(values, self.losses, fallbacks)
        with xml.element(shape.name):
            for spec in shape.specs:
                if spec.name in many:
                    many[spec.name](xml, shape.shape(spec.name))
                if simple.get(spec.name):
                    self.write(xml, simple[spec.name])

    def write_list(self, xml: Any, shape: Shape, name: str, rows: Iterable[Values], counted: str) -> None:
        """Write elements called `name` within one, made of values."""
        inner = shape.shape(name)
        self.write_elements(xml, shape.name, (inner.element(values, self.losses) for values in rows), counted)

    def write_elements(self, xml: Any, name: str, made: Iterable[str], counted: str, last: Iterable[str] = ()) -> None:
        """Write elements within one, and `last` after them, unless there are none."""
        elements = iter(made)
        first = next(elements, None)
        if first is None:
            return
        with xml.element(name):
            self.write(xml, first)
            self.counts[counted] += 1
            for one in elements:
                self.write(xml, one)
                self.counts[counted] += 1
            for one in last:
                self.write(xml, one)


def totals(sums: Sums) -> Values:
    """How many lines there are, and their sums."""
    return {"linesCount": str(sums.lines), "totalDebit": format_amount(sums.debit), "totalCredit": format_amount(sums.credit)}
