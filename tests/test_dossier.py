"""The dossier of one administration: what was handed over, when, under which licence, to which user, and the proof."""

import json
import re
import shutil
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import accountools as at
from accountools import safe_files
from accountools.clock import system_clock
from accountools.operations.backups.records import BY_PASSPHRASE
from accountools.reports import dossier, page
from accountools.storage.register.journal import compute_hash
from accountools.texts import Texts
from tests.browsing import CHROMIUM, FLAGS, in_browser
from tests.test_handover import WORDS, change_register, new_key, passphrase_file, post_books, query, sealing_once, token_of
from tests.test_read_only_office import pytestmark as needs_permissions
from tests.test_read_only_office import run as run_unprivileged
from tests.workspace import CLIENT_KVK, HENK, TODAY, Workspace


class Reader(HTMLParser):
    """The words of a page, and whatever in it could make a browser ask for something."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.needs_confirmation: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag == "style"
        asking = {"src", "href", "action", "data", "srcset", "poster"}
        self.needs_confirmation += [
            f"{tag} {name}={value}" for name, value in attrs if name in asking and not (value or "").startswith("data:")
        ]
        self.needs_confirmation += [tag] if tag in {"script", "iframe", "object", "embed"} else []

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag == "style"

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.words.append(data)


def read(path: Path) -> str:
    """The words of a page in one line; it is a whole page that asks nothing of anybody."""
    text = path.read_text("utf-8")
    reader = Reader()
    reader.feed(text)
    assert reader.needs_confirmation == []
    assert not re.search(r"url\(|@import", text)
    assert text.endswith("</html>\n")
    return " ".join(" ".join(reader.words).split())


def write(desk: Workspace, name: str = "dossier.html", *words: object) -> tuple[dict, str]:
    """Write the dossier of 007; gives its document and its words."""
    path = desk.folder / name
    return desk.ok("dossier", 7, "--out", path, *words), read(path)


def test_it_tells_each_hand_over_with_its_proof(ready: Workspace) -> None:
    post_books(ready.office)
    recipient = new_key(ready)
    plain = ready.backup(7, "--rehearse")
    locked = ready.backup(7, "--recipient", recipient)
    ready.backup(7, "--purpose", "safekeeping")  # which isn't handed over
    document, words = write(ready, "dossier.html", "--lang", "en")
    events = ready.ok("journal", "--administration", 7)["events"]
    made = [event for event in events if event["what"] == "backup-made"]
    receipt = next(event for event in events if event["what"] == "backup-rehearsed")
    first, second = document["hand_overs"]
    assert (first["path"], first["sha256"], first["bytes"]) == (str(plain), safe_files.sha256_of(plain), plain.stat().st_size)
    assert (first["licence_number"], first["user"], first["by"], first["file"]) == ("KL-2041", HENK, "tester", "unchanged")
    assert (first["encrypted"], first["recipient"], second["encrypted"], second["recipient"]) == (False, None, True, recipient)
    assert [one["event"] for one in document["hand_overs"]] == [{"n": event["n"], "hash": event["hash"]} for event in made[:2]]
    assert [one["hash"] for one in first["rehearsed"]] == [receipt["hash"]]
    assert (second["rehearsed"], second["path"]) == ([], str(locked))
    thumbprint = at.Office.open(ready.office).backup_key.public.thumbprint
    assert {one["signer"] for one in document["hand_overs"]} == {thumbprint}
    assert document["events"] == events
    for text in (
        "Dossier 007 Bakkerij Jansen",
        CLIENT_KVK,
        "Kantoor Zonnestein, KvK 11111111",
        "Hand-overs: 2",
        "KL-2041, Bakkerij Jansen, KvK 12345678",
        "2026-01-01 to 2027-12-31",
        f"{HENK} (Henk Jansen)",
        plain.name,
        first["sha256"],
        second["sha256"],
        recipient,
        thumbprint,
        "2 entries, 4 lines; debit 161.00, credit 161.00",
        "no test restore",
        f"licence KL-2041 imported, for user {HENK}",
        *(event["hash"] for event in events),
    ):
        assert text in words
    assert words.count("fully restored on") == 1
    assert not any(piece in words for piece in token_of(ready.folder / "client.lic").split("."))


def test_it_says_the_same_in_dutch(ready: Workspace) -> None:
    ready.backup()
    dutch, english = write(ready, "nl.html", "--lang", "nl"), write(ready, "en.html", "--lang", "en")
    assert dutch[0]["hand_overs"] == english[0]["hand_overs"]
    assert "01-01-2026 t/m 31-12-2027" in dutch[1]
    assert "Overdrachten: 1" in dutch[1]
    assert '<html lang="nl">' in (ready.folder / "nl.html").read_text("utf-8")


def test_each_hand_over_is_reported_under_the_licence_and_user_of_its_day(ready: Workspace) -> None:
    """A renewal and another user later change nothing of what was handed over before."""
    ready.backup()
    ready.add_user(r"JANSEN\ingrid")
    ready.import_licence(ready.issue("renewed.lic", number="KL-3000", valid_until="2030-12-31"), 7, r"JANSEN\ingrid")
    ready.backup()
    document, words = write(ready, "dossier.html", "--lang", "en")
    assert [(one["licence_number"], one["user"]) for one in document["hand_overs"]] == [("KL-2041", HENK), ("KL-3000", r"JANSEN\ingrid")]
    assert words.index("to 2027-12-31") < words.index("to 2030-12-31")


def test_a_copy_is_handed_over_under_what_came_with_it(ready: Workspace) -> None:
    ready.ok("administration", "copy", 7, 8)
    ready.backup(8)
    document = ready.ok("dossier", 8, "--out", ready.folder / "8.html")
    assert [(one["licence_number"], one["user"]) for one in document["hand_overs"]] == [("KL-2041", HENK)]


@pytest.mark.both_engines
@pytest.mark.parametrize("recorded", [True, False], ids=["recorded", "recorded by an earlier version"])
def test_a_copy_shows_what_was_confirmed_for_the_licence_that_came_with_it(ready: Workspace, recorded: bool) -> None:
    """Earlier versions recorded it only where the licence was imported."""
    odd = ready.issue("odd.lic", number="KL-9", kvk="99999999")
    ready.import_licence(odd, 7, HENK, "--accept", "kvk-differs")
    ready.ok("administration", "copy", 7, 107)
    *_, before, copied = ready.ok("journal")["events"]
    if not recorded:
        columns = ("n", "at", "by", "what", "administration", "details")
        [row] = query(ready.office, f"SELECT {', '.join(columns)} FROM events WHERE n = {copied['n']}")
        details = {name: value for name, value in json.loads(row[-1]).items() if name != "accepted"}
        text = json.dumps(details, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        digest = compute_hash(before["hash"], dict(zip(columns, (*row[:-1], text), strict=True)))
        change_register(ready.office, "UPDATE events SET details = ?, hash = ? WHERE n = ?", text, digest, copied["n"])
    assert ready.ok("journal", "verify")["ok"]
    ready.backup(7)
    ready.backup(107)
    for number in (7, 107):
        document = ready.ok("dossier", number, "--out", ready.folder / f"{number}.html", "--lang", "en")
        assert [one["licence_number"] for one in document["hand_overs"]] == ["KL-9"]
        assert read(ready.folder / f"{number}.html").count("Confirmed at the import") == 1, number
    assert (copied["what"], copied["details"].get("accepted")) == ("administration-copied", ["kvk-differs"])
    assert ready.ok("journal", "verify")["ok"]


@needs_permissions
def test_a_file_that_cant_be_read_is_not_called_gone(ready: Workspace) -> None:
    """It is in a folder that can't be looked in."""
    ready.backup(7)
    (closed := ready.folder / "closed").mkdir()
    [made] = ready.ok("backup", 7, "--to", closed, "--confirm")["backups"]
    assert Path(made["path"]).parent == closed
    closed.chmod(0)
    try:
        answer = run_unprivileged(ready, "dossier", 7, "--out", ready.folder / "closed.html", "--lang", "en")
    finally:
        closed.chmod(0o700)
    assert [one["file"] for one in answer.json["hand_overs"]] == ["unchanged", "unreadable"]
    words = read(ready.folder / "closed.html")
    assert "can't be read, so not checked" in words
    assert "no longer present" not in words


