"""Books are written to audit files: valid, the same bytes for the same books, and without what the version can't hold."""

import errno
import os
from collections import Counter
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, NoReturn

import pytest
from lxml import etree

import accountools as at
from accountools import safe_files
from accountools.office import Office
from accountools.operations.books import export_auditfile
from accountools.storage import schema
from accountools.storage.books import year_rows
from tests.engines import add_book_row, place_of, run_sql
from tests.seeding import random_for
from tests.test_auditfile_import import SMALL, imported, run_import, variant
from tests.test_auditfile_mutations import ACCEPTED, SOURCES, mutated
from tests.test_handover import post_books
from tests.test_restore import change_books, restored, rows_of
from tests.workspace import Workspace

VERSIONS = ("4.0", "3.2")
REFUSED = {"three-decimals.xaf": "amount-invalid", "part-1.xaf": "set-incomplete", "part-2.xaf": "set-incomplete"}
FILES = sorted(path.name for path in SMALL.iterdir() if path.name not in REFUSED)
REFERENCE = Path(os.environ.get("ACCOUNTOOLS_REFERENCE", "")) / "xaf"


@pytest.fixture
def desk(ready: Workspace) -> Workspace:
    """Two administrations without a chart, numbers 9 and 10, for the client."""
    for number in (9, 10):
        ready.create(number, "Auditfile", chart=None)
    return ready


@cache
def schema_of(version: str) -> Any:
    """The published schema: of the reference folder, else of pyxaf, which carries it too."""
    name = f"XmlAuditfileFinancieel{version}.xsd"
    path = REFERENCE / name
    return etree.XMLSchema(
        etree.fromstring(path.read_bytes() if path.is_file() else (resources.files("pyxaf.schemas") / name).read_bytes())
    )


def assert_valid(path: Path, version: str) -> Any:
    """The file is valid by its schema, its totals are those of its lines, and whatever a line names is declared; gives its root."""
    tree = etree.parse(str(path))
    schema_of(version).assertValid(tree)
    root = tree.getroot()
    ns = {"x": etree.QName(root).namespace}

    def texts(query: str) -> set[str]:
        return {one.text or "" for one in root.findall(query, ns)}

    for part, line in (("openingBalance", "obLine"), ("transactions", "trLine")):
        for element in root.findall(f"x:company/x:{part}", ns):
            lines = element.findall(f".//x:{line}", ns)
            sums = Counter({"D": 0, "C": 0})
            for one in lines:
                sums[one.findtext("x:amntTp", None, ns)] += round(100 * float(one.findtext("x:amnt", None, ns)))
            assert element.findtext("x:linesCount", None, ns) == str(len(lines))
            assert [round(100 * float(element.findtext(f"x:{name}", None, ns))) for name in ("totalDebit", "totalCredit")] == [
                sums["D"],
                sums["C"],
            ]
    for named, declared in (
        (".//x:trLine/x:accID", ".//x:ledgerAccount/x:accID"),
        (".//x:obLine/x:accID", ".//x:ledgerAccount/x:accID"),
        (".//x:trLine/x:custSupID", ".//x:customerSupplier/x:custSupID"),
        (".//x:vat/x:vatID", ".//x:vatCode/x:vatID"),
        (".//x:transaction/x:periodNumber", ".//x:period/x:periodNumber"),
    ):
        assert texts(named) <= texts(declared)
    return root


def export(desk: Workspace, name: str, *words: object, number: int = 9, office: Path | None = None) -> tuple[Any, Path]:
    path = desk.folder / name
    return desk.ok("auditfile", "export", number, path, *words, office=office), path


def lost(document: Any) -> dict[str, int]:
    return {one["what"]: one["count"] for one in document["lost"]}


NOT_READ = ('{"a": %s}' % ("9" * 5_000), '{"nr": 1e999, "desc": NaN}', '{"docRef": "\\u0000a", "recRef": "\\ud800"}')


