"""The lines on the accounts of debtors and creditors, added up by what may belong together: a matching key, or a reference.

A line that has lines of a sub-ledger is divided into these, and into what they leave of it. The reference is the invoice that the
sub-ledger names, else the line's own, else its document; the relation is that of the sub-ledger, else the line's own.
"""

from collections.abc import Collection, Iterator
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from accountools.storage.books.balances import ENTRY_LINES, NET, OPENING_NET, OPENS, is_movement
from accountools.storage.schema import entries, journals, lines, opening_lines, subledger_lines

_AT_A_TIME = 1_000
_SUBLEDGER_NET = sa.case((subledger_lines.c.side == "D", subledger_lines.c.amount), else_=-subledger_lines.c.amount)
_INVOICES = sa.select(journals.c.code).where(sa.func.upper(journals.c.kind).in_(("S", "P")))


class OpenGroup(NamedTuple):
    """Lines of one account and relation with the same key and reference; a line without both is a group of its own.

    `debit` and `credit` are the sums of what raises and lowers the balance, in cents; each with its first day and its first due date, and
    with what of it is in a journal of sales or purchases.
    """

    account: str
    relation: str | None
    key: str | None
    reference: str | None
    debit: int
    credit: int
    debit_date: str | None
    credit_date: str | None
    debit_due: str | None
    credit_due: str | None
    invoiced_debit: int
    invoiced_credit: int


def open_groups(
    connection: sa.Connection, codes: Collection[str], labels: Collection[str], last: str, until: str | None
) -> Iterator[OpenGroup]:
    """The groups of these accounts in the years `labels`, of which the first gives its opening too; of the `last`, up to `until`."""
    first = next(iter(labels))
    stated = sa.select(
        opening_lines.c.id,
        opening_lines.c.account,
        opening_lines.c.relation,
        _stated_key(connection).label("match_key"),
        sa.func.coalesce(sa.func.nullif(opening_lines.c.invoice, ""), sa.func.nullif(opening_lines.c.document, "")).label("reference"),
        sa.cast(sa.null(), sa.Text).label("date"),
        opening_lines.c.due,
        OPENING_NET.label("net"),
        sa.literal(1).label("invoiced"),
    ).where(opening_lines.c.year == first, opening_lines.c.account.in_(codes))
    wanted = [sa.and_(*is_movement(label, until if label == last else None)) for label in labels]
    booked = (
        sa.select(
            lines.c.id,
            lines.c.account,
            lines.c.relation,
            sa.func.nullif(lines.c.match_key, "").label("match_key"),
            sa.func.coalesce(sa.func.nullif(lines.c.invoice, ""), sa.func.nullif(lines.c.document, "")).label("reference"),
            entries.c.date,
            lines.c.due,
            NET.label("net"),
            sa.case((entries.c.journal.in_(_INVOICES), 1), else_=0).label("invoiced"),
        )
        .select_from(ENTRY_LINES)
        .where(lines.c.account.in_(codes), sa.or_(*wanted, sa.and_(entries.c.year == first, OPENS)))
    )
    one = sa.union_all(
        *_divided(stated.cte("stated"), subledger_lines.c.opening_line, -1), *_divided(booked.cte("booked"), subledger_lines.c.line, 1)
    ).subquery()
    alone = sa.case((sa.and_(one.c.match_key.is_(None), one.c.reference.is_(None)), one.c.line))
    debit, credit, invoiced = one.c.net > 0, one.c.net < 0, one.c.invoiced == 1
    query = sa.select(
        one.c.account,
        one.c.relation,
        one.c.match_key,
        one.c.reference,
        sa.func.sum(sa.case((debit, one.c.net), else_=0)),
        sa.func.sum(sa.case((credit, -one.c.net), else_=0)),
        sa.func.min(sa.case((debit, one.c.date))),
        sa.func.min(sa.case((credit, one.c.date))),
        sa.func.min(sa.case((debit, one.c.due))),
        sa.func.min(sa.case((credit, one.c.due))),
        sa.func.sum(sa.case((sa.and_(debit, invoiced), one.c.net), else_=0)),
        sa.func.sum(sa.case((sa.and_(credit, invoiced), -one.c.net), else_=0)),
    ).group_by(one.c.account, one.c.relation, one.c.match_key, one.c.reference, alone)
    for row in connection.execute(query, execution_options={"yield_per": _AT_A_TIME}):
        yield OpenGroup._make(row)


def _stated_key(connection: sa.Connection) -> sa.ColumnElement[str]:
    """The matching key of a line of the opening that was an entry's. What isn't JSON, or no text, another program wrote in `more`."""
    more = opening_lines.c.more
    if connection.dialect.name == "sqlite":
        key: sa.ColumnElement[str] = sa.cast(sa.func.json_extract(more, "$.matchKeyID"), sa.Text)
        is_readable = sa.and_(sa.func.json_valid(more) == 1, more.not_like(r"%\ud%"))  # half of a pair of UTF-16
    else:
        key, is_readable = sa.cast(more, JSONB)["matchKeyID"].astext, sa.func.pg_input_is_valid(more, "jsonb")
    return sa.case((is_readable, sa.func.nullif(key, "")))


def _divided(whole: sa.CTE, owner: sa.Column[int], sign: int) -> Iterator[sa.Select[Any]]:
    """The lines of which no sub-ledger has any; and of the others the lines of the sub-ledgers, which name `owner`, and what these leave.

    Their numbers differ from each other's.
    """
    own = [whole.c[name] for name in ("account", "relation", "match_key", "reference")]
    number, both = whole.c.id * 2 * sign, subledger_lines.join(whole, owner == whole.c.id)
    alone = sa.select(*own, number.label("line"), whole.c.date, whole.c.due, whole.c.net, whole.c.invoiced)
    yield alone.where(whole.c.id.in_(sa.select(whole.c.id).except_(sa.select(owner))))
    yield sa.select(
        whole.c.account,
        sa.func.coalesce(subledger_lines.c.relation, whole.c.relation),
        whole.c.match_key,
        sa.func.coalesce(sa.func.nullif(subledger_lines.c.invoice, ""), whole.c.reference),
        (subledger_lines.c.id * 2 + 1) * sign,
        sa.func.coalesce(whole.c.date, subledger_lines.c.invoice_date),
        subledger_lines.c.due,
        _SUBLEDGER_NET,
        whole.c.invoiced,
    ).select_from(both)
    left = whole.c.net - sa.func.sum(_SUBLEDGER_NET)
    rest = sa.select(*own, number, whole.c.date, sa.cast(sa.null(), sa.Text), left, whole.c.invoiced).select_from(both)
    yield rest.group_by(whole.c.id, *own, whole.c.date, whole.c.net, whole.c.invoiced).having(left != 0)
