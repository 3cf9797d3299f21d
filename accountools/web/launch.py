"""`accountools lab` and `accountools app`: the program's notebooks in JupyterLab, or as pages in Voilà; on this machine only.

The notebooks are copied to the user's data folder, where they may be changed: a copy whose cells were changed is kept, one that was
merely run is renewed with the program.
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

MENU, FIRST = "00_accountancy.ipynb", "01_import_client_licence.ipynb"
RECORD = ".shipped.json"
QUIET = {"@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False}}  # or it asks whether to call


@dataclass(frozen=True)
class Copied:
    """The user's notebooks: where they are, and which of them were changed and therefore kept."""

    folder: Path
    kept: tuple[str, ...]


def open_lab(office_folder: Path, language: str, *, port: int | None, browser: bool) -> int:
    """Open JupyterLab on the first notebook; gives its exit code when it ends.

    The kernels get `office_folder` and `language` in their environment. The token is left on, and it listens on loopback only.
    """
    notebooks, ours = _brought_up_to_date()
    settings = (os.environ.get("JUPYTER_CONFIG_PATH"), str(_settings(ours / "jupyter")))
    more = {"JUPYTER_CONFIG_PATH": os.pathsep.join(filter(None, settings))}
    return _run(lab_command(first_of(notebooks), port, browser=browser), _environment(office_folder, language) | more)


def open_app(office_folder: Path, language: str, *, port: int | None, browser: bool) -> int:
    """Serve the notebooks as pages by Voilà; gives its exit code when it ends. The kernels are told that they show pages."""
    notebooks, ours = _brought_up_to_date()
    more = {"ACCOUNTOOLS_PAGES": "1"}
    note = ours / "jupyter" / "open.html" if browser else None
    return _run(app_command(first_of(notebooks), language, port, note), _environment(office_folder, language) | more)


def first_of(notebooks: Path) -> Path:
    """Where one begins: at the menu."""
    return notebooks / (MENU if (notebooks / MENU).exists() else FIRST)


def app_command(notebook: Path, language: str, port: int | None, note: Path | None) -> list[str]:
    """The command that serves the pages; with a `note` (a file to write the address to) it opens a browser."""
    command = [sys.executable, "-m", "accountools.web.serve", str(notebook.parent), notebook.name, "--lang", language]
    command += [] if port is None else ["--port", str(port)]
    return command + ([] if note is None else ["--note", str(note)])


def lab_command(notebook: Path, port: int | None, *, browser: bool) -> list[str]:
    """The command that serves JupyterLab, without a call to anybody outside."""
    command = [
        *(sys.executable, "-m", "jupyterlab"),
        f"--ServerApp.root_dir={notebook.parent}",
        f"--LabApp.default_url=/lab/tree/{notebook.name}",
        "--ServerApp.ip=127.0.0.1",
        "--ServerApp.allow_remote_access=False",
        "--KernelManager.transport_encryption=auto",  # what goes between server and kernel is nobody else's on this machine
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


def copy_notebooks(source: Path, target: Path) -> Copied:
    """Bring the user's copies up to date. Cells that the user changed are kept; outputs don't count as a change."""
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    record = target / RECORD
    known = _known(record)
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
    return Copied(target, tuple(kept))


def cells_hash(notebook: Path) -> str:
    """The SHA-256 of what a notebook's cells say, their outputs left out; of all bytes when it isn't a notebook (any more)."""
    data = notebook.read_bytes()
    try:
        cells = [[cell["cell_type"], "".join(cell["source"])] for cell in json.loads(data)["cells"]]
    except (ValueError, KeyError, TypeError):
        return hashlib.sha256(data).hexdigest()
    return hashlib.sha256(json.dumps(cells).encode()).hexdigest()


def _brought_up_to_date() -> tuple[Path, Path]:
    """The user's folder of notebooks, with the program's in it, and the user's data folder; says which were kept as they were."""
    import platformdirs

    ours = platformdirs.user_data_path("accountools", appauthor=False)
    copied = copy_notebooks(resources.notebooks(), ours / "notebooks")
    for name in copied.kept:
        sys.stderr.write(f"{copied.folder / name}: changed by you, and kept\n")
    return copied.folder, ours


def _environment(office_folder: Path, language: str) -> dict[str, str]:
    """What the server and its kernels get to know."""
    from accountools.web import SHARE

    office = str(office_folder.expanduser().absolute())
    share = os.pathsep.join(filter(None, (str(SHARE), os.environ.get("JUPYTER_PATH"))))
    ours = {"ACCOUNTOOLS_OFFICE": office, "ACCOUNTOOLS_LANG": language, "JUPYTER_PATH": share, "JUPYTER_PREFER_ENV_PATH": "1"}
    return os.environ | ours


def _settings(folder: Path) -> Path:
    """A folder of Jupyter settings beneath the user's own: JupyterLab is not to ask whether it may call outside."""
    place = folder / "labconfig"
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    safe_files.write_over(place / "default_setting_overrides.json", json.dumps(QUIET, indent=1).encode())
    return folder


def _known(record: Path) -> dict[str, str]:
    try:
        held = json.loads(record.read_bytes())
    except (OSError, ValueError):
        return {}
    return {str(name): str(digest) for name, digest in held.items()} if isinstance(held, dict) else {}


def _run(command: list[str], environment: dict[str, str]) -> int:
    """Run it to its end; Ctrl-C is its own to handle, and being asked to stop is passed on."""
    process = subprocess.Popen(command, env=environment)  # noqa: S603 - our own command
    signal.signal(signal.SIGTERM, lambda *_: process.terminate())
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue
