"""accountools: import a client's licence, hand over the right backup, see who is still without.

    import accountools as at

    office = at.Office.open("kantoor")
    office.audit().frame()

The public names are those of `__all__`; each is imported when it is first used, so that the program starts at once.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from accountools.version import VERSION as __version__

if TYPE_CHECKING:
    from accountools.domain.administration import Administration, Client, User
    from accountools.domain.errors import AccountoolsError, MachineFailed, Refused, Unsound, WrongUsage
    from accountools.domain.identifiers import AdministrationNumber, KvkNumber, Login
    from accountools.domain.licence import Licence, UnverifiedLicence
    from accountools.domain.obstacle import Obstacle
    from accountools.formats.backup_file import Unlock
    from accountools.operations.auditing import Audit, AuditRow
    from accountools.operations.backing_up import BackupOutcome
    from accountools.operations.destination import Destination
    from accountools.operations.dossiers import Dossier, HandOver
    from accountools.operations.importing import ImportPlan
    from accountools.operations.inspecting import InspectedFile, Inspection, inspect
    from accountools.operations.office import Office
    from accountools.operations.planning_backups import BackupPlan
    from accountools.operations.reading import read_licence
    from accountools.operations.restoring import RestorePlan
    from accountools.operations.taking_in import InboxOutcome, InboxPlan, WaitingFile
    from accountools.operations.verifying import Verification, verify

_PLACES = {
    "accountools.domain.administration": ("Administration", "Client", "User"),
    "accountools.domain.errors": ("AccountoolsError", "MachineFailed", "Refused", "Unsound", "WrongUsage"),
    "accountools.domain.identifiers": ("AdministrationNumber", "KvkNumber", "Login"),
    "accountools.domain.licence": ("Licence", "UnverifiedLicence"),
    "accountools.domain.obstacle": ("Obstacle",),
    "accountools.formats.backup_file": ("Unlock",),
    "accountools.operations.auditing": ("Audit", "AuditRow"),
    "accountools.operations.backing_up": ("BackupOutcome",),
    "accountools.operations.destination": ("Destination",),
    "accountools.operations.dossiers": ("Dossier", "HandOver"),
    "accountools.operations.importing": ("ImportPlan",),
    "accountools.operations.inspecting": ("InspectedFile", "Inspection", "inspect"),
    "accountools.operations.office": ("Office",),
    "accountools.operations.planning_backups": ("BackupPlan",),
    "accountools.operations.reading": ("read_licence",),
    "accountools.operations.restoring": ("RestorePlan",),
    "accountools.operations.taking_in": ("InboxOutcome", "InboxPlan", "WaitingFile"),
    "accountools.operations.verifying": ("Verification", "verify"),
}
_PLACE_OF = {name: place for place, names in _PLACES.items() for name in names}

__all__ = [
    "AccountoolsError",
    "Administration",
    "AdministrationNumber",
    "Audit",
    "AuditRow",
    "BackupOutcome",
    "BackupPlan",
    "Client",
    "Destination",
    "Dossier",
    "HandOver",
    "ImportPlan",
    "InboxOutcome",
    "InboxPlan",
    "InspectedFile",
    "Inspection",
    "KvkNumber",
    "Licence",
    "Login",
    "MachineFailed",
    "Obstacle",
    "Office",
    "Refused",
    "RestorePlan",
    "Unlock",
    "Unsound",
    "UnverifiedLicence",
    "User",
    "Verification",
    "WaitingFile",
    "WrongUsage",
    "__version__",
    "inspect",
    "read_licence",
    "verify",
]


def __getattr__(name: str) -> Any:
    if name not in _PLACE_OF:
        raise AttributeError(f"module 'accountools' has no attribute {name!r}")
    return getattr(import_module(_PLACE_OF[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
