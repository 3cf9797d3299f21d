"""What a backup holds beside what is here, and what restoring it did, as text."""

from collections.abc import Iterator
from dataclasses import dataclass

from accountools.domain.administration import Client, User
from accountools.domain.ledger import COUNT_TITLES
from accountools.domain.messages import N_
from accountools.forms.kit.form import Form, describe_client
from accountools.forms.screens.restore.backup import Preview
from accountools.forms.screens.restore.form import RestoreBackup
from accountools.operations.register.users import Entrance

SIGNERS = {
    "own": ("ready", N_("this office itself")),
    "known": ("ready", N_("known: the same key as before")),
    "unknown": ("attention", N_("not known yet: compare the key by telephone; it is remembered when you restore")),
    "read-out": ("ready", N_("the key that was read out to you")),
    "not-read-out": ("blocked", N_("a different key from the one read out to you")),
    "changed": ("blocked", N_("a different key from before")),
}


@dataclass(frozen=True)
class Row:
    """A line of the comparison; `here` is None where there is nothing here to compare with."""

    label: str
    backup: str
    here: str | None = None
    figure: bool = False

    @property
    def differs(self) -> bool:
        """Whether what is here is something else."""
        return self.here is not None and self.here != self.backup


def compare_backup(form: Form, preview: Preview) -> Iterator[Row]:
    """What the backup holds, beside what is here under its number."""
    _, extract, here = form.texts, preview.found.extract, preview.here
    present = f"{preview.number} {here.administration.description}" if here else None
    yield Row(_("Administration"), f"{extract.number} {extract.description}", present)

    def client_text(client: Client | None) -> str:
        return describe_client(client) if client else "—"

    def users_text(users: tuple[User, ...]) -> str:
        return ", ".join(user.login if user.active else f"{user.login} ({_('not active')})" for user in users) or "—"

    yield Row(_("Client"), client_text(extract.client), client_text(here.client) if here else None)
    yield Row(_("Users"), users_text(extract.users), users_text(here.users) if here else None)
    backup, now = preview.found.totals, here.totals if here else None
    for name, count in backup.counts().items():
        yield Row(_(COUNT_TITLES[name]), str(count), str(now.counts()[name]) if now else None, figure=True)
    for name, label in (("debit", _("Debit")), ("credit", _("Credit"))):
        yield Row(label, _.amount(backup.totals()[name]), _.amount(now.totals()[name]) if now else None, figure=True)


def describe_outcome(form: RestoreBackup) -> Iterator[str]:
    """What was done, in sentences: the administration, what was kept, and who may log in now."""
    _, done = form.texts, form.done
    if done is None:
        return
    totals, extract = done.totals, done.extract
    sums = {name: _.amount(totals.totals()[name]) for name in ("debit", "credit")}
    yield _("Administration {number} {description} is restored: {lines}, debit {debit}, credit {credit}.",
        number=done.number, description=extract.description, lines=_.counts(lines=totals.lines), **sums)  # fmt: skip
    if form.safety_copy is not None:
        yield _("The safety copy of what was here before: {file}.", file=form.safety_copy.name)
    yield from (_.sentence(one) for one in done.obstacles if one.code in {"books-set-aside", "administration-archived"})
    yield from (describe_entrance(form, user, entrance) for user, entrance in form.entrances)


def describe_entrance(form: Form, user: User, entrance: Entrance) -> str:
    """Whether a user may log in, and why not or what to know."""
    _ = form.texts
    if entrance.reason is not None:
        return _("{name} ({login}) can't log in: {why}", name=user.name, login=user.login, why=_.sentence(entrance.reason))
    warning = f" {_.sentence(entrance.warning)}" if entrance.warning else ""
    return _("{name} ({login}) can log in.", name=user.name, login=user.login) + warning
