"""What an audit file leaves to who reads it: an opening balance that is there twice, master data that come late, dates, offset accounts."""

import re
from pathlib import Path
from typing import Any

import pytest

import accountools as at
from tests.test_auditfile_export import assert_valid, export
from tests.test_auditfile_import import SMALL, run_import, table, variant
from tests.test_restore import rows_of
from tests.workspace import Workspace

VERSIONS = ("4.0", "3.2")
KEPT = (
    "periods",
    "accounts",
    "journals",
    "vat_codes",
    "relations",
    "relation_balances",
    "opening_lines",
    "entries",
    "lines",
    "subledger_lines",
)


@pytest.fixture
def desk(ready: Workspace) -> Workspace:
    """Two administrations without a chart, numbers 9 and 10, for the client."""
    for number in (9, 10):
        ready.create(number, "Auditfile", chart=None)
    return ready


def asked(desk: Workspace, path: Path, *codes: str, number: int = 9) -> Any:
    """Import a file that asks for just these codes; gives what it asked."""
    plan = run_import(desk, path, confirm=False, number=number)
    assert sorted(plan.obstacles) == sorted(codes), plan.json["obstacles"]
    done = run_import(desk, path, accept=codes, number=number)
    assert (done.code, done.json["imported"]) == (0, True), done.err
    return done.json


def balance(desk: Workspace, account: str) -> tuple[str, ...]:
    rows = desk.ok("books", "trial-balance", 9)["rows"]
    return next(tuple(row[name] for name in ("opening", "debit", "credit", "closing")) for row in rows if row["account"] == account)


def details(document: Any, code: str) -> list[str]:
    return [one["detail"] for one in document["findings"] if one["code"] == code]


# --- an opening balance that is there twice ---

STATED = """<openingBalance><opBalDate>2025-01-01</opBalDate><linesCount>2</linesCount><totalDebit>500.00</totalDebit>
<totalCredit>500.00</totalCredit><obLine><nr>1</nr><accID>1100</accID><amnt>500.00</amnt><amntTp>D</amntTp></obLine>
<obLine><nr>2</nr><accID>0500</accID><amnt>500.00</amnt><amntTp>C</amntTp></obLine></openingBalance><transactions>"""


def opening_twice(desk: Workspace, *changes: tuple[str, str], amount: str = "500.00") -> Path:
    stated = STATED.replace("500.00", amount)
    return variant(desk, "twice.xaf", ("<transactions>", stated), *changes, source="opening-journal.xaf")


@pytest.mark.both_engines
def test_an_opening_that_is_there_twice_with_the_same_amounts_counts_once(desk: Workspace) -> None:
    done = asked(desk, opening_twice(desk))
    assert balance(desk, "1100") == ("500.00", "0.00", "0.00", "500.00")
    assert (done["adds"]["entries"], done["adds"]["lines"], done["totals"]["debit"]) == (1, 3, "121.00")
    assert details(done, "opening-twice") == ["entries that open the year: 1, debit 500.00, credit 500.00; counted once"]
    assert table(desk, "SELECT opening_day FROM years") == [("2025-01-01",)]
    assert desk.ok("books", "trial-balance", 9)["totals"]["opening"] == "0.00"


@pytest.mark.both_engines
def test_an_opening_that_is_there_twice_with_other_amounts_is_asked(desk: Workspace) -> None:
    path = opening_twice(desk, amount="400.00")
    refused = run_import(desk, path)
    assert (refused.code, refused.error, "1 entry" in refused.json["error"]["message"]) == (3, "opening-twice", True)
    done = asked(desk, path, "opening-twice")
    assert details(done, "opening-twice") == []
    assert balance(desk, "1100") == ("400.00", "500.00", "0.00", "900.00")


def test_an_opening_of_which_one_account_differs_is_asked(desk: Workspace) -> None:
    asked(desk, opening_twice(desk, ("<obLine><nr>2</nr><accID>0500", "<obLine><nr>2</nr><accID>1300")), "opening-twice")


def test_entries_of_period_0_that_change_no_balance_are_no_opening(desk: Workspace) -> None:
    line = "<trLine><nr>2</nr><accID>0500</accID><docRef>F1</docRef><effDate>2025-06-30</effDate>"
    asked(desk, opening_twice(desk, (line, line.replace("0500", "1100"))))
    assert balance(desk, "1100") == ("500.00", "500.00", "500.00", "500.00")


