"""Serve a folder of notebooks as web pages: Voilà on loopback only, with a token, and a template without requests to other hosts.

It is a process of its own (`python -m accountools.web.app`), started by `accountools.web.launch`.
"""

import argparse
import asyncio
import os
import signal
import tempfile
import threading
import webbrowser
from contextlib import suppress
from pathlib import Path
from typing import Any

from jupyter_core.utils import run_sync
from jupyter_server import DEFAULT_STATIC_FILES_PATH
from tornado.ioloop import IOLoop
from tornado.websocket import WebSocketClosedError
from traitlets.config import Config
from voila.app import Voila

from accountools import safe_files
from accountools.server_address import PREFIX
from accountools.standard_streams import write_message
from accountools.texts import LANGUAGES, Texts
from accountools.web import downloads, page_exporter, server_process
from accountools.web.forked_kernels import transport
from accountools.web.page_texts import make_page
from accountools.web.ready_kernels import PromptClient, ReadyKernels

LOOPBACK = "127.0.0.1"
# No requests to other hosts and no framing by them. Voilà's own pages have inline scripts and styles.
_SOURCES = "default-src 'self' data: blob: 'unsafe-inline' 'unsafe-eval'; connect-src 'self' ws://127.0.0.1:* ws://localhost:*"
POLICY = f"{_SOURCES}; form-action 'self'; base-uri 'self'; object-src 'none'"
HEADERS = {"Content-Security-Policy": f"{POLICY}; frame-ancestors 'self'", "Referrer-Policy": "same-origin"}
EXTENSIONS = ["@voila-dashboards/widgets-manager8", "@jupyter-widgets/jupyterlab-manager", "anywidget"]
DISABLED = ["@jupyterlab/mathjax2-extension:plugin"]  # it would fetch MathJax from another host
IMMUTABLE = {"static_immutable_cache": ["/voila/labextensions/"]}  # their names hold a hash of what is in them
OUTPUT_SECONDS = 120
IDLE_SECONDS, CULL_SECONDS = 300, 60  # when a kernel without a page is stopped, and how often that is checked


class Pages(Voila):  # type: ignore[misc]
    """Voilà, which prints the address of its first page and opens a browser there."""

    first_page = ""
    redirect_file: Path | None = None
    texts = Texts("en")

    @property
    def address(self) -> str:
        """The address of the first page, with the token."""
        return f"http://{LOOPBACK}:{self.port}/voila/render/{self.first_page}?token={self.identity_provider.token}"

    def init_settings(self) -> Any:
        """Start the first spare kernels as soon as the event loop runs. Ctrl+C ends that as SIGTERM does: not in the midst of a task."""
        initial = super().init_settings()
        self.ioloop = IOLoop.current()
        signal.signal(signal.SIGINT, self._handle_signal_stop)
        self.identity_provider.login_handler_class = server_process.LoginHandler
        IOLoop.current().add_callback(lambda: asyncio.get_running_loop().set_exception_handler(ignore_closed_pages))
        IOLoop.current().add_callback(self.kernel_manager.start_spares)
        return initial

    def init_handlers(self) -> list[Any]:
        """Voilà's, and the one that gives files."""
        return [*downloads.handlers(), *super().init_handlers()]

    def launch_browser(self) -> None:
        """Print the address of the pages, and open a browser if that was requested. The server listens by now."""
        _ = self.texts
        write_message(_("The pages are at {address}", address=self.address), _("Keep this window open; Ctrl+C stops the server."))
        if self.redirect_file is not None:
            # The address with its token goes through a private file: other users of this machine can read a command line.
            refresh = f'<!doctype html><meta http-equiv="refresh" content="0;url={self.address}"><title>accountools</title>'
            self.redirect_file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            safe_files.write_over(self.redirect_file, refresh.encode())
            threading.Thread(target=webbrowser.open, args=(self.redirect_file.as_uri(),), daemon=True).start()

    def stop(self) -> None:
        """Stop the server and all kernels."""
        if self.redirect_file is not None:
            self.redirect_file.unlink(missing_ok=True)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: None)  # it ends already
        loop = self.ioloop.asyncio_loop  # type: ignore[attr-defined]
        finished = loop.create_task(self.kernel_manager.finish_starting())  # in this loop: `run_sync` has another one
        while not finished.done():
            with suppress(RuntimeError):  # a signal that came just before stops the loop once more
                loop.run_until_complete(finished)
        try:
            run_sync(self.kernel_manager.shutdown_all)()  # it is by sockets in the folder that Voilà removes first
        finally:
            super().stop()


