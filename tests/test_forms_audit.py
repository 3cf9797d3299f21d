"""The form of *Overzicht kantoor*: figures that filter, a row that opens, the ways out, the file; without a browser."""

import json
import re
import shutil
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from accountools.clock import system_clock
from accountools.demo.demonstration import create_demo
from accountools.domain.calendar import parse_moment
from accountools.domain.identifiers import AdministrationNumber
from accountools.domain.obstacle import obstacle
from accountools.forms.kit import navigation
from accountools.forms.kit.descriptions import FILTERS
from accountools.forms.kit.feedback import address_for, screen_for
from accountools.forms.kit.jobs import run_now
from accountools.forms.kit.table import PAGE
from accountools.forms.screens.audit.charts_view import Picture
from accountools.forms.screens.audit.form import AuditForm, resolving_screens
from accountools.forms.screens.audit.view import audit_screen
from accountools.office import Office
from accountools.reports.audit import Audit
from accountools.texts import Texts
from tests.test_forms_licences import table
from tests.test_forms_menu import links, press_link
from tests.test_forms_screen import field, press, raw, shown_widgets, visible_text
from tests.workspace import TODAY, Workspace

SVG = re.compile(r"<svg .*?</svg>", re.DOTALL)
CLOCK = system_clock(parse_moment(f"{TODAY}T12:00:00Z").date())
EN = Texts("en")


@pytest.fixture(scope="module")
def _demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demonstration office with every state, and a backup that was made and rehearsed."""
    demo = create_demo(tmp_path_factory.mktemp("demo") / "office", CLOCK, clients=16, lines=1)
    office = Office.open(demo.office.folder, CLOCK)
    office.apply(office.plan_backup([8], rehearse=True))
    return office.folder


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pictures are drawn at once, not in a thread."""
    monkeypatch.setattr("accountools.forms.screens.audit.view.run_in_thread", run_now)


@pytest.fixture
def office(_demo: Path, tmp_path: Path) -> Office:
    return Office.open(shutil.copytree(_demo, tmp_path / "office"), CLOCK)


def test_each_filter_includes_the_rows_it_names(office: Office) -> None:
    form = AuditForm(office, EN)
    assert len(form.rows) == 16
    for state, count in form.audit.summary().items():
        assert form.show(state)
        assert len(form.rows) == count > 0
    assert form.show("expires-soon")
    assert [row.licence_status for row in form.rows] == ["expires-soon"]
    assert form.show("never-rehearsed")
    assert form.rows == ()
    assert not form.show("nonsense")
    assert form.show("")
    assert form.progress == " · ".join(
        f"{form.audit.summary()[state]} {word}"
        for state, word in (("ready", "ready"), ("attention", "attention"), ("blocked", "blocked"), ("missing", "without licence"))
    )


def test_a_row_opens_with_all_that_is_known_of_it(office: Office) -> None:
    screen = audit_screen(office, EN)
    assert screen.form.choose_administration(8)
    details = screen.form.details
    assert details.licence.number == "KL-2042"
    assert [what for _, what, _ in details.describe_history(EN)][-2:] == [
        "backup made, with licence KL-2042",
        "test restore of the backup: complete",
    ]
    assert [kept.record.rehearsed for kept in details.backups] == [TODAY]
    for words in ("KL-2042", "fully restored on 2026-11-24", "The backup for the client can be made", "imported, for user"):
        assert words in visible_text(screen)
    assert "Make backup" in links(screen)


def test_a_client_without_an_administration_opens_too(office: Office) -> None:
    screen = audit_screen(office, EN)
    place = next(place for place, row in enumerate(screen.form.rows) if row.number is None)
    table(screen).selected_rows = [place]
    assert screen.form.details.row.number is None
    assert {"Create or copy", "Import client licence"} <= set(links(screen))
    table(screen).selected_rows = []
    assert screen.form.row is None