def test_a_file_with_the_recorded_hash_is_unchanged_also_where_its_manifest_cant_be_read(
    ready: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready.backup(7)
    monkeypatch.setattr(dossier, "schema", SimpleNamespace(VERSION=dossier.schema.VERSION - 1))
    assert [one.file for one in at.Office.open(ready.office).dossier(7).hand_overs] == ["unchanged"]


def test_what_the_file_can_no_longer_tell_the_journal_does(ready: Workspace) -> None:
    """Removed, changed, or put away: to whom it was encrypted and whose key signed it stand in the events."""
    recipient = new_key(ready)
    with sealing_once():
        gone, changed = ready.backup(7, "--recipient", recipient), ready.backup(7, "--passphrase-file", passphrase_file(ready))
    gone.unlink()
    changed.write_bytes(changed.read_bytes() + b"x")
    document, words = write(ready, "dossier.html", "--lang", "en")
    assert [(one["file"], one["recipient"]) for one in document["hand_overs"]] == [("gone", recipient), ("changed", BY_PASSPHRASE)]
    assert None not in {one["signer"] for one in document["hand_overs"]}
    assert "no longer present" in words
    assert "changed since" in words
    assert "a passphrase" in words
    assert WORDS not in words


def test_details_that_older_events_lack_come_from_the_file(ready: Workspace) -> None:
    """The journal of an office that was at work before its events named signer and recipient."""
    recipient = new_key(ready)
    path = ready.backup(7, "--recipient", recipient)
    event = next(one for one in ready.ok("journal")["events"] if one["what"] == "backup-made")
    old = {name: value for name, value in event["details"].items() if name not in {"signer", "recipient"}}
    change_register(ready.office, "UPDATE events SET details = ? WHERE n = ?", json.dumps(old), event["n"])
    document, words = write(ready, "1.html", "--lang", "en")
    assert document["hand_overs"][0]["recipient"] == recipient
    assert document["hand_overs"][0]["signer"] is not None
    assert (document["journal"]["holds"], f"the hash chain is broken at event {event['n']}" in words) == (False, True)
    path.unlink()
    document, words = write(ready, "2.html", "--lang", "en")
    assert (document["hand_overs"][0]["recipient"], document["hand_overs"][0]["signer"]) == (None, None)
    assert "a key that is no longer known here" in words


def test_what_was_accepted_is_filed(ready: Workspace) -> None:
    odd = ready.issue("odd.lic", number="KL-9", licensee="Janssen Brood", valid_from="2026-02-01")
    ready.import_licence(odd, 7, HENK, "--accept", "name-differs")
    assert "confirmed: another name" in write(ready)[1]


def test_nothing_handed_over_is_said_too(ready: Workspace) -> None:
    document, words = write(ready, "dossier.html", "--lang", "en")
    assert (document["hand_overs"], "Nothing has been handed over yet." in words) == ([], True)
    ready.ok("administration", "create", 9, "--description", "Sjabloon")
    assert ready.ok("dossier", 9, "--out", ready.folder / "9.html")["client"] is None
    assert "none: this is a template" in read(ready.folder / "9.html")


def test_it_overwrites_nothing_and_refuses_what_is_not_there(ready: Workspace) -> None:
    there = ready.folder / "there.html"
    there.write_text("mine")
    assert ready.refused("dossier", 7, "--out", there) == "file-exists"
    assert there.read_text() == "mine"
    assert ready.refused("dossier", 8, "--out", ready.folder / "8.html") == "administration-not-found"
    assert ready.refused("dossier", 0, "--out", ready.folder / "0.html") == "number-invalid"
    assert ready.refused("dossier", 7, "--out", ready.folder / "nowhere" / "x.html") == "file-not-found"
    assert not (ready.folder / "8.html").exists()
    assert ready.run("dossier", 7).code == 2


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", '"><img src=x>', "&lt;b&gt;", "a\u202eb"])
def test_a_name_that_means_harm_is_only_a_name(empty_office: Workspace, name: str) -> None:
    empty_office.add_client(name)
    empty_office.create(7, name)
    _, words = write(empty_office)
    assert " ".join(name.replace("\u202e", "").split()) in words


def test_python_says_the_same(ready: Workspace) -> None:
    ready.backup()
    found = at.Office.open(ready.office).dossier(7)
    assert isinstance(found, at.Dossier)
    assert isinstance(found.hand_overs[0], at.HandOver)
    assert found.document()["hand_overs"] == write(ready)[0]["hand_overs"]
    assert b'<html lang="en">' in found.page("en")


def test_the_button_beneath_an_open_row_files_it(ready: Workspace) -> None:
    from accountools.forms.screens.audit.view import audit_screen
    from tests.test_forms_screen import press, visible_text

    ready.backup()
    office = at.Office.open(ready.office, system_clock(date.fromisoformat(TODAY)))
    screen = audit_screen(office, Texts("en"))
    assert screen.form.choose_administration(7)
    for name in ("dossier-007-2026-11-24.html", "dossier-007-2026-11-24-2.html"):
        press(screen, "Dossier")
        path = office.folder / "exports" / name
        assert f"{path}</code>" in visible_text(screen)
        assert "Hand-overs: 1" in read(path)
    shutil.rmtree(office.folder / "exports")
    (office.folder / "exports").write_text("in the way")
    press(screen, "Dossier")
    assert screen.form.feedback.reason is not None
    assert str(path) not in visible_text(screen)


@in_browser
def test_the_page_prints_on_a4_and_asks_for_nothing(ready: Workspace) -> None:
    """In a real browser: no request but for itself, a sheet of A4, nothing wider than that."""
    from playwright.sync_api import sync_playwright

    ready.backup(7, "--rehearse")
    write(ready)
    with sync_playwright() as playwright, playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS)) as browser:
        tab = browser.new_page(viewport={"width": 794, "height": 1123})
        asked: list[str] = []
        tab.on("request", lambda request: asked.append(request.url))
        tab.goto((ready.folder / "dossier.html").as_uri())
        tab.emulate_media(media="print")
        assert tab.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        assert tab.locator("h1").inner_text() == "Dossier 007 Bakkerij Jansen"
        pdf = tab.pdf(prefer_css_page_size=True)
    assert asked == [(ready.folder / "dossier.html").as_uri()]
    assert {tuple(round(float(side)) for side in box.split()) for box in re.findall(rb"/MediaBox \[([^\]]*)\]", pdf)} == {(0, 0, 595, 842)}


def test_the_macros_of_a_page_escape_what_they_are_given() -> None:
    harm = '<b class="x">&'
    macros: Any = page.environment().get_template("macros.html").make_module({})
    for name, given in (
        ("plain", (harm,)),
        ("code", (harm,)),
        ("status", ("ready", harm)),
        ("heads", ([harm],)),
        ("lines", ([harm],)),
        ("prose", (f"{harm} `{harm}`",)),
        ("picture", (harm, [harm])),
    ):
        made = getattr(macros, name)(*given)
        assert harm not in made, name
        assert "&lt;b" in made, name
    assert macros.plain(None) == macros.code(None) == "—"


def test_a_page_escapes_its_title_and_its_footer() -> None:
    harm = '<b class="x">&'
    made = page.render_page("page.html", Texts("nl"), title=harm, footer=harm).decode()
    assert harm not in made
    assert made.count("&lt;b") == 3
