"""The dossier as a page to print and file: each hand-over with its proof, then all that happened, and how to check it later."""

from collections.abc import Iterator
from datetime import datetime

from accountools.domain.calendar import AMSTERDAM, parse_moment
from accountools.domain.codes import N_
from accountools.operations.backups.records import BY_PASSPHRASE
from accountools.reports import page
from accountools.reports.dossier import Dossier, HandOver
from accountools.reports.event_texts import told
from accountools.storage.register.journal import RecordedEvent
from accountools.texts import Texts
from accountools.version import VERSION

_FILES = {
    "unchanged": ("ready", N_("stands where it was put, unchanged")),
    "changed": ("blocked", N_("was changed since")),
    "gone": ("missing", N_("no longer where it was put")),
    "removed": ("missing", N_("removed after the years that the law asks for")),
}
_Rows = Iterator[tuple[str, str]]


def page_of(found: Dossier, _: Texts) -> bytes:
    """The whole page."""
    one = found.administration
    parts = [page.facts(_about(found, _)), page.paragraph(_summary(found, _))]
    for turn, hand_over in enumerate(found.hand_overs, 1):
        parts += [
            page.heading(_("Hand-over {n}: {day}", n=turn, day=_when(hand_over.event, _))),
            page.facts(_hand_over(found, hand_over, _)),
        ]
    heads = (_("No."), _("When"), _("What"), _("By"), _("Hash"))
    parts += [
        page.heading(_("What happened with this administration")),
        page.table(heads, (_event(event, _) for event in found.events), numbers=frozenset({0}), whole=frozenset({1, 3})),
        page.facts(_journal(found, _)),
        page.heading(_("To check this later")),
        *(page.prose(_(text)) for text in _CHECKS),
    ]
    foot = " · ".join((found.office, _.day(found.occasion.today), found.occasion.by, f"accountools {VERSION}"))
    return page.page(_("Dossier {number} {description}", number=one.number, description=one.description), _.language, parts, foot)


_CHECKS = (
    N_("The file: its SHA-256 must be the one above; `sha256sum` or `Get-FileHash` tells it. `accountools verify` checks the rest."),
    N_("The journal: `accountools journal` shows the same events with the same hashes, and `accountools journal verify` that they follow."),
    N_("The key: `accountools verify` names the thumbprint of who signed; it must be the one above."),
)


def _about(found: Dossier, _: Texts) -> _Rows:
    client, one = found.client, found.administration
    yield _("Client"), page.plain(client.name if client else _("none: this is a template"))
    if client is not None:
        yield _("KvK number"), page.plain(client.kvk)
        if client.city:
            yield _("City"), page.plain(client.city)
    yield _("Administration"), page.plain(f"{one.number} {one.description}")
    yield _("Office"), page.plain(f"{found.office}, KvK {found.office_kvk}")
    yield _("Made on"), page.plain(f"{_.day(found.occasion.today)}, {found.occasion.by}")


def _summary(found: Dossier, _: Texts) -> str:
    count, rehearsed = len(found.hand_overs), sum(bool(one.receipts) for one in found.hand_overs)
    if not count:
        return _("Nothing was handed over yet.")
    last = _when(found.hand_overs[-1].event, _)
    return _("Handed over: {count}, last on {day}; of these rehearsed: {rehearsed}.", count=count, day=last, rehearsed=rehearsed)


def _hand_over(found: Dossier, one: HandOver, _: Texts) -> _Rows:
    yield _("Made by"), page.plain(one.event.by)
    if "today" in one.event.details:
        yield _("Day that was set"), page.plain(_.iso_day(str(one.event.details["today"])))
    yield from _licence(one, _)
    yield _("User who gets access"), page.plain(f"{one.login} ({one.user.name})" if one.user else one.login)
    yield from _file(one, _)
    yield _("Encrypted to"), _encrypted(one, _)
    yield _("Signed by"), f"{page.plain(found.office)}, {_('key')} {page.exact(one.signer) if one.signer else page.plain(None)}"
    yield _("Rehearsal"), _receipts(one, _)
    yield _("In the journal"), _entry(one.event, _)


