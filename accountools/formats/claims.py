"""JSON that was signed, read strictly: UTF-8, no duplicate names, no NaN or Infinity, and every value of the right type."""

import json
import math
from datetime import UTC, datetime
from typing import Any, NoReturn

from accountools.domain.errors import Unsound
from accountools.domain.identifiers import is_single_line

_MAX_MOMENT = 253_402_297_199  # 9999-12-31T22:59:59Z, the last moment that a datetime can hold in Amsterdam
_MAX_DEPTH = 32
LONGEST_TEXT = 200  # characters, unless a claim says otherwise


def canonical(document: object) -> bytes:
    """A JSON document as bytes that are the same wherever and whenever they are made: sorted, without blanks, UTF-8."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def parse_json(text: bytes) -> Any:
    """Read JSON strictly. Raises ValueError, also for another encoding than UTF-8 and for a byte order mark."""
    try:
        value = json.loads(text.decode(), object_pairs_hook=_without_duplicates, parse_constant=_parse_finite, parse_float=_parse_finite)
        _check_depth(value)
    except RecursionError as error:
        raise ValueError("it nests too deep") from error
    return value


class Claims:
    """The members of a signed JSON object; each reader raises `claims-invalid` naming the member that is wrong."""

    def __init__(self, members: dict[str, Any], at: str = "") -> None:
        self._members = members
        self._at = at

    @classmethod
    def parse(cls, payload: bytes) -> "Claims":
        """Read a JSON object strictly."""
        try:
            members = parse_json(payload)
        except ValueError as error:
            raise Unsound("claims-invalid", claim="JSON") from error
        if not isinstance(members, dict):
            raise Unsound("claims-invalid", claim="JSON")
        return cls(members)

    @property
    def members(self) -> dict[str, Any]:
        """All of them, unchecked."""
        return self._members

    def refuse(self, name: str) -> NoReturn:
        """Raise `claims-invalid` for the member `name`."""
        raise Unsound("claims-invalid", claim=f"{self._at}{name}")

    def text(self, name: str, *, longest: int = LONGEST_TEXT, empty: bool = False) -> str:
        """A text of one line without control characters."""
        value = self._members.get(name)
        if not isinstance(value, str) or len(value) > longest or not (value or empty) or not is_single_line(value):
            self.refuse(name)
        return value

    def one_of(self, name: str, allowed: tuple[str, ...]) -> str:
        """One of the `allowed` texts."""
        value = self._members.get(name)
        if value not in allowed:
            self.refuse(name)
        return str(value)

    def count(self, name: str, lowest: int = 0, highest: int = 2**62) -> int:
        """A whole number between two bounds."""
        value = self._members.get(name)
        if not isinstance(value, int) or isinstance(value, bool) or not lowest <= value <= highest:
            self.refuse(name)
        return value

    def flag(self, name: str) -> bool:
        """True or false."""
        value = self._members.get(name)
        if not isinstance(value, bool):
            self.refuse(name)
        return value

    def moment(self, name: str) -> datetime:
        """A NumericDate (RFC 7519, section 2) as an aware moment."""
        value = self._members.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _MAX_MOMENT:
            self.refuse(name)
        return datetime.fromtimestamp(value, UTC)

    def object(self, name: str) -> "Claims":
        """An object within."""
        value = self._members.get(name)
        if not isinstance(value, dict):
            self.refuse(name)
        return Claims(value, f"{self._at}{name}.")

    def objects(self, name: str, most: int = 1000) -> list["Claims"]:
        """A list of objects within."""
        value = self._members.get(name)
        if not isinstance(value, list) or len(value) > most or not all(isinstance(one, dict) for one in value):
            self.refuse(name)
        return [Claims(one, f"{self._at}{name}[{place}].") for place, one in enumerate(value)]


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a name occurs twice")
    return members


def _parse_finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text[:20]} is larger than a number can be")
    return number


def _check_depth(value: object, left: int = _MAX_DEPTH) -> None:
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    if children is None:
        return
    if left == 0:
        raise ValueError("it nests too deep")
    for child in children:
        _check_depth(child, left - 1)
