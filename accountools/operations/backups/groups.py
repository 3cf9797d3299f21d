"""Backups in groups that share their transactions, and what came of each."""

from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field

from accountools.domain.errors import AccountoolsError
from accountools.domain.identifiers import AdministrationNumber
from accountools.domain.obstacle import Obstacle
from accountools.operations.backups.items import BackupItem
from accountools.operations.backups.records import Pending, Written
from accountools.storage.register.backups import BackupRecord

_GROUP, _GROUP_BYTES = 24, 64 << 20  # as many administrations as share a transaction, or as much of their books
_FEW = 16  # for fewer there are no groups: each is there as soon as it is made


@dataclass(frozen=True)
class BackupResult:
    """What came of one administration: the backup that was made, or why it was refused, or what stopped it when the machine failed."""

    item: BackupItem
    made: BackupRecord | None = None
    refused: tuple[Obstacle, ...] = ()
    stopped: Exception | None = None


@dataclass(frozen=True)
class BackupOutcome:
    """What was made, what was refused and why, and what stopped it when the machine failed halfway."""

    made: tuple[BackupRecord, ...]
    refused: tuple[tuple[AdministrationNumber, tuple[Obstacle, ...]], ...]
    stopped: Exception | None = None


@dataclass
class Group:
    """Backups that share their transactions; all by the ids of their records."""

    items: dict[int, BackupItem] = field(default_factory=dict)
    pending: dict[int, Pending] = field(default_factory=dict)  # those that are not committed or withdrawn yet
    jobs: "dict[Future[Written], int]" = field(default_factory=dict)
    results: list[BackupResult] = field(default_factory=list)

    def refuse(self, record: int, error: AccountoolsError) -> None:
        """One of them can't be made."""
        self.results.append(BackupResult(self.items[record], refused=(error.reason,)))


def groups_of(items: Sequence[BackupItem], *, alone: bool = False) -> Iterator[Sequence[BackupItem]]:
    """The items in groups of at most `_GROUP`, or of `_GROUP_BYTES` of books; or each `alone`."""
    group: list[BackupItem] = []
    for item in items:
        if group and (alone or len(items) < _FEW or len(group) == _GROUP or sum(one.bytes for one in group) + item.bytes > _GROUP_BYTES):
            yield group
            group = []
        group.append(item)
    if group:
        yield group
