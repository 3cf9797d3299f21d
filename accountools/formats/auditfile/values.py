"""The values of an audit file: amounts, days and JSON. Nothing is rounded or guessed; what can't be read is None."""

import json
import re
from collections.abc import Mapping
from datetime import date
from functools import lru_cache

from pyxaf import RawRecord
from pyxaf.values import parse_date

MAX_DIGITS = 18  # of an amount, its cents included
_CENTS = 2  # decimals
_MOMENT = re.compile(r"(\S+)T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})?", re.ASCII)  # xs:dateTime
_NUMBER = re.compile(r"([+-]?)([0-9]*)(?:\.([0-9]*))?", re.ASCII)


@lru_cache(1 << 14)
def scaled(text: str, decimals: int = 2) -> int | None:
    """A decimal number as a whole number of its smallest unit (cents); None when it isn't one, has more decimals or 18 digits or more."""
    if decimals == _CENTS and len(text) <= MAX_DIGITS and text[-3:-2] == "." and text.isascii():  # as nearly all are written
        digits = text[:-3] + text[-2:]
        if digits.isdecimal():
            return int(digits)
    found = _NUMBER.fullmatch(text.strip())
    if found is None:
        return None
    sign, whole, fraction = found[1], found[2], (found[3] or "").rstrip("0")
    digits = whole.lstrip("0") + fraction.ljust(decimals, "0")
    if not (whole or found[3]) or len(fraction) > decimals or len(digits) > MAX_DIGITS:
        return None
    return -int(digits or 0) if sign == "-" else int(digits or 0)


@lru_cache(1 << 12)
def day(text: str) -> str | None:
    """A date, without its time zone; of an `xs:dateTime` the date as it is written."""
    found, _ = parse_date(text)
    if found is None and (moment := _MOMENT.fullmatch(text.strip())):
        found, _ = parse_date(moment[1])
    return None if found is None else found.isoformat()


def day_of(read: date | None, record: RawRecord | None, name: str) -> str | None:
    """A date that pyxaf read in this element, else what `day` makes of it."""
    if read is not None:
        return read.isoformat()
    return day(record.fields.get(name) or "") if record is not None else None


def as_json(values: Mapping[str, object]) -> str | None:
    """JSON of what there is; None when there is nothing."""
    found = {name: value for name, value in values.items() if value not in (None, "", [], {})}
    return to_json(found) if found else None


def to_json(value: object) -> str:
    """A value as JSON, on one line."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def remainder(record: RawRecord | None, known: frozenset[str]) -> dict[str, object]:
    """What a record holds beside the elements that are known, by its own names."""
    if record is None:
        return {}
    found: dict[str, object] = {}
    for name, text in record.fields.items():
        if name not in known and text.strip():
            found[name] = text.strip()
    for name, children in record.children.items():
        if name not in known:
            found[name] = [child.text if child.text is not None else child.to_dict() for child in children]
    return found