def test_of_an_opening_that_is_there_twice_the_entries_say_more(desk: Workspace) -> None:
    """The relation and the document: the format has no place for them in an opening balance."""
    of_relation = "<amnt>500.00</amnt><amntTp>D</amntTp><custSupID>D1</custSupID></trLine>"
    bank, customer = "<accID>1100</accID><docRef>F1</docRef>", "<accID>1300</accID><docRef>F0</docRef>"
    stated = ("<obLine><nr>1</nr><accID>1100", "<obLine><nr>1</nr><accID>1300")
    asked(desk, opening_twice(desk, (bank, customer), ("<amnt>500.00</amnt><amntTp>D</amntTp></trLine>", of_relation), stated))
    assert table(desk, "SELECT account, relation, document FROM opening_lines ORDER BY id") == [("1300", "D1", "F0"), ("0500", None, "F1")]


def test_of_an_opening_that_is_there_twice_the_one_with_sub_ledgers_stays(desk: Workspace) -> None:
    subledger = """<obSubledgers><obSubledger><sbType>CS</sbType><linesCount>1</linesCount><totalDebit>500.00</totalDebit>
    <totalCredit>0.00</totalCredit><obSbLine><nr>1</nr><obLineNr>1</obLineNr><amnt>500.00</amnt><amntTp>D</amntTp><custSupID>D1</custSupID>
    <invRef>F0</invRef><invDt>2024-12-15</invDt><invDueDt>2025-01-14</invDueDt></obSbLine></obSubledger></obSubledgers></openingBalance>"""
    done = asked(desk, opening_twice(desk, ("</openingBalance>", subledger)))
    assert table(desk, "SELECT account, number, due FROM opening_lines ORDER BY id") == [("1100", "1", "2025-01-14"), ("0500", "2", None)]
    assert (done["adds"]["entries"], balance(desk, "1100")) == (1, ("500.00", "0.00", "0.00", "500.00"))


@pytest.mark.parametrize("version", VERSIONS)
def test_an_opening_that_is_there_twice_is_converted_once(desk: Workspace, version: Any) -> None:
    written = at.convert_auditfile(opening_twice(desk), desk.folder / "out.xaf", version=version)
    assert len(list(assert_valid(written.path, version).iter("{*}obLine"))) == 2
    assert "opening-twice" in {one.code for one in written.findings}
    check = at.check_auditfile(written.path)
    assert (check.is_ok(), {one.code for one in check.findings} & {"XAF7004", "XAF7005"}) == (True, set())


# --- master data after the transactions ---


def late(desk: Workspace, path: Path, *sections: str) -> Path:
    """The file with these sections behind the transactions."""
    text, moved = path.read_text("utf-8"), ""
    for name in sections:
        (found,) = re.findall(f"<{name}>.*</{name}>", text, re.DOTALL)
        text, moved = text.replace(found, ""), moved + found
    out = desk.folder / "late.xaf"
    out.write_text(text.replace("</transactions>", f"</transactions>{moved}"), "utf-8")
    return out


@pytest.mark.both_engines
def test_master_data_after_the_transactions_come_in(desk: Workspace) -> None:
    asked(desk, SMALL / "good.xaf", number=10)
    asked(desk, late(desk, SMALL / "good.xaf", "customersSuppliers", "generalLedger", "vatCodes", "openingBalance"), "auditfile-invalid")
    here, there = rows_of(desk.office, 9), rows_of(desk.office, 10)
    assert {name: here[name] for name in KEPT} == {name: there[name] for name in KEPT}


@pytest.mark.parametrize("version", VERSIONS)
def test_master_data_after_the_transactions_are_converted(desk: Workspace, version: Any) -> None:
    path = late(desk, SMALL / "subledgers.xaf", "customersSuppliers", "generalLedger", "openingBalance")
    found = [at.convert_auditfile(one, desk.folder / f"{one.stem}-out.xaf", version=version) for one in (path, SMALL / "subledgers.xaf")]
    assert found[0].path.read_bytes() == found[1].path.read_bytes()
    assert found[0].lost == found[1].lost


