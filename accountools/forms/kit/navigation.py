"""The menu of S8 and S9, the address of each of its screens, and what one screen asks of the next by the query of that address.

A screen is a notebook, in JupyterLab or as a page. `?administration=7&show=inbox` after its address says what it is to begin with.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import anywidget
import traitlets

from accountools import resources
from accountools.domain.messages import N_
from accountools.forms.kit.style import STATIC
from accountools.server_address import address_on_server
from accountools.texts import Texts

PAGES = "ACCOUNTOOLS_PAGES"
HOME, IMPORT, LICENCES, MAKE, RESTORE, ADMINISTRATIONS, USERS, AUDIT = "00", "01", "02", "03", "04", "05", "06", "07"
BOOKS, OFFICE, BACKUPS = "08", "09", "10"
INBOX, OWN_LICENCE = "inbox", "own-licence"  # what `show` may ask of the licences and of the menu
NEVER_REHEARSED = "never-rehearsed"  # of the audit and of the backups
ISSUERS, REVOCATIONS, OFFICE_BACKUP = "issuers", "revocations", "backup"  # of the office, as those below
KEYS, MEMBERS, FOLDERS, JOURNAL, REPAIR, MOVE = "keys", "members", "folders", "journal", "repair", "move"
_LONGEST = 64


@dataclass(frozen=True)
class Item:
    """An item of the menu: its name (a key of the catalogues) and the number of its notebook."""

    name: str
    notebook: str


@dataclass(frozen=True)
class Request:
    """What another screen asks this one to begin with: an administration, or one of the things that it can show."""

    administration: int | None = None
    show: str = ""


_MAKE, _RESTORE = Item(N_("Make backup"), MAKE), Item(N_("Restore backup"), RESTORE)
_USERS, _BOOKS = Item(N_("Users"), USERS), Item(N_("Bookkeeping"), BOOKS)
MENU = {
    N_("Administrations"): (
        Item(N_("Import client licence"), IMPORT),
        _MAKE,
        _RESTORE,
        Item(N_("Create or copy"), ADMINISTRATIONS),
        _USERS,
        _BOOKS,
    ),
    N_("Audit"): (Item(N_("Licences"), LICENCES), Item(N_("Office overview"), AUDIT), Item(N_("Manage backups"), BACKUPS)),
}
CLIENT_MENU = {  # in a client's own office: nothing is imported or handed over there
    N_("Administrations"): (Item(N_("Restore the backup from your accountant"), RESTORE), _MAKE, _USERS, _BOOKS),
    N_("Audit"): (Item(N_("Office overview"), AUDIT), Item(N_("Manage backups"), BACKUPS)),
}
_OFFICE = Item(N_("Office"), OFFICE)
SYSTEM = (_MAKE, _RESTORE, _OFFICE)
RESTORE_PATH = (N_("Settings"), N_("System"), _RESTORE.name)  # where everybody finds it, an accountant and a client
ITEMS = {item.notebook: item for items in MENU.values() for item in items} | {HOME: Item(N_("Own licence"), HOME), OFFICE: _OFFICE}


def menu(*, accountants: bool) -> dict[str, tuple[Item, ...]]:
    """The menu of an accountant's office, or of a client's own."""
    return MENU if accountants else CLIENT_MENU


def restore_path(_: Texts) -> str:
    """The menu path by which a backup is restored, as it is written in a letter."""
    return " ▸ ".join(_(part) for part in RESTORE_PATH)


def as_pages() -> bool:
    """Whether the notebooks are served as pages, rather than in JupyterLab."""
    return os.environ.get(PAGES) == "1"


def address(notebook: str, *, administration: int | None = None, show: str = "") -> str:
    """The address of the notebook with this number, relative to another one; empty when there is no such notebook."""
    name = _file_of(notebook)
    asked = {key: value for key, value in (("administration", int(administration or 0)), ("show", show)) if value}
    query = f"?{urlencode(asked)}" if asked else ""
    return f"{address_on_server('/voila/render/') if as_pages() else ''}{name}{query}" if name else ""


def parse_request(address: str, notebook: str) -> Request:
    """What the query of an address asks; nothing when that is the address of another notebook."""
    parts = urlsplit(address)
    if not parts.path.rsplit("/", 1)[-1].startswith(f"{notebook}_"):
        return Request()
    query = {name: values[-1] for name, values in parse_qs(parts.query).items() if len(values[-1]) <= _LONGEST}
    number = query.get("administration", "")
    return Request(int(number) if number.isascii() and number.isdecimal() else None, query.get("show", ""))


class PageAddress(anywidget.AnyWidget):
    """Reports the addresses of the page that shows it, as soon as that page listens: `ready` takes what they ask of `notebook`."""

    _esm = (STATIC / "address.js").read_text("utf-8")
    file = traitlets.Unicode().tag(sync=True)

    def __init__(self, notebook: str, ready: Callable[[Request], object]) -> None:
        super().__init__(file=_file_of(notebook))
        self._notebook, self._ready = notebook, ready
        self.on_msg(self._receive)

    def _receive(self, _: Any, content: Any, __: Any) -> None:
        if isinstance(content, dict) and content.get("ready") and isinstance(content.get("addresses"), list):
            requests = (parse_request(str(one), self._notebook) for one in content["addresses"])
            self._ready(next((request for request in requests if request != Request()), Request()))


@cache
def _file_of(notebook: str) -> str:
    return next((found.name for found in sorted(resources.notebooks().glob(f"{notebook}_*.ipynb"))), "")
