"""A report of the books as a table: rows of values, which a file, a page and pandas all show. Amounts are cents."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Literal, TypeVar

from accountools.domain.ledger import decimal_amount, format_amount
from accountools.domain.messages import N_

if TYPE_CHECKING:
    import pandas

RowT = TypeVar("RowT")


@dataclass(frozen=True)
class Note:
    """A sentence above a report (to be translated), with the values in it."""

    sentence: str
    values: Mapping[str, object]


Kind = Literal["text", "day", "amount", "number"]


@dataclass(frozen=True)
class Field:
    """A column: the name of its values (the key in JSON), its title, and its width on a sheet in characters.

    `plain` titles are shown as they are.
    """

    name: str
    title: str
    kind: Kind = "text"
    width: int = 12
    plain: bool = False


def amount(name: str, title: str) -> Field:
    """A column of amounts."""
    return Field(name, title, "amount", 15)


class BookTable(Generic[RowT]):
    """A table with a title. The values of a row are its attributes by the names of `FIELDS`, unless `cells` says otherwise."""

    TITLE: ClassVar[str]
    FIELDS: ClassVar[tuple[Field, ...]]
    rows: Iterable[RowT]

    def fields(self) -> tuple[Field, ...]:
        """The columns."""
        return self.FIELDS

    def cells(self, row: RowT) -> tuple[Any, ...]:
        """The values of a row: one for each column."""
        return tuple(getattr(row, field.name) for field in self.FIELDS)

    def totals(self) -> Mapping[str, int]:
        """The totals by column, where there are any."""
        return {}

    def facts(self) -> tuple[tuple[str, object], ...]:
        """What is printed above the table: labels (to be translated) and values, of which a `Note` is translated too."""
        return ()

    def more(self) -> "Sequence[BookTable[Any]]":
        """Other tables that belong to it."""
        return ()

    def documents(self) -> list[dict[str, Any]]:
        """The rows as JSON."""
        fields = self.fields()
        return [{field.name: json_value(field, cell) for field, cell in zip(fields, self.cells(row), strict=True)} for row in self.rows]

    def frame(self) -> "pandas.DataFrame":
        """The rows as a pandas table: amounts as exact decimals (`Decimal`), days as days."""
        import pandas as pd

        fields = self.fields()
        values = [[_frame_value(field, cell) for field, cell in zip(fields, self.cells(row), strict=True)] for row in self.rows]
        found = pd.DataFrame(values, columns=[field.name for field in fields])
        for field in fields:
            if field.kind == "day":
                found[field.name] = pd.to_datetime(found[field.name], errors="coerce")
        return found


@dataclass(frozen=True)
class SmallTable(BookTable[tuple[Any, ...]]):
    """A table of tuples."""

    title: str
    columns: tuple[Field, ...]
    rows: tuple[tuple[Any, ...], ...]

    @property
    def TITLE(self) -> str:  # type: ignore[override]  # noqa: N802 - a constant elsewhere
        """The title."""
        return self.title

    def fields(self) -> tuple[Field, ...]:
        """The columns."""
        return self.columns

    def cells(self, row: tuple[Any, ...]) -> tuple[Any, ...]:
        """The row itself."""
        return row


def json_value(field: Field, cell: Any) -> Any:
    """A value as JSON: amounts as texts with two decimals."""
    return format_amount(cell) if field.kind == "amount" and cell is not None else cell


def parse_day(text: object) -> date | None:
    """A day given as ISO 8601; None for anything else, as an old audit file may hold."""
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        return None


def _frame_value(field: Field, cell: Any) -> Any:
    return decimal_amount(cell) if field.kind == "amount" and cell is not None else cell


TOTAL = N_("Total")
