"""The texts of the events that concern one administration, on screens and on paper."""

from accountools.domain.codes import N_
from accountools.storage.register.journal import RecordedEvent
from accountools.texts import Texts

EVENTS = {
    "administration-created": N_("administration created"),
    "administration-copied": N_("copied from administration {source}"),
    "administration-restored": N_("restored from a backup"),
    "administration-installed": N_("the client's own backup installed"),
    "administration-archived": N_("archived"),
    "administration-unarchived": N_("unarchived"),
    "user-added": N_("user {login} created"),
    "user-activated": N_("user {login} activated"),
    "user-deactivated": N_("user {login} deactivated"),
    "licence-imported": N_("licence {licence} imported, for user {login}"),
    "backup-made": N_("backup made, with licence {licence}"),
    "backup-rehearsed": N_("test restore of the backup: complete"),
    "backup-pruned": N_("old backup removed"),
}
FACTS = ("source", "login", "licence")


def describe_event(event: RecordedEvent, _: Texts) -> str:
    """The event's text; its name if it has none."""
    if event.what not in EVENTS:
        return event.what
    facts = {name: "—" if (value := event.details.get(name)) is None else str(value) for name in FACTS}
    if isinstance(source := event.details.get("source"), int):
        facts["source"] = f"{source:03}"
    return _(EVENTS[event.what], **facts)
