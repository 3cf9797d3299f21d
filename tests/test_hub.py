"""Colleagues under a JupyterHub: each logs in under a name of their own, and that is the name in the journal."""

import asyncio
import importlib.util
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import psutil
import pytest
from tornado.web import HTTPError

from accountools.forms.files.signed_links import SECRET, address_of
from accountools.forms.kit import navigation
from accountools.server_address import PREFIX, address_on_server
from tests.browsing import ENOUGH, NL, BrowserPage, _hands, chromium_running, expected, free_port, in_lab
from tests.test_browser_files import hand_in
from tests.workspace import TODAY, Workspace

CONFIG = Path(__file__).parent.parent / "deploy" / "jupyterhub_config.py"
PROXY = "configurable-http-proxy"
MENU, IMPORT = "00_accountancy.ipynb", "01_import_client_licence.ipynb"
# The configuration that the docs give, but that anybody may log in by any password.
WITHOUT_PASSWORDS = f"""
load_subconfig({str(CONFIG)!r})
c.JupyterHub.authenticator_class = "dummy"
c.JupyterHub.template_paths = []
c.Spawner.args = ["--today", {TODAY!r}]
c.JupyterHub.hub_port = {{}}
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{{}}"
"""
needs_proxy = pytest.mark.skipif(
    shutil.which(PROXY) is None or importlib.util.find_spec("jupyterhub") is None,
    reason=f"{PROXY} or jupyterhub isn't installed (npm install --global {PROXY}@5.1; the extra `hub`); .ci/run installs both",
)


@contextmanager
def running_hub(folder: Path, office: Path) -> Iterator[str]:
    """A JupyterHub with its proxy, in `folder`; gives its address."""
    folder.mkdir()
    (folder / "config.py").write_text(WITHOUT_PASSWORDS.format(free_port(), free_port()))
    address, log = f"http://127.0.0.1:{free_port()}", folder / "log"
    ours = {"ACCOUNTOOLS_HUB": str(folder), "ACCOUNTOOLS_OFFICE": str(office), "ACCOUNTOOLS_BIND": address}
    command = [str(Path(sys.executable).with_name("jupyterhub")), "--config", str(folder / "config.py")]
    with log.open("w") as out:
        process = subprocess.Popen(command, env=os.environ | ours, cwd=folder, stdout=out, stderr=out)
        try:
            deadline = time.monotonic() + ENOUGH / 1000
            while "JupyterHub is now running" not in log.read_text():
                assert process.poll() is None, log.read_text()
                assert time.monotonic() < deadline, log.read_text()
                time.sleep(0.1)
            yield address
        finally:
            process.terminate()
            process.wait(ENOUGH / 1000)


def log_in(chromium: Any, address: str, name: str) -> BrowserPage:
    """A browser of somebody who logs in at the Hub, which then starts their server."""
    one = _hands(chromium.new_context(viewport={"width": 1280, "height": 1150}, locale="nl-NL").new_page())
    one.page.goto(f"{address}/hub/login")
    one.page.get_by_label("Username").fill(name)
    one.page.get_by_label("Password").fill("x")
    one.page.get_by_role("button", name="Sign in").click()
    return one


def import_licence(one: BrowserPage, client: str, login: str, licence: Path) -> None:
    """From the menu, by a file that is uploaded."""
    one.screen.get_by_role("link", name="Importeren klantlicentie", exact=True).click()
    one.page.wait_for_url(f"**/voila/render/{IMPORT}")
    one.fill("Administratie", client.lower())
    one.wait_for_text(f"voor {client}")
    one.press("Gebruiker aanmaken")
    one.fill(NL("Login name, as on their own computer"), login)
    one.fill(NL("Full name"), "Iemand")
    one.press(NL("Use this user"))
    one.wait_for_text(NL("will be created on import"))
    hand_in(one, licence)
    one.wait_for_text(licence.stem)
    one.press("Volgende")
    one.press("Klaar")
    one.wait_for_text("is geïmporteerd in administratie")


@needs_proxy
@in_lab
def test_two_colleagues_each_import_a_licence_and_the_journal_names_each(empty_office: Workspace, tmp_path: Path) -> None:
    desk = empty_office
    licences = {}
    for number, client, kvk in ((7, "Bakkerij Jansen", "12345678"), (8, "Slagerij Pieters", "22345678")):
        desk.add_client(client, kvk)
        desk.create(number, client, client=kvk)
        licences[client] = desk.issue(f"KL-{number}.lic", number=f"KL-{number}", licensee=client, kvk=kvk)
    with running_hub(tmp_path / "hub", desk.office) as address, chromium_running() as chromium:
        people = {name: log_in(chromium, address, name) for name in ("anna", "bram")}
        for (name, one), (client, licence) in zip(people.items(), licences.items(), strict=True):
            one.page.wait_for_url(f"{address}/user/{name}/voila/render/{MENU}", timeout=ENOUGH)
            one.screen.locator("a").first.wait_for(timeout=ENOUGH)
            import_licence(one, client, f"{name}@klant", licence)
            assert one.page.url == f"{address}/user/{name}/voila/render/{IMPORT}"
        anna = people["anna"]
        anna.press("Back-up maken")
        anna.choose(NL("Not encrypted"))
        anna.press("Back-up maken")
        with anna.page.expect_download() as downloading:
            anna.screen.get_by_role("link", name="Downloaden").first.click()
        (made,) = (desk.office / "backups").glob("*.acb")
        assert downloading.value.path().read_bytes() == made.read_bytes()
        expected(anna.page.locator(".at-lost:visible")).to_have_count(0)  # the screen sees that its kernel runs
        page = anna.page.request.get(f"{address}/user/anna/voila/render/{MENU}")
        policy = page.headers["content-security-policy"]
        assert "connect-src 'self'" in policy
        assert "frame-ancestors 'self'" in policy
        assert "token=" not in page.text()
        assert [one.outside() for one in people.values()] == [[], []]
        if sys.platform == "linux":
            assert any("accountools.web.kernel_source" in one.cmdline() for one in psutil.Process().children(recursive=True))
        # nobody is on another's server, and who is not logged in is on none
        assert people["bram"].page.request.get(f"{address}/user/anna/voila/render/{MENU}").status == 403
        stranger = chromium.new_context().request
        for asked in (f"voila/render/{MENU}", "accountools/files?path=x&signature=y"):
            assert urlsplit(stranger.get(f"{address}/user/anna/{asked}").url).path == "/hub/login"
        assert stranger.get(f"{address}/user/anna/api/kernels/x").status in {403, 404}
    events = [(one["by"], one["what"], one["administration"]) for one in desk.ok("journal")["events"]]
    assert [one for one in events if one[1] in {"licence-imported", "backup-made"}] == [
        ("anna", "licence-imported", 7),
        ("bram", "licence-imported", 8),
        ("anna", "backup-made", 7),
    ]
    assert desk.ok("journal", "verify")["ok"]


# --- addresses under a prefix ---


@pytest.mark.parametrize(("prefix", "expected"), [("", "/x"), ("/", "/x"), ("/user/anna/", "/user/anna/x"), ("/a/b", "/a/b/x")])
def test_every_address_of_the_server_begins_with_its_prefix(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, prefix: str, expected: str
) -> None:
    monkeypatch.setenv(PREFIX, prefix)
    monkeypatch.setenv(navigation.PAGES, "1")
    monkeypatch.setenv(SECRET, "x")
    start = expected.removesuffix("/x")
    assert address_on_server("/x") == expected
    assert navigation.address(navigation.HOME) == f"{start}/voila/render/{MENU}"
    assert navigation.address(navigation.AUDIT, administration=7).startswith(f"{start}/voila/render/07_")
    assert address_of(tmp_path / "file").startswith(f"{start}/accountools/files?path=")


def test_in_jupyterlab_a_link_names_the_notebook_beside_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(navigation.PAGES, raising=False)
    monkeypatch.setenv(PREFIX, "/user/anna/")
    assert navigation.address(navigation.HOME) == MENU


# --- the command ---

HUB = {"JUPYTERHUB_SERVICE_URL": "http://127.0.0.1:8123/user/anna/", "JUPYTERHUB_SERVICE_PREFIX": "/user/anna/"}


@pytest.mark.parametrize("missing", [*((one,) for one in HUB), tuple(HUB)])
def test_a_server_of_a_hub_is_refused_where_no_hub_started_it(
    empty_office: Workspace, monkeypatch: pytest.MonkeyPatch, missing: tuple[str, ...]
) -> None:
    for name, value in HUB.items():
        monkeypatch.delenv(name, raising=False)
        if name not in missing:
            monkeypatch.setenv(name, value)
    assert empty_office.refused("app", "--hub", code=2) == "usage"


def test_a_hub_chooses_the_port_itself(empty_office: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in HUB.items():
        monkeypatch.setenv(name, value)
    assert empty_office.refused("app", "--hub", "--port", 8000, code=2) == "options-exclude"


def test_without_the_package_of_the_hub_it_is_said_how_to_install_it(empty_office: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in HUB.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    answer = empty_office.run("app", "--hub")
    assert (answer.code, answer.error) == (3, "package-missing")
    assert "accountools[hub]" in answer.err


# --- whose server it is ---


@pytest.mark.parametrize("name", ["bram", "anna"])
def test_a_server_lets_in_the_person_whose_it_is_and_nobody_else(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also whom the Hub lets in, as its administrator."""
    extension = pytest.importorskip("jupyterhub.singleuser.extension")
    from accountools.web.hub import HubIdentity

    async def allow(*_: object) -> object:
        return extension.JupyterHubUser({"name": name})

    monkeypatch.setattr(extension.JupyterHubIdentityProvider, "get_user", allow)
    monkeypatch.setenv("JUPYTERHUB_USER", "bram")
    handler = SimpleNamespace()
    user = asyncio.run(HubIdentity().get_user(handler))
    if name == "bram":
        assert user.username == name
    else:
        assert (user, handler._jupyterhub_user) == (None, None)
        with pytest.raises(HTTPError, match="403"):
            handler.redirect("/hub/login")


@needs_proxy
@in_lab
def test_an_administrator_does_not_work_in_the_server_of_a_colleague(
    empty_office: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACCOUNTOOLS_ADMIN", "anna")
    with running_hub(tmp_path / "hub", empty_office.office) as address, chromium_running() as chromium:
        bram = log_in(chromium, address, "bram")
        bram.page.wait_for_url(f"{address}/user/bram/voila/render/{MENU}", timeout=ENOUGH)
        page, theirs = log_in(chromium, address, "anna").page, f"{address}/user/bram/voila/render/{MENU}"
        page.wait_for_url(f"{address}/user/anna/voila/render/{MENU}", timeout=ENOUGH)
        page.goto(theirs)
        page.get_by_role("button", name="Authorize").click()
        page.wait_for_url(theirs)
        assert page.request.get(theirs).status == 403
        assert bram.page.request.get(theirs).status == 200


def test_the_docs_say_where_the_service_may_write() -> None:
    """All else is read-only to it: also the folders that `office set` names."""
    service = CONFIG.with_name("accountools-hub.service").read_text("utf-8")
    assert "ProtectSystem=strict" in service
    assert "\n# ReadWritePaths=/srv/kantoor" in service
    assert "ReadWritePaths=/srv/kantoor" in (CONFIG.parent.parent / "docs" / "jupyterhub.md").read_text("utf-8")
