"""`accountools app`: how the pages are served, and what a notebook becomes as a page."""

import asyncio
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import jinja2
import nbformat
import pytest
from traitlets.config import Config
from voila.execute import VoilaExecutor
from voila.paths import collect_template_paths

from accountools import resources
from accountools.forms.screens.audit.view import audit_screen
from accountools.forms.start import open_office
from accountools.texts import LANGUAGES, Texts
from accountools.web import SHARE, launch, page_exporter, serve
from accountools.web.page_texts import make_page, text_in
from tests.workspace import Workspace

SCREENS = Path(resources.__file__).parent / "forms" / "screens"
TEXT = "# Importeren · Importing\n\nNederlands, met *Klaar* erin.\n\n*English, with* Finish *in it.*\n\nDruk op Shift+Enter. · *Press it.*"


@pytest.fixture
def started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[list[str], dict[str, str]]:
    """The command and the environment that the pages are served with."""
    seen: list[Any] = []
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setattr(launch, "_run", lambda command, environment: seen.extend((command, environment)) or 5)
    assert launch.open_app(tmp_path / "office", "nl", port=8123, browser=False) == 5
    return seen[0], seen[1]


def test_the_kernels_are_started_for_pages(started: tuple[list[str], dict[str, str]], tmp_path: Path) -> None:
    command, environment = started
    assert [environment[f"ACCOUNTOOLS_{name}"] for name in ("PAGES", "OFFICE", "LANG")] == ["1", str(tmp_path / "office"), "nl"]
    assert environment["JUPYTER_PATH"].split(os.pathsep)[0] == str(SHARE)
    assert command[3] == str(resources.notebooks())
    assert command[command.index("--port") + 1] == "8123"
    assert "--redirect-file" not in command
    assert not [word for word in command if "token" in word.lower()]


@pytest.mark.parametrize("mode", ["app", "lab"])
@pytest.mark.parametrize("day", ["2026-11-24", "2031-01-02"])
def test_the_day_that_was_given_counts_on_the_screens(mode: str, day: str, ready: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, str] = {}
    monkeypatch.setenv("XDG_DATA_HOME", str(ready.folder))
    monkeypatch.setattr(launch, "_run", lambda _, environment: seen.update(environment) or 0)
    assert ready.run(mode, "--no-browser", today=day).code == 0
    for name in ("ACCOUNTOOLS_OFFICE", "ACCOUNTOOLS_TODAY"):
        monkeypatch.setenv(name, seen[name])
    opened = open_office().show(audit_screen)
    assert opened.screen is not None
    assert opened.screen.form.today.isoformat() == day
    assert opened.screen.form.audit.on.isoformat() == day
    assert ("expired" in {row.licence_status for row in opened.screen.form.audit.rows}) == (day > "2030")


def test_without_a_day_the_screens_have_the_clocks(ready: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, str] = {}
    monkeypatch.setenv("XDG_DATA_HOME", str(ready.folder))
    monkeypatch.setattr(launch, "_run", lambda _, environment: seen.update(environment) or 0)
    ready.today = None
    assert ready.run("app", "--no-browser").code == 0
    assert "ACCOUNTOOLS_TODAY" not in seen


