"""The pages as a person's own server under a JupyterHub: behind its addresses, for whom it lets in, and without a token.

The Hub's proxy passes requests on to this server; whoever comes without the Hub's cookie is sent to its page to log in. A server is for its
own person, whose name the journal gets: nobody else is let in, not even an administrator to whom the Hub gives that right.
"""

import os
from typing import Any
from urllib.parse import urlsplit

from jupyter_server.base.handlers import APIVersionHandler
from jupyterhub import __version__
from jupyterhub.singleuser.extension import JupyterHubAuthorizer, JupyterHubIdentityProvider
from tornado.web import HTTPError
from traitlets.config import Config

from accountools.server_address import address_on_server


class HubIdentity(JupyterHubIdentityProvider):  # type: ignore[misc]
    """JupyterHub's own, with its addresses as Voilà expects them, and for one person."""

    async def get_user(self, handler: Any) -> Any:
        """Who makes the request, if that is the person whose server this is; another one is refused (403)."""
        user = await super().get_user(handler)
        if user is None or user.username == os.environ["JUPYTERHUB_USER"]:
            return user

        def refuse(*_: object, **__: object) -> None:
            raise HTTPError(403, "This is somebody else's server.")

        handler._jupyterhub_user, handler.redirect = None, refuse  # as JupyterHub refuses: without a user one is sent to log in
        return None

    def get_handlers(self) -> list[tuple[Any, ...]]:
        """Logging out, coming back from the Hub's login, and what the Hub asks to see whether the server runs."""
        handlers = [*super().get_handlers(), ("/api", APIVersionHandler)]
        return [(address_on_server(route), *more) for route, *more in handlers]


def configure(config: Config) -> None:
    """Make the pages a server of the Hub that started this process, as the Hub's environment says."""
    service = urlsplit(os.environ["JUPYTERHUB_SERVICE_URL"])
    config.Voila.ip, config.Voila.port, config.Voila.port_retries = service.hostname, service.port, 0
    config.Voila.base_url = address_on_server("/")
    config.Voila.identity_provider_class, config.Voila.authorizer_class = HubIdentity, JupyterHubAuthorizer
    config.Voila.open_browser = False
    headers = config.Voila.tornado_settings["headers"] | {"X-JupyterHub-Version": __version__}
    config.Voila.tornado_settings |= {"allow_remote_access": True, "headers": headers}  # the name in a request is the Hub's
