"""Serves a folder of notebooks as pages: Voilà on loopback only, behind its token, with a template that asks nothing outside.

It runs as a process of its own (`python -m accountools.web.serve`), which `accountools.web.launch` starts.
"""

import argparse
import asyncio
import sys
import threading
import webbrowser
from pathlib import Path
from typing import Any

from tornado.ioloop import IOLoop
from tornado.websocket import WebSocketClosedError
from traitlets.config import Config
from voila.app import Voila

from accountools import safe_files
from accountools.texts import LANGUAGES, Language, Texts
from accountools.web.page_texts import make_page
from accountools.web.ready_kernels import ReadyKernels

LOOPBACK = "127.0.0.1"
# Nothing is asked of, sent to or framed by another host. Voilà's own pages have scripts and styles in them.
_OURS = "default-src 'self' data: blob: 'unsafe-inline' 'unsafe-eval'; connect-src 'self' ws://127.0.0.1:* ws://localhost:*"
POLICY = f"{_OURS}; form-action 'self'; base-uri 'self'; object-src 'none'"
HEADERS = {"Content-Security-Policy": f"{POLICY}; frame-ancestors 'self'", "Referrer-Policy": "same-origin"}
EXTENSIONS = ["@voila-dashboards/widgets-manager8", "@jupyter-widgets/jupyterlab-manager", "anywidget"]
LEFT_OUT = ["@jupyterlab/mathjax2-extension:plugin"]  # it would fetch MathJax from another host
PINGS = {"ws_ping_timeout": 30_000}  # what it comes to anyhow; of the default the terminal would say that it is too long
FORGOTTEN, LOOKING = 300, 60  # seconds: a kernel whose page went without a word is ended, and how often that is looked for


class Pages(Voila):  # type: ignore[misc]
    """Voilà, which tells where its first page is and opens a browser there."""

    first = ""
    note: Path | None = None
    texts = Texts("en")

    @property
    def address(self) -> str:
        """Where the first page is, with the token that lets one in."""
        return f"http://{LOOPBACK}:{self.port}/voila/render/{self.first}?token={self.identity_provider.token}"

    def init_settings(self) -> Any:
        """Start the first kernel as soon as one can be."""
        made = super().init_settings()
        IOLoop.current().add_callback(lambda: asyncio.get_running_loop().set_exception_handler(pass_over_closed_pages))
        IOLoop.current().add_callback(self.kernel_manager.make_ready)
        return made

    def launch_browser(self) -> None:
        """Say where the pages are, and open them if that was asked for. It listens by now."""
        sys.stderr.write(self.texts("The pages are at {address}", address=self.address) + "\n")
        sys.stderr.write(self.texts("Leave this window open; Ctrl+C stops them.") + "\n")
        sys.stderr.flush()
        if self.note is not None:
            # The address goes by a file of the user's own: what stands on a command line can be read by others on this machine.
            refresh = f'<!doctype html><meta http-equiv="refresh" content="0;url={self.address}"><title>accountools</title>'
            self.note.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            safe_files.write_over(self.note, refresh.encode())
            threading.Thread(target=webbrowser.open, args=(self.note.as_uri(),), daemon=True).start()

    def stop(self) -> None:
        """End all kernels."""
        if self.note is not None:
            self.note.unlink(missing_ok=True)
        super().stop()


def pass_over_closed_pages(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Tell of what went wrong in the server, except that a page was closed while something was on its way to it.

    Tornado leaves that one to whoever awaits the message, and nobody does: the user would read a traceback for closing a tab.
    """
    if not isinstance(context.get("exception"), WebSocketClosedError):
        loop.default_exception_handler(context)


def settings(folder: Path, port: int | None, texts: Texts) -> Config:
    """How Voilà serves `folder`."""
    config = Config()
    config.Voila.root_dir = str(folder)
    config.Voila.ip = LOOPBACK
    if port is not None:
        config.Voila.port, config.Voila.port_retries = port, 0
    config.Voila.auto_token = True
    config.Voila.log_level = "ERROR"
    config.Voila.tornado_settings = {"allow_remote_access": False, "headers": HEADERS} | PINGS
    config.VoilaConfiguration.template = "accountools"
    config.VoilaConfiguration.allow_template_override = config.VoilaConfiguration.allow_theme_override = "NO"
    config.VoilaConfiguration.extension_allowlist = EXTENSIONS
    config.VoilaConfiguration.resources = {"accountools": words(texts)}
    config.VoilaConfiguration.prelaunch_hook = _hook(texts.language)
    config.VoilaConfiguration.page_config_hook = _leave_out
    config.VoilaConfiguration.multi_kernel_manager_class = ReadyKernels
    config.VoilaExecutor.cell_error_instruction = texts("The notebook says more: open it with `accountools lab`.")
    config.VoilaExporter.language_code = texts.language
    config.KernelManager.transport_encryption = "auto"  # what goes between server and kernel is nobody else's on this machine
    config.MappingKernelManager.cull_idle_timeout = FORGOTTEN
    config.MappingKernelManager.cull_interval = LOOKING
    return config


def words(texts: Texts) -> dict[str, str]:
    """What the template says itself."""
    return {"policy": POLICY, "loading": texts("The page is being made ready"), "no_script": texts("This page needs JavaScript.")}


def _hook(language: Language) -> Any:
    def hook(request: Any, notebook: Any, cwd: str) -> Any:  # noqa: ARG001 - as Voilà calls it
        _ = request.xsrf_token  # asking for it sends it along: without it a page that is closed isn't allowed to end its kernel
        return make_page(notebook, language)

    return hook


def _leave_out(page_config: dict[str, Any], **_: Any) -> dict[str, Any]:
    page_config["disabledExtensions"] = [*page_config.get("disabledExtensions", []), *LEFT_OUT]
    return page_config


def main() -> None:
    """Serve until it is stopped."""
    parser = argparse.ArgumentParser(prog="accountools.web.serve")
    parser.add_argument("folder", type=Path)
    parser.add_argument("first")
    parser.add_argument("--port", type=int)
    parser.add_argument("--lang", choices=LANGUAGES, default="en")
    parser.add_argument("--note", type=Path, help="open a browser, by this file")
    asked = parser.parse_args()
    Pages.first, Pages.note, Pages.texts = asked.first, asked.note, Texts(asked.lang)
    Pages.launch_instance(argv=[], config=settings(asked.folder, asked.port, Pages.texts), config_file_paths=[])


if __name__ == "__main__":
    main()
