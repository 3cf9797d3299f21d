"""Charts of accounts: the standard ones hold to the RGS and to the VAT return; one goes out and in as CSV and as a workbook."""

import csv
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accountools.clock import system_clock
from accountools.domain import rgs
from accountools.domain.identifiers import AdministrationNumber, single_line
from accountools.domain.ledger import Account, Entry, Line
from accountools.domain.vat import BOXES, TREATMENTS
from accountools.formats.spreadsheets.charts import STANDARD_CHARTS, read_chart, render_chart
from accountools.office import Office
from accountools.operations.books.entries import post
from accountools.storage.books import ledger
from tests.engines import place_of
from tests.test_lists import workbook
from tests.workspace import Workspace

pytestmark = pytest.mark.both_engines


Scheme = dict[str, dict[str, str]]
CHARTS = tuple(STANDARD_CHARTS)
COLUMNS = "code,name,rgs,kind,side,vat"
SMALL = f"{COLUMNS}\n0100,Inventaris,BMvaBeiVvp,B,D,IH\n1000,Kas,BLimKasKas,B,D,\n8000,Omzet,WOmzNohOlh,P,C,VH\n"


@pytest.fixture(scope="module")
def scheme(reference: Path) -> Scheme:
    """The published RGS codes."""
    with (reference / "rgs" / "rgs.csv").open(encoding="utf-8") as file:
        return {row["code"]: row for row in csv.DictReader(file, delimiter=";")}


def accounts(chart: str) -> dict[str, Account]:
    return {one.code: one for one in read_chart(chart).accounts}


# --- the standard charts ---


@pytest.mark.parametrize("chart", CHARTS)
def test_a_standard_chart_is_of_real_size_and_each_code_is_there_once(chart: str) -> None:
    found = read_chart(chart)
    assert len(found.accounts) >= 150
    assert [code for code, count in Counter(one.code for one in found.accounts).items() if count > 1] == []
    assert [one.code for one in found.accounts] == sorted(one.code for one in found.accounts)
    assert found.remarks == ()


@pytest.mark.parametrize("chart", CHARTS)
def test_each_rgs_code_exists_at_the_level_of_ledger_accounts_and_fits_the_kind_and_side(chart: str, scheme: Scheme) -> None:
    for one in read_chart(chart).accounts:
        published = scheme[one.rgs]
        assert (published["level"], published["status"]) == ("4", "A"), one
        assert published["side"] == one.side, one
        assert one.kind == ("B" if one.rgs.startswith("B") else "P"), one


@pytest.mark.parametrize("chart", CHARTS)
def test_no_two_accounts_share_an_rgs_code(chart: str) -> None:
    """As an audit file 4.0 wants it."""
    counts = Counter(one.rgs for one in read_chart(chart).accounts)
    assert [code for code, count in counts.items() if count > 1] == []


def test_the_rgs_version_is_that_of_the_newest_code(scheme: Scheme) -> None:
    newest = max(scheme[one.rgs]["since"] for chart in CHARTS for one in read_chart(chart).accounts)
    assert newest <= rgs.VERSION
    assert rgs.VERSION >= "3.7"


def test_the_level_of_an_rgs_code_shows_from_the_code(scheme: Scheme) -> None:
    assert all(rgs.is_rgs_code(code) and str(rgs.rgs_level(code)) == row["level"] for code, row in scheme.items())


def test_each_box_of_the_vat_return_has_its_code() -> None:
    assert {one.box for one in TREATMENTS} - {""} == set(BOXES)
    assert len({one.code.code for one in TREATMENTS}) == len(TREATMENTS)


def test_goods_and_services_within_the_eu_have_codes_of_their_own() -> None:
    """The EU sales statement has them apart."""
    assert [one.code.code for one in TREATMENTS if one.box == "3b"] == ["VEU", "VEUD"]
    assert [one.code.code for one in TREATMENTS if one.box == "4b"] == ["IEU", "IEUD"]
    assert (accounts("standard")["8040"].vat, accounts("standard")["8140"].vat) == ("VEU", "VEUD")


