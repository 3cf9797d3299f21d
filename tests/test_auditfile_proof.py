"""Reading an audit file for an import proves that nothing is wrong in it, or pyxaf.validate says what is: the findings are the same."""

import os
import random
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

import accountools as at
from accountools.domain.errors import AccountoolsError
from accountools.formats.auditfile import proof
from accountools.formats.auditfile.source import AuditfileSource
from accountools.office import Office
from tests.seeding import random_for
from tests.test_auditfile_import import SMALL, desk, imported, table  # noqa: F401 - a fixture
from tests.test_auditfile_mutations import SOURCES, mutated
from tests.workspace import Workspace

PROVEN = ("good.xaf", "opening-journal.xaf", "periods.xaf", "subledgers.xaf", "two-rates.xaf")
VALUES = (
    *(b"", b" ", b"\xc2\xa0", b"0", b"00", b"000", b"0000", b"1 ", b"\t1\n", b"-0.00", b"+1.00", b"1.", b".5", b"1e2", b"1.100", b"1.101"),
    *(b"999999999999999999.99", b"2025-01-01Z", b"2025-01-01+01:00", b"2024-12-31", b"2026-01-01", b"2025-02-29", b"\xd9\xa1", b"&#x41;"),
    *(b"&#160;", b"<![CDATA[1]]>", b"<!-- x -->1", b"1<!-- x -->", b"<?p x?>1", b"x" * 60, b"x" * 300, b"C", b"D", b"d", b"O", b"1300"),
)


def nearly(data: bytes, chance: random.Random) -> bytes:
    """One change that leaves the file nearly as it was: of a value, an attribute, a comment, a namespace."""
    elements = list(re.finditer(rb"<(\w+)>([^<]*)</\1>", data))
    one = chance.choice(elements)
    tag, text, value = one[1], one[2], chance.choice(VALUES)
    twin = chance.choice([other for other in elements if other[1] == tag])[0]
    new = (
        b"<%s>%s</%s>" % (tag, value, tag),
        b"<%s>%s%s</%s>" % (tag, text, value, tag),
        b"<%s>%s%s</%s>" % (tag, value, text, tag),
        b"<%s a='1'>%s</%s>" % (tag, text, tag),
        b"<%s xmlns=''>%s</%s>" % (tag, text, tag),
        twin,
        one[0] + b"<!-- -->",
    )[chance.randrange(7)]
    return data[: one.start()] + new + data[one.end() :]


def validations(monkeypatch: pytest.MonkeyPatch) -> list[AuditfileSource]:
    """What is validated by pyxaf from now on."""
    seen: list[AuditfileSource] = []
    validate = AuditfileSource.validate

    def counted(source: AuditfileSource) -> Any:
        seen.append(source)
        return validate(source)

    monkeypatch.setattr(AuditfileSource, "validate", counted)
    return seen


def validate_same(office: Office, *paths: Path) -> set[str]:
    """Raise where the import's plan lacks a finding of the check; gives the codes of these."""
    try:
        found = at.check_auditfile(*paths).findings
    except AccountoolsError:
        with pytest.raises(AccountoolsError):
            office.plan_auditfile_import(list(paths), 9)
        return set()
    try:
        planned = office.plan_auditfile_import(list(paths), 9).findings
    except AccountoolsError:
        assert any(one.severity == "error" for one in found), found
    else:
        missing = Counter(found) - Counter(planned)
        assert not missing, missing
    return {one.code for one in found if one.severity != "info"}


@pytest.mark.parametrize("name", PROVEN)
def test_a_file_with_nothing_wrong_is_read_only_once(desk: Workspace, monkeypatch: pytest.MonkeyPatch, name: str) -> None:  # noqa: F811
    office = at.Office.open(desk.office)
    assert not validate_same(office, SMALL / name)
    seen = validations(monkeypatch)
    office.plan_auditfile_import(SMALL / name, 9)
    assert not seen


@pytest.mark.parametrize("path", sorted(SMALL.iterdir()), ids=lambda path: path.name)
def test_what_is_found_in_a_small_file_is_in_the_plan(desk: Workspace, path: Path) -> None:  # noqa: F811
    validate_same(at.Office.open(desk.office), path)