def _licence(one: HandOver, _: Texts) -> _Rows:
    number, licence = one.event.details.get("licence"), one.licence
    if licence is None:
        yield _("Licence"), page.plain(number)
        return
    holder, days = licence.licensee, _("{first} through {last}", first=licence.valid_from, last=licence.valid_until)
    yield _("Licence"), page.plain(f"{number}, {holder.name}, KvK {holder.kvk}")
    yield _("Valid"), page.plain(days)
    yield _("Issued by"), f"{page.plain(licence.issuer)}, {_('key')} {page.exact(licence.key_id)}"


def _file(one: HandOver, _: Texts) -> _Rows:
    record = one.record
    name = page.plain(record.path.name if record and record.path else None)
    yield _("File"), f"{name}<br>{page.mark(_FILES[one.file][0], _(_FILES[one.file][1]))}"
    if record is not None and record.bytes is not None:
        yield _("Size"), page.plain(_("{bytes} bytes", bytes=f"{record.bytes:,}".replace(",", "." if _.language == "nl" else ",")))
    yield _("SHA-256 of the file"), page.exact(one.sha256)
    if one.contents is not None:
        counts, totals = one.contents["counts"], one.contents["totals"]
        debit, credit = _.amount(totals["debit"]), _.amount(totals["credit"])
        words = _("{entries} entries, {lines} lines; debit {debit}, credit {credit}", debit=debit, credit=credit, **_numbers(counts))
        yield _("Books"), page.plain(words)


def _numbers(counts: dict[str, int]) -> dict[str, int]:
    return {name: counts[name] for name in ("entries", "lines")}


def _encrypted(one: HandOver, _: Texts) -> str:
    if not one.encrypted:
        return page.plain(_("nobody: the file is plain"))
    if one.recipient is None:
        return page.plain(_("a key that is no longer known here"))
    return page.plain(_("a passphrase")) if one.recipient == BY_PASSPHRASE else page.exact(one.recipient)


def _receipts(one: HandOver, _: Texts) -> str:
    if not one.receipts:
        return page.mark("attention", _("never rehearsed"))
    return "<br>".join(
        f"{page.mark('ready', _('everything came back on {day}', day=_when(event, _)))}, {page.plain(event.by)}<br>{_entry(event, _)}"
        for event in one.receipts
    )


def _entry(event: RecordedEvent, _: Texts) -> str:
    return f"{page.plain(_('event {n}', n=event.n))}, {page.plain(event.at)}<br>{page.exact(event.hash)}"


def _event(event: RecordedEvent, _: Texts) -> tuple[str, ...]:
    what, accepted = page.plain(told(event, _)), event.details.get("accepted")
    if isinstance(accepted, list) and accepted:
        what += f"<br>{page.plain(_('yes was said to: {codes}', codes=', '.join(map(str, accepted))))}"
    return page.plain(event.n), page.plain(_when(event, _)), what, page.plain(event.by), page.exact(event.hash)


def _journal(found: Dossier, _: Texts) -> _Rows:
    holds = page.mark("ready", _("each event follows from the one before"))
    broken = page.mark("blocked", _("broken at event {n}", n=", ".join(map(str, found.broken[:5]))))
    yield _("Journal of the office"), broken if found.broken else holds
    yield _("Its last event"), f"{page.plain(_('event {n}', n=found.head.length))}<br>{page.exact(found.head.hash)}"


def _when(event: RecordedEvent, _: Texts) -> str:
    """The moment of an event, by Amsterdam's clock; as it stands when somebody made it unreadable."""
    try:
        moment: datetime = parse_moment(event.at).astimezone(AMSTERDAM)
    except (ValueError, OverflowError):
        return event.at
    return f"{_.day(moment.date())} {moment:%H:%M}"
