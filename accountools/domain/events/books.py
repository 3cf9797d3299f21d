"""What comes into the books of an administration."""

from accountools.domain.events.base import Event


class BooksIdentified(Event, what="books-identified"):
    """The books of an administration have this identity from now on: those of earlier versions had none."""

    books: str


class AuditfileImported(Event, what="auditfile-imported"):
    """A fiscal year came into the books from an audit file with this SHA-256, in place of the years that it `replaces`.

    `accepted` are the codes that were confirmed for it.
    """

    year: str
    sha256: str
    entries: int
    lines: int
    replaces: tuple[str, ...] = ()
    accepted: tuple[str, ...] = ()


class EntriesImported(Event, what="entries-imported"):
    """Entries came into the books from a table with this SHA-256, into the fiscal years `years`."""

    years: tuple[str, ...]
    sha256: str
    entries: int
    lines: int


class ChartImported(Event, what="chart-imported"):
    """The chart of an administration was completed and changed from a chart of so many accounts, of which this is the SHA-256."""

    sha256: str
    accounts: int
