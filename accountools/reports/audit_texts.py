"""What the audit says in words: its states, what its two pictures show, and what changed. The same numbers, for who doesn't see them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from accountools.domain.codes import N_
from accountools.domain.licence import SOON
from accountools.reports.audit import Audit
from accountools.reports.audit_history import Moment
from accountools.texts import Texts

WORDS = {"ready": N_("ready"), "attention": N_("attention"), "blocked": N_("blocked"), "missing": N_("without licence")}
STATUSES = {
    "missing": N_("missing"),
    "valid": N_("valid"),
    "expires-soon": N_("expires soon"),
    "expired": N_("expired"),
    "not-yet-valid": N_("not yet valid"),
    "revoked": N_("revoked"),
}
ONE_BY_ONE = 24  # so many licences are told each by itself, more of them by month


@dataclass(frozen=True)
class Expiring:
    """A licence that runs out: its last day, whose it is, and whether that is within 60 days."""

    until: date
    client: str
    licence: str
    soon: bool


def expiring(found: Audit) -> tuple[Expiring, ...]:
    """The licences whose last day is within twelve months from the audit's day, each once, by that day."""
    last = year_after(found.on)
    held = {
        (row.valid_until, row.client, row.licence_number)
        for row in found.rows
        if row.valid_until is not None and row.licence_number is not None and row.licence_status in {"valid", "expires-soon"}
    }
    due = sorted(one for one in held if found.on <= one[0] <= last)
    return tuple(Expiring(until, client, licence, until - found.on <= SOON) for until, client, licence in due)


def year_after(day: date) -> date:
    """The same day a year later."""
    try:
        return day.replace(year=day.year + 1)
    except ValueError:  # 29 February
        return day + timedelta(days=365)


def month(day: date, _: Texts) -> str:
    """A month as it is written: 11-2026 in Dutch, 2026-11 in English."""
    return f"{day:%m-%Y}" if _.language == "nl" else f"{day:%Y-%m}"


def coverage_title(_: Texts) -> str:
    """What the picture of the months is called."""
    return _("Where the office stands, by month")


def expiry_title(_: Texts) -> str:
    """What the picture of the licences that run out is called."""
    return _("Licences that run out in the next 12 months")


def coverage_words(history: Sequence[Moment], _: Texts) -> tuple[str, ...]:
    """What the picture of the months shows, newest first: a sentence for each."""
    text = N_("{day}: {ready} ready, {attention} attention, {blocked} blocked, {missing} without licence.")
    return tuple(_(text, day=one.on, **one.counts) for one in reversed(history))


def expiry_words(found: Audit, _: Texts) -> tuple[str, ...]:
    """What the line of time shows: how many there are, then each licence with its last day, or when there are many each month's number."""
    return tuple(_expiry_words(expiring(found), year_after(found.on), _))


def _expiry_words(due: Sequence[Expiring], last: date, _: Texts) -> Iterator[str]:
    soon = sum(1 for one in due if one.soon)
    if not due:
        yield _("No licence runs out up to and including {day}.", day=last)
    elif len(due) == 1:
        yield _("1 licence runs out up to and including {day}, {soon} within 60 days.", day=last, soon=soon)
    else:
        yield _("{n} licences run out up to and including {day}, {soon} within 60 days.", n=len(due), day=last, soon=soon)
    if len(due) <= ONE_BY_ONE:
        yield from (_("{day}: licence {licence} of {client}.", day=one.until, licence=one.licence, client=one.client) for one in due)
        return
    for name, those in groupby(due, key=lambda one: month(one.until, _)):
        yield _("{month}: {n}.", month=name, n=len(list(those)))
