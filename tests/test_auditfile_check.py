"""Audit files are checked: each finding with its line, as a sentence of ours, and the same by any version that pyxaf may have."""

import csv
import gzip
import io
import os
import re
import zipfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import pyxaf

from accountools.domain.audit_file.findings import Finding
from accountools.domain.audit_findings import CONTROLS, FINDINGS
from accountools.operations.books.check_auditfile import default_workers
from accountools.reports.books.vendor_page import example
from tests.seeding import random_for
from tests.workspace import CommandResult, Workspace, without_tags

SMALL = Path(__file__).parent / "auditfiles"
# What pyxaf finds in each small file, but for what only informs: an upgrade that changes a meaning fails here.
FOUND: dict[str, list[tuple[str, str, int | None]]] = {
    "clair2.xaf": [],
    "control-character.xaf": [("XAF2001", "error", 24), ("XAF1010", "warning", None), ("XAF1012", "warning", None)],
    "good.xaf": [],
    "negative.xaf": [],
    "offset.xaf": [("XAF5009", "error", None), ("XAF5010", "error", 25), ("XAF5010", "error", 28)],
    "opening-journal.xaf": [],
    "opening-unbalanced.xaf": [("XAF5006", "error", None), ("XAF5013", "warning", None)],
    "out-of-order.xaf": [("XAF3013", "error", 25)],
    "periods.xaf": [],
    "rgs-twice.xaf": [("XAF6003", "warning", 12)],
    "same-number.xaf": [("XAF5010", "error", 25), ("XAF6004", "error", 29), ("XAF5010", "error", 29)],
    "subledgers.xaf": [],
    "three-decimals.xaf": [
        ("XAF3018", "error", 27),
        ("XAF3018", "error", 28),
        ("amount-invalid", "error", 27),
        ("amount-invalid", "error", 28),
    ],
    "two-rates.xaf": [],
    "undeclared.xaf": [("XAF4004", "error", 26), ("XAF4002", "error", 27), ("XAF4001", "error", 28), ("XAF4003", "error", 28)],
    "windows-1252.xaf": [("XAF2001", "error", 7), ("encoding-differs", "error", None)],
}


def check(desk: Workspace, *words: object, as_json: bool = True) -> CommandResult:
    return desk.run("auditfile", "check", *words, as_json=as_json)


def findings_of(document: Any) -> list[tuple[str, str, int | None]]:
    return [(one["code"], one["severity"], one["line"]) for one in document["findings"] if one["severity"] != "info"]


@pytest.mark.parametrize("name", FOUND)
def test_each_small_file_has_its_findings(empty_office: Workspace, name: str) -> None:
    answer = check(empty_office, SMALL / name)
    assert sorted(map(str, findings_of(answer.json))) == sorted(map(str, FOUND[name]))
    assert {one["file"] for one in answer.json["findings"]} <= {name}
    is_wrong = any(severity == "error" for _, severity, _ in FOUND[name])
    assert (answer.code, answer.json["ok"]) == (int(is_wrong), not is_wrong)
    strict = check(empty_office, SMALL / name, "--strict")
    assert strict.code == int(bool(FOUND[name]))


def test_every_small_file_is_in_the_table() -> None:
    assert {path.name for path in SMALL.iterdir()} == FOUND.keys() | {"part-1.xaf", "part-2.xaf"}


def test_the_installed_pyxaf_is_of_the_pinned_version() -> None:
    pinned = re.search(r'"pyxaf >=(\d+\.\d+),<(\d+\.\d+)"', (SMALL.parent.parent / "pyproject.toml").read_text())
    assert pinned is not None
    assert version("pyxaf").startswith(f"{pinned[1]}.")


def test_every_code_of_pyxaf_has_a_sentence_and_a_remedy() -> None:
    assert pyxaf.CODES.keys() <= FINDINGS.keys()


def test_a_file_is_described_with_its_counts_and_totals(empty_office: Workspace) -> None:
    document = check(empty_office, SMALL / "good.xaf").json
    assert document["files"] == [
        {"path": str(SMALL / "good.xaf"), "version": "4.0", "software": "Voorbeeld 1", "company": "Bakkerij Jansen", "kvk": "12345678",
         "year": "2025", "first_day": "2025-01-01", "last_day": "2025-12-31", "encoding": "utf-8"}
    ]  # fmt: skip
    assert (document["counts"]["entries"], document["counts"]["lines"]) == (1, 3)
    assert document["totals"] == {"debit": "121.00", "credit": "121.00"}


