"""The texts of the events, on screens and on paper."""

from collections.abc import Iterable

from accountools.domain.messages import N_
from accountools.storage.register.journal import RecordedEvent
from accountools.texts import Texts

EVENTS = {
    "office-made": N_("office created, under licence {licence}"),
    "own-licence-renewed": N_("own licence renewed: {licence}"),
    "office-restored": N_("office restored from its own backup"),
    "office-moved": N_("office moved to another location"),
    "move-finished": N_("office goes on here after it was moved"),
    "books-distributed": N_("books distributed over the machines of a cluster"),
    "issuers-trusted": N_("trusted issuer added"),
    "revocations-read": N_("revocation list {seq} imported"),
    "folders-named": N_("folder of the backups or the inbox chosen"),
    "key-sealed": N_("copy of the backup key saved, encrypted"),
    "key-unsealed": N_("backup key replaced"),
    "member-admitted": N_("{name} admitted: may make backups"),
    "member-dismissed": N_("{name} dismissed; new backup key"),
    "client-added": N_("client {name} added"),
    "client-changed": N_("details of client {name} changed"),
    "administration-created": N_("administration created"),
    "administration-copied": N_("copied from administration {source}"),
    "administration-restored": N_("restored from a backup"),
    "administration-installed": N_("the client's own backup installed"),
    "books-identified": N_("books given their identity"),
    "auditfile-imported": N_("audit file of {year} imported"),
    "entries-imported": N_("entries imported"),
    "chart-imported": N_("chart of accounts imported"),
    "administration-archived": N_("archived"),
    "administration-unarchived": N_("unarchived"),
    "user-added": N_("user {login} created"),
    "user-activated": N_("user {login} activated"),
    "user-deactivated": N_("user {login} deactivated"),
    "licence-imported": N_("licence {licence} imported, for user {login}"),
    "import-undone": N_("import of licence {licence} undone"),
    "backup-made": N_("backup made, with licence {licence}"),
    "backup-rehearsed": N_("test restore of the backup: complete"),
    "backup-pruned": N_("old backup removed"),
    "register-backed-up": N_("backup of the office itself made"),
    "repaired": N_("cleaned up after an interruption"),
}
FACTS = ("source", "login", "licence", "year")  # of the events that concern an administration


CONFIRMED = {  # what was confirmed, by the codes that ask for it
    "kvk-differs": N_("another KvK number"),
    "name-differs": N_("another name"),
    "older-than-current": N_("an older licence"),
    "demo-licence": N_("a demonstration licence"),
    "signer-changed": N_("another signer"),
    "older-backup": N_("an older backup"),
    "opening-differs": N_("another opening balance"),
    "opening-twice": N_("an opening balance beside entries that open the year"),
    "date-invalid": N_("dates that couldn't be read"),
    "encoding-differs": N_("another encoding"),
    "offset-lines": N_("lines for the offset account"),
    "undeclared": N_("codes that the file doesn't define"),
    "auditfile-invalid": N_("an audit file with errors"),
}
SYSTEM_LOGINS = frozenset({"root", "administrator", "system"})


def describe_confirmed(codes: Iterable[object], _: Texts) -> str:
    """What was confirmed, each by its code."""
    return ", ".join(_(CONFIRMED[code]) if (code := str(one)) in CONFIRMED else code for one in codes)


def describe_actor(by: str, _: Texts) -> str:
    """Who did it: a login, which is explained where it is nobody's name."""
    return _("the system administrator ({login})", login=by) if by.lower() in SYSTEM_LOGINS else by


def describe_event(event: RecordedEvent, _: Texts) -> str:
    """The event's text; its name if it has none."""
    if event.what not in EVENTS:
        return event.what
    facts = {name: "—" if (value := event.details.get(name)) is None else str(value) for name in (*FACTS, "name", "seq")}
    if isinstance(source := event.details.get("source"), int):
        facts["source"] = f"{source:03}"
    return _(EVENTS[event.what], **facts)
