"""Fork kernels from a process that has imported the program (`accountools.web.kernel_source`).

Only on Linux: macOS and Windows can't fork safely. Python's own fork server would import the server's main module into each kernel.
"""

import json
import os
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from threading import Lock
from uuid import UUID

import psutil


class ForkedProcess:
    """A kernel's process, with the methods of `subprocess.Popen` that a provisioner needs. It is no child of this process."""

    stdin = stdout = stderr = None

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._process: psutil.Process | None = None
        with suppress(psutil.NoSuchProcess):
            self._process = psutil.Process(pid)

    def poll(self) -> int | None:
        """None while it runs."""
        with suppress(psutil.NoSuchProcess):  # it can end between any two questions
            if self._process is not None and self._process.is_running() and self._process.status() != psutil.STATUS_ZOMBIE:
                return None
        return 0

    def wait(self) -> int:
        """Wait for its end."""
        if self._process is not None:
            self._process.wait()
        return 0

    def send_signal(self, number: int) -> None:
        """Send it a signal; does nothing when it is gone."""
        if self._process is not None:
            with suppress(psutil.NoSuchProcess):
                self._process.send_signal(number)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)


class KernelSource:
    """The process from which the kernels of this process are forked."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._requests: socket.socket | None = None

    def start(self) -> None:
        """Start the process, where kernels can be forked."""
        if sys.platform != "linux":
            return
        ours, theirs = socket.socketpair()
        with theirs:
            command = [sys.executable, "-P", "-m", "accountools.web.kernel_source"]
            subprocess.Popen(command, stdin=theirs.fileno(), env=os.environ | {"OPENBLAS_NUM_THREADS": "1"})  # noqa: S603 - our own command
        self._requests = ours

    def fork(self, arguments: list[str], folder: Path, environment: dict[str, str]) -> ForkedProcess | None:
        """A new kernel; None where none can be forked (now), or when the process is gone: the next call starts another one."""
        request = json.dumps({"arguments": arguments, "folder": str(folder), "environment": environment})
        with self._lock:
            if self._requests is None:
                self.start()
            if self._requests is None:
                return None
            try:
                self._requests.sendall(request.encode() + b"\n")
                answer = self._requests.makefile("rb").readline()
            except OSError:
                answer = b""
            if not answer:
                self._requests.close()
                self._requests = None
        return ForkedProcess(pid) if (pid := int(answer or 0)) else None


SOURCE = KernelSource()

_SOCKET = f"kernel-{UUID(int=0)}-ipc-5"  # the longest name that Jupyter gives a kernel's socket
_LONGEST = 103  # bytes of a socket's path on macOS; 107 on Linux


def transport(folder: Path) -> str:
    """How the server reaches its kernels, whose connection files are in this folder: by sockets there, if their paths aren't too long.

    Of the ports that Jupyter takes otherwise another program may have one by the time the kernel is there.
    """
    return "ipc" if os.name == "posix" and len(os.fsencode(folder / _SOCKET)) <= _LONGEST else "tcp"
