"""JSON that was signed, read strictly: no name twice, no number that isn't one, and every value of the type it must have."""

import json
import math
from datetime import UTC, datetime
from typing import Any, NoReturn

from accountools.domain.errors import Unsound
from accountools.domain.identifiers import shown

_LATEST = 253_402_297_199  # 9999-12-31T22:59:59Z, the last moment that a datetime can hold in Amsterdam
_DEEPEST = 32


def canonical(document: object) -> bytes:
    """A JSON document as bytes that are the same wherever and whenever they are made: sorted, without blanks, UTF-8."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


class Claims:
    """The members of a signed JSON object; each reader raises `claims-invalid` naming the member that is wrong."""

    def __init__(self, members: dict[str, Any], at: str = "") -> None:
        self._members = members
        self._at = at

    @classmethod
    def parse(cls, payload: bytes) -> "Claims":
        """Read a JSON object strictly."""
        try:
            members = json.loads(payload, object_pairs_hook=_unique, parse_constant=_no_constant, parse_float=_finite)
            _refuse_deep(members)
        except (ValueError, RecursionError) as error:
            raise Unsound("claims-invalid", claim="JSON") from error
        if not isinstance(members, dict):
            raise Unsound("claims-invalid", claim="JSON")
        return cls(members)

    @property
    def members(self) -> dict[str, Any]:
        """All of them, as they stand."""
        return self._members

    def refuse(self, name: str) -> NoReturn:
        """Raise `claims-invalid` for the member `name`."""
        raise Unsound("claims-invalid", claim=f"{self._at}{name}")

    def text(self, name: str, *, longest: int = 200, empty: bool = False) -> str:
        """A text of one line without anything unseen in it."""
        value = self._members.get(name)
        if not isinstance(value, str) or len(value) > longest or not (value or empty) or value != shown(value):
            self.refuse(name)
        return value

    def one_of(self, name: str, allowed: tuple[str, ...]) -> str:
        """One of a few words."""
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

    def moment(self, name: str) -> datetime:
        """A NumericDate (RFC 7519, section 2) as an aware moment."""
        value = self._members.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or not 0 <= value <= _LATEST:
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


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a name stands twice")
    return members


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text[:20]} is larger than a number can be")
    return number


def _refuse_deep(value: object, left: int = _DEEPEST) -> None:
    if left == 0:
        raise ValueError("it nests too deep to be shown")
    for child in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _refuse_deep(child, left - 1)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
