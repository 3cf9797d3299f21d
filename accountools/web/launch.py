"""`accountools lab` and `accountools app`: the notebooks in JupyterLab, or as web pages by Voilà; on this machine only.

JupyterLab gets copies of the notebooks, in the user's data folder (`notebook_copies`); the pages are those of the program itself.
"""

import importlib.util
import json
import os
import secrets
import signal
import subprocess
import sys
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from accountools import resources, safe_files
from accountools.clock import TODAY
from accountools.domain.errors import Refused, WrongUsage
from accountools.forms.kit.preferences import SESSION
from accountools.notebook_copies import FOLDER, copy_notebooks
from accountools.server_address import PREFIX
from accountools.standard_streams import write_message
from accountools.storage.address import absolute_place, folder_of
from accountools.storage.temporary_folders import clear_temporary_folders
from accountools.texts import Language, Texts
from accountools.web import PARENT, SHARE
from accountools.web.forked_kernels import transport

MENU, IMPORT = "00_accountancy.ipynb", "01_import_client_licence.ipynb"
SECRET_SIZE = 32  # bytes
SETTINGS: dict[str, dict[str, object]] = {
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},  # no request to other hosts
}
LOCALES: dict[Language, str] = {"nl": "nl_NL", "en": "en"}  # as JupyterLab names them


def open_lab(place: Path | str, language: Language, *, port: int | None, browser: bool, today: date | None = None) -> int:
    """Open JupyterLab on the first notebook; gives its exit code when it ends.

    The kernels get the office's `place`, `language` and, when it is given, `today` in their environment. The server requires its token and
    listens on loopback only. Raises `url-invalid`.
    """
    folder_of(place)
    data = _data_folder()
    copied = copy_notebooks(resources.notebooks(), data / "notebooks", always=MENU)
    for name in copied.kept:
        write_message(Texts(language)("Kept your changed notebook: {path}", path=copied.folder / name))
    settings = data / "jupyter"
    (settings / "labconfig").mkdir(mode=0o700, parents=True, exist_ok=True)
    values = SETTINGS | {"@jupyterlab/translation-extension:plugin": {"locale": LOCALES[language]}}
    safe_files.write_over(settings / "labconfig" / "default_setting_overrides.json", json.dumps(values, indent=1).encode())
    path = os.pathsep.join(filter(None, (os.environ.get("JUPYTER_CONFIG_PATH"), str(settings))))
    environment = _environment(place, language, today) | {"JUPYTER_CONFIG_PATH": path, FOLDER: str(copied.folder)}
    command = lab_command(first_notebook(copied.folder), port, browser=browser)
    return _run([*command, f"--ServerApp.cookie_secret_file={cookie_secret_file(data)}"], environment)


def open_app(
    place: Path | str, language: Language, *, port: int | None, browser: bool, today: date | None = None, hub: bool = False
) -> int:
    """Serve the notebooks as web pages by Voilà; gives its exit code when it ends. The kernels get `ACCOUNTOOLS_PAGES`.

    `hub`: as a person's server of the JupyterHub that started this. Raises `url-invalid`, `package-missing`, and `usage` where no Hub did.
    """
    folder_of(place)
    notebooks, data = resources.notebooks(), _data_folder()
    redirect_file = data / "jupyter" / "open.html" if browser and not hub else None
    environment = _environment(place, language, today) | {"ACCOUNTOOLS_PAGES": "1"}
    if hub:
        environment[PREFIX] = _hub_prefix()
    command = [sys.executable, "-m", "accountools.web.app", str(notebooks), first_notebook(notebooks).name, "--lang", language]
    command += ["--cookie-secret-file", str(cookie_secret_file(data))]
    command += [] if port is None else ["--port", str(port)]
    command += [] if redirect_file is None else ["--redirect-file", str(redirect_file)]  # with which it opens a browser
    return _run(command, environment)


def _hub_prefix() -> str:
    """Where the addresses of this person's server begin."""
    prefix = os.environ.get("JUPYTERHUB_SERVICE_PREFIX")
    if not (prefix and os.environ.get("JUPYTERHUB_SERVICE_URL")):
        raise WrongUsage("usage", what="--hub: JupyterHub")
    if importlib.util.find_spec("jupyterhub") is None:
        raise Refused("package-missing", package="jupyterhub", extra="hub")
    return prefix


