"""What was made reaches the person: given by the server to who may have it, its folder opened; a backup of any size is handed in."""

import asyncio
import os
import tracemalloc
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from tornado.httpclient import AsyncHTTPClient, HTTPResponse
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets

from accountools.clock import system_clock
from accountools.domain.calendar import parse_moment
from accountools.forms.files import results, signed_links
from accountools.forms.files.results import is_made_here
from accountools.forms.files.signed_links import ROUTE, SECRET, address_of
from accountools.forms.kit.jobs import run_now
from accountools.forms.kit.navigation import KEYS, OFFICE_BACKUP
from accountools.forms.kit.upload import Upload, UploadField
from accountools.forms.screens.audit.view import audit_screen
from accountools.forms.screens.backups.view import backups_screen
from accountools.forms.screens.books.view import books_screen
from accountools.forms.screens.make_backups.view import make_backups_screen
from accountools.forms.screens.office.view import office_screen
from accountools.forms.screens.restore.view import restore_backup_screen
from accountools.office import Office
from accountools.texts import Texts
from accountools.web.launch import lab_command
from tests.book_files import YEAR_2024, Year
from tests.test_forms_screen import press, shown_widgets, visible_text
from tests.workspace import TODAY, Workspace

EN = Texts("en")
CLOCK = system_clock(parse_moment(f"{TODAY}T12:00:00Z").date())
TOKEN = "a-token-of-this-test"
MEGABYTE = 1 << 20


def office(desk: Workspace, folder: Path | None = None) -> Office:
    return Office.open(folder or desk.office, CLOCK)


# --- what the server gives, and to whom ---

Fetch = Callable[..., Awaitable[HTTPResponse]]


@pytest.fixture
def server_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[Fetch], Awaitable[None]]], None]:
    """JupyterLab's own server with our extension, in this process: does what is asked of it, with a `fetch` that bears the token."""
    for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    monkeypatch.setenv(SECRET, "of an earlier server")
    extension = next(one for one in lab_command(tmp_path / "x.ipynb", None, browser=False) if "jpserver_extensions" in one)

    async def serve(ask: Callable[[Fetch], Awaitable[None]]) -> None:
        from jupyter_server.serverapp import ServerApp

        app, sockets, client = ServerApp(), bind_sockets(0, "127.0.0.1"), AsyncHTTPClient(force_instance=True, max_body_size=1 << 40)
        app.initialize(["--allow-root", f"--IdentityProvider.token={TOKEN}", f"--ServerApp.root_dir={tmp_path}", extension],
            new_httpserver=False)  # fmt: skip
        server = HTTPServer(app.web_app)
        server.add_sockets(sockets)

        def fetch(
            address: str, *, token: str | None = TOKEN, headers: dict[str, str] | None = None, **more: Any
        ) -> Awaitable[HTTPResponse]:
            sent = (headers or {}) | ({"Authorization": f"token {token}"} if token else {})
            base = f"http://127.0.0.1:{sockets[0].getsockname()[1]}"
            return client.fetch(f"{base}{address}", raise_error=False, headers=sent, **more)

        try:
            await ask(fetch)
        finally:
            client.close()
            server.stop()

    return lambda ask: asyncio.run(serve(ask))


def test_a_file_that_was_offered_is_given_to_who_has_the_token_only(server_with: Any, tmp_path: Path) -> None:
    path = tmp_path / "20261124-007-Bäckerij & Zn.acb"
    path.write_bytes(b"a backup")

    async def ask(fetch: Fetch) -> None:
        address = address_of(path)
        given = await fetch(address)
        assert (given.code, given.body) == (200, b"a backup")
        assert given.headers["Content-Disposition"] == "attachment; filename*=UTF-8''20261124-007-B%C3%A4ckerij%20%26%20Zn.acb"
        assert given.headers["Cache-Control"] == "no-store"
        for token in (None, "", "another"):
            refused = await fetch(address, token=token, follow_redirects=False)
            assert (refused.code, refused.body) == (403, b"Forbidden")
        part = await fetch(address, headers={"Range": "bytes=2-7"})
        assert (part.code, part.body) == (206, b"backup")
        head = await fetch(address, method="HEAD")
        assert (head.code, head.headers["Content-Length"], head.body) == (200, "8", b"")

    server_with(ask)


