"""The office's own backup: when the last one was made, and making one, encrypted to a key or with a passphrase."""

from html import escape

from accountools.domain.messages import N_
from accountools.domain.obstacle import Obstacle
from accountools.forms.files.results import FileLinks
from accountools.forms.kit import navigation, widgets
from accountools.forms.kit.descriptions import describe_office_backup, describe_size
from accountools.forms.kit.encryption_choice import EncryptionChoice, EncryptionView
from accountools.forms.kit.form import guarded
from accountools.forms.kit.jobs import JobView
from accountools.forms.kit.style import facts_table
from accountools.forms.parts.part import Condition, PartView, heading, state_line
from accountools.forms.screens.office.part import OfficePart
from accountools.operations.backups.groups import BackupOutcome
from accountools.operations.backups.register_backup import last_register_backup, plan_register_backup
from accountools.safe_files import has_file
from accountools.storage.register.backups import BackupRecord

OPTIONS = ("passphrase", "key")  # never plain: all the office's secrets are in it
EXPLANATIONS = {
    "passphrase": N_("Write the passphrase down and keep it in a safe place, not beside the file: without it nobody can open the backup."),
    "key": N_("Only someone with the key file can open it. Paste the line that begins with age1, or create a key under Keys."),
}


class OfficeBackup(OfficePart):
    """The part. `last` is the last backup of the office itself, `made` the one that was made just now."""

    name, title, action = navigation.OFFICE_BACKUP, N_("Backup of the office"), N_("Make backup of the office")

    def forget(self) -> None:
        """Begin with the usual choices."""
        self.choice = EncryptionChoice(self.office, OPTIONS)
        self.made: BackupRecord | None = None

    def load(self) -> None:
        """Read when the last one was made."""
        self.last = last_register_backup(self.office)

    @guarded
    def make(self, passphrase: str | None = None) -> bool:
        """Make it. The passphrase is not kept."""
        self.choice.compare(passphrase or "", passphrase or "")
        if not self.can_act():
            return False
        self.choice.compare("", "")
        self.made = None
        plan = plan_register_backup(self.office, self.choice.target(passphrase))
        return self.run_job(lambda report: plan.apply(self.office, report), self._note)

    def _note(self, outcome: BackupOutcome) -> None:
        self.form.reload()
        (self.made,) = outcome.made

    def missing(self) -> str:
        """Why none can be made yet."""
        return next(iter(self.choice.missing(self.texts)), "")

    def condition(self) -> Condition:
        """When the last one was made."""
        _, record = self.texts, self.last.record
        if record is None:
            return "attention", _("none made yet")
        return "attention" if self.last.is_due else "ready", _.iso_day(record.day)


class OfficeBackupView(PartView[OfficeBackup]):
    """What is shown of it. The passphrase's lines are emptied at once when they are used or left."""

    def __init__(self, part: OfficeBackup, callbacks: widgets.Callbacks) -> None:
        super().__init__(part, callbacks)
        _ = self.texts
        self.press_main = lambda: part.make(self._choices.pop_passphrase())
        self._last, self._result = widgets.html(), widgets.column()
        self._file = FileLinks(callbacks, part.office, _)
        self._shown: object = None
        self._working = JobView(part.form, callbacks, _("The backup is being made"))
        self._fields = widgets.column()
        self._build()
        explained = _("In it are the register, the keys and the trusted issuers. With it, and the backups of the administrations, a lost "
            "office is restored on another machine. Keep it somewhere else, on a USB stick, for instance.")  # fmt: skip
        self.widget = widgets.column(
            heading(_("Backup of the office"), explained),
            self._last,
            self._result,
            self._file.widget,
            self._fields,
            self._working.widget,
            kinds=("at-fields",),
        )

    def refresh(self) -> None:
        """Show what the part holds now."""
        part = self.part
        if self._choices.choice is not part.choice:
            self._build()
        self._choices.refresh()
        self._working.refresh()
        self._last.value = self._describe_last()
        if self._shown is not part.last:  # it is read anew when one was made
            self._shown = part.last
            self._file.show(part.last.record.path if part.last.record is not None else None)
            self._result.children = () if part.made is None else (self._describe_made(part.made),)

    def hide(self) -> None:
        """Empty the passphrase's lines."""
        self._choices.clear_passphrase()

    def place_for(self, one: Obstacle) -> widgets.Widget | None:
        """Beneath the choice that is wrong."""
        return self._choices.place_for(one)

    def _build(self) -> None:
        self._choices = EncryptionView(self.part.form, self.callbacks, self.part.choice, self.part.changed, EXPLANATIONS)
        widgets.show(self._choices.rehearse, visible=False)
        self._fields.children = (self._choices.widget,)

    def _describe_last(self) -> str:
        part, _, record = self.part, self.texts, self.part.last.record
        due = describe_office_backup(part.last, _)
        line = state_line("attention", due) if due else ""
        if record is None or record.path is None:
            return line
        gone = "" if has_file(record.path) else f" ({_('no longer present')})"
        facts = (
            (_("Last made on"), escape(_.iso_day(record.day))),
            (_("File"), f"<code>{escape(str(record.path))}</code>{escape(gone)}"),
        )
        return line + facts_table(facts)

    def _describe_made(self, made: BackupRecord) -> widgets.Widget:
        _ = self.texts
        name = made.path.name if made.path else "—"
        text = _("The backup of the office is made: {file}, {size}.", file=name, size=describe_size(made.bytes or 0, _))
        return widgets.panel("ready", _("done"), text, _("Copy it to another place, and keep what opens it apart from it."))
