"""A file from the person's own machine, of any size: it comes in pieces, each of which is asked for, into a private folder.

The folder goes when another file comes, when the form is left, and with the program.
"""

import weakref
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from accountools import safe_files
from accountools.domain.errors import Refused, Unsound
from accountools.domain.obstacle import Part
from accountools.forms.kit.descriptions import describe_size
from accountools.forms.kit.style import STATIC
from accountools.forms.kit.widgets import Callbacks
from accountools.operations.session import Office
from accountools.operations.workdir import upload_folder, workdir_anywhere
from accountools.texts import Texts


class Upload:
    """The file that comes in: `size` is how long it will be, `received` what is there of it.

    It is kept in the office's work folder or, where none is given, among the system's temporary files. `largest` is its limit.
    While `keeps` says so, those that came in before stay: they are parts of one.
    """

    def __init__(self, office: Office | None = None, largest: int | None = None, keeps: Callable[[], bool] = lambda: False) -> None:
        self._office, self._largest, self._keeps, self._held = office, largest, keeps, ExitStack()
        self.path: Path | None = None
        self.size = self.received = 0
        weakref.finalize(self, self._held.close)  # also when the program ends

    @property
    def whole(self) -> bool:
        """Whether all of it is there."""
        return self.path is not None and self.received == self.size

    def begin(self, name: str, size: int) -> None:
        """Begin with another file. Raises `disk-full` when there is no room for it, `file-too-large`."""
        if not self._keeps():
            self.drop()
        self.path, self.size, self.received = None, 0, 0
        shown = safe_files.file_name(Path(name.replace("\\", "/")).name).lstrip(".") or "file"
        if self._largest is not None and size > self._largest:
            raise Refused("file-too-large", path=shown, packed=shown)
        if self._office is not None:
            folder = self._held.enter_context(upload_folder(self._office))
        else:
            folder = self._held.enter_context(workdir_anywhere(None))
        try:
            safe_files.validate_free_space(folder, size)
            self.path, self.size = folder / shown, size
            self.path.touch(mode=0o600)
        except BaseException:
            self.drop()
            raise

    def add(self, at: int, data: bytes) -> None:
        """Add the next piece. Raises `backup-damaged` for one that isn't next, and for more than was announced."""
        if self.path is None or at != self.received or not 0 < len(data) <= self.size - at:
            self.drop()
            raise Unsound("backup-damaged", what=Part.LENGTH)
        with self.path.open("ab") as target:
            target.write(data)
        self.received += len(data)

    def drop(self) -> None:
        """Remove what came in."""
        self._held.close()
        self.path, self.size, self.received = None, 0, 0

    def receive(self, name: str, data: bytes) -> Path:
        """Receive a whole file; gives its path."""
        self.begin(name, len(data))
        if data:
            self.add(0, data)
        if self.path is None:
            raise Refused("file-not-found", path=name)
        return self.path


class Uploads:
    """Files of several kinds, one of each, that are only read."""

    def __init__(self) -> None:
        self._held: dict[str, Upload] = {}

    def upload_for(self, kind: str) -> Upload:
        """That of a kind."""
        return self._held.setdefault(kind, Upload())

    def clear(self) -> None:
        """Remove them all."""
        for upload in self._held.values():
            upload.drop()


class UploadField(anywidget.AnyWidget):
    """A button, and what it stands beneath to drop a file on. `choose` gets its path when all of it is there."""

    _esm = (STATIC / "upload.js").read_text("utf-8")
    label = traitlets.Unicode().tag(sync=True)
    hint = traitlets.Unicode().tag(sync=True)
    too_many = traitlets.Unicode().tag(sync=True)
    progress = traitlets.Unicode().tag(sync=True)
    endings = traitlets.Unicode().tag(sync=True)

    def __init__(self, callbacks: Callbacks, upload: Upload, texts: Texts, choose: Callable[[Path], object], endings: str = "") -> None:
        super().__init__(
            label=texts("Upload a file"),
            hint=texts("or drop it on this field"),
            too_many=texts("One file at a time: none of these {count} was taken.", count="{count}"),
            endings=endings,
        )
        self._callbacks, self._upload, self._texts, self._choose = callbacks, upload, texts, choose
        self.on_msg(self._receive)

    def _receive(self, _: Any, content: Any, buffers: Sequence[Any]) -> None:
        if not isinstance(content, dict):
            return
        if not self._callbacks.run(lambda: self._read_message(content, buffers)):
            self._upload.drop()
        upload = self._upload
        if upload.path is None or upload.whole:
            self.progress = ""
            self.send({"next": None})
            return
        done, size = (describe_size(count, self._texts) for count in (upload.received, upload.size))
        self.progress = self._texts("{done} of {total}", done=done, total=size)
        self.send({"next": upload.received})

    def _read_message(self, content: dict[str, Any], buffers: Sequence[Any]) -> None:
        upload = self._upload
        if "begin" in content:
            upload.begin(str(content["begin"]), int(content["size"]))
        elif "at" in content:
            upload.add(int(content["at"]), bytes(buffers[0]))
        else:
            raise Refused("file-not-found", path=upload.path.name if upload.path else "")
        if upload.path is not None and upload.whole:
            self._choose(upload.path)
