"""The master data of an audit file as rows for the books."""

import re
from typing import Literal

import pyxaf

from accountools.domain.audit_file.contents import MasterData
from accountools.domain.audit_file.findings import FileFacts
from accountools.domain.audit_file.rows import (
    AccountRow,
    JournalRow,
    OpeningRow,
    PeriodRow,
    RelationBalanceRow,
    RelationRow,
    VatCodeRow,
    YearRow,
)
from accountools.formats.auditfile.faults import AmountFaults, DateFaults
from accountools.formats.auditfile.source import AuditfileSource
from accountools.formats.auditfile.values import as_json, day_of, remainder, to_json

_MOST_PERIOD = 999_999  # as of entries; the format has three digits
_YEAR = re.compile(r"([0-9]{4})(?:\s*[-/]\s*([0-9]{2}|[0-9]{4}))?")
_ACCOUNT_KINDS: dict[pyxaf.AccountKind, Literal["B", "P"]] = {pyxaf.AccountKind.BALANCE: "B", pyxaf.AccountKind.PROFIT_LOSS: "P"}
_RELATION_KINDS: dict[pyxaf.RelationKind, Literal["D", "C", "B"]] = {
    pyxaf.RelationKind.CUSTOMER: "D",
    pyxaf.RelationKind.SUPPLIER: "C",
    pyxaf.RelationKind.BOTH: "B",
}
_JOURNAL_KINDS = {
    pyxaf.JournalKind.BANK: "B",
    pyxaf.JournalKind.CASH: "C",
    pyxaf.JournalKind.GOODS: "G",
    pyxaf.JournalKind.MEMO: "M",
    pyxaf.JournalKind.OPENING: "O",
    pyxaf.JournalKind.PURCHASES: "P",
    pyxaf.JournalKind.SALES: "S",
    pyxaf.JournalKind.PRODUCTION: "T",
    pyxaf.JournalKind.PAYROLL: "Y",
}
_ADDRESS = ("street", "number", "number_extension", "property", "city", "postal_code", "region", "country")
_ADDRESSES = frozenset({"streetAddress", "postalAddress"})
_HEADER = frozenset({"fiscalYear", "startDate", "endDate", "curCode", "currencyCode", "dateCreated", "softwareDesc", "softwareVersion",
                     "productID", "productVersion", "RGSVersion", "auditfileVersion"})  # fmt: skip
_COMPANY = _ADDRESSES | {"Commercenr", "companyName", "taxRegistrationCountry", "taxRegIdent", "taxRegistrationNr",
                         "customersSuppliers", "generalLedger", "vatCodes", "periods", "openingBalance", "transactions"}  # fmt: skip
_ACCOUNT = frozenset({"accID", "accDesc", "RGScode", "accountID", "accountDesc"})
_RELATION = _ADDRESSES | {"custSupID", "custSupName", "companyName", "eMail", "commerceNr", "taxRegistrationCountry", "taxRegIdent",
                          "taxRegistrationNr", "opBalDesc", "opBalTp", "clBalDesc", "clBalTp"}  # fmt: skip
_VAT_CODE = frozenset({"vatID", "vatDesc", "vatToPayAccID", "vatToClaimAccID"})
_PERIOD = frozenset({"periodNumber", "startDatePeriod", "endDatePeriod", "periodDesc"})
_OPENING_LINE = frozenset({"nr", "accID", "amnt", "amntTp"})
_JOURNAL = frozenset({"jrnID", "desc", "jrnTp", "offsetAccID", "bankAccNr", "journalID", "description", "type", "transaction"})


def facts_of(opened: pyxaf.AuditFile, source: AuditfileSource) -> FileFacts:
    """What the file says of itself."""
    header, company = opened.header, opened.company
    first, last = day_of(header.start_date, header.raw, "startDate"), day_of(header.end_date, header.raw, "endDate")
    software = " ".join(part for part in (header.software_name, header.software_version) if part)
    return FileFacts(
        path=str(source.paths[0]) if len(source.paths) == 1 else ", ".join(map(str, source.paths)),
        version=opened.version.value,
        software=software or None,
        company=company.name,
        kvk=company.commerce_number or company.identifier,
        year=label_of(header.fiscal_year, first, last),
        first_day=first,
        last_day=last,
        encoding=opened.format.encoding.effective,
    )