@pytest.mark.parametrize("chart", CHARTS)
def test_each_vat_code_has_its_accounts_in_each_chart(chart: str) -> None:
    there = {one.rgs for one in read_chart(chart).accounts}
    for one in TREATMENTS:
        assert {one.payable, one.deductible} - {""} <= there, one
        owes_nothing = one.box in {"", "1e", "3a", "3b", "3c", "5b"}
        assert bool(one.payable) != owes_nothing, one
        assert bool(one.deductible) == (one.box in {"2a", "4a", "4b", "5b"}), one


def test_the_account_of_a_vat_code_is_that_of_its_box(scheme: Scheme) -> None:
    for one in TREATMENTS:
        for code, box in ((one.payable, one.box), (one.deductible, "5b")):
            if code:
                assert scheme[code]["description"].startswith(f"{box} "), one


@pytest.mark.parametrize("chart", CHARTS)
def test_the_usual_vat_code_of_an_account_is_in_the_box_that_its_rgs_code_names(chart: str, scheme: Scheme) -> None:
    boxes = {one.code.code: one.box for one in TREATMENTS}
    named = 0
    for one in read_chart(chart).accounts:
        assert not one.vat or one.vat in boxes, one
        box = re.match(r"([1-5][a-g])\.? ", scheme[one.rgs]["description"])
        if one.kind == "P" and box is not None:
            named += 1
            assert boxes[one.vat] == box[1], one
    assert named >= 4


@pytest.mark.parametrize("chart", CHARTS)
def test_lodging_is_at_the_high_rate(chart: str) -> None:
    """21 % since 2026."""
    assert accounts(chart)["4330"].vat == "IH"


@pytest.mark.parametrize("chart", CHARTS)
def test_interest_paid_and_received_are_in_one_group(chart: str) -> None:
    interest = {one.code[:2] for one in read_chart(chart).accounts if re.match(r"WFbe|WOvtRof", one.rgs)}
    assert interest == {"91"}


def test_each_legal_form_has_the_equity_that_is_its_own() -> None:
    equity = {chart: {one.rgs for one in read_chart(chart).accounts if one.rgs.startswith("BEiv")} for chart in CHARTS}
    assert {"BEivGokGea", "BEivAgiAgi"} <= equity["standard"]
    assert {"BEivKapOnd", "BEivKapPro", "BEivKapPrs", "BEivKapPbe", "BEivKapPpr"} <= equity["sole-trader"]
    assert {"BEivSevVnk", "BEivBerBer", "BEivBefBef"} <= equity["association"]
    assert not any(code.startswith("BEivKap") for code in equity["standard"] | equity["association"])
    assert not any(code.startswith("BEivGok") for code in equity["sole-trader"] | equity["association"])
    tax = {chart: any(one.rgs.startswith(("WBelBgr", "BSchDha")) for one in read_chart(chart).accounts) for chart in CHARTS}
    assert tax == {"standard": True, "sole-trader": False, "association": True}


def test_chart_list_gives_the_standard_charts(empty_office: Workspace) -> None:
    found = empty_office.ok("chart", "list")["charts"]
    assert [one["name"] for one in found] == list(CHARTS)
    assert all(one["rgs"] == "3.7" and one["accounts"] == len(read_chart(one["name"]).accounts) for one in found)
    dutch = empty_office.run("chart", "list", "--lang", "nl", as_json=False).out
    assert all(word in dutch for word in ("eenmanszaak", "vereniging", "besloten vennootschap"))


