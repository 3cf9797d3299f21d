"""What the servers of `lab` and `app` share: no token in the lines of their log, and an end when the command that started them is gone."""

import logging
import os
import re
import signal
import time
from threading import Thread

from tornado.log import access_log, app_log, gen_log

from accountools.web import PARENT

_REQUEST, _QUERY = re.compile(r"\d{3} \w+ "), re.compile(r"\?\S+")  # the token is in the query
_LONGEST_END = 10  # seconds


class QueryFilter(logging.Filter):
    """Removes the queries from the lines of requests, and from warnings and errors; the address that the user opens stays."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record pass."""
        text = record.getMessage()
        if record.levelno in {logging.WARNING, logging.ERROR} or _REQUEST.match(text):
            record.msg, record.args = _QUERY.sub("?…", text), ()
        return True


def prepare() -> None:
    """Prepare this process, before the server starts."""
    for log in (access_log, app_log, gen_log, logging.getLogger("ServerApp"), logging.getLogger("Pages")):
        log.addFilter(QueryFilter())
    parent = os.environ.get(PARENT, "")
    if parent.isdecimal():
        Thread(target=_end_with, args=(int(parent),), daemon=True).start()


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
