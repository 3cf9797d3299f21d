"""The menu Accountancy: what needs attention, where its items lead, the language, and the own licence's renewal; without a browser."""

import stat
from pathlib import Path
from typing import Any

import pytest

from accountools import resources
from accountools.clock import system_clock
from accountools.demo.demonstration import create_demo
from accountools.domain.calendar import parse_moment
from accountools.forms.kit import navigation
from accountools.forms.kit.links import Link, Links
from accountools.forms.kit.preferences import data_folder, preferred_texts, save_language
from accountools.forms.kit.wizard import State
from accountools.forms.screens.audit.view import audit_screen
from accountools.forms.screens.backups.view import backups_screen
from accountools.forms.screens.import_licence.view import client_licence_screen
from accountools.forms.screens.menu.form import Menu
from accountools.forms.screens.menu.view import menu_screen
from accountools.notebook_copies import FOLDER, copy_notebooks
from accountools.office import Office
from accountools.texts import Texts
from tests.test_forms_screen import button, field, press, shown_widgets, visible_text
from tests.workspace import TODAY, Workspace

CLOCK = system_clock(parse_moment(f"{TODAY}T12:00:00Z").date())
EN = Texts("en")


def opened(desk: Workspace) -> Menu:
    return Menu(Office.open(desk.office, CLOCK), EN)


def links(screen: Any) -> dict[str, tuple[Links, int, Link]]:
    """All links that are shown, by their labels."""
    return {
        link.label: (widget, place, link)
        for widget in shown_widgets(screen.widget)
        if isinstance(widget, Links)
        for place, link in enumerate(widget._shown)
    }


def press_link(screen: Any, label: str) -> str:
    """Press a link; gives where it leads."""
    widget, place, link = links(screen)[label]
    widget._receive(widget, {"pressed": place}, [])
    return str(link.href)


def open_at(screen: Any, address: str) -> Any:
    """Let a page at this address show the screen and report that it listens; gives the screen."""
    screen._address._receive(screen._address, {"ready": True, "addresses": [f"http://localhost:8888/lab/tree/{address}", ""]}, [])
    return screen


def test_what_needs_attention_today_is_shown_first_and_links_to_where_it_is_seen_to(tmp_path: Path) -> None:
    office = Office.open(create_demo(tmp_path / "office", CLOCK, clients=16, lines=1).office.folder, CLOCK)
    office.apply(office.plan_backup([8]))
    screen = menu_screen(office, EN)
    reported = dict(screen.form.attention)
    assert reported["missing"] == "4 clients without a licence"
    assert reported["expires-soon"] == "1 licence expires within 60 days"
    assert reported["never-rehearsed"] == "1 backup without a test restore"
    assert list(reported) == ["missing", "blocked", "expires-soon", "never-rehearsed"]
    audit = open_at(audit_screen(office, EN), press_link(screen, "▲ 1 licence expires within 60 days"))
    assert (audit.form.shown, len(audit.form.rows)) == ("expires-soon", 1)
    backups = open_at(backups_screen(office, EN), press_link(screen, "▲ 1 backup without a test restore"))
    assert (backups.form.shown, [one.record.administration for one in backups.form.rows]) == ("untested", [8])
    assert audit_screen(office, EN).form.shown == ""
    assert Menu(office, Texts("nl")).attention[0][1] == "4 klanten zonder licentie"


