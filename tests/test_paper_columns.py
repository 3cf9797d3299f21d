"""The papers in a browser, as wide as their sheet: no name, number or day is broken in its column, and nothing is beyond the margin."""

import io
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from accountools.clock import system_clock
from accountools.demo.demonstration import create_demo
from accountools.operations.backups.plan import plan_all_ready
from accountools.operations.backups.target import BackupTarget
from accountools.operations.session import Office
from accountools.reports.audit import audit
from accountools.reports.audit_papers import render, report_details
from accountools.reports.books.ledger_card import LedgerCard, LedgerRow
from accountools.reports.books.papers import book_details, write_page
from accountools.reports.dossier import dossier
from accountools.reports.page import whole_numbers
from accountools.texts import Language, Texts
from tests.browsing import chromium_running, in_browser
from tests.workspace import TODAY

LANDSCAPE, PORTRAIT = 1009, 680  # A4 within its margins, in CSS pixels
BROKEN = """() => {
  const found = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (node.parentElement.closest("svg, code")) continue;
    for (const word of node.data.matchAll(/\\S+/g)) {
      const range = document.createRange();
      range.setStart(node, word.index);
      range.setEnd(node, word.index + word[0].length);
      if (new Set([...range.getClientRects()].map((one) => Math.round(one.top))).size > 1) found.push(word[0]);
    }
  }
  return found;
}"""


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """An office with clients of each kind, and backups."""
    made = create_demo(tmp_path_factory.mktemp("papers") / "office", system_clock(date.fromisoformat(TODAY)), clients=24, lines=24).office
    plan_all_ready(made, BackupTarget(plain=True)).apply(made)
    return made


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with chromium_running() as running:
        yield running


def printed(chromium: Any, page: bytes, width: int, folder: Path) -> tuple[list[str], int]:
    """The words that are broken on this page when it is printed, and how wide the page becomes."""
    path = folder / "page.html"
    path.write_bytes(page)
    with chromium.new_context(viewport={"width": width, "height": 800}) as context:
        shown = context.new_page()
        shown.emulate_media(media="print")
        shown.goto(path.as_uri())
        return shown.evaluate(BROKEN), shown.evaluate("document.documentElement.scrollWidth")


@in_browser
@pytest.mark.parametrize("language", ["nl", "en"])
def test_no_name_number_or_day_is_broken_in_the_overview(language: Language, office: Office, chromium: Any, tmp_path: Path) -> None:
    found, _ = audit(office), Texts(language)
    assert printed(chromium, render(found, report_details(office, found), _, "html"), LANDSCAPE, tmp_path) == ([], LANDSCAPE)


@in_browser
@pytest.mark.parametrize("language", ["nl", "en"])
def test_no_name_number_or_day_is_broken_in_a_dossier(language: Language, office: Office, chromium: Any, tmp_path: Path) -> None:
    for row in audit(office).rows[4:9]:
        if row.number is not None:
            assert printed(chromium, dossier(office, row.number).page(language), PORTRAIT, tmp_path) == ([], PORTRAIT)


@in_browser
def test_a_name_that_is_wider_than_its_column_keeps_the_table_on_the_paper(office: Office, chromium: Any, tmp_path: Path) -> None:
    found = audit(office)
    rows = tuple(replace(row, client="W" * 60, user="a" * 104) for row in found.rows)
    page = render(replace(found, rows=rows), report_details(office, found), Texts("nl"), "html")
    broken, width = printed(chromium, page, LANDSCAPE, tmp_path)
    assert width == LANDSCAPE
    assert set(broken) == {"W" * 60, "a" * 104}


@in_browser
def test_a_text_without_blanks_keeps_a_report_of_the_books_on_the_paper(office: Office, chromium: Any, tmp_path: Path) -> None:
    page = report_page(office, description="X" * 140)
    broken, width = printed(chromium, page, LANDSCAPE, tmp_path)
    assert (width, broken) == (LANDSCAPE, ["X" * 140])


def report_page(office: Office, description: str) -> bytes:
    """A ledger card with one line, of this description."""
    number = next(row.number for row in audit(office).rows if row.number is not None)
    line = LedgerRow("2026-01-05", 1, "20", "2026-0001", "F2026-0001", description, "D1", 12_100, 0, 12_100, "2026-02-04")
    card = LedgerCard("1300", "Debiteuren", "2026", None, 0, 12_100, (line,))
    file = io.BytesIO()
    write_page(file, card, book_details(office, number), Texts("nl"))
    return file.getvalue()


def test_only_a_text_with_a_very_long_word_may_be_broken_anywhere(office: Office) -> None:
    assert f'<td class="long">{"X" * 140}</td>'.encode() in report_page(office, "X" * 140)
    assert all(b'class="long"' not in report_page(office, text) for text in ("Verkoop van " * 10, " " * 30, ""))


@pytest.mark.parametrize(
    "text", ["tot en met 17-11-2026.", "until 2026-11-17, then", "“17-11-2026”", "17-11-2026", "licentie KL-2041 is", "DEMO-1"]
)
def test_a_day_or_number_is_kept_whole_and_the_rest_stays_as_it_was(text: str) -> None:
    made = str(whole_numbers(text))
    assert re.search(r'<span class="whole">[\w-]+\d[.,]?</span>', made)
    assert re.sub(r"</?span[^>]*>", "", made) == text


def test_what_looks_like_html_stays_text() -> None:
    assert str(whole_numbers('<b>17-11-2026"')) == '&lt;b&gt;<span class="whole">17-11-2026</span>&#34;'