def test_nothing_else_is_given_whatever_the_address(server_with: Any, tmp_path: Path) -> None:
    path, secret = tmp_path / "exports" / "a.html", tmp_path / "register.db"
    path.parent.mkdir()
    path.write_text("a page")
    secret.write_text("all that the office knows")
    (tmp_path / "exports" / "link.html").symlink_to(secret)

    async def ask(fetch: Fetch) -> None:
        query = {name: values[0] for name, values in parse_qs(urlsplit(address_of(path)).query).items()}
        changes: list[dict[str, str]] = [
            {"path": str(secret)},
            {"path": f"{path.parent}/../register.db"},
            {"path": f"{path}/../../register.db"},
            {"path": f"{path}\0"},
            {"how": "open"},
            {"how": ""},
            {"signature": query["signature"][:-1]},
            {"signature": ""},
            {"signature": "é"},
        ]
        for change in changes:
            answer = await fetch(f"{ROUTE}?{urlencode(query | change)}")
            assert answer.code in {400, 404}, change
            assert b"knows" not in answer.body
        assert (await fetch(ROUTE)).code == 400
        assert (await fetch(f"{ROUTE}/../../register.db")).code == 404
        assert (await fetch(address_of(path.parent / "link.html"))).code == 404
        assert (await fetch(address_of(path.parent))).code == 403
        path.unlink()
        assert (await fetch(address_of(path))).code == 404

    server_with(ask)


def test_what_an_earlier_server_offered_is_not_given(server_with: Any, tmp_path: Path) -> None:
    path = tmp_path / "a.acb"
    path.write_bytes(b"x")
    earlier = address_of(path)

    async def ask(fetch: Fetch) -> None:
        assert (await fetch(earlier)).code == 404
        assert (await fetch(address_of(path))).code == 200

    server_with(ask)


def test_a_page_is_opened_without_the_right_to_run_anything(server_with: Any, tmp_path: Path) -> None:
    path = tmp_path / "brief.html"
    path.write_text("<script>alert(1)</script>")

    async def ask(fetch: Fetch) -> None:
        given = await fetch(address_of(path, opened=True))
        assert "Content-Disposition" not in given.headers
        policy = given.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "sandbox" in policy
        assert "allow-scripts" not in policy

    server_with(ask)


def test_a_large_backup_is_given_piece_by_piece(server_with: Any, tmp_path: Path) -> None:
    path, size = tmp_path / "large.acb", 256 * MEGABYTE
    with path.open("wb") as made:
        made.truncate(size)
    received = 0

    def count(piece: bytes) -> None:
        nonlocal received
        received += len(piece)

    async def ask(fetch: Fetch) -> None:
        tracemalloc.start()
        try:
            answer = await fetch(address_of(path), streaming_callback=count, request_timeout=0)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert (answer.code, received) == (200, size)
        assert peak < size / 8

    server_with(ask)


# --- what the screens offer ---


@pytest.fixture
def offering(monkeypatch: pytest.MonkeyPatch) -> None:
    """A kernel of a server that gives files, on a machine with a desktop."""
    monkeypatch.setenv(SECRET, "s")
    monkeypatch.setattr(results, "has_desktop", lambda: True)


def downloads(screen: Any) -> list[str]:
    """The files that the screen offers to download, by the addresses of its links."""
    found = []
    for one in shown_widgets(screen.widget):
        links = [link["href"] for link in getattr(one, "links", ()) if link["label"] == "Download"]
        links += [part.split('"')[0].replace("&amp;", "&") for part in str(getattr(one, "value", "")).split('href="/accountools')[1:]]
        for href in links:
            query = {name: values[0] for name, values in parse_qs(urlsplit(href).query).items()}
            assert signed_links.is_offered(query["path"], query["how"], query["signature"])
            found.append(Path(query["path"]).name)
    return found