@pytest.mark.parametrize("more", NOT_READ, ids=["a number of 5000 digits", "numbers without end", "no characters"])
@pytest.mark.parametrize("table", ["lines", "accounts", "years"])
def test_what_another_program_wrote_as_json_keeps_no_file_from_being_made(desk: Workspace, table: str, more: str) -> None:
    imported(desk, "good.xaf")
    assert run_sql(desk.office, f"UPDATE {table} SET more = ? RETURNING more", more, number=9)
    for version in VERSIONS:
        assert_valid(export(desk, f"{version}.xaf", "--version", version)[1], version)


# --- files ---


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", FILES)
def test_each_small_file_is_converted_to_a_valid_one(empty_office: Workspace, name: str, version: str) -> None:
    out = empty_office.folder / "out.xaf"
    done = empty_office.ok("auditfile", "convert", SMALL / name, out, "--version", version, office=empty_office.folder / "none")
    assert_valid(out, version)
    assert (done["path"], done["version"], done["year"], done["bytes"]) == (str(out), version, "2025", out.stat().st_size)
    assert {"sha256", "counts", "totals", "lost", "findings"} <= done.keys()


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", ["XAF_4_0_Test_100425.XAF", "XmlAuditfileFinancieel3.2_test.xml", "Multivers_V32_2017.xml"])
def test_each_sample_is_converted_to_a_valid_file(tmp_path: Path, name: str, version: Any) -> None:
    source = REFERENCE / "samples" / name
    if not source.is_file():
        pytest.skip("no sample files")
    written = at.convert_auditfile(source, tmp_path / "out.xaf", version=version)
    assert_valid(written.path, version)
    again = at.convert_auditfile(written.path, tmp_path / "again.xaf", version=version)
    assert (again.path.read_bytes(), again.lost) == (written.path.read_bytes(), ())
    if name.startswith("Multivers"):
        assert (written.counts["lines"], written.totals()) == (371, {"debit": "135836.32", "credit": "135836.32"})
        assert {"encoding-differs", "subledger-reference"} <= {one.code for one in written.findings}


@pytest.mark.parametrize("name", REFUSED)
def test_what_would_lose_lines_is_not_converted(empty_office: Workspace, name: str) -> None:
    assert empty_office.refused("auditfile", "convert", SMALL / name, empty_office.folder / "out.xaf") == REFUSED[name]
    assert not list(empty_office.folder.glob("*.xaf"))
    assert not list(empty_office.folder.glob(".*.part"))


@pytest.mark.parametrize("name", FILES)
def test_what_is_imported_and_exported_is_what_is_converted(desk: Workspace, name: str) -> None:
    assert run_import(desk, SMALL / name, accept=ACCEPTED).code == (3 if name == "same-number.xaf" else 0)
    if name == "same-number.xaf":  # whose entries don't balance: it is converted as it is, and doesn't come into books
        return
    exported, path = export(desk, "export.xaf")
    converted = at.convert_auditfile(SMALL / name, desk.folder / "converted.xaf")
    assert path.read_bytes() == converted.path.read_bytes()
    assert exported["lost"] == [vars(one) for one in converted.lost]


@pytest.mark.both_engines
def test_a_conversion_to_3_2_keeps_the_sub_ledgers(desk: Workspace) -> None:
    imported(desk, "subledgers.xaf")
    document, path = export(desk, "out.xaf", "--version", "3.2")
    root = assert_valid(path, "3.2")
    assert document["lost"] == []
    assert [one.text for one in root.iter("{*}invDueDt")] == ["2025-02-14", "2025-02-20", "2025-02-28", "2025-03-31"]
    assert run_import(desk, path, number=10).code == 0
    kept = [table for table in schema.BOOK_TABLES if table != "years"]
    assert {table: rows_of(desk.office, 10)[table] for table in kept} == {table: rows_of(desk.office, 9)[table] for table in kept}
    newest, _ = export(desk, "newest.xaf")
    assert lost(newest) == {"openingBalance/opBalDate": 1, "subledger/sbLine": 4, "trLine/invDueDt": 3}


