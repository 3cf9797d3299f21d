"""The audit on paper: the workbook read back by openpyxl, the CSV by pandas, the page in a browser, the pictures."""

import io
import json
import re
import struct
import xml.etree.ElementTree as ET
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

import accountools as at
from accountools.clock import system_clock
from accountools.demo.demonstration import create_demo
from accountools.formats.workbook import ColouredText, Column, Sheet, WorkbookProperties, write_workbook
from accountools.reports import drawing, icons
from accountools.reports.audit_papers import coverage_svg, render_page, render_workbook, report_details
from accountools.reports.licence_charts import both_figures
from accountools.texts import Texts
from tests.browsing import CHROMIUM, FLAGS, in_browser
from tests.workspace import CLIENT_KVK, TODAY, Workspace

NL, EN = Texts("nl"), Texts("en")
DAY = date.fromisoformat(TODAY)
HOSTILE = (
    "=1+1",
    "+31 6 12345678",
    "-5",
    "@SUM(A1)",
    '=HYPERLINK("http://example.org")',
    "\t=1",
    "007",
    "1e5",
    "http://example.org",
    "<b>",
    "a\nb",
)
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> at.Office:
    """An office with every state; a backup was made and rehearsed."""
    made = create_demo(tmp_path_factory.mktemp("papers") / "office", system_clock(DAY), clients=16, lines=1)
    office = at.Office.open(made.folder, system_clock(DAY))
    office.apply(office.plan_backup([8], rehearse=True))
    return office


def sheets_of(data: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(data))


def test_the_workbook_is_read_back_with_its_types(demo: at.Office) -> None:
    found = demo.audit()
    book = sheets_of(render_workbook(found, report_details(demo, found), NL))
    sheet = book[NL("Audit")]
    head = [cell.value for cell in sheet[1]]
    assert head[:4] == ["Status", "Nr.", "Klant", "KvK"]
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == sheet.dimensions == "A1:M17"
    assert sheet.print_title_rows == "$1:$1"
    assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (9, "landscape")
    assert all(sheet.column_dimensions[letter].width >= 8 for letter in "ABCDEFGHIJKLM")
    rows = [dict(zip(head, row, strict=True)) for row in sheet.iter_rows(min_row=2)]
    assert len(rows) == len(found.rows)
    for row, cells in zip(found.rows, rows, strict=True):
        assert cells["KvK"].value == row.kvk
        assert cells["KvK"].data_type == "s"
        assert cells["Nr."].value == (None if row.number is None else int(row.number))
        assert cells["Geldig t/m"].value == (None if row.valid_until is None else datetime.combine(row.valid_until, datetime.min.time()))
        assert row.valid_until is None or (cells["Geldig t/m"].is_date and cells["Geldig t/m"].number_format == "dd-mm-yyyy")
        assert cells["Status"].font.color.rgb == f"FF{icons.COLOURS[row.state].removeprefix('#').upper()}"
        assert all(NL.sentence(one) in cells["Nog te doen"].value for one in row.obstacles)
    assert {cells["Status"].value for cells in rows} == {"● gereed", "▲ aandacht", "■ geblokkeerd", "○ zonder licentie"}
    handed = next(cells for row, cells in zip(found.rows, rows, strict=True) if row.number == 8)
    assert handed["Overgedragen"].value == handed["Proefherstel"].value == datetime.combine(DAY, datetime.min.time())
    assert (handed["Nr."].number_format, handed["Nr."].data_type) == ("000", "n")


def test_the_workbook_names_office_day_who_and_version(demo: at.Office) -> None:
    found = demo.audit()
    book = sheets_of(render_workbook(found, report_details(demo, found), EN))
    assert dict(book["About"].iter_rows(min_row=2, values_only=True)) == {
        "Office": "Kantoor Zonnestein",
        "Date": TODAY,
        "Made by": "tester",
        "Program": f"accountools {at.__version__}",
    }
    assert "Kantoor Zonnestein" in book.properties.title
    assert book.properties.creator == "tester"
    foot = book["Audit"].oddFooter.left.text
    assert all(detail in foot for detail in ("Kantoor Zonnestein", TODAY, "tester", at.__version__))


