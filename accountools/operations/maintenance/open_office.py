"""Opening an office: what an interruption left half done is finished first, and whom it trusts is verified by the journal."""

import hashlib
from pathlib import Path

from accountools.clock import Clock, system_clock
from accountools.domain.codes.code import Weight
from accountools.domain.errors import Refused
from accountools.domain.obstacle import Obstacle, obstacle
from accountools.operations.maintenance.repair import finish_interrupted
from accountools.operations.register.file_replacement import finish_replacements
from accountools.operations.session import Office, Session
from accountools.operations.workdir import left_to_others
from accountools.storage.engines import engine_at
from accountools.storage.register import licences
from accountools.storage.sqlite.office_files import TRUST


def open_office(place: Path | str, clock: Clock | None = None) -> Office:
    """Open the office in the folder `place`, or on the server that it is the URL of.

    Raises `office-not-found`, `office-newer`, `office-damaged`; of a URL also `database-away`, `url-invalid`, `package-missing`.
    """
    engine = engine_at(place)
    engine.open()
    office = Office(engine, clock or system_clock())
    try:
        finish_replacements(office)
    except Refused as error:
        if error.code != "office-moved":  # where nothing is changed any more
            raise
    with left_to_others():
        finish_interrupted(office)
    office.recorded.clear()
    return office


def is_moved(office: Office) -> bool:
    """Whether the office goes on elsewhere."""
    with office.session() as session:
        return session.moved_to is not None


def check_open_office(session: Session) -> list[Obstacle]:
    """What whoever opens an office shows: that it was moved, and what `check_recorded_trust` finds."""
    place = session.moved_to
    moved = [] if place is None else [obstacle("office-moved", path=place).with_weight(Weight.INFORMS)]
    return [*moved, *check_recorded_trust(session)]


def check_recorded_trust(session: Session) -> list[Obstacle]:
    """Where the file of issuers or a revocation list is not the one that the journal says: `register-differs`.

    What counts meanwhile is what both say of issuers, and what either says of revocations.
    """
    recorded, found = session.recorded_trust, []
    if recorded.trust is not None and hashlib.sha256(session.office.engine.read_trust(session.connection)).hexdigest() != recorded.trust:
        found.append(TRUST)
    tokens = licences.list_all_revocation_tokens(session.connection)
    held = {key_id: licences.token_sha256(token) for key_id, token in tokens.items()}
    expected = {key_id: one.sha256 for key_id, one in recorded.lists.items()}
    found += [f"revocations {key_id}" for key_id in sorted(held.keys() | expected.keys()) if held.get(key_id) != expected.get(key_id)]
    return [obstacle("register-differs", what=what) for what in found]