@pytest.mark.parametrize("copy", [None, "", "{}", '{"cells": []}', '{"cells": [{"cell_type": "code", "source": "1/0"}]}'])
def test_the_pages_are_the_programs_own_whatever_the_copies_of_jupyterlab_are(
    copy: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    seen: list[Any] = []
    monkeypatch.setattr(launch, "_run", lambda command, _: seen.extend(command) or 0)
    copies = tmp_path / "accountools" / "notebooks"
    if copy is not None:
        copies.mkdir(parents=True)
        (copies / launch.MENU).write_text(copy)
    launch.open_app(tmp_path / "office", "nl", port=None, browser=False)
    served = Path(seen[3], seen[4])
    assert served.read_bytes() == (resources.notebooks() / launch.MENU).read_bytes()
    assert [path.read_text() for path in copies.glob("*")] == ([copy] if copy is not None else [])


def test_the_first_page_is_the_menu_where_there_is_one(tmp_path: Path) -> None:
    assert launch.first_notebook(tmp_path).name == launch.IMPORT
    (tmp_path / launch.MENU).touch()
    assert launch.first_notebook(tmp_path).name == launch.MENU


def test_it_is_served_here_only_behind_a_token_and_without_code(tmp_path: Path) -> None:
    config = serve.settings(tmp_path, 8123, Texts("nl"))
    assert (config.Voila.ip, config.Voila.port, config.Voila.port_retries) == ("127.0.0.1", 8123, 0)
    assert config.Voila.auto_token is True
    assert config.Voila.tornado_settings["allow_remote_access"] is False
    assert (config.VoilaConfiguration.allow_template_override, config.VoilaConfiguration.template) == ("NO", "accountools")
    assert config.MappingKernelManager.cull_idle_timeout == serve.IDLE_SECONDS
    assert "strip_sources" not in config.VoilaConfiguration


class SlowReader(VoilaExecutor):
    """A server on a machine so busy that it takes five seconds to read the messages of fifty widgets."""

    def process_message(self, *message: Any) -> Any:
        time.sleep(0.1)
        return super().process_message(*message)


def test_what_a_cell_shows_is_waited_for_on_a_busy_machine_too(tmp_path: Path) -> None:
    cell = nbformat.v4.new_code_cell("for number in range(50):\n    display(number)")
    config = Config({"SlowReader": serve.settings(tmp_path, None, Texts("nl")).VoilaExecutor})
    executor = SlowReader(nbformat.v4.new_notebook(cells=[cell]), config=config, kernel_name="python3")
    with executor.setup_kernel():
        asyncio.run(executor.execute_cell(cell, {}, 0))
    assert [output["data"]["text/plain"] for output in cell.outputs] == [str(number) for number in range(50)]


def test_the_policy_names_no_other_host() -> None:
    hosts = {word for part in serve.POLICY.split(";") for word in part.split()[1:] if not word.startswith("'")}
    assert hosts == {"data:", "blob:", "ws://127.0.0.1:*", "ws://localhost:*"}


def test_no_template_names_another_host() -> None:
    templates = [path for path in SHARE.rglob("*") if path.suffix in {".j2", ".html", ".json"}]
    assert len(templates) >= 6
    for path in templates:
        assert "http" not in path.read_text("utf-8").replace("http-equiv", "").replace("http://www.w3.org/2000/svg", ""), path.name


def test_a_text_is_shown_in_one_language() -> None:
    assert text_in("nl", TEXT) == "# Importeren\n\nNederlands, met *Klaar* erin."
    assert text_in("en", TEXT) == "# Importing\n\nEnglish, with *Finish* in it."
    assert text_in("en", "# accountools") == "# accountools"


def test_what_is_for_accountants_only_is_marked_on_a_page() -> None:
    """A client's own office doesn't show it; on an accountant's pages it needn't say for whom it is."""
    page = make_page(nbformat.read(resources.notebooks() / "04_restore_backup.ipynb", as_version=4), "nl")
    assert "Voor accountantskantoren" not in page.cells[0].source
    for marked in ("U kunt hier ook een back-up van de klant zelf", "You can also install a client's own backup"):
        assert f'<div class="at-for-accountants">\n\n{marked}' in page.cells[0].source


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", sorted(resources.notebooks().glob("*.ipynb")), ids=lambda path: path.stem)
def test_a_notebook_as_a_page_has_a_title_a_text_and_its_screen(path: Path, language: Any) -> None:
    page = make_page(nbformat.read(path, as_version=4), language)
    parts = dict(re.findall(r'<div class="at-in-(\w+)" lang="\1">\n\n(.*?)\n\n</div>', page.cells[0].source, re.DOTALL))
    assert set(parts) == set(LANGUAGES)
    heading, *rest = parts[language].split("\n\n")
    assert page.metadata["title"] == f"{heading.removeprefix('# ')} — accountools"
    assert rest
    assert " · " not in heading
    code = [cell.source for cell in page.cells if cell.cell_type == "code"]
    assert len(code) == 1
    assert "self_check" not in code[0]


def test_a_kernel_imports_the_program_ahead_without_opening_an_office(tmp_path: Path) -> None:
    spec = json.loads((SHARE / "kernels" / "python3" / "kernel.json").read_text("utf-8"))
    (line,) = [word.removeprefix("--IPKernelApp.exec_lines=") for word in spec["argv"] if "exec_lines" in word]
    ahead = {"pandas", "itables.widget", *(f"accountools.forms.screens.{path.parent.name}.view" for path in SCREENS.glob("*/view.py"))}
    waits = "import threading\n[one.join() for one in threading.enumerate() if one.daemon]"
    code = (
        f"{line}\n{waits}\nimport sys\nassert 'accountools' not in globals()\n"
        f"assert not {ahead} - set(sys.modules), {ahead} - set(sys.modules)"
    )
    environment = os.environ | {"ACCOUNTOOLS_OFFICE": str(tmp_path / "none"), "XDG_DATA_HOME": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr, list(tmp_path.iterdir())) == (0, "", [])


def test_a_template_is_compiled_once_for_all_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Voila makes an exporter for each page."""
    compiled: list[str] = []
    compile_ = jinja2.Environment.compile

    def count(environment: jinja2.Environment, source: str, name: str, *more: Any, **options: Any) -> Any:
        compiled.append(name)
        return compile_(environment, source, name, *more, **options)

    monkeypatch.setattr(jinja2.Environment, "compile", count)
    monkeypatch.setattr(page_exporter, "_COMPILED", page_exporter._CompiledTemplates())
    monkeypatch.setenv("JUPYTER_PATH", str(SHARE))
    paths = collect_template_paths(["voila", "nbconvert"], "accountools", prune=True)
    for _ in range(3):
        exporter = page_exporter.PageExporter(template_paths=paths, template_name="accountools")
        assert exporter.template.name == exporter.environment.get_template("index.html.j2").name
    assert compiled == ["index.html.j2"]
