"""The user's copies of the notebooks, which JupyterLab opens: updated with the program, kept where the user changed them, and put back.

What was only run isn't a change, and neither is an empty cell or one that repeats another: a slip of the finger makes those.
"""

import hashlib
import json
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from accountools import safe_files

FOLDER = "ACCOUNTOOLS_NOTEBOOKS"  # in a kernel's environment: where the copies are, in JupyterLab
RECORD = ".shipped.json"


@dataclass(frozen=True)
class CopiedNotebooks:
    """The user's notebooks: their folder, and the names of those that the user changed, which were kept."""

    folder: Path
    kept: tuple[str, ...]


def copy_notebooks(source: Path, target: Path, *, always: str = "") -> CopiedNotebooks:
    """Update the user's copies. A copy with changed cells is kept; that of `always`, the menu, is put back."""
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    record = target / RECORD
    try:
        known = {str(name): str(digest) for name, digest in json.loads(record.read_bytes()).items()}
    except (OSError, ValueError, AttributeError, RecursionError):
        known = {}
    kept = []
    for notebook in sorted(source.glob("*.ipynb")):
        copy, ours = target / notebook.name, cells_hash(notebook)
        held = cells_hash(copy) if copy.exists() else None
        if held not in {None, ours, known.get(notebook.name)}:
            if notebook.name != always:
                kept.append(notebook.name)
                continue
            restore_copy(notebook, target)
        elif held is None or copy.read_bytes() != notebook.read_bytes():  # without the screens that kernels showed which are gone now
            safe_files.write_over(copy, notebook.read_bytes())
        known[notebook.name] = ours
    safe_files.write_over(record, json.dumps(known, indent=1).encode())
    return CopiedNotebooks(target, tuple(kept))


def list_changed(source: Path, target: Path) -> tuple[str, ...]:
    """The names of the copies whose cells aren't those of the program's own."""
    pairs = ((notebook, target / notebook.name) for notebook in sorted(source.glob("*.ipynb")))
    return tuple(copy.name for notebook, copy in pairs if copy.exists() and cells_hash(copy) != cells_hash(notebook))


def restore_copy(notebook: Path, target: Path) -> Path:
    """Put the shipped notebook in the place of the user's copy; gives where what the user had is kept, beside it."""
    copy = target / notebook.name
    names = (target / f"{copy.stem}.changed{n if n > 1 else ''}.ipynb" for n in count(1))
    kept = next(name for name in names if not name.exists())
    safe_files.write_over(kept, copy.read_bytes())
    safe_files.write_over(copy, notebook.read_bytes())
    return kept


def cells_hash(notebook: Path) -> str:
    """The SHA-256 of a notebook's cells without their outputs; of the whole file when it isn't a notebook."""
    data = notebook.read_bytes()
    try:
        cells = dict.fromkeys((cell["cell_type"], "".join(cell["source"])) for cell in json.loads(data)["cells"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return hashlib.sha256(data).hexdigest()
    return hashlib.sha256(json.dumps([cell for cell in cells if cell[1].strip()]).encode()).hexdigest()
