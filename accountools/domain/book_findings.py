"""What the tests of the books' journals find: a severity and a sentence for each code. Braces hold the facts of the case."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from accountools.domain.audit_file.findings import Severity
from accountools.domain.messages import N_

BOOK_FINDINGS: dict[str, tuple[Severity, str]] = {
    "opening-unbalanced": ("error", N_("The opening balance doesn't balance: debit is {difference} more than credit.")),
    "opening-differs": (
        "warning",
        N_("Account {account} opens with {opening} and closed {before} with {closing}; usually that year's result wasn't appropriated."),
    ),
    "opening-appropriated": (
        "info",
        N_("Account {account} opens with {opening} and closed {before} with {closing}: that year's result was added to it."),
    ),
    "invoice-twice": ("warning", N_("Invoice {document} of {relation} was booked before: entry {first} in journal {journal}.")),
    "number-gap": ("info", N_("Numbers are missing before this entry: {missing}.")),
    "date-outside-year": ("warning", N_("The entry's date, {day}, is outside the fiscal year.")),
    "date-outside-period": ("warning", N_("The entry's date, {day}, is outside its period {period}.")),
    "negative-cash": ("warning", N_("Cash account {account} is negative at the end of {day}: {balance}.")),
    "weekend": ("info", N_("The entry is dated on a Saturday or Sunday: {day}.")),
    "round-amount": ("info", N_("The amount is round: {amount}.")),
    "benford": ("info", N_("The first digits of {count} amounts don't follow Benford's law (mean deviation {deviation}%).")),
}


@dataclass(frozen=True)
class BookFinding:
    """One observation about a year of the books: a code of `BOOK_FINDINGS`, and the entry and line that it is about, where it is about one.

    Of a whole entry it names the first line. Amounts among the facts are in cents, percentages in hundredths, by the names of `AMOUNTS`.
    `text` is the key of another severity and sentence of the same code.
    """

    code: str
    journal: str | None = None
    number: str | None = None
    line: int | str | None = None
    facts: Mapping[str, object] = field(default_factory=dict)
    text: str | None = None

    AMOUNTS = ("difference", "opening", "closing", "balance", "amount", "deviation")

    @property
    def severity(self) -> Severity:
        """How much it matters."""
        return BOOK_FINDINGS[self.text or self.code][0]

    @property
    def sentence(self) -> str:
        """What was found (English; a key of the catalogues)."""
        return BOOK_FINDINGS[self.text or self.code][1]
