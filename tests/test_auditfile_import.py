"""An audit file comes into the books: what comes in, what blocks, what is asked; by year, whole or not at all."""

import json
import os
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

import accountools as at
from accountools.domain.identifiers import AdministrationNumber
from accountools.office import Office
from accountools.operations.books import staged_file
from accountools.operations.books.import_auditfile import plan_auditfile_import
from accountools.storage.books import merge
from tests.engines import add_book_row, place_of, run_sql, spoil
from tests.test_handover import post_books, state
from tests.test_restore import change_books, rows_of
from tests.workspace import Workspace

SMALL = Path(__file__).parent / "auditfiles"
SEVEN = AdministrationNumber(7)


@pytest.fixture
def desk(ready: Workspace) -> Workspace:
    """An administration without a chart, number 9, for the client."""
    ready.create(9, "Auditfile", chart=None)
    return ready


def run_import(
    desk: Workspace, *files: Path, accept: tuple[str, ...] = (), confirm: bool = True, number: int = 9, more: tuple[str, ...] = ()
) -> Any:
    words = [word for code in accept for word in ("--accept", code)]
    return desk.run("auditfile", "import", *files, "--administration", number, *words, *more, *(["--confirm"] if confirm else []))


def imported(desk: Workspace, name: str, *accept: str, number: int = 9) -> Any:
    """Import a small file, which must ask for just these codes."""
    refused = run_import(desk, SMALL / name, confirm=False, number=number).json
    assert {one["code"] for one in refused["obstacles"]} == set(accept), refused["obstacles"]
    assert not any(one["blocking"] for one in refused["obstacles"])
    if accept:
        before = state(desk.office)
        assert run_import(desk, SMALL / name, number=number).error == refused["obstacles"][0]["code"]
        assert state(desk.office) == before
    answer = run_import(desk, SMALL / name, accept=accept, number=number)
    assert (answer.code, answer.json["imported"]) == (0, True), answer.err
    return answer.json


def blocked(desk: Workspace, *names: str, more: tuple[str, ...] = ()) -> list[str]:
    """The blocking codes of files that must not come in; nothing changes."""
    before = state(desk.office)
    answer = run_import(desk, *(SMALL / name for name in names), more=more)
    assert answer.code == 3, answer.out
    assert state(desk.office) == before
    return [one["code"] for one in answer.json.get("obstacles", []) if one["blocking"]] or [answer.json["error"]["code"]]


def table(desk: Workspace, query: str, number: int = 9) -> list[tuple[Any, ...]]:
    return run_sql(desk.office, query, number=number)


