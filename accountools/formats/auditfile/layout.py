"""The elements of an audit file to be written: their order, and which texts each may hold, as the schema of its version says.

What can't be written as it is becomes a loss; so whatever is written is valid.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from pyxaf.catalogue import Catalogue

from accountools.domain.audit_file import Loss, LossKind
from accountools.formats.auditfile.writable import Writable, writable_at

Values = dict[str, Any]  # by element: a text, or the values of an element within, or a list of either
_MOST_KNOWN = 2_000  # values of an element whose XML is kept: many lines have the same
_LONGEST_EXAMPLE, _MOST_LOSSES = 80, 500


class _NotWritable(Exception):
    """An element can't be written without a value that isn't allowed."""


@dataclass(frozen=True)
class RowPlan:
    """How elements are made of rows: the columns of those within, in their order, and the columns for which there is no element."""

    written: list[tuple[str, int | None, bool, bool, Writable | None, dict[str, str]]]
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
        self._plan = [(one.name, one.name in self._required, self._leaves.get(one.name), dict[str, str]()) for one in self.specs]

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
        wanted = [name for name, required, *_ in self._plan if required or values.get(name) is not None]
        return {name: self._part(name, values.get(name), losses, fallbacks) for name in wanted}

    def _inner(self, values: Values, losses: Losses, fallbacks: Mapping[str, str] | None = None) -> list[str]:
        """The elements within, in their order."""
        if not self.names.issuperset(values):
            self._lose_others(values, losses)
        found, get = list[str](), values.get
        for name, required, writable, known in self._plan:
            value = get(name)
            if value is None:
                if required:
                    found.append(self._part(name, None, losses, fallbacks))
                continue
            text = known.get(value) if value.__class__ is str else None
            if text is None:
                text = self._known_part(name, value, writable, known, losses, fallbacks)
            found.append(text)
        return found

    def row_plan(self, columns: Mapping[str, int], beside: Collection[str]) -> "RowPlan":
        """How elements of this shape are made of rows: by the names of elements the columns, and what the values beside them may hold."""
        written = [
            (name, columns.get(name), name in beside, required, writable, known)
            for name, required, writable, known in self._plan
            if name in columns or name in beside or required
        ]
        return RowPlan(written, [(at, name) for name, at in columns.items() if name not in self.names])

    def row_element(self, row: Sequence[Any], plan: "RowPlan", beside: Values, losses: Losses, fallbacks: Mapping[str, str]) -> str:
        """As `element`, of the columns of a row and the values `beside` them: faster, and of lines there are millions."""
        found = [f"<{self.name}>"]
        for at, name in plan.lost:
            if row[at]:
                losses.add(f"{self.name}/{name}", "left-out", row[at])
        for name, column, is_beside, required, writable, known in plan.written:
            value = None if column is None else row[column]
            if not value:
                value = beside.get(name) if is_beside else None
                if value is None:
                    if required:
                        found.append(self._part(name, None, losses, fallbacks))
                    continue
            text = known.get(value) if value.__class__ is str else None
            if text is None:
                text = self._known_part(name, value, writable, known, losses, fallbacks)
            found.append(text)
        found.append(f"</{self.name}>\n")
        return "".join(found)

    def _known_part(
        self, name: str, value: Any, writable: Writable | None, known: dict[str, str], losses: Losses, fallbacks: Mapping[str, str] | None
    ) -> str:
        """As `_part`, of a value; one that is written as it is becomes known."""
        if writable is None or value.__class__ is not str or writable(value) != value:
            return self._part(name, value, losses, fallbacks)
        text = f"<{name}>{escaped(value)}</{name}>\n"
        if len(known) < _MOST_KNOWN:
            known[value] = text
        return text

    def _lose_others(self, values: Values, losses: Losses) -> None:
        for name in sorted(values.keys() - self.names):
            losses.add(f"{self.name}/{name}", "left-out", values[name])

    def _part(self, name: str, value: Any, losses: Losses, fallbacks: Mapping[str, str] | None) -> str:
        """An element within, or several of that name; empty if it is left out."""
        if name in self._shapes:
            return self._within(name, value, losses)
        text = self._text(name, value, losses, fallbacks)
        return "" if text is None else f"<{name}>{escaped(text)}</{name}>\n"

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


def escaped(text: str) -> str:
    """A text as XML."""
    if "&" not in text and "<" not in text and ">" not in text and "\r" not in text:
        return text
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#13;")