def test_each_obstacle_has_a_link_to_where_it_is_resolved(office: Office) -> None:
    found = {one.code for row in AuditForm(office, EN).audit.rows for one in row.obstacles}
    assert {"no-licence", "no-user", "user-inactive", "licence-expired", "licence-revoked", "no-administration"} <= found
    more = {"books-missing", "module-missing", "own-licence-expired", "user-is-office", "kvk-differs", "bad-signature"}
    assert [code for code in found | more if screen_for(obstacle(code)) is None] == []
    ready = next(row for row in AuditForm(office, EN).audit.rows if row.state == "ready")
    assert [item.notebook for item in resolving_screens(ready)] == [navigation.MAKE]


def test_a_link_asks_the_next_screen_for_what_is_open(office: Office) -> None:
    screen = audit_screen(office, EN)
    screen.form.choose_administration(7)
    assert press_link(screen, "Import client licence") == "01_import_client_licence.ipynb?administration=7"
    assert address_for(navigation.ITEMS[navigation.HOME], None) == "00_accountancy.ipynb?show=own-licence"


def linked(screen: Any) -> dict[int, tuple[str, str]]:
    """The links in the table's rows: by the place of the row, the label of each and where it leads."""
    cells = [str(row[-1]) for row in json.loads(table(screen)._dt_args["data_json"])]
    found = {place: re.search(r'<a class="at-link" href="(\S+?)"[^>]*>([^<]*) ▸</a>', cell) for place, cell in enumerate(cells)}
    return {place: (link[2], unescape(link[1])) for place, link in found.items() if link}


@pytest.mark.parametrize("shown", ["", "blocked", "missing"])
def test_a_row_with_an_obstacle_has_the_link_in_itself_to_where_it_is_resolved(office: Office, shown: str) -> None:
    screen = audit_screen(office, EN)
    screen.form.show(shown)
    found, rows = linked(screen), screen.form.rows
    assert set(found) == {place for place, row in enumerate(rows) if row.obstacles}
    assert 0 < len(found) <= len(rows)
    for place, (label, href) in found.items():
        item = screen_for(rows[place].obstacles[0])
        assert (label, href) == (EN(item.name), address_for(item, rows[place].number))
        number = rows[place].number
        assert number is None or f"?administration={int(number)}" in href
    assert screen.form.row is None


