"""`accountools shortcut`: an icon to double-click starts the pages, without a command line."""

import importlib
import os
import plistlib
import re
import shlex
import subprocess
import sys
import types
from pathlib import Path

import pyshortcuts
import pytest

from accountools.storage.address import is_url
from accountools.web import launch
from tests.workspace import Workspace


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's home folder, with a desktop."""
    folder = tmp_path / "jan jansen"
    (folder / "Desktop").mkdir(parents=True)
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.delenv("SUDO_USER", raising=False)
    return folder


def entry(path: Path) -> dict[str, str]:
    """The keys of a desktop entry."""
    lines = path.read_text("utf-8").splitlines()
    assert lines[0] == "[Desktop Entry]"
    return dict(line.split("=", 1) for line in lines[1:])


PLACES = [
    *("kantoor zonnestein", "Kantoor&Co", "d'Office", "100%", "%f", 'het "huis"', "$HOME `id`", "een\\twee", "!!"),
    "postgresql://server/kantoor?sslmode=verify-full&folder=/srv/k%20k",
]


def split_by_shell(command: str) -> list[str]:
    """The words that a shell makes of a command."""
    return subprocess.run(["sh", "-c", f"printf '%s\\n' {command}"], capture_output=True, text=True, check=True).stdout.splitlines()


linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="desktop entries are Linux's")


@linux
def test_the_icon_is_on_the_desktop_and_in_the_menu_of_programs(home: Path, tmp_path: Path) -> None:
    made = Workspace(tmp_path).ok("shortcut", "--lang", "nl")["shortcuts"]
    assert made == [str(home / "Desktop/accountools.desktop"), str(home / ".local/share/applications/accountools.desktop")]
    for path in map(Path, made):
        held = entry(path)
        assert (held["Type"], held["Name"], held["Terminal"]) == ("Application", "accountools", "true")
        assert held["Comment"] == "De administraties, licenties en back-ups van uw kantoor"
        assert Path(held["Icon"]).read_bytes().startswith(b"\x89PNG")
        assert os.access(path, os.X_OK)


@linux
def test_what_it_starts_is_the_app_of_this_office_in_this_language(home: Path, tmp_path: Path) -> None:
    office = tmp_path / "kantoor zonnestein"
    (path, *_) = Workspace(tmp_path).ok("shortcut", "--office", office, "--lang", "nl")["shortcuts"]
    command = shlex.split(entry(Path(path))["Exec"])
    assert command[-5:] == ["app", "--office", str(office), "--lang", "nl"]
    (home / "accountools.py").write_text("raise SystemExit('imported from the home folder')")
    shown = subprocess.run([*command, "--help"], cwd=home, capture_output=True, text=True, check=True)
    assert "Open de notebooks als webpagina's" in shown.stdout


@linux
@pytest.mark.parametrize("name", PLACES)
def test_a_place_is_quoted_as_desktop_entries_ask(home: Path, tmp_path: Path, name: str) -> None:
    place = name if is_url(name) else str(tmp_path / name)
    (path, *_) = Workspace(tmp_path).ok("shortcut", "--office", place, "--lang", "nl")["shortcuts"]
    value = entry(Path(path))["Exec"].replace("\\\\", "\\")  # of any text in it, before the quotes are read
    assert not re.search(r"(?<!%)(%%)*%(?!%)", value)
    assert [word.replace("%%", "%") for word in split_by_shell(value)] == [
        *(sys.executable, "-P", "-m", "accountools", "app", "--office", place, "--lang", "nl")
    ]


