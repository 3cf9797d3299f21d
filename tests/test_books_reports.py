"""The reports of the books: each is held against books that were computed by hand (`tests.book_files`), and against the others."""

import html
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

import accountools as at
from accountools.domain.identifiers import AdministrationNumber
from accountools.domain.ledger import Entry, Line, Relation
from accountools.office import Office
from accountools.operations.books.entries import post
from tests.book_files import OPENING_2025, YEAR_2024, YEAR_2025, E, L, Year, payment, sale
from tests.engines import add_book_row, place_of
from tests.seeding import random_for
from tests.workspace import TODAY, Workspace

SMALL = Path(__file__).parent / "auditfiles"


@pytest.fixture
def desk(ready: Workspace) -> Workspace:
    """An administration without a chart, number 9."""
    ready.create(9, "Auditfile", chart=None)
    return ready


def load(desk: Workspace, year: Year | Path, *asked: str) -> None:
    """Import a year, accepting what is asked: at least these codes; lines without a reference break a rule of the format."""
    path = year if isinstance(year, Path) else year.write(desk.folder / f"{year.label}.xaf")
    words = [word for code in ("auditfile-invalid", "opening-differs") for word in ("--accept", code)]
    obstacles = desk.ok("auditfile", "import", path, "--administration", 9, *words, "--confirm")["obstacles"]
    assert {*asked} <= {one["code"] for one in obstacles}


@pytest.fixture
def two_years(desk: Workspace) -> Workspace:
    load(desk, YEAR_2024)
    load(desk, YEAR_2025, "opening-differs")
    return desk


def books(desk: Workspace, *words: object, number: int = 9) -> Any:
    return desk.ok("books", words[0], number, *words[1:])


def by(rows: list[dict[str, Any]], key: str = "account") -> dict[str, dict[str, Any]]:
    return {row[key]: row for row in rows}


def findings(desk: Workspace, code: str, *words: object) -> list[dict[str, Any]]:
    return [one for one in books(desk, "check", *words)["findings"] if one["code"] == code]


# --- years ---


@pytest.mark.both_engines
def test_the_years_are_listed_with_their_days_and_what_is_in_them(two_years: Workspace) -> None:
    shared = {"closed": False, "entries": 3}
    assert books(two_years, "years")["years"] == [
        {"year": "2024", "first_day": "2024-01-01", "last_day": "2024-12-31", "lines": 9, "source": "2024.xaf", **shared},
        {"year": "2025", "first_day": "2025-01-01", "last_day": "2025-12-31", "lines": 7, "source": "2025.xaf", **shared},
    ]
    assert [row["year"] for row in books(two_years, "years", "--year", 2024)["years"]] == ["2024"]


@pytest.mark.both_engines
def test_the_latest_year_is_the_default_and_an_unknown_one_is_refused(two_years: Workspace) -> None:
    for name in ("trial-balance", "vat", "check"):
        assert two_years.refused("books", name, 9, "--year", "1999") == "year-not-found"
    assert books(two_years, "trial-balance")["year"] == "2025"
    assert two_years.refused("books", "years", 99) == "administration-not-found"
    two_years.create(11, "Leeg", chart=None)
    assert books(two_years, "years", number=11) == {"years": []}
    assert two_years.refused("books", "trial-balance", 11) == "year-not-found"


@pytest.mark.both_engines
@pytest.mark.parametrize("words", [("trial-balance",), ("ledger", "--account", "1300"), ("vat",), ("check",)])
def test_without_a_year_a_report_is_of_the_year_in_which_its_day_lies(two_years: Workspace, words: tuple[str, ...]) -> None:
    for day, year in (("2024-01-01", "2024"), ("2024-11-30", "2024"), ("2025-01-01", "2025"), ("2031-05-05", "2025")):
        assert books(two_years, *words, "--until", day)["year"] == year
    assert books(two_years, "trial-balance", "--until", "2024-11-30")["rows"] == [
        row | {"previous": None} for row in books(two_years, "trial-balance", "--year", 2024, "--until", "2024-11-30")["rows"]
    ]


@pytest.mark.both_engines
@pytest.mark.parametrize("words", [("trial-balance",), ("ledger", "--account", "1300"), ("open-items",), ("vat",), ("check",)])
def test_a_day_before_the_year_or_before_all_years_is_refused(two_years: Workspace, words: tuple[str, ...]) -> None:
    answer = two_years.run("books", words[0], 9, *words[1:], "--year", 2025, "--until", "2024-12-31", "--lang", "en")
    assert (answer.code, answer.error) == (3, "year-not-found")
    assert "Fiscal year 2025 of administration 009 begins on 2025-01-01, after 2024-12-31." in answer.err
    answer = two_years.run("books", words[0], 9, *words[1:], "--until", "2023-12-31", "--lang", "en")
    assert (answer.code, answer.error) == (3, "year-not-found")
    assert "Fiscal year 2024 of administration 009 begins on 2024-01-01, after 2023-12-31." in answer.err


# --- the trial balance ---


@pytest.mark.both_engines
def test_the_trial_balance_opens_moves_closes_and_knows_the_year_before(two_years: Workspace) -> None:
    found = books(two_years, "trial-balance")
    rows = by(found["rows"])
    assert rows["1300"] == {
        "account": "1300", "name": "Debiteuren", "rgs": "", "kind": "B",
        "opening": "339.00", "debit": "242.00", "credit": "221.00", "closing": "360.00", "previous": "339.00",
    }  # fmt: skip
    assert rows["8000"]["opening"] == "0.00"
    assert (rows["8000"]["closing"], rows["8000"]["previous"]) == ("-200.00", "-100.00")
    assert (rows["8010"]["debit"], rows["8010"]["closing"], rows["8010"]["previous"]) == ("0.00", "0.00", "-200.00")
    assert rows["0550"]["previous"] == "0.00"
    assert "1000" not in rows
    assert found["totals"] == {"opening": "0.00", "debit": "463.00", "credit": "463.00", "closing": "0.00", "previous": "0.00"}


def test_without_a_year_before_the_previous_closing_is_unknown(two_years: Workspace) -> None:
    found = books(two_years, "trial-balance", "--year", 2024)
    assert {row["previous"] for row in found["rows"]} == {None}
    assert found["totals"]["previous"] is None
    assert by(found["rows"])["1600"]["closing"] == "-60.50"


@pytest.mark.both_engines
def test_until_a_day_later_movements_are_left_out_but_not_the_opening(two_years: Workspace) -> None:
    found = books(two_years, "trial-balance", "--until", "2025-02-03")
    rows = by(found["rows"])
    assert (rows["1300"]["opening"], rows["1300"]["credit"], rows["1300"]["debit"]) == ("339.00", "221.00", "0.00")
    assert found["until"] == "2025-02-03"
    assert by(books(two_years, "trial-balance", "--until", "2025-02-02")["rows"])["1300"]["credit"] == "121.00"


