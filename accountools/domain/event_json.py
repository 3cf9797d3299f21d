"""Events as the details in the journal and in `journal --json`, and read back from them."""

from dataclasses import MISSING, fields
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from accountools.domain.administration import User
from accountools.domain.events.base import Event
from accountools.domain.events.kinds import KINDS
from accountools.domain.events.users import UserAdded
from accountools.domain.identifiers import AdministrationNumber, KvkNumber, Login

T = TypeVar("T", bound=Event)


def event_details(event: Event) -> dict[str, Any]:
    """The fields as JSON values; what is optional and not known is left out."""
    found = {}
    for one in fields(event):
        value = getattr(event, one.name)
        if one.name != "administration" and not (value is None and one.metadata.get("optional")):
            found[one.name] = _to_json(value)
    return found


def parse_event(what: str, administration: AdministrationNumber | None, details: dict[str, Any]) -> Event | None:
    """The event that a row of the journal holds; None for a kind that this version doesn't know. Raises ValueError when it is malformed."""
    kind = KINDS.get(what)
    return None if kind is None else _parse(kind, administration, details)


def _parse(kind: type[T], administration: AdministrationNumber | None, details: dict[str, Any]) -> T:
    values: dict[str, Any] = {"administration": administration}
    for one in fields(kind):
        if one.name in details:
            values[one.name] = _from_json(_type_hints(kind.what)[one.name], details[one.name])
        elif one.default is MISSING:
            raise ValueError(f"{kind.what}: {one.name} is missing")
    return kind(**values)


@cache
def _type_hints(what: str) -> dict[str, Any]:
    return get_type_hints(KINDS[what])


def _to_json(value: Any) -> Any:
    if isinstance(value, User):
        return value.document()
    if isinstance(value, tuple):
        return [_to_json(one) for one in value]
    if isinstance(value, AdministrationNumber):
        return int(value)
    return str(value) if isinstance(value, str) else value


def _from_json(hint: Any, value: Any) -> Any:
    """`value` as the type that the field has. Raises ValueError."""
    kinds = get_args(hint) if isinstance(hint, UnionType) else (hint,)
    if value is None and NoneType in kinds:
        return None
    (kind,) = (one for one in kinds if one is not NoneType)
    if get_origin(kind) is tuple:
        if not isinstance(value, list):
            raise ValueError(f"{value!r} is no list")
        return tuple(_from_json(get_args(kind)[0], one) for one in value)
    if kind is User:
        if not isinstance(value, dict):
            raise ValueError(f"{value!r} is no user")
        return _parse(UserAdded, None, value).user
    plain = int if kind is AdministrationNumber else str if kind in {Login, KvkNumber} else kind
    if type(value) is not plain:  # a bool is no number
        raise ValueError(f"{value!r} is no {kind.__name__}")
    return kind(value)