def label_of(fiscal_year: str | None, first: str | None, last: str | None) -> str:
    """The label of a year: the fiscal year that the header names if its days lie in it, else made of the days."""
    written = _YEAR.fullmatch((fiscal_year or "").strip())
    years = [day[:4] for day in (first, last) if day]
    of_days = "-".join(dict.fromkeys(years))
    if written is None:
        return of_days or "0000"
    begin, end = written[1], written[2] or written[1]
    label = "-".join(dict.fromkeys((begin, begin[: 4 - len(end)] + end)))
    return label if not years or {begin, label[-4:]} & set(years) else of_days


def read_master(
    opened: pyxaf.AuditFile, source: AuditfileSource, sha256: str, faults: AmountFaults, earlier: MasterData | None = None
) -> MasterData:
    """All but the entries. Amounts that can't be read are added to `faults`.

    `earlier` is what was read before the entries, if pyxaf found more after them; an opening balance before them is the only one.
    """
    facts = facts_of(opened, source)
    master, before = MasterData(_year(opened, source, facts, sha256)), 0
    if earlier is not None:
        master.relation_balances, master.opening_lines, before = earlier.relation_balances, earlier.opening_lines, len(earlier.relations)
    master.periods = _periods(opened, facts.year)
    master.accounts = [_account(one) for one in opened.accounts.values()]
    master.vat_codes = [_vat_code(one) for one in opened.vat_codes.values()]
    for number, relation in enumerate(opened.relations.values()):
        master.relations.append(_relation(relation))
        balance = _balance(relation, facts.year, faults) if number >= before else None
        if balance is not None:
            master.relation_balances.append(balance)
    for number, line in enumerate(() if master.opening_lines else opened.opening_balance("element").lines, 1):
        amount, side = faults.of_line(line.raw)
        if amount is not None and side is not None:
            more = as_json(remainder(line.raw, _OPENING_LINE))
            master.opening_lines.append(OpeningRow(number, facts.year, line.account_id or "", side, amount, line.number, more=more))
    return master


def journal_row(one: pyxaf.Journal) -> JournalRow:
    """A journal. Its `kind` is the letter of XAF, also where the file has a word that is understood (CLAIR2, ADF), else as written."""
    written, more = (one.journal_type.code or "").strip(), remainder(one.raw, _JOURNAL)
    kind = written if len(written) < 2 else _JOURNAL_KINDS.get(one.journal_type.kind, written)  # noqa: PLR2004 - a letter
    if kind != written:
        more["jrnTp"] = written
    return JournalRow(one.id, one.description or "", kind, one.offset_account_id, one.bank_account, as_json(more))


def check_days(opened: pyxaf.AuditFile, year: YearRow, dates: DateFaults) -> None:
    """Add to `dates` the first and last day of the year that are written and can't be read."""
    header = opened.header
    for name, read, becomes in (("startDate", header.start_date, year.first_day), ("endDate", header.end_date, year.last_day)):
        written = None if header.raw is None else header.raw.fields.get(name)
        if written is not None and day_of(read, header.raw, name) is None:
            dates.add(header.raw, name, written, becomes)


