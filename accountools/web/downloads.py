"""Gives the browser a file that a screen offered (`forms.files.signed_links`): to who has the server's token or cookie, piece by piece."""

from pathlib import Path
from typing import Any
from urllib.parse import quote

from jupyter_server.base.handlers import JupyterHandler
from tornado import web

from accountools.forms.files.signed_links import ROUTE, begin, is_offered
from accountools.server_address import address_on_server

_SANDBOX = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox allow-modals"  # a page of ours runs no script


class OfferedFile(JupyterHandler, web.StaticFileHandler):
    """One file. All else is as it is for any static file: ranges, no change since, a file that is gone."""

    def initialize(self) -> None:  # type: ignore[override]
        """The folder is that of each file."""
        super().initialize(path="")

    async def head(self) -> None:  # type: ignore[override]
        """As `get`, without the file."""
        await self._give(include_body=False)

    async def get(self) -> None:  # type: ignore[override]
        """Give the file."""
        await self._give(include_body=True)

    async def _give(self, *, include_body: bool) -> None:
        if not self.current_user:
            raise web.HTTPError(403)  # no redirect to a login page: the browser would keep that page as the file
        path, how = self.get_query_argument("path", strip=False), self.get_query_argument("how", "")
        if not is_offered(path, how, self.get_query_argument("signature", "")) or Path(path).is_symlink():
            raise web.HTTPError(404)
        self.root, name = str(Path(path).parent), Path(path).name
        if how == "save":
            self.set_header("Content-Disposition", f"attachment; filename*=UTF-8''{quote(name, safe='')}")
        await web.StaticFileHandler.get(self, name, include_body)

    def write_error(self, status_code: int, **_: Any) -> None:  # noqa: ARG002 - Tornado's signature
        """Only what went wrong."""
        self.set_header("Content-Type", "text/plain")
        self.finish(self._reason)

    def parse_url_path(self, url_path: str) -> str:
        """The name as it is."""
        return url_path

    def compute_etag(self) -> str | None:
        """None: it would read the whole file."""
        return None

    def set_extra_headers(self, path: str) -> None:  # noqa: ARG002 - Tornado's signature
        """Nothing of it is kept, and it runs nothing."""
        self.set_header("Cache-Control", "no-store")
        self.set_header("Content-Security-Policy", _SANDBOX)
        self.set_header("X-Content-Type-Options", "nosniff")


def handlers() -> list[tuple[str, Any]]:
    """The route, to be added to a server; makes its secret."""
    begin()
    return [(address_on_server(ROUTE), OfferedFile)]


def _load_jupyter_server_extension(server: Any) -> None:
    """For JupyterLab, which loads this module as an extension of its server."""
    server.web_app.add_handlers(".*$", handlers())


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": __name__}]