@pytest.mark.parametrize("chart", CHARTS)
def test_s1_an_administration_is_made_with_each_standard_chart(empty_office: Workspace, chart: str) -> None:
    empty_office.create(1, "Sjabloon", client=None, chart=chart)
    assert empty_office.ok("administration", "show", 1)["counts"]["accounts"] == len(read_chart(chart).accounts)
    taken = books_of(empty_office, 1)
    assert {one.code for one in taken[2]} == {one.code.code for one in TREATMENTS}
    assert {one.vat for one in taken[0]} - {""} <= {one.code for one in taken[2]}
    assert len(taken[1]) == 6


def office(desk: Workspace) -> Office:
    return Office.open(place_of(desk.office), system_clock())


def books_of(desk: Workspace, number: int) -> Any:
    with office(desk).engine.books(AdministrationNumber(number)) as books:
        return ledger.get_chart(books)


# --- export, and back in ---


@pytest.mark.parametrize("ending", [".csv", ".xlsx", ".CSV"])
@pytest.mark.parametrize("language", ["nl", "en"])
def test_a_chart_goes_out_and_comes_back_equal(empty_office: Workspace, ending: str, language: str) -> None:
    """Also codes with zeros before them, and names that a spreadsheet takes for something else."""
    source, path = empty_office.folder / "source.csv", empty_office.folder / f"chart{ending}"
    odd = '0100,"Kas; klein, ""oud""",BLimKasKlk,B,D,\n0200,\'s-Gravenhage,BLimBanRba,B,D,\n007,1-2,,P,C,X1\n'
    source.write_text(f"{COLUMNS}\n{odd}0300,'=1+1,BLimKruSto,B,D,\n0400,Café Zoë €,BLimKruCra,B,C,IH\n", encoding="utf-8")
    empty_office.create(1, "Sjabloon", client=None, chart=source)
    document = empty_office.ok("chart", "export", 1, path, "--lang", language)
    assert (document["accounts"], document["bytes"]) == (5, path.stat().st_size)
    empty_office.create(2, "Sjabloon", client=None, chart=path)
    assert books_of(empty_office, 2) == books_of(empty_office, 1)
    assert "=1+1" in {one.name for one in books_of(empty_office, 2)[0]}


TEXTS = (st.text(st.characters(codec="utf-8"), max_size=12) | st.text("'=+-@;,\t\" 0120abé", max_size=8)).map(single_line).map(str.strip)
ACCOUNTS = st.builds(Account, TEXTS.filter(bool), TEXTS.filter(bool), TEXTS, st.sampled_from("BPM"), st.sampled_from("DC"), TEXTS)


@pytest.mark.parametrize("ending", [".csv", ".xlsx"])
@given(chart=st.lists(ACCOUNTS, max_size=4, unique_by=lambda one: one.code), dutch=st.booleans())
def test_whatever_is_in_a_chart_comes_back_from_a_file(
    tmp_path_factory: pytest.TempPathFactory, ending: str, chart: list[Account], dutch: bool
) -> None:
    path = tmp_path_factory.getbasetemp() / f"property{ending}"
    path.write_bytes(render_chart(chart, ending, "Schema", system_clock()(), dutch=dutch))
    assert read_chart(path).accounts == tuple(chart)


@pytest.mark.parametrize("chart", CHARTS)
def test_a_standard_chart_is_exported_by_its_name_to_be_adapted(empty_office: Workspace, chart: str) -> None:
    path = empty_office.folder / "chart.xlsx"
    empty_office.ok("chart", "export", chart, path)
    assert read_chart(path) == read_chart(chart)


def test_an_export_for_a_dutch_spreadsheet_opens_in_columns(empty_office: Workspace) -> None:
    empty_office.ok("chart", "export", "standard", empty_office.folder / "nl.csv", "--lang", "nl")
    empty_office.ok("chart", "export", "standard", empty_office.folder / "en.csv", "--lang", "en")
    assert (empty_office.folder / "nl.csv").read_bytes().startswith(b"\xef\xbb\xbfcode;name;rgs;kind;side;vat\r\n")
    assert (empty_office.folder / "en.csv").read_bytes().startswith(b"code,name,rgs,kind,side,vat\r\n")


