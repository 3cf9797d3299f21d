"""Options that several commands have, and reading the key or passphrase that they name."""

from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from accountools.cli.context import validate_exclusive
from accountools.cli.typer_texts import EMPTY_PATH, UNKNOWN_CODE
from accountools.domain.codes.table import CODES
from accountools.domain.errors import WrongUsage

if TYPE_CHECKING:
    from accountools.formats.backup.reader import Decryption

MOST_PROCESSES = 61  # what Windows can wait for
Identity = Annotated[Path | None, typer.Option("--identity", help="The age key file to decrypt with.", metavar="F")]
Confirm = Annotated[bool, typer.Option("--confirm", help="Apply the plan; without this option it is only shown.")]
PlanHash = Annotated[str | None, typer.Option("--plan", help="With --confirm: apply only if the plan still has this hash.", metavar="HASH")]
PassphraseFile = Annotated[Path | None, typer.Option("--passphrase-file", help="A file whose first line is the passphrase.", metavar="F")]


def parse_code(text: str) -> str:
    """The code of an obstacle. Raises BadParameter for what is none: misspelled it would accept nothing, in silence."""
    if text not in CODES:
        raise typer.BadParameter(UNKNOWN_CODE)
    return text


Accept = Annotated[
    list[Any] | None,
    typer.Option("--accept", parser=parse_code, help="Accept the obstacle with this code; repeat the option for more.", metavar="CODE"),
]


def parse_place(text: str) -> str:
    """A path or a URL. Raises BadParameter for an empty one: it would be the current folder."""
    if not text:
        raise typer.BadParameter(EMPTY_PATH)
    return text


def parse_workers(text: str) -> int | str:
    """How many workers here, or the address of a Dask scheduler. Raises BadParameter."""
    from urllib.parse import urlsplit

    with suppress(ValueError):
        address = urlsplit(text)
        if address.scheme in {"tcp", "tls"} and address.hostname and address.port and f"{address.scheme}://{address.netloc}" == text:
            return text
        if text.isascii() and text.isdecimal() and 1 <= int(text) <= MOST_PROCESSES:
            return int(text)
    raise typer.BadParameter(f"1 … {MOST_PROCESSES} | tcp://HOST:PORT")


Workers = Annotated[
    Any,
    typer.Option(
        "--workers",
        parser=parse_workers,
        help="How many files to process at once; default: one for each core, at most 4. Or the address of a Dask scheduler.",
        metavar="N|tcp://HOST:PORT",
    ),
]
File = Annotated[Path, typer.Argument(metavar="FILE")]


def read_decryption(identity: Path | None, passphrase_file: Path | None) -> "Decryption":
    """Read the key or passphrase named on the command line. Raises `file-not-found`, `key-invalid`."""
    from accountools.formats import key_files

    validate_exclusive(identity=identity, passphrase_file=passphrase_file)
    return key_files.read_decryption(identity, passphrase_file)


def read_passphrase(path: Path | None) -> str | None:
    """Read the first line of a passphrase file; None without a file. Raises `file-not-found`, `key-invalid`."""
    from accountools.formats import key_files

    return key_files.read_passphrase(path)


def parse_day(option: str, text: str) -> date:
    """A day of the command line. Raises `usage`."""
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 - a day has no zone
    except ValueError as error:
        raise WrongUsage("usage", what=f"{option}: YYYY-MM-DD") from error
