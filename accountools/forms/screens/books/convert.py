"""An audit file that isn't imported is converted to another version: the file itself stays as it is."""

from collections.abc import Iterator
from pathlib import Path

from accountools import safe_files
from accountools.domain.audit_file.findings import WrittenVersion
from accountools.domain.messages import N_
from accountools.forms.files.results import FileLinks
from accountools.forms.kit import widgets
from accountools.forms.kit.file_chooser import FileChooser
from accountools.forms.kit.form import guarded, parse_path
from accountools.forms.kit.jobs import JobView
from accountools.forms.kit.style import paragraph
from accountools.forms.kit.upload import Upload
from accountools.forms.parts.part import PartView, heading
from accountools.forms.screens.books.export_file import VERSIONS, written_widgets
from accountools.forms.screens.books.import_view import ENDINGS
from accountools.forms.screens.books.part import CONVERT, BooksForm, BooksPart
from accountools.operations.books.convert_auditfile import convert_auditfile
from accountools.operations.books.export_auditfile import WrittenFile
from accountools.operations.progress import Progress
from accountools.reports.page import export_path


class ConvertPart(BooksPart):
    """The part. `file` is the file, `written` what was made of it."""

    name, title, action = CONVERT, N_("Convert an audit file"), N_("Convert")

    def __init__(self, form: BooksForm) -> None:
        self.upload = Upload(form.office)
        super().__init__(form)

    def forget(self) -> None:
        """Begin with no file, and the newest version."""
        self.upload.drop()
        self.file: Path | None = None
        self.version: WrittenVersion = "4.0"
        self.written: WrittenFile | None = None

    @guarded
    def choose(self, path: Path | str) -> bool:
        """Choose the file."""
        if self.form.busy:
            return False
        self.file, self.written = parse_path(str(path)), None
        return self.file is not None

    @guarded
    def choose_version(self, version: WrittenVersion) -> None:
        """Choose the version to write."""
        self.version, self.written = version, None

    @guarded
    def convert(self) -> bool:
        """*Omzetten*: into the office's folder of exports."""
        file, version = self.file, self.version
        if file is None or not self.can_act():
            return False
        self.written = None

        def write(progress: Progress) -> WrittenFile:
            path = export_path(self.office, safe_files.file_name(f"{file.stem}-{version}"), ".xaf")
            return convert_auditfile(file, path, version=version, progress=progress)

        return self.run_job(write, self._note)

    def _note(self, written: WrittenFile) -> None:
        self.written = written

    def missing(self) -> str:
        """Why nothing can be converted yet."""
        return "" if self.file is not None else self.texts("Choose an audit file first")


class ConvertView(PartView[ConvertPart]):
    """What is shown of it."""

    def __init__(self, part: ConvertPart, callbacks: widgets.Callbacks) -> None:
        super().__init__(part, callbacks)
        self.press_main = part.convert
        _ = self.texts
        self._file = FileChooser(callbacks, _, _("Audit file to convert"), _("Look up the audit file"), part.choose,
            endings=ENDINGS, placeholder=_("The path of the file that you received"))  # fmt: skip
        self._file.add_upload(callbacks, part.upload, part.choose)
        options = [(_(label), version) for version, label in VERSIONS.items()]
        self._version = callbacks.change(widgets.choice(options, part.version, _("Version")), part.choose_version)
        self._working = JobView(part.form, callbacks, _("The audit file is being converted"))
        self._written = widgets.column(kinds=("at-fields",))
        self._shown: object = self
        explained = _("For a file that you don't import: no administration is needed, and the file itself stays as it is.")
        self.widget = widgets.column(
            heading(_("Convert an audit file"), explained),
            self._file.widget,
            self._version,
            self._working.widget,
            self._written,
            kinds=("at-fields",),
        )

    def refresh(self) -> None:
        """Show what the part holds now."""
        part = self.part
        self._file.show(str(part.file or ""), "")
        self._version.value = part.version
        self._working.refresh()
        if self._shown is not part.written:
            self._shown = part.written
            self._written.children = () if part.written is None else tuple(self._parts(part.written))

    def hide(self) -> None:
        """Close the list of files."""
        self._file.close()

    def _parts(self, written: WrittenFile) -> Iterator[widgets.Widget]:
        _ = self.texts
        links = FileLinks(self.callbacks, self.part.office, _, written.path)
        yield from written_widgets(written, links, _)
        wrong = sum(one.severity != "info" for one in written.findings)
        if wrong:
            text = _.plural("The file itself has {count} finding.",
                "The file itself has {count} findings.", wrong)  # fmt: skip
            about = _("Import it on this screen to see each with its line; nothing changes until you choose Finish.")
            yield widgets.html(paragraph(text) + paragraph(about, "at-quiet"))
