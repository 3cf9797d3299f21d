"""The journal: a chain of events in which each one's hash covers the one before it, so that none can be changed, removed or moved.

Whoever holds the office's keys can write another chain; it then differs from the heads in the manifests of backups made before.
"""

import hashlib
import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from accountools.domain.errors import Refused
from accountools.domain.event_json import event_details, parse_event
from accountools.domain.events.administrations import AdministrationCreated, RegisterExtractPlaced
from accountools.domain.events.base import Event
from accountools.domain.events.books import BooksIdentified
from accountools.domain.events.kinds import KINDS
from accountools.domain.events.office import MoveFinished, OfficeMoved
from accountools.domain.identifiers import AdministrationNumber
from accountools.storage.schema import events

GENESIS = "0" * 64
_PLACING = (AdministrationCreated, RegisterExtractPlaced, BooksIdentified)
_BOOKS = re.compile(r'"books":"(\w+)"')  # sooner than reading the JSON of thousands; within a text its quotes would be escaped


@dataclass(frozen=True)
class RecordedEvent:
    """Something that happened. `at` is the clock's UTC; `details` hold numbers and hashes, never a token."""

    n: int
    at: str
    by: str
    what: str
    administration: AdministrationNumber | None
    details: dict[str, Any]
    hash: str

    def document(self) -> dict[str, Any]:
        """As JSON in the interface."""
        return vars(self).copy()

    def parsed(self) -> Event | None:
        """The event itself; None when this version doesn't know its kind, or it is malformed (`journal verify` reports it)."""
        try:
            return parse_event(self.what, self.administration, self.details)
        except ValueError:
            return None


@dataclass(frozen=True)
class Head:
    """The end of the journal: the last event's hash, and how many events there are."""

    hash: str
    length: int


def head(connection: sa.Connection) -> Head:
    """The end of the journal now."""
    return newest(connection)[0]


def find_moved_to(connection: sa.Connection) -> str | None:
    """Where the office goes on: its last event here says so. None while it is here."""
    row = connection.execute(sa.select(events).order_by(events.c.n.desc()).limit(1)).one_or_none()
    if row is None or row.what != OfficeMoved.what:
        return None
    (event,) = _recorded(connection, sa.select(events).where(events.c.n == row.n))
    return str(event.details.get("to"))


def has_arrived(connection: sa.Connection, place: str, maker: str) -> bool:
    """Whether the office was last moved to this place, also if it went elsewhere since.

    It is the same under another URL, by what the engine calls its `maker`; moves of before that was recorded only have the place.
    """
    to = arrival = None
    for event in list_events(connection, kinds=(OfficeMoved, MoveFinished)):
        if event.what == OfficeMoved.what:
            to = event.details.get("to")
        else:
            arrival = (to, event.details.get("maker"))
    return arrival is not None and (arrival[0] == place or arrival[1] == maker)


def validate_here(connection: sa.Connection) -> None:
    """Validate that the office is here, before anything is changed. Raises `office-moved`."""
    place = find_moved_to(connection)
    if place is not None:
        raise Refused("office-moved", path=place)


def copy_newer(source: sa.Connection, target: sa.Connection) -> None:
    """Copy the events to a journal that ends earlier, and is the same until there."""
    newer = sa.select(events).where(events.c.n > head(target).length).order_by(events.c.n)
    rows = [dict(row) for row in source.execute(newer).mappings()]
    if rows:
        target.execute(sa.insert(events), rows)


def append(connection: sa.Connection, end: Head, at: str, by: str, events_: Iterable[Event], more: Mapping[str, str]) -> Head:
    """Add these events after `end`, the end of the journal; gives its new end. `more` is added to the details of each."""
    rows = []
    for event in events_:
        rows.append(build_next_row(end, at, by, event, more))
        end = Head(rows[-1]["hash"], rows[-1]["n"])
    if rows:
        connection.execute(sa.insert(events), rows)
    return end


