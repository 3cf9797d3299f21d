"""Where an office on PostgreSQL is: a URL as libpq takes it, and a folder for its files.

`postgresql://USER@HOST/DATABASE?folder=/srv/office&sslmode=verify-full`: all but `folder` is libpq's. A password is never in it: libpq
takes that from `~/.pgpass` or a service file, so that it is in no history of commands, list of processes or message.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import unquote, urlsplit

from accountools.domain.errors import Refused
from accountools.safe_files import absolute

_URL = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_SCHEMES = {"postgresql", "postgres"}
_SECRET = {"password", "sslpassword"}
_FOLDER = "folder"


def is_url(place: object) -> bool:
    """Whether a place of an office is a URL, if only of another kind of server, rather than a folder."""
    return isinstance(place, str) and _URL.match(place) is not None


def absolute_place(place: Path | str) -> Path | str:
    """The place of an office as it is named from any working folder."""
    return place if is_url(place) else absolute(place)


def folder_of(place: Path | str) -> Path:
    """The folder of the files of the office at `place`. Raises `url-invalid`."""
    return Address.parse(str(place)).folder if is_url(place) else Path(place)


@dataclass(frozen=True)
class Address:
    """`url` as it was given, `conninfo` what libpq gets of it, `folder` that of the office's files."""

    url: str
    conninfo: str
    folder: Path

    @classmethod
    def parse(cls, url: str) -> Self:
        """Read a URL. Raises `url-invalid`, which doesn't repeat it: there may be a password in it."""
        try:
            parts = urlsplit(url)
        except ValueError as error:
            raise Refused("url-invalid") from error
        options = [(option, *map(unquote, option.partition("="))) for option in parts.query.split("&")] if parts.query else []
        secret = parts.netloc.rpartition("@")[0].partition(":")[2] or any(name in _SECRET for _, name, *_ in options)
        if parts.scheme not in _SCHEMES or parts.fragment or secret or not all(equals for *_, equals, _ in options):
            raise Refused("url-invalid")
        own = "&".join(option for option, name, *_ in options if name != _FOLDER)  # as it is: to libpq a plus sign is no blank
        conninfo = f"postgresql://{parts.netloc}{parts.path}" + (f"?{own}" if own else "")
        folders = [value for _, name, _, value in options if name == _FOLDER and value]
        return cls(url, conninfo, absolute(folders[-1]) if folders else _default_folder(conninfo))


def _default_folder(conninfo: str) -> Path:
    """In the user's data folder, by a name that says which database it is."""
    import platformdirs

    name = re.sub(r"[^A-Za-z0-9.]+", "-", conninfo.partition("://")[2]).strip("-") or "postgresql"
    return Path(platformdirs.user_data_dir("accountools", appauthor=False)) / "servers" / name
