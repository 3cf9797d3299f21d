"""Which texts an element of an audit file may hold, as the schema of its version says."""

import hashlib
import re
from collections.abc import Callable
from datetime import date, datetime, time
from functools import lru_cache

from pyxaf.catalogue import FieldSpec

Writable = Callable[[str], str | None]  # what may be written of a text: all of it, less of it, or nothing (None)
_NUMBER = re.compile(r"([+-]?)0*([0-9]*)(?:\.([0-9]*?)0*)?", re.ASCII)
_ZONE = re.compile(r"(Z|[+-][0-9]{2}:[0-9]{2})$")
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_PLAIN = "[^\x00-\x1f&<>\ud800-\udfff\ufffe\uffff]"  # written as it is
_MOST_DIGITS = 18
_IDENTIFIER, _HASHED = 35, 8  # characters of an identifier, and of the hash that a shortened one ends in


def escaped(text: str) -> str:
    """A text as XML."""
    if "&" not in text and "<" not in text and ">" not in text and "\r" not in text:
        return text
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#13;")


def writable_at(spec: FieldSpec) -> Writable:
    """What may be written at this element."""
    if spec.kind == "string":
        return _string(spec)
    if spec.kind in {"decimal", "integer"}:
        return _number(spec)
    kinds: dict[str, Writable] = {"date": writable_day, "datetime": _moment, "time": _time}
    return kinds[spec.kind]


def usual_at(spec: FieldSpec) -> Callable[[str], object]:
    """What matches texts that are written at this element as they are."""
    if spec.is_complex:
        return lambda text: None  # noqa: ARG005 - no text is
    most, least = spec.max_length or spec.length, spec.length or spec.min_length or 0
    if spec.kind == "string" and spec.enum is None and not spec.patterns:
        return re.compile(rf"{_PLAIN}{{{least},{'' if most is None else most}}}").fullmatch
    if spec.kind in {"decimal", "integer"}:
        return _usual_number(spec)
    writable = writable_at(spec)
    return lambda text: writable(text) == text == escaped(text)


def _string(spec: FieldSpec) -> Writable:
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
        if len(text) < least or (patterns and not all(one.fullmatch(text) for one in patterns)):
            return None
        return text

    return string


@lru_cache(1 << 12)
def shortened(text: str) -> str:
    """An identifier of 35 characters for a longer one: another one for each."""
    digest = hashlib.sha256(text.encode()).hexdigest()[:_HASHED]
    return f"{text[: _IDENTIFIER - _HASHED - 1]}~{digest}"


def _usual_number(spec: FieldSpec) -> Callable[[str], object]:
    decimals = (0 if spec.kind == "integer" else spec.fraction_digits) or 0
    sign = "" if spec.kind == "integer" or spec.min_inclusive is not None else "-?"
    fraction = rf"(?:\.[0-9]{{1,{decimals}}})?" if decimals else ""
    return re.compile(rf"{sign}[0-9]{{1,{(spec.total_digits or _MOST_DIGITS) - decimals}}}{fraction}", re.ASCII).fullmatch


def _number(spec: FieldSpec) -> Writable:
    decimals = 0 if spec.kind == "integer" else spec.fraction_digits
    digits, least = spec.total_digits, spec.min_inclusive
    positive, usual = spec.kind == "integer" or least is not None, _usual_number(spec)  # of the integers none is negative

    def number(text: str) -> str | None:
        if usual(text):
            return text
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
