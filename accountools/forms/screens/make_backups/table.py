"""The administrations of an office to make backups of: what can be made, what can't and why, and which of them are ticked."""

from collections.abc import Iterable
from dataclasses import dataclass

from accountools.domain.identifiers import AdministrationNumber, is_found
from accountools.domain.messages import N_
from accountools.domain.obstacle import Obstacle
from accountools.formats.backup.manifest import Purpose
from accountools.forms.kit.feedback import screen_for
from accountools.forms.kit.navigation import IMPORT, ITEMS, Item
from accountools.operations.backups.items import BackupItem
from accountools.operations.backups.plan import list_items
from accountools.operations.register import administrations
from accountools.operations.register.handover_rules import handover_state
from accountools.operations.session import Office

PAGE = 25
SHOWING = {"all": N_("All"), "can": N_("Can be made"), "cannot": N_("Can't be made")}


@dataclass(frozen=True)
class Row:
    """An administration in the list."""

    item: BackupItem
    client: str

    @property
    def state(self) -> str:
        """Its state, as in the audit."""
        return handover_state(all(one.code != "no-licence" for one in self.item.obstacles), self.obstacles)

    @property
    def obstacles(self) -> tuple[Obstacle, ...]:
        """Its obstacles: those that block first, last what was confirmed at the import."""
        return (*sorted(self.item.obstacles, key=lambda one: not one.blocking), *self.item.accepted)

    @property
    def screen(self) -> Item | None:
        """The screen at which its first obstacle is resolved."""
        return (screen_for(self.obstacles[0]) or ITEMS[IMPORT]) if self.item.refused else None

    @property
    def name(self) -> str:
        """Its number and description, with the client where that is somebody else."""
        return f"{self.item.number}  {self.item.description}" + (
            f"  ({self.client})" if self.client not in {"", self.item.description} else ""
        )


class BackupList:
    """The list for one purpose, narrowed by `search` and `showing`, a page at a time. Neither changes the ticks."""

    def __init__(self, office: Office, purpose: Purpose) -> None:
        self.purpose = purpose
        self.search, self.showing, self.page = "", "all", 0
        self.ticked: frozenset[AdministrationNumber] = frozenset()
        self._office = office
        self.read()

    def read(self) -> None:
        """Read the office anew; what can't be made any more is no longer ticked."""
        names = {one.number: client.name if client else "" for one, client in administrations.list_administrations(self._office)}
        self.rows = tuple(Row(item, names.get(item.number, "")) for item in list_items(self._office, self.purpose))
        self.ticked &= {row.item.number for row in self.rows if not row.item.refused}

    def filter(self, search: str | None = None, showing: str | None = None) -> None:
        """Show only what is searched for; from the first page."""
        self.search = self.search if search is None else search
        self.showing = showing if showing in SHOWING else self.showing
        self.page = 0

    def turn(self, pages: int) -> None:
        """Turn pages, forwards or back."""
        self.page = min(max(0, self.page + pages), self.pages - 1)

    def tick(self, numbers: Iterable[AdministrationNumber], *, yes: bool = True) -> None:
        """Tick these, or untick them; what can't be made is skipped."""
        given = frozenset(numbers) & {row.item.number for row in self.rows if not row.item.refused}
        self.ticked = self.ticked | given if yes else self.ticked - given

    @property
    def matching(self) -> tuple[Row, ...]:
        """The rows that are searched for."""
        shown = {"all": (True, False), "can": (False,), "cannot": (True,)}[self.showing]
        return tuple(row for row in self.rows if row.item.refused in shown and is_found(self.search, row.name))

    @property
    def pages(self) -> int:
        """How many pages they take; at least one."""
        return max(1, -(-len(self.matching) // PAGE))

    @property
    def on_page(self) -> tuple[Row, ...]:
        """The rows of this page."""
        return self.matching[self.page * PAGE : (self.page + 1) * PAGE]

    @property
    def bytes(self) -> int:
        """How large the books of all that is ticked are together."""
        return sum(row.item.bytes for row in self.rows if row.item.number in self.ticked)
