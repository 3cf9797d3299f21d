"""`accountools lab` and `accountools app`: the notebooks in JupyterLab, or as web pages by Voilà; on this machine only.

The notebooks are copied to the user's data folder. A copy whose cells the user changed is kept; one that was only run is updated with the
program.
"""

import hashlib
import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from accountools import resources, safe_files
from accountools.texts import Language, Texts
from accountools.web import PARENT, SHARE

MENU, IMPORT = "00_accountancy.ipynb", "01_import_client_licence.ipynb"
RECORD = ".shipped.json"
SETTINGS = {"@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False}}  # no request to other hosts


@dataclass(frozen=True)
class CopiedNotebooks:
    """The user's notebooks: their folder, and the names of those that the user changed, which were kept."""

    folder: Path
    kept: tuple[str, ...]


def open_lab(office_folder: Path, language: Language, *, port: int | None, browser: bool) -> int:
    """Open JupyterLab on the first notebook; gives its exit code when it ends.

    The kernels get `office_folder` and `language` in their environment. The server requires its token and listens on loopback only.
    """
    notebooks, data = _update_notebooks(language)
    settings = data / "jupyter"
    (settings / "labconfig").mkdir(mode=0o700, parents=True, exist_ok=True)
    safe_files.write_over(settings / "labconfig" / "default_setting_overrides.json", json.dumps(SETTINGS, indent=1).encode())
    path = os.pathsep.join(filter(None, (os.environ.get("JUPYTER_CONFIG_PATH"), str(settings))))
    environment = _environment(office_folder, language) | {"JUPYTER_CONFIG_PATH": path}
    return _run(lab_command(first_notebook(notebooks), port, browser=browser), environment)


def open_app(office_folder: Path, language: Language, *, port: int | None, browser: bool) -> int:
    """Serve the notebooks as web pages by Voilà; gives its exit code when it ends. The kernels get `ACCOUNTOOLS_PAGES`."""
    notebooks, data = _update_notebooks(language)
    redirect_file = data / "jupyter" / "open.html" if browser else None
    environment = _environment(office_folder, language) | {"ACCOUNTOOLS_PAGES": "1"}
    command = [sys.executable, "-m", "accountools.web.serve", str(notebooks), first_notebook(notebooks).name, "--lang", language]
    command += [] if port is None else ["--port", str(port)]
    command += [] if redirect_file is None else ["--redirect-file", str(redirect_file)]  # with which it opens a browser
    return _run(command, environment)


def first_notebook(notebooks: Path) -> Path:
    """The notebook that is opened first: the menu."""
    return notebooks / (MENU if (notebooks / MENU).exists() else IMPORT)


def lab_command(notebook: Path, port: int | None, *, browser: bool) -> list[str]:
    """The command that serves JupyterLab, without requests to other hosts."""
    command = [
        *(sys.executable, "-m", "accountools.web.lab"),
        f"--ServerApp.root_dir={notebook.parent}",
        f"--LabApp.default_url=/lab/tree/{notebook.name}",
        "--ServerApp.ip=127.0.0.1",
        "--ServerApp.allow_remote_access=False",
        "--KernelManager.transport_encryption=auto",  # other users of this machine can't read the traffic between server and kernel
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--LabApp.extension_manager=readonly",
    ]
    if port is not None:
        command += [f"--ServerApp.port={port}", "--ServerApp.port_retries=0"]
    if not browser:
        command.append("--no-browser")
    if hasattr(os, "geteuid") and os.geteuid() == 0:  # in a container
        command.append("--allow-root")
    return command


def copy_notebooks(source: Path, target: Path) -> CopiedNotebooks:
    """Update the user's copies. A copy with changed cells is kept; outputs don't count as a change."""
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    record = target / RECORD
    try:
        known = {str(name): str(digest) for name, digest in json.loads(record.read_bytes()).items()}
    except (OSError, ValueError, AttributeError):
        known = {}
    kept = []
    for notebook in sorted(source.glob("*.ipynb")):
        copy, ours = target / notebook.name, cells_hash(notebook)
        held = cells_hash(copy) if copy.exists() else None
        if held not in {None, ours, known.get(notebook.name)}:
            kept.append(notebook.name)
            continue
        if held != ours:
            safe_files.write_over(copy, notebook.read_bytes())
        known[notebook.name] = ours
    safe_files.write_over(record, json.dumps(known, indent=1).encode())
    return CopiedNotebooks(target, tuple(kept))


def cells_hash(notebook: Path) -> str:
    """The SHA-256 of a notebook's cells without their outputs; of the whole file when it isn't a notebook."""
    data = notebook.read_bytes()
    try:
        cells = [[cell["cell_type"], "".join(cell["source"])] for cell in json.loads(data)["cells"]]
    except (ValueError, KeyError, TypeError):
        return hashlib.sha256(data).hexdigest()
    return hashlib.sha256(json.dumps(cells).encode()).hexdigest()


def _update_notebooks(language: Language) -> tuple[Path, Path]:
    """Update the user's notebooks; gives their folder and the user's data folder. Prints which were kept."""
    import platformdirs

    data = platformdirs.user_data_path("accountools", appauthor=False)
    copied = copy_notebooks(resources.notebooks(), data / "notebooks")
    texts = Texts(language)
    for name in copied.kept:
        sys.stderr.write(texts("Kept your changed notebook: {path}", path=copied.folder / name) + "\n")
    return copied.folder, data


def _environment(office_folder: Path, language: Language) -> dict[str, str]:
    """The environment of the server and its kernels."""
    office = str(office_folder.expanduser().absolute())
    share = os.pathsep.join(filter(None, (str(SHARE), os.environ.get("JUPYTER_PATH"))))
    ours = {"ACCOUNTOOLS_OFFICE": office, "ACCOUNTOOLS_LANG": language, "JUPYTER_PATH": share, "JUPYTER_PREFER_ENV_PATH": "1"}
    return os.environ | ours


def _run(command: list[str], environment: dict[str, str]) -> int:
    """Run a command to its end; gives its exit code. Ctrl-C is handled by the command itself, SIGTERM is passed on to it.

    It works in a folder of the program and imports nothing from there: what lies in the user's folder is no code of ours, nor its settings.
    """
    safe = {"PYTHONSAFEPATH": "1", PARENT: str(os.getpid())}
    process = subprocess.Popen(command, env=environment | safe, cwd=SHARE)  # noqa: S603 - our own command
    signal.signal(signal.SIGTERM, lambda *_: process.terminate())
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue
