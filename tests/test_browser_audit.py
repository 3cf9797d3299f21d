"""The office's overview in a browser, with more rows than fit a page."""

import re
from pathlib import Path

import pytest

from accountools.forms.kit.table import PAGE
from tests.browsing import NL, BrowserPage, BrowserSession, RunningServer, accessibility_violations, in_both_modes
from tests.workspace import Workspace

KINDS = {"CSV": "csv", "Excel": "xlsx", "HTML": "html"}


def check_overview(served: RunningServer, one: BrowserPage, office: Path, total: str, figures: str, search: str) -> None:
    """Never more than one page of rows is in the document, whatever is searched, filtered or sorted; all papers can be had.

    The link in a row leads to the import, with that row's administration.
    """
    rows = one.screen.locator("table.dataTable tbody tr")
    one.wait_for_text(f"van {total}")
    assert rows.count() == PAGE
    one.page.wait_for_timeout(500)
    assert one.screen.locator(".at-bar").first.evaluate("bar => bar.getBoundingClientRect().bottom") > 0  # it opens at its top
    one.screen.locator(".at-picture svg").nth(1).wait_for()
    assert one.screen.get_by_role("img", name=NL("Status by month")).count() == 1
    one.screen.get_by_text(figures).filter(visible=True).last.wait_for()  # on some days a month's figures are the same: not seen
    one.screen.get_by_label(NL("next page")).click()
    one.wait_for_text("26 t/m 50")
    assert rows.count() == PAGE
    one.screen.get_by_role("columnheader", name=NL("KvK")).click()
    assert rows.count() == PAGE
    one.screen.get_by_label(NL("Search"), exact=True).fill(search)
    one.wait_for_text(f"(van in totaal {total})")
    assert rows.count() == 1
    rows.first.click()
    one.wait_for_text(NL("History"))
    one.wait_for_text(NL("Import client licence"))
    one.screen.get_by_label(NL("Search"), exact=True).fill("")
    one.screen.get_by_role("button", name=re.compile(NL("without licence"))).click()
    one.wait_for_text("1 t/m 25")
    assert rows.count() == PAGE
    for label, kind in KINDS.items():
        one.press(label)
        one.screen.locator("code", has_text=f".{kind}").wait_for()
    assert accessibility_violations(one) == []
    one.screen.get_by_label(NL("Search"), exact=True).fill(search)
    one.wait_for_text("(van in totaal")
    link = rows.first.locator("a", has_text=NL("Import client licence"))
    assert rows.count() == 1
    if served.mode == "app":
        assert str(link.get_attribute("href")).endswith("/01_import_client_licence.ipynb?administration=7")
        link.click()
        one.page.wait_for_url(re.compile(r"/01_import_client_licence\.ipynb"), wait_until="commit")  # the page soon drops the query
        one.run_cell(served)
        one.holds("Administratie", "007")
    else:
        link.click()
        one.holds("Administratie", "007")
        assert len(one.page.context.pages) == 1
    assert one.outside() == []
    assert sorted(path.suffix for path in (office / "exports").iterdir()) == [".csv", ".html", ".xlsx"]


@in_both_modes
def test_four_hundred_clients_are_one_page_of_rows_with_pictures_and_papers(
    mode: str, empty_office: Workspace, browser: BrowserSession
) -> None:
    lines = [f"Klant {n:03d},{30_000_000 + n},Delft" for n in range(400)]
    (empty_office.folder / "klanten.csv").write_text("\n".join(("name,kvk,city", *lines)))
    empty_office.ok("client", "import", empty_office.folder / "klanten.csv")
    empty_office.create(7, "Bakkerij", client="30000399")
    with browser.at(mode, empty_office.office) as (served, one):
        one.open(served, "07")
        check_overview(served, one, empty_office.office, "400", "0 gereed, 0 aandacht, 0 geblokkeerd, 400 zonder licentie", "Klant 399")


@in_both_modes
def test_so_are_five_thousand_administrations(mode: str, tmp_path: Path, browser: BrowserSession, *, thorough: bool) -> None:
    if not thorough:
        pytest.skip("to make them takes some ten seconds")
    desk = Workspace(tmp_path, today=None)
    counts = desk.ok("demo", desk.office, "--clients", 5000, "--lines", 0)["summary"]
    assert (sum(counts.values()), min(counts.values())) == (5000, 625)
    with browser.at(mode, desk.office) as (served, one):
        one.open(served, "07")
        figures = (
            f"{counts['ready']} gereed, {counts['attention']} aandacht, "
            f"{counts['blocked']} geblokkeerd, {counts['missing']} zonder licentie"
        )
        check_overview(served, one, desk.office, "5.000", figures, "Bakkerij Jansen 10000235")
