"""An office moved to another place: from a folder to a server, or back. It is planned, then done; interrupted, it goes on where it was.

The new place is no office until all was copied and compared. Then the office that was moved records where it went, as its last event:
from then on it can be read and not changed. Only after that the new one becomes an office, so there are never two that record events
(docs/decisions/0019-moving-an-office.md).
"""

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import sqlalchemy as sa

from accountools import safe_files
from accountools.domain.codes.code import Weight
from accountools.domain.errors import MachineFailed, Refused
from accountools.domain.events.keys import MemberAdmitted
from accountools.domain.events.office import FoldersNamed, MoveFinished, OfficeMoved
from accountools.domain.identifiers import AdministrationNumber
from accountools.domain.obstacle import Obstacle, Part, obstacle
from accountools.failpoints import reach
from accountools.operations.backups import records
from accountools.operations.maintenance import departure, move_parts
from accountools.operations.maintenance.repair import finish_interrupted, has_unfinished
from accountools.operations.maintenance.verify_journal import check_journal, list_at_hand
from accountools.operations.plan import Plan
from accountools.operations.progress import Progress
from accountools.operations.register.create_office import list_other_files, write_files
from accountools.operations.register.members import admit_self
from accountools.operations.session import Office, Session
from accountools.operations.workdir import find_worker, is_busy
from accountools.storage.address import absolute_place, is_url
from accountools.storage.engine import Engine, UnfinishedMove
from accountools.storage.engines import engine_at
from accountools.storage.errors import OfficeBusy
from accountools.storage.register import journal


@dataclass(frozen=True, kw_only=True)
class MovePlan(Plan):
    """What would be moved where. `books` are the administrations whose books are there, `copied` how many of them are copied already.

    `continues`: the move was begun before, and interrupted.
    """

    needs_office_here: ClassVar[bool] = False
    move: UnfinishedMove
    target: Path | str
    administrations: int
    books: tuple[AdministrationNumber, ...]
    copied: int
    continues: bool

    def inputs(self) -> dict[str, Any]:
        """The office, its place and the new one. What is done in it meanwhile is moved too."""
        return {"journal": self.move.journal, "from": self.move.source, "to": str(self.target)}

    def execute(self, office: Office, progress: Progress) -> Office:
        """Copy the books, then all else with what changed meanwhile; compare; the office is at the new place then, which is given.

        `progress` is called with administrations done and in all. Raises `move-differs`, `changed-meanwhile`, `office-busy`.
        """
        now = plan_move(office, self.target)
        now.raise_if_changed(self.digest, self.target)
        now.raise_if_refused()
        engine = engine_at(self.target)
        if not is_url(self.target):
            left = move_parts.books_to_copy(office.engine, engine, now.books) if now.continues else now.books
            needed = sum(office.engine.books_size(number) for number in left)
            safe_files.make_folder(engine.folder)
            safe_files.validate_free_space(engine.folder, needed)
        with engine.receiving(self.move):
            move_parts.copy_books(office.engine, engine, now.books, progress)
            _finish(office, engine, self.move)
        return Office(engine, office.clock)


def plan_move(office: Office, to: Path | str) -> MovePlan:
    """Plan moving an office to the folder or URL `to`.

    Raises `url-invalid`, `package-missing`, `database-away`, `office-damaged`; on a server `not-permitted` for who isn't an owner.
    """
    engine = engine_at(absolute_place(to))
    with office.session() as session:
        office.engine.validate_owner(session.connection)
        move = UnfinishedMove(journal.hash_at(session.connection, 1) or journal.GENESIS, str(office.engine.place))
        books, missing = move_parts.list_books(session)
        unfinished = engine.unfinished_move()
        return MovePlan(
            obstacles=(
                *_obstacles(session, engine, move, unfinished),
                *(_missing_books(office, number) for number in missing),
            ),
            move=move,
            target=engine.place,
            administrations=len(books) + len(missing),
            books=books,
            copied=0 if unfinished is None else move_parts.count_copied(office.engine, engine, books),
            continues=unfinished is not None,
        )


def _obstacles(session: Session, engine: Engine, move: UnfinishedMove, unfinished: UnfinishedMove | None) -> list[Obstacle]:
    """What is in the way at either place."""
    office, found = session.office, list[Obstacle]()
    moved_to, is_ours = session.moved_to, unfinished is not None and unfinished.journal == move.journal
    if moved_to is not None and not (is_ours and moved_to == str(engine.place)) and not departure.is_lost(office.folder, moved_to):
        found.append(obstacle("office-moved", path=moved_to))
    if is_busy(office):
        found.append(OfficeBusy(find_worker(office)).reason)
    if engine.exists():
        found.append(obstacle("office-exists", path=engine.place))
    elif unfinished is not None and not is_ours:
        found.append(obstacle("move-unfinished", path=engine.place, source=unfinished.source))
    else:
        trust = office.engine.read_trust(session.connection)
        found += list_other_files(engine, office.backup_key.pem(), trust)
    return found


def _missing_books(office: Office, number: AdministrationNumber) -> Obstacle:
    """That there is nothing to move; books that are there and can't be read aren't left behind."""
    fault = office.engine.find_books_fault(number)
    return fault.reason if fault is not None else obstacle("books-missing", number=number).with_weight(Weight.INFORMS)


def _finish(office: Office, engine: Engine, move: UnfinishedMove) -> None:
    """Nobody changes the office from here on: copy what changed, and all else; then first the old place says that it was moved."""
    place = str(engine.place)
    with office.session() as session:
        is_here = session.moved_to is None
    if is_here:  # elsewhere it wouldn't be known what was being done here
        finish_interrupted(office)
    with ExitStack() as stack:
        at_hand = list_at_hand(office)
        session = Session(office, stack.enter_context(office.engine.changing(moved=True)))
        moved_to = session.moved_to
        is_moved = moved_to == place  # an interruption came after that
        if moved_to is not None and not is_moved and not departure.is_lost(office.folder, moved_to):
            raise Refused("office-moved", path=moved_to)
        if is_busy(office) or (moved_to is None and has_unfinished(session)):
            raise OfficeBusy(find_worker(office))
        office.engine.validate_owner(session.connection)
        if moved_to is None:  # elsewhere it wouldn't be known whose the files are that these left
            records.withdraw_all(session)
        books, _ = move_parts.list_books(session)
        move_parts.copy_books(office.engine, engine, books)
        move_parts.copy_files(office, engine)
        trust = office.engine.read_trust(session.connection)
        key = office.backup_key
        write_files(engine, key.pem(), trust)
        target = Office(engine, office.clock)

        def fill(connection: sa.Connection) -> None:
            move_parts.copy_rows(session, target, connection)
            received = Session(target, connection)
            move_parts.compare(session, received, books)
            records.hand_to(session, received)
            if not is_moved:
                session.record(OfficeMoved(to=place))
                journal.copy_newer(session.connection, connection)
            received = Session(target, connection)
            received.record(MoveFinished(source=move.source, maker=engine.maker(connection)))
            if (first := admit_self(received, key)) is not None:
                received.record(MemberAdmitted(name=first.name, recipient=first.recipient))
            if renamed := move_parts.rebase_folders(office, received):
                received.record(FoldersNamed(backups=renamed.get("backups"), inbox=renamed.get("inbox")))
            if set(check_journal(received, at_hand, committed=False)) - set(check_journal(session, at_hand)):
                raise MachineFailed("move-differs", what=Part.JOURNAL)
            reach("before-leave-place")
            departure.begin(office.folder, place)
            stack.close()
            reach("after-leave-place")

        engine.finish_receiving(fill, trust)
    departure.end(office.folder)
