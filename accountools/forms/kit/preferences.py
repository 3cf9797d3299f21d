"""What an office's screens keep from one time to the next: the language, in a small private file in the office's folder."""

import json
import os
from pathlib import Path
from typing import Any

from accountools import safe_files
from accountools.domain.errors import Refused
from accountools.storage.sqlite.office_files import SETTINGS
from accountools.texts import LANGUAGES, Language, Texts, choose_language

LARGEST = 64 * 1024
LANGUAGE = "ACCOUNTOOLS_LANG"


def load_preferences(folder: Path) -> dict[str, Any]:
    """What is kept; nothing when there is no such file, or none that can be read."""
    try:
        kept = json.loads(safe_files.read_whole(folder / SETTINGS, LARGEST))
    except (Refused, ValueError):
        return {}
    return kept if isinstance(kept, dict) else {}


def save_preferences(folder: Path, **changes: Any) -> None:
    """Keep these; what is None is removed. Writes nothing where nothing changes."""
    kept = load_preferences(folder)
    wanted = {name: value for name, value in (kept | changes).items() if value is not None}
    if wanted != kept:
        safe_files.write_over(folder / SETTINGS, json.dumps(wanted, indent=1, ensure_ascii=False).encode())


def preferred_texts(folder: Path) -> Texts:
    """The language that was chosen for the office in `folder`, else that of `$ACCOUNTOOLS_LANG`, else the locale's."""
    kept = load_preferences(folder).get("language")
    chosen: Language | None = next((language for language in LANGUAGES if language == kept), None)
    return Texts(chosen or choose_language(os.environ.get(LANGUAGE)))