@pytest.mark.files_only
def test_an_export_writes_over_nothing_and_wants_a_known_ending(empty_office: Workspace) -> None:
    path = empty_office.folder / "chart.csv"
    path.write_text("mine")
    assert empty_office.refused("chart", "export", "standard", path) == "file-exists"
    assert path.read_text() == "mine"
    assert empty_office.refused("chart", "export", "standard", empty_office.folder / "chart.pdf", code=2) == "usage"
    assert empty_office.refused("chart", "export", "standard", empty_office.office / "administrations" / "x.csv") == "file-exists"
    assert empty_office.refused("chart", "export", 9, empty_office.folder / "none.csv") == "administration-not-found"
    assert empty_office.refused("chart", "export", "nonsense", empty_office.folder / "none.csv") == "number-invalid"
    assert not (empty_office.folder / "none.csv").exists()


@pytest.mark.parametrize(
    "words",
    [
        ("administration", "create", 1, "--description", "x", "--chart", ""),
        ("chart", "check", ""),
        ("chart", "export", "standard", ""),
        ("chart", "import", "", "--administration", 1),
    ],
    ids=lambda words: " ".join(map(str, words[:2])),
)
def test_an_empty_path_is_wrong_usage(empty_office: Workspace, words: tuple[object, ...]) -> None:
    assert empty_office.run(*words).code == 2


# --- check ---

REMARKS = {
    "a level above that of accounts": ("1,Werk,BProOnp,B,D,", "regel 2, kolom rgs: “BProOnp”: deze RGS-code is van niveau 3"),
    "a level below it": ("1,Kas,BLimKasKas0Aa,B,D,", "“BLimKasKas0Aa”: dit is geen RGS-code"),
    "a movement": ("1,Kas,BLimKasKasAaa,B,D,", "“BLimKasKasAaa”: deze RGS-code is van niveau 5"),
    "a code of another list": ("1,Kas,A-100,B,D,", "kolom rgs: “A-100”: dit is geen RGS-code"),
    "profit and loss on the balance": ("1,Omzet,WOmzNohOlh,B,C,", "een RGS-code die met W begint"),
    "balance in profit and loss": ("1,Kas,BLimKasKas,P,D,", "een RGS-code die met B begint"),
    "a code of two accounts": ("1,Kas,BLimKasKas,B,D,\n2,Kas,BLimKasKas,B,D,", "regel 3, kolom rgs: “BLimKasKas”: de rekening op regel 2"),
    "another VAT code": ("1,Kas,BLimKasKas,B,D,HOOG", "kolom vat: “HOOG”: dit is geen van de standaard-btw-codes"),
    "an account of both kinds with another VAT code": ("1,Tussenrekening,BLimKruSto,M,D,X", "kolom vat: “X”"),
    "a VAT code without its account": ("1,Omzet,WOmzNohOlh,P,C,VH", "“VH”: geen rekening heeft RGS-code BSchBepBla"),
    "a lost zero": ("100,Pand,,B,D,\n1000,Kas,,B,D,\n1100,Bank,,B,D,", "regel 2, kolom code: “100”: deze code is korter"),
}


