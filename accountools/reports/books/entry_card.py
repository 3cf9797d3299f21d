"""An entry of the books with all its lines: what a finding leads to."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from accountools.domain.messages import N_
from accountools.reports.books.table import BookTable, Field, amount
from accountools.reports.books.trial_balance import year_facts
from accountools.storage.books.account_lines import EntryLine


@dataclass(frozen=True)
class EntryCard(BookTable[EntryLine]):
    """The lines of an entry; amounts in cents. No rows where there is no such entry, and of several with one number those of all."""

    year: str
    journal: str
    number: str
    rows: tuple[EntryLine, ...]

    TITLE = N_("Entry")
    FIELDS = (
        Field("date", N_("Date"), "day"),
        Field("line", N_("Line"), width=8),
        Field("account", N_("Account")),
        Field("name", N_("Name"), width=36),
        Field("document", N_("Document"), width=16),
        Field("description", N_("Description"), width=40),
        Field("relation", N_("Relation")),
        amount("debit", N_("Debit")),
        amount("credit", N_("Credit")),
    )

    def totals(self) -> Mapping[str, int]:
        """Debit and credit."""
        return {"debit": sum(row.debit for row in self.rows), "credit": sum(row.credit for row in self.rows)}

    def facts(self) -> tuple[tuple[str, object], ...]:
        """The year, the journal and the number."""
        return (*year_facts(self.year, None), (N_("Ledger journal"), self.journal), (N_("Number"), self.number))

    def document(self) -> dict[str, Any]:
        """As JSON."""
        return {"year": self.year, "journal": self.journal, "number": self.number, "rows": self.documents()}
