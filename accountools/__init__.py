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
    from accountools.formats.backup.reader import Decryption
    from accountools.office import Office
    from accountools.operations.backups.groups import BackupOutcome
    from accountools.operations.backups.make_backups import BackupPlan
    from accountools.operations.backups.target import BackupTarget
    from accountools.operations.books.charts import ChartImportPlan
    from accountools.operations.books.check_auditfile import AuditfileCheck, check_auditfile
    from accountools.operations.books.convert_auditfile import convert_auditfile
    from accountools.operations.books.export_auditfile import WrittenFile
    from accountools.operations.books.import_auditfile import AuditfileImportPlan
    from accountools.operations.books.import_entries import EntriesImportPlan
    from accountools.operations.licences.import_licence import ImportPlan
    from accountools.operations.licences.inbox import InboxOutcome, InboxPlan, PlannedFile
    from accountools.operations.licences.show import read_licence
    from accountools.operations.restores.inspect_folder import InspectedFile, Inspection, inspect
    from accountools.operations.restores.plan import RestorePlan
    from accountools.operations.restores.verify import Verification, verify
    from accountools.reports.audit import Audit, AuditRow
    from accountools.reports.books.books import Books
    from accountools.reports.books.entry_card import EntryCard
    from accountools.reports.books.findings import Findings
    from accountools.reports.books.ledger_card import LedgerCard
    from accountools.reports.books.open_items import OpenItems
    from accountools.reports.books.trial_balance import TrialBalance
    from accountools.reports.books.vat_return import VatReturn
    from accountools.reports.books.years import Years
    from accountools.reports.dossier import Dossier, HandOver

_PLACES = {
    "accountools.domain.administration": ("Administration", "Client", "User"),
    "accountools.domain.errors": ("AccountoolsError", "MachineFailed", "Refused", "Unsound", "WrongUsage"),
    "accountools.domain.identifiers": ("AdministrationNumber", "KvkNumber", "Login"),
    "accountools.domain.licence": ("Licence", "UnverifiedLicence"),
    "accountools.domain.obstacle": ("Obstacle",),
    "accountools.formats.backup.reader": ("Decryption",),
    "accountools.reports.audit": ("Audit", "AuditRow"),
    "accountools.operations.books.check_auditfile": ("AuditfileCheck", "check_auditfile"),
    "accountools.operations.books.convert_auditfile": ("convert_auditfile",),
    "accountools.operations.books.export_auditfile": ("WrittenFile",),
    "accountools.operations.books.import_auditfile": ("AuditfileImportPlan",),
    "accountools.operations.books.import_entries": ("EntriesImportPlan",),
    "accountools.operations.backups.groups": ("BackupOutcome",),
    "accountools.operations.backups.make_backups": ("BackupPlan",),
    "accountools.operations.backups.target": ("BackupTarget",),
    "accountools.reports.books.books": ("Books",),
    "accountools.reports.books.entry_card": ("EntryCard",),
    "accountools.reports.books.findings": ("Findings",),
    "accountools.reports.books.ledger_card": ("LedgerCard",),
    "accountools.reports.books.open_items": ("OpenItems",),
    "accountools.reports.books.trial_balance": ("TrialBalance",),
    "accountools.reports.books.vat_return": ("VatReturn",),
    "accountools.reports.books.years": ("Years",),
    "accountools.reports.dossier": ("Dossier", "HandOver"),
    "accountools.operations.licences.import_licence": ("ImportPlan",),
    "accountools.operations.restores.inspect_folder": ("InspectedFile", "Inspection", "inspect"),
    "accountools.office": ("Office",),
    "accountools.operations.books.charts": ("ChartImportPlan",),
    "accountools.operations.licences.show": ("read_licence",),
    "accountools.operations.restores.plan": ("RestorePlan",),
    "accountools.operations.licences.inbox": ("InboxOutcome", "InboxPlan", "PlannedFile"),
    "accountools.operations.restores.verify": ("Verification", "verify"),
}
_PLACE_OF = {name: place for place, names in _PLACES.items() for name in names}

__all__ = [
    "AccountoolsError",
    "Administration",
    "AdministrationNumber",
    "Audit",
    "AuditRow",
    "AuditfileCheck",
    "AuditfileImportPlan",
    "BackupOutcome",
    "BackupPlan",
    "BackupTarget",
    "Books",
    "ChartImportPlan",
    "Client",
    "Decryption",
    "Dossier",
    "EntriesImportPlan",
    "EntryCard",
    "Findings",
    "HandOver",
    "ImportPlan",
    "InboxOutcome",
    "InboxPlan",
    "InspectedFile",
    "Inspection",
    "KvkNumber",
    "LedgerCard",
    "Licence",
    "Login",
    "MachineFailed",
    "Obstacle",
    "Office",
    "OpenItems",
    "PlannedFile",
    "Refused",
    "RestorePlan",
    "TrialBalance",
    "Unsound",
    "UnverifiedLicence",
    "User",
    "VatReturn",
    "Verification",
    "WrittenFile",
    "WrongUsage",
    "Years",
    "__version__",
    "check_auditfile",
    "convert_auditfile",
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
