"""The lines on the accounts of debtors and creditors, added up by what may belong together: a matching key, or a reference.

The reference is the invoice that a sub-ledger names, else the line's own, else its document.
"""

from collections.abc import Collection, Iterator
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from accountools.storage.books.balances import ENTRY_LINES, NET, OPENING_NET, OPENS, is_movement
from accountools.storage.schema import entries, journals, lines, opening_lines, subledger_lines

_AT_A_TIME = 1_000
_INVOICES = sa.select(journals.c.code).where(sa.func.upper(journals.c.kind).in_(("S", "P")))


class OpenGroup(NamedTuple):
    """Lines of one account and relation with the same key and reference; a line without both is a group of its own.

    `debit` and `credit` are the sums of what raises and lowers the balance, in cents; each with its first day and its first due date.
    `invoiced`: a line is in a journal of sales or purchases.
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
    invoiced: bool


def open_groups(
    connection: sa.Connection, codes: Collection[str], labels: Collection[str], last: str, until: str | None
) -> Iterator[OpenGroup]:
    """The groups of these accounts in the years `labels`, of which the first gives its opening too; nothing booked after `until`."""
    first = next(iter(labels))
    invoice_date = (
        sa.select(sa.func.min(subledger_lines.c.invoice_date))
        .where(subledger_lines.c.year == first, subledger_lines.c.opening_line == opening_lines.c.id)
        .scalar_subquery()
    )
    of_subledger = sa.select(sa.func.min(sa.func.nullif(subledger_lines.c.invoice, "")))
    invoice = of_subledger.where(subledger_lines.c.line == lines.c.id).scalar_subquery()
    stated = sa.select(
        opening_lines.c.account,
        opening_lines.c.relation,
        _stated_key(connection).label("match_key"),
        sa.func.coalesce(sa.func.nullif(opening_lines.c.invoice, ""), sa.func.nullif(opening_lines.c.document, "")).label("reference"),
        (-opening_lines.c.id).label("line"),
        invoice_date.label("date"),
        opening_lines.c.due,
        OPENING_NET.label("net"),
        sa.literal(1).label("invoiced"),
    ).where(opening_lines.c.year == first, opening_lines.c.account.in_(codes))
    wanted = [sa.and_(*is_movement(label, until if label == last else None)) for label in labels]
    booked = (
        sa.select(
            lines.c.account,
            lines.c.relation,
            sa.func.nullif(lines.c.match_key, ""),
            sa.func.coalesce(invoice, sa.func.nullif(lines.c.invoice, ""), sa.func.nullif(lines.c.document, "")),
            lines.c.id,
            entries.c.date,
            lines.c.due,
            NET,
            sa.case((entries.c.journal.in_(_INVOICES), 1), else_=0),
        )
        .select_from(ENTRY_LINES)
        .where(lines.c.account.in_(codes), sa.or_(*wanted, sa.and_(entries.c.year == first, OPENS)))
    )
    one = stated.union_all(booked).subquery()
    alone = sa.case((sa.and_(one.c.match_key.is_(None), one.c.reference.is_(None)), one.c.line))
    debit, credit = one.c.net > 0, one.c.net < 0
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
        sa.func.max(one.c.invoiced),
    ).group_by(one.c.account, one.c.relation, one.c.match_key, one.c.reference, alone)
    for row in connection.execute(query, execution_options={"yield_per": _AT_A_TIME}):
        yield OpenGroup._make((*row[:-1], bool(row[-1])))


def _stated_key(connection: sa.Connection) -> sa.ColumnElement[str]:
    """The matching key of a line of the opening that was an entry's. What isn't JSON, or no text, another program wrote in `more`."""
    more = opening_lines.c.more
    if connection.dialect.name == "sqlite":
        key: sa.ColumnElement[str] = sa.cast(sa.func.json_extract(more, "$.matchKeyID"), sa.Text)
        is_readable = sa.and_(sa.func.json_valid(more) == 1, more.not_like(r"%\ud%"))  # half of a pair of UTF-16
    else:
        key, is_readable = sa.cast(more, JSONB)["matchKeyID"].astext, sa.func.pg_input_is_valid(more, "jsonb")
    return sa.case((is_readable, sa.func.nullif(key, "")))
