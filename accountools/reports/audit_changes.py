"""What changed since an audit that was saved as CSV: licences imported, renewed, expired or lost, clients that are in it or no longer.

A client leaves it when all its administrations are archived, and comes back when one no longer is.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from accountools.domain.identifiers import AdministrationNumber, KvkNumber
from accountools.domain.messages import N_
from accountools.formats.csv_files import SavedAuditRow
from accountools.reports.audit import Audit, AuditRow
from accountools.texts import Texts

CHANGES = {
    "imported": N_("imported"),
    "renewed": N_("renewed"),
    "expired": N_("expired"),
    "lost": N_("no longer valid"),
    "client-new": N_("new in the overview"),
    "client-gone": N_("no longer in the overview"),
}
_SENTENCES = {
    "imported": N_("{who}: licence {licence} was imported."),
    "renewed": N_("{who}: licence {before} was replaced by {licence}, valid through {day}."),
    "expired": N_("{who}: licence {licence} expired on {day}."),
    "lost": N_("{who}: licence {before} is no longer valid."),
    "client-new": N_("{who} is new in the overview."),
    "client-gone": N_("{who} is no longer in the overview."),
}


@dataclass(frozen=True)
class Change:
    """One thing that changed: what (one of `CHANGES`), with whom, and in which administration, where it is one."""

    change: str
    client: str
    number: AdministrationNumber | None
    before: SavedAuditRow | None = None
    now: AuditRow | None = None

    def document(self) -> dict[str, Any]:
        """As the interface gives it."""
        return {"change": self.change, "client": self.client, "number": None if self.number is None else int(self.number)}

    def describe(self, _: Texts) -> str:
        """The change as a sentence."""
        who = self.client if self.number is None else f"{self.number} {self.client}"
        licence, until = (self.now.licence_number, self.now.valid_until) if self.now else (None, None)
        before = self.before.licence_number if self.before else ""
        change = "client-gone" if self.change == "lost" and self.now is None else self.change  # the licence may still be valid
        return _(_SENTENCES[change], who=who, licence=licence or "—", day=until or "—", before=before or "—")


def changes(before: Sequence[SavedAuditRow], audit: Audit) -> tuple[Change, ...]:
    """What changed from the rows of an audit that was kept to the audit of now, in the order of the latter, what is gone last."""
    before = tuple(_with_current_kvk(before, audit))
    held = {(row.kvk, row.number): row for row in before}
    clients = {row.kvk for row in before}
    found = []
    for row in audit.rows:
        if row.kvk not in clients:
            clients.add(row.kvk)
            found.append(Change("client-new", row.client, _only([one.number for one in audit.rows if one.kvk == row.kvk])))
        old = held.get((row.kvk, row.number))
        found += [Change(change, row.client, row.number, old, row) for change in _changes_of_licence(old, row)]
    return (*found, *_gone(held, audit))


def _with_current_kvk(before: Sequence[SavedAuditRow], audit: Audit) -> Iterator[SavedAuditRow]:
    """The rows with the KvK numbers that their clients have now: by the changes in the journal, unless another has that number now."""
    kvks = {row.kvk for row in audit.rows}
    numbers: dict[int | None, str] = {row.number: row.kvk for row in audit.rows if row.number is not None}
    if audit.office is None or all(row.kvk in kvks and numbers.get(row.number, row.kvk) == row.kvk for row in before):
        yield from before
        return
    with audit.office.session() as session:
        for row in before:
            current = session.current_kvk(KvkNumber(row.kvk))
            yield replace(row, kvk=current) if row.kvk not in kvks or numbers.get(row.number) == current else row


def _changes_of_licence(old: SavedAuditRow | None, row: AuditRow) -> Iterator[str]:
    before, status = ((None, None), "missing") if old is None else ((old.licence_number, old.valid_until), old.licence_status)
    now = row.licence_number, row.valid_until
    if now[0] is not None and before != now:
        yield "imported" if before[0] is None else "renewed"
    if row.licence_status == "expired" != status:
        yield "expired"
    if before[0] is not None and (now[0] is None or row.licence_status == "revoked" != status):
        yield "lost"


def _gone(held: dict[tuple[str, int | None], SavedAuditRow], audit: Audit) -> Iterator[Change]:
    """Administrations whose licence the audit no longer shows though their client is there, and clients that are no longer there."""
    clients = {row.kvk for row in audit.rows}
    rows = {(row.kvk, row.number) for row in audit.rows}
    reported: set[str] = set()
    for (kvk, number), old in held.items():
        if kvk in clients:
            if (kvk, number) not in rows and old.licence_number is not None and number is not None:
                yield Change("lost", old.client, AdministrationNumber(number), old)
        elif kvk not in reported:
            reported.add(kvk)
            numbers = [None if other is None else AdministrationNumber(other) for its, other in held if its == kvk]
            yield Change("client-gone", old.client, _only(numbers), old)


def _only(numbers: Sequence[AdministrationNumber | None]) -> AdministrationNumber | None:
    """The client's administration, when it is the only one."""
    return numbers[0] if len(numbers) == 1 else None