def test_sub_ledgers_of_an_opening_balance_after_the_transactions_find_its_lines(desk: Workspace) -> None:
    subledger = """<obSubledgers><obSubledger><sbType>CS</sbType><linesCount>1</linesCount><totalDebit>500.00</totalDebit>
    <totalCredit>0.00</totalCredit><obSbLine><nr>1</nr><obLineNr>1</obLineNr><amnt>500.00</amnt><amntTp>D</amntTp><custSupID>D1</custSupID>
    <invRef>F0</invRef><invDt>2024-12-15</invDt><invDueDt>2025-01-14</invDueDt></obSbLine></obSubledger></obSubledgers></openingBalance>"""
    path = variant(desk, "ob.xaf", ("</openingBalance>", subledger), source="subledgers.xaf")
    asked(desk, late(desk, path, "openingBalance"), "auditfile-invalid")
    assert table(desk, "SELECT account, due FROM opening_lines ORDER BY id") == [("1100", "2025-01-14"), ("0500", None)]
    assert table(desk, "SELECT opening_day FROM years") == [("2025-01-01",)]


def test_an_amount_that_can_not_be_read_blocks_after_the_transactions_too(desk: Workspace) -> None:
    path = late(desk, variant(desk, "a.xaf", ("<accID>1100</accID><amnt>500.00", "<accID>1100</accID><amnt>5oo")), "openingBalance")
    refused = run_import(desk, path)
    assert (refused.code, refused.error) == (3, "amount-invalid")
    assert "1 amount can't be read" in refused.json["error"]["message"]


# --- dates ---


@pytest.mark.parametrize(
    "written", ["2025-08-15T00:00:00", " 2025-08-15T23:59:59.123 ", "2025-08-15T00:00:00+02:00", "2025-08-15T00:00:00Z"]
)
def test_of_a_date_with_a_time_the_date_is_taken(desk: Workspace, written: str) -> None:
    asked(desk, variant(desk, "time.xaf", ("<trDt>2025-01-15", f"<trDt>{written}")), "auditfile-invalid")
    assert table(desk, "SELECT date, more FROM entries") == [("2025-08-15", None)]


def test_of_a_year_whose_days_have_a_time_the_days_are_taken(desk: Workspace) -> None:
    days = ("<startDate>2025-01-01<", "<startDate>2025-07-01T00:00:00<"), ("<endDate>2025-12-31<", "<endDate>2026-06-30T00:00:00<")
    periods = ("<startDatePeriod>2025-01-01<", "<startDatePeriod>2025-01-01T00:00:00<")
    asked(desk, variant(desk, "time.xaf", *days, periods), "auditfile-invalid")
    assert table(desk, "SELECT label, first_day, last_day FROM years") == [("2025", "2025-07-01", "2026-06-30")]
    assert table(desk, "SELECT first_day FROM periods ORDER BY number") == [("2025-01-01",), ("2025-02-01",)]


NO_LINE_DATE = ("<effDate>2025-01-15</effDate>", "<effDate>15-01-2025</effDate>")


@pytest.mark.both_engines
@pytest.mark.parametrize("written", ["15-08-2025", "2025-02-30", "", "2025-08-15T25"])
def test_a_date_that_can_not_be_read_is_asked_with_what_it_becomes(desk: Workspace, written: str) -> None:
    path = variant(desk, "date.xaf", ("<trDt>2025-01-15", f"<trDt>{written}"))
    message = run_import(desk, path).json["error"]["message"]
    assert message.startswith("date.xaf, line 26: 1 date can't be read")
    assert (written or "—") in message
    assert "2025-01-15" in message
    done = asked(desk, path, "date-invalid")
    assert table(desk, "SELECT date FROM entries") == [("2025-01-15",)]
    assert details(done, "date-invalid") == [f"<trDt> is {written!r}: it becomes 2025-01-15"]


def test_a_date_that_can_not_be_read_becomes_the_first_of_its_period_if_no_line_has_one(desk: Workspace) -> None:
    of_period = ("<startDatePeriod>2025-01-01", "<startDatePeriod>2025-01-03")
    path = variant(desk, "date.xaf", ("<trDt>2025-01-15", "<trDt>15-01-2025"), NO_LINE_DATE, of_period)
    asked(desk, path, "date-invalid", "auditfile-invalid")  # those of its lines, which become nothing
    assert table(desk, "SELECT date FROM entries") == [("2025-01-03",)]
    other = variant(
        desk, "other.xaf", ("2025-01-15", "15-01-2025"), ("<periodNumber>1</periodNumber><trDt>", "<periodNumber>7</periodNumber><trDt>")
    )
    asked(desk, other, "date-invalid", "auditfile-invalid", "undeclared", number=10)
    assert table(desk, "SELECT date, period FROM entries", number=10) == [("2025-01-01", 7)]


