"""Reading one licence file without an office."""

from pathlib import Path

from accountools.domain.errors import Refused, refuse_obstacles
from accountools.domain.licence import Licence
from accountools.formats import licence_file
from accountools.formats.trust_file import keys_by_name, read_trust


def read_licence(path: Path | str, trust: Path | str) -> Licence:
    """The licence in the file at `path`, verified by an issuer of the JWKS at `trust`; whether it holds today is its `status`.

    Raises `file-not-found`, `trust-invalid`, or the file's fault (docs/licence-file.md).
    """
    reading = licence_file.read_path(Path(path), keys_by_name(read_trust(Path(trust))))
    refuse_obstacles([reading.fault] if reading.fault else [])
    if reading.licence is None:  # a reading has a licence or a fault
        raise Refused("not-a-licence", path=path)
    return reading.licence