def test_what_is_found_in_a_published_sample_is_in_the_plan(desk: Workspace) -> None:  # noqa: F811
    samples = Path(os.environ.get("ACCOUNTOOLS_REFERENCE", "")) / "xaf" / "samples"
    paths = [path for path in samples.glob("*") if path.suffix.lower() in {".xaf", ".xml"}]
    if not paths:
        pytest.skip("the published samples aren't here")
    office = at.Office.open(desk.office)
    assert all(validate_same(office, path) for path in paths)


FAULTS = {
    "XAF1002": ('<?xml version="1.0" encoding="UTF-8"?>\n', ""),
    "XAF1003": ('encoding="UTF-8"', 'encoding="windows-1252"'),
    "XAF1013": ("</auditfile>", "</auditfile>x"),
    "XAF3002": ("Belastingdienst/BCPP/1.1/structures/XmlauditfileXAF_4.0", "XAF/4.0"),
    "XAF3010": ("<nr>1</nr><desc>Boeking", "<desc>Boeking"),
    "XAF3011": ("<desc>Boeking</desc>", "<desc>Boeking</desc><own>1</own>"),
    "XAF3012": ("<desc>Boeking</desc>", "<desc>Boeking</desc><desc>B</desc>"),
    "XAF3013": ("<nr>1</nr><desc>Boeking</desc>", "<desc>Boeking</desc><nr>1</nr>"),
    "XAF3014": ("<docRef>F1", "<docRef>" + "F" * 300),
    "XAF3015": ("<accTp>P", "<accTp>M"),
    "XAF3016": ("<curCode>EUR", "<curCode>EU1"),
    "XAF3017": ("<effDate>2025-01-15", "<effDate>2025-02-29"),
    "XAF3018": ("<amnt>500.00", "<amnt>500.001"),
    "XAF3019": ("<linesCount>3<", "<linesCount>three<"),
    "XAF4001": ("<accID>8000</accID><docRef>", "<accID>8001</accID><docRef>"),
    "XAF4002": ("<custSupID>D1</custSupID></trLine>", "<custSupID>D2</custSupID></trLine>"),
    "XAF4003": (
        "21.00</amnt><amntTp>C</amntTp>",
        "21.00</amnt><amntTp>C</amntTp><vat><vatID>X</vatID><vatPerc>21</vatPerc><vatAmnt>1.00</vatAmnt><vatAmntTp>C</vatAmntTp></vat>",
    ),
    "XAF4004": ("<desc>Boeking</desc><periodNumber>1", "<desc>Boeking</desc><periodNumber>3"),
    "XAF4005": ("<jrnTp>S</jrnTp>", "<jrnTp>S</jrnTp><offsetAccID>9999</offsetAccID>"),
    "XAF4006": ("<vatDesc>Laag</vatDesc>", "<vatDesc>Laag</vatDesc><vatToPayAccID>9999</vatToPayAccID>"),
    "XAF4007": ("<accID>0500</accID><amnt>", "<accID>0501</accID><amnt>"),
    "XAF5004": ("<totalDebit>500.00", "<totalDebit>500.01"),
    "XAF5005": ("<totalCredit>500.00", "<totalCredit>500.01"),
    "XAF5007": ("<totalDebit>121.00", "<totalDebit>121.01"),
    "XAF5008": ("<totalCredit>121.00", "<totalCredit>121.01"),
    "XAF5010": ("<amnt>100.00", "<amnt>100.01"),
    "XAF5011": ("<linesCount>2<", "<linesCount>1<"),
    "XAF5012": ("<linesCount>3<", "<linesCount>1<"),
    "XAF5013": ("<accID>0500</accID><amnt>500.00", "<accID>0500</accID><amnt>499.00"),
    "XAF6001": ("<customersSuppliers>", "<customersSuppliers><customerSupplier><custSupID>D1</custSupID></customerSupplier>"),
    "XAF6002": ("<accID>0500</accID><accDesc>", "<accID>8000</accID><accDesc>"),
    "XAF6003": ("<accTp>B</accTp>", "<accTp>B</accTp><RGScode>BLimBanRba</RGScode>"),
    "XAF6004": (
        "</transaction>",
        "</transaction><transaction><nr>1 </nr><periodNumber>1</periodNumber><trDt>2025-01-15</trDt></transaction>",
    ),
    "XAF6005": ("<nr>3</nr>", "<nr> 2</nr>"),
    "XAF6006": ("<nr>2</nr><accID>0500", "<nr>1</nr><accID>0500"),
    "XAF6007": ("</journal>", "</journal><journal><jrnID>60 </jrnID><desc>Twee</desc><jrnTp>S</jrnTp></journal>"),
    "XAF6008": ("<vatID>VL<", "<vatID>VH<"),
    "XAF6009": ("<periodNumber>2<", "<periodNumber>1<"),
    "XAF7002": ("<trDt>2025-01-15", "<trDt>2024-01-15"),
    "XAF7003": ("<trDt>2025-01-15", "<trDt>2025-02-15"),
    "XAF7004": ("<jrnTp>S</jrnTp>", "<jrnTp>O</jrnTp>"),
    "XAF7006": (re.compile("<openingBalance>.*</openingBalance>", re.DOTALL), ""),
    "XAF7007": ("<fiscalYear>2025", "<fiscalYear>2023"),
    "XAF7011": (re.compile("<trLine>.*</trLine>", re.DOTALL), ""),
    "XAF8001": ("<accTp>P</accTp>", "<accTp>P</accTp><RGScode>NVT</RGScode>"),
    "XAF8002": ("<accTp>P</accTp>", "<accTp>P</accTp><RGScode>12</RGScode>"),
}


