"""The menu of S8 and S9 by name, and where each of its items is: the notebook, in JupyterLab or as a page."""

import os
from dataclasses import dataclass
from functools import cache

from accountools import resources
from accountools.domain.codes import N_

PAGES = "ACCOUNTOOLS_PAGES"
HOME, IMPORT, LICENCES, MAKE, RESTORE, ADMINISTRATIONS, USERS, AUDIT = "00", "01", "02", "03", "04", "05", "06", "07"


@dataclass(frozen=True)
class Item:
    """An item of the menu: its name (a key of the catalogues) and the number of its notebook."""

    name: str
    notebook: str


_MAKE, _RESTORE = Item(N_("Make backup"), MAKE), Item(N_("Restore backup"), RESTORE)
MENU = {
    N_("Administrations"): (
        Item(N_("Import client licence"), IMPORT),
        _MAKE,
        _RESTORE,
        Item(N_("Create or copy"), ADMINISTRATIONS),
        Item(N_("Users"), USERS),
    ),
    N_("Audit"): (Item(N_("Licences"), LICENCES), Item(N_("Office overview"), AUDIT)),
}
SYSTEM = (_MAKE, _RESTORE)


def as_pages() -> bool:
    """Whether the notebooks are served as pages, rather than in JupyterLab."""
    return os.environ.get(PAGES) == "1"


def address(notebook: str) -> str:
    """Where the notebook with this number is, seen from another one; empty when there is no such notebook."""
    name = _file_of(notebook)
    return f"/voila/render/{name}" if name and as_pages() else name


@cache
def _file_of(notebook: str) -> str:
    return next((found.name for found in sorted(resources.notebooks().glob(f"{notebook}_*.ipynb"))), "")