def test_attention_lines_are_the_audits_counts_and_disappear_when_resolved(tmp_path: Path) -> None:
    """Counted anew from the command's document; each line leads to just those rows."""
    desk = Workspace(tmp_path, today=TODAY)
    desk.ok("demo", desk.office, "--clients", 32, "--lines", 1)
    desk.ok("backup", 8, 15, "--confirm")
    desk.ok("backup", 12, "--rehearse", "--confirm")
    desk.ok("administration", "create", 200, "--description", "Tweede", "--client", desk.ok("client", "list")["clients"][0]["kvk"])

    def reported() -> list[tuple[str, str]]:
        rows = desk.ok("audit")["rows"]
        soon = [row for row in rows if row["licence_status"] == "expires-soon"]
        never = [row for row in rows if row["last_handover"] and not row["last_rehearsed"]]
        clients = {row["kvk"] for row in rows if row["state"] == "missing"}
        blocked = [row for row in rows if row["state"] == "blocked"]
        counts = {"missing": len(clients), "blocked": len(blocked), "expires-soon": len(soon), "never-rehearsed": len(never)}
        sentences = {
            "missing": ("1 client without a licence", f"{len(clients)} clients without a licence"),
            "blocked": ("1 administration can't be handed over", f"{len(blocked)} administrations can't be handed over"),
            "expires-soon": ("1 licence expires within 60 days", f"{len(soon)} licences expire within 60 days"),
            "never-rehearsed": ("1 backup without a test restore", f"{len(never)} backups without a test restore"),
        }
        return [(name, sentences[name][count > 1]) for name, count in counts.items() if count]

    screen = menu_screen(Office.open(desk.office, CLOCK), EN)
    assert list(screen.form.attention) == reported()
    assert [name for name, _ in reported()] == ["missing", "blocked", "expires-soon", "never-rehearsed"]
    for name, words in reported():
        href = press_link(screen, next(label for label in links(screen) if label.endswith(words)))
        make, shown = (backups_screen, "untested") if name == "never-rehearsed" else (audit_screen, name)
        assert open_at(make(Office.open(desk.office, CLOCK), EN), href).form.shown == shown
    desk.ok("backup", 15, "--rehearse", "--confirm")
    assert desk.run("inbox", "--confirm").code == 3  # those with nothing in the way are imported
    press(screen, "Reload")
    assert list(screen.form.attention) == reported()
    desk.ok("backup", 8, "--rehearse", "--confirm")
    press(screen, "Reload")
    assert list(screen.form.attention) == reported()
    assert [name for name, _ in reported()] == ["missing", "blocked", "expires-soon"]


def test_when_nothing_needs_attention_it_says_so(ready: Workspace) -> None:
    ready.ok("backup", "--register", "--recipient", ready.ok("key", "new", ready.folder / "key.txt")["recipient"], "--confirm")
    screen = menu_screen(Office.open(ready.office, CLOCK), EN)
    assert screen.form.attention == ()
    assert "Nothing needs your attention today" in visible_text(screen)


def test_the_menu_paths_of_s8_and_s9_are_in_the_menu_by_name(ready: Workspace) -> None:
    screen = menu_screen(Office.open(ready.office, CLOCK), Texts("nl"))
    for words in ("Administraties", "Controle", "Instellingen ▸ Systeem"):
        assert words in visible_text(screen)
    assert field(screen, "Taal").value == "nl"
    for name, notebook in (("Importeren klantlicentie", "01"), ("Licenties", "02"), ("Back-up maken", "03"), ("Overzicht kantoor", "07")):
        assert links(screen)[name][2].href.startswith(f"{notebook}_")
    assert [widget for widget, _, link in links(screen).values() if link.label == "Eigen licentie"]


def test_a_link_is_a_notebook_beside_this_one_or_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    assert navigation.address("01") == "01_import_client_licence.ipynb"
    monkeypatch.setenv("ACCOUNTOOLS_PAGES", "1")
    assert navigation.address("01") == "/voila/render/01_import_client_licence.ipynb"
    assert navigation.address("99") == ""


def test_the_bar_of_each_form_leads_home(ready: Workspace) -> None:
    screen = client_licence_screen(Office.open(ready.office, CLOCK), EN)
    assert {links(screen)[name][2].href for name in ("Accountancy", "Administrations")} == {"00_accountancy.ipynb"}
    assert links(screen)["Import client licence"][2].href == ""


def test_a_link_that_fails_is_shown_on_the_screen(ready: Workspace) -> None:
    screen, done = menu_screen(Office.open(ready.office, CLOCK), EN), []

    def fails() -> None:
        raise ZeroDivisionError("oops")

    shown = Links(
        screen._callbacks, "line", (Link("Good", step=lambda: done.append("good")), Link("Bad", step=fails), Link("Elsewhere", "a"))
    )
    assert [(link["acts"], link["href"]) for link in shown.links] == [(True, ""), (True, ""), (False, "a")]
    for place in (0, 1, 2, 3, "x", None):
        shown._receive(shown, {"pressed": place}, [])
    assert done == ["good"]
    assert "This is an error in the program: ZeroDivisionError: oops" in visible_text(screen)


