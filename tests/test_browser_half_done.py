"""In the browser: F5, Back and Esc keep what was typed, and leaving a batch that is being made asks first."""

import re
from pathlib import Path

import pytest

from accountools.clock import system_clock
from accountools.demo.demonstration import Demo, create_demo
from tests.browsing import ENOUGH, NL, BrowserPage, BrowserSession, expected, in_browser
from tests.test_hurried import ended, runs
from tests.workspace import HENK, Workspace

RESUME = "Ga verder waar u was"
FILLED_IN = 6000  # milliseconds after which nothing is filled in any more


@pytest.fixture
def demo(tmp_path: Path) -> Demo:
    return create_demo(tmp_path / "office", system_clock(), clients=8, lines=12)


def check_import(one: BrowserPage, file: Path) -> None:
    one.holds("Administratie", "007")
    one.holds("Licentiebestand", str(file))
    one.wait_for_text("KL-2041")


@in_browser
def test_f5_back_and_esc_keep_what_was_typed(demo: Demo, browser: BrowserSession) -> None:
    """A confirmation is not kept: it is given anew."""
    file = demo.inbox / "KL-2041 Bakkerij Jansen.lic"
    with browser.at("app", demo.folder) as (served, one):
        one.open(served, "01")
        one.fill("Administratie", "7")
        one.wait_for_text("voor Bakkerij Jansen")
        one.fill("Licentiebestand", str(file))
        check_import(one, file)
        one.page.reload()
        check_import(one, file)
        one.screen.get_by_role("link", name="Accountancy").click()
        one.wait_for_text("Wat vandaag aandacht vraagt")
        one.page.go_back()
        check_import(one, file)
        one.screen.get_by_label("Licentiebestand", exact=True).press("Escape")
        one.wait_for_text("Er is niets geïmporteerd of gewijzigd")
        one.press(RESUME)
        check_import(one, file)
        one.open(served, "01")  # by its address: begun anew
        one.wait_for_text("Kies eerst de administratie")
        one.page.wait_for_timeout(1000)
        assert one.screen.get_by_label("Administratie", exact=True).input_value() == ""
        one.open(served, "06")
        one.fill("Administratie", "8")
        one.wait_for_text("Nieuwe gebruiker")
        one.fill(NL("Login name, as on their own computer"), r"JANSEN\ria")
        one.fill(NL("Full name"), "Ria Jansen")
        one.page.reload()
        one.wait_for_text("Nieuwe gebruiker")
        one.holds(NL("Full name"), "Ria Jansen")
        one.open(served, "03")
        one.screen.get_by_label("008 ").check()
        one.wait_for_text("1 aangevinkt")
        one.page.reload()
        one.screen.locator("input[type=checkbox]:checked").first.wait_for()
        expected(one.screen.get_by_label("008 ")).to_be_checked()
        assert one.outside() == []


@in_browser
def test_f5_keeps_the_ticks_of_all_pages(tmp_path: Path, browser: BrowserSession) -> None:
    """The first page was seen before all were ticked: what its boxes were then doesn't count."""
    large = create_demo(tmp_path / "office", system_clock(), clients=60, lines=0)
    with browser.at("app", large.folder) as (served, one):
        one.open(served, "03")
        one.press(NL("Next page"))
        one.wait_for_text("Pagina 2 van 3")
        one.press(NL("Tick all listed"))
        ticked = one.screen.get_by_text(re.compile(r"[2-9]\d aangevinkt"))
        ticked.wait_for()
        before = ticked.text_content()
        one.page.reload()
        ticked.wait_for()
        one.page.wait_for_timeout(2000)  # the fields are filled in after that
        assert ticked.text_content() == before


