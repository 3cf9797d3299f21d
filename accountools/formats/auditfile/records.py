"""The rows of books as the values of elements: columns by the names that a version gives them, and what their `more` holds."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from accountools.domain.audit_file.findings import WrittenVersion
from accountools.domain.audit_file.rows import (
    LINE_COLUMNS,
    AccountRow,
    EntryRow,
    JournalRow,
    LineValues,
    OpeningRow,
    PeriodRow,
    RelationBalanceRow,
    RelationRow,
    StoredSubledgerRow,
    VatCodeRow,
    VatRow,
    YearRow,
)
from accountools.domain.errors import Refused
from accountools.domain.identifiers import KvkNumber
from accountools.domain.ledger import format_amount, optional_amount
from accountools.formats.auditfile.layout import Losses, Values

_COMMON_LINE = {
    "number": "nr", "account": "accID", "document": "docRef", "effective_date": "effDate", "settlement_date": "settDate",
    "description": "desc", "side": "amntTp", "relation": "custSupID", "invoice": "invRef", "match_key": "matchKeyID",
    "receipt": "receivingDocRef", "shipment": "shipDocRef", "work_costs": "workCostArrRef", "quantity": "qntity",
    "bank_account": "bankAccNr", "offset_bank_account": "offsetBankAccNr",
}  # fmt: skip
_LINES: Mapping[WrittenVersion, Mapping[str, str]] = {
    "4.0": _COMMON_LINE | {"cost_centre": "cost", "product": "product", "project": "project"},
    "3.2": _COMMON_LINE | {"cost_centre": "costID", "product": "prodID", "project": "projID"},
}
_AT = {name: index for index, name in enumerate(LINE_COLUMNS)}
_SIDE, _AMOUNT, _CURRENCY, _CURRENCY_AMOUNT, MORE = (_AT[name] for name in ("side", "amount", "currency", "currency_amount", "more"))
BESIDE = frozenset({"nr", "effDate", "amnt", "vat", "currency"})
_RELATION_KINDS = {"D": "C", "C": "S"}  # a debtor is a customer, a creditor a supplier
_ADDRESS = {
    "street": "streetname", "number": "number", "extension": "numberExtension", "property": "property", "city": "city",
    "postal_code": "postalCode", "region": "region", "country": "country",
}  # fmt: skip
_UNDECLARED = "undeclared"  # in `more`: that no file defined it; this one does


class Records:
    """Makes values of rows, for one version. What has no element by itself is counted in `losses`."""

    def __init__(self, version: WrittenVersion, losses: Losses) -> None:
        self._is_newest = version == "4.0"
        self._losses = losses
        self.line_columns = {tag: _AT[name] for name, tag in _LINES[version].items() if name in _AT}  # of text
        self._source, self._user = ("Source", "User") if self._is_newest else ("sourceID", "userID")

    def header(self, year: YearRow, software: tuple[str, str], created: str) -> Values:
        """The header; `software` and `created` are for books that come from no file."""
        name, version = (year.software, year.software_version) if year.software else software
        values = _values(
            fiscalYear=year.fiscal_year or year.label,
            startDate=year.first_day,
            endDate=year.last_day,
            curCode=year.currency or "EUR",
            dateCreated=year.created or created,
            softwareDesc=name,
            softwareVersion=version,
            RGSVersion=year.rgs_version,
        )
        if year.closed:
            self._losses.add("header/closed", "left-out", year.label)
        return self._with_more("header", values, _members(_more(year).get("header")))

    def company(self, year: YearRow) -> Values:
        """The company, without what is in it by many."""
        more = _more(year)
        beside = _members(more.get("company"))
        values = _values(
            companyName=year.company,
            taxRegistrationCountry=year.tax_country,
            taxRegIdent=year.tax_number,
            **_addresses(year.addresses),
        )
        if self._is_newest:
            written = beside.get("companyIdent")
            if year.kvk is None and isinstance(written, str) and _is_kvk(written):
                values["Commercenr"] = beside.pop("companyIdent")
            elif year.kvk is not None:
                values["Commercenr"] = year.kvk
        elif "companyIdent" not in beside and year.kvk is not None:
            values["companyIdent"] = year.kvk
        return self._with_more("company", values, beside)

    @staticmethod
    def basics(year: YearRow) -> list[Values]:
        """The list of cost centres, projects and the like."""
        found = _more(year).get("basics")
        return list(filter(None, map(_members, found))) if isinstance(found, list) else []

    def relation(self, row: RelationRow, balance: RelationBalanceRow | None) -> Values:
        """A relation, with the balances that are stated of it."""
        values = _values(
            custSupID=row.code,
            custSupName=row.name,
            eMail=row.email,
            commerceNr=row.kvk,
            taxRegistrationCountry=row.tax_country,
            taxRegIdent=row.tax_number,
            custSupTp=_RELATION_KINDS.get(row.kind, row.kind),
            **_addresses(row.addresses),
        )
        if row.city and not row.addresses:
            values["streetAddress"] = [{"city": row.city}]
        if row.kind == "O" and self._is_newest:
            del values["custSupTp"]  # how 4.0 says that it is another one
        if balance is not None:
            values |= _values(
                opBalDesc=optional_amount(balance.opening),
                opBalTp=balance.opening_side,
                clBalDesc=optional_amount(balance.closing),
                clBalTp=balance.closing_side,
            )
        return self._with_more("customerSupplier", values, _more(row))

    def account(self, row: AccountRow, net: int) -> Values:
        """A ledger account; `net` is what its debit is more than its credit, from which who reads the file takes its normal side."""
        values, more = _values(accID=row.code, accDesc=row.name, accTp=row.kind), _more(row)
        if self._is_newest:
            values |= _values(RGScode=row.rgs)
            if str(more.get(row.rgs_source or "", "")).strip() == row.rgs:
                more.pop(row.rgs_source or "", None)
        elif row.rgs and (row.rgs_source or "") not in more:
            more["taxonomy"] = [{"taxoRef": "RGS", "entryPoint": [{"entryPointRef": "RGS", "conceptRef": row.rgs}]}]
        if row.vat:
            self._losses.add("ledgerAccount/vat", "left-out", row.vat)
        if row.side != ("C" if net < 0 else "D"):
            self._losses.add("ledgerAccount/side", "left-out", f"{row.code} {row.side}")
        return self._with_more("ledgerAccount", values, more)

    def vat_code(self, row: VatCodeRow) -> Values:
        """A VAT code."""
        values = _values(vatID=row.code, vatDesc=row.name, vatToPayAccID=row.payable_account, vatToClaimAccID=row.receivable_account)
        if row.rate is not None:
            self._losses.add("vatCode/rate", "left-out", f"{row.code} {format_amount(row.rate)}")
        return self._with_more("vatCode", values, _more(row))

    def period(self, row: PeriodRow) -> Values:
        """A period."""
        values = _values(periodNumber=str(row.number), periodDesc=row.name, startDatePeriod=row.first_day, endDatePeriod=row.last_day)
        return self._with_more("period", values, _more(row))

    def opening_line(self, row: OpeningRow, number: str, *, due_stated: bool) -> Values:
        """A line of the opening balance with this number; `due_stated` where a sub-ledger says when it is due."""
        values = _values(
            nr=number,
            accID=row.account,
            amntTp=row.side,
            amnt=format_amount(row.amount),
            desc=row.description,
            custSupID=row.relation,
            docRef=row.document,
            invRef=row.invoice,
            invDueDt=None if due_stated else row.due,
        )
        return self._with_more("obLine", values, _more(row))

    def journal(self, row: JournalRow) -> Values:
        """A journal, without its entries."""
        values = _values(jrnID=row.code, desc=row.name, jrnTp=row.kind, offsetAccID=row.offset_account, bankAccNr=row.bank_account)
        return self._with_more("journal", values, _more(row))

    def entry(self, row: EntryRow) -> Values:
        """An entry, without its lines."""
        values: Values = {"nr": row.number, "periodNumber": str(row.period), "trDt": row.date}
        if row.description:
            values["desc"] = row.description
        if row.source:
            values[self._source] = row.source
        if row.user_name:
            values[self._user] = row.user_name
        return self._with_more("transaction", values, _more(row)) if row.more else values

    def line_beside(self, row: LineValues, number: str, date: str, vat_rows: Sequence[VatRow], rates: Mapping[str, int]) -> Values:
        """What a line has beside its columns of text: the elements `BESIDE`.

        It has this number in its entry, which has this date; `rates` are those of VAT codes.
        """
        values: Values = {"nr": number, "effDate": date, "amnt": format_amount(row[_AMOUNT])}  # type: ignore[arg-type]
        if vat_rows:
            values["vat"] = [self._vat(one, str(row[_SIDE]), rates) for one in vat_rows]
        currency, amount = row[_CURRENCY], row[_CURRENCY_AMOUNT]
        if currency and amount is not None:
            values["currency"] = {"curCode": currency, "curAmnt": format_amount(amount)}  # type: ignore[arg-type]
        elif currency or amount is not None:
            self._losses.add("trLine/currency", "left-out", f"{currency or ''} {amount or ''}".strip())
        return values

    def line(self, row: LineValues, beside: Values) -> Values:
        """A line whose `more` isn't empty, with what it has beside its columns."""
        values = beside | {tag: value for tag, at in self.line_columns.items() if (value := row[at])}
        return self._with_more("trLine", values, _members(_read_json(str(row[MORE]))))

    def subledger_line(self, row: StoredSubledgerRow, number: int, of_opening: str | None) -> Values:
        """A line of a sub-ledger, the `number`th; `of_opening` is the number of the line of the opening that it belongs to."""
        more = _more(row)
        more.pop("sbDesc", None)
        values = _values(
            nr=more.pop("nr", str(number)),
            obLineNr=of_opening,
            amnt=format_amount(row.amount),
            amntTp=row.side,
            custSupID=row.relation,
            invRef=row.invoice,
            invDt=row.invoice_date,
            invDueDt=row.due,
        )
        return self._with_more("sbLine", values, more)

    @staticmethod
    def subledger(row: StoredSubledgerRow) -> tuple[str, str]:
        """The type and the description of its sub-ledger."""
        return row.ledger, str(_more(row).get("sbDesc", ""))

    def _vat(self, row: VatRow, side: str, rates: Mapping[str, int]) -> Values:
        percentage, amount = row.percentage, row.amount
        if percentage is None and row.code in rates:
            percentage = rates[row.code] * 10
        if percentage is None:
            self._losses.add("vat/vatPerc", "replaced", f"{row.code} —")
        if amount is None:
            self._losses.add("vat/vatAmnt", "replaced", f"{row.code} —")
        if percentage is not None and percentage < 0:
            self._losses.add("vat/vatPerc", "replaced", f"{row.code} {_percentage(percentage)}")
            percentage = 0
        return {
            "vatID": row.code,
            "vatPerc": _percentage(percentage or 0),
            "vatAmnt": format_amount(amount or 0),
            "vatAmntTp": row.side or side,
        }

    def _with_more(self, name: str, values: Values, more: Mapping[str, Any]) -> Values:
        """The values, and those of `more` for which there is no column."""
        for key, value in more.items():
            if key == _UNDECLARED:
                continue
            if key in values:
                if value != values[key]:
                    self._losses.add(f"{name}/{key}", "left-out", value)
            else:
                values[key] = value
        return values


