"""Files in the office's folder that an event speaks of: replaced together with that event, or not at all."""

import hashlib

from accountools import safe_files
from accountools.formats.signatures import SigningKey
from accountools.operations.session import Office
from accountools.storage.register.recorded_trust import RecordedTrust
from accountools.storage.sqlite.office_files import BACKUP_KEY, FORMER, TRUST


def finish_replacements(office: Office) -> None:
    """Complete or undo replacements of files, by what the journal says."""
    for name in (TRUST, BACKUP_KEY):
        former = office.folder / (name + FORMER)
        if not former.is_file():
            continue
        with office.session(write=True) as session:  # whoever is replacing it has committed, or was interrupted
            if not former.is_file():
                continue
            if _is_recorded(name, former.read_bytes(), session.recorded_trust):
                safe_files.replace(former, office.folder / name)
            else:
                safe_files.discard(former)


def _is_recorded(name: str, data: bytes, recorded: RecordedTrust) -> bool:
    if name == TRUST:
        return hashlib.sha256(data).hexdigest() == recorded.trust
    try:
        return SigningKey.from_pem(data).public.thumbprint == recorded.key
    except ValueError:
        return False
