"""The elements of an audit file to be written: their order, and which texts each may hold, as the schema of its version says.

What can't be written as it is becomes a loss; so whatever is written is valid.
"""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from pyxaf.catalogue import Catalogue

from accountools.domain.audit_file.findings import Loss, LossKind
from accountools.formats.auditfile.writable import escaped, usual_at, writable_at

Values = dict[str, Any]  # by element: a text, or the values of an element within, or a list of either
_MOST_KNOWN = 2_000  # values of an element whose XML is kept: many lines have the same
_LONGEST_EXAMPLE, _MOST_LOSSES = 80, 500


class _NotWritable(Exception):
    """An element can't be written without a value that isn't allowed."""


# an element within another: its name, what matches texts that are written as they are, the XML of some, and what is around a text
_Part = tuple[str, Callable[[str], object], dict[str, str], str, str]
_FilledPart = tuple[int | None, bool, bool, _Part]  # the column it is filled from, whether a value beside it may, whether it is required


@dataclass(frozen=True)
class RowPlan:
    """How elements are made of rows: the columns of those within, in their order, and the columns for which there is no element."""

    written: list[_FilledPart]
    lost: list[tuple[int, str]]


class Losses:
    """Collects what can't be written as it is."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, LossKind], tuple[int, str]] = {}

    def add(self, what: str, how: LossKind, value: object, count: int = 1) -> None:
        """Count a value that is lost at this element; of many kinds the last are counted together."""
        key = what, how
        if key not in self._found and len(self._found) >= _MOST_LOSSES:
            key = "…", how
        known = self._found.get(key)
        if known is None:
            text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
            self._found[key] = count, text if len(text) <= _LONGEST_EXAMPLE else f"{text[:_LONGEST_EXAMPLE]}…"
        else:
            self._found[key] = known[0] + count, known[1]

    def list_all(self) -> tuple[Loss, ...]:
        """All of them, by element."""
        return tuple(Loss(what, how, *found) for (what, how), found in sorted(self._found.items()))


class Shape:
    """An element with elements in it. `element` makes it of values, as XML: that is faster than by objects."""

    def __init__(self, catalogue: Catalogue, path: str) -> None:
        self.name = path.rpartition("/")[2]
        self.specs = catalogue.children_of(path)
        self.names = frozenset(one.name for one in self.specs)
        self._most = {one.name: one.max_occurs for one in self.specs}
        self._shapes = {one.name: Shape(catalogue, one.path) for one in self.specs if one.is_complex}
        self._leaves = {one.name: writable_at(one) for one in self.specs if not one.is_complex}
        self._required = {one.name for one in self.specs if one.min_occurs and not one.is_complex}
        self._parts: list[_Part] = [(one.name, usual_at(one), {}, f"<{one.name}>", f"</{one.name}>\n") for one in self.specs]
        self._whole: list[_FilledPart] = [(None, True, part[0] in self._required, part) for part in self._parts]

    def shape(self, name: str) -> "Shape":
        """The shape of an element within."""
        return self._shapes[name]

    def element(self, values: Values, losses: Losses, fallbacks: Mapping[str, str] | None = None, last: Sequence[str] = ()) -> str:
        """The element; `last` are elements that come last in it.

        What may not be left out is as in `fallbacks` where there is no value for it that may be written, else empty.
        """
        return "".join((f"<{self.name}>", *self._inner(values, losses, fallbacks), *last, f"</{self.name}>\n"))

    def parts(self, values: Values, losses: Losses, fallbacks: Mapping[str, str] | None = None) -> dict[str, str]:
        """The elements within, by their names."""
        self._lose_others(values, losses)
        wanted = [one.name for one in self.specs if one.name in self._required or values.get(one.name) is not None]
        return {name: self._part(name, values.get(name), losses, fallbacks) for name in wanted}

    def _inner(self, values: Values, losses: Losses, fallbacks: Mapping[str, str] | None = None) -> list[str]:
        """The elements within, in their order."""
        if not self.names.issuperset(values):
            self._lose_others(values, losses)
        return self._fill((), self._whole, values, losses, fallbacks)

    def row_plan(self, columns: Mapping[str, int], beside: Collection[str]) -> "RowPlan":
        """How elements of this shape are made of rows: by the names of elements the columns, and what the values beside them may hold."""
        written = [
            (columns.get(part[0]), part[0] in beside, required, part)
            for _, _, required, part in self._whole
            if part[0] in columns or part[0] in beside or required
        ]
        return RowPlan(written, [(at, name) for name, at in columns.items() if name not in self.names])

    def row_element(self, row: Sequence[Any], plan: "RowPlan", beside: Values, losses: Losses, fallbacks: Mapping[str, str]) -> str:
        """As `element`, of the columns of a row and the values `beside` them: faster, and of lines there are millions."""
        for at, name in plan.lost:
            if row[at]:
                losses.add(f"{self.name}/{name}", "left-out", row[at])
        return "".join((f"<{self.name}>", *self._fill(row, plan.written, beside, losses, fallbacks), f"</{self.name}>\n"))

    def _fill(
        self, row: Sequence[Any], parts: Sequence[_FilledPart], beside: Values, losses: Losses, fallbacks: Mapping[str, str] | None
    ) -> list[str]:
        """The elements within, in their order, of the columns of a row and the values beside them."""
        found = list[str]()
        for column, is_beside, required, part in parts:
            value = None if column is None else row[column]
            if not value:
                value = beside.get(part[0]) if is_beside else None
                if value is None:
                    if required:
                        found.append(self._part(part[0], None, losses, fallbacks))
                    continue
            name, usual, known, opening, closing = part
            if value.__class__ is not str:
                found.append(self._part(name, value, losses, fallbacks))
            elif (text := known.get(value)) is not None:
                found.append(text)
            elif usual(value):
                text = f"{opening}{value}{closing}" if value else f"<{name}/>\n"
                if len(known) < _MOST_KNOWN:
                    known[value] = text
                found.append(text)
            else:
                found.append(self._part(name, value, losses, fallbacks))
        return found

    def _lose_others(self, values: Values, losses: Losses) -> None:
        for name in sorted(values.keys() - self.names):
            losses.add(f"{self.name}/{name}", "left-out", values[name])

    def _part(self, name: str, value: Any, losses: Losses, fallbacks: Mapping[str, str] | None) -> str:
        """An element within, or several of that name; empty if it is left out."""
        if name in self._shapes:
            return self._within(name, value, losses)
        text = self._text(name, value, losses, fallbacks)
        if not text:
            return "" if text is None else f"<{name}/>\n"
        return f"<{name}>{escaped(text)}</{name}>\n"

    def _text(self, name: str, value: Any, losses: Losses, fallbacks: Mapping[str, str] | None) -> str | None:
        """What is written for a value; None if it is left out."""
        if isinstance(value, list):  # an element that was there more than once
            for one in value[1:]:
                losses.add(f"{self.name}/{name}", "left-out", one)
            value = value[0] if value else ""
        if value is not None and not isinstance(value, str):
            losses.add(f"{self.name}/{name}", "left-out", value)
            value = None
        if value is not None:
            written = self._leaves[name](value)
            if written == value:
                return written
            if written is not None:
                losses.add(f"{self.name}/{name}", "shortened", value)
                return written
        if name not in self._required:
            if value is not None:
                losses.add(f"{self.name}/{name}", "left-out", value)
            return None
        fallback = fallbacks.get(name, "") if fallbacks else ""
        if not fallback and self._leaves[name]("") is None:
            raise _NotWritable
        if value:
            losses.add(f"{self.name}/{name}", "replaced", value)
        return fallback

    def _within(self, name: str, value: Any, losses: Losses) -> str:
        """Elements that have elements in them; an empty one says nothing and is left out."""
        shape, most, found = self._shapes[name], self._most[name], list[str]()
        for number, one in enumerate(value if isinstance(value, list) else [value], 1):
            with suppress(_NotWritable):
                if isinstance(one, dict) and (most is None or number <= most):
                    inner = "".join(shape._inner(one, losses))
                    found.append(f"<{name}>{inner}</{name}>\n" if inner else "")
                    continue
            losses.add(f"{self.name}/{name}", "left-out", one)
        return "".join(found)