def variant(desk: Workspace, name: str, *changes: tuple[str, str], source: str = "good.xaf") -> Path:
    """Another file, made of a small one."""
    text = (SMALL / source).read_text("utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    (desk.folder / name).write_text(text, "utf-8")
    return desk.folder / name


def of_year(desk: Workspace, year: int, *changes: tuple[str, str]) -> Path:
    return variant(desk, f"{year}.xaf", ("2025", str(year)), *changes)


# --- what comes in ---


@pytest.mark.both_engines
def test_an_audit_file_comes_in_as_it_says(desk: Workspace) -> None:
    done = imported(desk, "good.xaf")
    assert done["adds"] == {"accounts": 5, "relations": 1, "vat_codes": 2, "journals": 1, "periods": 2, "entries": 1, "lines": 3}
    assert done["totals"] == {"debit": "121.00", "credit": "121.00"}
    rows = rows_of(desk.office, 9)
    assert [row[:8] for row in rows["years"]] == [("2025", "2025-01-01", "2025-12-31", 0, "4.0", "good.xaf", rows["years"][0][6], "2025")]
    assert rows["periods"] == [("2025", 1, "2025-01-01", "2025-01-31", None, None), ("2025", 2, "2025-02-01", "2025-02-28", None, None)]
    assert [row[2:5] for row in rows["opening_lines"]] == [("1100", "D", 50_000), ("0500", "C", 50_000)]
    assert rows["entries"] == [(1, "60", "1", "2025-01-15", 1, "Boeking", "2025", None, None, None)]
    assert table(desk, "SELECT account, side, amount, relation, number, document, effective_date FROM lines ORDER BY id") == [
        ("1300", "D", 12_100, "D1", "1", "F1", "2025-01-15"),
        ("8000", "C", 10_000, None, "2", "F1", "2025-01-15"),
        ("1500", "C", 2_100, None, "3", "F1", "2025-01-15"),
    ]
    assert table(desk, "SELECT code, kind, side FROM accounts ORDER BY code") == [
        ("0500", "B", "C"), ("1100", "B", "D"), ("1300", "B", "D"), ("1500", "B", "C"), ("8000", "P", "C"),
    ]  # fmt: skip
    shown = desk.ok("administration", "show", 9)
    assert shown["counts"] == {"accounts": 5, "entries": 1, "lines": 3, "relations": 1, "years": 1, "vat_rows": 0}
    event = desk.ok("journal", "--administration", 9)["events"][-1]
    assert (event["what"], event["details"]["year"], event["details"]["lines"]) == ("auditfile-imported", "2025", 3)
    assert desk.ok("journal", "verify")["ok"]


def test_books_in_a_file_are_sound_after_an_import(desk: Workspace) -> None:
    imported(desk, "two-rates.xaf")
    assert table(desk, "PRAGMA foreign_key_check") == []
    assert table(desk, "PRAGMA integrity_check") == [("ok",)]


def test_a_customer_is_a_debtor_and_a_supplier_a_creditor(desk: Workspace) -> None:
    """An audit file's C is a customer: our D. Its S is a supplier: our C."""
    kinds = {"C": "D", "S": "C", "B": "B"}
    relation = "<customerSupplier><custSupID>{0}</custSupID><custSupName>{0}</custSupName><custSupTp>{0}</custSupTp></customerSupplier>"
    path = variant(desk, "kinds.xaf", ("</customersSuppliers>", "".join(relation.format(kind) for kind in kinds) + "</customersSuppliers>"))
    assert run_import(desk, path).code == 0
    assert dict(table(desk, "SELECT code, kind FROM relations WHERE code <> 'D1'")) == kinds


def test_an_opening_in_a_journal_is_no_movement(desk: Workspace) -> None:
    """A journal of type O, period 0, dated mid-year (Exact, Twinfield)."""
    done = imported(desk, "opening-journal.xaf")
    assert (done["adds"]["entries"], done["adds"]["lines"], done["totals"]["debit"]) == (1, 3, "121.00")
    assert table(desk, "SELECT account, side, amount FROM opening_lines ORDER BY id") == [("1100", "D", 50_000), ("0500", "C", 50_000)]
    more = json.loads(table(desk, "SELECT more FROM opening_lines ORDER BY id")[0][0])
    assert (more["jrnID"], more["trDt"], more["periodNumber"]) == ("95", "2025-06-30", 0)
    assert table(desk, "SELECT opening_day FROM years") == [("2025-06-30",)]


def test_a_year_may_have_thirteen_periods_and_one_of_fifty_five(desk: Workspace) -> None:
    imported(desk, "periods.xaf")
    found = table(desk, "SELECT number, first_day FROM periods ORDER BY number")
    assert [number for number, _ in found] == [*range(1, 14), 55]
    assert table(desk, "SELECT period, date FROM entries ORDER BY id") == [(13, "2025-12-15"), (55, "2025-12-31")]


@pytest.mark.both_engines
def test_references_of_a_sub_ledger_are_found_with_and_without_the_journals_prefix(desk: Workspace) -> None:
    done = imported(desk, "subledgers.xaf")
    assert table(desk, "SELECT e.number, l.due FROM lines l JOIN entries e ON e.id = entry WHERE due IS NOT NULL ORDER BY l.id") == [
        ("1", "2025-02-14"), ("2", "2025-02-20"), ("3", "2025-02-28"),
    ]  # fmt: skip
    assert table(desk, "SELECT count(*), count(line) FROM subledger_lines") == [(4, 3)]  # one belongs nowhere, and is kept
    assert "subledger-reference" in [one["code"] for one in done["findings"]]
    assert table(desk, "SELECT invoice, invoice_date, due, relation FROM subledger_lines WHERE line IS NULL") == [
        ("F4", "2025-01-15", "2025-03-31", "D1")
    ]


def test_elements_out_of_order_are_asked_and_read(desk: Workspace) -> None:
    done = imported(desk, "out-of-order.xaf", "auditfile-invalid")
    assert {"XAF3013"} == {one["code"] for one in done["findings"] if one["severity"] == "error"}
    assert table(desk, "SELECT date, period, description FROM entries") == [("2025-01-15", 1, "Boeking")]


def test_a_line_has_any_number_of_vat_rows(desk: Workspace) -> None:
    imported(desk, "two-rates.xaf")
    assert table(desk, "SELECT line, code, percentage, side, amount FROM vat_rows ORDER BY id") == [
        (2, "VH", 21_000, "C", 2_100), (2, "VL", 9_000, "D", 450),
    ]  # fmt: skip


def test_the_written_sign_and_side_are_kept(desk: Workspace) -> None:
    imported(desk, "negative.xaf")
    assert table(desk, "SELECT side, amount FROM lines ORDER BY id") == [("D", -12_100), ("C", -10_000), ("C", -2_100)]
    assert table(desk, "SELECT side, amount FROM vat_rows") == [("C", -2_100)]
    assert table(desk, "SELECT currency, currency_amount FROM lines WHERE currency IS NOT NULL") == [("USD", -11_025)]
    assert desk.ok("administration", "show", 9)["totals"] == {"debit": "-121.00", "credit": "-121.00"}


def test_one_number_of_two_entries_whose_errors_cancel_blocks(desk: Workspace) -> None:
    assert blocked(desk, "same-number.xaf") == ["auditfile-unbalanced"]


def test_the_parts_of_a_set_are_one_file_in_whatever_order(desk: Workspace) -> None:
    parts = SMALL / "part-2.xaf", SMALL / "part-1.xaf"
    done = run_import(desk, *parts)
    assert (done.code, done.json["adds"]["entries"], done.json["totals"]["debit"]) == (0, 2, "242.00")
    assert table(desk, "SELECT number FROM entries ORDER BY id") == [("1",), ("2",)]


@pytest.mark.parametrize(
    ("old", "new"), [("2025", "2026"), ("<companyName>", "<companyName>Niet "), ("</auditfile>", "<!-- another export --></auditfile>")]
)
def test_whole_files_are_no_parts_of_a_set(desk: Workspace, old: str, new: str) -> None:
    other = desk.folder / "other.xaf"
    text = (SMALL / "good.xaf").read_text("utf-8")
    assert old in text
    other.write_text(text.replace(old, new), "utf-8")
    before = state(desk.office)
    answer = run_import(desk, SMALL / "good.xaf", other)
    assert (answer.code, answer.error) == (3, "set-incomplete")
    assert "good.xaf" in answer.err
    assert "other.xaf" in answer.err
    assert state(desk.office) == before


@pytest.mark.parametrize("names", [("part-1.xaf",), ("part-2.xaf",), ("part-1.xaf", "part-1.xaf")])
def test_a_set_that_is_not_whole_blocks(desk: Workspace, names: tuple[str, ...]) -> None:
    assert blocked(desk, *names) == ["set-incomplete"]


def test_an_account_that_only_the_journal_names_is_asked_and_added(desk: Workspace) -> None:
    """Exact Globe's 3.1: entries don't balance one by one."""
    done = imported(desk, "offset.xaf", "offset-lines", "auditfile-invalid")
    assert table(
        desk, "SELECT e.number, account, side, amount, l.more FROM lines l JOIN entries e ON e.id = entry WHERE l.more IS NOT NULL"
    ) == [
        ("1", "1100", "D", 12_100, '{"added":"offsetAccID"}'),
        ("2", "1100", "C", 5_000, '{"added":"offsetAccID"}'),
    ]
    assert "offset-lines" in [one["code"] for one in done["findings"]]


def test_so_is_one_that_only_the_opening_balance_names_besides(desk: Workspace) -> None:
    """It is declared for the file: a file that is converted first gives the same books."""
    path = desk.folder / "undeclared.xaf"
    declared = "<ledgerAccount><accID>1100</accID><accDesc>Bank</accDesc><accTp>B</accTp></ledgerAccount>"
    text = (SMALL / "offset.xaf").read_text()
    assert declared in text
    path.write_text(text.replace(declared, ""))
    done = run_import(desk, path, accept=("offset-lines", "auditfile-invalid", "undeclared"))
    assert (done.code, done.json["adds"]["lines"]) == (0, 4)
    assert table(desk, "SELECT count(*) FROM lines WHERE account = '1100'") == [(2,)]


def test_windows_1252_under_a_label_of_utf_8_is_asked_and_read(desk: Workspace) -> None:
    imported(desk, "windows-1252.xaf", "encoding-differs")
    assert table(desk, "SELECT name FROM relations") == [("Café Noord",)]


def test_three_decimals_are_never_rounded(desk: Workspace) -> None:
    assert blocked(desk, "three-decimals.xaf") == ["amount-invalid", "auditfile-unbalanced"]
    answer = run_import(desk, SMALL / "three-decimals.xaf")
    lines = [(one["code"], one["line"]) for one in answer.json["findings"] if one["code"] == "amount-invalid"]
    assert lines == [("amount-invalid", 27), ("amount-invalid", 28)]
    assert "three-decimals.xaf, line 27" in answer.json["error"]["message"]


def test_a_control_character_and_a_bare_ampersand_are_asked_and_repaired(desk: Workspace) -> None:
    imported(desk, "control-character.xaf", "auditfile-invalid")
    assert table(desk, "SELECT name FROM journals") == [("Verkoop & meer",)]
    assert table(desk, "SELECT description FROM entries") == [("Boeking",)]


def test_an_opening_that_does_not_balance_is_named_with_its_usual_cause(desk: Workspace) -> None:
    done = imported(desk, "opening-unbalanced.xaf", "auditfile-invalid")
    found = next(one for one in done["findings"] if one["code"] == "XAF5013")
    assert found["detail"] == "opening balance does not balance: debit 750.00, credit 500.00"
    assert "last year's result wasn't appropriated" in found["remedy"]


def test_what_is_not_declared_is_asked_and_made(desk: Workspace) -> None:
    imported(desk, "undeclared.xaf", "undeclared")
    assert table(desk, "SELECT code, name, kind FROM accounts WHERE code = '8010'") == [("8010", "8010", "M")]
    assert table(desk, "SELECT code, kind FROM relations WHERE code = 'D9'") == [("D9", "O")]
    assert table(desk, "SELECT code FROM vat_codes WHERE code = 'VX'") == [("VX",)]
    assert table(desk, "SELECT number, first_day FROM periods WHERE number = 3") == [(3, None)]


def test_entry_zero_of_clair2_is_the_opening(desk: Workspace) -> None:
    done = imported(desk, "clair2.xaf")
    assert (done["adds"]["entries"], done["totals"]["debit"]) == (1, "100.00")
    assert table(desk, "SELECT account, side, amount FROM opening_lines ORDER BY id") == [("1100", "D", 50_000), ("0500", "C", 50_000)]
    assert table(desk, "SELECT code, kind FROM accounts ORDER BY code") == [("0500", "B"), ("1100", "B"), ("1300", "B"), ("8000", "P")]


def test_two_accounts_of_one_rgs_code_come_in_and_are_said(desk: Workspace) -> None:
    done = imported(desk, "rgs-twice.xaf")
    assert "XAF6003" in [one["code"] for one in done["findings"]]
    assert table(desk, "SELECT code, rgs, rgs_source FROM accounts WHERE rgs = 'BLimBanRba' ORDER BY 1") == [
        ("0500", "BLimBanRba", "RGScode"), ("1100", "BLimBanRba", "RGScode"),
    ]  # fmt: skip


DEBTORS = "<accID>1300</accID><accDesc>Debiteuren</accDesc><accTp>B</accTp>"


DEBTORS = "<accID>1300</accID><accDesc>Debiteuren</accDesc><accTp>B</accTp>"


@pytest.mark.parametrize("written", ["0000", "nvt", "-", "RGS-1"])
def test_a_placeholder_is_no_rgs_code_and_leaves_what_the_books_have(desk: Workspace, written: str) -> None:
    """So the account of debtors is known by its name, or by the code that is there."""
    change = DEBTORS, f"{DEBTORS}<RGScode>{written}</RGScode>"
    assert run_import(desk, variant(desk, "placeholder.xaf", change)).code == 0
    assert table(desk, "SELECT rgs, rgs_source FROM accounts WHERE code = '1300'") == [("", None)]
    assert [row["open"] for row in desk.ok("books", "open-items", 9)["rows"]] == ["121.00"]
    desk.ok("auditfile", "export", 9, desk.folder / "out.xaf")
    assert f"<RGScode>{written}</RGScode>" in (desk.folder / "out.xaf").read_text("utf-8")
    run_sql(desk.office, "UPDATE accounts SET rgs = 'BVorDebHad', rgs_source = 'RGScode' WHERE code = '1300'", number=9)
    assert run_import(desk, of_year(desk, 2026, change), accept=("opening-differs",)).code == 0
    assert table(desk, "SELECT rgs FROM accounts WHERE code = '1300'") == [("BVorDebHad",)]


@pytest.mark.parametrize("concept", ["rgs-k:BVorDebHad", "https://example.org/rgs#BVorDebHad"])
def test_the_rgs_code_of_a_concept_is_what_follows_its_prefix(desk: Workspace, concept: str) -> None:
    """XAF 3.2 names it by a QName, or a URI with a fragment."""
    old, first = desk.folder / "3.2.xaf", variant(desk, "4.0.xaf", (DEBTORS, f"{DEBTORS}<RGScode>BVorDebHad</RGScode>"))
    desk.ok("auditfile", "convert", first, old, "--version", "3.2")
    text = old.read_text("utf-8")
    assert "<conceptRef>BVorDebHad<" in text
    old.write_text(text.replace("<conceptRef>BVorDebHad<", f"<conceptRef>{concept}<"), "utf-8")
    assert run_import(desk, old).code == 0
    assert table(desk, "SELECT rgs, rgs_source FROM accounts WHERE code = '1300'") == [("BVorDebHad", "taxonomy")]
    assert [row["open"] for row in desk.ok("books", "open-items", 9)["rows"]] == ["121.00"]
    desk.ok("auditfile", "export", 9, desk.folder / "out.xaf")
    assert "<RGScode>BVorDebHad</RGScode>" in (desk.folder / "out.xaf").read_text("utf-8")


@pytest.mark.parametrize(
    ("word", "letter"),
    [
        ("Beginbalans", "O"),
        ("Openingsbalans", "O"),
        ("Verkoop", "S"),
        ("Inkoopboek", "P"),
        ("Bank", "B"),
        ("Kas", "C"),
        ("Anders", "Anders"),
    ],
)
def test_the_kind_of_a_journal_may_be_a_word(desk: Workspace, word: str, letter: str) -> None:
    """CLAIR2 has words, which mean what XAF has letters for; what the opening says is no turnover."""
    path = variant(desk, "word.xaf", ("<type>Memoriaal</type>", f"<type>{word}</type>"), source="clair2.xaf")
    done = run_import(desk, path, accept=("auditfile-invalid",))
    assert done.code == 0, done.err
    assert table(desk, "SELECT kind FROM journals WHERE code = '90'") == [(letter,)]
    assert (table(desk, "SELECT count(*) FROM entries") == [(0,)]) is (letter == "O")


def test_a_following_year_that_opens_with_nothing_goes_on_from_this_one_and_nothing_is_asked(desk: Workspace) -> None:
    assert run_import(desk, of_year(desk, 2026)).code == 0
    run_sql(desk.office, "DELETE FROM opening_lines", number=9)
    answer = run_import(desk, SMALL / "good.xaf")
    assert (answer.code, answer.obstacles, answer.json["opening"]) == (0, [], None)


def test_vat_codes_without_accounts_get_those_of_their_tax_by_rgs_code(desk: Workspace) -> None:
    """By the entries that name one code only; what has an account, or none that is certain, stays as it is."""
    vat = "<vat><vatID>{}</vatID><vatPerc>21</vatPerc><vatAmnt>21.00</vatAmnt><vatAmntTp>C</vatAmntTp></vat>"
    sold = "<amnt>100.00</amnt><amntTp>C</amntTp>"
    rgs = ("<accDesc>Btw</accDesc><accTp>B</accTp>", "<accDesc>Btw</accDesc><accTp>B</accTp><RGScode>BSchBepBla</RGScode>")
    query = "SELECT code, payable_account, receivable_account FROM vat_codes ORDER BY code"
    assert run_import(desk, variant(desk, "two.xaf", (sold, sold + vat.format("VH") + vat.format("VL")), rgs)).code == 0
    assert table(desk, query) == [("VH", None, None), ("VL", None, None)]
    one = of_year(desk, 2026, (sold, sold + vat.format("VH")), rgs)
    assert run_import(desk, one, accept=("opening-differs",)).code == 0
    assert table(desk, query) == [("VH", "1500", None), ("VL", None, None)]
    boxes = {row["box"]: row["vat"] for row in desk.ok("books", "vat", 9)["boxes"]}
    assert boxes["1a"] == "21.00"
    other = ("<vatDesc>Hoog</vatDesc>", "<vatDesc>Hoog</vatDesc><vatToPayAccID>1300</vatToPayAccID>")
    assert run_import(desk, of_year(desk, 2027, (sold, sold + vat.format("VH")), rgs, other), accept=("opening-differs",)).code == 0
    assert table(desk, query)[0] == ("VH", "1300", None)


def test_the_published_file_of_3_2_comes_in_when_its_one_entry_balances(desk: Workspace, samples: Path) -> None:
    """All that it fills, of which the one line has no counterpart: made to be nothing."""
    text = (samples / "XmlAuditfileFinancieel3.2_test.xml").read_text("utf-8")
    line = text.index("<trLine>")
    path = desk.folder / "3.2.xml"
    path.write_text(text[:line] + text[line:].replace("<amnt>3.14</amnt>", "<amnt>0.00</amnt>", 1), "utf-8")
    done = run_import(desk, path, accept=("auditfile-invalid", "undeclared", "kvk-differs", "name-differs"))
    assert done.code == 0, done.err
    assert done.json["adds"] == {"accounts": 1, "relations": 2, "vat_codes": 1, "journals": 1, "periods": 1, "entries": 1, "lines": 1}
    (year,) = table(desk, "SELECT label, company, tax_country, opening_day, opening_text FROM years")
    assert year == ("2016", "Voorbeeldbedrijf", "NL", "1967-08-13", "String")
    known = "SELECT kind, email, kvk, tax_country, tax_number, more FROM relations WHERE code = 'Debiteur123'"
    (relation,) = table(desk, known)
    assert relation[:5] == ("B", "info@voobeelden.info", "String", "AD", "String")
    assert json.loads(relation[5])["contact"] == "Contactpersoon"
    assert table(desk, "SELECT kind, offset_account, bank_account FROM journals") == [("B", "String", "String")]
    assert table(desk, "SELECT account, side, amount, due FROM opening_lines") == [("String", "C", 314, "1967-08-13")]
    assert table(desk, "SELECT source, user_name, date, period FROM entries") == [("String", "String", "1967-08-13", 1)]
    columns = "side, amount, match_key, invoice, cost_centre, product, project, quantity, currency, currency_amount, due"
    assert table(desk, f"SELECT {columns} FROM lines") == [
        ("C", 0, "String", "String", "String", "String", "String", "1", "AED", 314, "1967-08-13")
    ]  # fmt: skip
    assert table(desk, "SELECT code, percentage, side, amount FROM vat_rows") == [("String", 0, "C", 310)]
    assert table(desk, "SELECT invoice_date, due FROM subledger_lines") == [("1967-08-13", "1967-08-13")] * 2


# --- the published samples ---


@pytest.fixture
def samples() -> Path:
    folder = Path(os.environ.get("ACCOUNTOOLS_REFERENCE", "")) / "xaf" / "samples"
    if not (folder / "README.md").is_file():
        pytest.skip("the published samples aren't here")
    return folder


def test_the_published_file_of_4_0_comes_in(desk: Workspace, samples: Path) -> None:
    path = samples / "XAF_4_0_Test_100425.XAF"
    done = run_import(desk, path, accept=("undeclared", "name-differs"))
    assert (done.code, done.obstacles) == (0, ["undeclared", "name-differs"])
    lines = table(desk, "SELECT * FROM lines ORDER BY id")
    assert lines[1][7:12] == ("2", "2024-01001", "2024-01-15", "2024-01-13", None)
    found = (
        "SELECT receipt, shipment, cost_centre, product, project, work_costs, bank_account, offset_bank_account, currency_amount FROM lines"
    )
    assert table(desk, f"{found} ORDER BY id")[1] == (
        "recv001", "ship001", "cost001", "prod001", "proj001", "V - vrijeRuimte WCAR", "NL01INGB0112233444", "NL01ABNA0443322111", 122_222,
    )  # fmt: skip
    assert table(desk, "SELECT source, user_name FROM entries") == [("BANK 2401001", "JANSEN01")]
    assert table(desk, "SELECT opening, opening_side, closing, closing_side FROM relation_balances") == [(33_333, "D", 44_444, "D")]
    assert table(desk, "SELECT payable_account, receivable_account FROM vat_codes WHERE code = 'VatID01'") == [("1800", "1600")]
    addresses = json.loads(table(desk, "SELECT addresses FROM relations")[0][0])
    assert addresses == [{"kind": "street", "street": "csStraat", "number": "123", "extension": "B", "city": "csPlaats",
                          "postal_code": "8888ZZ", "country": "NL"}]  # fmt: skip


def test_the_published_file_of_3_2_is_unbalanced(desk: Workspace, samples: Path) -> None:
    answer = run_import(desk, samples / "XmlAuditfileFinancieel3.2_test.xml")
    assert (answer.code, answer.error) == (3, "auditfile-unbalanced")
    assert answer.obstacles[:1] == ["auditfile-unbalanced"]


def test_a_real_package_s_file_comes_in(desk: Workspace, samples: Path) -> None:
    """Multivers: says UTF-8, is Windows-1252; RGS codes in leadReference."""
    done = run_import(desk, samples / "Multivers_V32_2017.xml", accept=("encoding-differs", "name-differs"))
    assert done.code == 0, done.err
    (entries, lines) = done.json["adds"]["entries"], done.json["adds"]["lines"]
    text = (samples / "Multivers_V32_2017.xml").read_bytes().decode("cp1252")
    assert (text.count("<transaction>"), text.count("<trLine>")) == (entries, lines)
    assert table(desk, "SELECT count(*) FROM accounts WHERE rgs_source = 'leadReference'")[0][0] > 0
    declared = re.search(r"<transactions>\s*<linesCount>\d+</linesCount>\s*<totalDebit>([\d.]+)<", text)
    assert declared is not None
    assert float(done.json["totals"]["debit"]) == float(declared[1])


@pytest.mark.parametrize("fiscal_year", ["0000-2030", "0000", "2024-9"])
def test_after_a_file_of_an_impossible_year_entries_of_other_years_are_posted(desk: Workspace, fiscal_year: str) -> None:
    first, last = "<startDate>2025-01-01</startDate>", "<endDate>2025-12-31</endDate>"
    changes = (("<fiscalYear>2025</fiscalYear>", f"<fiscalYear>{fiscal_year}</fiscalYear>"), (first, ""), (last, ""))
    run_import(desk, variant(desk, "y.xaf", *changes), accept=("auditfile-invalid", "undeclared", "opening-differs"))
    journal, account = (run_sql(desk.office, f"SELECT min(code) FROM {name}", number=9)[0][0] for name in ("journals", "accounts"))
    rows = f"journal,number,date,account,debit,credit\n{journal},26-1,2026-03-05,{account},1,\n{journal},26-1,2026-03-05,{account},,1\n"
    (desk.folder / "entries.csv").write_text(rows)
    answer = desk.run("entries", "import", desk.folder / "entries.csv", "--administration", 9, "--confirm")
    assert (answer.code, answer.json["new_years"]) == (0, ["2026"])


# --- what is refused ---


REFUSED = {
    "not-an-auditfile": ("x.xaf", b"geen auditfile"),
    "truncated": ("t.xaf", (SMALL / "good.xaf").read_bytes()[:900]),
    "hostile": ("h.xaf", (SMALL / "good.xaf").read_bytes().replace(b"<auditfile", b'<!DOCTYPE a [<!ENTITY x "y">]><auditfile', 1)),
    "deep": ("d.xaf", (SMALL / "good.xaf").read_bytes().replace(b"<customersSuppliers>", b"<customersSuppliers>" + b"<a>" * 99, 1)),
    "auditfile-encrypted": ("x.xac", b"\x00" * 99),
    "CAB": ("x.xaf", b"MSCF" + b"\x00" * 99),
    "exact": ("x.XFC", b"<auditfile/>"),
}


@pytest.mark.parametrize("which", REFUSED)
def test_what_can_not_be_read_is_refused(desk: Workspace, which: str) -> None:
    name, content = REFUSED[which]
    (desk.folder / name).write_bytes(content)
    wanted = "auditfile-encrypted" if which in {"auditfile-encrypted", "CAB", "exact"} else "not-an-auditfile"
    before = state(desk.office)
    assert run_import(desk, desk.folder / name).error == wanted
    assert state(desk.office) == before
    assert run_import(desk, desk.folder / "none.xaf").error == "file-not-found"


@pytest.mark.parametrize(
    ("zero", "encoding", "error"),
    [("\0", "utf-8", None), ("\0", "cp1252", None), ("\0", "utf-16", "not-an-auditfile"), ("&#0;", "utf-8", "not-an-auditfile"),
     ("&#x00;", "cp1252", "not-an-auditfile"), ("\\u0000", "utf-8", None)],
)  # fmt: skip
def test_no_zero_byte_comes_in(desk: Workspace, zero: str, encoding: str, error: str | None) -> None:
    """PostgreSQL has none, and no backup holds one: control characters are removed, as a finding says."""
    text = (SMALL / "good.xaf").read_text("utf-8").replace('encoding="UTF-8"', f'encoding="{encoding}"', 1)
    for tag in ("accDesc", "companyName", "desc", "custSupName", "streetname", "docRef", "softwareDesc", "periodDesc"):
        text = re.sub(f"(<{tag}>[^<]*)", lambda found: found[1] + zero, text)
    (desk.folder / "zero.xaf").write_bytes(text.encode(encoding))
    answer = run_import(desk, desk.folder / "zero.xaf", accept=("auditfile-invalid", "encoding-differs", "undeclared", "name-differs"))
    assert answer.error == error
    desk.ok("backup", 9, "--purpose", "safekeeping", "--plain", "--confirm")


@pytest.mark.parametrize("amount", ["1e3", "12,50", "", "NaN", "0.001", "9" * 18, "40.800000000000004"])
def test_an_amount_that_can_not_be_read_blocks(desk: Workspace, amount: str) -> None:
    path = variant(desk, "amount.xaf", ("<amnt>121.00", f"<amnt>{amount}"))
    answer = run_import(desk, path)
    assert (answer.code, answer.error) == (3, "amount-invalid")
    assert answer.json["findings"][0]["line"] == 27


@pytest.mark.parametrize(("amount", "cents"), [("121", 12_100), ("+121.0", 12_100), ("0121.0000", 12_100), (" 121.00 ", 12_100)])
def test_an_amount_is_read_as_what_it_is(desk: Workspace, amount: str, cents: int) -> None:
    path = variant(desk, "amount.xaf", ("<amnt>121.00", f"<amnt>{amount}"))
    assert run_import(desk, path, accept=("auditfile-invalid",)).code == 0
    assert table(desk, "SELECT amount FROM lines WHERE id = 1") == [(cents,)]


# --- the client ---


def test_a_file_of_another_kvk_number_is_asked(desk: Workspace) -> None:
    path = variant(desk, "other.xaf", ("12345678", "87654321"))
    answer = run_import(desk, path)
    assert (answer.error, "87654321" in answer.json["error"]["message"]) == ("kvk-differs", True)
    assert run_import(desk, path, accept=("kvk-differs",)).code == 0


def test_a_file_of_another_client_here_says_whose_it_is(desk: Workspace) -> None:
    path = variant(desk, "other.xaf", ("12345678", "87654321"))
    desk.ok("client", "add", "--name", "Vis BV", "--kvk", "87654321", "--city", "Delft")
    answer = run_import(desk, path)
    assert (answer.error, answer.json["error"]["message"].count("Vis BV")) == ("kvk-differs", 1)
    assert run_import(desk, path, accept=("kvk-differs",)).code == 0


def test_a_file_of_another_name_is_asked(desk: Workspace) -> None:
    path = variant(desk, "other.xaf", ("Bakkerij Jansen", "Slagerij De Wit"))
    assert run_import(desk, path).error == "name-differs"
    assert run_import(desk, variant(desk, "same.xaf", ("Bakkerij Jansen", "BAKKERIJ JANSEN B.V."))).code == 0


def test_a_template_has_nobody_to_compare_with(desk: Workspace) -> None:
    desk.create(8, "Sjabloon", client=None, chart=None)
    path = variant(desk, "other.xaf", ("12345678", "87654321"), ("Bakkerij Jansen", "Slagerij De Wit"))
    assert run_import(desk, path, number=8).code == 0


# --- by year ---


def test_the_same_file_again_changes_nothing(desk: Workspace) -> None:
    imported(desk, "good.xaf")
    before = state(desk.office)
    for more in ((), ("--replace",)):
        answer = run_import(desk, SMALL / "good.xaf", more=more)
        assert (answer.code, answer.json["imported"], answer.obstacles) == (0, False, [])
        assert answer.json["adds"]["entries"] == 0
    copy = Path(shutil.copy(SMALL / "good.xaf", desk.folder / "another name.xaf"))
    assert run_import(desk, copy).json["imported"] is False
    assert state(desk.office) == before


@pytest.mark.both_engines
def test_another_file_of_a_year_needs_replace_which_makes_a_safekeeping_backup_first(desk: Workspace) -> None:
    imported(desk, "good.xaf")
    corrected = variant(desk, "corrected.xaf", ("Boeking", "Verbeterd"))
    answer = run_import(desk, corrected)
    assert (answer.code, answer.error, answer.json["error"]["obstacles"][0]["blocking"]) == (3, "year-present", True)
    backups = desk.ok("backups", "list")["backups"]
    done = run_import(desk, corrected, more=("--replace",))
    assert (done.code, done.json["replaces"]) == (0, ["2025"])
    (made,) = [one for one in desk.ok("backups", "list")["backups"] if one not in backups]
    assert (made["administration"], made["purpose"]) == (9, "safekeeping")
    assert table(desk, "SELECT description FROM entries") == [("Verbeterd",)]
    counts = desk.ok("administration", "show", 9)["counts"]
    assert (counts["entries"], counts["lines"], counts["years"]) == (1, 3, 1)
    desk.ok("restore", made["path"], "--replace", "--confirm")
    assert table(desk, "SELECT description FROM entries") == [("Boeking",)]


@pytest.mark.both_engines
def test_no_year_is_replaced_without_a_safekeeping_backup(desk: Workspace) -> None:
    """Of books with a text that no backup can hold."""
    imported(desk, "good.xaf")
    run_sql(desk.office, "UPDATE relations SET city = ?", "x" * ((1 << 20) + 1), number=9)
    before = rows_of(desk.office, 9)
    answer = run_import(desk, variant(desk, "c.xaf", ("Boeking", "Anders")), more=("--replace",))
    assert answer.code in {3, 4}
    assert rows_of(desk.office, 9) == before


@pytest.mark.both_engines
def test_a_replaced_year_leaves_the_other_years_as_they_were(desk: Workspace) -> None:
    imported(desk, "good.xaf")
    others = of_year(desk, 2027)
    assert run_import(desk, others).code == 0
    rows = table(desk, "SELECT * FROM lines WHERE entry IN (SELECT id FROM entries WHERE year = '2027')")
    assert run_import(desk, variant(desk, "c.xaf", ("Boeking", "Anders")), more=("--replace",)).code == 0
    assert table(desk, "SELECT * FROM lines WHERE entry IN (SELECT id FROM entries WHERE year = '2027')") == rows
    assert table(desk, "SELECT label FROM years ORDER BY 1") == [("2025",), ("2027",)]


@pytest.mark.both_engines
def test_a_year_that_is_closed_is_not_changed(desk: Workspace) -> None:
    imported(desk, "good.xaf")
    change_books(desk.office, "UPDATE years SET closed = 1", number=9)
    for more in ((), ("--replace",)):
        answer = run_import(desk, variant(desk, "c.xaf", ("Boeking", "Anders")), more=more)
        assert (answer.code, answer.error) == (3, "year-closed")


def test_a_year_of_other_days_that_overlaps_is_present_too(desk: Workspace) -> None:
    imported(desk, "good.xaf")
    path = variant(desk, "broken.xaf", ("<fiscalYear>2025", "<fiscalYear>2025-2026"), ("<endDate>2025-12-31", "<endDate>2026-06-30"),
                   ("<startDate>2025-01-01", "<startDate>2025-07-01"))  # fmt: skip
    assert run_import(desk, path).error == "year-present"


@pytest.mark.both_engines
def test_a_part_of_a_year_is_not_put_in_the_place_of_another_part(desk: Workspace) -> None:
    """Two half years under one label, as after a change of package: neither is lost, and the whole year takes the place of one."""
    first = variant(desk, "h1.xaf", ("<endDate>2025-12-31", "<endDate>2025-06-30"))
    second = variant(desk, "h2.xaf", ("<startDate>2025-01-01", "<startDate>2025-07-01"), ("2025-01-15", "2025-08-15"))
    together = run_import(desk, first, second)
    assert (together.error, "one file" in together.json["error"]["remedy"]) == ("set-incomplete", True)
    assert run_import(desk, first).code == 0
    before = state(desk.office)
    for more in ((), ("--replace",)):
        answer = run_import(desk, second, more=more)
        assert (answer.code, answer.error) == (3, "label-taken")
        message, remedy = answer.json["error"]["message"], answer.json["error"]["remedy"]
        assert re.findall(r"2025-\d\d-\d\d", message) == ["2025-01-01", "2025-06-30", "2025-07-01", "2025-12-31"]
        assert ("one file" in remedy, "--replace" in remedy) == (True, False)
        assert answer.json["opening"] is None
    assert state(desk.office) == before
    answer = run_import(desk, SMALL / "good.xaf")
    assert answer.error == "year-present"
    assert re.findall(r"2025-\d\d-\d\d", answer.json["error"]["message"]) == ["2025-01-01", "2025-06-30", "2025-01-01", "2025-12-31"]
    assert run_import(desk, SMALL / "good.xaf", more=("--replace",)).json["replaces"] == ["2025"]


def test_a_year_without_entries_makes_way_for_one_of_its_label(desk: Workspace) -> None:
    add_book_row(desk.office, 9, "years", label="2025", first_day="2024-01-01", last_day="2024-12-31", closed=0)
    assert imported(desk, "good.xaf")["replaces"] == ["2025"]


@pytest.mark.parametrize(("first", "last"), [("2025-12-31", "2025-01-01"), ("2025", "2025-12-31"), ("0000-01-01", "2030-12-31")])
def test_a_year_whose_days_are_none_shares_no_day_with_another(desk: Workspace, first: str, last: str) -> None:
    add_book_row(desk.office, 9, "years", label="x", first_day=first, last_day=last, closed=1)
    imported(desk, "good.xaf")
    assert table(desk, "SELECT label FROM years ORDER BY 1") == [("2025",), ("x",)]


def test_a_year_whose_days_are_none_is_that_of_its_label(desk: Workspace) -> None:
    imported(desk, "good.xaf")
    change_books(desk.office, "UPDATE years SET first_day = '2025-12-31', last_day = '2025-01-01'", number=9)
    corrected = variant(desk, "c.xaf", ("Boeking", "Anders"))
    assert run_import(desk, corrected).error == "year-present"
    assert run_import(desk, corrected, more=("--replace",)).code == 0
    assert table(desk, "SELECT first_day, last_day FROM years") == [("2025-01-01", "2025-12-31")]


@pytest.mark.parametrize(
    ("written", "first", "last", "label"),
    [("2025", "2025-01-01", "2025-12-31", "2025"),
     ("2025-2026", "2025-07-01", "2026-06-30", "2025-2026"),
     ("2025/26", "2025-07-01", "2026-06-30", "2025-2026"),
     ("String", "2025-01-01", "2025-12-31", "2025"),
     ("2004", "2015-01-01", "2015-12-31", "2015"),
     ("x" * 42, "2025-07-01", "2026-06-30", "2025-2026")],
)  # fmt: skip
def test_the_label_of_a_year_is_the_files_if_its_days_lie_in_it(desk: Workspace, written: str, first: str, last: str, label: str) -> None:
    path = variant(desk, "year.xaf", ("<fiscalYear>2025", f"<fiscalYear>{written}"), ("<startDate>2025-01-01", f"<startDate>{first}"),
                   ("<endDate>2025-12-31", f"<endDate>{last}"))  # fmt: skip
    done = run_import(desk, path, accept=("auditfile-invalid",))
    assert (done.code, done.json["year"]) == (0, label), done.err
    assert table(desk, "SELECT label, fiscal_year, first_day, last_day FROM years") == [(label, written, first, last)]


@pytest.mark.both_engines
def test_an_opening_that_is_not_the_closing_of_the_year_before_is_asked(desk: Workspace) -> None:
    imported(desk, "good.xaf")
    answer = run_import(desk, of_year(desk, 2026))
    assert (answer.code, answer.error) == (3, "opening-differs")
    assert answer.json["opening"]["differs"] == [
        {"account": "1300", "closing": "121.00", "opening": "0.00"},
        {"account": "1500", "closing": "-21.00", "opening": "0.00"},
    ]
    assert "result" in answer.json["error"]["message"]
    assert run_import(desk, desk.folder / "2026.xaf", accept=("opening-differs",)).code == 0
    assert desk.ok("journal", "--administration", 9)["events"][-1]["details"]["accepted"] == ["opening-differs"]


def test_an_opening_that_is_the_closing_of_the_year_before_is_not_asked(desk: Workspace) -> None:
    """The result of the year is in the equity: it was appropriated."""
    imported(desk, "good.xaf")
    lines = [("1100", "500.00", "D"), ("0500", "600.00", "C"), ("1300", "121.00", "D"), ("1500", "21.00", "C")]
    text = "".join(
        f"<obLine><nr>{n}</nr><accID>{a}</accID><amnt>{m}</amnt><amntTp>{s}</amntTp></obLine>" for n, (a, m, s) in enumerate(lines)
    )
    path = of_year(desk, 2026)
    path.write_text(re.sub(r"<linesCount>2<.*</openingBalance>",
                           f"<linesCount>4</linesCount><totalDebit>621.00</totalDebit><totalCredit>621.00</totalCredit>{text}</openingBalance>",
                           path.read_text(), flags=re.DOTALL))  # fmt: skip
    answer = run_import(desk, path, confirm=False)
    assert answer.json["opening"]["differs"] == [{"account": "0500", "closing": "-500.00", "opening": "-600.00"}]
    assert answer.obstacles == ["opening-differs"]


@pytest.mark.both_engines
def test_a_year_that_opens_by_entries_is_compared_by_these(desk: Workspace) -> None:
    """Also when they were posted here: journal 95, or period 0."""
    chart, entries = desk.folder / "chart.csv", desk.folder / "opening.csv"
    chart.write_text("code,name,kind\n1100,Bank,B\n1300,Debiteuren,B\n1500,Btw,B\n0500,Kapitaal,B\n8000,Omzet,P\n")
    rows = (("1100", "500", ""), ("1300", "121", ""), ("1500", "", "21"), ("0500", "", "600"))
    entries.write_text("journal,number,date,account,debit,credit\n" + "".join(f"95,1,2025-01-01,{','.join(one)}\n" for one in rows))
    desk.create(10, "Opening", chart=chart)
    desk.ok("entries", "import", entries, "--administration", 10, "--confirm")
    opening = run_import(desk, of_year(desk, 2024), number=10, confirm=False).json["opening"]
    assert opening == {"year": "2025", "before": "2024", "differs": [{"account": "0500", "closing": "-500.00", "opening": "-600.00"}]}
    run_import(desk, of_year(desk, 2024))
    opening = run_import(desk, SMALL / "opening-journal.xaf", confirm=False).json["opening"]
    assert [one["account"] for one in opening["differs"]] == ["1300", "1500"], "the file's own journal opens with bank and capital"


@pytest.mark.both_engines
def test_an_entry_of_an_audit_file_is_there_already_only_with_all_its_vat(desk: Workspace) -> None:
    """Two VAT rows of a line can't be typed."""
    imported(desk, "two-rates.xaf")
    found = table(
        desk,
        "SELECT e.journal, e.number, e.date, account, CASE side WHEN 'D' THEN amount END, CASE side WHEN 'C' THEN amount END, "
        "l.description, relation, document FROM lines l JOIN entries e ON e.id = entry ORDER BY l.id",
    )

    def typed(vat: str) -> Any:
        """Import the entry as the books have it, with this VAT code on its second line."""
        lines = ["journal,number,date,account,debit,credit,description,relation,document,vat"]
        for place, row in enumerate(found):
            cells = ["" if one is None else f"{one / 100:.2f}" if isinstance(one, int) else one for one in row]
            lines.append(",".join((*cells, vat if place == 1 else "")))
        (desk.folder / "typed.csv").write_text("\n".join(lines))
        return desk.run("entries", "import", desk.folder / "typed.csv", "--administration", 9)

    for vat in ("VH", "VL", ""):
        assert typed(vat).error == "entry-present"
    run_sql(desk.office, "DELETE FROM vat_rows WHERE code = 'VL'", number=9)
    assert typed("VH").json["present"] == 1


@pytest.mark.both_engines
def test_years_come_in_any_order(desk: Workspace) -> None:
    assert run_import(desk, of_year(desk, 2026, ("Omzet", "Omzet nieuw"))).code == 0
    answer = run_import(desk, SMALL / "good.xaf")
    assert (answer.error, answer.json["opening"]["year"], answer.json["opening"]["before"]) == ("opening-differs", "2026", "2025")
    assert {"what": "accounts", "code": "8000", "field": "name", "here": "Omzet nieuw", "file": "Omzet"} in answer.json["differences"]
    assert run_import(desk, SMALL / "good.xaf", accept=("opening-differs",)).code == 0
    assert table(desk, "SELECT name FROM accounts WHERE code = '8000'") == [("Omzet nieuw",)]  # of the newest year
    assert table(desk, "SELECT year, count(*) FROM entries GROUP BY 1 ORDER BY 1") == [("2025", 1), ("2026", 1)]
    newer = of_year(desk, 2027, ("Omzet", "Omzet 2027"))
    assert run_import(desk, newer, accept=("opening-differs",)).code == 0
    assert table(desk, "SELECT name FROM accounts WHERE code = '8000'") == [("Omzet 2027",)]


@pytest.mark.both_engines
def test_all_that_the_newest_year_changes_is_shown_and_an_older_one_changes_nothing(
    desk: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """How many differences aren't named is counted, and whose data hold is printed."""

    def year(label: int, place: str) -> Path:
        relation = (
            f"<custSupTp>C</custSupTp><eMail>{place}@example.com</eMail>"
            f"<streetAddress><streetname>Kade</streetname><city>{place}</city></streetAddress>"
        )
        journal = f"<jrnTp>S</jrnTp><bankAccNr>{place}</bankAccNr>"
        return of_year(desk, label, ("<custSupTp>C</custSupTp>", relation), ("<jrnTp>S</jrnTp>", journal))

    def plan(path: Path) -> tuple[Any, str]:
        words = ("auditfile", "import", path, "--administration", 9, "--lang", "en")
        return desk.run(*words).json, desk.run(*words, as_json=False).out

    accept = ("opening-differs", "auditfile-invalid")
    done = run_import(desk, year(2026, "Delft"), accept=accept)
    assert done.code == 0, done.err
    query = "SELECT r.city, r.email, j.bank_account FROM relations r, journals j"
    before = table(desk, query)
    found, text = plan(year(2027, "Breda"))
    fields = {one["field"] for one in found["differences"]}
    assert fields == {"city", "email", "addresses", "bank_account"}
    assert "Bank account" in text  # as on the screen
    assert "bank_account" not in text
    assert "Kade Breda" in text
    assert "Kade Breda" in text
    assert (found["differences_hidden"], found["newest"], "replaces what is in the books" in text) == (0, True, True)
    monkeypatch.setattr(merge, "_MOST_DIFFERENCES", 1)
    found, text = plan(year(2027, "Breda"))
    assert (len(found["differences"]), found["differences_hidden"], "3 more differences." in text) == (1, 3, True)
    found, text = plan(year(2025, "Breda"))
    assert (len(found["differences"]), found["differences_hidden"], found["newest"]) == (1, 3, False)
    assert "what is in the books stays" in text
    assert run_import(desk, year(2025, "Breda"), accept=accept).code == 0
    assert table(desk, query) == before
    assert run_import(desk, year(2027, "Breda"), accept=accept).code == 0
    assert table(desk, query) == [("Breda", "Breda@example.com", "Breda")]


@pytest.mark.both_engines
def test_a_file_comes_in_beside_what_was_booked_here(ready: Workspace) -> None:
    """Entries of another year stay, and so does what the chart says beyond the file."""
    post_books(ready.office)
    before = rows_of(ready.office)
    answer = run_import(ready, SMALL / "good.xaf", number=7, accept=("opening-differs",))
    assert answer.code == 0, answer.err
    after = rows_of(ready.office)
    assert set(before["entries"]) < set(after["entries"])
    assert set(before["lines"]) < set(after["lines"])
    assert len(after["accounts"]) == len(before["accounts"]) + answer.json["adds"]["accounts"]
    shown = {row[0]: row for row in after["accounts"]}
    assert all(shown[row[0]][4:6] == row[4:6] for row in before["accounts"])


@pytest.mark.both_engines
def test_what_a_file_names_and_does_not_define_keeps_its_name_here(desk: Workspace) -> None:
    """Also where the file is of the newest year."""
    imported(desk, "good.xaf")
    account = "<ledgerAccount><accID>1500</accID><accDesc>Btw</accDesc><accTp>B</accTp></ledgerAccount>"
    relation = "<customerSupplier><custSupID>D1</custSupID><custSupName>Café Noord</custSupName><custSupTp>C</custSupTp></customerSupplier>"
    path = of_year(
        desk, 2028, (account, ""), (relation, ""), ("<accDesc>Bank</accDesc><accTp>B</accTp>", "<accDesc>Bank 2</accDesc><accTp/>")
    )
    done = run_import(desk, path, accept=("undeclared", "auditfile-invalid"))
    assert done.code == 0, done.err
    assert [(one["code"], one["field"]) for one in done.json["differences"]] == [("1100", "name")]
    assert table(desk, "SELECT code, name, kind FROM accounts WHERE code IN ('1100', '1500') ORDER BY 1") == [
        ("1100", "Bank 2", "B"), ("1500", "Btw", "B"),
    ]  # fmt: skip
    assert table(desk, "SELECT name, kind FROM relations") == [("Café Noord", "D")]


def test_an_opening_in_a_journal_that_does_not_balance_is_named(desk: Workspace) -> None:
    path = variant(desk, "o.xaf", ("<accID>0500</accID><docRef>F1</docRef><effDate>2025-06-30</effDate><amnt>500.00",
                                   "<accID>0500</accID><docRef>F1</docRef><effDate>2025-06-30</effDate><amnt>400.00"),
                   source="opening-journal.xaf")  # fmt: skip
    done = run_import(desk, path, accept=("auditfile-invalid",))
    assert done.code == 0, done.err
    assert [one["detail"] for one in done.json["findings"] if one["code"] == "XAF5013"] == ["debit is 100.00 more than credit"]


# --- plan and apply ---


@pytest.mark.both_engines
def test_a_plan_changes_nothing_and_its_hash_holds_until_something_changes(desk: Workspace) -> None:
    before = state(desk.office)
    plan = run_import(desk, SMALL / "good.xaf", confirm=False).json["plan"]
    assert state(desk.office) == before
    assert run_import(desk, SMALL / "good.xaf", more=("--plan", "0" * 32)).error == "changed-meanwhile"
    post_books(desk.office, 7)
    assert run_import(desk, SMALL / "good.xaf", more=("--plan", plan)).code == 0
    changed = variant(desk, "c.xaf", ("Boeking", "Anders"))
    plan = run_import(desk, changed, confirm=False, more=("--replace",)).json["plan"]
    change_books(desk.office, "UPDATE marks SET mark = 'changed'", number=9)
    assert run_import(desk, changed, more=("--replace", "--plan", plan)).error == "changed-meanwhile"


@pytest.mark.both_engines
def test_a_plan_made_earlier_is_applied_by_reading_the_file_again(desk: Workspace) -> None:
    office, path = Office.open(place_of(desk.office)), variant(desk, "x.xaf", ("Boeking", "Een"))
    plan = plan_auditfile_import(office, [path], AdministrationNumber(9))
    assert plan.apply(office).adds["lines"] == 3
    assert desk.ok("administration", "show", 9)["counts"]["lines"] == 3
    again = plan_auditfile_import(office, [variant(desk, "y.xaf", ("2025", "2029"))], AdministrationNumber(9))
    variant(desk, "y.xaf", ("2025", "2030"))
    with pytest.raises(Exception, match="changed-meanwhile"):
        again.apply(office)


@pytest.mark.both_engines
def test_an_import_is_whole_or_not_at_all(desk: Workspace) -> None:
    spoil(desk.office, 9, "lines", "new.account = '1500'")
    before = rows_of(desk.office, 9)
    assert run_import(desk, SMALL / "good.xaf").code == 4
    assert rows_of(desk.office, 9) == before
    spoil(desk.office, 9, "lines", None)
    imported(desk, "good.xaf")


@pytest.mark.both_engines
def test_a_hand_over_carries_all_that_came_in(desk: Workspace) -> None:
    """Years, VAT rows, sub-ledgers and opening balances are in the backup, the rehearsal, the restore and the copy."""
    for number, name in enumerate(("two-rates.xaf", "subledgers.xaf")):
        path = variant(desk, name, ("2025", str(2020 + 2 * number)), source=name)
        assert run_import(desk, path, number=7).code == 0
    client = desk.create_client_office()
    backup = desk.backup(7)
    assert desk.ok("rehearse", backup)["counts"]["vat_rows"] == 2
    assert desk.ok("verify", backup, office=client)["ok"]
    done = desk.ok("restore", backup, "--confirm", office=client)
    assert (done["counts"]["years"], done["counts"]["vat_rows"]) == (2, 2)
    assert rows_of(client) == rows_of(desk.office)
    assert rows_of(client)["subledger_lines"]
    desk.ok("administration", "copy", 7, 11)
    assert rows_of(desk.office, 11) == rows_of(desk.office)


def test_python_offers_the_same(desk: Workspace) -> None:
    office = at.Office.open(place_of(desk.office))
    assert at.check_auditfile(SMALL / "good.xaf").is_ok()
    assert not at.check_auditfile(str(SMALL / "undeclared.xaf")).is_ok()
    plan = office.plan_auditfile_import(SMALL / "undeclared.xaf", 9, accept=["undeclared"])
    assert office.apply(plan).adds["lines"] == 3
    assert table(desk, "SELECT count(*) FROM lines") == [(3,)]


@pytest.mark.parametrize("name", ["good.xaf", "windows-1252.xaf", "three-decimals.xaf", "undeclared.xaf", "out-of-order.xaf"])
def test_a_file_that_is_checked_beside_reading_it_gives_the_same_plan(desk: Workspace, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    plain = run_import(desk, SMALL / name, confirm=False).json
    monkeypatch.setattr(staged_file, "_WORTH_A_WORKER", 0)
    assert run_import(desk, SMALL / name, confirm=False).json == plain


@pytest.mark.parametrize(
    ("failpoint", "comes_in"), [("before-commit-books:1", False), ("after-commit-books:1", True), ("before-commit-register:1", True)]
)
def test_an_import_that_is_killed_is_in_the_books_whole_or_not_at_all(desk: Workspace, failpoint: str, comes_in: bool) -> None:
    """Where the books were written and the event wasn't, the same import records it."""
    before = rows_of(desk.office, 9)
    words = ("auditfile", "import", SMALL / "good.xaf", "--administration", 9, "--confirm")
    desk.environment["ACCOUNTOOLS_FAILPOINT"] = f"kill:{failpoint}"
    assert desk.run_process(*words).code == -9
    desk.environment.clear()
    assert (rows_of(desk.office, 9) != before) is comes_in
    assert desk.ok(*words)["imported"] is not comes_in
    assert desk.ok(*words)["imported"] is False
    kinds = [one["what"] for one in desk.ok("journal", "--administration", 9)["events"]]
    assert kinds.count("auditfile-imported") == 1
    assert desk.ok("journal", "verify")["ok"]
    assert desk.ok("administration", "show", 9)["counts"]["lines"] == 3
    assert all(one["what"] != "books" for one in desk.ok("repair")["found"])
