"""The books in a browser: an audit file is read in, the trial balance and a ledger card are read, an audit file is made."""

import re
from pathlib import Path

from accountools.resources import samples
from tests.browsing import NL, BrowserSession, accessibility_violations, expected, in_both_modes
from tests.workspace import Workspace

FILE = "bakkerij-blom-2025.xaf"


@in_both_modes
def test_an_audit_file_is_uploaded_read_and_made_again(mode: str, ready: Workspace, browser: BrowserSession, tmp_path: Path) -> None:
    ready.create(9, "Bakkerij Jansen", chart=None)
    with browser.at(mode, ready.office) as (served, one):
        one.open(served, "08")
        rows = one.screen.locator("table.dataTable tbody tr")
        one.fill("Administratie", "9")
        one.screen.locator("input[type=file]").set_input_files(samples() / FILE)
        one.wait_for_text("71 boekingen, 204 mutaties")
        expected(one.button(NL("Finish"))).to_be_disabled()  # of another company
        one.screen.get_by_label(NL("Yes, I checked this and it is right")).check()
        one.press(NL("Finish"))
        one.wait_for_text("Boekjaar 2025 is ingelezen in administratie 009")
        one.press(NL("To the trial balance"))
        one.wait_for_text("310.963,34")
        one.screen.get_by_role("columnheader", name=NL("Closing balance")).click()
        one.page.wait_for_function("() => document.querySelector('table.dataTable tbody td')?.textContent === '8010'")
        one.screen.locator("input[type=search]").first.fill("1300")
        rows.filter(has_text="1300").click()
        one.wait_for_text("Grootboekkaart 1300 Debiteuren")
        one.screen.locator("table.dataTable").last.locator("tbody tr").first.click()
        one.wait_for_text("Boeking 25200003")
        one.press("Excel")
        one.screen.locator("code", has_text="Grootboekkaart 009 1300 2025.xlsx").wait_for()
        assert accessibility_violations(one) == []
        one.screen.get_by_role("button", name=NL("Make an audit file")).first.click()
        one.wait_for_text("Van de boekhouding van 009")
        one.press(NL("Make the file"))
        one.screen.locator("code", has_text="auditfile-009-2025.xaf").wait_for()
        with one.page.expect_download() as saved:
            one.screen.get_by_role("link", name=re.compile(NL("Download"))).last.click()
        saved.value.save_as(tmp_path / "made.xaf")
        one.close(served)
        assert one.outside() == []
    checked = ready.ok("auditfile", "check", tmp_path / "made.xaf")
    assert (checked["counts"]["entries"], checked["counts"]["lines"], checked["totals"]["debit"]) == (71, 204, "310963.34")
