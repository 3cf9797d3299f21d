"""What several screens show as text: licences, administrations, what needs attention, a batch that was interrupted, sizes and times."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html import escape

from accountools.domain.administration import Administration, Client
from accountools.domain.errors import Refused
from accountools.domain.identifiers import is_found
from accountools.domain.licence import Difference, Licence
from accountools.domain.messages import N_, P_
from accountools.domain.obstacle import KindOfLicence
from accountools.forms.kit.navigation import NEVER_REHEARSED
from accountools.forms.kit.style import state_html
from accountools.operations.backups import batch as batches
from accountools.operations.backups.register_backup import LastRegisterBackup
from accountools.operations.session import Office
from accountools.reports.audit import Audit, AuditRow
from accountools.reports.licence_texts import FIELDS, STATUSES
from accountools.texts import Texts

STATUS_STATES = {"valid": "ready", "expires-soon": "attention", "expired": "blocked", "revoked": "blocked", "not-yet-valid": "blocked"}
KINDS = {one.name: one.value for one in KindOfLicence}
_NAMES = FIELDS | {"recipient": N_("Key for backups")}


def licence_facts(licence: Licence, status: str, _: Texts) -> Iterator[tuple[str, str]]:
    """What a licence says, as pairs of a name and HTML; its status first."""
    yield _("Status"), state_html(STATUS_STATES[status], _(STATUSES[status]))
    yield _("Licence number"), escape(licence.number)
    yield _("Kind"), escape(_(KINDS[licence.kind]))
    yield _("Licensee"), escape(licence.licensee.name)
    yield _("KvK number"), escape(licence.licensee.kvk)
    yield _("City"), escape(licence.licensee.city or "—")
    yield _("Modules"), escape(describe_modules(licence))
    yield _("Users"), str(licence.users)
    yield _("Valid"), escape(_("{first} to {last}", first=licence.valid_from, last=licence.valid_until))
    yield _("Issuer"), escape(licence.issuer)


def describe_modules(licence: Licence) -> str:
    """The modules in a line."""
    return ", ".join(f"{module.code} {module.name}" for module in licence.modules) or "—"


def describe_differences(differences: tuple[Difference, ...], _: Texts) -> Iterator[tuple[str, str, str]]:
    """Differences as text: what, how it was, how it is."""

    def value(one: Difference, held: str | None) -> str:
        if held is None:
            return "—"
        return _.iso_day(held) if one.what in {"valid_from", "valid_until"} else _(KINDS[held]) if one.what == "kind" else held

    for one in differences:
        yield _(_NAMES[one.what]), value(one, one.old), value(one, one.new)


Listed = tuple[Administration, Client | None]


def describe_administration(pair: tuple[Administration, Client | None]) -> str:
    """An administration in one line: its number, its description, and whose it is unless that says the same."""
    one, client = pair
    text = f"{one.number}  {one.description}"
    return text if client is None or client.name == one.description else f"{text}  ({client.name})"


def find_administrations(typed: str, pairs: Sequence[Listed]) -> list[Listed]:
    """The administrations that what was typed finds: the one of that number, else those in which all words occur."""
    number = [pair for pair in pairs if typed.strip().lstrip("0") == f"{int(pair[0].number)}"]
    return number or [pair for pair in pairs if is_found(typed, describe_administration(pair))]


@dataclass(frozen=True)
class Filter:
    """Some of the audit's rows: which, and the state in whose colour they are shown; `texts` say how many there are.

    `clients` are counted rather than rows: a client without a licence is one, however many administrations it has. `own_office` says the
    same in a client's own office.
    """

    state: str
    includes: Callable[[AuditRow], bool]
    texts: tuple[str, str]
    clients: bool = False
    own_office: tuple[str, str] | None = None

    def rows(self, audit: Audit) -> tuple[AuditRow, ...]:
        """The rows that it includes."""
        return tuple(row for row in audit.rows if self.includes(row))

    def count_text(self, audit: Audit, _: Texts) -> str:
        """How many there are, as text; empty when there are none."""
        rows = self.rows(audit)
        count = len({row.kvk for row in rows}) if self.clients else len(rows)
        return _.plural(*(self.own_office if self.own_office and audit.is_client_office else self.texts), count) if count else ""


FILTERS = {
    "missing": Filter("missing", lambda row: row.state == "missing",
        P_("{count} client without a licence", "{count} clients without a licence"), clients=True),
    "blocked": Filter("blocked", lambda row: row.state == "blocked",
        P_("{count} administration can't be handed over", "{count} administrations can't be handed over"),
        own_office=P_("{count} administration is blocked", "{count} administrations are blocked")),
    "expires-soon": Filter("attention", lambda row: row.licence_status == "expires-soon",
        P_("{count} licence expires within 60 days", "{count} licences expire within 60 days")),
    NEVER_REHEARSED: Filter("attention", lambda row: row.last_handover is not None and row.last_rehearsed is None,
        P_("{count} backup without a test restore", "{count} backups without a test restore")),
    "attention": Filter("attention", lambda row: row.state == "attention", P_("{count} needs attention", "{count} need attention")),
    "ready": Filter("ready", lambda row: row.state == "ready", P_("{count} ready", "{count} ready")),
}  # fmt: skip
ATTENTION = ("missing", "blocked", "expires-soon", NEVER_REHEARSED)  # the filters that the menu shows


def describe_waiting(count: int, _: Texts) -> str:
    """How many files wait in the inbox, as text."""
    if not count:
        return _("No file is waiting in the inbox.")
    return _.plural("{count} file is waiting in the inbox.", "{count} files are waiting in the inbox.", count)


def describe_office_backup(last: LastRegisterBackup, _: Texts) -> str:
    """That a backup of the office itself is to be made, as text; empty when the last one is recent."""
    if last.record is None:
        return _("The office itself has no backup yet")
    if not last.is_due:
        return ""
    return _.plural(
        "The last backup of the office itself is {count} day old", "The last backup of the office itself is {count} days old", last.days
    )


@dataclass(frozen=True)
class InterruptedBatch(batches.InterruptedBatch):
    """A batch of backups that was interrupted, as it is described."""

    @property
    def encryption(self) -> str:
        """How they are encrypted, as in `encryption_choice.OPTIONS`."""
        batch = self.batch
        return (
            "generated"
            if batch.own_passphrases
            else "passphrase"
            if batch.by_passphrase
            else "key"
            if batch.recipient
            else "plain"
            if batch.plain
            else "licence"
        )

    def describe(self, _: Texts) -> str:
        """What was interrupted, in a sentence."""
        missing, total = len(self.missing), len(self.batch.numbers)
        return _.plural(
            "A batch of backups was interrupted: {count} of {total} was not made.",
            "A batch of backups was interrupted: {count} of {total} were not made.",
            missing,
            total=total,
        )


def find_interrupted_batch(office: Office) -> InterruptedBatch | None:
    """The last batch, if it was interrupted and isn't being made elsewhere.

    Raises `office-damaged`, or `changed-meanwhile` for a record that isn't as this office wrote it.
    """
    try:
        with office.session() as session:
            found = batches.interrupted_batch(session)
    except Refused as error:
        if error.code != "office-busy":  # it is being made, in another window or by a command
            raise
        return None
    return None if found is None else InterruptedBatch(found.batch, found.missing)


_UNITS = ("kB", "MB", "GB", "TB")
_STEP, _MINUTE, _HOUR = 1000, 60, 3600


def describe_size(bytes_: int, _: Texts) -> str:
    """A size as a person reads it: `12 kB`, `3.4 MB`; never less than 1 kB."""
    amount, unit = max(bytes_, _STEP) / _STEP, 0
    while amount >= _STEP and unit < len(_UNITS) - 1:
        amount, unit = amount / _STEP, unit + 1
    figure = f"{amount:.1f}" if unit else f"{amount:.0f}"
    return f"{figure.replace('.', ',') if _.language == 'nl' else figure} {_UNITS[unit]}"


def describe_time(seconds: float, _: Texts) -> str:
    """How long something still takes, roughly."""
    if seconds < _MINUTE:
        return _.plural("about {count} second", "about {count} seconds", max(5, round(seconds / 5) * 5))
    if seconds < _HOUR:
        return _.plural("about {count} minute", "about {count} minutes", round(seconds / _MINUTE))
    return _.plural("about {count} hour", "about {count} hours", round(seconds / _HOUR))