def test_several_files_are_checked_each_and_parts_of_a_set_as_one(empty_office: Workspace) -> None:
    document = check(empty_office, SMALL / "good.xaf", SMALL / "undeclared.xaf").json
    assert ([len(document["files"]), document["counts"]["lines"]], {one["file"] for one in document["findings"]}) == (
        [2, 6],
        {"undeclared.xaf"},
    )
    whole = check(empty_office, SMALL / "part-2.xaf", SMALL / "part-1.xaf")
    assert (whole.code, len(whole.json["files"]), whole.json["totals"]["debit"]) == (0, 1, "242.00")
    part = check(empty_office, SMALL / "part-1.xaf")
    assert (part.code, "set-incomplete" in [one["code"] for one in part.json["findings"]]) == (1, True)


def part(desk: Workspace, name: str, number: int, year: int, *, of: int = 2, marked: bool = True) -> Path:
    """Part 1, or the last one, of a set of that year."""
    text = (SMALL / f"part-{min(number, 2)}.xaf").read_text("utf-8").replace("2025", str(year))
    mark = f"<!-- Vervolgbestand {number} van {of} -->" if marked else ""
    (desk.folder / name).write_text(re.sub("<!-- Vervolgbestand .*? -->", mark, text), "utf-8")
    return desk.folder / name


def test_whole_files_and_several_sets_are_checked_beside_each_other(empty_office: Workspace) -> None:
    """In any order that keeps the parts of one number in the order of their sets; the first part needs no mark."""
    whole, desk = SMALL / "good.xaf", empty_office
    first, second = ([part(desk, f"{year}-{number}.xaf", number, year) for number in (1, 2)] for year in (2025, 2024))
    official = [part(desk, "a.xaf", 1, 2023, marked=False), part(desk, "b.xaf", 2, 2023)]
    packed = desk.folder / "good.xaf.gz"
    packed.write_bytes(gzip.compress(whole.read_bytes()))
    for paths, years in (
        ([*first, whole], ["2025", "2025"]),
        ([whole, *reversed(first)], ["2025", "2025"]),
        ([*first, *second], ["2025", "2024"]),
        ([second[1], second[0], *first], ["2024", "2025"]),
        ([first[0], second[0], first[1], second[1]], ["2025", "2024"]),
        ([whole, *official, SMALL / "periods.xaf"], ["2025", "2023", "2025"]),
        ([*first, whole, *official], ["2025", "2025", "2023"]),
        ([packed, *official], ["2025", "2023"]),
    ):
        answer = check(desk, *paths)
        assert (answer.code, [one["year"] for one in answer.json["files"]]) == (0, years), answer.json["findings"]
        assert {code for code, *_ in findings_of(answer.json)} <= {"XAF3007"}, "a part doesn't say of which version it is"


def test_a_set_that_is_not_whole_is_named_beside_those_that_are(empty_office: Workspace) -> None:
    desk = empty_office
    three = [part(desk, f"{number} of 3.xaf", number, 2022, of=3) for number in (1, 3)]
    whole = [part(desk, f"{number} of 2.xaf", number, 2024) for number in (1, 2)]
    answer = check(desk, *three, *whole, SMALL / "good.xaf")
    assert [one["year"] for one in answer.json["files"]] == ["2022", "2024", "2025"]
    (missing,) = [one for one in answer.json["findings"] if one["severity"] == "error"]
    assert (missing["code"], missing["file"], "missing: 2." in missing["detail"]) == ("set-incomplete", "1 of 3.xaf, 3 of 3.xaf", True)
    answer = check(desk, part(desk, "last.xaf", 2, 2023), SMALL / "good.xaf")
    assert (answer.code, [one["year"] for one in answer.json["files"]]) == (1, ["2025"]), "a whole file is no first part"
    (missing,) = answer.json["findings"]
    assert (missing["code"], missing["file"], "missing: 1." in missing["detail"]) == ("set-incomplete", "last.xaf", True)


def test_a_set_of_very_many_parts_is_refused_at_once(empty_office: Workspace) -> None:
    path = part(empty_office, "many.xaf", 1, 2025, of=10**15)
    (missing,) = [one["detail"] for one in check(empty_office, path).json["findings"] if one["code"] == "set-incomplete"]
    assert len(missing) < 300


def test_the_sentence_is_of_the_language_and_the_detail_pyxafs(empty_office: Workspace) -> None:
    (dutch,) = check(empty_office, SMALL / "out-of-order.xaf", "--lang", "nl").json["findings"]
    assert dutch["message"] == "Gegevens staan in de verkeerde volgorde."
    assert dutch["remedy"] == "Laat de leverancier van het pakket de export corrigeren."
    assert dutch["detail"] == "children of <transaction> are not in schema order"
    printed = check(empty_office, SMALL / "out-of-order.xaf", "--lang", "nl", as_json=False).out
    assert "Gegevens staan in de verkeerde volgorde." in printed
    assert "25" in printed


