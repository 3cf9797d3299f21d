"""The search for the office's own licence in an image that came in or is verified: `formats.leak_scan` on its bytes and its texts."""

from collections.abc import Iterable

from accountools.domain.obstacle import Part
from accountools.formats.backup.writer import ImageFile
from accountools.formats.leak_scan import LeakScan
from accountools.storage.image.check import CheckedImage
from accountools.storage.image.tables import TextScan, scan_texts

_CHUNK = 1 << 20


def find_licence(image: CheckedImage, tokens: Iterable[str]) -> Part | None:
    """Where one of these licences is in an image, or None when it is clean. What was added to it since it was opened isn't of it."""
    scan = LeakScan(tokens, image.extract.get("licence", ""))
    with scan.reading(ImageFile(image.path)) as stream:
        left = image.size
        while left > 0 and (chunk := stream.read(min(_CHUNK, left))):
            left -= len(chunk)
    scan_texts(image.connection, TextScan(scan.shortest_text, scan.search_texts))
    return scan.found