@pytest.mark.both_engines
@pytest.mark.parametrize("period", [0, 1])
def test_entries_that_open_a_year_with_an_opening_balance_are_part_of_it_in_4_0(desk: Workspace, period: int) -> None:
    """4.0 allows them nowhere else: what is written passes our own check, and no two lines have one number."""
    imported(desk, "good.xaf")
    add_book_row(desk.office, 9, "journals", code="95", name="Beginbalans", kind="M" if period == 0 else "O")
    add_book_row(desk.office, 9, "entries", id=7, journal="95", number="B1", date="2025-01-01", period=period, description="", year="2025")
    for n, account, side in ((1, "1100", "D"), (2, "0500", "C")):
        add_book_row(desk.office, 9, "lines", id=70 + n, entry=7, account=account, side=side, amount=700, description="")
    document, path = export(desk, "newest.xaf")
    root = assert_valid(path, "4.0")
    lines = [(line.findtext("{*}nr"), line.findtext("{*}accID"), line.findtext("{*}amnt")) for line in root.iter("{*}obLine")]
    assert lines == [("1", "1100", "500.00"), ("2", "0500", "500.00"), ("3", "1100", "7.00"), ("4", "0500", "7.00")]
    assert (document["totals"]["debit"], document["counts"]["entries"], lost(document)["journal/transaction"]) == ("121.00", 1, 1)
    found = desk.ok("auditfile", "check", path)
    assert [one["code"] for one in found["findings"] if one["severity"] == "error" or one["code"].startswith("XAF700")] == []
    assert run_import(desk, path, number=10).code == 0
    closing = {row["account"]: row["closing"] for row in desk.ok("books", "trial-balance", 9)["rows"]}
    assert {row["account"]: row["closing"] for row in desk.ok("books", "trial-balance", 10)["rows"]} == closing


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("rgs", ["BLimBanRba", ""])
def test_an_rgs_code_that_a_chart_changed_is_the_one_that_is_written(desk: Workspace, version: str, rgs: str) -> None:
    """Whichever element of the file it came from: what that said goes."""
    bank = "<accID>1100</accID><accDesc>Bank</accDesc><accTp>B</accTp>"
    first, old, chart = (
        variant(desk, "first.xaf", (bank, f"{bank}<RGScode>BLimKas</RGScode>")),
        desk.folder / "3.2.xaf",
        desk.folder / "c.csv",
    )
    desk.ok("auditfile", "convert", first, old, "--version", "3.2")
    assert run_import(desk, old).code == 0
    chart.write_text(f"code,name,rgs,kind\n1100,Bank,{rgs},B\n")
    desk.ok("chart", "import", chart, "--administration", 9, "--confirm")
    document, path = export(desk, f"out-{version}.xaf", "--version", version)
    root = assert_valid(path, version)
    element = "RGScode" if version == "4.0" else "conceptRef"
    assert [one.text for one in root.iter(f"{{*}}{element}")] == ([rgs] if rgs else [])
    assert [one for one in lost(document) if "taxonomy" in one] == []


def test_an_identifier_that_is_too_long_gets_a_short_one_of_its_own(desk: Workspace) -> None:
    """Two codes that are alike in their first 35 characters stay two, wherever they are named."""
    long = "9" * 40
    path = variant(desk, "long.xaf", ("<accID>1100</accID>", f"<accID>{long}1</accID>"), ("<accID>1500</accID>", f"<accID>{long}2</accID>"))
    out = at.convert_auditfile(path, desk.folder / "out.xaf")
    root = assert_valid(out.path, "4.0")
    codes = [one.text for one in root.findall(".//{*}ledgerAccount/{*}accID") if one.text.startswith("999")]
    assert len(set(codes)) == 2
    assert {len(code) for code in codes} == {35}
    assert [(one.what, one.how, one.count) for one in out.lost] == [
        ("ledgerAccount/accID", "shortened", 2), ("obLine/accID", "shortened", 1), ("trLine/accID", "shortened", 1),
    ]  # fmt: skip