def test_a_date_that_is_missing_is_asked_with_what_it_becomes(desk: Workspace) -> None:
    asked(desk, variant(desk, "date.xaf", ("<trDt>2025-01-15</trDt>", "")), "date-invalid", "auditfile-invalid")
    assert table(desk, "SELECT date, more FROM entries") == [("2025-01-15", None)]


def test_however_many_dates_can_not_be_read_they_are_asked_once(desk: Workspace) -> None:
    entry = re.search("<transaction>.*</transaction>", (SMALL / "good.xaf").read_text("utf-8"), re.DOTALL)
    assert entry is not None
    many = "".join(entry[0].replace("<nr>1</nr><desc>", f"<nr>{number}</nr><desc>") for number in range(1, 251))
    totals = ("<linesCount>3</linesCount><totalDebit>121.00</totalDebit><totalCredit>121.00</totalCredit>",
              "<linesCount>750</linesCount><totalDebit>30250.00</totalDebit><totalCredit>30250.00</totalCredit>")  # fmt: skip
    path = variant(desk, "many.xaf", (entry[0], many), totals, ("<trDt>2025-01-15", "<trDt>15-01-2025"))
    assert run_import(desk, path).json["error"]["message"].startswith("many.xaf, line 26: 250 dates can't be read")
    assert len(details(asked(desk, path, "date-invalid"), "date-invalid")) == 100


def test_days_of_the_year_that_can_not_be_read_are_asked(desk: Workspace) -> None:
    path = variant(desk, "year.xaf", ("<startDate>2025-01-01", "<startDate>01-07-2025"), ("<endDate>2025-12-31", "<endDate>30-06-2026"))
    message = run_import(desk, path).json["error"]["message"]
    assert message.startswith("year.xaf, line 3: 2 dates can't be read. The first is 01-07-2025 in startDate")
    asked(desk, path, "date-invalid")
    assert table(desk, "SELECT first_day, last_day FROM years") == [("2025-01-01", "2025-12-31")]


@pytest.mark.parametrize(("written", "codes", "date"), [("2025-08-15T00:00:00", {"auditfile-invalid"}, "2025-08-15"),
                                                        ("15-08-2025", {"date-invalid"}, "2025-01-15")])  # fmt: skip
def test_dates_of_the_oldest_format_are_read_alike(desk: Workspace, written: str, codes: set[str], date: str) -> None:
    of_entry = ("<transactionDate>2025-01-15", f"<transactionDate>{written}")
    asked(desk, variant(desk, "old.xaf", of_entry, source="clair2.xaf"), *codes)
    assert table(desk, "SELECT date FROM entries") == [(date,)]


# --- an opening made of entries ---

SUBLEDGER = """<subledgers><subledger><sbType>CS</sbType><sbDesc>Debiteuren</sbDesc><linesCount>1</linesCount>
<totalDebit>500.00</totalDebit><totalCredit>0.00</totalCredit><sbLine><nr>1</nr><jrnID>95</jrnID><trNr>1</trNr><trLineNr>1</trLineNr><amnt>500.00</amnt><amntTp>D</amntTp>
<custSupID>D1</custSupID><invRef>F0</invRef><invDt>2024-12-15</invDt><invDueDt>2025-01-14</invDueDt></sbLine></subledger></subledgers></transactions>"""
OF_CUSTOMER = (
    "<accID>1100</accID><docRef>F1</docRef><effDate>2025-06-30</effDate><amnt>500.00</amnt><amntTp>D</amntTp>",
    "<accID>1300</accID><docRef>F0</docRef><effDate>2025-06-30</effDate><amnt>500.00</amnt><amntTp>D</amntTp>"
    "<matchKeyID>M1</matchKeyID><custSupID>D1</custSupID>",
)
PAYMENT = """<journal><jrnID>20</jrnID><desc>Bank</desc><jrnTp>B</jrnTp><transaction><nr>1</nr><desc>Ontvangst</desc>
<periodNumber>1</periodNumber><trDt>2025-01-20</trDt>
<trLine><nr>1</nr><accID>1100</accID><docRef>B1</docRef><effDate>2025-01-20</effDate><amnt>200.00</amnt><amntTp>D</amntTp></trLine>
<trLine><nr>2</nr><accID>1300</accID><docRef>B1</docRef><effDate>2025-01-20</effDate><amnt>200.00</amnt><amntTp>C</amntTp>
<matchKeyID>M1</matchKeyID><custSupID>D1</custSupID></trLine></transaction></journal>"""
TOTALS = "<linesCount>5</linesCount><totalDebit>621.00</totalDebit><totalCredit>621.00</totalCredit>"