@pytest.mark.both_engines
def test_by_period_each_row_has_the_movements_of_the_periods(two_years: Workspace) -> None:
    found = books(two_years, "trial-balance", "--by-period")
    assert by(found["rows"])["1300"]["periods"] == {"1": "-121.00", "2": "142.00"}
    assert by(found["rows"])["0500"]["periods"] == {"1": "0.00", "2": "0.00"}
    assert found["totals"]["periods"] == {"1": "0.00", "2": "0.00"}
    assert "periods" not in books(two_years, "trial-balance")["rows"][0]


@pytest.mark.both_engines
def test_entries_that_open_the_year_are_its_opening_and_no_movement(ready: Workspace) -> None:
    opening = Entry("95", "0", "2026-01-01", 0, "Opening", (Line("1100", "D", 5_000), Line("0500", "C", 5_000)))
    sales = Entry("60", "1", "2026-01-05", 1, "Verkoop", (Line("1300", "D", 100), Line("8000", "C", 100)))
    post(Office.open(place_of(ready.office)), AdministrationNumber(7), [opening, sales])
    found = books(ready, "trial-balance", number=7)
    assert (found["totals"]["debit"], by(found["rows"])["1100"]["opening"], by(found["rows"])["1100"]["debit"]) == ("1.00", "50.00", "0.00")
    assert books(ready, "ledger", "--account", "1100", number=7)["rows"] == []


def test_a_negative_amount_stays_on_the_side_on_which_it_was_written(desk: Workspace) -> None:
    answer = desk.run("auditfile", "import", SMALL / "negative.xaf", "--administration", 9, "--confirm")
    assert answer.code == 0, answer.err
    found = books(desk, "trial-balance")
    assert {name: found["totals"][name] for name in ("debit", "credit")} == answer.json["totals"]


# --- the ledger card ---


@pytest.mark.both_engines
def test_the_ledger_card_carries_the_balance_from_line_to_line(two_years: Workspace) -> None:
    found = books(two_years, "ledger", "--account", "1300")
    assert (found["account"], found["name"], found["opening"], found["closing"]) == ("1300", "Debiteuren", "339.00", "360.00")
    assert [(row["date"], row["debit"], row["credit"], row["balance"]) for row in found["rows"]] == [
        ("2025-01-10", "0.00", "121.00", "218.00"),
        ("2025-02-03", "0.00", "100.00", "118.00"),
        ("2025-02-10", "242.00", "0.00", "360.00"),
    ]
    assert found["rows"][2] == {
        "date": "2025-02-10", "period": 2, "journal": "60", "number": "1", "document": "F3", "description": "Boeking", "relation": "D1",
        "debit": "242.00", "credit": "0.00", "balance": "360.00", "due": None,
    }  # fmt: skip


@pytest.mark.both_engines
def test_a_ledger_card_until_a_day_closes_with_the_balance_of_that_day(two_years: Workspace) -> None:
    found = books(two_years, "ledger", "--account", "1300", "--until", "2025-02-03")
    assert (len(found["rows"]), found["closing"]) == (2, "118.00")
    assert books(two_years, "ledger", "--account", "1000")["rows"] == []
    assert two_years.refused("books", "ledger", 9, "--account", "9999") == "account-not-found"


# --- open items ---


@pytest.mark.both_engines
def test_open_items_are_known_by_reference_else_by_the_relations_balance(two_years: Workspace) -> None:
    """F1 was paid under its own number, F2 in part without one; F3 and P100 are untouched. The items of 2024 keep their own day."""
    found = books(two_years, "open-items", "--on", "2025-12-31")
    assert [(row["relation"], row["document"], row["date"], row["amount"], row["open"], row["evidence"]) for row in found["rows"]] == [
        ("D1", "F3", "2025-02-10", "242.00", "242.00", "reference"),
        ("D2", "F2", "2024-12-20", "218.00", "118.00", "balance"),
        ("C1", "P100", "2024-12-05", "-60.50", "-60.50", "reference"),
    ]
    assert found["rows"][0]["name"] == "Café Noord"
    assert found["ageing"] == {"current": "0.00", "30": "0.00", "60": "0.00", "90": "0.00", "older": "0.00", "unknown": "299.50"}


@pytest.mark.both_engines
def test_open_items_of_a_kind_only(two_years: Workspace) -> None:
    assert [row["relation"] for row in books(two_years, "open-items", "--kind", "creditors")["rows"]] == ["C1"]
    assert [row["relation"] for row in books(two_years, "open-items", "--kind", "debtors")["rows"]] == ["D1", "D2"]


@pytest.mark.parametrize("words", [("--kind", "all"), ("--on", "31-12-2025"), ("--until", "soon"), ("--on", "")])
def test_a_kind_or_day_that_isnt_one_is_wrong_usage(ready: Workspace, words: tuple[str, str]) -> None:
    answer = ready.run("books", "open-items", 7, *words)
    assert (answer.code, answer.error) == (2, "usage")


@pytest.mark.both_engines
def test_what_is_booked_after_the_day_doesnt_count(two_years: Workspace) -> None:
    rows = books(two_years, "open-items", "--on", "2025-01-31", "--kind", "debtors")["rows"]
    assert [(row["document"], row["open"], row["evidence"]) for row in rows] == [("F2", "218.00", "reference")]
    found = {words: books(two_years, "open-items", *words)["on"] for words in ((), ("--year", 2025), ("--until", "2025-03-01"))}
    assert found == {(): TODAY, ("--year", 2025): "2025-12-31", ("--until", "2025-03-01"): "2025-03-01"}
    rows = books(two_years, "open-items", "--year", 2024, "--kind", "debtors")["rows"]
    assert [(row["document"], row["open"]) for row in rows] == [("F1", "121.00"), ("F2", "218.00")]


@pytest.mark.both_engines
def test_items_on_a_day_in_an_earlier_year_are_those_of_that_day(two_years: Workspace) -> None:
    for words in (("--on", "2024-11-30"), ("--until", "2024-11-30"), ("--year", 2024, "--on", "2024-11-30")):
        found = books(two_years, "open-items", *words)
        assert [(row["document"], row["open"]) for row in found["rows"]] == [("F1", "121.00")]
        assert found["on"] == "2024-11-30"
    rows = books(two_years, "open-items", "--on", "2025-03-01", "--until", "2024-12-10")["rows"]
    assert [(row["document"], row["open"]) for row in rows] == [("F1", "121.00"), ("P100", "-60.50")]
    assert two_years.refused("books", "open-items", 9, "--year", "2025", "--on", "2024-11-30") == "year-not-found"


@pytest.mark.both_engines
def test_items_of_a_year_that_has_not_begun_are_those_of_its_first_day(two_years: Workspace) -> None:
    found = two_years.ok("books", "open-items", 9, "--year", 2025, today="2024-11-30")
    assert (found["on"], [row["open"] for row in found["rows"]]) == ("2025-01-01", ["121.00", "218.00", "-60.50"])
    found = two_years.ok("books", "open-items", 9, today="2024-11-30")
    assert (found["on"], [row["open"] for row in found["rows"]]) == ("2024-11-30", ["121.00"])
    found = two_years.ok("books", "open-items", 9, today="2023-11-30")
    assert (found["on"], len(found["rows"])) == ("2025-01-01", 3)