def test_checking_needs_no_office(tmp_path: Path) -> None:
    assert check(Workspace(tmp_path), SMALL / "good.xaf").code == 0


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [("none.xaf", None, "file-not-found"), ("x.xaf", b"tekst", "not-an-auditfile"), ("x.xaf", b"", "not-an-auditfile"),
     ("x.ADC", b"x", "auditfile-encrypted"), ("x.xsc", b"x", "auditfile-encrypted"), ("x.pdf", b"%PDF-1.7", "not-an-auditfile")],
)  # fmt: skip
def test_what_can_not_be_read_is_refused(empty_office: Workspace, name: str, content: bytes | None, code: str) -> None:
    if content is not None:
        (empty_office.folder / name).write_bytes(content)
    answer = check(empty_office, empty_office.folder / name)
    assert (answer.code, answer.error) == (3, code)


def in_zip(change: dict[int, int]) -> bytes:
    """An audit file in a ZIP, of whose two headers these bytes are changed (by their place in the local one)."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(SMALL / "good.xaf", "good.xaf")
    changed = bytearray(data.getvalue())
    for place, value in change.items():
        changed[place] = value
        if place > 4:  # past the signature both have the same fields, in the directory two bytes further on
            changed[changed.index(b"PK\x01\x02") + place + 2] = value
    return bytes(changed)


@pytest.mark.parametrize("command", ["check", "import", "convert"])
@pytest.mark.parametrize(
    ("change", "code"), [({6: 1}, "auditfile-encrypted"), ({8: 98}, "not-an-auditfile"), ({3: 9}, "not-an-auditfile")],
    ids=["encrypted", "unknown compression", "damaged"],
)  # fmt: skip
def test_a_zip_that_can_not_be_opened_is_refused(ready: Workspace, command: str, change: dict[int, int], code: str) -> None:
    path = ready.folder / "x.zip"
    path.write_bytes(in_zip({}))
    assert check(ready, path).json["counts"]["lines"] == 3
    path.write_bytes(in_zip(change))
    more = {"import": ("--administration", 7), "convert": (ready.folder / "out.xaf",)}.get(command, ())
    answer = ready.run("auditfile", command, path, *more)
    assert (answer.code, answer.error) == (3, code)


@pytest.mark.parametrize("command", ["check", "import", "convert"])
def test_a_zip_with_an_enormous_directory_is_refused_before_that_is_read(ready: Workspace, command: str) -> None:
    path = ready.folder / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(SMALL / "good.xaf", "good.xaf")
        for number in range(150):
            archive.writestr(f"{number:060000}", b"")
    more = {"import": ("--administration", 7), "convert": (ready.folder / "out.xaf",)}.get(command, ())
    answer = ready.run("auditfile", command, path, *more)
    assert (answer.code, answer.error) == (3, "not-an-auditfile")
    assert "too large" in answer.json["error"]["message"]


def test_a_compressed_file_is_read(empty_office: Workspace) -> None:
    path = empty_office.folder / "x.xaf.gz"
    path.write_bytes(gzip.compress((SMALL / "subledgers.xaf").read_bytes()))
    assert check(empty_office, path).json["counts"]["lines"] == 9


@pytest.mark.parametrize(
    ("encoding", "label"), [("utf-8-sig", "UTF-8"), ("iso8859-1", "ISO-8859-1"), ("utf-16", "UTF-16"), ("cp1252", "windows-1252")]
)
def test_an_honest_encoding_is_read(empty_office: Workspace, encoding: str, label: str) -> None:
    text = (SMALL / "good.xaf").read_text("utf-8").replace('encoding="UTF-8"', f'encoding="{label}"')
    (empty_office.folder / "x.xaf").write_bytes(text.encode(encoding))
    document = check(empty_office, empty_office.folder / "x.xaf").json
    assert document["totals"]["debit"] == "121.00"
    assert "encoding-differs" not in [one["code"] for one in document["findings"]]


def test_windows_characters_in_a_file_of_iso_8859_1_are_read_as_such(empty_office: Workspace) -> None:
    text = (SMALL / "good.xaf").read_text("utf-8").replace('encoding="UTF-8"', 'encoding="ISO-8859-1"').replace("Café", "Café €")
    (empty_office.folder / "x.xaf").write_bytes(text.encode("cp1252"))
    document = check(empty_office, empty_office.folder / "x.xaf").json
    assert "encoding-differs" in [one["code"] for one in document["findings"]]
    assert document["files"][0]["encoding"] == "cp1252"


@pytest.fixture
def reference() -> Path:
    folder = Path(os.environ.get("ACCOUNTOOLS_REFERENCE", "")) / "xaf"
    if not (folder / "README.md").is_file():
        pytest.skip("the published schemas and samples aren't here")
    return folder


def test_the_published_samples_have_their_findings(empty_office: Workspace, reference: Path) -> None:
    codes = {
        path.name: {one[0] for one in findings_of(check(empty_office, path).json)}
        for path in (reference / "samples").iterdir()
        if path.suffix != ".md"
    }
    assert codes == {
        "XAF_4_0_Test_100425.XAF": {"XAF4003", "XAF4005", "XAF4006", "XAF8001", "XAF8002"},
        "XmlAuditfileFinancieel3.2_test.xml": {"XAF5004", "XAF5007", "XAF5010", "XAF4002", "XAF5013", "XAF8002", "XAF7002"},
        "Multivers_V32_2017.xml": {"XAF2001", "encoding-differs", "XAF7003"},
    }


@pytest.mark.parametrize(
    "names", [("good.xaf", "undeclared.xaf", "windows-1252.xaf"), ("part-2.xaf", "part-1.xaf"), ("subledgers.xaf",), ("part-1.xaf",)]
)
def test_files_checked_side_by_side_give_what_they_give_one_by_one(empty_office: Workspace, names: tuple[str, ...]) -> None:
    paths = [SMALL / name for name in names]
    one_by_one = check(empty_office, *paths, "--workers", 1)
    side_by_side = check(empty_office, *paths, "--workers", 2)
    assert (side_by_side.code, side_by_side.json) == (one_by_one.code, one_by_one.json)


def test_what_is_no_audit_file_is_refused_by_any_number_of_workers(empty_office: Workspace) -> None:
    path = empty_office.folder / "letter.xaf"
    path.write_bytes(b"Geachte heer")
    for workers in (1, 2):
        answer = check(empty_office, SMALL / "good.xaf", path, SMALL / "periods.xaf", "--workers", workers)
        assert (answer.code, answer.error) == (3, "not-an-auditfile")
    assert check(empty_office, path, "--workers", 0).code == 2
    assert check(empty_office, path, "--workers", "many").code == 2


def test_large_files_get_a_process_each_when_nobody_says(empty_office: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """One for each core, at most four; one for little files."""
    monkeypatch.setattr(os, "cpu_count", lambda: 16)
    small, large = empty_office.folder / "small.xaf", empty_office.folder / "large.xaf"
    small.write_bytes(b"x")
    with large.open("wb") as file:
        file.truncate(64 << 20)
    assert [default_workers(paths) for paths in ([small], [small] * 9, [large], [large] * 9)] == [1, 1, 4, 4]
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    assert default_workers([large]) == 2


# --- the page for the supplier of the package ---


SECRETS = ("Bakkerij Jansen", "12345678", "001234567B01", "Café Noord", "8010", "D9", "VX", "100.005", "750.00", "121.00")


@pytest.mark.parametrize("language", ["nl", "en"])
def test_findings_go_to_the_supplier_of_the_package_by_code(empty_office: Workspace, language: str) -> None:
    """As a page, CSV and text: how often, on which lines, an example, whose rule it is; and nothing of the client."""
    path = empty_office.folder / "Bakkerij Jansen.xaf"
    text = (SMALL / "undeclared.xaf").read_text("utf-8").replace("<amnt>100.00", "<amnt>100.005")
    path.write_text(text.replace("<totalDebit>500.00", "<totalDebit>750.00"), "utf-8")
    pages = {}
    for kind in ("html", "csv", "txt"):
        paper = empty_office.folder / f"{language}.{kind}"
        answer = check(empty_office, path, "--paper", paper, "--lang", language)
        assert (answer.code, answer.json["paper"]) == (1, str(paper))
        pages[kind] = without_tags(paper) if kind == "html" else paper.read_text("utf-8-sig")
    for page in pages.values():
        assert [secret for secret in SECRETS if secret in page] == []
        assert {one["code"] for one in answer.json["findings"] if one["severity"] != "info"} <= set(
            re.findall(r"XAF\d{4}|amount-invalid", page)
        )
        assert "<amnt> has more than 2 decimals (999.999)" in page
        assert "account '9' is not defined" in page
        assert ("controle [0010] van de Belastingdienst" if language == "nl" else "control [0010] of the tax office") in page
    rows = {row["code"]: row for row in csv.DictReader(io.StringIO(pages["csv"]), delimiter=";" if language == "nl" else ",")}
    assert (rows["XAF4001"]["count"], rows["XAF4001"]["lines"]) == ("1", "28")
    assert "Voorbeeld 1" in pages["html"]
    assert "XAF 3.2, utf-8" in pages["txt"]


def test_more_findings_of_a_code_than_are_named_are_counted_for_the_supplier(empty_office: Workspace) -> None:
    text = (SMALL / "good.xaf").read_text("utf-8")
    line = re.search(r"<trLine>.*?</trLine>", text)
    assert line is not None
    path, paper = empty_office.folder / "many.xaf", empty_office.folder / "many.csv"
    path.write_text(text.replace(line[0], "\n".join([line[0].replace("<docRef>F1</docRef>", "")] * 150)), "utf-8")
    check(empty_office, path, "--paper", paper, "--lang", "en")
    rows = {row["code"]: row for row in csv.DictReader(io.StringIO(paper.read_text()))}
    lines = ", ".join(map(str, range(27, 39)))
    assert (rows["XAF3010"]["count"], rows["XAF3010"]["lines"]) == ("150", f"{lines} …")


def test_a_page_for_the_supplier_wants_a_known_ending_and_has_a_word_when_nothing_is_wrong(empty_office: Workspace) -> None:
    assert check(empty_office, SMALL / "good.xaf", "--paper", empty_office.folder / "x.pdf").code == 2
    paper = empty_office.folder / "x.txt"
    assert check(empty_office, SMALL / "good.xaf", "--paper", paper, "--lang", "nl").code == 0
    assert paper.read_text().rstrip().endswith("Niets.")


def test_the_controls_of_the_tax_office_are_those_that_pyxaf_names() -> None:
    assert {code: one.rule_ref for code, one in pyxaf.CODES.items() if one.rule_ref} == CONTROLS


def test_a_damaged_archive_is_not_named_to_the_supplier(empty_office: Workspace) -> None:
    chance = random_for("a damaged archive")
    filling = "".join(f"<!-- {chance.randbytes(500).hex()} -->\n" for _ in range(500))
    text = (SMALL / "good.xaf").read_text("utf-8").replace("</company>", f"{filling}</company>")
    path, paper = empty_office.folder / "Bakkerij Jansen.xaf.gz", empty_office.folder / "damaged.txt"
    path.write_bytes(gzip.compress(text.encode())[:-1000])
    answer = check(empty_office, path, "--paper", paper, "--lang", "en")
    assert "XAF1021" in {one["code"] for one in answer.json["findings"]}
    assert "XAF1021" in paper.read_text()
    assert "Jansen" not in paper.read_text()


EXAMPLES = (
    ("XAF3014", "<custSupName> is longer than 50 characters (61) (De Vries (oud) en Zn.)",
     "<custSupName> is longer than 50 characters (99) (xx xxxxx (xxx) xx xx.)"),
    ("XAF3012", "<desc> occurs 2 times in <transaction> (at most 1)", "<desc> occurs 2 times in <transaction> (at most 1)"),
    ("XAF4002", "customer/supplier \"'s-Graaf 9\" is not defined ('s-Graaf 9)",
     "customer/supplier \"'x-xxxxx 9\" is not defined ('x-xxxxx 9)"),
    ("XAF5010", "transaction '1' in journal '20' does not balance: debit 0, credit 1234.50",
     "transaction '9' in journal '9' does not balance: debit 9, credit 9.99"),
    ("XAF7002", "transaction date 1967-08-13 outside the fiscal year 2016-01-01..2016-12-31",
     "transaction date 9-9-9 outside the fiscal year 9-9-9..9-9-9"),
    ("amount-invalid", "<amnt> is '40.800000000000004'", "<amnt> is '9.999999999999999'"),
    ("set-incomplete", "Jansen 1.xaf is a part of a set.", ""),
    ("XAF6011", "company name 'Bakkerij Jansen' differs from the first file's 'Slagerij De Wit' (Bakkerij Jansen)",
     "company name 'xxxxxxxx xxxxxx' differs from the first file's 'xxxxxxxx xx xxx' (xxxxxxxx xxxxxx)"),
    ("XAF7003", "transaction date 2025-03-01 outside period Jansen (2025-01-01..2025-01-31)", ""),
    ("XAF2003", "Jansen.zip: member Jansen.xaf is 9,000,000,000 bytes uncompressed, over the limit of 1,000", ""),
)  # fmt: skip


@pytest.mark.parametrize(("code", "detail", "shown"), EXAMPLES, ids=[code for code, *_ in EXAMPLES])
def test_an_example_says_nothing_of_the_client(code: str, detail: str, shown: str) -> None:
    assert example(Finding(code, "error", detail)) == shown
