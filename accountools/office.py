"""The public facade: an office that is open, with a method for each operation, in the words of the command line."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from accountools.clock import Clock
from accountools.domain.identifiers import AdministrationNumber, KvkNumber, parse_name, single_line
from accountools.formats.backup.reader import Decryption
from accountools.operations import session
from accountools.operations.plan import Plan

if TYPE_CHECKING:
    from accountools.domain.audit_file.findings import WrittenVersion
    from accountools.operations.backups.make_backups import BackupPlan
    from accountools.operations.backups.target import BackupTarget
    from accountools.operations.books.charts import ChartImportPlan
    from accountools.operations.books.export_auditfile import WrittenFile
    from accountools.operations.books.import_auditfile import AuditfileImportPlan
    from accountools.operations.books.import_entries import EntriesImportPlan
    from accountools.operations.licences.import_licence import ImportPlan
    from accountools.operations.licences.inbox import InboxPlan
    from accountools.operations.maintenance.distribute import DistributionPlan
    from accountools.operations.maintenance.move import MovePlan
    from accountools.operations.register.members import DismissPlan
    from accountools.operations.register.office_settings import OfficeView
    from accountools.operations.restores.plan import RestorePlan
    from accountools.operations.restores.restore_many import RestoreManyPlan
    from accountools.reports.audit import Audit
    from accountools.reports.books.books import Books
    from accountools.reports.dossier import Dossier
    from accountools.storage.register.members import Member


class Office(session.Office):
    """An office that is open. Make one with `Office.open`."""

    @classmethod
    def open(cls, place: Path | str, clock: Clock | None = None) -> Self:
        """Open the office in the folder `place`, or on the server that it is the URL of.

        Raises `office-not-found`, `office-newer`, `office-damaged`, `database-away`.
        """
        from accountools.operations.maintenance.open_office import open_office

        office = open_office(place, clock)
        return cls(office.engine, office.clock)

    def plan_import(
        self, path: Path | str, number: int, login: str, *, user_name: str | None = None, accept: Iterable[str] = ()
    ) -> "ImportPlan":
        """Plan the import of a client's licence: the seed's two fields, then *Volgende* (S11, S12, S13)."""
        from accountools.operations.licences.import_licence import plan_import

        return plan_import(self, Path(path), AdministrationNumber.parse(number), login, user_name=user_name, accept=accept)

    def plan_undo_import(self, number: int) -> Plan:
        """Plan undoing the last import of a client's licence into an administration: the licence before it comes back."""
        from accountools.operations.licences.undo_import import plan_undo_import

        return plan_undo_import(self, AdministrationNumber.parse(number))

    def plan_client_change(self, kvk: str, *, name: str | None = None, new_kvk: str | None = None, city: str | None = None) -> Plan:
        """Plan giving the client with this KvK number another name, KvK number or city; what is None stays."""
        from accountools.operations.register.clients import plan_client_change

        number = None if new_kvk is None else KvkNumber.parse(new_kvk)
        new_name, new_city = None if name is None else parse_name(name), None if city is None else single_line(city)
        return plan_client_change(self, KvkNumber.parse(kvk), name=new_name, new_kvk=number, city=new_city)

    def plan_chart_import(self, chart: Path | str, number: int) -> "ChartImportPlan":
        """Plan adding the accounts of a chart to an administration, and changing those that it has; none is removed.

        `chart` is a file (CSV or a workbook) or the name of a standard chart. Raises `chart-invalid`.
        """
        from accountools.formats.spreadsheets.charts import read_chart
        from accountools.operations.books.charts import plan_chart_import

        return plan_chart_import(self, AdministrationNumber.parse(number), read_chart(chart))

    def plan_inbox(self, folder: Path | str | None = None) -> "InboxPlan":
        """Plan importing the licence files in a folder, by default the office's inbox; each into its client's administration."""
        from accountools.operations.licences.inbox import plan_inbox

        return plan_inbox(self, None if folder is None else Path(folder))

    def plan_auditfile_import(
        self, paths: Path | str | Sequence[Path | str], number: int, *, replace: bool = False, accept: Iterable[str] = ()
    ) -> "AuditfileImportPlan":
        """Plan importing an audit file into the books of an administration; several paths are the parts of one set."""
        from accountools.operations.books.import_auditfile import plan_auditfile_import

        parts = [paths] if isinstance(paths, Path | str) else paths
        return plan_auditfile_import(self, [*map(Path, parts)], AdministrationNumber.parse(number), replace=replace, accept=accept)

    def plan_entries_import(self, path: Path | str, number: int) -> "EntriesImportPlan":
        """Plan posting the entries in a CSV file or a workbook. Raises `entries-invalid`, `entry-unbalanced` with all that is wrong."""
        from accountools.operations.books.import_entries import plan_entries_import

        return plan_entries_import(self, Path(path), AdministrationNumber.parse(number))

    def export_auditfile(
        self, number: int, path: Path | str, *, version: "WrittenVersion" = "4.0", year: str | None = None
    ) -> "WrittenFile":
        """Write a year of the books of an administration (by default the latest) to a new audit file."""
        from accountools.operations.books.export_auditfile import export_auditfile

        return export_auditfile(self, AdministrationNumber.parse(number), Path(path), version=version, year=year)

    def plan_backup(
        self, numbers: Iterable[int], target: "BackupTarget | None" = None, purpose: str | None = None, *, rehearse: bool = False
    ) -> "BackupPlan":
        """Plan backups of administrations (S9, S10); with `rehearse` each is restored aside before it counts."""
        from accountools.operations.backups.plan import plan_backup
        from accountools.operations.backups.target import BackupTarget
        from accountools.operations.restores.rehearse import rehearse_new

        wanted = [AdministrationNumber.parse(n) for n in numbers]
        return plan_backup(self, wanted, target or BackupTarget(), purpose, rehearse=rehearse_new if rehearse else None)

    def plan_all_ready(self, target: "BackupTarget | None" = None, purpose: str | None = None, *, rehearse: bool = False) -> "BackupPlan":
        """Plan backups of all that are ready for it in the audit. Interrupted, it can be resumed (`plan_resume`)."""
        from accountools.operations.backups.plan import plan_all_ready
        from accountools.operations.backups.target import BackupTarget
        from accountools.operations.restores.rehearse import rehearse_new

        return plan_all_ready(self, target or BackupTarget(), purpose, rehearse=rehearse_new if rehearse else None)

    def plan_resume(self, passphrase: str | None = None) -> "BackupPlan | None":
        """Plan the rest of the last batch that was interrupted, with the same choices; None when none was.

        Raises `key-needed` when it was encrypted by a passphrase and none is given, `office-busy` while it is being made.
        """
        from accountools.operations.backups.plan import plan_resume
        from accountools.operations.restores.rehearse import rehearse_new

        return plan_resume(self, passphrase, rehearse=rehearse_new)

    def discard_batch(self) -> None:
        """Make nothing more of the last batch that was interrupted; what was made of it stays."""
        from accountools.operations.backups.batch import discard_batch

        discard_batch(self)

    def plan_restore(
        self,
        path: Path | str,
        unlock: Decryption | None = None,
        *,
        signer: str | None = None,
        accept: Iterable[str] = (),
        replace: bool = False,
    ) -> "RestorePlan":
        """Plan the restoring of an administration from a backup (S16)."""
        from accountools.operations.restores.plan import RestoreChoices, plan_restore
        from accountools.operations.restores.restore import RESTORE

        return plan_restore(self, RESTORE, RestoreChoices(Path(path), unlock or Decryption(), signer, frozenset(accept), replace))

    def plan_restore_many(
        self,
        source: Path | str | Sequence[Path | str],
        unlock: Decryption | None = None,
        *,
        signer: str | None = None,
        accept: Iterable[str] = (),
        replace: bool = False,
    ) -> "RestoreManyPlan":
        """Plan restoring the newest backup of each administration in a folder, or among these files (S16)."""
        from accountools.operations.restores.plan import RestoreChoices
        from accountools.operations.restores.restore_many import plan_restore_many

        backups = Path(source) if isinstance(source, Path | str) else [*map(Path, source)]
        return plan_restore_many(self, backups, RestoreChoices(Path(), unlock or Decryption(), signer, frozenset(accept), replace))

    def plan_move(self, to: Path | str) -> "MovePlan":
        """Plan moving the office to a folder, or to the database of a URL; applied, it gives the office there."""
        from accountools.operations.maintenance.move import plan_move

        return plan_move(self, to)

    def plan_distribution(self) -> "DistributionPlan":
        """Plan spreading the books over the machines of a cluster."""
        from accountools.operations.maintenance.distribute import plan_distribution

        return plan_distribution(self)

    def show(self) -> "OfficeView":
        """Where the office is, in what, its folders, its members, and how much there is in it."""
        from accountools.operations.register.office_settings import show_office

        return show_office(self)

    def set_folders(self, *, backups: Path | str | None = None, inbox: Path | str | None = None) -> None:
        """Name the folder of the backups, of the inbox, or both. Raises `file-not-found`, `file-exists`."""
        from accountools.operations.register.office_settings import name_folders

        name_folders(self, backups=None if backups is None else Path(backups), inbox=None if inbox is None else Path(inbox))

    def list_members(self) -> "tuple[Member, ...]":
        """Who may make backups: to whose own age keys the backup key is sealed."""
        from accountools.operations.register.members import list_members

        return list_members(self)

    def admit(self, name: str, recipient: str) -> "Member":
        """Admit a member, by their public age key. Raises `member-exists`, `member-not-found`, `recipient-invalid`, `name-missing`."""
        from accountools.operations.register.members import admit

        return admit(self, name, recipient)

    def plan_dismiss(self, name: str) -> "DismissPlan":
        """Plan dismissing a member; applied, it gives the thumbprint of the new backup key. Raises `member-not-found`."""
        from accountools.operations.register.members import plan_dismiss

        return plan_dismiss(self, name)

    def books(self, number: int) -> "Books":
        """The books of an administration, and the reports of them."""
        from accountools.reports.books.books import Books

        return Books(self, AdministrationNumber.parse(number))

    def audit(self) -> "Audit":
        """Which clients have their licence imported, which don't, and why."""
        from accountools.reports.audit import audit

        return audit(self)

    def dossier(self, number: int) -> "Dossier":
        """What was handed over of an administration, with the proof of it: to be filed."""
        from accountools.reports.dossier import dossier

        return dossier(self, AdministrationNumber.parse(number))

    def apply(self, plan: Plan) -> Any:
        """Do what a plan says: the seed's *Klaar*. Raises the first obstacle in its way, and `changed-meanwhile`."""
        return plan.apply(self)
