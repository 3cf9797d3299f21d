"""The office's overview in a browser, with more rows than fit a page (issue 6)."""

import pytest

from accountools.forms.table import PAGE
from tests.browsing import MODES, NL, Seat, faults_of, in_browser
from tests.desk import Desk

KINDS = {"CSV": "csv", "Excel": "xlsx", "HTML": "html"}


@in_browser
@pytest.mark.parametrize("mode", MODES)
def test_four_hundred_clients_are_one_page_of_rows_with_pictures_and_papers(mode: str, founded: Desk, seat: Seat) -> None:
    """Never more than one page of rows is in the document, whatever is searched, filtered or sorted."""
    lines = [f"Klant {n:03d},{30_000_000 + n},Delft" for n in range(400)]
    (founded.folder / "klanten.csv").write_text("\n".join(("name,kvk,city", *lines)))
    founded.ok("client", "import", founded.folder / "klanten.csv")
    founded.create(7, "Bakkerij", client="30000399")
    with seat.at(mode, founded.office) as (served, one):
        one.open(served, "07")
        rows = one.screen.locator("table.dataTable tbody tr")
        one.sees("van 400")
        assert rows.count() == PAGE
        one.screen.locator(".at-picture svg").nth(1).wait_for()
        assert one.screen.get_by_role("img", name=NL("Where the office stands, by month")).count() == 1
        one.sees("0 klaar, 0 aandacht, 0 geblokkeerd, 400 zonder licentie")
        one.screen.get_by_label(NL("next page")).click()
        one.sees("26 t/m 50")
        assert rows.count() == PAGE
        one.screen.get_by_role("columnheader", name=NL("KvK")).click()
        assert rows.count() == PAGE
        one.screen.get_by_label(NL("Search")).fill("Klant 399")
        one.sees("(van in totaal 400)")
        assert rows.count() == 1
        rows.first.click()
        one.sees(NL("History"))
        one.sees(NL("Import client licence"))
        for label in ("CSV", "Excel", "HTML"):
            one.press(label)
            one.screen.locator("code", has_text=f".{KINDS[label]}").wait_for()
        assert faults_of(one) == []
        assert one.outside() == []
    assert sorted(path.suffix for path in (founded.office / "exports").iterdir()) == [".csv", ".html", ".xlsx"]