@pytest.mark.parametrize("case", REMARKS)
def test_what_deserves_attention_in_a_chart_is_named_by_line_in_dutch(empty_office: Workspace, case: str) -> None:
    rows, message = REMARKS[case]
    path = empty_office.folder / "chart.csv"
    path.write_text(f"{COLUMNS}\n{rows}\n", encoding="utf-8")
    answer = empty_office.run("chart", "check", path, "--lang", "nl")
    assert (answer.code, answer.json["ok"]) == (0, True)
    (one,) = answer.json["findings"]
    assert (one["code"], one["severity"], one["file"]) == ("chart-attention", "warning", "chart.csv")
    assert message in one["message"]
    assert f"regel {one['line']}" in one["message"]
    empty_office.create(1, "Sjabloon", client=None, chart=path)  # nothing of it makes the chart unusable


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_every_fault_in_a_chart_is_named_by_line(empty_office: Workspace, ending: str) -> None:
    path = empty_office.folder / f"chart.{ending}"
    rows = (("code", "name", "kind", "side"), ("1000", "Kas", "Q", ""), ("", "Bank", "", ""), ("1200", "Giro", "B", "boven"))
    path.write_bytes(workbook(*rows) if ending == "xlsx" else "\n".join(map(",".join, rows)).encode())
    answer = empty_office.run("chart", "check", path, "--lang", "nl")
    assert (answer.code, answer.json["ok"]) == (1, False)
    assert [(one["code"], one["severity"], one["line"]) for one in answer.json["findings"]] == [
        ("chart-invalid", "error", 2),
        ("chart-invalid", "error", 3),
        ("chart-invalid", "error", 4),
    ]
    assert "kolom name" not in answer.json["findings"][1]["message"]
    assert empty_office.refused("chart", "check", empty_office.folder / "none.csv") == "file-not-found"


# --- import ---


@pytest.fixture
def desk(empty_office: Workspace) -> Workspace:
    """An office with a small chart in administration 001."""
    (empty_office.folder / "small.csv").write_text(SMALL)
    empty_office.create(1, "Sjabloon", client=None, chart=empty_office.folder / "small.csv")
    return empty_office


def written(desk: Workspace, *rows: str) -> Path:
    path = desk.folder / "new.csv"
    path.write_text("\n".join((COLUMNS, *rows, "")), encoding="utf-8")
    return path


def test_an_import_is_planned_then_adds_and_changes_and_removes_nothing(desk: Workspace) -> None:
    path = written(desk, "1000,Kassa,BLimKasKas,B,D,", "8000,Omzet,WOmzNohOlh,P,C,VH", "8100,Diensten,WOmzNodOdh,P,C,Z9")
    before = books_of(desk, 1)
    plan = desk.ok("chart", "import", path, "--administration", 1)
    assert plan["adds"] == {"accounts": 1, "journals": 0, "vat_codes": 1}
    assert plan["differences"] == [{"account": "1000", "what": "name", "old": "Kas", "new": "Kassa"}]
    assert (plan["imported"], plan["absent"]) == (False, 1)
    assert [one["code"] for one in plan["obstacles"]] == ["chart-attention", "chart-attention"]
    assert books_of(desk, 1) == before
    done = desk.ok("chart", "import", path, "--administration", "001", "--confirm", "--plan", plan["plan"])
    assert done["imported"]
    after = {one.code: one for one in books_of(desk, 1)[0]}
    assert (sorted(after), after["1000"].name) == (["0100", "1000", "8000", "8100"], "Kassa")
    assert {one.code for one in books_of(desk, 1)[2]} == {one.code for one in before[2]} | {"Z9"}


def test_an_import_is_an_event_of_the_journal_with_the_hash_of_the_chart(desk: Workspace) -> None:
    """The same chart again is no second one."""
    path = written(desk, "1000,Kassa,BLimKasKas,B,D,", "1510,Btw hoog,BSchBepBla,B,C,")
    for _ in range(2):
        desk.ok("chart", "import", path, "--administration", 1, "--confirm")
    (event,) = [one for one in desk.ok("journal", "--administration", 1)["events"] if one["what"] == "chart-imported"]
    assert (event["details"]["accounts"], len(event["details"]["sha256"])) == (2, 64)
    assert desk.ok("journal", "verify")["ok"]