@pytest.mark.both_engines
def test_items_add_up_to_the_balance_also_where_an_earlier_year_has_an_entry_of_a_later_day(desk: Workspace) -> None:
    late = sale("3", "2025-02-20", "F9", "D1", "10.00", "2.10", "12.10")
    load(desk, replace(YEAR_2024, entries=(*YEAR_2024.entries, replace(late, period=12))))
    opening = OPENING_2025 | {"1300": "351.10", "1500": "-23.10", "0550": "-260.00"}
    load(desk, replace(YEAR_2025, opening=opening))
    found = books(desk, "open-items", "--on", "2025-01-31", "--kind", "debtors")
    balance = by(books(desk, "trial-balance", "--until", "2025-01-31")["rows"])
    assert sum(Decimal(row["open"]) for row in found["rows"]) == Decimal(balance["1300"]["closing"]) == Decimal("230.10")


@pytest.mark.both_engines
def test_matching_keys_of_the_file_count_before_references(desk: Workspace) -> None:
    entries = (
        E("60", "1", "2025-01-05", (L("1300", "100.00", "F1", "D1", match="K1"), L("8000", "-100.00"))),
        E("60", "2", "2025-01-06", (L("1300", "50.00", "F2", "D1", match="K1"), L("8000", "-50.00"))),
        payment("1", "2025-01-20", "140.00", "D1", "B77", match="K1"),
        E("60", "3", "2025-01-07", (L("1300", "30.00", "F3", "D2", match="K2"), L("8000", "-30.00"))),
        payment("2", "2025-01-21", "30.00", "D2", "B78", match="K2"),
    )
    load(desk, Year(2025, {"1100": "1.00", "0500": "-1.00"}, entries))
    rows = books(desk, "open-items", "--on", "2025-12-31")["rows"]
    assert [(row["relation"], row["amount"], row["open"], row["evidence"]) for row in rows] == [("D1", "150.00", "10.00", "matched")]


@pytest.mark.both_engines
def test_a_matching_key_on_one_side_only_leaves_the_match_by_reference(desk: Workspace) -> None:
    """The invoices have no key: an opening balance has none, nor has a file that was made before they were paid."""
    paid = payment("1", "2025-01-10", "121.00", "D1", "F1", match="K9"), payment("2", "2025-01-11", "100.00", "D2", "F2", match="K8")
    load(desk, YEAR_2024)
    load(desk, replace(YEAR_2025, entries=paid))
    rows = books(desk, "open-items", "--on", "2025-12-31", "--kind", "debtors")["rows"]
    assert [(row["document"], row["amount"], row["open"], row["evidence"]) for row in rows] == [("F2", "218.00", "118.00", "reference")]


@pytest.mark.both_engines
def test_invoices_with_one_matching_key_and_no_payment_are_items_of_their_own(desk: Workspace) -> None:
    entries = (
        E("60", "1", "2025-01-05", (L("1300", "100.00", "F1", "D1", match="K1"), L("8000", "-100.00"))),
        E("60", "2", "2025-01-06", (L("1300", "50.00", "F2", "D1", match="K1"), L("8000", "-50.00"))),
        E("60", "3", "2025-01-07", (L("1300", "30.00", "", "D1", match="K2"), L("8000", "-30.00"))),
        payment("1", "2025-01-20", "40.00", "D2", "", match="K3"),
    )
    load(desk, Year(2025, {"1100": "1.00", "0500": "-1.00"}, entries))
    rows = books(desk, "open-items", "--on", "2025-12-31")["rows"]
    assert [(row["relation"], row["document"], row["open"], row["evidence"]) for row in rows] == [
        ("D1", "F1", "100.00", "reference"),
        ("D1", "F2", "50.00", "reference"),
        ("D1", None, "30.00", "balance"),
        ("D2", None, "-40.00", "balance"),
    ]


@pytest.mark.both_engines
def test_a_credit_note_is_an_item_and_an_overpayment_is_too(desk: Workspace) -> None:
    entries = (
        sale("1", "2025-01-05", "F1", "D1", "100.00", "21.00", "121.00"),
        E("60", "2", "2025-01-06", (L("1300", "-20.00", "CN1", "D1"), L("8000", "20.00"))),
        sale("3", "2025-01-07", "F3", "D2", "100.00", "21.00", "121.00"),
        payment("1", "2025-01-20", "130.00", "D2", "B1"),
    )
    load(desk, Year(2025, {"1100": "1.00", "0500": "-1.00"}, entries))
    rows = books(desk, "open-items", "--on", "2025-12-31")["rows"]
    assert [(row["relation"], row["document"], row["open"], row["evidence"]) for row in rows] == [
        ("D1", "F1", "121.00", "reference"),
        ("D1", "CN1", "-20.00", "reference"),
        ("D2", None, "-9.00", "balance"),
    ]


@pytest.mark.both_engines
def test_a_credit_note_that_was_refunded_in_part_stays_an_item_of_its_own(desk: Workspace) -> None:
    """It isn't set against another invoice; a reference by which more came in than was credited is."""
    entries = (
        sale("1", "2025-01-05", "F1", "D1", "165.29", "34.71", "200.00"),
        E("60", "2", "2025-01-06", (L("1300", "-100.00", "CN1", "D1"), L("8000", "100.00"))),
        E("20", "1", "2025-01-20", (L("1100", "-40.00"), L("1300", "40.00", "CN1", "D1"))),
        sale("3", "2025-01-07", "F3", "D2", "100.00", "21.00", "121.00"),
        E("60", "4", "2025-01-08", (L("1300", "-20.00", "CN2", "D2"), L("8000", "20.00"))),
        payment("2", "2025-01-21", "30.00", "D2", "CN2"),
    )
    load(desk, Year(2025, {"1100": "1.00", "0500": "-1.00"}, entries))
    rows = books(desk, "open-items", "--on", "2025-12-31")["rows"]
    assert [(row["relation"], row["document"], row["date"], row["amount"], row["open"], row["evidence"]) for row in rows] == [
        ("D1", "F1", "2025-01-05", "200.00", "200.00", "reference"),
        ("D1", "CN1", "2025-01-06", "-100.00", "-60.00", "reference"),
        ("D2", "F3", "2025-01-07", "121.00", "71.00", "balance"),
    ]