def _values(**values: Any) -> Values:
    return {name: value for name, value in values.items() if value not in (None, "", [])}


def _more(row: Any) -> dict[str, Any]:
    return _members(_read_json(row.more))


def _read_json(text: str | None) -> Any:
    """JSON of a column, None for none: also where Python can't read it, such as a number of thousands of digits by another program."""
    try:
        return json.loads(text) if text else None
    except (ValueError, RecursionError):
        return None


def _members(found: object) -> dict[str, Any]:
    """What is in an object within; another program may have written something else there, of which nothing is known."""
    return dict(found) if isinstance(found, dict) else {}


def _addresses(text: str | None) -> dict[str, list[Values]]:
    """Addresses by the element of their kind."""
    found: dict[str, list[Values]] = {}
    for one in _read_json(text) or ():
        values = {tag: one[name] for name, tag in _ADDRESS.items() if one.get(name)}
        found.setdefault("postalAddress" if one.get("kind") == "postal" else "streetAddress", []).append(values)
    return found


def _percentage(thousandths: int) -> str:
    sign = "-" if thousandths < 0 else ""
    whole, fraction = divmod(abs(thousandths), 1000)
    return f"{sign}{whole}.{fraction:03d}".rstrip("0").rstrip(".")


def _is_kvk(text: str) -> bool:
    try:
        KvkNumber.parse(text)
    except Refused:
        return False
    return True