@pytest.mark.files_only
def test_an_import_that_was_killed_before_its_event_is_recorded_by_the_next_run(desk: Workspace) -> None:
    words = ("chart", "import", written(desk, "1000,Kassa,BLimKasKas,B,D,"), "--administration", 1, "--confirm")
    desk.environment["ACCOUNTOOLS_FAILPOINT"] = "kill:before-commit-register:1"
    assert desk.run_process(*words).code == -9
    desk.environment.clear()
    assert "Kassa" in {one.name for one in books_of(desk, 1)[0]}
    desk.ok(*words)
    (event,) = [one for one in desk.ok("journal", "--administration", 1)["events"] if one["what"] == "chart-imported"]
    assert event["details"]["accounts"] == 1


def test_vat_codes_get_their_accounts_by_the_rgs_codes_of_the_chart(desk: Workspace) -> None:
    """Each that has none, as soon as one account has the code; not where two have it, and what is there stays."""
    assert not any(one.payable_account or one.receivable_account for one in books_of(desk, 1)[2])
    path = written(
        desk, "1510,Btw hoog,BSchBepBla,B,C,", "1520,Voorbelasting,BSchBepBoo,B,D,", "1530,Laag,BSchBepBlv,B,C,", "1531,L,BSchBepBlv,B,C,"
    )
    plan = desk.ok("chart", "import", path, "--administration", 1)
    assert {"vat_code": "VH", "payable_account": "1510", "receivable_account": None} in plan["completed"]
    desk.ok("chart", "import", path, "--administration", 1, "--confirm")
    found = {one.code: (one.payable_account, one.receivable_account) for one in books_of(desk, 1)[2]}
    assert (found["VH"], found["VL"], found["IH"], found["V0"]) == (("1510", None), (None, None), (None, "1520"), (None, None))
    other = written(desk, "1510,Oud,,B,C,", "1599,Nieuw,BSchBepBla,B,C,")
    assert desk.ok("chart", "import", other, "--administration", 1)["completed"] == []
    desk.create(2, "Nieuw", client=None, chart="standard")
    with_tax = {one.code.code for one in TREATMENTS if one.payable or one.deductible}
    assert {one.code for one in books_of(desk, 2)[2] if one.payable_account or one.receivable_account} == with_tax


@pytest.mark.files_only
def test_an_account_that_is_of_both_kinds_is_so_in_the_books_the_reports_and_a_file(desk: Workspace) -> None:
    """Kind M. It is decided by a later chart, also when it was posted to; a 4.0 audit file, which has no M, says what it wrote instead."""
    path = written(desk, "2900,Tussenrekening,BSchOpaOvp,gemengd,D,")
    desk.ok("chart", "import", path, "--administration", 1, "--confirm")
    entry = Entry("20", "1", "2026-01-02", 1, "Verkoop", (Line("2900", "D", 100), Line("8000", "C", 100)))
    post(office(desk), AdministrationNumber(1), [entry])
    desk.ok("chart", "export", 1, desk.folder / "out.csv")
    assert "2900,Tussenrekening,BSchOpaOvp,M,D," in (desk.folder / "out.csv").read_text(encoding="utf-8-sig")
    (row,) = [one for one in desk.ok("books", "trial-balance", 1)["rows"] if one["account"] == "2900"]
    assert (row["kind"], row["closing"]) == ("M", "1.00")
    for version, written_as, lost in (("3.2", "M", []), ("4.0", "B", ["ledgerAccount/accTp"])):
        out = desk.folder / f"{version}.xaf"
        answer = desk.ok("auditfile", "export", 1, out, "--version", version)
        assert [one["what"] for one in answer["lost"] if "acc" in one["what"]] == lost
        assert f"<accDesc>Tussenrekening</accDesc><accTp>{written_as}" in re.sub(r">\s+<", "><", out.read_text(encoding="utf-8"))
    decided = written(desk, "2900,Tussenrekening,BSchOpaOvp,B,D,")
    assert desk.ok("chart", "import", decided, "--administration", 1, "--confirm")["imported"]


