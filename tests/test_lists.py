"""Lists from spreadsheets: however one saves them they are read right, or refused with the file, the line and the column."""

import io
import re
import struct
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from tests.outlook_message import compound_file
from tests.workspace import Workspace

ROWS = (("name", "kvk", "city"), ("Café Zoë", "11112222", "'s-Gravenhage"), ("Jansen; De Wit, & Co", "01234567", "Ærø"))
CLIENTS = [dict(zip(ROWS[0], row, strict=True)) for row in ROWS[1:]]


def text_of(delimiter: str, ending: str = "\r\n") -> str:
    return "".join(delimiter.join(f'"{cell}"' if set(cell) & set(",;") else cell for cell in row) + ending for row in ROWS)


def workbook(*rows: tuple[object, ...]) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return buffer.getvalue()


FORMS = {
    "commas": text_of(",").encode(),
    "semicolons": text_of(";").encode(),
    "tabs": text_of("\t").encode(),
    "lines of Unix": text_of(";", "\n").encode(),
    "lines of an old Mac": text_of(";", "\r").encode(),
    "a BOM": text_of(";").encode("utf-8-sig"),
    "UTF-16, little-endian": text_of("\t").encode("utf-16"),
    "UTF-16, big-endian": b"\xfe\xff" + text_of(";").encode("utf-16-be"),
    "Windows-1252": text_of(";").encode("cp1252"),
    "a blank first line": f"\r\n{text_of(';')}".encode(),
    "blank lines and rows of separators": f"\n \n;;\n{text_of(';')}\n;;\n\n".encode(),
    "sep=;": f"sep=;\r\n{text_of(';')}".encode(),
    "sep=, behind a BOM": f"sep=,\r\n{text_of(',')}".encode("utf-8-sig"),
    "sep= a tab": f"sep=\t\r\n{text_of(chr(9))}".encode("utf-16"),
    "SEP=; after a blank line": f"\nSEP=;\n{text_of(';')}".encode(),
    "columns in quotation marks": text_of(";").replace("name;kvk;city", '"Name";"KvK";"City"').encode(),
    "columns in another order": 'city;x;kvk;name\n\'s-Gravenhage;;11112222;Café Zoë\nÆrø;;01234567;"Jansen; De Wit, & Co"\n'.encode(),
    "a workbook": workbook(*ROWS),
    "a workbook with a blank first row": workbook((), *ROWS),
    "a workbook with numbers": workbook(ROWS[0], ("Café Zoë", 11112222, "'s-Gravenhage"), ROWS[2]),
}


def imported(desk: Workspace, data: bytes, name: str = "clients.csv") -> Any:
    path = desk.folder / name
    path.write_bytes(data)
    return desk.run("client", "import", path)


@pytest.mark.parametrize("form", FORMS)
def test_a_list_is_read_however_it_was_saved(empty_office: Workspace, form: str) -> None:
    answer = imported(empty_office, FORMS[form])
    assert answer.code == 0, answer.err
    assert answer.json["added"] == CLIENTS


def test_a_chart_is_read_as_a_list_of_clients_is(empty_office: Workspace) -> None:
    """The kind, not the case: what reads one table reads each."""
    forms = {
        "chart.csv": "\nsep=;\ncode;name;kind\n1000;Kas Zoë;B\n8000;Omzet;P\n".encode("utf-16"),
        "chart.xlsx": workbook(("code", "name", "kind"), (1000, "Kas Zoë", "B"), (8000, "Omzet", "P")),
        "chart.txt": "code\tname\tkind\n1000\tKas Zoë\tB\n8000\tOmzet\tP\n".encode("cp1252"),
    }
    for number, (name, data) in enumerate(forms.items(), 1):
        (empty_office.folder / name).write_bytes(data)
        empty_office.create(number, "Sjabloon", client=None, chart=empty_office.folder / name)
        assert empty_office.ok("administration", "show", number)["counts"]["accounts"] == 2


