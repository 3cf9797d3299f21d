"""The search for the office's own licence in an image: `formats.leak_scan` on the bytes and the texts of it."""

from collections.abc import Iterable

from accountools.domain.errors import Refused
from accountools.domain.identifiers import AdministrationNumber
from accountools.domain.obstacle import Part
from accountools.formats.backup.writer import ImageFile, ImageStream
from accountools.formats.leak_scan import LeakScan, ScannedStream
from accountools.storage.image.check import CheckedImage
from accountools.storage.image.tables import TextScan, scan_texts

_CHUNK = 1 << 20


class Texts(LeakScan):
    """Looks for licences in the texts of an image."""

    @property
    def look(self) -> TextScan:
        """What is to see the texts."""
        return TextScan(self.shortest_text, self.search_texts)


class Searched(ScannedStream):
    """A stream in which licences are looked for as it is read."""

    def __init__(self, stream: ImageStream, tokens: Iterable[str], allowed: str = "") -> None:
        super().__init__(stream, LeakScan(tokens, allowed))

    @property
    def found(self) -> Part | None:
        """`Part.BYTES` when a licence was found."""
        return self.scan.found


def find_licence(image: CheckedImage, tokens: Iterable[str]) -> Part | None:
    """Where one of these licences is in an image, or None when it is clean."""
    scan = LeakScan(tokens, image.slice.get("licence", ""))
    with scan.reading(ImageFile(image.path)) as stream:
        while stream.read(_CHUNK):
            pass
    scan_texts(image.connection, TextScan(scan.shortest_text, scan.search_texts))
    return scan.found


def expect_clean(number: AdministrationNumber, where: Part | None) -> None:
    """Raise `office-licence-found` when the office's licence was found."""
    if where is not None:
        raise Refused("office-licence-found", number=number, where=where)
