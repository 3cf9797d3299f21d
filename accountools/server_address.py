"""Where the addresses of the server begin: at its root or, under a JupyterHub, with the prefix of a person's own server."""

import os

PREFIX = "ACCOUNTOOLS_PREFIX"  # in the environment of the server and its kernels


def address_on_server(path: str) -> str:
    """The address of a path (`/…`) of the server."""
    return os.environ.get(PREFIX, "").rstrip("/") + path
