"""Where the office is, how much is in it, and its folders: of the backups, and of the licence files that came in."""

from html import escape
from pathlib import Path

from accountools.domain.messages import N_
from accountools.forms.kit import navigation, widgets
from accountools.forms.kit.file_chooser import FileChooser
from accountools.forms.kit.form import guarded, parse_path
from accountools.forms.kit.style import facts_table
from accountools.forms.parts.part import Condition, PartView, heading
from accountools.forms.screens.office.part import OfficePart
from accountools.operations.register.office_settings import name_folders, show_office
from accountools.safe_files import has_folder


class Folders(OfficePart):
    """The part. `backups` and `inbox` are those that were chosen, `named` whether they are in use since."""

    name, title, action = navigation.FOLDERS, N_("Folders"), N_("Use these folders")

    def forget(self) -> None:
        """Begin with those that are in use."""
        self.backups: Path | None = None
        self.inbox: Path | None = None
        self.named = False

    def load(self) -> None:
        """Read what the office is."""
        self.view = show_office(self.office)

    @guarded
    def choose_backups(self, folder: Path | str) -> None:
        """Choose where backups go."""
        self.backups, self.named = parse_path(str(folder)), False

    @guarded
    def choose_inbox(self, folder: Path | str) -> None:
        """Choose where licence files come in."""
        self.inbox, self.named = parse_path(str(folder)), False

    @guarded
    def use(self) -> bool:
        """Name the folders that were chosen. A second press does nothing."""
        if not self.can_act():
            return False
        name_folders(self.office, backups=self.backups, inbox=self.inbox)
        self.forget()
        self.form.reload()
        self.named = True
        return True

    def missing(self) -> str:
        """Why there is nothing to do."""
        chosen = {self.backups, self.inbox} - {None, self.view.backups, self.view.inbox}
        return "" if chosen else self.texts("Choose another folder first")

    def condition(self) -> Condition:
        """Whether backups have a folder to go to."""
        _, folder = self.texts, self.view.backups
        return ("ready", _("in order")) if has_folder(folder) else ("attention", _("the folder of the backups is missing"))


class FoldersView(PartView[Folders]):
    """What is shown of it."""

    def __init__(self, part: Folders, callbacks: widgets.Callbacks) -> None:
        super().__init__(part, callbacks)
        _ = self.texts
        self.press_main = part.use
        self._facts, self._done = widgets.html(), widgets.column()
        look_up = _("Look up the folder")
        self._backups = FileChooser(callbacks, _, _("Folder of the backups"), look_up, part.choose_backups, folders=True)
        self._inbox = FileChooser(callbacks, _, _("Folder of received licence files"), look_up, part.choose_inbox, folders=True)
        explained = _("Backups go there when no other folder is chosen. Everybody who works in this office uses the same folders.")
        self.files = (self._backups, self._inbox)
        widgets.show(self._inbox.widget, part.form.is_accountant_office)
        self.widget = widgets.column(
            heading(_("This office")),
            self._facts,
            heading(_("Choose other folders"), explained),
            self._backups.widget,
            self._inbox.widget,
            self._done,
            kinds=("at-fields",),
        )

    def refresh(self) -> None:
        """Show what the part holds now."""
        part, _, view = self.part, self.texts, self.part.view
        inbox = ((_("Folder of received licence files"), view.inbox),) if part.form.is_accountant_office else ()
        facts = (
            (_("Location"), view.place),
            (_("Folder of the backups"), view.backups),
            *inbox,
            (_("Administrations"), view.administrations),
            (_("Events in the journal"), view.events),
        )
        self._facts.value = facts_table([(name, escape(str(value))) for name, value in facts])
        self._backups.show(str(part.backups or view.backups), "")
        self._inbox.show(str(part.inbox or view.inbox), "")
        self._done.children = (widgets.panel("ready", _("done"), _("These folders are used from now on."), ""),) if part.named else ()

    def hide(self) -> None:
        """Close the lists of folders."""
        self._backups.close()
        self._inbox.close()