def build_next_row(before: Head, at: str, by: str, event: Event, more: Mapping[str, str]) -> dict[str, Any]:
    """The row of an event after `before`."""
    number = None if event.administration is None else int(event.administration)
    details = _canonical({**event_details(event), **more})
    values = {"n": before.length + 1, "at": at, "by": by, "what": event.what, "administration": number, "details": details}
    return values | {"hash": compute_hash(before.hash, values)}


def list_events(
    connection: sa.Connection, administration: AdministrationNumber | None = None, kinds: tuple[type[Event], ...] = (Event,), after: int = 0
) -> Iterator[RecordedEvent]:
    """The events in order, of all or of one administration, of all kinds or of these, from the one that comes `after` so many."""
    chosen = sa.select(events).where(events.c.n > after).order_by(events.c.n)
    if administration is not None:
        chosen = chosen.where(events.c.administration == int(administration))
    if kinds != (Event,):
        chosen = chosen.where(_is_of(kinds))
    yield from _recorded(connection, chosen)


def _is_of(kinds: tuple[type[Event], ...]) -> sa.ColumnElement[bool]:
    return events.c.what.in_([what for what, kind in KINDS.items() if issubclass(kind, kinds)])


def _recorded(connection: sa.Connection, chosen: sa.Select[Any]) -> Iterator[RecordedEvent]:
    for row in connection.execute(chosen):
        number = None if row.administration is None else AdministrationNumber(row.administration)
        try:
            details = json.loads(row.details)
        except (ValueError, RecursionError):  # somebody changed it, which the chain shows
            details = None
        details = details if isinstance(details, dict) else {"unreadable": row.details}
        yield RecordedEvent(row.n, row.at, row.by, row.what, number, details, row.hash)


def books_identities(connection: sa.Connection, numbers: Collection[int] | None = None) -> dict[AdministrationNumber, str]:
    """The identities of the books of all administrations, or of those with these numbers, by the last events that placed them.

    Those of before books had one are left out.
    """
    chosen = sa.select(events.c.administration, events.c.details).where(_is_of(_PLACING)).order_by(events.c.n)
    if numbers is not None:
        chosen = chosen.where(events.c.administration.in_([int(number) for number in numbers]))
    found = {row.administration: _BOOKS.search(row.details) for row in connection.execute(chosen).all()}
    return {AdministrationNumber(number): match[1] for number, match in found.items() if match is not None}


def newest(connection: sa.Connection) -> tuple[Head, str | None]:
    """The end of the journal now, and the moment of the event there (ISO 8601, UTC), or None."""
    row = connection.execute(sa.select(events.c.n, events.c.hash, events.c.at).order_by(events.c.n.desc()).limit(1)).one_or_none()
    return (Head(row.hash, row.n), row.at) if row else (Head(GENESIS, 0), None)


def find_breaks(connection: sa.Connection) -> list[int]:
    """The numbers of events that don't follow from the one before: where something was changed, removed or moved."""
    found, before, expected = [], GENESIS, 1
    for row in connection.execute(sa.select(events).order_by(events.c.n)).mappings():
        body = {name: row[name] for name in ("n", "at", "by", "what", "administration", "details")}
        if row["n"] != expected or compute_hash(before, body) != row["hash"]:
            found.append(int(row["n"]))
        before, expected = row["hash"], row["n"] + 1
    return found


def hash_at(connection: sa.Connection, length: int) -> str | None:
    """The hash of the head when the journal had `length` events, or None when it is shorter."""
    if length == 0:
        return GENESIS
    return connection.execute(sa.select(events.c.hash).where(events.c.n == length)).scalar()


def compute_hash(before: str, body: dict[str, Any]) -> str:
    """The hash of an event: SHA-256 of the hash before it and its own canonical JSON."""
    return hashlib.sha256(f"{before}\n{_canonical(body)}".encode()).hexdigest()


def _canonical(document: dict[str, Any]) -> str:
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
