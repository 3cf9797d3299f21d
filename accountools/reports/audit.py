"""The audit of the whole office: its rows, their history and their charts."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from accountools.operations.session import Office
from accountools.reports.audit_table import COLUMNS, STATES, AuditRow, AuditTable, compute_rows

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from accountools.reports.audit_history import MonthCounts
    from accountools.texts import Language

__all__ = ("COLUMNS", "STATES", "Audit", "AuditRow", "audit")


@dataclass(frozen=True)
class Audit(AuditTable):
    """The state of the office on a day; the history is computed from the journal of `office`, without one only today's counts are known."""

    office: Office | None = field(default=None, repr=False, compare=False)

    def history(self) -> "tuple[MonthCounts, ...]":
        """How many rows were in each state at the end of each of the last twelve months, by the journal's events, and now."""
        return self._history

    @cached_property
    def _history(self) -> "tuple[MonthCounts, ...]":
        from accountools.reports.audit_history import compute_history

        return compute_history(self, self.office)

    def figure(self, language: "Language | None" = None) -> "Figure":
        """How many are ready, need attention, are blocked and missing, by month (matplotlib); by default in the locale's language."""
        from accountools.reports.licence_charts import coverage_figure

        return coverage_figure(self.history(), language)

    def expiry_figure(self, language: "Language | None" = None) -> "Figure":
        """The licences that expire in the next twelve months, on a time line (matplotlib)."""
        from accountools.reports.licence_charts import expiry_figure

        return expiry_figure(self, language)


def audit(office: Office) -> Audit:
    """Audit every client and administration; templates and archived administrations have no row, nor clients with archived ones only."""
    return Audit(*compute_rows(office), office)