@pytest.mark.usefixtures("offering")
def test_each_paper_of_the_overview_can_be_downloaded_and_its_folder_opened(ready: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr("typer.launch", lambda path, **_: opened.append(path))
    screen = audit_screen(office(ready), EN)
    for label, suffix in (("CSV", ".csv"), ("Excel", ".xlsx"), ("HTML", ".html")):
        press(screen, label)
        assert downloads(screen) == [f"audit-{TODAY}{suffix}"]
    press(screen, "Open folder")
    assert opened == [str(ready.office / "exports" / f"audit-{TODAY}.html")]


@pytest.mark.usefixtures("offering")
def test_the_dossier_and_the_backups_of_an_administration_can_be_downloaded(ready: Workspace) -> None:
    backup = ready.backup(7, "--plain")
    screen = audit_screen(office(ready), EN)
    screen.form.choose_administration(7)
    assert downloads(screen) == [backup.name]
    press(screen, "Dossier")
    assert downloads(screen) == [backup.name, f"dossier-007-{TODAY}.html"]


@pytest.mark.usefixtures("offering")
@pytest.mark.parametrize("purpose", ["handover", "safekeeping", "register"])
def test_each_backup_that_is_made_can_be_downloaded(ready: Workspace, purpose: str) -> None:
    screen = make_backups_screen(office(ready), EN)
    screen.form.start = run_now
    screen.form.choose_purpose(purpose)
    screen.form.tick([7])
    screen.form.next()
    if purpose == "register":
        screen.form.encryption.key = ready.ok("key", "new", ready.folder / "key.txt")["recipient"]
    assert screen.form.make(to="key" if purpose == "register" else "plain", rehearse=False)
    (made,) = screen.form.run.made
    assert set(downloads(screen)) == {made.made.path.name}


@pytest.mark.usefixtures("offering")
def test_a_backup_that_was_made_before_can_be_downloaded_as_long_as_it_is_there(ready: Workspace) -> None:
    backup = ready.backup(7, "--plain")
    screen = backups_screen(office(ready), EN)
    screen.form.start = run_now
    screen.form.choose(0)
    assert downloads(screen) == [backup.name]
    backup.unlink()
    screen.form.reload()
    screen.form.choose(0)
    assert downloads(screen) == []


@pytest.mark.usefixtures("offering")
def test_the_backup_of_the_office_can_be_downloaded_when_it_is_made_and_later(ready: Workspace) -> None:
    screen = office_part(ready, OFFICE_BACKUP)
    assert downloads(screen) == []
    choice = screen.form.backup.choice
    choice.option, choice.key = "key", ready.ok("key", "new", ready.folder / "key.txt")["recipient"]
    assert screen.form.backup.make()
    made = screen.form.backup.made.path
    assert downloads(screen) == downloads(office_part(ready, OFFICE_BACKUP)) == [made.name]
    assert "Open folder" in labels(screen)
    made.unlink()
    assert downloads(office_part(ready, OFFICE_BACKUP)) == []


@pytest.mark.usefixtures("offering")
def test_an_encrypted_copy_of_the_key_can_be_downloaded_and_what_is_saved_elsewhere_is_shown_in_its_folder(
    ready: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key in a folder that isn't the office's goes through no browser."""
    opened: list[str] = []
    monkeypatch.setattr("typer.launch", lambda path, **_: opened.append(path))
    screen, stick = office_part(ready, KEYS), ready.folder / "stick"
    keys = screen.form.keys
    keys.choose_folder(ready.folder)
    assert keys.create()
    assert downloads(screen) == []
    press(screen, "Open folder")
    assert keys.seal()
    assert downloads(screen) == [keys.sealed.name]
    press(screen, "Open folder")
    inside = keys.sealed
    keys.choice.folder = stick
    assert keys.seal()
    assert downloads(screen) == []
    press(screen, "Open folder")
    assert opened == [str(ready.folder / "key-20261124.txt"), str(inside), str(stick / "backup-key-20261124.age")]
    monkeypatch.setattr(results, "has_desktop", lambda: False)
    assert keys.seal()
    assert (downloads(screen), "Open folder" in labels(screen)) == ([], False)


@pytest.mark.usefixtures("offering")
def test_the_safety_copy_of_what_a_restore_replaced_can_be_downloaded(ready: Workspace) -> None:
    screen = restore_backup_screen(office(ready), EN)
    form = screen.form
    form.start = run_now
    form.choose_file(ready.backup(7, "--purpose", "safekeeping", "--plain"))
    assert form.next()
    form.type_number("7")
    for one in form.preview.obstacles:
        form.accept(one.code)
    assert form.finish()
    assert downloads(screen) == [form.safety_copy.name]


@pytest.mark.usefixtures("offering")
def test_the_backup_of_a_year_that_was_replaced_can_be_downloaded(ready: Workspace) -> None:
    ready.create(9, "Auditfile", chart=None)
    screen = books_screen(office(ready), EN)
    screen.form.start = run_now
    assert screen.form.choose_administration(9)
    part = screen.form.file
    for year in (YEAR_2024, Year(2024, YEAR_2024.opening, YEAR_2024.entries[:2])):
        screen.form.open_part("import")
        part.choose(year.write(ready.folder / "2024.xaf"))
        part.replace_year()
        for one in part.plan.obstacles:
            screen.form.accept(one.code)
        assert part.finish()
    assert downloads(screen) == [part.done.safety_copy.name]


def office_part(desk: Workspace, part: str) -> Any:
    """The screen *Kantoor* with this part open."""
    screen = office_screen(office(desk), EN)
    screen.form.start = run_now
    assert screen.form.open_part(part)
    return screen


def labels(screen: Any) -> list[str]:
    return [str(getattr(one, "description", "")) for one in shown_widgets(screen.widget)]


def test_of_what_lies_beside_the_backups_only_an_encrypted_copy_of_the_key_is_offered(ready: Workspace) -> None:
    screen = office_part(ready, KEYS)
    screen.form.keys.choose_folder(ready.folder)
    assert screen.form.keys.create()
    new_key = screen.form.keys.new_key
    assert screen.form.keys.seal()
    here, copy = office(ready), screen.form.keys.sealed
    assert is_made_here(here, copy)
    plain, renamed, link = (copy.with_name(name) for name in ("backup-key-1.age", "other.age", "backup-key-2.age"))
    plain.write_bytes((ready.office / "backup-key.pem").read_bytes())
    renamed.write_bytes(copy.read_bytes())
    link.symlink_to(copy)
    for other in (plain, renamed, link, copy.parent / ".." / "backups" / copy.name, new_key):
        assert not is_made_here(here, other)


def test_only_what_the_office_made_is_offered(ready: Workspace) -> None:
    here, backup = office(ready), ready.backup(7, "--plain", "--to", ready.folder / "elsewhere")
    press(audit_screen(here, EN), "CSV")
    (paper,) = (ready.office / "exports").iterdir()
    (ready.office / "exports" / "link.csv").symlink_to(ready.office / "register.db")
    copied = backup.with_name("copied.acb")
    copied.write_bytes(backup.read_bytes())
    assert [is_made_here(here, one) for one in (backup, paper)] == [True, True]
    exports = ready.office / "exports"
    for other in (
        ready.office / "register.db",
        exports / ".." / "register.db",
        exports / "link.csv",
        exports,
        copied,
        ready.folder / "own.lic",
    ):
        assert not is_made_here(here, other)


def test_without_a_server_that_gives_files_the_screen_says_where_it_is(ready: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(SECRET, raising=False)
    monkeypatch.setattr(results, "has_desktop", lambda: False)
    screen = audit_screen(office(ready), EN)
    press(screen, "CSV")
    assert downloads(screen) == []
    assert str(ready.office / "exports" / f"audit-{TODAY}.csv") in visible_text(screen)


# --- what is handed in ---


def pieces(field: UploadField, name: str, data: bytes, size: int = MEGABYTE) -> list[int | None]:
    """Hand a file in as the browser does: each piece when it is asked for. Gives what was asked."""
    asked: list[int | None] = []
    field.send = lambda content, *_: asked.append(content["next"])  # type: ignore[method-assign]
    field._receive(field, {"begin": name, "size": len(data)}, [])
    while asked[-1] is not None:
        at = asked[-1]
        field._receive(field, {"at": at}, [memoryview(data[at : at + size])])
    return asked


def upload_field(screen: Any) -> UploadField:
    (found,) = (one for one in shown_widgets(screen.widget) if isinstance(one, UploadField))
    return found


def test_a_backup_is_uploaded_and_restored_and_leaves_nothing_behind(ready: Workspace) -> None:
    backup, client = ready.backup(7, "--plain"), ready.create_client_office()
    screen = restore_backup_screen(office(ready, client), EN)
    form = screen.form
    form.start = run_now
    assert pieces(upload_field(screen), rf"C:\Users\henk\Downloads\{backup.name}", backup.read_bytes(), 4096)[-2:] != [0, None]
    assert form.backup.manifest.number == 7
    assert form.upload.path.name == backup.name
    assert form.upload.path.stat().st_mode & 0o077 == 0
    assert form.next()
    assert form.finish()
    assert form.close()
    assert [path.name for path in (client / "work").iterdir()] == []
    assert ready.ok("administration", "show", 7, office=client)["number"] == 7


def test_a_file_of_more_than_ten_megabytes_comes_in_pieces(ready: Workspace) -> None:
    screen = restore_backup_screen(office(ready), EN)
    data = os.urandom(1024) * (12 * 1024)
    asked = pieces(upload_field(screen), "large.acb", data)
    assert asked == [*(place * MEGABYTE for place in range(12)), None]
    assert screen.form.upload.path.read_bytes() == data
    assert screen.form.backup.error.code == "not-a-backup"


@pytest.mark.parametrize("at", [-1, 1, 4096, 8192])
def test_a_piece_that_is_not_the_next_is_refused_and_nothing_stays(ready: Workspace, at: int) -> None:
    screen = restore_backup_screen(office(ready), EN)
    field, asked = upload_field(screen), []
    field.send = lambda content, *_: asked.append(content["next"])
    field._receive(field, {"begin": "x.acb", "size": 8192}, [])
    field._receive(field, {"at": at}, [b"x" * 4096])
    assert asked == [0, None]
    assert screen.form.feedback.code == "backup-damaged"
    assert list((ready.office / "work").iterdir()) == []


def test_more_than_was_announced_is_refused(ready: Workspace) -> None:
    upload = Upload(office(ready))
    upload.begin("x.acb", 4)
    with pytest.raises(Exception, match="backup-damaged"):
        upload.add(0, b"12345")
    assert (upload.path, list((ready.office / "work").iterdir())) == (None, [])


def test_without_room_nothing_is_uploaded(ready: Workspace) -> None:
    screen = restore_backup_screen(office(ready), EN)
    assert pieces(upload_field(screen), "x.acb", b"") == [None]
    field, asked = upload_field(screen), []
    field.send = lambda content, *_: asked.append(content["next"])
    field._receive(field, {"begin": "x.acb", "size": 1 << 60}, [])
    assert (asked, screen.form.feedback.code) == ([None], "disk-full")


@pytest.mark.parametrize("name", ["../../register.db", r"..\..\register.db", "/etc/passwd", ".hidden", "", "con:aux?.acb"])
def test_an_uploaded_name_stays_within_its_folder(ready: Workspace, name: str) -> None:
    upload = Upload(office(ready))
    upload.begin(name, 1)
    assert upload.path.parent.parent == ready.office / "work"
    assert upload.path.name not in {"", ".", ".."}
    upload.drop()


def test_another_file_takes_the_place_of_the_first(ready: Workspace) -> None:
    upload = Upload(office(ready))
    upload.begin("a.acb", 1)
    first = upload.path
    upload.begin("b.acb", 1)
    assert (first.exists(), upload.path.exists()) == (False, True)
    upload.drop()


def test_restore_knows_the_downloads_folder(ready: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    (ready.folder / "home" / "Downloads").mkdir(parents=True)
    monkeypatch.setenv("HOME", str(ready.folder / "home"))
    backup = ready.backup(7, "--plain", "--to", ready.folder / "home" / "Downloads")
    screen = restore_backup_screen(office(ready), EN)
    press(screen, "Look up: Backup")
    press(screen, "Downloads")
    lists = [dict(one.options) for one in shown_widgets(screen.widget) if type(one).__name__ == "Select" and one.options]
    assert any(backup.name in line for options in lists for line in options)