def first_notebook(notebooks: Path) -> Path:
    """The notebook that is opened first: the menu."""
    return notebooks / (MENU if (notebooks / MENU).exists() else IMPORT)


def lab_command(notebook: Path, port: int | None, *, browser: bool) -> list[str]:
    """The command that serves JupyterLab, without requests to other hosts."""
    from jupyter_core.paths import jupyter_runtime_dir

    command = [
        *(sys.executable, "-m", "accountools.web.lab"),
        f"--ServerApp.root_dir={notebook.parent}",
        f"--LabApp.default_url=/lab/tree/{notebook.name}",
        "--ServerApp.ip=127.0.0.1",
        "--ServerApp.allow_remote_access=False",
        "--ServerApp.static_immutable_cache=/lab/extensions/",  # their names hold a hash of what is in them
        f"--KernelManager.transport={transport(Path(jupyter_runtime_dir()))}",
        "--KernelManager.transport_encryption=auto",  # other users of this machine can't read the traffic between server and kernel
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--LabApp.extension_manager=readonly",
        "--LabApp.expose_app_in_browser=True",  # with which a link opens the next notebook beside this one
        "--IdentityProvider.login_handler_class=accountools.web.server_process.LoginHandler",
        "--ServerApp.jpserver_extensions=accountools.web.downloads=True",
    ]
    if port is not None:
        command += [f"--ServerApp.port={port}", "--ServerApp.port_retries=0"]
    if not browser:
        command.append("--no-browser")
    if hasattr(os, "geteuid") and os.geteuid() == 0:  # in a container
        command.append("--allow-root")
    return command


def cookie_secret_file(data: Path) -> Path:
    """The file of the secret that signs the cookies: a page finds its way back after a restart. One that others can read is replaced."""
    path = data / "jupyter" / "cookie-secret"
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.is_file() or path.stat().st_size < SECRET_SIZE or (os.name != "nt" and path.stat().st_mode & 0o077):
        safe_files.write_over(path, secrets.token_bytes(SECRET_SIZE))
    return path


def _data_folder() -> Path:
    """The user's data folder of this program."""
    import platformdirs

    return platformdirs.user_data_path("accountools", appauthor=False)


def _environment(place: Path | str, language: Language, today: date | None) -> dict[str, str]:
    """The environment of the server and its kernels."""
    office = str(absolute_place(place))
    share = os.pathsep.join(filter(None, (str(SHARE), os.environ.get("JUPYTER_PATH"))))
    ours = {"ACCOUNTOOLS_OFFICE": office, "ACCOUNTOOLS_LANG": language, "JUPYTER_PATH": share, "JUPYTER_PREFER_ENV_PATH": "1"}
    return os.environ | ours | ({} if today is None else {TODAY: today.isoformat()})


def _run(command: list[str], environment: dict[str, str]) -> int:
    """Run a command to its end; gives its exit code. Ctrl-C is handled by the command itself, SIGTERM is passed on to it.

    The end of the terminal is passed on as SIGTERM; so is SIGINT under a Hub, which sends it to this process alone.

    It works in a folder of the program and imports nothing from there: what lies in the user's folder is no code of ours, nor its settings.
    """
    clear_temporary_folders()
    with TemporaryDirectory(prefix="accountools-", ignore_cleanup_errors=True) as session:
        ours = {"PYTHONSAFEPATH": "1", PARENT: str(os.getpid()), SESSION: session}
        process = subprocess.Popen(command, env=environment | ours, cwd=SHARE)  # noqa: S603 - our own command
        ends = [signal.SIGTERM, *([signal.SIGINT] if environment.get(PREFIX) else [])]
        if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # as it is with `nohup`
            ends.append(signal.SIGHUP)
        for number in ends:
            signal.signal(number, lambda *_: process.terminate())
        while True:
            try:
                return process.wait()
            except KeyboardInterrupt:
                continue