def test_the_language_is_kept_for_the_next_time(ready: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACCOUNTOOLS_LANG", "en")
    screen = menu_screen(Office.open(ready.office, CLOCK))
    assert screen.form.texts.language == "en"
    next(one for one in shown_widgets(screen.widget) if type(one).__name__ == "RadioButtons").value = "nl"
    assert "Wat vandaag aandacht vraagt" in visible_text(screen)
    assert preferred_texts().language == "nl"
    assert Menu(Office.open(ready.office, CLOCK)).texts.language == "nl"
    assert stat.S_IMODE((data_folder() / "settings.json").stat().st_mode) == 0o600


def test_each_person_has_a_language_of_their_own_in_an_office_that_they_share(
    ready: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACCOUNTOOLS_LANG", "nl")

    def menu_of(person: str) -> Menu:
        monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / person))
        return Menu(Office.open(ready.office, CLOCK))

    menu_of("anna").set_language("en")
    assert menu_of("bram").texts.language == "nl"
    assert menu_of("anna").texts.language == "en"
    assert not (ready.office / "settings.json").exists()


def test_a_licence_of_another_kind_names_the_kind_needed(empty_office: Workspace) -> None:
    form = renewing(empty_office, kind="client")
    assert form.next()
    (blocking,) = form.plan.obstacles
    assert form.describe(blocking).startswith(
        "Licence AC-1001 can't be the office's own licence (kind: client; needed: accountancy office)."
    )
    assert "supplier" in form.describe(blocking)