def test_the_same_chart_again_changes_nothing(desk: Workspace) -> None:
    first = office(desk).engine.books_revision(AdministrationNumber(1))
    answer = desk.run("chart", "import", desk.folder / "small.csv", "--administration", 1, "--confirm")
    assert (answer.code, answer.json["imported"]) == (0, False)
    assert office(desk).engine.books_revision(AdministrationNumber(1)) == first


def test_a_plan_holds_only_as_long_as_the_chart_is_the_same(desk: Workspace) -> None:
    path = written(desk, "1100,Bank,BLimBanRba,B,D,")
    plan = desk.ok("chart", "import", path, "--administration", 1)["plan"]
    made = office(desk).plan_chart_import(path, 1)
    desk.ok("chart", "import", path, "--administration", 1, "--confirm")
    assert desk.refused("chart", "import", path, "--administration", 1, "--confirm", "--plan", plan) == "changed-meanwhile"
    with pytest.raises(Exception, match="changed-meanwhile"):
        made.apply(office(desk))
    assert desk.refused("chart", "import", path, "--administration", 1, "--plan", plan, code=2) == "plan-needed"


def test_the_kind_of_an_account_with_entries_stays(desk: Workspace) -> None:
    """What is on its balance would become a result, or the other way around; one without entries may change."""
    lines = (Line("1000", "D", 100), Line("8000", "C", 100))
    post(office(desk), AdministrationNumber(1), [Entry("20", "1", "2026-01-02", 1, "Verkoop", lines)])
    before = books_of(desk, 1)
    for row in ("1000,Kas,,P,D,", "8000,Omzet,,B,C,VH"):
        path = written(desk, row, "1100,Bank,BLimBanRba,B,D,")
        assert desk.run("chart", "import", path, "--administration", 1).error == "account-in-use"
        assert desk.refused("chart", "import", path, "--administration", 1, "--confirm") == "account-in-use"
    assert books_of(desk, 1) == before
    path = written(desk, "0100,Onderhoud,,P,D,IH", "1000,Kassa,BLimKasKas,B,C,")
    assert desk.ok("chart", "import", path, "--administration", 1, "--confirm")["imported"]


def test_a_file_changes_an_account_only_in_the_columns_that_it_has(desk: Workspace) -> None:
    """A new account gets what is usual for the others; one with entries keeps its kind without an obstacle."""
    lines = (Line("1000", "D", 100), Line("8000", "C", 100))
    post(office(desk), AdministrationNumber(1), [Entry("20", "1", "2026-01-02", 1, "Verkoop", lines)])
    before, path = {one.code: one for one in books_of(desk, 1)[0]}, desk.folder / "new.csv"
    path.write_text("Rekening;Omschrijving\n8000;Omzet nieuw\n0100;Inventaris\n9000;Nieuw\n", encoding="utf-8")
    plan = desk.ok("chart", "import", path, "--administration", 1)
    assert plan["differences"] == [{"account": "8000", "what": "name", "old": "Omzet", "new": "Omzet nieuw"}]
    assert (plan["adds"], plan["completed"]) == ({"accounts": 1, "journals": 0, "vat_codes": 0}, [])
    assert [(one["code"], one["message"][:10], one["blocking"]) for one in plan["obstacles"]] == [("kind-missing", "1 account ", False)]
    desk.ok("chart", "import", path, "--administration", 1, "--confirm", "--plan", plan["plan"])
    after = {one.code: one for one in books_of(desk, 1)[0]}
    assert after == before | {"8000": replace(before["8000"], name="Omzet nieuw"), "9000": Account("9000", "Nieuw", "", "M", "D")}
    assert desk.ok("chart", "import", path, "--administration", 1)["differences"] == []
    path.write_text("code,name,kind\n0100,Inventaris,P\n8000,Omzet nieuw,\n", encoding="utf-8")
    plan = desk.ok("chart", "import", path, "--administration", 1)
    assert [tuple(one.values()) for one in plan["differences"]] == [("0100", "kind", "B", "P")], "an empty cell is no kind"
    assert plan["obstacles"] == []
    path.write_text("code,name,vat\n0100,Inventaris,IL\n8000,Omzet nieuw,\n", encoding="utf-8")
    differences = desk.ok("chart", "import", path, "--administration", 1)["differences"]
    assert [tuple(one.values()) for one in differences] == [("0100", "vat", "IH", "IL"), ("8000", "vat", "VH", "")]


