"""All kinds of events by their names in the journal."""

from accountools.domain.events import administrations, backups, books, keys, office, users
from accountools.domain.events.base import Event

KINDS: dict[str, type[Event]] = {
    kind.what: kind
    for subject in (office, keys, administrations, books, users, backups)
    for kind in vars(subject).values()
    if isinstance(kind, type) and issubclass(kind, Event) and kind.what
}
