"""What goes along from one screen to the next: the language, and what was chosen for the screen that is opened now."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from accountools.forms.kit.settings_file import read_settings, remember
from accountools.operations.session import Office
from accountools.texts import LANGUAGES, Language


@dataclass(frozen=True)
class Chosen:
    """What was chosen for the screen of the notebook `notebook` (its number): an administration, or what the audit is to show."""

    notebook: str = ""
    administration: int | None = None
    state: str | None = None


def language_kept(folder: Path) -> Language | None:
    """The language that was chosen on a screen of this office, the last time."""
    kept = read_settings(folder).get("language")
    return next((language for language in LANGUAGES if language == kept), None)


def keep_language(folder: Path, language: Language) -> None:
    """Speak this language the next time too."""
    remember(folder, language=language)


def choose(office: Office, notebook: str, *, administration: int | None = None, state: str | None = None) -> None:
    """Choose something for the screen that is opened next: that of the notebook with this number."""
    remember(office.folder, chosen=asdict(Chosen(notebook, administration, state)))


def take(office: Office, notebook: str) -> Chosen:
    """What was chosen for this notebook's screen. It is taken once; what was meant for another stays."""
    held = read_settings(office.folder).get("chosen")
    chosen = _read(held) if isinstance(held, dict) else Chosen()
    if chosen.notebook != notebook:
        return Chosen()
    remember(office.folder, chosen=None)
    return chosen


def _read(held: dict[str, Any]) -> Chosen:
    notebook, number, state = (held.get(name) for name in ("notebook", "administration", "state"))
    return Chosen(str(notebook or ""), number if isinstance(number, int) else None, state if isinstance(state, str) else None)
