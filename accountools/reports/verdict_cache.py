"""The audit's cache of verified licences, a file in the office's folder (`formats.licence_cache`). Only what is shown uses it.

Import, hand-over and restore verify anew: a forged cache could change a table, never release a backup.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from accountools import safe_files
from accountools.domain.errors import AccountoolsError, Refused
from accountools.formats.licence_cache import PURPOSE, LicenceCache
from accountools.operations.session import Office
from accountools.storage.sqlite.office_files import VERDICTS
from accountools.version import VERSION

FILE = VERDICTS
_LARGEST = 256 << 20


@contextmanager
def cached_verdicts(office: Office) -> Iterator[LicenceCache]:
    """The office's verdicts, to read its licences with; new ones are saved at the end if the folder is writable."""
    path = office.folder / FILE
    try:
        key = office.backup_key.derived(PURPOSE)
    except (AccountoolsError, OSError):  # without the key our own file can't be recognised: nothing is read or saved
        yield LicenceCache(VERSION)
        return
    try:
        verdicts = LicenceCache(VERSION, safe_files.read_whole(path, _LARGEST), key)
    except (Refused, OSError):
        verdicts = LicenceCache(VERSION, b"", key)
    yield verdicts
    if verdicts.changed:
        with suppress(OSError):
            safe_files.write_over(path, verdicts.content())