@pytest.mark.both_engines
def test_items_age_from_the_due_dates_of_the_file(desk: Workspace) -> None:
    """Due dates: F1 2025-02-14, F2 2025-02-20, F3 2025-02-28; each 121.00."""
    load(desk, SMALL / "subledgers.xaf")
    rows = books(desk, "open-items", "--on", "2025-03-16", "--kind", "debtors")["rows"]
    assert [(row["document"], row["due"], row["days"]) for row in rows] == [
        ("F1", "2025-02-14", 30), ("F2", "2025-02-20", 24), ("F3", "2025-02-28", 16),
    ]  # fmt: skip
    for on, ages in (
        ("2025-02-14", {"current": "363.00"}),
        ("2025-02-15", {"current": "242.00", "30": "121.00"}),
        ("2025-03-17", {"30": "242.00", "60": "121.00"}),
        ("2025-05-15", {"60": "0.00", "90": "363.00"}),
        ("2025-05-16", {"90": "242.00", "older": "121.00"}),
    ):
        found = books(desk, "open-items", "--on", on)["ageing"]
        assert {age: found[age] for age in ages} == ages, on
        assert sum(Decimal(one) for one in found.values()) == Decimal(363)


@pytest.mark.both_engines
def test_an_opening_that_differs_from_the_year_before_counts_instead_of_its_lines(desk: Workspace) -> None:
    load(desk, YEAR_2024)
    opening = OPENING_2025 | {"1100": "1250.00", "1300": "89.00"}
    load(desk, replace(YEAR_2025, opening=opening, entries=YEAR_2025.entries[2:]), "opening-differs")
    rows = books(desk, "open-items", "--on", "2025-12-31", "--kind", "debtors")["rows"]
    assert [(row["relation"], row["document"], row["open"]) for row in rows] == [(None, None, "89.00"), ("D1", "F3", "242.00")]


PAID = (
    "<journal><jrnID>BNK</jrnID><desc>Bank</desc><jrnTp>B</jrnTp><transaction><nr>1</nr><desc>Ontvangst</desc><periodNumber>1</periodNumber>"
    "<trDt>2025-01-15</trDt><trLine><nr>1</nr><accID>1100</accID><docRef>B1</docRef><effDate>2025-01-15</effDate><amnt>{0}</amnt>"
    "<amntTp>D</amntTp></trLine><trLine><nr>2</nr><accID>1300</accID><docRef>{1}</docRef><effDate>2025-01-15</effDate><amnt>{0}</amnt>"
    "<amntTp>C</amntTp><custSupID>D1</custSupID></trLine></transaction></journal>"
)


def subledger_rows(tag: str, lines: dict[str, tuple[str, str, str, str]], place: str) -> str:
    """The lines of a sub-ledger: by invoice amount, relation, day and due day."""
    found = "".join(
        f"<{tag}><nr>{n}</nr>{place}<amnt>{amount}</amnt><amntTp>D</amntTp><custSupID>{relation}</custSupID><invRef>{invoice}</invRef>"
        f"<invDt>{day}</invDt><invDueDt>{due}</invDueDt></{tag}>"
        for n, (invoice, (amount, relation, day, due)) in enumerate(lines.items(), 1)
    )
    total = sum(Decimal(amount) for amount, *_ in lines.values())
    head = f"<linesCount>{len(lines)}</linesCount><totalDebit>{total:.2f}</totalDebit><totalCredit>0.00</totalCredit>"
    ledgers, ledger = ("obSubledgers", "obSubledger") if tag == "obSbLine" else ("subledgers", "subledger")
    return f"<{ledgers}><{ledger}><sbType>CS</sbType><sbDesc>Debiteuren</sbDesc>{head}{found}</{ledger}></{ledgers}>"


def opened_with(desk: Workspace, invoices: dict[str, tuple[str, str, str, str]], opens: str, paid: tuple[str, str]) -> Path:
    """`subledgers.xaf` with an opening balance of debtors, of which the sub-ledger has these invoices, and with one receipt only."""
    text = (SMALL / "subledgers.xaf").read_text("utf-8")
    capital = Decimal(500) + Decimal(opens)
    lines = "".join(
        f"<obLine><nr>{n}</nr><accID>{account}</accID><amnt>{amount}</amnt><amntTp>{side}</amntTp></obLine>"
        for n, (account, amount, side) in enumerate((("1100", "500.00", "D"), ("0500", f"{capital}", "C"), ("1300", opens, "D")), 1)
    )
    sums = f"<linesCount>3</linesCount><totalDebit>{capital}</totalDebit><totalCredit>{capital}</totalCredit>"
    ledger = subledger_rows("obSbLine", invoices, "<obLineNr>3</obLineNr>") if invoices else ""
    opening = f"<openingBalance><opBalDate>2025-01-01</opBalDate>{sums}{lines}{ledger}</openingBalance>"
    booked = f"<linesCount>2</linesCount><totalDebit>{paid[0]}</totalDebit><totalCredit>{paid[0]}</totalCredit>{PAID.format(*paid)}"
    for tag, content in (("openingBalance", opening), ("transactions", f"<transactions>{booked}</transactions>")):
        begin, end = text.index(f"<{tag}>"), text.index(f"</{tag}>") + len(f"</{tag}>")
        text = text[:begin] + content + text[end:]
    path = desk.folder / "opened.xaf"
    path.write_text(text, "utf-8")
    return path


OPEN_IN_LEDGER = {"A1": ("121.00", "D1", "2024-11-15", "2024-12-15"), "A2": ("218.00", "D1", "2024-12-20", "2025-01-19")}


@pytest.mark.both_engines
def test_the_invoices_of_an_opening_are_those_of_its_sub_ledger(desk: Workspace) -> None:
    load(desk, opened_with(desk, OPEN_IN_LEDGER, "339.00", ("121.00", "A1")))
    found = books(desk, "open-items", "--on", "2025-12-31")["rows"]
    names = ("relation", "document", "date", "due", "amount", "open", "evidence")
    assert [tuple(row[name] for name in names) for row in found] == [
        ("D1", "A2", "2024-12-20", "2025-01-19", "218.00", "218.00", "reference")
    ]
    found = books(desk, "open-items", "--on", "2025-01-01")["rows"]
    assert [(row["document"], row["due"], row["open"]) for row in found] == [("A1", "2024-12-15", "121.00"), ("A2", "2025-01-19", "218.00")]


@pytest.mark.both_engines
def test_what_a_sub_ledger_of_the_opening_leaves_out_is_a_balance_without_a_name(desk: Workspace) -> None:
    load(desk, opened_with(desk, OPEN_IN_LEDGER, "400.00", ("121.00", "A1")))
    found = books(desk, "open-items", "--on", "2025-12-31")["rows"]
    names = ("relation", "document", "due", "open", "evidence")
    assert [tuple(row[name] for name in names) for row in found] == [
        (None, None, None, "61.00", "balance"),
        ("D1", "A2", "2025-01-19", "218.00", "reference"),
    ]


@pytest.mark.both_engines
def test_an_opening_without_a_sub_ledger_is_one_balance(desk: Workspace) -> None:
    load(desk, opened_with(desk, {}, "339.00", ("121.00", "A1")))
    found = books(desk, "open-items", "--on", "2025-12-31")["rows"]
    assert [(row["relation"], row["due"], row["open"], row["evidence"]) for row in found] == [
        (None, None, "339.00", "balance"),
        ("D1", None, "-121.00", "balance"),
    ]


