"""Charts of accounts as CSV or a workbook (`code,name,rgs,kind,side,vat`): the standard ones, and those of a file; and writing one."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar

from accountools.domain import rgs
from accountools.domain.calendar import ExecutionContext
from accountools.domain.identifiers import single_line
from accountools.domain.ledger import Account, Side
from accountools.domain.messages import N_
from accountools.domain.obstacle import Obstacle, Reason, obstacle
from accountools.domain.vat import TREATMENTS, vat_rgs
from accountools.formats.csv_files import Columns, fault, parse_rows, refuse_faults, remark_unread, without_apostrophes, write_csv
from accountools.formats.tables import TableFault, TableRow
from accountools.formats.workbook import Column, Sheet, WorkbookProperties, write_workbook
from accountools.resources import samples

T = TypeVar("T")
COLUMNS = ("code", "name", "rgs", "kind", "side", "vat")
OTHER_NAMES = {  # as they are called in Dutch lists
    **dict.fromkeys(("rekening", "rekeningnummer", "rekeningnr", "grootboekrekening", "nummer", "nr"), "code"),
    **dict.fromkeys(("naam", "omschrijving"), "name"),
    **dict.fromkeys(("rgscode", "referentiecode"), "rgs"),
    **dict.fromkeys(("soort", "rekeningsoort", "balw&v", "balanswv", "balansw&v", "balansofresultaat"), "kind"),
    **dict.fromkeys(("zijde", "debetcredit", "dc"), "side"),
    **dict.fromkeys(("btw", "btwcode", "btwtarief"), "vat"),
}
ENDINGS = (".csv", ".xlsx")  # of the files that are written
STANDARD_CHARTS = {
    "standard": N_("The standard chart of a private limited company (BV)"),
    "sole-trader": N_("The standard chart of a sole trader"),
    "association": N_("The standard chart of an association"),
}

_WIDTHS = (10, 48, 14, 6, 6, 8)
_BALANCE = {"b", "balance", "balance sheet", "balans", "asset", "assets", "liability", "liabilities", "equity", "activa", "passiva"}
_RESULT = {"p", "w", "profit and loss", "profit-and-loss", "profit-loss", "result", "winst en verlies", "revenue", "income", "expense"}
_MIXED = {"m", "mixed", "gemengd", "memorandum", "memoriaal"}
_KINDS: Mapping[Literal["B", "P", "M"], set[str]] = {"B": _BALANCE, "P": _RESULT, "M": _MIXED}
_KIND_BY_RGS: Mapping[str, Literal["B", "P", "M"]] = {"B": "B", "W": "P"}
_SIDES: Mapping[Side, set[str]] = {"D": {"d", "debit", "debet"}, "C": {"c", "credit"}}


@dataclass(frozen=True)
class ChartFile:
    """A chart that was read: its accounts, and what deserves attention in it without making it unusable.

    `columns` are those that the file has; in the others its accounts have what is usual. `without_kind` are the accounts whose kind is
    empty in the file: theirs is that of the RGS code, else M. `unread` are the titles of the columns that aren't known.
    """

    accounts: tuple[Account, ...]
    remarks: tuple[Obstacle, ...] = ()
    columns: frozenset[str] = frozenset(COLUMNS)
    without_kind: frozenset[str] = frozenset()
    unread: tuple[str, ...] = ()


def read_chart(chart: Path | str) -> ChartFile:
    """The standard chart of that name, else the chart in that file. Raises `file-not-found`, `file-too-large`, `chart-invalid`."""
    path = samples() / f"{chart}-chart.csv" if chart in STANDARD_CHARTS else Path(chart)
    lines: dict[str, int] = {}
    titles: dict[str, str] = {}
    without_kind: set[str] = set()
    unread: dict[str, None] = {}

    def parse(row: TableRow) -> Account:
        titles.update(row.titles)
        unread.update(dict.fromkeys(row.unread))
        account = _account(row)
        if not single_line(row.cells["kind"]).strip():
            without_kind.add(account.code)
        return account

    def check(line: int, account: Account) -> TableFault | None:
        first = lines.setdefault(account.code, line)
        return None if first == line else TableFault(Reason.CODE_TWICE, column="code", value=account.code, other=first)

    rows = parse_rows(path, "chart-invalid", Columns(COLUMNS, ("code", "name"), OTHER_NAMES), parse, check)
    remarks = sorted((*_rgs_remarks(rows), *_vat_remarks(rows), *_code_remarks(rows)), key=lambda remark: remark.line)
    accounts = tuple(account for _, account in rows)
    found = (
        *(one.obstacle(path, titles) for one in remarks),
        *remark_kinds(one for one in accounts if one.code in without_kind),
        *remark_unread(path, unread),
    )
    return ChartFile(accounts, found, frozenset(titles), frozenset(without_kind), tuple(unread))


def remark_kinds(accounts: Iterable[Account]) -> tuple[Obstacle, ...]:
    """How many of these accounts, whose kind wasn't given, have none by their RGS code."""
    count = sum(one.kind == "M" for one in accounts)
    return (obstacle("kind-missing", count=count),) if count else ()


