"""Opening an office: what an interruption left half done is finished first."""

from pathlib import Path

from accountools.clock import Clock, system_clock
from accountools.operations.maintenance.repair import finish_interrupted
from accountools.operations.session import Office
from accountools.safe_files import absolute
from accountools.storage.sqlite.engine import SqliteEngine


def open_office(place: Path | str, clock: Clock | None = None) -> Office:
    """Open the office in the folder `place`. Raises `office-not-found`, `office-newer`, `office-damaged`."""
    engine = SqliteEngine(absolute(place))
    engine.open()
    office = Office(engine, clock or system_clock())
    finish_interrupted(office)
    return office