def test_what_xml_can_not_hold_is_left_out(desk: Workspace) -> None:
    imported(desk, "good.xaf")
    change_books(desk.office, "UPDATE relations SET name = 'a' || char(1) || 'b' || char(65535) || 'é & <c>'", number=9)
    document, path = export(desk, "out.xaf")
    assert assert_valid(path, "4.0").findtext(".//{*}custSupName") == "abé & <c>"
    assert lost(document) == {"customerSupplier/custSupName": 1}


@pytest.mark.parametrize("version", VERSIONS)
def test_whatever_is_converted_becomes_a_valid_file(tmp_path: Path, version: Any, thorough: bool) -> None:
    """Mutated files: a code and no file, or a file that is valid, and that converts to itself."""
    chance = random_for(f"conversions {version}")
    source, out, again = (tmp_path / name for name in ("mutated.xaf", "out.xaf", "again.xaf"))
    converted = 0
    for _ in range(3_000 if thorough else 60):
        source.write_bytes(mutated(chance.choice(SOURCES).read_bytes(), chance))
        for path in (out, again):
            path.unlink(missing_ok=True)
        refused = None
        try:
            at.convert_auditfile(source, out, version=version)
        except at.Refused as error:
            refused = error.code
        if refused is None:
            assert_valid(out, version)
            at.convert_auditfile(out, again, version=version)
            assert again.read_bytes() == out.read_bytes()
            converted += 1
        assert out.exists() == (refused is None)
        assert refused in {None, "not-an-auditfile", "amount-invalid", "set-incomplete"}
    assert converted > 10


@pytest.mark.parametrize("failing", ["create", "write", "sync"])
def test_a_full_disk_leaves_no_file(desk: Workspace, monkeypatch: pytest.MonkeyPatch, failing: str) -> None:
    imported(desk, "good.xaf")
    full = OSError(errno.ENOSPC, "No space left on device")

    def fail(*_: object) -> NoReturn:
        raise full

    place = {"create": (safe_files, "create_private"), "write": (export_auditfile._HashedFile, "write"), "sync": (safe_files, "sync_file")}
    monkeypatch.setattr(*place[failing], fail)
    assert desk.refused("auditfile", "export", 9, desk.folder / "out.xaf", code=4) == "disk-full"
    assert not [one.name for one in desk.folder.iterdir() if one.suffix in {".xaf", ".part"}]


def test_python_refuses_another_version(tmp_path: Path) -> None:
    for version in ("3.1", "3.2.1", "", None):
        with pytest.raises(at.WrongUsage):
            at.convert_auditfile(SMALL / "good.xaf", tmp_path / "out.xaf", version=version)  # type: ignore[arg-type]
    assert not list(tmp_path.iterdir())


# --- years ---


@pytest.fixture
def three_years(desk: Workspace) -> Workspace:
    for year in (2024, 2025, 2026):
        path = variant(desk, f"{year}.xaf", ("2025", str(year)), ("121.00", f"{year}.00"), ("100.00", f"{year - 21}.00"))
        assert run_import(desk, path, accept=("opening-differs",)).code == 0
    return desk


def test_a_file_holds_one_year_by_default_the_latest(three_years: Workspace) -> None:
    for words, year in (((), "2026"), (("--year", "2024"), "2024"), (("--year", "2025"), "2025")):
        document, path = export(three_years, f"out-{year}.xaf", *words)
        root = assert_valid(path, "4.0")
        assert (document["year"], document["totals"]["debit"], document["counts"]["entries"]) == (year, f"{year}.00", 1)
        assert root.findtext("{*}header/{*}startDate") == f"{year}-01-01"
        assert {one.text[:4] for one in root.iter("{*}trDt", "{*}startDatePeriod", "{*}effDate")} == {year}