@pytest.mark.parametrize(
    "held",
    ["", "[]", "{", '{"language": "xx", "chosen": 3}', '{"chosen": {"notebook": 1}}', pytest.param("[" * 60_000, id="deep"),
     pytest.param(f'{{"chosen": {"[" * 500}{"]" * 500}}}', id="too deep to write")],
)  # fmt: skip
def test_settings_that_can_not_be_read_are_none(held: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACCOUNTOOLS_LANG", "en")
    data_folder().mkdir(parents=True)
    (data_folder() / "settings.json").write_text(held)
    assert preferred_texts().language == "en"
    save_language("nl")
    assert preferred_texts().language == "nl"


def test_what_a_page_is_asked_by_its_address_is_begun_with_once_and_by_that_screen_only(ready: Workspace) -> None:
    office = Office.open(ready.office, CLOCK)
    audit = open_at(audit_screen(office, EN), navigation.address("01", administration=7))
    assert audit.form.row is None
    screen = open_at(client_licence_screen(office, EN), navigation.address("01", administration=7))
    assert screen.form.fields.administration.number == 7
    screen.form.cancel()
    assert open_at(screen, navigation.address("01", administration=7)).form.ended == "cancelled"  # after F5
    assert screen.form.restart()
    assert screen.form.fields.administration is None
    assert not (data_folder() / "settings.json").exists()


@pytest.mark.parametrize(
    "query", ["", "?administration=", "?administration=x", "?administration=-7", "?administration=²", "?show=", "?other=7"]
)
def test_an_address_without_a_known_request_changes_nothing(ready: Workspace, query: str) -> None:
    form = open_at(client_licence_screen(Office.open(ready.office, CLOCK), EN), f"01_import_client_licence.ipynb{query}").form
    assert (form.fields.administration, form.feedback.code) == (None, None)


def test_an_administration_that_is_not_there_is_refused_on_the_screen(ready: Workspace) -> None:
    for number, code in (("999", "administration-not-found"), ("9" * 60, "number-invalid")):
        form = open_at(
            client_licence_screen(Office.open(ready.office, CLOCK), EN), f"01_import_client_licence.ipynb?administration={number}"
        ).form
        assert form.feedback.code == code


def test_the_address_that_the_page_was_loaded_from_counts_where_jupyterlab_took_the_query_out(ready: Workspace) -> None:
    screen = audit_screen(Office.open(ready.office, CLOCK), EN)
    addresses = ["http://localhost/lab/tree/07_audit.ipynb", "http://localhost/lab/tree/07_audit.ipynb?show=ready&reset"]
    screen._address._receive(screen._address, {"ready": True, "addresses": addresses}, [])
    assert screen.form.shown == "ready"


def renewing(desk: Workspace, **changes: object) -> Menu:
    form = opened(desk)
    form.open_own_licence()
    assert form.wizard.buttons()[-1].why == "Choose a licence file first"
    form.choose_file(desk.issue_own("renewed.lic", **changes))
    return form


def test_the_own_licence_is_renewed_by_the_plan_that_was_shown(empty_office: Workspace) -> None:
    form = renewing(empty_office, users=12)
    assert form.next()
    assert [(one.what, one.old, one.new) for one in form.plan.differences] == [("users", "10", "12")]
    assert form.own.users == 10
    assert form.renew()
    assert (form.own.users, form.ended) == (12, "renewed")
    assert not form.renew()
    assert [event["what"] for event in empty_office.ok("journal")["events"]].count("own-licence-renewed") == 1


def test_what_is_wrong_with_the_new_licence_speaks_of_the_supplier(empty_office: Workspace) -> None:
    screen = menu_screen(Office.open(empty_office.office), Texts("en"))
    screen.form.open_own_licence()
    (empty_office.folder / "nothing.lic").write_text("nothing of the kind", "utf-8")
    for name in ("nothing.lic", empty_office.issue_own("expired.lic", valid_until="2026-01-31").name):
        screen.form.choose_file(empty_office.folder / name)
        assert "supplier" in visible_text(screen)
        assert "Ask the client" not in visible_text(screen)


def test_a_licence_of_an_issuer_that_nobody_here_knows_leads_to_where_issuers_are_added(empty_office: Workspace) -> None:
    empty_office.ok("issuer", "new", empty_office.folder / "stranger")
    screen = menu_screen(Office.open(empty_office.office), Texts("en"))
    screen.form.open_own_licence()
    screen.form.choose_file(empty_office.issue_own("strange.lic", issuer=empty_office.folder / "stranger"))
    assert "Ask your supplier where the file comes from" in visible_text(screen)
    assert "Settings ▸ System ▸ Office" in visible_text(screen)


def test_a_tick_for_one_own_licence_does_not_count_for_another(empty_office: Workspace) -> None:
    form = renewing(empty_office, number="AC-2", kvk="33333333")
    assert form.next()
    assert form.change_number()
    form.accept("kvk-differs")
    assert form.wizard.is_at("details", State.READY)
    form.file.unlink()
    empty_office.issue_own("renewed.lic", number="AC-2", kvk="44444444")
    assert not form.renew()
    assert form.feedback.code == "changed-meanwhile"
    assert form.resolve("retry")
    assert (form.accepted, form.wizard.is_at("details", State.CONFIGURED), form.renew()) == (frozenset(), True, False)


def test_leaving_the_renewal_changes_nothing(empty_office: Workspace) -> None:
    form = renewing(empty_office, users=12)
    form.next()
    assert form.previous()
    assert form.file is not None
    assert form.cancel()
    assert (form.ended, form.own.users) == ("cancelled", 10)
    assert not form.cancel()
    assert not form.choose_file(empty_office.folder / "renewed.lic")
    assert "own-licence-renewed" not in [event["what"] for event in empty_office.ok("journal")["events"]]


def test_another_number_is_not_the_own_licence(empty_office: Workspace) -> None:
    form = renewing(empty_office, number="AC-2")
    assert form.next()
    assert [one.code for one in form.plan.obstacles] == ["licence-differs"]
    assert not form.renew()
    assert form.wizard.buttons()[-1].why.startswith("Licence AC-2 is not the one expected here")


def test_the_own_licence_moves_to_a_new_number_when_that_is_asked_for(empty_office: Workspace) -> None:
    screen = menu_screen(Office.open(empty_office.office, CLOCK), EN)
    screen.form.open_own_licence()
    screen.form.choose_file(empty_office.issue_own("renewed.lic", number="AC-2", users=12))
    press(screen, "Next")
    assert "go on with number AC-2" in visible_text(screen)
    assert button(screen, "Renew").disabled
    press(screen, "Go on with the new number")
    assert screen.form.own.number == "AC-1001"
    assert "Licence number" in visible_text(screen)
    press(screen, "Renew")
    assert screen.form.own.number == "AC-2"
    event = empty_office.ok("journal")["events"][-1]
    assert (event["what"], event["details"]["replaces"]) == ("own-licence-renewed", "AC-1001")


def test_going_back_forgets_that_a_new_number_was_asked_for(empty_office: Workspace) -> None:
    form = renewing(empty_office, number="AC-2")
    assert form.next()
    assert form.change_number()
    assert not form.can_change_number
    assert form.previous()
    assert form.next()
    assert not form.renew()


def test_a_new_number_is_planned_anew_when_the_office_changed_meanwhile(empty_office: Workspace) -> None:
    form = renewing(empty_office, number="AC-2")
    form.next()
    form.change_number()
    empty_office.ok("licence", "renew", empty_office.issue_own("other.lic", users=15), "--confirm")
    assert not form.renew()
    assert form.resolve("retry")
    assert form.renew()
    assert form.own.number == "AC-2"


@pytest.mark.parametrize("changes", [{"number": "AC-2", "kind": "client"}, {"users": 12}, {"valid_until": "2026-02-01"}])
def test_no_new_number_is_offered_where_that_is_not_what_differs(empty_office: Workspace, changes: dict[str, Any]) -> None:
    """Of one of another kind the next refusal is shown; of the rest there is none to move to."""
    form = renewing(empty_office, **changes)
    form.next()
    offered = form.can_change_number
    assert offered == ("number" in changes)
    assert form.change_number() == offered
    if offered:
        assert [one.code for one in form.plan.obstacles] == ["wrong-kind"]


@pytest.mark.parametrize(("name", "code"), [("gone.lic", "file-not-found"), ("letter.txt", "not-a-licence")])
def test_an_unusable_file_is_reported_beside_the_field(empty_office: Workspace, name: str, code: str) -> None:
    (empty_office.folder / "letter.txt").write_text("Dear office")
    screen = menu_screen(Office.open(empty_office.office, CLOCK), EN)
    screen.form.open_own_licence()
    assert not screen.form.choose_file(empty_office.folder / name)
    assert screen.form.showing.verdict.code == code
    assert "not usable" in visible_text(screen)
    assert not screen.form.next()


def test_changed_meanwhile_asks_for_another_preview(empty_office: Workspace) -> None:
    form = renewing(empty_office, users=12)
    form.next()
    empty_office.ok("licence", "renew", empty_office.issue_own("other.lic", users=15), "--confirm")
    assert not form.renew()
    assert form.feedback.code == "changed-meanwhile"
    assert form.resolve("retry")
    assert form.renew()
    assert form.own.users == 12


def test_the_screen_opens_the_renewed_licence_and_returns_home_by_the_bar(empty_office: Workspace) -> None:
    screen = menu_screen(Office.open(empty_office.office, CLOCK), EN)
    press_link(screen, "Own licence")
    assert "AC-1001" in visible_text(screen)
    press_link(screen, "Settings")
    assert screen.form.ended == "cancelled"
    assert "Nothing was changed" in visible_text(screen)
    press_link(screen, "Own licence")
    screen.form.upload("renewed.lic", empty_office.issue_own("renewed.lic", users=12).read_bytes())
    press(screen, "Next")
    assert "Until now" in visible_text(screen)
    press(screen, "Renew")
    assert "Your own licence is renewed" in visible_text(screen)
    assert screen.form.own.users == 12


def test_a_changed_notebook_is_named_in_the_menu_and_a_click_puts_it_back(
    ready: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only in JupyterLab: the pages show the program's own."""
    copied = copy_notebooks(resources.notebooks(), tmp_path / "copies")
    broken = copied.folder / "03_make_backups.ipynb"
    broken.write_text("{")
    assert "03_make_backups" not in visible_text(menu_screen(Office.open(ready.office, CLOCK), EN))
    monkeypatch.setenv(FOLDER, str(copied.folder))
    screen = menu_screen(Office.open(ready.office, CLOCK), EN)
    assert "You changed 03_make_backups.ipynb" in visible_text(screen)
    press(screen, "Put back")
    assert broken.read_bytes() == (resources.notebooks() / broken.name).read_bytes()
    assert "03_make_backups.ipynb is again as it came with the program" in visible_text(screen)
    assert "Yours is kept as 03_make_backups.changed.ipynb" in visible_text(screen)
    assert "You changed" not in visible_text(screen)
    assert (copied.folder / "03_make_backups.changed.ipynb").read_text() == "{"