@pytest.mark.both_engines
def test_a_line_is_divided_into_the_invoices_of_its_sub_ledger_which_name_the_relation(desk: Workspace) -> None:
    """One line of 363.00 without a relation: the sub-ledger has two invoices of it, 121.00 and 200.00, and the rest nowhere."""
    text = (SMALL / "subledgers.xaf").read_text("utf-8")
    begin, end = text.index("<transactions>"), text.index("</transactions>")
    entry = (
        "<journal><jrnID>VRK</jrnID><desc>Verkoop</desc><jrnTp>S</jrnTp><transaction><nr>1</nr><desc>Dagomzet</desc>"
        "<periodNumber>1</periodNumber><trDt>2025-01-15</trDt>"
        "<trLine><nr>1</nr><accID>1300</accID><docRef>V1</docRef><effDate>2025-01-15</effDate><amnt>363.00</amnt><amntTp>D</amntTp></trLine>"
        "<trLine><nr>2</nr><accID>8000</accID><docRef>V1</docRef><effDate>2025-01-15</effDate><amnt>363.00</amnt><amntTp>C</amntTp></trLine>"
        "</transaction></journal>"
    )
    invoices = {"F1": ("121.00", "D1", "2025-01-15", "2025-02-14"), "F2": ("200.00", "D1", "2025-01-15", "2025-02-20")}
    ledger = subledger_rows("sbLine", invoices, "<jrnID>VRK</jrnID><trNr>1</trNr><trLineNr>1</trLineNr>")
    sums = "<linesCount>4</linesCount><totalDebit>484.00</totalDebit><totalCredit>484.00</totalCredit>"
    paid = PAID.format("121.00", "F1")
    path = desk.folder / "divided.xaf"
    path.write_text(f"{text[:begin]}<transactions>{sums}{entry}{paid}{ledger}{text[end:]}", "utf-8")
    load(desk, path)
    found = books(desk, "open-items", "--on", "2025-12-31")["rows"]
    names = ("relation", "document", "date", "due", "amount", "open", "evidence")
    assert [tuple(row[name] for name in names) for row in found] == [
        (None, "V1", "2025-01-15", None, "42.00", "42.00", "reference"),
        ("D1", "F2", "2025-01-15", "2025-02-20", "200.00", "200.00", "reference"),
    ]


@pytest.fixture
def new_year(desk: Workspace) -> Workspace:
    """2024 from an audit file, and in 2025 a receipt of 100.00 for F2 that was typed; 2025 has no opening balance."""
    load(desk, YEAR_2024)
    path = desk.folder / "2025.csv"
    rows = "60,9,2025-04-05,1100,100.00,,,\n60,9,2025-04-05,1300,,100.00,D2,F2\n"
    path.write_text(f"journal,number,date,account,debit,credit,relation,document\n{rows}", "utf-8")
    desk.ok("entries", "import", path, "--administration", 9, "--confirm")
    return desk


@pytest.mark.both_engines
def test_without_any_opening_the_items_of_the_year_before_are_still_open(new_year: Workspace) -> None:
    rows = books(new_year, "open-items", "--on", "2025-12-31")["rows"]
    assert [(row["relation"], row["document"], row["date"], row["open"], row["evidence"]) for row in rows] == [
        ("D1", "F1", "2024-11-15", "121.00", "reference"),
        ("D2", "F2", "2024-12-20", "118.00", "reference"),
        ("C1", "P100", "2024-12-05", "-60.50", "reference"),
    ]


@pytest.mark.both_engines
def test_a_year_without_an_opening_balance_says_so_where_the_year_before_has_balances(new_year: Workspace) -> None:
    sentence = "This year has no opening balance yet: the balances of 2024 aren't in it."
    for words in (("trial-balance",), ("ledger", "--account", "1300"), ("check",)):
        assert books(new_year, *words)["missing_opening"] == "2024"
        assert books(new_year, *words, "--year", 2024)["missing_opening"] is None
        printed = new_year.run("books", words[0], 9, *words[1:], "--lang", "en", as_json=False)
        assert f"Note: {sentence}\n" in printed.out
        page, sheet = new_year.folder / "said.html", new_year.folder / "said.xlsx"
        books(new_year, *words, "--lang", "en", "--html", page, "--xlsx", sheet)
        assert sentence in html.unescape(page.read_text("utf-8"))
        assert ("Note", sentence) in openpyxl.load_workbook(sheet)["About"].iter_rows(values_only=True)
    assert books(new_year, "ledger", "--account", "4500")["missing_opening"] is None  # it opens with nothing in any year
    assert findings(new_year, "opening-differs") == []


@pytest.mark.both_engines
def test_a_year_that_opens_has_no_such_note(two_years: Workspace) -> None:
    for words in (("trial-balance",), ("ledger", "--account", "1300"), ("check",)):
        assert books(two_years, *words)["missing_opening"] is None
        assert "Note" not in two_years.run("books", words[0], 9, *words[1:], "--lang", "en", as_json=False).out


# --- VAT ---


@pytest.mark.both_engines
def test_vat_by_box_is_that_of_the_return(two_years: Workspace) -> None:
    boxes = by(books(two_years, "vat", "--year", 2024)["boxes"], "box")
    assert (boxes["1a"]["turnover"], boxes["1a"]["vat"]) == ("100.00", "21.00")
    assert (boxes["1b"]["turnover"], boxes["1b"]["vat"]) == ("200.00", "18.00")
    assert [boxes[box]["vat"] for box in ("5a", "5b", "5c")] == ["39.00", "10.50", "28.50"]
    assert (boxes["3b"]["turnover"], boxes["4b"]["vat"]) == ("0.00", "0.00")
    boxes = by(books(two_years, "vat")["boxes"], "box")
    assert [boxes[box]["vat"] for box in ("1a", "1b", "5c")] == ["42.00", "0.00", "42.00"]
    assert by(books(two_years, "vat", "--until", "2025-02-09")["boxes"], "box")["1a"]["turnover"] == "0.00"


@pytest.mark.both_engines
def test_a_code_of_another_package_is_known_by_its_accounts_and_rate(desk: Workspace) -> None:
    codes = {"1": ("Hoog", "1500", ""), "2": ("Laag", "1510", ""), "5": ("Inkopen", "", "1520"), "9": ("Iets", "", "")}
    entries = (
        E("60", "1", "2025-01-06", (L("1300", "121.00", "F1", "D1"), L("8000", "-100.00", vat=("1", "21", "21.00")), L("1500", "-21.00"))),
        E("60", "2", "2025-01-07", (L("1300", "109.00", "F2", "D1"), L("8010", "-100.00", vat=("2", "9", "9.00")), L("1510", "-9.00"))),
        E("70", "1", "2025-01-08", (L("4500", "10.00", vat=("5", "21", "2.10")), L("1520", "2.10"), L("1600", "-12.10", "P1", "C1"))),
        E("60", "3", "2025-01-09", (L("1300", "7.00", "F3", "D1"), L("8000", "-7.00", vat=("9", "0", "0.00")))),
    )
    load(desk, Year(2025, {"1100": "1.00", "0500": "-1.00"}, entries, codes))
    found = books(desk, "vat")
    boxes = by(found["boxes"], "box")
    assert [(boxes[box]["turnover"], boxes[box]["vat"]) for box in ("1a", "1b", "5b")] == [
        ("100.00", "21.00"), ("100.00", "9.00"), (None, "2.10"),
    ]  # fmt: skip
    assert [(one["code"], one["net"], one["vat"], one["lines"]) for one in found["unmapped"]] == [("9", "-7.00", "0.00", 1)]


