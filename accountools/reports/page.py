"""HTML pages to print and to keep: each is one file that runs no script and makes no request (its content security policy forbids both).

The templates are in `templates/`; Jinja2 escapes every value that is not `Markup`.
"""

import re
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Literal

from accountools import safe_files
from accountools.operations.session import Office
from accountools.reports.icons import COLOURS, ICONS
from accountools.texts import Texts

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

_AT_ONCE = 500  # pieces of a page that are written together
_NUMBER = re.compile(r"\b\w+(?:-\w+)*-\d\w*(?:-\w+)*\b[.,]?")
TEMPLATES = Path(__file__).parent / "templates"


def render_page(
    template: str, texts: Texts, *, title: str, footer: str, orientation: Literal["portrait", "landscape"] = "portrait", **values: Any
) -> bytes:
    """The page (UTF-8) that a template of `templates/` gives with these values; `_` in it are the texts."""
    file = BytesIO()
    stream_page(file, template, texts, title=title, footer=footer, orientation=orientation, **values)
    return file.getvalue()


def stream_page(file: IO[bytes], template: str, texts: Texts, **values: Any) -> None:
    """As `render_page`, into an open file: rows that come one by one are written as they come."""
    parts = environment().get_template(template).stream(_=texts, **values)
    parts.enable_buffering(_AT_ONCE)
    for part in parts:
        file.write(part.encode(errors="backslashreplace"))


@cache
def environment() -> "Environment":
    """The templates with autoescape; a name that is not given to one is an error."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
        keep_trailing_newline=True,
    )  # fmt: skip
    made.globals |= {"colours": COLOURS, "icons": ICONS}
    made.filters["whole_numbers"] = whole_numbers
    return made


def whole_numbers(text: str) -> "Markup":
    """A text in which no day and no number, such as KL-2041, is broken at its hyphens."""
    from markupsafe import Markup, escape

    return Markup(_NUMBER.sub(r'<span class="whole">\g<0></span>', str(escape(text))))  # noqa: S704 - what was escaped, and our own element


def is_export(office: Office, path: Path) -> bool:
    """Whether this is a file in the office's folder `exports`."""
    return path.parent == office.folder / "exports" and safe_files.has_file(path) and not path.is_symlink()


def export_file(office: Office, stem: str, suffix: str, data: bytes) -> Path:
    """Write a new file to the office's folder `exports`, under a name not yet in use; gives its path."""
    path = export_path(office, stem, suffix)
    safe_files.write_new(path, data)
    return path


def export_path(office: Office, stem: str, suffix: str) -> Path:
    """A path not yet in use in the office's folder `exports`, which is made if need be."""
    folder = office.folder / "exports"
    folder.mkdir(mode=0o700, exist_ok=True)
    return safe_files.free_name(folder, stem, suffix)
