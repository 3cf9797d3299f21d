"""The chart of accounts of an administration: read, and completed or changed from a file."""

import hashlib
import json
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from accountools.domain.events.books import ChartImported
from accountools.domain.identifiers import AdministrationNumber
from accountools.domain.ledger import STANDARD_JOURNALS, Account, Journal, VatCode
from accountools.domain.licence import Difference
from accountools.domain.obstacle import obstacle
from accountools.domain.vat import vat_codes_for, with_accounts
from accountools.formats.spreadsheets.charts import ChartFile, remark_kinds
from accountools.operations.plan import Plan
from accountools.operations.progress import Progress
from accountools.operations.register.state import own_books
from accountools.operations.session import Office
from accountools.operations.workdir import wait_for_books
from accountools.storage.books import charts, ledger
from accountools.storage.register import journal


@dataclass(frozen=True, kw_only=True)
class ChartImportPlan(Plan):
    """How a chart from a file would complete and change that of an administration. Nothing is removed: what isn't in the file stays.

    Of an account that is there only what the file has a column for changes, and its kind only where the file gives one.
    `changed` are pairs of an account as it is and as it would be; `absent` counts the accounts that aren't in the file. `completed` are
    VAT codes without accounts that get them by the RGS codes of the chart.
    """

    number: AdministrationNumber
    chart: ChartFile
    added: tuple[Account, ...]
    changed: tuple[tuple[Account, Account], ...]
    journals: tuple[Journal, ...]
    vat_codes: tuple[VatCode, ...]
    completed: tuple[VatCode, ...]
    absent: int
    revision: str

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to do."""
        return not (self.added or self.changed or self.journals or self.vat_codes or self.completed)

    @property
    def differences(self) -> tuple[tuple[str, Difference], ...]:
        """What changes, by the account's code: `name`, `rgs`, `kind`, `side`, `vat`."""
        return tuple(
            (old.code, Difference(what, value, vars(new)[what]))
            for old, new in self.changed
            for what, value in vars(old).items()
            if value != vars(new)[what]
        )

    def counts(self) -> dict[str, int]:
        """How many accounts, journals and VAT codes would be added."""
        return {"accounts": len(self.added), "journals": len(self.journals), "vat_codes": len(self.vat_codes)}

    def inputs(self) -> dict[str, Any]:
        """What would be added and changed, and the books."""
        added = [vars(one) for one in (*self.added, *self.journals, *self.vat_codes, *self.completed)]
        changed = [[vars(one) for one in pair] for pair in self.changed]
        return {"number": int(self.number), "added": added, "changed": changed, "books": self.revision}

    def execute(self, office: Office, progress: Progress) -> "ChartImportPlan":  # noqa: ARG002 - one transaction has no progress
        """Plan again and write, in one transaction of the books; then record it. The register is locked for it first.

        The books' revision stays when there is nothing to do.
        Of a chart that changes nothing the event is recorded too, once: an interruption may have come between the two.
        """
        wait_for_books(office, self.number)
        with office.session(write=True) as session:
            with own_books(office, self.number, change=not self.is_empty, within=session) as books:
                now = _plan(books, self.number, self.chart)
                now.raise_if_changed(self.digest, self.number)
                now.raise_if_refused()
                ledger.add_chart(books, now.added, now.journals, now.vat_codes)
                charts.update_accounts(books, (new for _, new in now.changed))
                charts.update_vat_accounts(books, now.completed)
            event = now.event()
            recorded = (one.parsed() for one in journal.list_events(session.connection, self.number, kinds=(ChartImported,)))
            if not now.is_empty or not any(isinstance(one, ChartImported) and one.sha256 == event.sha256 for one in recorded):
                session.record(event)
        return now

    def event(self) -> ChartImported:
        """What the journal says of it."""
        rows = [{name: vars(one)[name] for name in self.chart.columns} for one in self.chart.accounts]
        content = json.dumps(rows, sort_keys=True)
        sha256 = hashlib.sha256(content.encode()).hexdigest()
        return ChartImported(administration=self.number, sha256=sha256, accounts=len(self.chart.accounts))


def get_chart(office: Office, number: AdministrationNumber) -> tuple[Account, ...]:
    """The accounts of an administration, by code. Raises `administration-not-found`, `books-missing`."""
    with own_books(office, number) as books:
        return ledger.get_chart(books)[0]


def plan_chart_import(office: Office, number: AdministrationNumber, chart: ChartFile) -> ChartImportPlan:
    """Plan adding the accounts of a chart to an administration, and changing those that it has.

    Books without journals or VAT codes get the standard ones. Raises `administration-not-found`, `books-missing`.
    """
    with own_books(office, number) as books:
        return _plan(books, number, chart)


def _plan(books: sa.Connection, number: AdministrationNumber, chart: ChartFile) -> ChartImportPlan:
    accounts, journals, vat_codes = ledger.get_chart(books)
    present = {one.code: one for one in accounts}
    new = tuple(_changed(present[one.code], one, chart) if one.code in present else one for one in chart.accounts)
    added = tuple(one for one in new if one.code not in present)
    changed = tuple((present[one.code], one) for one in new if one.code in present and one != present[one.code])
    other_kind = {old.code: (old, new) for old, new in changed if old.kind not in {new.kind, "M"}}  # of M it wasn't decided yet
    in_use = [
        obstacle("account-in-use", account=code, old=other_kind[code][0].kind, new=other_kind[code][1].kind)
        for code in sorted(charts.list_used_accounts(books, other_kind))
    ]
    known, needed = {one.code for one in vat_codes}, {one.vat for one in new}
    after = tuple({one.code: one for one in (*accounts, *new)}.values())
    remarks = (one for one in chart.remarks if one.code != "kind-missing")
    kinds = remark_kinds(one for one in added if one.code in chart.without_kind)
    return ChartImportPlan(
        obstacles=(*in_use, *remarks, *kinds),
        number=number,
        chart=chart,
        added=added,
        changed=changed,
        journals=() if journals else STANDARD_JOURNALS,
        vat_codes=tuple(one for one in vat_codes_for(after) if one.code not in known and (not known or one.code in needed)),
        completed=with_accounts(vat_codes, after),
        absent=len(present.keys() - {one.code for one in chart.accounts}),
        revision=ledger.read_revision(books),
    )


def _changed(old: Account, new: Account, chart: ChartFile) -> Account:
    """An account as the chart changes it."""
    names = chart.columns - ({"kind"} if new.code in chart.without_kind else set())
    return replace(old, **{name: vars(new)[name] for name in names})