def test_in_a_page_a_link_leads_to_a_page_in_its_place(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(navigation.PAGES, "1")
    screen = audit_screen(office, EN)
    assert all(href.startswith("/voila/render/") for _, href in linked(screen).values())
    assert "_blank" not in table(screen)._dt_args["data_json"]


def test_a_filter_that_hides_the_open_row_closes_it(office: Office) -> None:
    form = AuditForm(office, EN)
    form.choose_administration(8)
    form.show("missing")
    assert form.row is None
    form.choose_administration(8)
    assert (form.shown, form.row.number) == ("", 8)
    assert not form.choose_administration(999)
    assert form.feedback.code == "administration-not-found"


def test_a_figure_filters_when_it_is_pressed_and_another_releases_it(office: Office) -> None:
    screen = audit_screen(office, EN)
    figures = {one.description.split()[-1]: one for one in shown_widgets(screen.widget) if type(one).__name__ == "ToggleButton"}
    figures["blocked"].value = True
    assert {row.state for row in screen.form.rows} == {"blocked"}
    figures["attention"].value = True
    assert (figures["blocked"].value, screen.form.shown) == (False, "attention")
    figures["attention"].value = False
    assert len(screen.form.rows) == 16


@pytest.mark.parametrize(("language", "begin"), [("nl", "\ufeffclient;kvk;number;"), ("en", "client,kvk,number,")])
def test_the_file_is_as_a_spreadsheet_in_that_language_reads_it(office: Office, language: str, begin: str) -> None:
    screen = audit_screen(office, Texts(language))
    form = screen.form
    form.show("missing")
    press(screen, form.texts("CSV"))
    text = form.exported.read_bytes().decode("utf-8")
    assert text.startswith(begin)
    assert len(text.splitlines()) == 17
    assert form.exported.parent == office.folder / "exports"
    assert str(form.exported) in visible_text(screen)
    first = form.exported
    assert form.export()
    assert form.exported != first


@pytest.mark.parametrize(("label", "begin"), [("Excel", b"PK\x03\x04"), ("HTML", b"<!DOCTYPE html>")])
def test_the_other_exports_have_a_button_too(office: Office, label: str, begin: bytes) -> None:
    screen = audit_screen(office, Texts("nl"))
    press(screen, label)
    assert screen.form.exported.read_bytes().startswith(begin)
    assert str(screen.form.exported) in visible_text(screen)
    assert not screen.form.export("docx")
    assert screen.form.exported is None


@pytest.mark.parametrize(("label", "begin"), [("PNG", b"\x89PNG"), ("SVG", b"<?xml")])
def test_the_charts_can_be_saved_as_pictures(office: Office, label: str, begin: bytes) -> None:
    screen = audit_screen(office, EN)
    press(screen, label)
    assert screen.form.exported.read_bytes().startswith(begin)
    assert screen.form.exported.parent == office.folder / "exports"
    assert "The pictures are written to" in visible_text(screen)


def test_what_changed_since_an_earlier_overview_is_shown_and_exported(ready: Workspace) -> None:
    ready.ok("client", "add", "--name", "Slagerij Smit", "--kvk", "87654321", "--city", "Delft")
    office = Office.open(ready.office, CLOCK)
    screen = audit_screen(office, EN)
    form = screen.form
    assert form.export("csv")
    earlier = form.exported
    field(screen, "Earlier overview").value = str(earlier)
    assert form.changes == ()
    assert "Nothing changed." in visible_text(screen)
    ready.ok("client", "add", "--name", "Kapper Kees", "--kvk", "11223344", "--city", "Delft")
    press(screen, "Reload")
    assert [(one.change, one.client) for one in form.changes] == [("client-new", "Kapper Kees")]
    shown = json.dumps([str(one.get_state()) for one in shown_widgets(screen.widget) if type(one).__name__ == "ITable"])
    assert "Kapper Kees" in shown
    assert form.export("html")
    assert "Kapper Kees is new in the overview." in unescape(form.exported.read_text("utf-8"))
    form.set_language("nl")
    assert "vermeldt dan ook wat er sindsdien is gewijzigd" in visible_text(screen)
    assert form.choose_since("")
    assert form.changes is None


def test_a_file_that_is_no_earlier_overview_is_refused_with_what_to_choose(office: Office, tmp_path: Path) -> None:
    screen = audit_screen(office, EN)
    (tmp_path / "other.csv").write_text("name,kvk\nx,y\n", "utf-8")
    assert not screen.form.choose_since(tmp_path / "other.csv")
    assert screen.form.feedback.code == "audit-invalid"
    assert "Choose a CSV file that was saved on the screen Office overview." in visible_text(screen)
    assert screen.form.changes is None


def pictures(screen: Any) -> list[str]:
    return [one.html for one in shown_widgets(screen.widget) if isinstance(one, Picture)]


def test_the_charts_are_above_the_table_with_their_text(office: Office) -> None:
    screen = audit_screen(office, EN)
    months, expiry = pictures(screen)
    ready, attention, blocked, missing = screen.form.audit.summary().values()
    words = f"{TODAY}: {ready} ready, {attention} attention, {blocked} blocked, {missing} without licence."
    assert months.count(words) == 2  # beneath the picture, and in it for who only hears it
    assert "1 licence expires through 2027-11-24, 1 within 60 days." in SVG.sub("", expiry)
    assert "licence KL-2044 of" in SVG.sub("", expiry)


def test_the_charts_are_drawn_again_only_after_a_change(ready: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[object] = []
    monkeypatch.setattr("accountools.forms.screens.audit.view.run_in_thread", lambda job: drawn.append(job) or job())
    screen = audit_screen(Office.open(ready.office, CLOCK), EN)
    screen.form.show("missing")
    screen.form.choose_administration(7)
    assert len(drawn) == 1
    ready.add_client("Nieuw", "44444444")
    press(screen, "Reload")
    assert len(drawn) == 2
    assert any(f"{TODAY}: 1 ready, 0 attention, 0 blocked, 1 without licence." in text for text in pictures(screen))


def test_a_chart_is_sent_when_the_page_reports_that_it_listens(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    jobs: list[Any] = []
    monkeypatch.setattr("accountools.forms.screens.audit.view.run_in_thread", jobs.append)
    screen = audit_screen(office, EN)
    sent: list[tuple[str, str]] = []
    monkeypatch.setattr(Picture, "send_state", lambda one, key: sent.append((key, one.html)))
    months, expiry = (one for one in shown_widgets(screen.widget) if isinstance(one, Picture))
    months._receive(months, {"ready": True}, [])
    assert [html for _, html in sent if "<svg " in html] == []  # it is not drawn yet: its change will reach a page that listens
    jobs.pop()()
    sent.clear()
    for message in ({"ready": True}, {"other": True}, "ready"):
        expiry._receive(expiry, message, [])
    assert sent == [("html", expiry.html)]
    assert "<svg " in expiry.html


def test_a_chart_that_fails_is_reported_and_the_table_is_shown(ready: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: Any) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("accountools.reports.audit_papers.coverage_svg", fails)
    screen = audit_screen(Office.open(ready.office, CLOCK), EN)
    assert screen.form.feedback.code == "disk-full"
    assert len(screen.form.rows) == 1


def test_reload_shows_what_changed(ready: Workspace) -> None:
    screen = audit_screen(Office.open(ready.office, CLOCK), EN)
    ready.add_client("Nieuw", "44444444")
    press(screen, "Reload")
    assert [row.client for row in screen.form.rows] == ["Bakkerij Jansen", "Nieuw"]
    ready.run("administration", "archive", 7)
    place = next(place for place, row in enumerate(screen.form.rows) if row.number == 7)
    assert screen.form.choose(place)


def test_books_that_are_missing_are_a_row_that_opens(ready: Workspace) -> None:
    (ready.office / "administrations" / "00007.db").unlink()
    screen = audit_screen(Office.open(ready.office, CLOCK), EN)
    assert screen.form.choose(0)
    assert "The books of administration 007 are missing" in visible_text(screen)
    assert screen.form.details.licence.number == "KL-2041"


def many(office: Office, count: int) -> Audit:
    found = office.audit()
    rows = [replace(found.rows[n % 16], number=AdministrationNumber(n + 1), client=f"Client {n}") for n in range(count)]
    return Audit(found.on, tuple(rows))


def test_five_thousand_rows_are_one_table_of_columns(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    few = len(list(shown_widgets(audit_screen(office, EN).widget)))
    audit = many(office, 5000)
    monkeypatch.setattr("accountools.forms.screens.audit.form.audit", lambda _: audit)
    screen = audit_screen(office, EN)
    assert len(list(shown_widgets(screen.widget))) == few
    arguments = table(screen)._dt_args
    assert (arguments["pageLength"], len(arguments["data_json"]) < 1_500_000) == (PAGE, True)
    assert "downsampling_warning" not in arguments
    screen.form.show("missing")
    assert len(screen.form.rows) == len(FILTERS["missing"].rows(audit)) < 5000
    table(screen).selected_rows = [300]
    assert screen.form.row is screen.form.rows[300]


def test_states_and_days_sort_by_their_own_order(office: Office) -> None:
    arguments = table(audit_screen(office, Texts("nl")))._dt_args
    states, days, *_ = [one["render"] for one in arguments["columnDefs"] if "render" in one]
    assert states.index("gereed") < states.index("aandacht") < states.index("geblokkeerd") < states.index("zonder licentie")
    assert days.index("12-11-2026") < days.index("24-12-2026") < days.index("2028")
    assert arguments["language"]["search"] == "Zoeken"


def test_names_can_not_bring_markup_along(ready: Workspace) -> None:
    ready.add_client("<b>Zout</b> & Zn", "44444444")
    screen = audit_screen(Office.open(ready.office, CLOCK), EN)
    assert "&lt;b&gt;Zout&lt;/b&gt; &amp; Zn" in table(screen)._dt_args["data_json"]
    screen.form.choose(0)
    assert not [text for text in raw(screen) if "<b>Zout" in text]


def test_a_failure_is_shown_and_can_be_retried(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    screen = audit_screen(office, EN)

    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("accountools.forms.screens.audit.form.export", full)
    press(screen, "CSV")
    assert screen.form.feedback.code == "disk-full"
    assert screen.form.exported is None
    press(screen, "Try again")
    assert screen.form.feedback.code is None