@pytest.mark.both_engines
def test_where_lines_only_name_a_code_the_vat_is_on_the_accounts_of_the_tax(ready: Workspace) -> None:
    """Reverse charge is owed and deducted at once; what is paid to the tax office is no VAT of any box."""
    entries = [
        Entry("60", "1", "2026-01-05", 1, "", (Line("1300", "D", 12_100), Line("8000", "C", 10_000, vat="VH"), Line("1500", "C", 2_100))),
        Entry("70", "1", "2026-01-06", 1, "", (
            Line("7000", "D", 5_000, vat="IEU"), Line("1600", "C", 5_000), Line("1542", "C", 1_050), Line("1520", "D", 1_050),
        )),
        Entry("60", "2", "2026-01-07", 1, "", (Line("1300", "D", 7_000), Line("8000", "C", 7_000, vat="VEU"))),
        Entry("90", "1", "2026-02-01", 2, "", (Line("1500", "D", 2_100), Line("1100", "C", 2_100))),
    ]  # fmt: skip
    post(Office.open(place_of(ready.office)), AdministrationNumber(7), entries)
    boxes = by(books(ready, "vat", number=7)["boxes"], "box")
    assert {box: (row["turnover"], row["vat"]) for box, row in boxes.items() if row["turnover"] not in {"0.00", None}} == {
        "1a": ("100.00", "21.00"), "3b": ("70.00", None), "4b": ("50.00", "10.50"),
    }  # fmt: skip
    assert [boxes[box]["vat"] for box in ("5a", "5b", "5c")] == ["31.50", "10.50", "21.00"]


@pytest.mark.both_engines
def test_of_a_line_with_two_rates_each_counts_for_its_part(desk: Workspace) -> None:
    """21.00 at 21 % is of 100.00, and 4.50 at 9 %, written on the other side, of 50.00. The file's own codes name no accounts."""
    load(desk, SMALL / "two-rates.xaf")
    found = books(desk, "vat")
    assert [(one["code"], one["net"], one["vat"]) for one in found["unmapped"]] == [("VH", "-100.00", "-21.00"), ("VL", "50.00", "4.50")]
    assert {box["vat"] for box in found["boxes"]} == {"0.00", None}


@pytest.mark.both_engines
def test_vat_that_is_stated_twice_counts_once_and_acquisitions_are_owed_and_deducted(desk: Workspace) -> None:
    codes = {"1": ("Hoog", "1500", ""), "IEU": ("Verwerving van goederen binnen de EU", "", "")}
    tax = ("1", "21", "21.00")
    bought = L("4500", "50.00", vat=("IEU", "21", "10.50")), L("1600", "-50.00", "P1", "C1"), L("1500", "-10.50"), L("1520", "10.50")
    entries = (
        E("60", "1", "2025-01-06", (L("1300", "121.00", "F1", "D1"), L("8000", "-100.00", vat=tax), L("1500", "-21.00", vat=tax))),
        E("70", "1", "2025-01-08", bought),
    )
    load(desk, Year(2025, {"1100": "1.00", "0500": "-1.00"}, entries, codes))
    boxes = by(books(desk, "vat")["boxes"], "box")
    assert {box: (boxes[box]["turnover"], boxes[box]["vat"]) for box in ("1a", "4b", "5a", "5b", "5c")} == {
        "1a": ("100.00", "21.00"), "4b": ("50.00", "10.50"), "5a": (None, "31.50"), "5b": (None, "10.50"), "5c": (None, "21.00"),
    }  # fmt: skip


def test_exempt_turnover_is_in_no_box_and_not_unmapped(ready: Workspace) -> None:
    entry = Entry("60", "1", "2026-01-05", 1, "", (Line("1300", "D", 100), Line("8000", "C", 100, vat="VV")))
    post(Office.open(place_of(ready.office)), AdministrationNumber(7), [entry])
    found = books(ready, "vat", number=7)
    assert (found["unmapped"], {box["turnover"] for box in found["boxes"]}) == ([], {"0.00", None})


# --- the year link and the tests of the journals ---


@pytest.mark.both_engines
def test_an_opening_that_only_adds_the_result_is_information(two_years: Workspace) -> None:
    [found] = findings(two_years, "opening-differs")
    assert (found["severity"], found["journal"], found["line"]) == ("info", None, None)
    assert "0550" in found["message"]
    assert "-250.00" in found["message"]


@pytest.mark.both_engines
def test_an_opening_that_differs_is_named_account_by_account(desk: Workspace) -> None:
    load(desk, YEAR_2024)
    opening = {code: amount for code, amount in OPENING_2025.items() if code != "0550"} | {"1100": "1240.00", "0500": "-1490.00"}
    load(desk, replace(YEAR_2025, opening=opening), "opening-differs")
    found = findings(desk, "opening-differs")
    assert [one["message"].split()[1] for one in found] == ["0500", "1100"]
    assert {one["severity"] for one in found} == {"warning"}
    assert findings(desk, "opening-differs", "--year", 2024) == []


def unusual() -> Year:
    entries = (
        sale("1", "2025-01-06", "F1", "D1", "100.00", "21.00", "121.00"),
        sale("2", "2025-01-07", "F2", "D1", "100.00", "21.00", "121.00"),
        sale("5", "2025-01-08", "F1", "D1", "100.00", "21.00", "121.00"),
        sale("6", "2025-01-11", "F1", "D2", "100.00", "21.00", "121.00"),  # a Saturday; F1 of another relation
        E("70", "1", "2025-01-13", (L("4500", "1.00"), L("1600", "-1.00", "P1", "C1"))),
        E("70", "2", "2025-01-14", (L("4500", "1.00"), L("1600", "-1.00", "P1", "C1"))),
        payment("1", "2025-01-15", "121.00", "D1", "F1"),
        E("10", "1", "2025-01-16", (L("1000", "-60.00"), L("4500", "60.00"))),
        E("10", "2", "2025-01-16", (L("1000", "20.00"), L("1100", "-20.00"))),
        E("10", "3", "2025-01-17", (L("1000", "-20.00"), L("4500", "20.00"))),
        E("10", "4", "2025-01-20", (L("1100", "-3000.00"), L("1000", "3000.00"))),
        E("90", "1", "2025-03-03", (L("4500", "5.00"), L("1100", "-5.00")), period=2),
        E("90", "2", "2026-01-05", (L("4500", "6.00"), L("1100", "-6.00")), period=12),
    )
    return Year(2025, {"1100": "5000.00", "1000": "50.00", "0500": "-5050.00"}, entries)


