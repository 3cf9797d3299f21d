"""What happened, in words: each kind of event that concerns one administration, as it is told on screens and on paper."""

from accountools.domain.codes import N_
from accountools.storage.register.journal import RecordedEvent
from accountools.texts import Texts

EVENTS = {
    "administration-created": N_("administration created"),
    "administration-copied": N_("copied from administration {source}"),
    "administration-restored": N_("restored from a backup"),
    "administration-installed": N_("the client's own backup installed"),
    "administration-archived": N_("archived"),
    "administration-unarchived": N_("taken out of the archive"),
    "user-added": N_("user {login} created"),
    "user-activated": N_("user {login} activated"),
    "user-deactivated": N_("user {login} deactivated"),
    "licence-imported": N_("licence {licence} imported, for user {login}"),
    "backup-made": N_("backup made, with licence {licence}"),
    "backup-rehearsed": N_("backup rehearsed: everything came back"),
    "backup-pruned": N_("old backup removed"),
}
FACTS = ("source", "login", "licence")


def told(event: RecordedEvent, _: Texts) -> str:
    """An event in words; one that nobody has words for, by its name."""
    if event.what not in EVENTS:
        return event.what
    return _(EVENTS[event.what], **{name: _fact(event, name) for name in FACTS})


def _fact(event: RecordedEvent, name: str) -> str:
    value = event.details.get(name)
    return "—" if value is None else f"{value:03}" if name == "source" and isinstance(value, int) else str(value)
