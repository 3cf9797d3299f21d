"""An audit file comes into the books: what it is, what was found in it, what would come in, and doing that."""

from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from accountools.domain.errors import AccountoolsError
from accountools.domain.identifiers import AdministrationNumber
from accountools.domain.messages import N_
from accountools.domain.obstacle import Obstacle
from accountools.forms.kit.form import guarded, parse_path, plan_state
from accountools.forms.kit.upload import Upload
from accountools.forms.kit.wizard import State
from accountools.forms.screens.books.part import IMPORT, BooksForm, BooksPart
from accountools.operations.backups.retention import list_backups
from accountools.operations.books.import_auditfile import AuditfileImportPlan, planned_auditfile_import
from accountools.operations.errors import translate_error
from accountools.operations.progress import Progress
from accountools.reports.books import vendor_page


@dataclass(frozen=True)
class Imported:
    """What was done: the plan as it was carried out, and the safekeeping backup of what it replaced."""

    plan: AuditfileImportPlan
    safety_copy: Path | None


class ImportPart(BooksPart):
    """The part. `paths` are the file, or the parts of a set; `plan` is what reading it gave, `error` why it can't be read.

    `planned` is that plan before anybody asked to replace a year, `done` what was imported last, `exported` what was found in the file, as
    it was saved last for the supplier of the package.
    """

    name, title, action = IMPORT, N_("Import an audit file"), N_("Finish")

    def __init__(self, form: BooksForm) -> None:
        self.upload = Upload(form.office, keeps=lambda: self.is_incomplete)
        self._held = ExitStack()
        super().__init__(form)

    def forget(self) -> None:
        """Begin with no file. What was uploaded and read goes."""
        self._drop()
        self._of: tuple[AdministrationNumber | None, int] | None = None  # whose books, and how often changed, it was read for
        self.paths: tuple[Path, ...] = ()
        self.done: Imported | None = None
        self.upload.drop()

    def _drop(self) -> None:
        self._held.close()
        self._held = ExitStack()
        self.plan: AuditfileImportPlan | None = None
        self.planned: AuditfileImportPlan | None = None
        self.error: Obstacle | None = None
        self.exported: Path | None = None

    @property
    def is_incomplete(self) -> bool:
        """Whether the file is a part of a set, of which others are still to be chosen."""
        return self.error is not None and self.error.code == "set-incomplete"

    def enter(self) -> None:
        """Read the file for the administration that is chosen now, unless it was: reading is abandoned when another part is opened."""
        read = self.plan is not None or self.error is not None
        if self.paths and self.done is None and not (read and self._of == (self.form.number, self.form.changes)):
            self._read()

    def retry(self) -> None:
        """Read the file again."""
        self._read()

    @guarded
    def choose(self, path: Path | str) -> bool:
        """Choose a file, or the next part of a set that isn't complete; it is read at once. Changes nothing."""
        chosen = parse_path(str(path))
        if chosen is None or not self.form.abandon():
            return False
        self.paths = tuple(dict.fromkeys((*self.paths, chosen))) if self.is_incomplete else (chosen,)
        self.done = None
        return self._read()

    @guarded
    def start_again(self) -> None:
        """Forget the parts that were chosen."""
        self.forget()

    def _read(self) -> bool:
        self._drop()
        number, paths = self.form.number, self.paths
        self._of = (number, self.form.changes)
        if number is None or not paths:
            return True

        def read(progress: Progress) -> tuple[ExitStack, AuditfileImportPlan | Obstacle]:
            held = ExitStack()
            try:
                plan = held.enter_context(planned_auditfile_import(self.office, paths, number, beside=True, progress=progress))
            except (AccountoolsError, OSError) as error:  # shown beside the field
                return held, translate_error(error).reason
            with ExitStack() as left:
                left.push(held)
                progress(0, 0)  # it may have been abandoned
                left.pop_all()
            return held, plan

        return self.run_job(read, self._note, harmless=True)

    def _note(self, read: tuple[ExitStack, AuditfileImportPlan | Obstacle]) -> None:
        self._held, found = read
        if isinstance(found, Obstacle):
            self.error = found
        else:
            self.plan = self.planned = found

    @guarded
    def replace_year(self, yes: bool = True) -> bool:
        """Replace the year that is there, or don't; a safekeeping backup is made first."""
        plan = self.plan
        if plan is None or not self.can_replace:
            return False
        self.plan = plan.replacing() if yes else self.planned
        return True

    @guarded
    def export(self, kind: str) -> bool:
        """Save what was found, by code and without anything of the client: as `html`, `csv` or `txt`. `exported` is its path."""
        plan, _ = self.plan, self.texts
        if plan is None or kind not in vendor_page.KINDS:
            return False
        on = self.office.clock().today
        page = vendor_page.build_vendor_page([plan.facts], plan.findings, plan.counts, plan.hidden, on, _)
        self.exported = vendor_page.export_vendor_page(self.office, page, _, kind)
        return True

    @property
    def can_replace(self) -> bool:
        """Whether a year is there that may be replaced."""
        return self.plan is not None and (self.plan.replace or any(one.code == "year-present" for one in self.plan.obstacles))

    @guarded
    def finish(self) -> bool:
        """*Klaar*: import it, by the very plan that was shown. A second press does nothing."""
        if self.plan is None or not self.can_act():
            return False
        plan = replace(self.plan, accepted=self.form.accepted)
        return self.run_job(lambda report: self._apply(plan, report), self._note_done)

    def _apply(self, plan: AuditfileImportPlan, progress: Progress) -> Imported:
        before = {one.record.id for one in list_backups(self.office)}
        done: AuditfileImportPlan = plan.apply(self.office, progress)
        new = (one.record.path for one in list_backups(self.office) if one.record.id not in before)
        return Imported(done, next(new, None))

    def _note_done(self, done: Imported) -> None:
        self._drop()
        self.paths = ()
        self.upload.drop()
        self.done = done
        self.form.note_change(done.plan.facts.year)

    def missing(self) -> str:
        """Why nothing can be imported yet."""
        _ = self.texts
        if self.form.administration is None:
            return _("Choose the administration first")
        if self.plan is None or self.plan.number != self.form.number:
            if self.error is not None:
                return _("This file can't be used; choose another one")
            return _("Choose an audit file first") if not self.paths else _("The file hasn't been read yet")
        if self.plan.held:
            return _("This file is in the books already")
        state, *why = plan_state(self.plan.obstacles, self.form.accepted, _)
        return "" if state is State.READY else why[0]