@in_browser
def test_f5_keeps_who_is_made_in_place_and_the_task_that_was_begun(demo: Demo, browser: BrowserSession) -> None:
    """One is at the fields again, and everything is in them: the next step is one press away."""
    with browser.at("app", demo.folder) as (served, one):
        one.open(served, "01")
        one.fill("Administratie", "7")
        one.wait_for_text("voor Bakkerij Jansen")
        one.fill("Licentiebestand", str(demo.inbox / "KL-2041 Bakkerij Jansen.lic"))
        one.press("Gebruiker aanmaken")
        one.fill(NL("Login name, as on their own computer"), HENK)
        one.fill(NL("Full name"), "Henk Jansen")
        one.press(NL("Use this user"))
        one.press("Volgende")
        one.wait_for_text("Zijn dit de licentiegegevens")
        one.page.reload()
        one.wait_for_text(NL("will be created on import"))
        one.press("Volgende")
        one.wait_for_text(f"krijgt Henk Jansen ({HENK}) toegang")
        expected(one.button("Klaar")).to_be_enabled()
        one.open(served, "05")
        one.press("Administratie aanmaken")
        one.fill("Nummer", "55")
        one.press("Klant aanmaken")
        one.fill("Naam", "Vis BV")
        one.fill("KvK-nummer", "11112222")
        one.press("Deze klant gebruiken")
        one.wait_for_text("Vis BV, KvK 11112222")
        one.fill("Omschrijving", "Twee vissen")
        one.page.reload()
        one.holds("Omschrijving", "Twee vissen")
        one.wait_for_text("Vis BV, KvK 11112222")
        one.holds("Nummer", "55")
        one.press("Volgende")
        one.press("Administratie aanmaken")
        one.wait_for_text("Administratie 055 “Twee vissen” is aangemaakt")
        one.page.reload()
        one.wait_for_text("Vis BV")  # in the list: what is done is not begun again
        one.open(served, "08")
        one.press("Auditfile omzetten")
        opened = one.screen.get_by_role("heading", name="Auditfile omzetten")
        opened.wait_for()
        one.page.reload()
        opened.wait_for()


@in_browser
def test_f5_fills_in_nothing_of_one_administration_at_another(ready: Workspace, browser: BrowserSession) -> None:
    """Neither whose books are read, nor the email that was written for one of two backups."""
    ready.ok("administration", "copy", 7, 8, "--description", "Filiaal")
    for number in (7, 8):
        ready.backup(number, "--plain")
    with browser.at("app", ready.office) as (served, one):
        one.open(served, "08")
        one.press("Auditfile inlezen")
        one.fill("Administratie", "7")
        one.holds("Administratie", "007")
        one.press("Proef- en saldibalans")
        one.fill("Administratie", "8")
        one.holds("Administratie", "008")
        one.page.reload()
        one.holds("Administratie", "008")
        one.press("Auditfile inlezen")
        one.wait_for_text(NL("Nothing changes until you choose Finish. Years may come in any order; each file is one year."))
        one.page.wait_for_timeout(FILLED_IN)
        one.holds("Administratie", "008")
        one.open(served, "10")
        email = one.screen.get_by_label(NL("For the email to the client"), exact=True)
        rows = one.screen.locator("table.dataTable tbody tr")
        rows.filter(has_text="007").first.click()
        one.page.wait_for_function("() => document.querySelector('.at-screen textarea')?.value.includes('007')")
        one.page.reload()
        rows.filter(has_text="008").first.click()
        one.page.wait_for_timeout(FILLED_IN)
        assert "008" in email.input_value()
        assert "007" not in email.input_value()
        one.fill(NL("For the email to the client"), "Beste filiaalhouder,")
        one.page.wait_for_timeout(2000)  # the program has it
        one.page.reload()
        rows.filter(has_text="007").first.click()
        one.page.wait_for_timeout(FILLED_IN)
        assert "007" in email.input_value()
        rows.filter(has_text="008").first.click()
        one.page.wait_for_function("() => document.querySelector('.at-screen textarea')?.value === 'Beste filiaalhouder,'")


@in_browser
def test_leaving_a_batch_that_is_being_made_asks_first(demo: Demo, browser: BrowserSession) -> None:
    """Who stays sees it end; who leaves stops it."""
    asked: list[str] = []
    with browser.at("app", demo.folder) as (served, one):
        one.open(served, "03")
        one.page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss() if len(asked) < 2 else dialog.accept()))
        for _ in range(2):
            one.screen.get_by_label("008 ").check()
            one.press("Volgende")
            one.choose(NL("Encrypted with a generated passphrase, a different one for each client"))
            one.press(NL("Make backups"))
            one.button("Afbreken").wait_for()
            one.screen.get_by_role("link", name="Accountancy").click()
            if len(asked) == 1:
                one.screen.get_by_text("geweigerd").last.wait_for(timeout=3 * ENOUGH)
                assert list((demo.folder / "backups").glob("*.acb"))
                one.press("Sluiten")  # to the menu
                one.wait_for_text("Wat vandaag aandacht vraagt")
                one.open(served, "03")
        assert asked == ["beforeunload"] * 2
        one.wait_for_text("Wat vandaag aandacht vraagt")
        assert not runs(served, one) or ended(served, one)