def render_chart(accounts: Iterable[Account], kind: str, title: str, context: ExecutionContext, *, dutch: bool) -> bytes:
    """A chart as a file of this kind, one of `ENDINGS`. CSV that is `dutch` opens rightly in a Dutch spreadsheet program."""
    rows = tuple((one.code, one.name, one.rgs, one.kind, one.side, one.vat) for one in accounts)
    if kind == ".csv":
        return write_csv(COLUMNS, rows, delimiter=";" if dutch else ",", bom=dutch)
    columns = tuple(Column(name, width) for name, width in zip(COLUMNS, _WIDTHS, strict=True))
    return write_workbook([Sheet(title, columns, rows)], WorkbookProperties(title, context.actor, context.now, title))


def _account(row: TableRow) -> Account:
    cell = {name: single_line(text) for name, text in row.cells.items()}
    if not row.of_workbook:
        cell = {name: without_apostrophes(text) for name, text in cell.items()}
    faults = [_chart_fault(Reason.CHART_FIELDS, column, "") for column in ("code", "name") if not cell[column]]
    kind: Literal["B", "P", "M"] | None = _one_of(cell["kind"], _KINDS, otherwise=_KIND_BY_RGS.get(cell["rgs"][:1], "M"))
    side: Side | None = _one_of(cell["side"], _SIDES, otherwise="D")
    if kind is None:
        faults.append(_chart_fault(Reason.CHART_KIND, "kind", cell["kind"]))
    if side is None:
        faults.append(_chart_fault(Reason.CHART_SIDE, "side", cell["side"]))
    refuse_faults(faults)
    return Account(cell["code"], cell["name"], cell["rgs"], kind or "M", side or "D", cell["vat"])  # None was refused


def _chart_fault(why: Reason, column: str, value: str) -> Obstacle:
    return obstacle("chart-invalid", path="", why=why, column=column, value=value)


def _one_of(text: str, words: Mapping[T, set[str]], *, otherwise: T) -> T | None:
    """What a word stands for; `otherwise` of an empty cell, None of another word."""
    word = text.strip().casefold()
    return otherwise if not word else next((value for value, known in words.items() if word in known), None)


Rows = list[tuple[int, Account]]


@dataclass(frozen=True)
class _Remark:
    """What deserves attention in a cell."""

    line: int
    column: str
    value: str
    why: Reason
    facts: tuple[tuple[str, object], ...] = ()

    def obstacle(self, path: Path, titles: Mapping[str, str]) -> Obstacle:
        column = titles.get(self.column, self.column)
        return fault("chart-attention", path, line=self.line, column=column, value=self.value, why=self.why, **dict(self.facts))


def _rgs_remarks(rows: Rows) -> Iterator[_Remark]:
    """RGS codes that can't be of such an account, or of two accounts."""
    lines: dict[str, int] = {}
    for line, account in rows:
        code = account.rgs
        if not code:
            continue
        level, first = rgs.rgs_level(code), lines.setdefault(code, line)
        if not rgs.is_rgs_code(code):
            yield _Remark(line, "rgs", code, Reason.RGS_FORM)
        elif level != rgs.ACCOUNT_LEVEL:
            yield _Remark(line, "rgs", code, Reason.RGS_LEVEL, (("level", level),))
        elif account.kind not in {"M", "B" if code[0] == "B" else "P"}:
            yield _Remark(line, "rgs", code, Reason.RGS_KIND, (("letter", code[0]), ("kind", account.kind)))
        if first != line:
            yield _Remark(line, "rgs", code, Reason.RGS_TWICE, (("other", first),))


def _vat_remarks(rows: Rows) -> Iterator[_Remark]:
    """VAT codes that aren't standard, and the accounts that are missing for the tax of those that are."""
    treatments, known = {one.code.code: one for one in TREATMENTS}, {vat_rgs(account.rgs) for _, account in rows}
    lines: dict[str, int] = {}
    for line, account in rows:
        code = account.vat
        if not code or lines.setdefault(code, line) != line:
            continue
        if code not in treatments:
            yield _Remark(line, "vat", code, Reason.VAT_UNKNOWN)
        elif any(known):
            needed = (treatments[code].payable, treatments[code].deductible)
            yield from (_Remark(line, "vat", code, Reason.VAT_ACCOUNT, (("rgs", one),)) for one in needed if one and one not in known)


def _code_remarks(rows: Rows) -> Iterator[_Remark]:
    """Codes that lost their zeros: shorter than most, in a chart where none begins with one."""
    codes = [account.code for _, account in rows]
    if not codes or not all(code.isdecimal() and not code.startswith("0") for code in codes):
        return
    usual, count = Counter(map(len, codes)).most_common(1)[0]
    for line, account in rows:
        if len(account.code) < usual and count > len(codes) / 2:
            yield _Remark(line, "code", account.code, Reason.CODE_SHORTENED)
