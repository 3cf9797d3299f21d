"""The field *Licentiebestand* of the forms that read a licence: the inbox to choose from, and what the chosen file says.

And undoing an import, which asks first.
"""

from collections.abc import Callable, Iterable
from html import escape
from pathlib import Path

from accountools.domain.administration import Client
from accountools.domain.errors import Refused
from accountools.domain.identifiers import AdministrationNumber
from accountools.domain.obstacle import Obstacle
from accountools.formats.mail.attachments import LARGEST
from accountools.forms.kit import widgets
from accountools.forms.kit.descriptions import KINDS, STATUS_STATES
from accountools.forms.kit.file_chooser import FileChooser, Option
from accountools.forms.kit.form import Form
from accountools.forms.kit.jobs import JobForm, JobView
from accountools.forms.kit.style import state_html
from accountools.forms.kit.upload import Upload
from accountools.operations.licences.inbox_files import InboxFile, inbox_of, list_inbox
from accountools.operations.licences.show import LicenceView, show_licence
from accountools.operations.licences.undo_import import UndoImportPlan, plan_undo_import
from accountools.operations.session import Office
from accountools.reports.icons import ICONS
from accountools.reports.licence_texts import STATUSES
from accountools.texts import Texts

_SPACED = "&ensp;·&ensp;"


class LicenceFileChooser(FileChooser):
    """The field *Licentiebestand*: in the inbox the files that fit `client` come first, called `fits`; `upload` gets a name and bytes.

    The files in the inbox are all read before they are listed: that is a job of the form, which is seen at work and can be stopped.
    """

    def __init__(
        self,
        callbacks: widgets.Callbacks,
        form: JobForm,
        client: Callable[[], Client | None],
        choose: Callable[[Path | str], object],
        upload: Callable[[str, bytes], object],
        *,
        fits: str,
        placeholder: str,
    ) -> None:
        self._form, self._client, self._fits, self._reading, _ = form, client, fits, False, form.texts
        self._working = JobView(form, callbacks, _("The files in the inbox are being read"), files=True)
        super().__init__(callbacks, _, _("Licence file"), _("Look up the licence file"), choose, ((_("Inbox"), inbox_of(form.office)),),
            start=lambda: inbox_of(form.office), again=True, placeholder=placeholder)  # fmt: skip
        received = Upload(largest=LARGEST)

        def receive(path: Path) -> None:
            upload(path.name, path.read_bytes())
            received.drop()

        self.add_upload(callbacks, received, receive)
        self.widget.children = (*self.widget.children, self._working.widget)

    def show(self, value: str, note: str) -> None:
        """Show what is chosen, and how far the reading of the inbox is."""
        super().show(value, note)
        self._working.refresh()

    def close(self) -> None:
        """Close the list, and read no further."""
        super().close()
        self._read_no_further()

    def list_options(self, typed: str = "") -> None:
        """Fill the list with what is in the folder; of the inbox with what each file is, those that fit first."""
        form = self._form
        self._read_no_further()
        super().list_options(typed)
        if self.folder == inbox_of(form.office):
            self._reading, client = True, self._client()
            widgets.show(self._nothing, visible=False)
            form.run_job("", lambda: list_inbox(form.office, client, form.progress_hook()), self._show_inbox, harmless=True)

    def search_folder(self) -> Iterable[Option]:
        """What is in the folder; of the inbox nothing as long as its files aren't read."""
        return () if self.folder == inbox_of(self._form.office) else super().search_folder()

    def _read_no_further(self) -> None:
        if self._reading and self._form.abandon():
            self._reading = False
            self._form.changed()

    def _show_inbox(self, found: tuple[InboxFile, ...]) -> None:
        self._reading = False
        self.show_options((self._describe(one), one.path) for one in found)

    def _describe(self, one: InboxFile) -> str:
        _, licence = self._texts, one.view.licence
        if one.view.verdict is not None:
            return f"{ICONS['blocked']} {one.path.name} — {_.sentence(one.view.verdict)}"
        icon, word = (ICONS["ready"], self._fits) if one.fits else (ICONS["missing"], _("of another client"))
        return f"{icon} {f'{licence.number} {licence.licensee.name}' if licence else ''} ({word}) — {one.path.name}"


def read_licence_file(office: Office, file: Path | None) -> LicenceView | None:
    """What the chosen file says, or why it won't do; None when no file is chosen."""
    if file is None:
        return None
    try:
        return show_licence(office, file)
    except Refused as error:  # shown beside the field
        return LicenceView(None, error.reason)


