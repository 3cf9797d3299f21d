"""The addresses by which the server gives a file to the browser: each names one file, and is signed by who offered it.

The server makes a secret and passes it to its kernels by their environment: so a kernel can offer a file, and nobody can ask for another.
"""

import hashlib
import hmac
import os
import secrets
from pathlib import Path
from urllib.parse import urlencode

from accountools.server_address import address_on_server

ROUTE = "/accountools/files"
SECRET = "ACCOUNTOOLS_FILES"  # noqa: S105 - the name of the variable


def begin() -> None:
    """Make the secret of this server, before it starts a kernel."""
    os.environ[SECRET] = secrets.token_hex(32)


def address_of(path: Path, *, opened: bool = False) -> str:
    """The address at which the browser gets this file, to keep or to open (`opened`); empty where no server gives files."""
    if not os.environ.get(SECRET):
        return ""
    how = "open" if opened else "save"
    query = urlencode({"path": os.fsencode(path.absolute()), "how": how, "signature": _sign(str(path.absolute()), how)})
    return f"{address_on_server(ROUTE)}?{query}"


def is_offered(path: str, how: str, signature: str) -> bool:
    """Whether a kernel of this server offered this file."""
    return bool(os.environ.get(SECRET)) and hmac.compare_digest(_sign(path, how).encode(), signature.encode())


def _sign(path: str, how: str) -> str:
    return hmac.new(os.environ[SECRET].encode(), f"{how}\0{path}".encode(errors="surrogateescape"), hashlib.sha256).hexdigest()
