"""What an office's screens remember: a small private file in its folder, of no consequence. Books, licences and keys are elsewhere."""

import json
from pathlib import Path
from typing import Any

from accountools import safe_files
from accountools.domain.errors import Refused

FILE, LARGEST = "settings.json", 64 * 1024


def read_settings(folder: Path) -> dict[str, Any]:
    """What is remembered; nothing when there is no such file, or none that can be read."""
    try:
        held = json.loads(safe_files.read_whole(folder / FILE, LARGEST))
    except (Refused, ValueError):
        return {}
    return held if isinstance(held, dict) else {}


def remember(folder: Path, **changes: Any) -> None:
    """Remember these; what is None is forgotten. Does nothing where nothing changes."""
    held = read_settings(folder)
    wanted = {name: value for name, value in (held | changes).items() if value is not None}
    if wanted != held:
        safe_files.write_over(folder / FILE, json.dumps(wanted, indent=1, ensure_ascii=False).encode())