@pytest.mark.parametrize("text", HOSTILE)
def test_a_text_stays_a_text_whatever_it_begins_with(text: str) -> None:
    about = WorkbookProperties("=1", "@you", datetime.fromisoformat(f"{TODAY}T12:00:00+00:00"), "A & B", "100% &P")
    data = write_workbook(
        [Sheet("S", (Column("=A", 10), Column("B", 20, wrap=True)), ((text, text), (None, ColouredText(text, "#b3261e"))))], about
    )
    book = sheets_of(data)
    cells = [book["S"][place] for place in ("A2", "B2", "B3")]
    assert [(cell.value, cell.data_type) for cell in cells] == [(text, "s")] * 3
    assert [cell.hyperlink for cell in cells] == [None] * 3
    assert book["S"]["A1"].data_type == "s"
    assert all(cell.quotePrefix for cell in cells[:2]) == (text[0] in "=+-@\t")
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        assert b"&amp;LA &amp;&amp; B" in parts.read("xl/worksheets/sheet1.xml")  # in a head a bare & would begin a command


def test_names_that_begin_like_formulas_come_through_the_whole_audit(empty_office: Workspace) -> None:
    empty_office.add_client("=cmd|' /C calc'!A0", "44444444")
    empty_office.ok("audit", "--xlsx", empty_office.folder / "a.xlsx")
    cell = openpyxl.load_workbook(empty_office.folder / "a.xlsx")["Audit"]["C2"]
    assert (cell.value, cell.data_type, cell.quotePrefix) == ("=cmd|' /C calc'!A0", "s", True)


