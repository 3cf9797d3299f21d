"""The demonstration's books look like those of a small company, balance, and follow from the seed."""

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from accountools.demo.books import DemoBooks
from accountools.demo.trades import TRADES
from accountools.domain.ledger import Entry
from accountools.formats.spreadsheets.charts import read_chart
from tests.workspace import TODAY, Workspace

DAY = date.fromisoformat(TODAY)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A desk with a demonstration office of the usual size of books, with a company of each trade."""
    desk = Workspace(tmp_path_factory.mktemp("demo"))
    desk.ok("demo", desk.office, "--clients", 16)
    return desk


def numbers(desk: Workspace) -> list[int]:
    return [one["number"] for one in desk.ok("administration", "list")["administrations"] if one["client"]]


def entries_of(books: DemoBooks) -> Iterator[Entry]:
    for year in books.years:
        books.opening(year)
        yield from books.entries(year)


def test_there_are_two_years_and_the_second_opens_with_what_the_first_closed_with(desk: Workspace) -> None:
    for number in numbers(desk):
        years = desk.ok("books", "years", number)["years"]
        assert [(one["year"], one["closed"]) for one in years] == [("2025", True), ("2026", False)]
        rows = desk.ok("books", "trial-balance", number)["rows"]
        differing = [one["account"] for one in rows if one["kind"] == "B" and one["opening"] != one["previous"]]
        assert differing == ["0510"], "the result is added to the reserve"
        assert sum(Decimal(one["opening"]) for one in rows) == 0
        assert sum(Decimal(one["closing"]) for one in rows) == 0
        assert len([one for one in rows if one["kind"] == "P"]) >= 8


def test_nothing_is_dated_after_today_or_in_a_year_of_its_own(desk: Workspace) -> None:
    for path in sorted((desk.office / "administrations").glob("*.db")):
        with closing(sqlite3.connect(path)) as books:
            first, last = books.execute("SELECT min(date), max(date) FROM entries").fetchone()
            assert (first, last) == (None, None) or (first >= "2025-01-01" and "2026-11-01" < last <= TODAY)
            assert books.execute("SELECT count(*) FROM entries WHERE year <> substr(date, 1, 4)").fetchone() == (0,)


def test_the_vat_return_has_two_rates_and_agrees_with_the_accounts(desk: Workspace) -> None:
    for number in numbers(desk):
        for year in ("2025", "2026"):
            found = desk.ok("books", "vat", number, "--year", year)
            boxes = {one["box"]: one for one in found["boxes"]}
            assert found["unmapped"] == []
            for box, account, rate in (("1a", "1500", 21), ("1b", "1510", 9)):
                tax, turnover = Decimal(boxes[box]["vat"]), Decimal(boxes[box]["turnover"])
                assert tax > 0
                assert abs(tax - turnover * rate / 100) < 1, "a cent an invoice"
                rows = desk.ok("books", "ledger", number, "--account", account, "--year", year)["rows"]
                assert sum(Decimal(one["credit"]) for one in rows if "Aangifte" not in one["description"]) == tax
            assert Decimal(boxes["5b"]["vat"]) > 0


def test_open_items_are_known_by_invoice_and_some_are_overdue(desk: Workspace) -> None:
    for number in numbers(desk):
        found = desk.ok("books", "open-items", number)
        assert {one["evidence"] for one in found["rows"]} == {"reference"}
        assert all(one["name"] and one["due"] and one["document"] for one in found["rows"])
        overdue = [one for one in found["rows"] if one["days"] > 0 and one["kind"] == "debtors"]
        assert 1 <= len(overdue) < len(found["rows"])
        rows = {one["account"]: one["closing"] for one in desk.ok("books", "trial-balance", number)["rows"]}
        for kind, account in (("debtors", "1300"), ("creditors", "1600")):
            open_ = sum(Decimal(one["open"]) for one in found["rows"] if one["kind"] == kind)
            assert open_ == Decimal(rows[account])


def test_the_journal_tests_find_the_faults_that_were_put_in_and_little_else(desk: Workspace) -> None:
    found = [Counter(one["code"] for one in desk.ok("books", "check", number)["findings"]) for number in numbers(desk)]
    for one in found:
        assert {"invoice-twice", "number-gap", "weekend", "round-amount", "opening-differs"} <= one.keys()
        assert sum(one.values()) <= 12
        assert not one.keys() & {"opening-unbalanced", "date-outside-year"}
    assert sum("date-outside-period" in one for one in found) > len(found) / 2
    assert any("negative-cash" in one for one in found)
    for number in numbers(desk)[:3]:
        found_before = desk.ok("books", "check", number, "--year", "2025")["findings"]
        assert {one["severity"] for one in found_before} <= {"info"}, "the faults are in this year"


def test_an_audit_file_of_it_is_valid(desk: Workspace, tmp_path: Path) -> None:
    for version in ("4.0", "3.2"):
        path = tmp_path / f"{version}.xaf"
        desk.ok("auditfile", "export", 7, path, "--version", version)
        found = desk.ok("auditfile", "check", path)
        assert found["ok"]
        assert {one["code"] for one in found["findings"] if one["severity"] != "info"} == {"XAF7003"}, "the date outside its period"


@pytest.mark.parametrize("trade", TRADES)
@pytest.mark.parametrize("lines", [1, 60, 240, 481, 3_000])
def test_the_books_have_as_many_lines_as_asked_on_accounts_of_the_chart(trade: str, lines: int) -> None:
    """`--lines N`: N, or what the last entry has more."""
    chart = {one.code for one in read_chart("standard").accounts}
    books = DemoBooks(4, TRADES[trade], lines, DAY)
    found = list(entries_of(books))
    count = sum(len(one.lines) for one in found)
    assert lines <= count < lines + 6
    assert sum(len(one.lines) for one in found[:-1]) < lines
    assert {line.account for one in found for line in one.lines} <= chart
    known = {one.code for one in books.relations}
    assert {line.relation for one in found for line in one.lines if line.relation} <= known


def test_books_of_no_lines_are_empty() -> None:
    books = DemoBooks(1, TRADES["Garage"], 0, DAY)
    assert (books.years, books.relations) == ((), ())


@pytest.mark.parametrize("today", ["2026-01-01", "2026-01-03", "2026-02-28", "2024-02-29", "2026-12-31", "2027-05-16"])
def test_any_day_of_the_year_will_do(today: str) -> None:
    books = DemoBooks(2, TRADES["Bakkerij"], 480, date.fromisoformat(today))
    found = list(entries_of(books))
    assert max(one.date for one in found) <= today
    assert 480 <= sum(len(one.lines) for one in found) < 486


@pytest.mark.parametrize(("trade", "busy", "quiet"), [("Bakkerij", 12, 7), ("Schildersbedrijf", 9, 1), ("Fietsen", 5, 12)])
def test_sales_follow_the_seasons(trade: str, busy: int, quiet: int) -> None:
    books = DemoBooks(3, TRADES[trade], 20_000, DAY)
    months = Counter(int(one.date[5:7]) for one in entries_of(books) if one.journal in {"60", "10"} and one.date < "2026")
    assert months[busy] > 1.5 * months[quiet]


def test_larger_companies_pay_wages() -> None:
    journals = {one.description.split()[0] for one in entries_of(DemoBooks(3, TRADES["Advies"], 2_000, DAY))}
    assert {"Lonen", "Nettolonen", "Loonheffing", "Huur"} <= journals


def test_the_same_seed_gives_the_same_books_and_another_gives_others() -> None:
    def made(seed: int) -> list[Any]:
        books = DemoBooks(seed, TRADES["Slagerij"], 300, DAY)
        return [books.relations, *entries_of(books)]

    assert made(5) == made(5)
    assert made(5) != made(6)
