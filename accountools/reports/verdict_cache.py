"""The verdicts on licences that the audit keeps in the office's folder (`formats.kept_verdicts`). Only what is looked at uses them.

Whoever acts (imports, hands over, restores) verifies anew: a forged verdict could then colour a table, not give a backup away.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from accountools import safe_files
from accountools.domain.errors import MachineFailed
from accountools.formats.verdicts import PURPOSE, KeptVerdicts
from accountools.operations.session import Office
from accountools.version import VERSION

FILE = "verdicts"


@contextmanager
def kept_verdicts(office: Office) -> Iterator[KeptVerdicts]:
    """The office's verdicts, for reading its licences; what is new is kept when this is left, where the folder can be written to."""
    path = office.folder / FILE
    try:
        key = office.backup_key.derived(PURPOSE)
    except (MachineFailed, OSError):  # there is nothing to tell our own file by, so none is read or kept; the audit needs neither
        yield KeptVerdicts(VERSION)
        return
    try:
        verdicts = KeptVerdicts(VERSION, path.read_bytes(), key)
    except OSError:
        verdicts = KeptVerdicts(VERSION, b"", key)
    yield verdicts
    if verdicts.changed:
        with suppress(OSError):
            safe_files.write_over(path, verdicts.content())
