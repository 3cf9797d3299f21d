"""What the screens keep: a person's from one time to the next, in a small private file; a session's while its server runs.

A person's are in the user's own data folder, also where several work in one office: the language, and which offices were opened. A session
is a run of `accountools lab` or `app`: its pages have kernels of their own, and share a private folder.
"""

import json
import os
from pathlib import Path
from typing import Any

from accountools import safe_files
from accountools.domain.errors import Refused
from accountools.formats.claims import parse_json
from accountools.storage.address import is_url
from accountools.storage.sqlite.office_files import SETTINGS
from accountools.texts import LANGUAGES, Language, Texts, choose_language

LARGEST = 64 * 1024
MOST_OFFICES = 9
LANGUAGE = "ACCOUNTOOLS_LANG"
SESSION = "ACCOUNTOOLS_SESSION"  # in the environment of its kernels: the session's folder


def load_preferences(folder: Path) -> dict[str, Any]:
    """What is kept; nothing when there is no such file, or none that can be read."""
    try:
        kept = parse_json(safe_files.read_whole(folder / SETTINGS, LARGEST))
    except (Refused, ValueError):
        return {}
    return kept if isinstance(kept, dict) else {}


def save_preferences(folder: Path, **changes: Any) -> None:
    """Keep these; what is None is removed. Writes nothing where nothing changes."""
    kept = load_preferences(folder)
    wanted = {name: value for name, value in (kept | changes).items() if value is not None}
    if wanted != kept:
        safe_files.write_over(folder / SETTINGS, json.dumps(wanted, indent=1, ensure_ascii=False).encode())


def preferred_texts() -> Texts:
    """The language that the person chose, else that of `$ACCOUNTOOLS_LANG`, else the locale's."""
    kept = load_preferences(data_folder()).get("language")
    chosen: Language | None = next((language for language in LANGUAGES if language == kept), None)
    return Texts(chosen or choose_language(os.environ.get(LANGUAGE)))


def save_language(language: Language) -> None:
    """Begin in this language the next time, in whatever office."""
    safe_files.make_folder(data_folder())
    save_preferences(data_folder(), language=language)


def session_office() -> Path | str | None:
    """Where the office is that was chosen for this session, if one was."""
    folder = os.environ.get(SESSION)
    return _parse_place(load_preferences(Path(folder)).get("office")) if folder else None


def choose_session_office(office: Path | str | None) -> None:
    """Let this session's screens show this office; with None the one that they began with."""
    folder = os.environ.get(SESSION)
    if folder:
        safe_files.make_folder(Path(folder))  # the system may have removed it: it is among the temporary files
        save_preferences(Path(folder), office=None if office is None else str(office))


def data_folder() -> Path:
    """The user's data folder of this program."""
    import platformdirs

    return platformdirs.user_data_path("accountools", appauthor=False)


def known_offices() -> dict[str, str]:
    """The offices that were opened on a screen, the last one first: their names by where they are."""
    kept = load_preferences(data_folder()).get("offices")
    return {str(place): str(name) for place, name in kept.items()} if isinstance(kept, dict) else {}


def office_instead_of(start: Path | str) -> Path | str | None:
    """Where the office was opened that isn't at `start` any more: its folder was moved, or it goes on elsewhere."""
    kept = load_preferences(data_folder()).get("instead")
    return _parse_place(kept.get(str(start))) if isinstance(kept, dict) else None


def remember_office(place: Path | str, name: str, start: Path | str) -> None:
    """Keep that this office was opened, by who began at `start`."""
    folder, here = data_folder(), str(place)
    offices = {here: name} | {other: its for other, its in known_offices().items() if other != here}
    instead = load_preferences(folder).get("instead")
    chosen = (instead if isinstance(instead, dict) else {}) | {str(start): None if here == str(start) else here}
    safe_files.make_folder(folder)
    save_preferences(folder, offices=dict(list(offices.items())[:MOST_OFFICES]), instead=chosen)


def forget_instead_of(start: Path | str) -> None:
    """Forget which office was opened by who began at `start`."""
    if office_instead_of(start) is not None:
        instead = load_preferences(data_folder())["instead"]
        save_preferences(data_folder(), instead={other: place for other, place in instead.items() if other != str(start)})


def _parse_place(kept: object) -> Path | str | None:
    if not isinstance(kept, str):
        return None
    return kept if is_url(kept) else Path(kept)
