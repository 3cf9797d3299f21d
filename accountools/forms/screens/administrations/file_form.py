"""A form of two steps about a file, and the screen of its first step."""

from abc import abstractmethod
from pathlib import Path
from typing import Any, Generic, TypeVar

from accountools.forms.kit import widgets
from accountools.forms.kit.file_chooser import FileChooser
from accountools.forms.kit.form import Entry, guarded, parse_path
from accountools.forms.kit.screen import StepView
from accountools.forms.screens.administrations.two_steps import TwoStepForm

T = TypeVar("T")


class FileForm(TwoStepForm, Generic[T]):
    """The form: a file that is read when it is chosen, and once more before what would be done is shown.

    A subclass says how a file is read (`read_file`), and what its contents would do (`compare`).
    """

    def set_defaults(self) -> None:
        """Begin without a file."""
        super().set_defaults()
        self.file: Entry[T] = Entry(lambda typed: self.read_file(parse_path(typed) or Path(typed)))

    @staticmethod
    @abstractmethod
    def read_file(path: Path, /) -> T:
        """Read a file. Raises what is wrong with it."""

    @abstractmethod
    def compare(self) -> None:
        """Find what the file's contents would do; it may have none."""

    @abstractmethod
    def counts(self) -> str:
        """What would be done, in a line."""

    @guarded
    def choose_file(self, path: object) -> bool:
        """Choose the file; it is read at once."""
        return self.fill(lambda: self._read(str(path)))

    @guarded
    def resolve(self, action: str) -> bool:
        """Do what a remedy's button says."""
        self.step_back()
        self.wants = "file" if action == "choose-file" else ""
        self.failed = False
        return True

    def check(self) -> None:
        """Read the file once more: it may have changed."""
        self.file.parse(self.file.typed)
        self._read(self.file.typed)

    def _read(self, typed: str) -> None:
        self.file.read(typed)
        self.compare()


F = TypeVar("F", bound=FileForm[Any])


class FileView(StepView, Generic[F]):
    """The screen of its first step: the file, and what would be done. `kind` is that of the file that is uploaded."""

    kind: str

    def __init__(self, form: F, callbacks: widgets.Callbacks, label: str, placeholder: str, about: str) -> None:
        self.form = form
        self.press_main = form.next
        self._file = FileChooser(callbacks, form.texts, label, form.texts("Look up the file"), form.choose_file,
            endings=(".csv", ".txt", ".xlsx"), again=True, placeholder=placeholder)  # fmt: skip
        self._file.add_upload(callbacks, form.uploads.upload_for(self.kind), form.choose_file)
        self.files = (self._file,)
        self.widget = widgets.column(widgets.html(about), self._file.widget, kinds=("at-fields",))

    @abstractmethod
    def note(self) -> str:
        """What there is to say of the file, as HTML."""

    def refresh(self) -> None:
        """Show what the form holds now."""
        self._file.show(self.form.file.typed, self.note())
        self.open_wanted(self.form.wants, {"file": self._file.open})