@pytest.mark.both_engines
def test_a_sub_ledger_says_when_an_opening_in_a_journal_is_due(desk: Workspace) -> None:
    path = variant(desk, "due.xaf", OF_CUSTOMER, ("</transactions>", SUBLEDGER), source="opening-journal.xaf")
    done = asked(desk, path)
    assert details(done, "subledger-reference") == []
    assert table(desk, "SELECT account, due, number FROM opening_lines ORDER BY id") == [("1300", "2025-01-14", None), ("0500", None, None)]
    query = "SELECT s.line, o.account, s.invoice FROM subledger_lines s JOIN opening_lines o ON o.id = s.opening_line"
    assert table(desk, query) == [(None, "1300", "F0")]
    written = at.convert_auditfile(path, desk.folder / "out.xaf", version="3.2")
    root = assert_valid(written.path, "3.2")
    assert [one.text for one in root.iter("{*}obLineNr")] == ["1"]
    asked(desk, written.path, number=10)
    assert table(desk, "SELECT account, due, number FROM opening_lines ORDER BY id", number=10) == [
        ("1300", "2025-01-14", "1"),
        ("0500", None, "2"),
    ]


@pytest.mark.both_engines
def test_a_payment_is_matched_with_an_opening_in_a_journal_by_its_key(desk: Workspace) -> None:
    totals = (TOTALS, "<linesCount>7</linesCount><totalDebit>821.00</totalDebit><totalCredit>821.00</totalCredit>")
    asked(
        desk, variant(desk, "key.xaf", OF_CUSTOMER, ("</transactions>", f"{PAYMENT}</transactions>"), totals, source="opening-journal.xaf")
    )
    rows = desk.ok("books", "open-items", 9)["rows"]
    assert {(row["document"], row["amount"], row["open"], row["evidence"]) for row in rows} >= {("F0", "500.00", "300.00", "matched")}
    assert sum(float(row["open"]) for row in rows) == 421


@pytest.mark.both_engines
@pytest.mark.parametrize(
    "more", ['{"matchKeyID": NaN}', "{", '{"a": "\\u0000"}', '{"matchKeyID": "\\ud800"}', "5000 digits", '"M1"', "[1]"]
)
def test_whatever_another_program_wrote_beside_an_opening_the_open_items_are_shown(desk: Workspace, more: str) -> None:
    asked(desk, variant(desk, "key.xaf", OF_CUSTOMER, source="opening-journal.xaf"))
    more = '{"a": %s}' % ("9" * 5_000) if more == "5000 digits" else more
    table(desk, f"UPDATE opening_lines SET more = '{more}' RETURNING id")
    assert sum(float(row["open"]) for row in desk.ok("books", "open-items", 9)["rows"]) == 621


SECOND = """<transaction><nr>2</nr><desc>Beginbalans</desc><periodNumber>0</periodNumber><trDt>2025-01-01</trDt>
<trLine><nr>1</nr><accID>1300</accID><docRef>F0</docRef><effDate>2025-01-01</effDate><amnt>10.00</amnt><amntTp>D</amntTp></trLine>
<trLine><nr>2</nr><accID>0500</accID><docRef>F0</docRef><effDate>2025-01-01</effDate><amnt>10.00</amnt><amntTp>C</amntTp></trLine></transaction>
</journal>
    <journal><jrnID>60</jrnID>"""


@pytest.mark.parametrize("version", VERSIONS)
def test_an_opening_of_several_entries_has_lines_of_its_own_numbers(desk: Workspace, version: Any) -> None:
    totals = (TOTALS, "<linesCount>7</linesCount><totalDebit>631.00</totalDebit><totalCredit>631.00</totalCredit>")
    path = variant(desk, "two.xaf", ("</journal>\n    <journal><jrnID>60</jrnID>", SECOND), totals, source="opening-journal.xaf")
    written = at.convert_auditfile(path, desk.folder / "out.xaf", version=version)
    assert [one.text for one in assert_valid(written.path, version).findall(".//{*}obLine/{*}nr")] == ["1", "2", "3", "4"]
    assert at.check_auditfile(written.path).is_ok()
    again = at.convert_auditfile(written.path, desk.folder / "again.xaf", version=version)
    assert (again.path.read_bytes(), again.lost) == (written.path.read_bytes(), ())