def ignore_closed_pages(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Handle an exception of the event loop; ignore that a page was closed while a message was being sent to it.

    Tornado doesn't catch that exception, so that closing a tab would print a traceback.
    """
    if not isinstance(context.get("exception"), WebSocketClosedError):
        loop.default_exception_handler(context)


def settings(folder: Path, port: int | None, texts: Texts) -> Config:
    """Voilà's configuration for serving `folder`."""

    def prepare_page(request: Any, notebook: Any, cwd: str) -> Any:  # noqa: ARG001 - Voilà's signature
        _ = request.xsrf_token  # reading it sends the cookie: without it a closed page can't stop its kernel
        return make_page(notebook, texts.language)

    def disable_extensions(page_config: dict[str, Any], **_: Any) -> dict[str, Any]:
        return page_config | {"disabledExtensions": [*page_config.get("disabledExtensions", []), *DISABLED]}

    values = {"policy": POLICY, "loading": texts("The page is loading"), "no_script": texts("This page needs JavaScript.")}
    config = Config()
    config.Voila.root_dir = str(folder)
    config.Voila.ip = LOOPBACK
    if port is not None:
        config.Voila.port, config.Voila.port_retries = port, 0
    config.Voila.auto_token = True
    config.Voila.log_level = "ERROR"
    # else each message of a kernel is made into a line of the log, which is then left out: a tenth of the time until a page is there
    config.Voila.logging_config = {"loggers": {Pages.__name__: {"level": "ERROR"}}}
    fixed = {"allow_remote_access": False, "headers": HEADERS, "static_path": DEFAULT_STATIC_FILES_PATH}
    config.Voila.tornado_settings = fixed | IMMUTABLE
    config.VoilaConfiguration.template = "accountools"
    config.VoilaConfiguration.allow_template_override = config.VoilaConfiguration.allow_theme_override = "NO"
    config.VoilaConfiguration.extension_allowlist = EXTENSIONS
    config.VoilaConfiguration.resources = {"accountools": values}
    config.VoilaConfiguration.prelaunch_hook = prepare_page
    config.VoilaConfiguration.page_config_hook = disable_extensions
    config.VoilaConfiguration.multi_kernel_manager_class = ReadyKernels
    config.VoilaExecutor.cell_error_instruction = texts("Reload this page. If that doesn't help, tell whoever installed this program.")
    # else what a cell shows is left out in silence where reading it takes more than four seconds: on a busy machine
    config.VoilaExecutor.iopub_timeout, config.VoilaExecutor.raise_on_iopub_timeout = OUTPUT_SECONDS, True
    config.VoilaExporter.language_code = texts.language
    config.KernelManager.client_factory = PromptClient
    config.KernelManager.transport = transport(Path(tempfile.gettempdir(), "voila_12345678"))
    config.KernelManager.transport_encryption = "auto"  # other users of this machine can't read the traffic between server and kernel
    config.MappingKernelManager.cull_idle_timeout = IDLE_SECONDS
    config.MappingKernelManager.cull_interval = CULL_SECONDS
    return config


def main() -> None:
    """Serve until stopped."""
    parser = argparse.ArgumentParser(prog="accountools.web.app")
    parser.add_argument("folder", type=Path)
    parser.add_argument("first")
    parser.add_argument("--port", type=int)
    parser.add_argument("--lang", choices=LANGUAGES, default="en")
    parser.add_argument("--redirect-file", type=Path, help="open a browser with this file, which redirects to the first page")
    parser.add_argument("--cookie-secret-file", type=Path, required=True, help="with what is in it the cookies are signed")
    options = parser.parse_args()
    server_process.prepare()
    Pages.first_page, Pages.redirect_file, Pages.texts = options.first, options.redirect_file, Texts(options.lang)
    config = settings(options.folder, options.port, Pages.texts)
    if os.environ.get(PREFIX):
        from accountools.web import hub

        hub.configure(config)
    page_exporter.use()
    config.Voila.cookie_secret = options.cookie_secret_file.read_bytes()
    Pages.launch_instance(argv=[], config=config, config_file_paths=[])