@pytest.mark.parametrize("code", FAULTS)
def test_each_kind_of_fault_is_in_the_plan(desk: Workspace, code: str) -> None:  # noqa: F811
    old, new = FAULTS[code]
    good = (SMALL / "good.xaf").read_text(encoding="utf-8")
    path = desk.folder / "fault.xaf"
    path.write_text(re.sub(old, new, good) if isinstance(old, re.Pattern) else good.replace(old, new), encoding="utf-8")
    assert code in validate_same(at.Office.open(desk.office), path)


@pytest.mark.parametrize("part", range(4))
def test_what_is_found_in_a_mutated_file_is_in_the_plan(desk: Workspace, part: int, thorough: bool) -> None:  # noqa: F811
    """As many as `test_auditfile_mutations` makes, and as many that differ by one value only."""
    chance, office = random_for(f"proof {part}"), at.Office.open(desk.office)
    codes: Counter[str] = Counter()
    for _ in range(2_500 if thorough else 60):
        path = desk.folder / "mutated.xaf"
        if chance.randrange(2):
            path.write_bytes(mutated(chance.choice(SOURCES).read_bytes(), chance))
        else:
            path.write_bytes(nearly((SMALL / chance.choice(PROVEN)).read_bytes(), chance))
        codes.update(validate_same(office, path))
    assert len(codes) > 10, codes


def test_a_schema_that_finds_nothing_is_not_believed(desk: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    """Where lxml doesn't say what isn't valid, each file is validated by pyxaf."""
    anything = '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="{}"><xs:element name="auditfile"/></xs:schema>'
    monkeypatch.setattr(proof, "build_schema", lambda _, namespace, __: etree.XMLSchema(etree.XML(anything.format(namespace))))
    seen = validations(monkeypatch)
    at.Office.open(desk.office).plan_auditfile_import(SMALL / "good.xaf", 9)
    assert len(seen) == 1


def test_a_column_is_filled_from_the_line_on_that_first_has_it(desk: Workspace) -> None:  # noqa: F811
    """Lines of one file with other elements each, in other orders."""
    text = (SMALL / "good.xaf").read_text(encoding="utf-8")
    text = text.replace(
        "<amnt>100.00</amnt><amntTp>C</amntTp>", "<amnt>100.00</amnt><amntTp>C</amntTp><cost>K1</cost><project>P1</project>"
    )
    currency = "<currency><curCode>USD</curCode><curAmnt>25.00</curAmnt></currency>"
    text = text.replace("<amnt>21.00</amnt><amntTp>C</amntTp>", f"<amnt>21.00</amnt><amntTp>C</amntTp><project>P2</project>{currency}")
    path = desk.folder / "columns.xaf"
    path.write_text(text, encoding="utf-8")
    desk.ok("auditfile", "import", path, "--administration", 9, "--confirm")
    found = table(desk, "SELECT account, relation, cost_centre, project, currency, currency_amount, more FROM lines ORDER BY id")
    assert found == [
        ("1300", "D1", None, None, None, None, None),
        ("8000", None, "K1", "P1", None, None, None),
        ("1500", None, None, "P2", "USD", 2_500, None),
    ]