def missing_licence_file(showing: LicenceView | None, _: Texts) -> tuple[str, ...]:
    """What is still to be done about the file, as text."""
    if showing is None:
        return (_("Choose a licence file first"),)
    return () if showing.verdict is None else (_("This licence file can't be used; choose another one"),)


def describe_licence_file(form: Form, showing: LicenceView | None, against: Obstacle | None = None) -> str:
    """What the chosen file says, in a line of HTML; and what there is `against` it here, if anything."""
    _ = form.texts
    if showing is not None and showing.verdict is not None:
        return f"<p>{state_html('blocked', _('not usable'))}&ensp;{escape(form.describe(showing.verdict))}</p>"
    if showing is None or showing.licence is None:
        return ""
    licence, status = showing.licence, showing.licence.status(form.today)
    kind = _("kind of licence: {kind}", kind=_(KINDS[licence.kind]))
    until = _("until {day}", day=_.day(licence.valid_until))
    kvk = f'<span class="at-whole">KvK {escape(licence.licensee.kvk)}</span>'
    whose = (*map(escape, (kind, licence.number, licence.licensee.name)), kvk)
    if against is not None:
        state, word = ("blocked", _("blocked")) if against.blocking else ("attention", _("attention"))
        return f"<p>{_SPACED.join((state_html(state, word), *whose))}</p><p>{escape(form.describe(against))}</p>"
    return f"<p>{state_html(STATUS_STATES[status], _(STATUSES[status]))} {_SPACED.join((escape(until), *whose))}</p>"


def confirmed_panel(accepted: Iterable[Obstacle], _: Texts, whose: str = "") -> widgets.Widget:
    """What was confirmed at an import, said again when the backup is made."""
    what = " ".join(map(_.sentence, accepted))
    return widgets.panel(
        "attention", _("attention"), whose + _("Confirmed at the import: {what}", what=what), _("It is in the letter too.")
    )


class ImportUndo:
    """Undoing the last import into an administration: `plan` is what would be done and waits for a confirmation, `done` what was done."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self.plan: UndoImportPlan | None = None
        self.done: UndoImportPlan | None = None

    def ask(self, number: AdministrationNumber) -> None:
        """Plan it. Raises `no-licence` where there is none to undo."""
        self.plan, self.done = plan_undo_import(self._office, number), None

    def decline(self) -> None:
        """Don't."""
        self.plan = None

    def confirm(self) -> bool:
        """Do it, by the plan that was shown; a second press does nothing. Raises `changed-meanwhile`."""
        plan, self.plan = self.plan, None
        if plan is None:
            return False
        self.done = plan.apply(self._office)
        return True

    def describe(self, _: Texts) -> str:
        """What was done, in a sentence; empty when nothing was."""
        plan = self.done
        return "" if plan is None else _("The import of licence {licence} is undone.", licence=plan.undone) + " " + _after_undoing(plan, _)


def _after_undoing(plan: UndoImportPlan, _: Texts) -> str:
    if plan.before_number is None:
        return _("Administration {number} has no client licence any more.", number=plan.number)
    return _("Administration {number} is under licence {licence} again.", number=plan.number, licence=plan.before_number)


def undo_panel(
    plan: UndoImportPlan, callbacks: widgets.Callbacks, confirm: Callable[[], object], decline: Callable[[], object], _: Texts
) -> widgets.Widget:
    """What undoing an import would do, and whether to do it."""
    asked = _("Undo the import of licence {licence} into administration {number}?", licence=plan.undone, number=plan.number)
    back = _("No client licence comes back: it was the first.")
    if plan.before_number is not None:
        back = _("Licence {licence} comes back, as it was before.", licence=plan.before_number)
    stays = _("The user who got access stays, and the journal keeps both events.")
    if plan.last_handover is not None:
        stays += " " + _("A backup for the client was made on {day} already: that is not undone.", day=_.iso_day(plan.last_handover))
    if plan.obstacles:
        why = " ".join(map(_.sentence, plan.obstacles))
        back += " " + _("No backup can be made for the client then: {why}", why=why)
    yes = callbacks.press(widgets.button(_("Yes, undo the import"), "at-small"), confirm)
    no = callbacks.press(widgets.button(_("No, leave it"), "at-small"), decline)
    return widgets.panel("attention", _("Are you sure?"), asked, f"{back} {stays}", widgets.row(yes, no, kinds=("at-row",)))