def _year(opened: pyxaf.AuditFile, source: AuditfileSource, facts: FileFacts, sha256: str) -> YearRow:
    header, company = opened.header, opened.company
    opening = opened.opening_balance("element")
    more = {"header": remainder(header.raw, _HEADER), "company": remainder(company.raw, _COMPANY | _HEADER)}
    year = facts.year[:4]
    return YearRow(
        label=facts.year,
        first_day=facts.first_day or f"{year}-01-01",
        last_day=facts.last_day or f"{facts.year[-4:]}-12-31",
        closed=0,
        format=facts.version,
        file=source.name,
        sha256=sha256,
        fiscal_year=header.fiscal_year,
        currency=header.currency,
        created=day_of(header.created, header.raw, "dateCreated"),
        software=header.software_name,
        software_version=header.software_version,
        rgs_version=header.rgs_version,
        company=company.name,
        kvk=company.commerce_number,
        tax_country=company.tax_registration_country,
        tax_number=company.tax_registration_id,
        addresses=_addresses(company.addresses),
        opening_day=None if opening.date is None else opening.date.isoformat(),
        opening_text=opening.description,
        more=as_json(more),
    )


def _periods(opened: pyxaf.AuditFile, year: str) -> list[PeriodRow]:
    found: dict[int, PeriodRow] = {}
    for one in opened.periods.values():
        if one.number is not None and 0 <= one.number <= _MOST_PERIOD:
            more = as_json(remainder(one.raw, _PERIOD))
            days = day_of(one.start_date, one.raw, "startDatePeriod"), day_of(one.end_date, one.raw, "endDatePeriod")
            row = PeriodRow(year, one.number, *days, one.description, more)
            found.setdefault(one.number, row)
    return list(found.values())


def _account(one: pyxaf.LedgerAccount) -> AccountRow:
    kind: Literal["B", "P", "M"] = _ACCOUNT_KINDS.get(one.account_type.kind, "M")
    written = (one.account_type.code or "").strip()
    more = remainder(one.raw, _ACCOUNT | {"accTp", "accountType"})
    if written and written != kind:
        more["accTp"] = written
    rgs, source = "", None
    if one.rgs is not None and not one.rgs.placeholder:
        rgs, source = one.rgs.raw.strip(), one.rgs.source
        if source == "taxonomy":  # a QName, or a URI with a fragment
            rgs = rgs.rsplit("#", 1)[-1].rsplit(":", 1)[-1]
    elif one.rgs is not None and one.rgs.source == "RGScode":  # such as 0000, which says that there is none
        more["RGScode"] = one.rgs.raw.strip()
    return AccountRow(one.id, one.description or "", rgs, kind, "D", "", source, as_json(more))


def _vat_code(one: pyxaf.VatCode) -> VatCodeRow:
    more = as_json(remainder(one.raw, _VAT_CODE))
    return VatCodeRow(one.id, one.description or "", None, one.payable_account_id, one.receivable_account_id, more)


def _relation(one: pyxaf.Relation) -> RelationRow:
    kind: Literal["D", "C", "B", "O"] = _RELATION_KINDS.get(one.relation_type.kind, "O")
    more = remainder(one.raw, _RELATION | {"custSupTp", "type"})
    written = (one.relation_type.code or "").strip()
    if written and written != {"D": "C", "C": "S"}.get(kind, kind):
        more["custSupTp"] = written
    city = next((address.city for address in one.addresses if address.city), None)
    return RelationRow(
        one.id,
        one.name or "",
        kind,
        city or "",
        one.email,
        one.commerce_number,
        one.tax_registration_country,
        one.tax_registration_id,
        _addresses(one.addresses),
        as_json(more),
    )


def _balance(one: pyxaf.Relation, year: str, faults: AmountFaults) -> RelationBalanceRow | None:
    opening, opening_side = faults.of_names(one.raw, "opBalDesc", "opBalTp")
    closing, closing_side = faults.of_names(one.raw, "clBalDesc", "clBalTp")
    if opening is None and closing is None:
        return None
    return RelationBalanceRow(year, one.id, opening, opening_side, closing, closing_side)


def _addresses(addresses: tuple[pyxaf.Address, ...]) -> str | None:
    found = [
        {"kind": one.kind} | {name.removeprefix("number_"): value for name in _ADDRESS if (value := getattr(one, name)) is not None}
        for one in addresses
    ]
    return to_json(found) if found else None
