"""The process from which kernels are forked on Linux (`python -m accountools.web.kernel_source`): it has imported what they need.

A kernel then starts in a tenth of the time and shares the memory of what was imported. Requests come on the socket that is this process's
standard input: a line of JSON with the `arguments`, `folder` and `environment` of a kernel; each is answered with its process number, or 0.
The process ends when the server closes the socket, and then its kernels end (ipykernel watches its parent).
"""

import atexit
import gc
import json
import os
import select
import signal
import socket
import sys
from pathlib import Path
from typing import Any

from accountools.web import preload


def serve(requests: socket.socket) -> None:
    """Fork a kernel for each request; import what is left of the program while there is none."""
    for number in (signal.SIGINT, signal.SIGHUP):  # Ctrl+C in the server's terminal, and its end, are for the server
        signal.signal(number, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the system forgets kernels that ended
    names = ["ipykernel.kernelapp", *preload.modules()]
    lines = requests.makefile("rb")
    while True:
        if names and not select.select([requests], [], [], 0)[0]:
            preload.import_module(names.pop(0))
            gc.collect()
            gc.freeze()  # the kernels' collectors leave the pages alone that they share with this process
            continue
        line = lines.readline()
        if not line:
            return
        try:
            kernel = os.fork()
        except OSError:  # too little memory, or too many processes: the kernels that run go on
            requests.sendall(b"0\n")
            continue
        if kernel == 0:
            requests.close()
            _become_kernel(json.loads(line))
        requests.sendall(f"{kernel}\n".encode())


def _become_kernel(request: dict[str, Any]) -> None:
    """Run a kernel to its end."""
    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.environ.clear()
    os.environ.update(request["environment"])
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()  # Python's own generator does so by itself
    os.chdir(request["folder"])
    arguments = [*request["arguments"], f"--IPKernelApp.parent_handle={os.getppid()}"]
    sys.argv = ["ipykernel_launcher", *arguments]
    name = next((Path(word).stem for word in arguments if word.endswith(".json")), "kernel")
    Path("/proc/self/comm").write_bytes(name[:15].encode())  # what `top` shows: kernel-, and how its number begins

    from ipykernel.kernelapp import IPKernelApp

    class ForkedKernelApp(IPKernelApp):
        def write_connection_file(self, **kwargs: Any) -> None:
            """It is there, by the server, which reads it just now: written anew it would be empty for a moment."""

    code = 1
    try:
        ForkedKernelApp.launch_instance(arguments)
        code = 0
    finally:
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    serve(socket.socket(fileno=0))
