"""What every engine offers: the register and the books of one office, wherever they are kept.

An engine opens transactions and puts whole books in place; queries are in `storage.register` and `storage.books`, on the connection
of a transaction. All methods raise errors of databases as `office-busy`, `disk-full`, `not-permitted`, `office-damaged`,
`machine-failed` or `database-away` (`storage.errors`). What is wrong with the books of one administration only is a `BooksDamaged`.

Books come to exist in two steps. They are prepared: whole and durable, but nobody's (`prepare_books`, `copy_books`, `adopt_books`).
Then they are published under an administration's number within `publishing_books` or by `replace_books`, together with the change of the
register that makes them count. Whatever interrupts that, either both are there or neither is.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import NewType, Protocol

import sqlalchemy as sa

from accountools.domain.identifiers import AdministrationNumber
from accountools.domain.ledger import ControlTotals
from accountools.storage.errors import BooksDamaged
from accountools.storage.image.tables import TextScan

Write = Callable[[sa.Connection], None]
PreparedBooks = NewType("PreparedBooks", str)  # the engine's own name for books that are no administration's yet


@dataclass(frozen=True)
class BooksVersion:
    """What stays the same when books are moved: their identity, where they have one, and their revision."""

    identity: str | None
    revision: str


@dataclass(frozen=True)
class UnfinishedMove:
    """An office that is being moved: the hash of the first event of its `journal`, and the `source` where it still is."""

    journal: str
    source: str


class Engine(Protocol):
    """The databases of one office. Making an engine opens nothing."""

    @property
    def folder(self) -> Path:
        """The office's folder: its keys, its inbox; not necessarily its databases."""

    @property
    def name(self) -> str:
        """What keeps the office: `sqlite`, `postgresql`."""

    @property
    def key_path(self) -> Path | None:
        """The file of the key that signs backups; None where that is in the register only, sealed to the members."""

    @property
    def stored_base(self) -> Path:
        """What paths of backups in the register are relative to, if they are (`storage.register.backups`)."""

    @property
    def place(self) -> Path | str:
        """Where the office is, as the user says it: its folder, or the URL of its database."""

    @property
    def work_folder(self) -> Path:
        """A folder on this machine for images and other files that are used up."""

    def exists(self) -> bool:
        """Whether there is an office."""

    def validate_new(self) -> None:
        """Validate, before anything is written, that an office can be created here.

        Raises `office-exists`, `network-share`, `move-unfinished`.
        """

    def create(self, fill: Write, trust: bytes) -> None:
        """Create the office, which trusts the issuers in the JWKS `trust`; `fill` writes the register's first rows.

        It exists when this returns, or not at all.

        Raises as `validate_new`.
        """

    def unfinished_move(self) -> UnfinishedMove | None:
        """What is being moved here, and is no office before that is finished; None when nothing is."""

    def receiving(self, move: UnfinishedMove) -> AbstractContextManager[None]:
        """Within the block this program alone moves an office here: begins it, or goes on where it was interrupted.

        Raises as `validate_new`, `office-newer`, `office-busy`, and `move-unfinished` when it is another office that is being moved here.
        """

    def finish_receiving(self, fill: Write, trust: bytes) -> None:
        """As `create`, of the office that was moved here; within `receiving`, which is finished then."""

    def open(self) -> None:
        """Migrate the register of an older version.

        Raises `office-not-found`, `office-newer`, `office-damaged`, `move-unfinished`.
        """

    def reading(self) -> AbstractContextManager[sa.Connection]:
        """A transaction on the register that only reads, and sees it as it is at one moment."""

    def changing(self, *, moved: bool = False) -> AbstractContextManager[sa.Connection]:
        """A transaction that changes the register: all or nothing. There is one at a time; the next one waits.

        Raises `office-moved` when the office goes on elsewhere, unless (`moved`) it is being moved there.
        """

    def has_books(self, number: AdministrationNumber) -> bool:
        """Whether there are books under this number that say so themselves: not those of another administration."""

    def working(self, name: str) -> AbstractContextManager[None]:
        """Within the block somebody works in the office, on whatever machine: `is_busy` for everybody else, by name `is_working`."""

    def validate_working(self) -> None:
        """Validate that others still see who works by this engine: else they may have repaired what is being made.

        Raises `database-away`.
        """

    def is_working(self, name: str) -> bool:
        """Whether the one of this name works in the office elsewhere; what shows in this machine's `work_folder` doesn't count."""

    def is_busy(self) -> bool:
        """Whether somebody works in the office elsewhere; what shows in this machine's `work_folder` doesn't count."""

    def find_worker(self, name: str | None = None) -> str:
        """Who works in the office elsewhere, by that name or any, as the system knows them; empty when that can't be said."""

    def books_identities(
        self, numbers: Collection[AdministrationNumber] | None = None, connection: sa.Connection | None = None
    ) -> dict[AdministrationNumber, str | None]:
        """The identities of all books, or of those with these numbers: random texts that stay the same, None for those of before.

        Its keys are the numbers for which `has_books` holds. `connection` is of the transaction of the register under way, for an
        engine that has both in one database.
        """

    def identify_books(self, number: AdministrationNumber) -> str | None:
        """Give books that have no identity one; gives what they have then, None when they are gone."""

    def books_files(self, numbers: Collection[AdministrationNumber]) -> dict[AdministrationNumber, str]:
        """The names of what is stored under these numbers, whosever books it is; those under which there is nothing are left out."""

    def find_books_fault(self, number: AdministrationNumber) -> BooksDamaged | None:
        """Why the file that is stored under this number can't be read: such books count as missing; None when it can, or isn't there."""

    def prepared_identity(self, prepared: PreparedBooks) -> str | None:
        """The identity of prepared books, which the register keeps."""

    def books_size(self, number: AdministrationNumber) -> int:
        """How many bytes the books take; 0 when there are none."""

    def books(self, number: AdministrationNumber, *, change: bool = False) -> AbstractContextManager[sa.Connection]:
        """A transaction on the books of an administration. Raises `books-missing`, `office-newer`, and to change them `office-moved`.

        To change them also `office-busy`, when others take their place just then.
        """

    def copy_staged(self, connection: sa.Connection, staged: Path, shifts: Mapping[str, Mapping[str, int]]) -> None:
        """Copy the rows of a staged year (`storage.books.staging`) into books, in a transaction that changes them.

        Of what has a code, such as accounts, those come in whose codes aren't there. `shifts` are added to the numbers in these columns.
        """

    def books_revision(self, number: AdministrationNumber) -> str:
        """The revision of the books: a random text, another one after each change. Raises `books-missing`."""

    def is_damaged(self, number: AdministrationNumber) -> bool:
        """Whether the books can't be read any more, rather than for the moment."""

    def prepare_books(self, fill: Write, number: AdministrationNumber | None = None) -> PreparedBooks:
        """Make new books for `number` (None: not known yet, which takes longer when they are published); `fill` writes their rows."""

    def copy_books(self, number: AdministrationNumber, target: AdministrationNumber | None = None) -> PreparedBooks:
        """Make new books for `target` like those of `number` at this moment. Raises as `write_image`."""

    def adopt_books(self, image: Path, number: AdministrationNumber | None = None, version: BooksVersion | None = None) -> PreparedBooks:
        """Make new books for `number` of a backup's image (of any version) that passed its checks; the file is used up.

        With `version` they are no other books than those of the image, only at another place.
        """

    def write_image(
        self, number: AdministrationNumber, target: Path, extract: Mapping[str, str], scan: TextScan
    ) -> tuple[ControlTotals, str]:
        """Write the image of an administration, a SQLite file, as `storage.image.write` describes it.

        Gives its control totals and the revision of the books, as it was before: books that change meanwhile count as changed.
        `extract` is the register's extract by name; `scan` searches texts for what must not be in it. Raises `books-missing`, and
        `changed-meanwhile` for books whose place others take, which may be taken away again.
        """

    def write_register_image(self, target: Path, office_files: Mapping[str, bytes], extract: Mapping[str, str]) -> None:
        """Write the image of the register, with the office's key files by name."""

    def discard_books(self, prepared: PreparedBooks) -> None:
        """Remove prepared books that were not published; does nothing when they were."""

    def remove_books(self, number: AdministrationNumber) -> None:
        """Remove the books under a number, of an office that is being moved here."""

    def publishing_books(
        self, books: Mapping[AdministrationNumber, PreparedBooks], owner: str | None = None
    ) -> AbstractContextManager[sa.Connection]:
        """As `changing`, to publish prepared books by their numbers in it and write the administrations: all of that, or nothing.

        All of `books` are used up, also those that were not published. What an interruption leaves is removed by `repair`; of
        administrations that were there without their books at the next opening, if `owner` is as for `replace_books`.
        """

    def publish_books(self, books: Mapping[AdministrationNumber, PreparedBooks], *, keep_aside: bool = False) -> None:
        """Publish prepared books under their numbers. Books there that no administration has are moved aside, not lost.

        `keep_aside` within `publishing_books`, which then knows whose books they are.
        """

    def publish_copies(self, prepared: Sequence[PreparedBooks], numbers: Sequence[AdministrationNumber]) -> None:
        """Publish books under many numbers: copies of `prepared` in turn, each with a revision of its own.

        `prepared`, no more than there are numbers, are used up. All are durable when this returns.
        """

    def replace_books(
        self,
        prepared: PreparedBooks,
        number: AdministrationNumber,
        owner: str,
        record: Write,
        *,
        revision: str | None = None,
    ) -> Path | None:
        """Publish prepared books in place of those that are there, together with what `record` writes in the register.

        The old books are kept until that is done; those without `revision`, of which there is no copy, for good: it gives where. `owner` is
        the lock of who does it: an interrupted replacement (`unfinished_replacements`) is undone by who finds the lock free. Raises
        `changed-meanwhile` when the old ones aren't of this `revision` any more, or somebody else replaces them.
        """

    def unfinished_replacements(self, connection: sa.Connection) -> tuple[tuple[AdministrationNumber, str | None], ...]:
        """Replacements that are not finished: of which books, and the owner."""

    def undo_replacement(self, number: AdministrationNumber, owner: str | None) -> None:
        """Put the old books back; does nothing when the replacement by `owner` was finished meanwhile, also if another has begun."""

    def list_leftover_books(self, known: Collection[AdministrationNumber]) -> Iterator[tuple[Path, str, str]]:
        """Books that none of the administrations `known` has: where they are, what they are, and what is to be done: `removed` or `kept`.

        In the order in which they are to be removed.
        """

    def remove_leftover_books(self, path: Path) -> None:
        """Remove such books."""

    def read_trust(self, connection: sa.Connection) -> bytes:
        """The JWKS of the issuers whose licences count; empty when it is gone. `connection` is a transaction on the register."""

    def write_trust(self, connection: sa.Connection, data: bytes) -> None:
        """Replace it, in a transaction that changes the register and records that."""

    def list_distributing(self) -> tuple[str, ...] | None:
        """The statements that spread the books over the machines of a cluster, as far as that wasn't done; None where there can be none."""

    def distribute(self, statement: str) -> None:
        """Run one of these statements."""

    def event_details(self, connection: sa.Connection) -> dict[str, str]:
        """What events record about the database beside who did it."""

    def validate_owner(self, connection: sa.Connection) -> None:
        """Validate that the user may do what only an owner of the office may. Raises `not-permitted`."""

    def is_register(self, path: Path) -> bool:
        """Whether `path` is the file of this office's register, by whatever name."""

    def maker(self, connection: sa.Connection | None = None) -> str:
        """Which office this is among its copies: another text for each place, and for a folder that was moved or copied there.

        `connection` is of the transaction that makes its register.
        """

    def is_in_another_office(self, path: Path) -> bool:
        """Whether the folder of `path` is that of another office, or lies in it: its files aren't ours, whatever our register says.

        The folders that this office was moved out of before it came here are its own.
        """
