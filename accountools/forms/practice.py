"""A form on a throw-away demonstration office, the same one on every machine: to see that the program works here."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from accountools.clock import system_clock
from accountools.forms.import_client_licence import ImportClientLicence
from accountools.operations.demonstrating import demonstrate

DAY, CLIENTS, LINES, SEED = date(2026, 11, 24), 3, 24, 1


@contextmanager
def practice() -> Iterator[ImportClientLicence]:
    """The form of *Importeren klantlicentie* on that office; nothing of it is left behind."""
    with TemporaryDirectory(prefix="accountools-", ignore_cleanup_errors=True) as folder:
        demo = demonstrate(Path(folder) / "office", system_clock(DAY), clients=CLIENTS, lines=LINES, seed=SEED)
        yield ImportClientLicence(demo.office)