@pytest.mark.parametrize(("language", "separator"), [("nl", ";"), ("en", ",")])
def test_the_csv_is_read_back_by_pandas(demo: at.Office, tmp_path: Path, language: str, separator: str) -> None:
    desk = Workspace(tmp_path)
    found = desk.ok("audit", "--csv", tmp_path / "a.csv", "--lang", language, office=demo.folder)
    data = (tmp_path / "a.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbf") == (language == "nl")
    assert data.count(b"\r\n") == len(found["rows"]) + 1 == data.count(b"\n")
    frame = pd.read_csv(tmp_path / "a.csv", sep=separator, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    assert list(frame.columns) == list(found["rows"][0])
    for row, read in zip(found["rows"], frame.to_dict("records"), strict=True):
        codes = " ".join(one["code"] for one in row["obstacles"])
        assert read == {key: "" if value is None else str(value) for key, value in row.items()} | {"obstacles": codes}


def test_all_papers_at_once_and_the_answer_stays_one_document(demo: at.Office, tmp_path: Path) -> None:
    desk = Workspace(tmp_path)
    words = [word for kind in ("csv", "xlsx", "html", "png", "svg") for word in (f"--{kind}", tmp_path / f"a.{kind}")]
    desk.ok("audit", *words, office=demo.folder)
    found = desk.ok("audit", "--since", tmp_path / "a.csv", "--csv", tmp_path / "a.csv", office=demo.folder)
    assert found["changes"] == []
    first = [(tmp_path / f"a.{kind}").read_bytes()[:4] for kind in ("xlsx", "html", "png", "svg")]
    assert first == [b"PK\x03\x04", b"<!DO", b"\x89PNG", b"<?xm"]


def test_a_paper_that_has_nowhere_to_go_leaves_the_others_as_they_were(ready: Workspace) -> None:
    kept = ready.folder / "a.csv"
    kept.write_text("mine")
    assert ready.refused("audit", "--csv", ready.folder / "nowhere" / "a.csv", "--html", ready.folder / "a.html") == "file-not-found"
    assert not (ready.folder / "a.html").exists()
    assert ready.refused("audit", "--since", kept, "--csv", kept) == "audit-invalid"
    assert kept.read_text() == "mine"


def test_the_page_says_all_there_is_and_escapes_it(ready: Workspace) -> None:
    ready.add_client("<script>alert(1)</script> & Zn", "44444444")
    ready.ok("audit", "--html", ready.folder / "a.html", "--lang", "nl")
    text = (ready.folder / "a.html").read_text("utf-8")
    assert '<html lang="nl">' in text
    assert "<script" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; Zn" in text
    for detail in (
        "Kantoor Zonnestein",
        "24-11-2026",
        "tester",
        f"accountools {at.__version__}",
        "KL-2041",
        "31-12-2027",
        "● gereed",
        "<thead>",
    ):
        assert detail in text
    assert not re.search(r"(src|href|action)\s*=\s*[\"'](?!#|data:)", text)
    assert "url(http" not in text


def words_in(svg: str) -> tuple[str, str]:
    top = ET.fromstring(svg)
    title, words = top.find(f"{SVG}title"), top.find(f"{SVG}desc")
    assert title is not None
    assert words is not None
    assert top.get("aria-labelledby", "").split() == [title.get("id"), words.get("id")]
    assert top.get("role") == "img"
    return title.text or "", words.text or ""


def test_the_pictures_have_the_same_numbers_as_text(demo: at.Office) -> None:
    found = demo.audit()
    ready, attention, blocked, missing = found.summary().values()
    svg = coverage_svg(found, EN, "one")
    title, words = words_in(svg)
    assert title == "Status by month"
    assert words == f"{TODAY}: {ready} ready, {attention} attention, {blocked} blocked, {missing} without licence."
    drawn = [element.text for element in ET.fromstring(svg).iter(f"{SVG}text")]
    assert [text for text in drawn if text and text.isdigit()] == [str(ready), str(attention), str(blocked), str(missing)]
    assert {"● ready", "▲ attention", "■ blocked", "○ without licence", "now"} <= set(drawn)


def test_two_pictures_in_a_page_keep_their_identifiers_apart(demo: at.Office) -> None:
    found = demo.audit()
    text = render_page(found, report_details(demo, found), EN).decode()
    named = re.findall(r'\bid="([^"]+)"', text)
    assert len(named) == len(set(named)) > 10
    used = set(re.findall(r'url\(#([^)]+)\)|href="#([^"]+)"', text))
    assert {one or other for one, other in used} <= set(named)


def test_the_same_audit_draws_the_same_bytes(demo: at.Office) -> None:
    found, again = demo.audit(), demo.audit()
    for write in (drawing.png, drawing.svg):
        assert write(both_figures(found, found.history(), "en"), "T", "W") == write(both_figures(again, again.history(), "en"), "T", "W")


def test_the_png_holds_its_words_and_its_colours(demo: at.Office) -> None:
    found = demo.audit()
    data = drawing.png(both_figures(found, found.history(), "nl"), "Titel", "Woorden — ●")
    width, height = struct.unpack(">II", data[16:24])
    assert width > 900
    assert height > 800
    assert b"Titel" in data
    import matplotlib.image

    pixels = matplotlib.image.imread(io.BytesIO(data))[..., :3]
    seen = {tuple(int(value) for value in colour) for colour in (pixels.reshape(-1, 3) * 255).round().astype(int)[::7]}
    for state, colour in icons.COLOURS.items():
        if state != "missing":
            assert tuple(bytes.fromhex(colour[1:])) in seen, state


def test_a_name_can_not_bring_markup_or_mathematics_into_a_picture(ready: Workspace) -> None:
    ready.add_client("$\\frac{a}$ <b> & 漢字", "44444444")
    ready.create(8, "Acht", client="44444444")
    ready.add_user(r"x\y", 8)
    licence = ready.issue("x.lic", licensee="$\\frac{a}$ <b> & 漢字", kvk="44444444", number="KL-9", valid_until="2027-03-01")
    ready.import_licence(licence, 8, r"x\y")
    ready.ok("audit", "--svg", ready.folder / "a.svg", "--png", ready.folder / "a.png")
    drawn = " ".join(text.text or "" for text in ET.parse(ready.folder / "a.svg").iter(f"{SVG}text"))
    assert "$\\frac{a}$ <b> & 漢字 · KL-9" in drawn


def test_a_long_name_beside_its_line_is_cut_by_characters_also_within_a_word(ready: Workspace) -> None:
    name = "Installatiebedrijfvandenberg B.V."
    ready.add_client(name, "44444444")
    ready.create(8, "Acht", client="44444444")
    ready.add_user(r"x\y", 8)
    ready.import_licence(ready.issue("x.lic", licensee=name, kvk="44444444", number="KL-9", valid_until="2027-03-01"), 8, r"x\y")
    ready.ok("audit", "--svg", ready.folder / "a.svg")
    drawn = [text.text or "" for text in ET.parse(ready.folder / "a.svg").iter(f"{SVG}text")]
    assert "Installatiebedrijfvanden… · KL-9" in drawn


def test_drawing_leaves_matplotlib_as_the_user_has_it(demo: at.Office) -> None:
    import matplotlib as mpl

    with mpl.rc_context({"font.size": 31, "svg.fonttype": "path"}):
        figure = demo.audit().figure("en")
        demo.audit().expiry_figure("en")
        assert (mpl.rcParams["font.size"], mpl.rcParams["svg.fonttype"]) == (31, "path")
    assert type(figure).__name__ == "Figure"


def test_no_picture_no_matplotlib(ready: Workspace) -> None:
    import subprocess
    import sys

    code = "import sys\nfrom accountools.cli import main\ntry: main(sys.argv[1:])\nfinally: print(*sys.modules, sep='\\n', file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code, *ready.arguments("audit")], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["summary"]["ready"] == 1
    loaded = {name.split(".")[0] for name in done.stderr.splitlines()}
    assert not loaded & {"matplotlib", "xlsxwriter", "pandas"}


@in_browser
def test_the_page_opens_without_a_request_and_prints_its_head_on_each_sheet(tmp_path: Path) -> None:
    from playwright.sync_api import sync_playwright

    made = create_demo(tmp_path / "office", system_clock(DAY), clients=40, lines=1)
    office = at.Office.open(made.folder, system_clock(DAY))
    found = office.audit()
    path = tmp_path / "a.html"
    path.write_bytes(render_page(found, report_details(office, found), NL))
    asked: list[str] = []
    messages: list[str] = []
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        tab = chromium.new_page()
        tab.on("request", lambda request: asked.append(request.url))
        tab.on("console", lambda message: messages.append(message.text))
        tab.goto(path.as_uri())
        assert tab.get_by_role("img").count() == 2
        assert tab.locator("tbody tr").count() > 40
        assert tab.get_by_role("heading", level=1).inner_text() == "Overzicht kantoor · Kantoor Zonnestein"
        printed = tab.pdf(prefer_css_page_size=True)
        wide = tab.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
        chromium.close()
    assert asked == [path.as_uri()]
    assert messages == []
    assert wide
    sizes = {tuple(round(float(side)) for side in box) for box in re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", printed)}
    assert sizes in ({(842, 595)}, {(842, 596)})  # A4, on its side
    assert len(re.findall(rb"/Type /Page\b", printed)) >= 3


def test_an_office_without_clients_has_papers_too(empty_office: Workspace) -> None:
    words = [word for kind in ("csv", "xlsx", "html", "png", "svg") for word in (f"--{kind}", empty_office.folder / f"a.{kind}")]
    assert empty_office.ok("audit", *words)["rows"] == []
    assert "No licence expires" in (empty_office.folder / "a.svg").read_text("utf-8")
    assert CLIENT_KVK not in (empty_office.folder / "a.html").read_text("utf-8")