MIXED = b"name;kvk;city\nZo\xc3\xab;11112222;x\nCaf\xe9;11112223;x\n"
FAULTS: dict[str, tuple[bytes, str, str]] = {
    "two encodings": (MIXED, "clients-invalid", "clients.csv, line 3: “Caf�;11112223;x”: a part of the file is in UTF-8, and another part"),
    "two encodings, the other way": (
        b"name;kvk;city\nCaf\xe9;11112223;x\n\nZo\xc3\xab;11112222;x\n",
        "clients-invalid",
        "clients.csv, line 4: “Zoë;11112222;x”: a part of the file",
    ),
    "two encodings in one line": (b"name;kvk;city\nCaf\xe9 Zo\xc3\xab;11112223;x\n", "clients-invalid", "clients.csv, line 2: "),
    "bytes that are no text": (
        b"name;kvk;city\nCaf\x81;11112223;x\n",
        "clients-invalid",
        "clients.csv, line 2: “81”: these bytes",
    ),
    "a lost zero": (b"\nname,kvk,city\nA,1234567,x\n", "kvk-invalid", "clients.csv, line 3, column kvk: “1234567” is not a KvK number"),
    "a lost zero in a workbook": (
        workbook(ROWS[0], ROWS[1], ("A", 1234567, "x")),
        "kvk-invalid",
        "clients.csv, line 3, column kvk: “1234567” is not a KvK number",
    ),
    "a number without its last column": (b"sep=;\nname;kvk\nA;1234567,0\n", "kvk-invalid", "clients.csv, line 3, column kvk: “1234567,0”"),
    "no name": (b"name;kvk;city\nA;11112222;x\n ;11112223;x\n", "name-missing", "clients.csv, line 3, column name: A name is missing."),
    "after a cell of two lines": (b'name;kvk;city\n"A\nB";11112222;x\nC;1;x\n', "kvk-invalid", "clients.csv, line 4, column kvk: “1”"),
    "two names with one number": (
        b"name;kvk;city\nA;11112222;x\nB;11112223;x\nC;11112222;x\n",
        "clients-invalid",
        "clients.csv, line 4, column kvk: “C 11112222”: this KvK number is also on line 2, with another name.",
    ),
    "two cities with one number": (
        b"name;kvk;city\nA;11112222;x\nA;11112222;y\n",
        "clients-invalid",
        "clients.csv, line 3, column kvk: “y 11112222”: this KvK number is also on line 2, with another city.",
    ),
    "two columns of names": (
        b"\nKlant;Naam;KvK-nummer\n1001;Jansen;11112222\n",
        "clients-invalid",
        "clients.csv, line 2: “Klant, Naam”: these columns mean the same; keep one of them.",
    ),
    "a column twice": (b"name,kvk,kvk\nA,11112222,11112223\n", "clients-invalid", "clients.csv, line 1: “kvk, kvk”: these columns"),
    "two cities": (
        b"naam;kvk;Plaats;Woonplaats\nA;11112222;x;y\n",
        "clients-invalid",
        "clients.csv, line 1: “Plaats, Woonplaats”: these columns",
    ),
    "two cities in a workbook": (
        workbook(("naam", "kvk", "Plaats", "Woonplaats"), ("A", 11112222, "x", "y")),
        "clients-invalid",
        "clients.csv, line 1: “Plaats, Woonplaats”: these columns",
    ),
    "one cell too many": (b"name,kvk,city\nJansen, Piet,11112222,Delft\n", "clients-invalid", "clients.csv, line 2: “Delft”: it stands to"),
    "an open quotation mark": (b'name;kvk;city\nA;11112222;x\n"B;11112223;x\n', "clients-invalid", "clients.csv, line 3: “"),
    "no such columns": (
        b"naam;nummer\nA;11112222\n",
        "clients-invalid",
        "clients.csv is not a list of clients: columns are missing: kvk",
    ),
    "an empty file": (b"", "clients-invalid", "clients.csv is not a list of clients: columns are missing"),
    "a workbook that is cut short": (
        workbook(*ROWS)[:900],
        "clients-invalid",
        "clients.csv is not a list of clients: it is not a ",
    ),
    "another ZIP": (b"PK\x05\x06" + bytes(18), "clients-invalid", "clients.csv is not a list of clients: "),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_has_its_file_line_and_column(empty_office: Workspace, fault: str) -> None:
    data, code, message = FAULTS[fault]
    answer = imported(empty_office, data)
    assert (answer.code, answer.error) == (3, code), answer.err
    assert answer.json["error"]["message"].startswith(message)
    assert empty_office.ok("client", "list")["clients"] == []


SHEET = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><dimension ref="A1"/>'
    "<sheetData>{}</sheetData></worksheet>"
)
TABLE = (
    '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
    'xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" '
    'xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"><office:automatic-styles>'
    '<style:style style:name="ta1" style:family="table"><style:table-properties table:display="{}"/></style:style>'
    "</office:automatic-styles>"
    '<office:body><office:spreadsheet><table:table table:name="x" table:style-name="ta1">{}</table:table>'
    "</office:spreadsheet></office:body></office:document-content>"
)
HEADER = '<row r="1"><c r="A1" t="inlineStr"><is><t>naam</t></is></c><c r="B1" t="inlineStr"><is><t>kvk</t></is></c></row>'
CLIENT = '<row r="2"><c r="A2" t="inlineStr"><is><t>Jansen</t></is></c><c r="B2"><v>11112222</v></c></row>'


