"""The backup that a command reads, and what opens it: options and the files that they name."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from accountools.cli.context import only_one
from accountools.domain.errors import Refused

if TYPE_CHECKING:
    from accountools.formats.backup.reader import Unlock

Identity = Annotated[Path | None, typer.Option("--identity", help="The age key file that opens it.", metavar="F")]
PassphraseFile = Annotated[Path | None, typer.Option("--passphrase-file", help="A file whose first line is the passphrase.", metavar="F")]
File = Annotated[Path, typer.Argument(metavar="FILE")]
_LARGEST_KEY = 1 << 16


def unlock_of(identity: Path | None, passphrase_file: Path | None) -> "Unlock":
    """What opens a backup, from the files named on the command line. Raises `file-not-found`, `key-invalid`."""
    from accountools.formats.backup.reader import Unlock
    from accountools.formats.encryption import identity_of
    from accountools.safe_files import read_whole

    only_one(identity=identity, passphrase_file=passphrase_file)
    if identity is None:
        return Unlock(passphrase=passphrase_in(passphrase_file))
    try:
        return Unlock(identity=identity_of(read_whole(identity, _LARGEST_KEY).decode("utf-8-sig")))
    except ValueError as error:
        raise Refused("key-invalid", path=identity.name) from error


def passphrase_in(path: Path | None) -> str | None:
    """The first line of a passphrase file."""
    from accountools.safe_files import read_whole

    if path is None:
        return None
    try:
        words = read_whole(path, _LARGEST_KEY).decode("utf-8-sig").split("\n", 1)[0].rstrip("\r")
    except ValueError as error:
        raise Refused("key-invalid", path=path.name) from error
    if not words:
        raise Refused("key-invalid", path=path.name)
    return words
