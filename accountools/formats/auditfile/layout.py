"""The elements of an audit file to be written: their order, and which texts each may hold, as the schema of its version says.

What can't be written as it is becomes a loss; so whatever is written is valid.
"""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from functools import lru_cache
from typing import Any

from lxml import etree
from pyxaf.catalogue import Catalogue, FieldSpec

from accountools.domain.audit_file import Loss, LossKind

Values = dict[str, Any]  # by element: a text, or the values of an element within, or a list of either
_NUMBER = re.compile(r"([+-]?)0*([0-9]*)(?:\.([0-9]*?)0*)?", re.ASCII)
_ZONE = re.compile(r"(Z|[+-][0-9]{2}:[0-9]{2})$")
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_IDENTIFIER, _HASHED = 35, 8  # characters of an identifier, and of the hash that a shortened one ends in
_LONGEST_EXAMPLE, _MOST_LOSSES = 80, 500


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
    """An element with elements in it. `fill` makes it of values."""

    def __init__(self, catalogue: Catalogue, path: str) -> None:
        self.name = path.rpartition("/")[2]
        self.specs = catalogue.children_of(path)
        self.names = frozenset(one.name for one in self.specs)
        self._leaves = {one.name: _writable(one) for one in self.specs if not one.is_complex}
        self._shapes = {one.name: Shape(catalogue, one.path) for one in self.specs if one.is_complex}
        self._required = {one.name for one in self.specs if one.min_occurs and not one.is_complex}
        self._order = tuple(one.name for one in self.specs)

    def shape(self, name: str) -> "Shape":
        """The shape of an element within."""
        return self._shapes[name]

    def most(self, name: str) -> int | None:
        """How many times an element may be there; None for any number."""
        return next(one.max_occurs for one in self.specs if one.name == name)

    def element(self, values: Values, losses: Losses, fallbacks: Mapping[str, str] | None = None) -> Any:
        """The element. What may not be left out is as in `fallbacks` where there is no value for it that may be written, else empty."""
        made = etree.Element(self.name)  # in no namespace: the file's own is declared once, around all
        self.fill(made, values, losses, fallbacks)
        return made

    def fill(self, parent: Any, values: Values, losses: Losses, fallbacks: Mapping[str, str] | None = None) -> None:
        """Add the elements within, in their order."""
        if not self.names.issuperset(values):
            for name in sorted(values.keys() - self.names):
                losses.add(f"{self.name}/{name}", "left-out", values[name])
        make = etree.SubElement
        for name in self._order:
            if name in values:
                value = values[name]
                if name in self._shapes:
                    self._fill_within(parent, name, value, losses)
                    continue
                text = self._text(name, value, losses, fallbacks)
            elif name in self._required:
                text = fallbacks.get(name, "") if fallbacks else ""
            else:
                continue
            if text is not None:
                make(parent, name).text = text

    def text(self, name: str, value: str, losses: Losses, fallback: str = "") -> str | None:
        """What is written for a value at this element; None if it is left out."""
        return self._text(name, value, losses, {name: fallback})

    def _text(self, name: str, value: Any, losses: Losses, fallbacks: Mapping[str, str] | None) -> str | None:
        if isinstance(value, list):  # an element that was there more than once
            for one in value[1:]:
                losses.add(f"{self.name}/{name}", "left-out", one)
            value = value[0] if value else ""
        if not isinstance(value, str):
            losses.add(f"{self.name}/{name}", "left-out", value)
            value = None
        else:
            written = self._leaves[name](value)
            if written is value or written == value:
                return value
            if written is not None:
                losses.add(f"{self.name}/{name}", "shortened", value)
                return written
        if name not in self._required:
            if value is not None:
                losses.add(f"{self.name}/{name}", "left-out", value)
            return None
        if value:
            losses.add(f"{self.name}/{name}", "replaced", value)
        return fallbacks.get(name, "") if fallbacks else ""

    def _fill_within(self, parent: Any, name: str, value: Any, losses: Losses) -> None:
        shape, most = self._shapes[name], self.most(name)
        within = value if isinstance(value, list) else [value]
        for number, one in enumerate(within, 1):
            if not isinstance(one, dict) or (most is not None and number > most):
                losses.add(f"{self.name}/{name}", "left-out", one)
            else:
                made = shape.element(one, losses)
                if len(made):  # an empty one says nothing
                    parent.append(made)


def _writable(spec: FieldSpec) -> Callable[[str], str | None]:
    """What may be written of a text at this element: all of it, less of it, or nothing (None)."""
    if spec.kind == "string":
        return _string(spec)
    if spec.kind in {"decimal", "integer"}:
        return _number(spec)
    kinds: dict[str, Callable[[str], str | None]] = {"date": writable_day, "datetime": _moment, "time": _time}
    return kinds[spec.kind]


def _string(spec: FieldSpec) -> Callable[[str], str | None]:
    most, enum, patterns = spec.max_length or spec.length, spec.enum, spec.patterns
    if enum is not None:
        allowed = frozenset(enum)
        return lambda text: text if text in allowed else None
    least = spec.length or spec.min_length or 0

    def string(text: str) -> str | None:
        if not text.isprintable() and _NOT_XML.search(text):
            text = _NOT_XML.sub("", text)
        if most is not None and len(text) > most:
            if patterns:
                return None
            text = shortened(text) if most == _IDENTIFIER else text[:most]
        if len(text) < least or not all(one.fullmatch(text) for one in patterns):
            return None
        return text

    return string


@lru_cache(1 << 12)
def shortened(text: str) -> str:
    """An identifier of 35 characters for a longer one: another one for each."""
    digest = hashlib.sha256(text.encode()).hexdigest()[:_HASHED]
    return f"{text[: _IDENTIFIER - _HASHED - 1]}~{digest}"


def _number(spec: FieldSpec) -> Callable[[str], str | None]:
    decimals = 0 if spec.kind == "integer" else spec.fraction_digits
    digits, least = spec.total_digits, spec.min_inclusive
    positive = spec.kind == "integer" or least is not None  # of the integers none is negative

    def number(text: str) -> str | None:
        found = _NUMBER.fullmatch(text)
        if found is None or not any(one.isdigit() for one in text):
            return None
        sign, whole, fraction = found[1], found[2], found[3] or ""
        if (decimals is not None and len(fraction) > decimals) or (digits is not None and len(whole) + len(fraction) > digits):
            return None
        if spec.kind == "integer" and "." in text:
            return None
        return None if positive and sign == "-" and (whole or fraction) else text

    return number


@lru_cache(1 << 12)
def writable_day(text: str) -> str | None:
    """A day as it may be written, else None."""
    return _valid(text, date.fromisoformat, r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _moment(text: str) -> str | None:
    return _valid(text, datetime.fromisoformat, r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?")


def _time(text: str) -> str | None:
    return _valid(text, time.fromisoformat, r"[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?")


def _valid(text: str, parse: Callable[[str], object], pattern: str) -> str | None:
    bare = _ZONE.sub("", text) if "T" in pattern or ":" in pattern else text
    if re.fullmatch(pattern, bare, re.ASCII) is None:
        return None
    try:
        parse(bare)
    except ValueError:
        return None
    return text