def with_sheet(content: str, encoding: str = "utf-8") -> bytes:
    """A workbook whose first sheet this is."""
    found, buffer = zipfile.ZipFile(io.BytesIO(workbook(*ROWS))), io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in found.namelist():
            archive.writestr(name, content.encode(encoding) if name.endswith("sheet1.xml") else found.read(name))
    return buffer.getvalue()


def with_table(*rows: str, hidden: bool = False) -> bytes:
    """A workbook in OpenDocument, whose first table has these rows, and may be hidden."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        archive.writestr("content.xml", TABLE.format("false" if hidden else "true", "".join(rows)))
    return buffer.getvalue()


def text_cell(text: str, each: int = 1) -> str:
    shown = f'<table:table-cell office:value-type="string" table:number-columns-repeated="{each}"><text:p>'
    return f"{shown}{text}</text:p></table:table-cell>"


def text_row(*texts: str, repeated: int = 1, more: str = "", each: int = 1) -> str:
    cells = "".join(text_cell(text, each) for text in texts)
    return f'<table:table-row table:number-rows-repeated="{repeated}">{cells}{more}</table:table-row>'


def blank(repeated: int) -> str:
    return f'<table:table-cell table:number-columns-repeated="{repeated}"/>'


def old_workbook(*cells: tuple[int, int, str], height: int = 2, width: int = 2, more: tuple[int, bytes] = (0, b"")) -> bytes:
    """A workbook of Office before 2007 (BIFF8) with these texts, that says to have this size, and a record more."""

    def record(kind: int, content: bytes) -> bytes:
        return struct.pack("<2H", kind, len(content)) + content

    begin = record(0x809, struct.pack("<4H2I", 0x600, 5, 0, 0, 0, 0))
    place = len(begin) + 4 + 9 + 4  # behind the record of the sheet, and the end
    globals_ = begin + record(0x85, struct.pack("<IH", place, 0) + b"\1\0x") + record(0x0A, b"")
    texts = (record(0x204, struct.pack("<3HHB", row, column, 0, len(text), 0) + text.encode()) for row, column, text in cells)
    sheet = record(0x809, struct.pack("<4H2I", 0x600, 0x10, 0, 0, 0, 0)) + record(0x200, struct.pack("<2I3H", 0, height, 0, width, 0))
    data = globals_ + sheet + b"".join(texts) + record(*more) + record(0x0A, b"")
    return compound_file({"Workbook": data + bytes(max(0, 4096 - len(data)))})


OLD = ((0, 0, "naam"), (0, 1, "kvk"), (1, 0, "Jansen"), (1, 1, "11112222"))
SIZES = {
    "a formatted cell far away": with_sheet(SHEET.format(f'{HEADER}{CLIENT}<row r="1048576"><c r="XFD1048576" s="1"/></row>')),
    "an empty row far away": with_sheet(SHEET.format(f'{HEADER}{CLIENT}<row r="1048576"/>')),
    "a cell far below": with_sheet(SHEET.format(f'{HEADER}{CLIENT}<row r="90000"><c r="A90000"><v></v></c></row>')),
    "cells that don't say where they are": with_sheet(re.sub(' r="[A-Z0-9]*"', "", SHEET.format(HEADER + CLIENT))),
    "OpenDocument": with_table(
        text_row("naam", "kvk", more=blank(16_382)), text_row("Jansen", "11112222"), text_row(repeated=1_048_574, more=blank(16_384))
    ),
    "of Office before 2007": old_workbook(*OLD),
}
TOO_LARGE = {
    "the last cell": with_sheet(SHEET.format(f'{HEADER}{CLIENT}<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')),
    "many rows and columns": with_sheet(SHEET.format(f'{HEADER}{CLIENT}<row r="1000000"><c r="ALL1000000"><v>1</v></c></row>')),
    "a row and a column": with_sheet(
        SHEET.format(f'{HEADER}<row r="2"><c r="XFD2"><v>1</v></c></row><row r="1048576"><c r="A1048576"><v>1</v></c></row>')
    ),
    "a cell by its row": with_sheet(
        SHEET.format(f'{HEADER}<row r="2"><c r="xfd2"><v>1</v></c></row><row r="1048576"><c><v>1</v></c></row>')
    ),
    "a sign that ends a tag": with_sheet(SHEET.format(f"{HEADER}<row r='1048576'><c x='>' r='XFD1048576'><v>1</v></c></row>")),
    "columns repeated": with_table(text_row("naam", "kvk"), text_row("x", each=1_000_000_000)),
    "blanks before a cell": with_table(text_row("naam", "kvk"), text_row(more=blank(1_000_000_000) + blank(1))),
    "rows repeated": with_table(text_row("naam", "kvk"), text_row("x", repeated=1_000_000_000)),
    "blank rows before a cell": with_table(
        text_row("naam", "kvk"), text_row(repeated=1_000_000), text_row(more=blank(16_000) + blank(1)), text_row("x")
    ),
    "an old one": old_workbook(*OLD, (65_535, 65_535, "x")),
    "an old one that says so": old_workbook(*OLD, height=4_000_000_000, width=60_000),
}


@pytest.mark.parametrize("case", SIZES)
def test_a_workbook_is_as_large_as_its_values_reach(empty_office: Workspace, case: str) -> None:
    answer = imported(empty_office, SIZES[case])
    assert answer.code == 0, answer.err
    assert [one["name"] for one in empty_office.ok("client", "list")["clients"]] == ["Jansen"]


@pytest.mark.parametrize("case", TOO_LARGE)
def test_a_workbook_with_too_many_cells_is_refused_before_they_are_read(empty_office: Workspace, case: str) -> None:
    answer = imported(empty_office, TOO_LARGE[case])
    assert (answer.code, answer.error) == (3, "clients-invalid"), answer.err
    assert "it is not a workbook" in answer.json["error"]["message"]


def old_error(*, of_formula: bool) -> bytes:
    """A client whose name is an error, in a workbook of Office before 2007."""
    place = struct.pack("<3H", 1, 0, 0)
    result = struct.pack("<BxBx2xHH4x", 2, 0x2A, 0xFFFF, 0) + b"\0\0"
    return old_workbook(*OLD[:2], OLD[3], more=(0x06, place + result) if of_formula else (0x205, place + b"\x2a\1"))


ODF_ERROR = (
    '<table:table-cell office:value-type="string" office:string-value="" calcext:value-type="error">'
    "<text:p>#N/A</text:p></table:table-cell>"
)
ERRORS = {
    "OpenXML": with_sheet(
        SHEET.format(HEADER + CLIENT.replace("inlineStr", "e").replace("is><t", "v").replace("t></is", "v").replace("Jansen", "#N/A"))
    ),
    "OpenDocument": with_table(text_row("naam", "kvk"), f"<table:table-row>{ODF_ERROR}{text_cell('11112222')}</table:table-row>"),
    "of Office before 2007": old_error(of_formula=False),
    "a formula of Office before 2007": old_error(of_formula=True),
}


@pytest.mark.parametrize("case", ERRORS)
def test_an_error_of_the_spreadsheet_is_named_whatever_the_workbook(empty_office: Workspace, case: str) -> None:
    answer = imported(empty_office, ERRORS[case])
    assert answer.code == 3
    assert "clients.csv, line 2, column naam: “#N/A”: this cell holds an error" in answer.json["error"]["message"]


def test_only_the_first_visible_table_of_open_document_is_read(empty_office: Workspace) -> None:
    """Its errors are its own."""
    second = f'</table:table><table:table table:name="y">{text_row("naam", "kvk")}{text_row("Jansen", "11112222")}'
    error = f"<table:table-row>{ODF_ERROR}{ODF_ERROR}</table:table-row>"
    assert imported(empty_office, with_table(text_row("naam", "kvk"), error, second, hidden=True)).code == 0
    assert [one["name"] for one in empty_office.ok("client", "list")["clients"]] == ["Jansen"]
    assert imported(empty_office, with_table(text_row("naam", "kvk"), error, second)).code == 3


def test_only_the_first_sheet_is_measured(empty_office: Workspace) -> None:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        first, second = book.add_worksheet(), book.add_worksheet()
        for number, row in enumerate(ROWS):
            first.write_row(number, 0, row)
        second.write("XFD1048576", 1)
    assert imported(empty_office, buffer.getvalue()).code == 0


def test_a_workbook_with_an_enormous_directory_is_refused_before_that_is_read(empty_office: Workspace) -> None:
    buffer = io.BytesIO(workbook(*ROWS))
    with zipfile.ZipFile(buffer, "a") as archive:
        for number in range(150):
            archive.writestr(f"{number:060000}", b"")
    assert imported(empty_office, buffer.getvalue()).error == "clients-invalid"


def test_a_header_of_very_many_columns_is_read_in_one_go(empty_office: Workspace) -> None:
    begun = time.process_time()
    assert imported(empty_office, b"kvk,naam," * 40_000 + b"\n").error == "clients-invalid"
    assert time.process_time() - begun < 15


FOREIGN = (
    *(
        "Ionuț",
        "IONUȚ",
        "Иван",
        "H²O",
        "Acme™",
        "N°",
        "Jan\u00a0Smit",
        "ƒ",
        "日本",
        "Bakker \U0001f950",
        "Zoë",
        "RĒZEKNE",
        "“X”",
        "€",
        "Οδός",
    ),
    *("Ægir", "Ω", "עברית", "العربية", "½", "Söndör", "Łódź", "e\u0301", "\ufeffX", "🇳🇱"),
)


@pytest.mark.parametrize("text", FOREIGN)
def test_a_row_in_another_encoding_is_found_whatever_is_written_in_it(empty_office: Workspace, text: str) -> None:
    rows = f"{text};11112222;x\n".encode(), "Café;11112223;x\n".encode("cp1252")
    for number, lines in enumerate((rows, rows[::-1])):
        answer = imported(empty_office, b"name;kvk;city\n" + b"".join(lines))
        assert (answer.code, answer.error) == (3, "clients-invalid"), (number, answer.out)
        assert "line 3: " in answer.json["error"]["message"]
        assert "a part of the file is in UTF-8" in answer.json["error"]["message"]


WESTERN = (
    *("CAFÉ’S", "BELGIË™", "CAFÉ\u00a0ZOË", "“NOVÉ”", "Voß’ Bäckerei", "RENÉ®", "NIÑO…"),
    *("naïve", "ÆRØ", "Ça", "«Été»", "N°", "½", "’t Hoekje", "•"),
)


@pytest.mark.parametrize("text", WESTERN)
def test_a_list_in_windows_1252_is_read_whatever_is_written_in_it(empty_office: Workspace, text: str) -> None:
    """Also where a capital with a mark behind it could be a letter of UTF-8."""
    data = f"name;kvk;city\n{text};11112222;x\nCafé;11112223;x\n".encode("cp1252")
    assert [one["name"] for one in imported(empty_office, data).json["added"]] == [" ".join(text.split()), "Café"]


def test_a_client_that_has_another_name_here_is_reported(empty_office: Workspace) -> None:
    empty_office.add_client("Kapsalon De Vries", "10001146")
    path = empty_office.folder / "clients.csv"
    held = {"name": "Kapsalon De Vries", "kvk": "10001146", "city": "Delft"}
    for text, other in (
        ("name,kvk\nHeel Ander Bedrijf,10001146\n", {"name": "Heel Ander Bedrijf", "kvk": "10001146", "city": ""}),
        ("name,kvk,city\nKapsalon De Vries,10001146,Breda\n", held | {"city": "Breda"}),
    ):
        path.write_text(text)
        answer = empty_office.ok("client", "import", path)
        assert (answer["added"], answer["known"], answer["clients"], answer["differing"]) == ([], [held], [held], [other])
        printed = empty_office.run("client", "import", path, as_json=False)
        assert printed.code == 0
        given = ", ".join(filter(None, (other["name"], other["city"])))
        assert f"KvK 10001146 is Kapsalon De Vries, Delft here, and was not changed; in the file: {given}." in printed.out
    for text in ("name,kvk\nKapsalon De Vries,10001146\n", "name,kvk,city\nKapsalon De Vries,10001146,Delft\n"):
        path.write_text(text)
        assert empty_office.ok("client", "import", path)["differing"] == []
        assert "not changed" not in empty_office.run("client", "import", path, as_json=False).out
    assert empty_office.ok("client", "list")["clients"] == [held]


def test_two_columns_that_mean_the_same_are_a_fault_in_each_table(empty_office: Workspace) -> None:
    (empty_office.folder / "chart.csv").write_text("Nummer;Naam;Omschrijving\n1000;Kas;x\n", "utf-8")
    answer = empty_office.run("administration", "create", 1, "--description", "x", "--chart", empty_office.folder / "chart.csv")
    assert answer.error == "chart-invalid"
    assert "“Naam, Omschrijving”: these columns mean the same" in answer.json["error"]["message"]


def test_of_many_faults_the_first_are_printed(empty_office: Workspace) -> None:
    path = empty_office.folder / "clients.csv"
    path.write_text("name,kvk\n" + "".join(f"A,{number}\n" for number in range(500)))
    assert len(empty_office.run("client", "import", path).json["error"]["obstacles"]) == 500
    answer = empty_office.run("client", "import", path, as_json=False)
    printed = answer.out.splitlines()
    assert (answer.code, len(printed), printed[-1]) == (3, 41, "… and 459 more; --json has them all.")
    assert ["line 2, " in answer.err, "line 3, " in printed[0], "line 42, " in printed[39]] == [True, True, True]
    path.write_text("name,kvk\n" + "".join(f"A,{number}\n" for number in range(41)))
    assert "more;" not in empty_office.run("client", "import", path, as_json=False).out


def test_every_fault_is_named_and_in_dutch_too(empty_office: Workspace) -> None:
    path = empty_office.folder / "clients.csv"
    path.write_text("name;kvk;city\nA;1;x\n;11112222;x\nB;1234567;x\n")
    answer = empty_office.run("client", "import", path, "--lang", "nl")
    assert [one["message"] for one in answer.json["error"]["obstacles"]] == [
        "clients.csv, regel 2, kolom kvk: “1” is geen KvK-nummer van acht cijfers.",
        "clients.csv, regel 3, kolom name: Er ontbreekt een naam.",
        "clients.csv, regel 4, kolom kvk: “1234567” is geen KvK-nummer van acht cijfers.",
    ]
    assert "nul" in answer.json["error"]["obstacles"][2]["remedy"]
    printed = empty_office.run("client", "import", path, "--lang", "nl", as_json=False)
    assert all(f"regel {line}" in printed.out + printed.err for line in (2, 3, 4))


TITLES = {
    "Dutch": "Naam;KvK;Plaats",
    "Dutch, in capitals": "NAAM;KVK;PLAATS",
    "Dutch, as accountants write them": "Klant;KvK-nummer;Vestigingsplaats",
    "Dutch, with blanks and dots": "Bedrijfsnaam ; KvK nr. ;Woonplaats",
    "in quotation marks": '"Naam";"KvK nummer";"Plaats"',
    "mixed": "Naam;kvk;city",
    "among others": "Naam;KvK;Plaats;Telefoon",
}


@pytest.mark.parametrize("titles", TITLES)
def test_columns_may_be_called_as_in_a_dutch_list(empty_office: Workspace, titles: str) -> None:
    for delimiter, number in ((";", 11112222), ("\t", 11112223), (",", 11112224)):
        text = f"{TITLES[titles]}\nCafé Zoë;{number};Delft\n".replace(";", delimiter)
        assert imported(empty_office, text.encode()).json["added"] == [{"kvk": str(number), "name": "Café Zoë", "city": "Delft"}]
    sheet = workbook(TITLES[titles].replace('"', "").split(";"), ("Café Zoë", 11112225, "Delft"))
    assert imported(empty_office, sheet, "list.xlsx").json["added"][0]["kvk"] == "11112225"


@pytest.mark.parametrize("titles", ["Rekening;Omschrijving;Soort;Zijde;BTW-code", "Nummer;Naam;Soort;D/C;Btw", "code;Naam;kind;side;vat"])
def test_the_columns_of_a_chart_may_be_called_in_dutch_too(empty_office: Workspace, titles: str) -> None:
    (empty_office.folder / "chart.csv").write_text(f"{titles}\n1000;Kas;Balans;Debet;\n8000;Omzet;Winst en verlies;Credit;\n", "utf-8")
    empty_office.create(1, "Sjabloon", client=None, chart=empty_office.folder / "chart.csv")
    assert empty_office.ok("administration", "show", 1)["counts"]["accounts"] == 2


def test_faults_of_every_kind_are_named_at_once_each_with_its_line_and_the_title_in_the_file(empty_office: Workspace) -> None:
    """Two in one row, one too many cells, a number that stands twice, and a quotation mark that ends the reading."""
    path = empty_office.folder / "clients.csv"
    path.write_text('Naam;KvK-nummer;Plaats\n;1;x\nA;11112222;x;y\nB;11112223;x\nC;11112223;x\n"D;11112224;x\n')
    answer = empty_office.run("client", "import", path, "--lang", "nl")
    assert [one["message"] for one in answer.json["error"]["obstacles"]] == [
        "clients.csv, regel 2, kolom KvK-nummer: “1” is geen KvK-nummer van acht cijfers.",
        "clients.csv, regel 2, kolom Naam: Er ontbreekt een naam.",
        "clients.csv, regel 3: “y”: dit staat rechts van de laatste kolom; een tekst waar het scheidingsteken in voorkomt, moet tussen "
        "aanhalingstekens staan.",
        "clients.csv, regel 5, kolom KvK-nummer: “C 11112223”: dit KvK-nummer staat ook op regel 4, met een andere naam.",
        'clients.csv, regel 6: “"D;11112224;x”: een aanhalingsteken is niet gesloten of staat midden in een tekst.',
    ]
    assert empty_office.ok("client", "list")["clients"] == []


def test_all_faults_of_one_account_are_named_at_once(empty_office: Workspace) -> None:
    path = empty_office.folder / "chart.csv"
    path.write_text("Code;Naam;Soort;Zijde\n;;Q;links\n1000;Kas;B;D\n1000;Bank;B;D\n")
    answer = empty_office.run("administration", "create", 1, "--description", "x", "--chart", path)
    assert [one["message"].split(":")[0] for one in answer.json["error"]["obstacles"]] == [
        "chart.csv, line 2, column Code",
        "chart.csv, line 2, column Naam",
        "chart.csv, line 2, column Soort",
        "chart.csv, line 2, column Zijde",
        "chart.csv, line 4, column Code",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("code;name;kind\n1000;Kas;Q\n", "chart.csv, regel 2, kolom kind: “Q”: de soort is B, P of M."),
        ("code;name;side\n1000;Kas;D\n1001;Bank;links\n", "chart.csv, regel 3, kolom side: “links”: de zijde is D of C."),
        ("code;name\n1000;\n", "chart.csv, regel 2, kolom name: “”: een rekening moet een code en een naam hebben."),
        ("code;name\n1000;Kas\n\n1000;Bank\n", "chart.csv, regel 4, kolom code: “1000”: deze code staat ook op regel 2."),
    ],
)
def test_a_fault_in_a_chart_is_named_in_dutch(empty_office: Workspace, text: str, message: str) -> None:
    path = empty_office.folder / "chart.csv"
    path.write_text(text)
    answer = empty_office.run("administration", "create", 1, "--description", "x", "--chart", path, "--lang", "nl")
    assert (answer.error, answer.json["error"]["message"]) == ("chart-invalid", message)


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("valid_until", "gisteren", "saved.csv, line 2, column valid_until: “gisteren”: this is not a date."),
        ("kvk", "x", "saved.csv, line 2, column kvk: “x”: this is not a number."),
        ("number", "0x7", "saved.csv, line 2, column number: “0x7”: this is not a number."),
    ],
)
def test_a_fault_in_a_saved_audit_is_named(empty_office: Workspace, column: str, value: str, message: str) -> None:
    cells = {"client": "A", "kvk": "11112222", "number": "7", "licence_number": "", "licence_status": "missing", "valid_until": ""}
    cells[column] = value
    path = empty_office.folder / "saved.csv"
    path.write_text(";".join(cells) + "\n" + ";".join(cells.values()) + "\n")
    answer = empty_office.run("audit", "--since", path)
    assert (answer.error, answer.json["error"]["message"]) == ("audit-invalid", message)


def test_the_same_client_twice_is_one_client(empty_office: Workspace) -> None:
    answer = imported(empty_office, b"name;kvk;city\nA;11112222;x\nA;11112222;x\n")
    assert [one["name"] for one in answer.json["added"]] == ["A"]


def test_a_workbook_that_unpacks_to_more_than_a_list_is_refused(empty_office: Workspace, tmp_path: Path) -> None:
    import zipfile

    path = tmp_path / "clients.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in range(3):
            archive.writestr(f"xl/worksheets/sheet{name}.xml", bytes(100 << 20))
    answer = empty_office.run("client", "import", path)
    assert answer.error == "clients-invalid"
    assert "it is not a workbook" in answer.json["error"]["message"]


@pytest.mark.parametrize("typed", ["1.2345678", "1234567.8", "12345678.5", "1234567e1", "1,234,567", "012345678", "１２３４５６７８"])
def test_a_number_that_only_resembles_a_kvk_number_is_refused(empty_office: Workspace, typed: str) -> None:
    assert empty_office.refused("client", "add", "--name", "A", "--kvk", typed) == "kvk-invalid"


@pytest.mark.parametrize("typed", ["1234567", "1234567.0", "1234567,0", "1234567.00", "1.234.567"])
def test_a_number_that_lost_its_zero_is_refused_with_the_cause(empty_office: Workspace, typed: str) -> None:
    answer = empty_office.run("client", "add", "--name", "A", "--kvk", typed)
    assert answer.error == "kvk-invalid"
    assert "zero" in answer.json["error"]["remedy"]