def places(found: list[dict[str, Any]]) -> list[tuple[Any, Any, Any]]:
    return [(one["journal"], one["number"], one["line"]) for one in found]


UNUSUAL = {
    "invoice-twice": ("warning", [("60", "5", 1), ("70", "2", 2)]),
    "number-gap": ("info", [("60", "5", 1)]),
    "weekend": ("info", [("60", "6", 1)]),
    "negative-cash": ("warning", [("10", "3", 1)]),  # on the 16th it was below zero only during the day: 50 - 60 + 20
    "round-amount": ("info", [("10", "4", 1)]),
    "date-outside-period": ("warning", [("90", "1", 1)]),
    "date-outside-year": ("warning", [("90", "2", 1)]),
    "opening-unbalanced": ("error", []),
    "benford": ("info", []),  # too few amounts
}


@pytest.mark.both_engines
def test_each_test_of_the_journals_names_journal_number_and_line(desk: Workspace) -> None:
    load(desk, unusual())
    found = books(desk, "check")["findings"]
    for code, (severity, expected) in UNUSUAL.items():
        its = [one for one in found if one["code"] == code]
        assert (code, places(its)) == (code, expected)
        assert all(one["severity"] == severity and one["message"] for one in its)


@pytest.mark.both_engines
def test_good_books_give_no_warning(two_years: Workspace) -> None:
    for year in (2024, 2025):
        found = books(two_years, "check", "--year", year)
        assert [one for one in found["findings"] if one["severity"] != "info"] == []
        assert sum(one["found"] for one in found["benford"]) == {2024: 9, 2025: 7}[year]


@pytest.mark.both_engines
def test_an_opening_that_doesnt_balance_is_an_error(desk: Workspace) -> None:
    load(desk, SMALL / "opening-unbalanced.xaf")
    checked = desk.run("books", "check", 9)
    assert (checked.code, [one["code"] for one in checked.json["findings"] if one["severity"] == "error"]) == (1, ["opening-unbalanced"])


def test_numbers_that_arent_given_in_turn_have_no_gaps(desk: Workspace) -> None:
    entries = tuple(sale(number, "2025-01-06", f"F{number}", "D1", "1.00", "0.21", "1.21") for number in ("3", "17", "250", "9001"))
    load(desk, Year(2025, {"1100": "1.00", "0500": "-1.00"}, entries))
    assert findings(desk, "number-gap") == []


@pytest.mark.parametrize(("numbers", "missing"), [(("VF-0008", "VF-0009", "VF-0011"), "VF-0010"), (("7", "8", "9", "12"), "10–11")])
def test_a_gap_names_the_numbers_that_are_missing_as_they_are_written(desk: Workspace, numbers: tuple[str, ...], missing: str) -> None:
    entries = tuple(sale(number, "2025-01-06", f"F{number}", "D1", "1.00", "0.21", "1.21") for number in numbers)
    load(desk, Year(2025, {"1100": "1.00", "0500": "-1.00"}, entries))
    [found] = findings(desk, "number-gap")
    assert found["message"].endswith(f": {missing}.")


def memorial(number: str, date: str, period: int | None = None) -> E:
    return E("90", number, date, (L("4500", "5.00"), L("1100", "-5.00")), period=period)


@pytest.mark.both_engines
def test_a_number_that_is_used_after_the_day_is_not_missing_before_it(desk: Workspace) -> None:
    entries = (
        memorial("1", "2025-01-06"), memorial("2", "2025-02-04"), memorial("3", "2025-01-07"), memorial("5", "2025-01-08"),
        memorial("6", "2025-01-09"), memorial("7", "2025-02-05"), memorial("9", "2025-02-06"),
    )  # fmt: skip
    load(desk, Year(2025, {"1100": "1.00", "0500": "-1.00"}, entries))
    gaps = {day: [one["message"][-2] for one in findings(desk, "number-gap", "--until", day)] for day in ("2025-01-31", "2025-12-31")}
    assert gaps == {"2025-01-31": ["4"], "2025-12-31": ["4", "8"]}


@pytest.mark.both_engines
def test_a_number_of_an_entry_that_opens_the_year_is_not_missing(ready: Workspace, desk: Workspace) -> None:
    """Of an audit file such an entry becomes the opening balance; what is posted stays an entry."""
    opening = E("90", "2", "2025-01-01", (L("1100", "50.00"), L("0500", "-50.00")), period=0)
    rest = (memorial("3", "2025-01-07"), memorial("4", "2025-01-08"), memorial("6", "2025-01-09"))
    text = Year(2025, {}, (memorial("1", "2025-01-06"), opening, *rest)).xml()
    begin, end = text.index("<openingBalance>"), text.index("<transactions>")
    days = "<startDatePeriod>2025-01-01</startDatePeriod><endDatePeriod>2025-01-01</endDatePeriod>"
    zero = f"<period><periodNumber>0</periodNumber>{days}</period>"
    path = desk.folder / "opens.xaf"
    path.write_text((text[:begin] + text[end:]).replace("<periods>", f"<periods>{zero}"), "utf-8")
    load(desk, path)
    assert by(books(desk, "trial-balance")["rows"])["0500"]["opening"] == "-50.00"
    assert [one["message"][-2] for one in findings(desk, "number-gap")] == ["5"]
    posted = [
        Entry("90", number, f"2026-01-0{number}", period, "", (Line("4500", "D", 5), Line("1100", "C", 5)))
        for number, period in (("1", 1), ("2", 0), ("3", 1), ("4", 1))
    ]
    post(Office.open(place_of(ready.office)), AdministrationNumber(7), posted)
    assert [one for one in books(ready, "check", number=7)["findings"] if one["code"] == "number-gap"] == []


@pytest.mark.both_engines
@pytest.mark.parametrize("more", ['{"trNr": ', '["trNr"]', '{"trNr": "2"}', '{"trNr": "2", "jrnID": null}'])
def test_what_another_program_wrote_beside_an_opening_line_ends_no_test(desk: Workspace, more: str) -> None:
    load(desk, Year(2025, {"1100": "1.00", "0500": "-1.00"}, tuple(memorial(number, "2025-01-06") for number in ("1", "3", "4"))))
    row = {"year": "2025", "account": "1100", "side": "D", "amount": 0, "more": more}
    add_book_row(desk.office, 9, "opening_lines", id=900, **row)
    assert [one["message"][-2] for one in findings(desk, "number-gap")] == ["2"]