@pytest.mark.parametrize("command", ["app", "lab", "shortcut"])
def test_a_url_with_a_password_is_refused_at_once(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    monkeypatch.setattr(launch, "_run", lambda *_: 0)
    answer = Workspace(tmp_path).run(command, "--office", "postgresql://henk:secret@server/kantoor")
    assert (answer.code, answer.error) == (3, "url-invalid")
    assert "secret" not in answer.out + answer.err
    assert list(home.rglob("*.desktop")) == []


@linux
def test_a_second_time_it_replaces_the_first(home: Path, tmp_path: Path) -> None:
    desk = Workspace(tmp_path)
    first, second = desk.ok("shortcut", "--lang", "nl"), desk.ok("shortcut", "--lang", "en")
    assert first == second
    assert [entry(Path(path))["Exec"].endswith("--lang en") for path in second["shortcuts"]] == [True, True]


@linux
def test_the_desktop_with_a_dutch_name_is_used_and_none_is_made(home: Path, tmp_path: Path) -> None:
    (home / ".config").mkdir()
    (home / ".config/user-dirs.dirs").write_text('XDG_DESKTOP_DIR="$HOME/Bureaublad"\n')
    desk = Workspace(tmp_path)
    assert len(desk.ok("shortcut")["shortcuts"]) == 1
    assert not (home / "Bureaublad").exists()
    (home / "Bureaublad").mkdir()
    assert str(home / "Bureaublad/accountools.desktop") in desk.ok("shortcut")["shortcuts"]


@linux
def test_a_desktop_that_cannot_be_written_is_a_refusal(home: Path, tmp_path: Path) -> None:
    (home / ".local").write_text("a file where a folder must be")
    answer = Workspace(tmp_path).run("shortcut")
    assert (answer.code, answer.error) == (3, "file-not-found")


@pytest.mark.parametrize("name", PLACES)
def test_on_macos_it_is_an_app_that_opens_a_terminal(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """The library's own code for macOS, which writes only files."""
    darwin = importlib.import_module("pyshortcuts.darwin")
    monkeypatch.setattr(pyshortcuts, "make_shortcut", darwin.make_shortcut)
    monkeypatch.setattr(pyshortcuts, "get_folders", darwin.get_folders)
    monkeypatch.setattr(importlib.import_module("pyshortcuts.shortcut"), "scut_ext", "app")
    monkeypatch.setattr("accountools.web.shortcut.SYSTEM", "darwin")
    place = name if is_url(name) else str(tmp_path / name)
    (made,) = Workspace(tmp_path).ok("shortcut", "--office", place, "--lang", "nl")["shortcuts"]
    assert made == str(home / "Desktop/accountools.app")
    about = plistlib.loads((Path(made) / "Contents/Info.plist").read_bytes())
    assert (Path(made) / f"Contents/Resources/{about['CFBundleIconFile']}.icns").read_bytes().startswith(b"icns")
    script = (Path(made) / "Contents/MacOS" / about["CFBundleExecutable"]).read_text("utf-8")
    line = next(line for line in script.splitlines() if "do script" in line)
    text = re.fullmatch(r'    do script "((?:[^"\\]|\\.)*)"', line)
    assert text
    command = re.sub(r"\\(.)", r"\1", text[1])  # as AppleScript reads it
    assert split_by_shell(command) == [sys.executable, "-P", "-m", "accountools", "app", "--office", place, "--lang", "nl"]


class Shell:
    """Stands for Windows' script host: it keeps the links that are saved."""

    saved: dict[str, "Shell"] = {}  # noqa: RUF012

    def __init__(self, path: str = "") -> None:
        self.path = path

    def SpecialFolders(self, name: str) -> str:  # noqa: N802
        return str(Path(os.environ["HOME"]) / name)

    def CreateShortCut(self, path: str) -> "Shell":  # noqa: N802
        return Shell(path)

    def save(self) -> None:
        Path(self.path).touch()
        Shell.saved[self.path] = self


def test_on_windows_it_is_a_link(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the library's own code for Windows; only the script host is a stand-in."""
    client, shell = types.ModuleType("win32com.client"), types.ModuleType("win32com.shell")
    client.Dispatch = lambda _: Shell()  # type: ignore[attr-defined]
    shell.shell = shell.shellcon = None  # type: ignore[attr-defined]
    package = types.ModuleType("win32com")
    package.client, package.shell = client, shell  # type: ignore[attr-defined]
    for module in (package, client, shell):
        monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setenv("PATHEXT", ".COM:.EXE")
    windows = importlib.import_module("pyshortcuts.windows")
    monkeypatch.setattr(pyshortcuts, "make_shortcut", windows.make_shortcut)
    monkeypatch.setattr(pyshortcuts, "get_folders", windows.get_folders)
    monkeypatch.setattr(importlib.import_module("pyshortcuts.shortcut"), "scut_ext", "lnk")
    monkeypatch.setattr("accountools.web.shortcut.SYSTEM", "win32")
    made = Workspace(tmp_path).ok("shortcut", "--office", tmp_path / "kantoor zonnestein", "--lang", "nl")["shortcuts"]
    assert [Path(path).name for path in made] == ["accountools.lnk", "accountools.lnk"]
    link = Shell.saved[made[0]]
    assert link.Targetpath == f'"{sys.executable}"'  # type: ignore[attr-defined]
    assert link.Arguments == f'-P -m accountools app --office "{tmp_path}/kantoor zonnestein" --lang nl'  # type: ignore[attr-defined]
    assert Path(link.IconLocation).read_bytes().startswith(b"\0\0\1\0")  # type: ignore[attr-defined]
