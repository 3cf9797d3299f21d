"""What the servers of `lab` and `app` share.

No token in the lines of their log, an end when the command that started them is gone, and a page that says how to go on for whoever comes
without token or cookie.
"""

import atexit
import logging
import os
import queue
import re
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from threading import Thread
from typing import NoReturn

import jinja2
from jupyter_server.auth.login import LoginFormHandler
from tornado.log import access_log, app_log, gen_log

from accountools.standard_streams import write_message
from accountools.texts import Texts, choose_language
from accountools.web import PARENT, SHARE

_REQUEST, _QUERY = re.compile(r"\d{3} \w+ "), re.compile(r"\?\S+")  # the token is in the query
_ADDRESS, _END = re.compile(r"http://127\S+"), re.compile("received signal|Shutting down|Shutdown confirmed")
_PINGS = "The websocket_ping_timeout ("  # Tornado warns of what Jupyter's server sets; a shorter one would close each page's connection
_CLOSED = "Got events for closed stream "  # ZeroMQ warns of what comes from a kernel whose page was closed just then
_GONE = re.compile(r"404 \w+ /api/kernels/[0-9a-f-]{36}\b")  # a page that is being closed still asks after its kernel
_LONGEST_END = 10  # seconds
_LONGEST_WRITE = 3  # seconds


class QueryFilter(logging.Filter):
    """Removes the queries from the lines of requests, and from warnings and errors; the address that the user opens stays."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record pass but three warnings of what is as it should be."""
        text = record.getMessage()
        if text.startswith((_PINGS, _CLOSED)) or _GONE.match(text):
            return False
        if record.levelno in {logging.WARNING, logging.ERROR} or _REQUEST.match(text):
            record.msg, record.args = _QUERY.sub("?…", text), ()
        return True


class OwnWords(logging.Filter):
    """Says what the servers say to whoever started them (their critical messages) in our words, in the user's language."""

    def __init__(self, texts: Texts) -> None:
        super().__init__()
        self._texts = texts

    def filter(self, record: logging.LogRecord) -> bool:
        """Drop a record that was said in other words."""
        if record.levelno != logging.CRITICAL:
            return True
        lines = self._lines(record.getMessage())
        if lines:
            write_message(*lines)
        return not lines

    def _lines(self, message: str) -> tuple[str, ...]:
        _, address = self._texts, _ADDRESS.search(message)
        if "To access the server" in message and address is not None:
            return _("The notebooks are at {address}", address=address[0]), _("Keep this window open; Ctrl+C stops the server.")
        if "could not be started" in message:
            return (_("This port is in use by another program: choose another one with --port."),)
        return (_("accountools is stopped."),) if _END.match(message) else ()


class LoginHandler(LoginFormHandler):
    """In the place of Jupyter's page that asks for a password or token: how to get to the screens."""

    def _render(self, message: object = None) -> None:  # noqa: ARG002 - nothing is asked, so nothing can be wrong
        templates = jinja2.Environment(loader=jinja2.FileSystemLoader(SHARE / "nbconvert" / "templates" / "accountools"), autoescape=True)
        texts = Texts(choose_language(os.environ.get("ACCOUNTOOLS_LANG")))
        self.write(templates.get_template("open_again.html").render(_=texts, language=texts.language))


def prepare() -> None:
    """Prepare this process, before the server starts."""
    words = OwnWords(Texts(choose_language(os.environ.get("ACCOUNTOOLS_LANG"))))
    for log in (access_log, app_log, gen_log, logging.getLogger("ServerApp"), logging.getLogger("Pages")):
        log.addFilter(words)
        log.addFilter(QueryFilter())
    if hasattr(signal, "SIGHUP"):  # the end of the terminal: the command that started this hears of it too, and ends this
        signal.signal(signal.SIGHUP, lambda *_: None)
    parent = os.environ.get(PARENT, "")
    if parent.isdecimal():
        Thread(target=_end_with, args=(int(parent),), daemon=True).start()


def run(serve: Callable[[], object]) -> NoReturn:
    """Serve, and end this process when that has ended, with its exit code.

    Python would wait for the threads in which the server reads and writes files, and anyio stops such a thread when the request is done
    that it was made for: never, if that was still being answered. What they are writing is waited for, some seconds.
    """
    code = 1
    try:
        serve()
        code = 0
    except SystemExit as error:
        if isinstance(error.code, str):
            write_message(error.code)
        else:
            code = error.code if isinstance(error.code, int) else 0
    except BaseException:
        traceback.print_exc()
    finally:
        _end_threads()
        atexit._run_exitfuncs()
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError, AttributeError):  # nobody may be there who reads it
                stream.flush()
        os._exit(code)


def _end_threads() -> None:
    until = time.monotonic() + _LONGEST_WRITE
    others = [one for one in threading.enumerate() if one is not threading.current_thread() and not one.daemon]
    for thread in others:
        if thread.name.startswith("AnyIO"):
            with suppress(AttributeError, queue.Full):
                thread.stop()  # type: ignore[attr-defined]
    for thread in others:
        thread.join(max(until - time.monotonic(), 0))


def _end_with(parent: int) -> None:
    while _is_running(parent):
        time.sleep(1)
    os.kill(os.getpid(), signal.SIGTERM)  # the server stops its kernels
    time.sleep(_LONGEST_END)
    os._exit(1)


def _is_running(parent: int) -> bool:
    if os.name != "nt":
        return os.getppid() == parent  # whose parent was killed gets another one
    import psutil

    return bool(psutil.pid_exists(parent))