def test_an_opening_entry_with_another_number_begins_no_series(ready: Workspace) -> None:
    posted = [
        Entry("90", number, "2026-01-05", period, "", (Line("4500", "D", 5), Line("1100", "C", 5)))
        for number, period in (("0", 0), ("2026001", 1), ("2026002", 1), ("2026003", 1))
    ]
    post(Office.open(place_of(ready.office)), AdministrationNumber(7), posted)
    assert [one for one in books(ready, "check", number=7)["findings"] if one["code"] == "number-gap"] == []


@pytest.mark.both_engines
@pytest.mark.parametrize(("digits", "deviates"), [("1234", True), ("benford", False)])
def test_amounts_that_dont_follow_benfords_law_are_found_when_they_are_many(ready: Workspace, digits: str, deviates: bool) -> None:
    chance = random_for("benford")
    if digits == "benford":
        amounts = [int(10 ** (2 + 3 * n / 400)) for n in range(400)]
    else:
        amounts = [int(f"{chance.choice(digits)}{chance.randrange(100, 999)}") for _ in range(400)]
    entries = [
        Entry("90", str(n), "2026-01-05", 1, "", (Line("4500", "D", amount), Line("1100", "C", amount)))
        for n, amount in enumerate(amounts, 1)
    ]
    post(Office.open(place_of(ready.office)), AdministrationNumber(7), entries)
    found = books(ready, "check", number=7)
    assert ("benford" in {one["code"] for one in found["findings"]}) is deviates
    assert sum(one["found"] for one in found["benford"]) == 800
    assert found["benford"][0]["expected"] == 240.8


# --- the reports agree with each other ---


def random_entries(purpose: str, start: int) -> list[Entry]:
    chance = random_for(purpose)
    codes = ("1000", "1100", "1300", "1600", "4500", "7000", "8000", "0500")
    found = []
    for n in range(start, start + 25):
        month = chance.randrange(1, 13)
        parts = [
            Line(chance.choice(codes), side, chance.randrange(1, 10**7), "", relation)
            for side in ("D", "C")
            for relation in (None, chance.choice(("D1", "C1")))
        ]
        rest = sum(line.amount if line.side == "D" else -line.amount for line in parts)
        balancing = [Line(chance.choice(codes), "C" if rest > 0 else "D", abs(rest))] if rest else []
        year = chance.choice((2025, 2026))
        found.append(Entry("90", str(n), f"{year}-{month:02d}-{chance.randrange(1, 29):02d}", month, "", (*parts, *balancing)))
    return found


@pytest.mark.both_engines
def test_trial_balance_ledger_cards_periods_and_open_items_agree_in_any_books(ready: Workspace) -> None:
    """A trial balance adds up to zero, its periods to its movement; a card closes as the trial balance; open items are what debtors owe."""
    opened = Office.open(place_of(ready.office))
    post(opened, AdministrationNumber(7), [], [Relation("D1", "Noord", "D"), Relation("C1", "Molen", "C")])
    reports = opened.books(7)
    for turn in range(6):
        post(opened, AdministrationNumber(7), random_entries(f"books {turn}", 1 + 25 * turn))
        for year in reports.years().rows:
            balance = reports.trial_balance(year.year, by_period=True)
            assert balance.totals()["closing"] == balance.totals()["opening"] == 0
            assert balance.totals()["debit"] == balance.totals()["credit"]
            for row in balance.rows:
                assert sum(row.periods.values()) == row.debit - row.credit
                card = reports.ledger(row.account, year.year)
                lines = list(card.rows)
                assert card.closing == row.closing == (lines[-1].balance if lines else row.opening)
                assert (sum(one.debit for one in lines), sum(one.credit for one in lines)) == (row.debit, row.credit)
            for code, kind in (("1300", "debtors"), ("1600", "creditors")):
                on = date.fromisoformat(year.last_day)
                items = reports.open_items(year.year, on=on, kind=kind)  # type: ignore[arg-type]
                closing = next((row.closing + (row.previous or 0) for row in balance.rows if row.account == code), 0)
                assert balance.missing_opening == (None if balance.rows[0].previous is None else "2025")
                assert sum(row.open for row in items.rows) == sum(items.ageing().values()) == closing


# --- Python ---


@pytest.mark.both_engines
def test_python_gives_the_same_reports_as_values_and_frames(two_years: Workspace) -> None:
    reports = at.Office.open(place_of(two_years.office)).books(9)
    assert isinstance(reports, at.Books)
    balance = reports.trial_balance(2025)
    assert isinstance(balance, at.TrialBalance)
    assert next(row.closing for row in balance.rows if row.account == "1300") == 36_000
    frame = balance.frame().set_index("account")
    assert frame.loc["1300", "closing"] == Decimal("360.00")
    assert frame["closing"].sum() == 0
    card = reports.ledger("1300")
    assert [row.balance for row in card.rows] == [21_800, 11_800, 36_000]
    assert list(card.frame()["date"].dt.month) == [1, 2, 2]
    assert [year.year for year in reports.years().rows] == list(reports.years().frame()["year"]) == ["2024", "2025"]
    assert list(reports.open_items(on=date(2025, 12, 31)).frame()["open"]) == [Decimal("242.00"), Decimal("118.00"), Decimal("-60.50")]
    assert reports.vat(2025).frame().set_index("box").loc["1a", "vat"] == Decimal("42.00")
    assert set(reports.findings().frame()["code"]) == {one.code for one in reports.findings().rows} == {"opening-differs"}
    with pytest.raises(at.Refused, match="year-not-found"):
        reports.vat(1999)


# --- an entry ---


@pytest.mark.both_engines
def test_an_entry_has_all_its_lines_with_the_names_of_their_accounts(two_years: Workspace) -> None:
    found = Office.open(place_of(two_years.office)).books(9)
    entry = found.entry("60", "1", 2025)
    assert [(row.date, row.line, row.account, row.name, row.debit, row.credit) for row in entry.rows] == [
        ("2025-02-10", "1", "1300", "Debiteuren", 24_200, 0),
        ("2025-02-10", "2", "8000", "Omzet hoog", 0, 20_000),
        ("2025-02-10", "3", "1500", "Btw hoog", 0, 4_200),
    ]
    assert entry.totals() == {"debit": 24_200, "credit": 24_200}
    assert found.entry("60", "1", 2024).rows[0].date == "2024-11-15"
    assert (found.entry("60", "99").rows, found.entry("99", "1").rows) == ((), ())


@pytest.mark.both_engines
def test_of_several_entries_with_one_number_all_lines_are_shown(desk: Workspace) -> None:
    load(desk, Year(2025, {}, (payment("7", "2025-01-10", "50.00", "D1", "F1"), payment("7", "2025-02-10", "60.00", "D1", "F2"))))
    rows = Office.open(place_of(desk.office)).books(9).entry("20", "7").rows
    assert [(row.date, row.debit, row.credit) for row in rows] == [
        ("2025-01-10", 5_000, 0),
        ("2025-01-10", 0, 5_000),
        ("2025-02-10", 6_000, 0),
        ("2025-02-10", 0, 6_000),
    ]