def test_a_chart_without_kinds_can_be_given_them_after_entries_were_posted(empty_office: Workspace) -> None:
    """Those with an RGS code have the kind that it gives; `chart check` counts the others."""
    path = empty_office.folder / "chart.csv"
    path.write_text(
        "Rekening;Omschrijving;RGS-code\n1000;Kas;BLimKasKas\n1100;Bank;\n8000;Omzet;\n8100;Diensten;WOmzNodOdh\n", encoding="utf-8"
    )
    (one,) = empty_office.ok("chart", "check", path)["findings"]
    assert (one["code"], one["message"][:11], one["severity"], one["line"]) == ("kind-missing", "2 accounts ", "warning", None)
    empty_office.create(1, "Sjabloon", client=None, chart=path)
    assert [one.kind for one in books_of(empty_office, 1)[0]] == ["B", "M", "M", "P"]
    lines = (Line("1100", "D", 100), Line("8000", "C", 100))
    post(office(empty_office), AdministrationNumber(1), [Entry("20", "1", "2026-01-02", 1, "Verkoop", lines)])
    path.write_text("code,name,kind\n1100,Bank,B\n8000,Omzet,P\n", encoding="utf-8")
    assert empty_office.ok("chart", "import", path, "--administration", 1, "--confirm")["imported"]
    assert [one.kind for one in books_of(empty_office, 1)[0]] == ["B", "B", "P", "P"]


def test_a_title_may_have_a_line_break_or_a_slash_and_one_that_is_not_known_is_named(empty_office: Workspace) -> None:
    path = empty_office.folder / "chart.xlsx"
    path.write_bytes(
        workbook(("code", "name", "Balans/W&V", "BTW-\ncode", "D/C", "Afdeling\nhier"), ("8000", "Omzet", "W", "VV", "C", "Noord"))
    )
    assert read_chart(path).accounts == (Account("8000", "Omzet", "", "P", "C", "VV"),)
    answer = empty_office.ok("chart", "check", path)
    (one,) = answer["findings"]
    assert (answer["unread"], one["code"], one["severity"]) == (["Afdeling hier"], "columns-unread", "warning")
    assert "Afdeling hier" in empty_office.run("chart", "check", path, as_json=False).out


def test_empty_books_get_a_standard_chart_with_its_journals_and_vat_codes(empty_office: Workspace) -> None:
    empty_office.create(1, "Leeg", client=None, chart=None)
    empty_office.create(2, "Vol", client=None, chart="association")
    assert empty_office.ok("chart", "import", "association", "--administration", 1, "--confirm")["imported"]
    assert books_of(empty_office, 1) == books_of(empty_office, 2)


def test_a_chart_with_a_fault_changes_nothing(desk: Workspace) -> None:
    before = books_of(desk, 1)
    path = written(desk, "1100,Bank,BLimBanRba,B,D,", "1200,,,B,D,")
    answer = desk.run("chart", "import", path, "--administration", 1, "--confirm", "--lang", "nl")
    assert (answer.code, answer.error) == (3, "chart-invalid")
    assert answer.json["error"]["message"].startswith("new.csv, regel 3, kolom name:")
    assert desk.refused("chart", "import", path, "--administration", 9) == "chart-invalid"
    assert desk.refused("chart", "import", desk.folder / "small.csv", "--administration", 9) == "administration-not-found"
    assert books_of(desk, 1) == before
