"""The texts of the audit: its states, and a description of each chart with the same numbers, for readers who can't see it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from accountools.domain.licence import SOON
from accountools.domain.messages import N_
from accountools.reports.audit_history import MonthCounts
from accountools.reports.audit_table import AuditTable
from accountools.texts import Texts

WORDS = {"ready": N_("ready"), "attention": N_("attention"), "blocked": N_("blocked"), "missing": N_("without licence")}
COVERAGE_TITLE = N_("Status by month")
EXPIRY_TITLE = N_("Licences that expire in the next 12 months")
ONE_BY_ONE = 24  # up to this many licences are listed one by one, more are counted by month


@dataclass(frozen=True)
class ExpiringLicence:
    """A licence that expires: its last day, its client, and whether that is within 60 days."""

    until: date
    client: str
    licence: str
    soon: bool


def expiring_licences(audit: AuditTable) -> tuple[ExpiringLicence, ...]:
    """The licences whose last day is within twelve months from the audit's day, each once, by that day."""
    last = year_after(audit.on)
    held = {
        (row.valid_until, row.client, row.licence_number)
        for row in audit.rows
        if row.valid_until is not None and row.licence_number is not None and row.licence_status in {"valid", "expires-soon"}
    }
    due = sorted(one for one in held if audit.on <= one[0] <= last)
    return tuple(ExpiringLicence(until, client, licence, until - audit.on <= SOON) for until, client, licence in due)


def year_after(day: date) -> date:
    """The same day a year later."""
    try:
        return day.replace(year=day.year + 1)
    except ValueError:  # 29 February
        return day + timedelta(days=365)


def coverage_words(history: Sequence[MonthCounts], _: Texts) -> tuple[str, ...]:
    """The counts of each month in a sentence, newest first."""
    text = N_("{day}: {ready} ready, {attention} attention, {blocked} blocked, {missing} without licence.")
    return tuple(_(text, day=one.on, **one.counts) for one in reversed(history))


def expiry_words(audit: AuditTable, _: Texts) -> tuple[str, ...]:
    """How many licences expire, then each with its last day, or the number for each month when there are many."""
    due = expiring_licences(audit)
    last = year_after(audit.on)
    if not due:
        return (_("No licence expires through {day}.", day=last),)
    total = _.plural(
        "{count} licence expires through {day}, {soon} within 60 days.",
        "{count} licences expire through {day}, {soon} within 60 days.",
        len(due),
        day=last,
        soon=sum(1 for one in due if one.soon),
    )
    if len(due) <= ONE_BY_ONE:
        return total, *(_("{day}: licence {licence} of {client}.", day=one.until, licence=one.licence, client=one.client) for one in due)
    months = groupby(due, key=lambda one: f"{one.until:%m-%Y}" if _.language == "nl" else f"{one.until:%Y-%m}")
    return total, *(_("{month}: {n}.", month=name, n=len(list(group))) for name, group in months)
