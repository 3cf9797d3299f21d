"""A JupyterHub on which the accountants of one office work together, each logged in under a name of their own.

Follow docs/jupyterhub.md. `jupyterhub --config jupyterhub_config.py` reads this file; what differs between offices comes from the
environment:

    ACCOUNTOOLS_HUB      the folder of all that the Hub and its people keep; default /srv/accountools
    ACCOUNTOOLS_OFFICE   the office; default `office` in that folder
    ACCOUNTOOLS_LANG     the language at first, nl or en; each person can choose another
    ACCOUNTOOLS_ADMIN    the name of who admits colleagues
    ACCOUNTOOLS_BIND     where the Hub listens; default http://127.0.0.1:8000, for a web server with TLS in front of it
"""

import os
import sys
from pathlib import Path

import nativeauthenticator

c = get_config()  # noqa: F821 - JupyterHub's own

folder = Path(os.environ.get("ACCOUNTOOLS_HUB", "/srv/accountools"))
programs = Path(sys.executable).parent
(folder / "hub").mkdir(mode=0o700, parents=True, exist_ok=True)
(folder / "people").mkdir(mode=0o700, exist_ok=True)

# The Hub itself. What it keeps is its own user's only.
c.JupyterHub.bind_url = os.environ.get("ACCOUNTOOLS_BIND", "http://127.0.0.1:8000")
c.JupyterHub.cookie_secret_file = str(folder / "hub" / "cookie-secret")
c.JupyterHub.db_url = f"sqlite:///{folder / 'hub' / 'hub.sqlite'}"
c.ConfigurableHTTPProxy.pid_file = str(folder / "hub" / "proxy.pid")

# Who comes in: people sign up, and the administrator admits them. There are no accounts of the system to make.
c.JupyterHub.authenticator_class = "native"
c.JupyterHub.template_paths = [str(Path(nativeauthenticator.__file__).parent / "templates")]
c.Authenticator.admin_users = {os.environ["ACCOUNTOOLS_ADMIN"]} if "ACCOUNTOOLS_ADMIN" in os.environ else set()
c.Authenticator.allow_all = True  # all who were admitted
c.NativeAuthenticator.minimum_password_length = 12
c.NativeAuthenticator.check_common_password = True
c.NativeAuthenticator.allowed_failed_logins = 5
c.NativeAuthenticator.seconds_before_next_try = 300

# Their servers run as the Hub's own user, to whom the office belongs: only that one can read its files. They are the pages, in which
# nobody can run code of their own, and let in their own person only: the name in the journal is that of who logged in.
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = str(folder / "people" / "{username}")
c.Spawner.cmd = [str(programs / "accountools"), "app", "--hub", "--lang", os.environ.get("ACCOUNTOOLS_LANG", "nl")]
c.Spawner.default_url = "/voila/render/00_accountancy.ipynb"
c.Spawner.environment = {
    "ACCOUNTOOLS_OFFICE": os.environ.get("ACCOUNTOOLS_OFFICE", str(folder / "office")),
    "ACCOUNTOOLS_USER": lambda spawner: spawner.user.name,
}
# Each has a home folder, and so an age key of their own. Not so the password of an office in a database: these name one file for all.
c.Spawner.env_keep = ["PATH", "LANG", "LC_ALL", "TZ", "VIRTUAL_ENV", "PGPASSFILE", "PGSERVICEFILE", "PGSSLROOTCERT"]
c.Spawner.http_timeout = c.Spawner.start_timeout = 180
