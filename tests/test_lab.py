"""`accountools lab`: the user's copies of the notebooks, and how JupyterLab is started."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from accountools import notebook_copies, resources
from accountools.web import launch


def notebook(*sources: str, outputs: int = 0) -> str:
    cells = [{"cell_type": "code", "source": source, "outputs": [{"n": outputs}]} for source in sources]
    return json.dumps({"cells": cells})


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "shipped"
    folder.mkdir()
    (folder / "01.ipynb").write_text(notebook("one"))
    return folder


def test_the_first_time_they_are_copied(source: Path, tmp_path: Path) -> None:
    copied = notebook_copies.copy_notebooks(source, tmp_path / "mine")
    assert copied.kept == ()
    assert (tmp_path / "mine" / "01.ipynb").read_text() == notebook("one")


def test_a_copy_that_was_only_run_is_updated_with_the_program(source: Path, tmp_path: Path) -> None:
    copied = notebook_copies.copy_notebooks(source, tmp_path / "mine")
    (copied.folder / "01.ipynb").write_text(notebook("one", outputs=9))
    assert notebook_copies.copy_notebooks(source, copied.folder).kept == ()
    assert (copied.folder / "01.ipynb").read_text() == notebook("one"), "what a kernel showed that is gone by now"
    (source / "01.ipynb").write_text(notebook("two"))
    assert notebook_copies.copy_notebooks(source, copied.folder).kept == ()
    assert (copied.folder / "01.ipynb").read_text() == notebook("two")


def test_what_the_user_changed_is_kept(source: Path, tmp_path: Path) -> None:
    copied = notebook_copies.copy_notebooks(source, tmp_path / "mine")
    (copied.folder / "01.ipynb").write_text(notebook("mine"))
    (source / "01.ipynb").write_text(notebook("two"))
    for _ in range(2):
        assert notebook_copies.copy_notebooks(source, copied.folder).kept == ("01.ipynb",)
    assert (copied.folder / "01.ipynb").read_text() == notebook("mine")
    (copied.folder / "01.ipynb").unlink()
    notebook_copies.copy_notebooks(source, copied.folder)
    assert (copied.folder / "01.ipynb").read_text() == notebook("two")


SLIPS = {
    "an empty cell after it": ["one", ""],
    "an empty cell before it": ["", "one"],
    "several, with spaces": [" ", "one", "\n", ""],
    "the cell once more, pasted": ["one", "one"],
}


@pytest.mark.parametrize("sources", SLIPS.values(), ids=SLIPS)
def test_a_slip_of_the_finger_doesnt_keep_a_copy_from_being_updated(source: Path, tmp_path: Path, sources: list[str]) -> None:
    copied = notebook_copies.copy_notebooks(source, tmp_path / "mine")
    (copied.folder / "01.ipynb").write_text(notebook(*sources))
    assert notebook_copies.list_changed(source, copied.folder) == ()
    (source / "01.ipynb").write_text(notebook("two"))
    assert notebook_copies.copy_notebooks(source, copied.folder).kept == ()
    assert (copied.folder / "01.ipynb").read_text() == notebook("two")


CHANGES = {"changed": notebook("mine"), "emptied": notebook(), "broken": "{", "not text": "\0", "added to": notebook("one", "mine"),
           "deep": "[" * 100_000}  # fmt: skip


@pytest.mark.parametrize("mine", CHANGES.values(), ids=CHANGES)
def test_a_changed_or_broken_copy_is_put_back_and_then_follows_the_program(source: Path, tmp_path: Path, mine: str) -> None:
    copied = notebook_copies.copy_notebooks(source, tmp_path / "mine")
    copy = copied.folder / "01.ipynb"
    for n in ("", "2"):
        copy.write_text(mine)
        assert notebook_copies.list_changed(source, copied.folder) == ("01.ipynb",)
        kept = notebook_copies.restore_copy(source / "01.ipynb", copied.folder)
        assert (kept.name, kept.read_text(), copy.read_text()) == (f"01.changed{n}.ipynb", mine, notebook("one"))
        assert notebook_copies.list_changed(source, copied.folder) == ()
    (source / "01.ipynb").write_text(notebook("two"))
    assert notebook_copies.copy_notebooks(source, copied.folder).kept == ()
    assert copy.read_text() == notebook("two")


@pytest.mark.parametrize("mine", CHANGES.values(), ids=CHANGES)
def test_the_menu_always_comes_back_for_it_puts_back_the_others(source: Path, tmp_path: Path, mine: str) -> None:
    copied = notebook_copies.copy_notebooks(source, tmp_path / "mine")
    (copied.folder / "01.ipynb").write_text(mine)
    assert notebook_copies.copy_notebooks(source, copied.folder, always="01.ipynb").kept == ()
    assert (copied.folder / "01.ipynb").read_text() == notebook("one")
    assert (copied.folder / "01.changed.ipynb").read_text() == mine


@pytest.mark.parametrize("record", ["", "[]", "{", '{"01.ipynb": 3}', pytest.param("[" * 100_000, id="deep")])
def test_without_a_readable_record_changed_copies_are_kept(source: Path, tmp_path: Path, record: str) -> None:
    copied = notebook_copies.copy_notebooks(source, tmp_path / "mine")
    (copied.folder / notebook_copies.RECORD).write_text(record)
    (copied.folder / "01.ipynb").write_text("not a notebook")
    assert notebook_copies.copy_notebooks(source, copied.folder).kept == ("01.ipynb",)


def test_the_server_listens_on_loopback_only_with_its_token() -> None:
    command = launch.lab_command(Path("/n/01.ipynb"), 8901, browser=False)
    assert "--ServerApp.ip=127.0.0.1" in command
    assert "--ServerApp.port=8901" in command
    assert "--no-browser" in command
    assert not [word for word in command if "token" in word.lower() or "password" in word.lower()]
    assert ("--allow-root" in command) == (os.geteuid() == 0)
    assert "--no-browser" not in launch.lab_command(Path("/n/01.ipynb"), None, browser=True)


def test_the_kernels_get_the_office_and_the_language(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    seen = {}

    def run(command: list[str], environment: dict[str, str]) -> int:
        seen.update(environment)
        return 7

    monkeypatch.setattr(launch, "_run", run)
    assert launch.open_lab(tmp_path / "office", "nl", port=None, browser=False) == 7
    assert (seen["ACCOUNTOOLS_OFFICE"], seen["ACCOUNTOOLS_LANG"]) == (str(tmp_path / "office"), "nl")
    settings = Path(seen["JUPYTER_CONFIG_PATH"].split(os.pathsep)[-1]) / "labconfig" / "default_setting_overrides.json"
    assert json.loads(settings.read_text()) == launch.SETTINGS | {"@jupyterlab/translation-extension:plugin": {"locale": "nl_NL"}}
    assert (Path(seen[notebook_copies.FOLDER]) / launch.IMPORT).exists()


@pytest.mark.parametrize(("language", "locale"), [("nl", "nl_NL"), ("en", "en")])
def test_jupyterlab_gets_the_language(language: Any, locale: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setattr(launch, "_run", lambda *_: 0)
    launch.open_lab(tmp_path / "office", language, port=None, browser=False)
    settings = json.loads((tmp_path / "accountools" / "jupyter" / "labconfig" / "default_setting_overrides.json").read_text())
    assert settings["@jupyterlab/translation-extension:plugin"]["locale"] == locale


def test_the_exit_code_is_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    assert launch._run([sys.executable, "-c", "import os; raise SystemExit(int(os.environ['CODE']))"], {**os.environ, "CODE": "5"}) == 5


def test_the_first_notebook_is_shipped() -> None:
    assert (resources.notebooks() / launch.IMPORT).exists()