# --- offset accounts ---


def test_an_entry_that_is_nil_by_itself_keeps_no_journal_from_getting_its_offset_lines(desk: Workspace) -> None:
    nil = "".join(
        f"<trLine><nr>{number}</nr><accID>{account}</accID><docRef>F1</docRef><effDate>2025-01-15</effDate><amnt>30.00</amnt>"
        f"<amntTp>{side}</amntTp></trLine>"
        for number, account, side in ((1, "1300", "C"), (2, "1500", "D"))
    )
    entry = f"<transaction><nr>3</nr><desc>Boeking</desc><periodNumber>1</periodNumber><trDt>2025-01-17</trDt>{nil}</transaction></journal>"
    totals = ("<linesCount>2</linesCount><totalDebit>50.00</totalDebit><totalCredit>121.00</totalCredit>",
              "<linesCount>4</linesCount><totalDebit>80.00</totalDebit><totalCredit>151.00</totalCredit>")  # fmt: skip
    path = variant(desk, "nil.xaf", ("</journal>", entry), totals, source="offset.xaf")
    assert "2 entries" in run_import(desk, path).json["error"]["message"]
    asked(desk, path, "offset-lines", "auditfile-invalid")
    query = "SELECT e.number, l.side, l.amount FROM lines l JOIN entries e ON e.id = entry WHERE account = '1100' ORDER BY l.id"
    assert table(desk, query) == [("1", "D", 12_100), ("2", "C", 5_000)]


@pytest.mark.parametrize("version", VERSIONS)
def test_an_added_line_gets_a_number_that_is_not_taken(desk: Workspace, tmp_path: Path, version: Any) -> None:
    path = tmp_path / "on.xaf"
    text = (SMALL / "offset.xaf").read_text("utf-8")
    path.write_text(re.sub(r"(<trLine>\s*<nr>)(\d+)", lambda one: f"{one[1]}{int(one[2]) + 1}", text), "utf-8")
    run_import(desk, path, accept=("offset-lines", "auditfile-invalid"))
    _, written = export(desk, "out.xaf", "--version", version)
    for entry in assert_valid(written, version).iterfind(".//{*}transaction"):
        numbers = [one.text for one in entry.iterfind("{*}trLine/{*}nr")]
        assert len(numbers) == len(set(numbers))


SOLD = "<accID>1300</accID><docRef>F1</docRef><effDate>2025-01-15</effDate><amnt>121.00</amnt><amntTp>D</amntTp><custSupID>D1</custSupID>"
PAID = "<accID>1100</accID><docRef>F1</docRef><effDate>2025-01-15</effDate><amnt>121.00</amnt><amntTp>C</amntTp>"
TURNOVER, VAT = (f"<effDate>2025-01-15</effDate><amnt>{amount}</amnt><amntTp>" for amount in ("100.00", "21.00"))
OVERDRAWN = {
    "opening-journal.xaf": (
        (f"{TURNOVER}C", f"{TURNOVER}D"), (f"{VAT}C", f"{VAT}D"), (SOLD, PAID), ("500.00", "100.00"), ("621.00", "221.00"),
    ),
    "offset.xaf": (
        ("<amnt>121.00</amnt><amntTp>C</amntTp>", "<amnt>700.00</amnt><amntTp>D</amntTp>"),
        ("<totalDebit>50.00<", "<totalDebit>750.00<"),
        ("<totalCredit>121.00<", "<totalCredit>0.00<"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", OVERDRAWN)
def test_the_normal_side_counts_the_opening_once_and_the_added_lines_too(desk: Workspace, name: str) -> None:
    """A bank account that closes in credit: what an export then says it lost is nothing of its side."""
    path = variant(desk, "overdrawn.xaf", *OVERDRAWN[name], source=name)
    done = run_import(desk, path, accept=("auditfile-invalid", "offset-lines"))
    assert done.code == 0, done.err
    assert balance(desk, "1100")[-1].startswith("-")
    assert table(desk, "SELECT side FROM accounts WHERE code = '1100'") == [("C",)]
    lost = desk.ok("auditfile", "export", 9, desk.folder / "out.xaf")["lost"]
    assert [one for one in lost if one["what"] == "ledgerAccount/side"] == []