@pytest.mark.both_engines
def test_all_years_are_written_each_to_a_file(three_years: Workspace) -> None:
    document, _ = export(three_years, "all.xaf", "--year", "all")
    paths = [three_years.folder / f"all-{year}.xaf" for year in (2024, 2025, 2026)]
    assert [one["path"] for one in document["files"]] == list(map(str, paths))
    single, path = export(three_years, "single.xaf", "--year", "2025")
    assert paths[1].read_bytes() == path.read_bytes()
    assert document["files"][1] | {"path": ""} == single | {"path": ""}
    paths[0].unlink()
    assert three_years.refused("auditfile", "export", 9, three_years.folder / "all.xaf", "--year", "all") == "file-exists"
    assert not paths[0].exists()


@pytest.mark.both_engines
def test_a_year_that_is_not_there_is_refused(three_years: Workspace) -> None:
    for number, words in ((9, ("--year", "2023")), (9, ("--year", "")), (10, ()), (10, ("--year", "all")), (10, ("--year", "2025"))):
        assert three_years.refused("auditfile", "export", number, three_years.folder / "none.xaf", *words) == "year-not-found"
    assert three_years.refused("auditfile", "export", 11, three_years.folder / "none.xaf") == "administration-not-found"
    assert not (three_years.folder / "none.xaf").exists()


# --- what is written, and where ---


def test_nothing_is_written_over(desk: Workspace) -> None:
    imported(desk, "good.xaf")
    _, path = export(desk, "out.xaf")
    before = path.read_bytes()
    assert desk.refused("auditfile", "export", 9, path) == "file-exists"
    assert desk.refused("auditfile", "convert", SMALL / "good.xaf", path) == "file-exists"
    assert desk.refused("auditfile", "convert", path, path) == "file-exists"
    assert desk.refused("auditfile", "export", 9, desk.office / "register.db") == "file-exists"
    assert desk.refused("auditfile", "export", 9, desk.office / "work" / "x.xaf") == "file-exists"
    assert desk.refused("auditfile", "export", 9, desk.folder / "no folder" / "x.xaf") == "file-not-found"
    assert desk.refused("auditfile", "convert", desk.folder / "none.xaf", desk.folder / "y.xaf") == "file-not-found"
    assert desk.run("auditfile", "export", 9, "").code == 2
    assert desk.run("auditfile", "export", 9, desk.folder / "z.xaf", "--version", "3.1").code == 2
    assert path.read_bytes() == before
    assert sorted(one.name for one in desk.folder.iterdir() if one.suffix in {".xaf", ".part"}) == ["out.xaf"]


@pytest.mark.both_engines
@pytest.mark.parametrize("part", ["sums", "opening_sums"])
def test_a_file_whose_totals_are_not_those_of_the_trial_balance_gets_no_name(
    desk: Workspace, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    """A line that the trial balance has and that isn't written, as of a damaged index."""
    imported(desk, "good.xaf")
    name = "_entries" if part == "sums" else "_stream"
    whole = getattr(year_rows, name)

    def without_one(connection: Any, of: Any) -> Any:
        for number, one in enumerate(whole(connection, of)):
            if part == "sums":
                yield one.__class__(one.entry, one.lines[1:], one.vat_rows)
            elif "opening_lines" not in str(of) or number:
                yield one

    monkeypatch.setattr(year_rows, name, without_one)
    assert desk.refused("auditfile", "export", 9, desk.folder / "out.xaf", code=4) == "office-damaged"
    assert not list(desk.folder.glob("*.xaf"))
    assert not list(desk.folder.glob(".*.part"))


@pytest.mark.both_engines
def test_books_that_come_from_no_file_are_written_with_the_clients_name(ready: Workspace) -> None:
    """The day of the file is that of the last entry: the same books give the same file on any day."""
    post_books(ready.office)
    document, path = export(ready, "out.xaf", number=7)
    root = assert_valid(path, "4.0")
    found = {
        name: root.findtext(f".//{{*}}{name}")
        for name in ("companyName", "Commercenr", "dateCreated", "fiscalYear", "taxRegistrationCountry")
    }
    assert found == {
        "companyName": "Bakkerij Jansen", "Commercenr": "12345678", "dateCreated": "2026-03-02", "fiscalYear": "2026",
        "taxRegistrationCountry": "NL",
    }  # fmt: skip
    assert document["totals"] == {"debit": "161.00", "credit": "161.00"}
    other = ready.ok("auditfile", "export", 7, ready.folder / "later.xaf", "--today", "2026-12-31")
    assert other["sha256"] == document["sha256"]


@pytest.mark.both_engines
def test_entries_that_open_the_year_are_the_opening_balance_of_4_0(desk: Workspace) -> None:
    """4.0 allows no opening in a journal; 3.2 does. Nothing is counted twice."""
    imported(desk, "good.xaf")
    change_books(desk.office, "DELETE FROM opening_lines", number=9)
    add_book_row(desk.office, 9, "journals", code="95", name="Beginbalans", kind="O")
    add_book_row(desk.office, 9, "entries", id=7, journal="95", number="B1", date="2025-01-01", period=1, description="", year="2025")
    for n, account, side in ((70, "1100", "D"), (71, "0500", "C")):
        add_book_row(desk.office, 9, "lines", id=n, entry=7, account=account, side=side, amount=700, description="")
    newest, path = export(desk, "newest.xaf")
    root = assert_valid(path, "4.0")
    assert [one.text for one in root.findall(".//{*}obLine/{*}amnt")] == ["7.00", "7.00"]
    assert (newest["totals"]["debit"], newest["counts"]["entries"], lost(newest)["journal/transaction"]) == ("121.00", 1, 1)
    earlier, path = export(desk, "earlier.xaf", "--version", "3.2")
    assert assert_valid(path, "3.2").find(".//{*}obLine") is None
    assert (earlier["totals"]["debit"], earlier["counts"]["entries"]) == ("128.00", 2)
    assert not any(one["severity"] == "error" for one in desk.ok("auditfile", "check", desk.folder / "newest.xaf")["findings"])


@pytest.mark.both_engines
@pytest.mark.parametrize("version", VERSIONS)
def test_the_client_exports_the_same_bytes_as_the_office(ready: Workspace, version: str) -> None:
    """After hand-over and restore: of books from a file, and of entries that were posted."""
    post_books(ready.office)
    for path in (SMALL / "subledgers.xaf", variant(ready, "2024.xaf", ("2025", "2024"))):
        assert run_import(ready, path, number=7, accept=ACCEPTED).code == 0
    restored(ready, ready.backup(7))
    for year in ("2024", "2025", "2026"):
        words = ("--year", year, "--version", version)
        here, _ = export(ready, f"office-{year}.xaf", *words, number=7)
        there, _ = export(ready, f"client-{year}.xaf", *words, number=7, office=ready.client_office)
        assert here | {"path": ""} == there | {"path": ""}
        assert (ready.folder / f"office-{year}.xaf").read_bytes() == (ready.folder / f"client-{year}.xaf").read_bytes()


@pytest.mark.both_engines
def test_python_offers_the_same(desk: Workspace) -> None:
    imported(desk, "good.xaf")
    office = Office.open(place_of(desk.office))
    written = office.export_auditfile(9, desk.folder / "python.xaf", year="2025", version="3.2")
    document, path = export(desk, "command.xaf", "--version", "3.2")
    assert written.path.read_bytes() == path.read_bytes()
    assert (written.sha256, written.totals(), written.counts) == (document["sha256"], document["totals"], document["counts"])
