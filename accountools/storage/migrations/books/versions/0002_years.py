"""The second version of the books: fiscal years and all that an audit file holds."""

from calendar import monthrange

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_MONTHS = range(1, 13)
_KEPT = {  # the tables of the first version, each after those that it refers to: the columns that stay as they are
    "accounts": "code, name, rgs, kind, side, vat",
    "journals": "code, name, kind",
    "vat_codes": "code, name, rate",
    "relations": "code, name, kind, city",
    "entries": "id, journal, number, date, period, description",
    "lines": "id, entry, account, side, amount, description, relation",
}


def upgrade() -> None:
    """Make all tables anew and copy the rows: a constraint can't be changed in a table that is there."""
    op.drop_index("ix_lines_account", "lines")
    op.drop_index("ix_lines_entry", "lines")
    for name in reversed(_KEPT):  # what refers to a table follows its new name
        op.rename_table(name, f"{name}_1")
    _create_tables()
    _add_years()
    for name, columns in _KEPT.items():
        if name == "entries":
            op.execute(f"INSERT INTO entries ({columns}, year) SELECT {columns}, substr(date, 1, 4) FROM entries_1 ORDER BY id")
        else:
            op.execute(f"INSERT INTO {name} ({columns}) SELECT {columns} FROM {name}_1 ORDER BY rowid")
    op.execute("INSERT INTO vat_rows (line, code) SELECT id, vat FROM lines_1 WHERE vat IS NOT NULL ORDER BY id")
    for name in reversed(_KEPT):
        op.drop_table(f"{name}_1")
    _create_indexes()


def _add_years() -> None:
    """The first version knew no years: the calendar years of the entries, with the periods that they name."""
    found = sa.text("SELECT DISTINCT substr(date, 1, 4), period FROM entries_1 ORDER BY 1, 2")
    pairs = [(str(year), int(period)) for year, period in op.get_bind().execute(found)]
    year = sa.text("INSERT INTO years (label, first_day, last_day, closed) VALUES (:label, :first, :last, 0)")
    for label in dict.fromkeys(label for label, _ in pairs):
        op.get_bind().execute(year, {"label": label, "first": f"{label}-01-01", "last": f"{label}-12-31"})
    period = sa.text("INSERT INTO periods (year, number, first_day, last_day) VALUES (:year, :number, :first, :last)")
    for label, number in pairs:
        first, last = _days(label, number)
        op.get_bind().execute(period, {"year": label, "number": number, "first": first, "last": last})


def _days(year: str, period: int) -> tuple[str | None, str | None]:
    """A month; 0 opens the year, 13 closes it."""
    if period in _MONTHS and year.isdecimal() and int(year):
        return f"{year}-{period:02d}-01", f"{year}-{period:02d}-{monthrange(int(year), period)[1]}"
    day = {0: f"{year}-01-01", 13: f"{year}-12-31"}.get(period)
    return day, day


def _create_tables() -> None:
    op.create_table('accounts',
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('rgs', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('side', sa.Text(), nullable=False),
    sa.Column('vat', sa.Text(), nullable=False),
    sa.Column('rgs_source', sa.Text(), nullable=True),
    sa.Column('more', sa.Text(), nullable=True),
    sa.CheckConstraint("kind IN ('B', 'P', 'M')", name=op.f('ck_accounts_kind')),
    sa.CheckConstraint("side IN ('D', 'C')", name=op.f('ck_accounts_side')),
    sa.PrimaryKeyConstraint('code'),
    sqlite_strict=True
    )
    op.create_table('journals',
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('offset_account', sa.Text(), nullable=True),
    sa.Column('bank_account', sa.Text(), nullable=True),
    sa.Column('more', sa.Text(), nullable=True),
    sa.PrimaryKeyConstraint('code'),
    sqlite_strict=True
    )
    op.create_table('relations',
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('city', sa.Text(), nullable=False),
    sa.Column('email', sa.Text(), nullable=True),
    sa.Column('kvk', sa.Text(), nullable=True),
    sa.Column('tax_country', sa.Text(), nullable=True),
    sa.Column('tax_number', sa.Text(), nullable=True),
    sa.Column('addresses', sa.Text(), nullable=True),
    sa.Column('more', sa.Text(), nullable=True),
    sa.CheckConstraint("kind IN ('D', 'C', 'B', 'O')", name=op.f('ck_relations_kind')),
    sa.PrimaryKeyConstraint('code'),
    sqlite_strict=True
    )
    op.create_table('vat_codes',
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('rate', sa.Integer(), nullable=True),
    sa.Column('payable_account', sa.Text(), nullable=True),
    sa.Column('receivable_account', sa.Text(), nullable=True),
    sa.Column('more', sa.Text(), nullable=True),
    sa.PrimaryKeyConstraint('code'),
    sqlite_strict=True
    )
    op.create_table('years',
    sa.Column('label', sa.Text(), nullable=False),
    sa.Column('first_day', sa.Text(), nullable=False),
    sa.Column('last_day', sa.Text(), nullable=False),
    sa.Column('closed', sa.Integer(), nullable=False),
    sa.Column('format', sa.Text(), nullable=True),
    sa.Column('file', sa.Text(), nullable=True),
    sa.Column('sha256', sa.Text(), nullable=True),
    sa.Column('fiscal_year', sa.Text(), nullable=True),
    sa.Column('currency', sa.Text(), nullable=True),
    sa.Column('created', sa.Text(), nullable=True),
    sa.Column('software', sa.Text(), nullable=True),
    sa.Column('software_version', sa.Text(), nullable=True),
    sa.Column('rgs_version', sa.Text(), nullable=True),
    sa.Column('company', sa.Text(), nullable=True),
    sa.Column('kvk', sa.Text(), nullable=True),
    sa.Column('tax_country', sa.Text(), nullable=True),
    sa.Column('tax_number', sa.Text(), nullable=True),
    sa.Column('addresses', sa.Text(), nullable=True),
    sa.Column('opening_day', sa.Text(), nullable=True),
    sa.Column('opening_text', sa.Text(), nullable=True),
    sa.Column('more', sa.Text(), nullable=True),
    sa.CheckConstraint('"closed" IN (0, 1)', name=op.f('ck_years_closed')),
    sa.PrimaryKeyConstraint('label'),
    sqlite_strict=True
    )
    op.create_table('opening_lines',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('year', sa.Text(), nullable=False),
    sa.Column('account', sa.Text(), nullable=False),
    sa.Column('side', sa.Text(), nullable=False),
    sa.Column('amount', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('number', sa.Text(), nullable=True),
    sa.Column('description', sa.Text(), nullable=True),
    sa.Column('relation', sa.Text(), nullable=True),
    sa.Column('document', sa.Text(), nullable=True),
    sa.Column('invoice', sa.Text(), nullable=True),
    sa.Column('due', sa.Text(), nullable=True),
    sa.Column('more', sa.Text(), nullable=True),
    sa.CheckConstraint("side IN ('D', 'C')", name=op.f('ck_opening_lines_side')),
    sa.ForeignKeyConstraint(['account'], ['accounts.code'], name=op.f('fk_opening_lines_account')),
    sa.ForeignKeyConstraint(['relation'], ['relations.code'], name=op.f('fk_opening_lines_relation')),
    sa.ForeignKeyConstraint(['year'], ['years.label'], name=op.f('fk_opening_lines_year')),
    sa.PrimaryKeyConstraint('id'),
    sqlite_strict=True
    )
    op.create_table('periods',
    sa.Column('year', sa.Text(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('first_day', sa.Text(), nullable=True),
    sa.Column('last_day', sa.Text(), nullable=True),
    sa.Column('name', sa.Text(), nullable=True),
    sa.Column('more', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['year'], ['years.label'], name=op.f('fk_periods_year')),
    sa.PrimaryKeyConstraint('year', 'number'),
    sqlite_strict=True
    )
    op.create_table('relation_balances',
    sa.Column('year', sa.Text(), nullable=False),
    sa.Column('relation', sa.Text(), nullable=False),
    sa.Column('opening', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('opening_side', sa.Text(), nullable=True),
    sa.Column('closing', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('closing_side', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['relation'], ['relations.code'], name=op.f('fk_relation_balances_relation')),
    sa.ForeignKeyConstraint(['year'], ['years.label'], name=op.f('fk_relation_balances_year')),
    sa.PrimaryKeyConstraint('year', 'relation'),
    sqlite_strict=True
    )
    op.create_table('entries',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('journal', sa.Text(), nullable=False),
    sa.Column('number', sa.Text(), nullable=False),
    sa.Column('date', sa.Text(), nullable=False),
    sa.Column('period', sa.Integer(), nullable=False),
    sa.Column('description', sa.Text(), nullable=False),
    sa.Column('year', sa.Text(), nullable=False),
    sa.Column('source', sa.Text(), nullable=True),
    sa.Column('user_name', sa.Text(), nullable=True),
    sa.Column('more', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['journal'], ['journals.code'], name=op.f('fk_entries_journal')),
    sa.ForeignKeyConstraint(['year', 'period'], ['periods.year', 'periods.number'], name=op.f('fk_entries_year')),
    sa.PrimaryKeyConstraint('id'),
    sqlite_strict=True
    )
    op.create_table('lines',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('entry', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('account', sa.Text(), nullable=False),
    sa.Column('side', sa.Text(), nullable=False),
    sa.Column('amount', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('description', sa.Text(), nullable=False),
    sa.Column('relation', sa.Text(), nullable=True),
    sa.Column('number', sa.Text(), nullable=True),
    sa.Column('document', sa.Text(), nullable=True),
    sa.Column('effective_date', sa.Text(), nullable=True),
    sa.Column('settlement_date', sa.Text(), nullable=True),
    sa.Column('due', sa.Text(), nullable=True),
    sa.Column('invoice', sa.Text(), nullable=True),
    sa.Column('match_key', sa.Text(), nullable=True),
    sa.Column('cost_centre', sa.Text(), nullable=True),
    sa.Column('product', sa.Text(), nullable=True),
    sa.Column('project', sa.Text(), nullable=True),
    sa.Column('quantity', sa.Text(), nullable=True),
    sa.Column('receipt', sa.Text(), nullable=True),
    sa.Column('shipment', sa.Text(), nullable=True),
    sa.Column('work_costs', sa.Text(), nullable=True),
    sa.Column('bank_account', sa.Text(), nullable=True),
    sa.Column('offset_bank_account', sa.Text(), nullable=True),
    sa.Column('currency', sa.Text(), nullable=True),
    sa.Column('currency_amount', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('more', sa.Text(), nullable=True),
    sa.CheckConstraint("side IN ('D', 'C')", name=op.f('ck_lines_side')),
    sa.ForeignKeyConstraint(['account'], ['accounts.code'], name=op.f('fk_lines_account')),
    sa.ForeignKeyConstraint(['entry'], ['entries.id'], name=op.f('fk_lines_entry')),
    sa.ForeignKeyConstraint(['relation'], ['relations.code'], name=op.f('fk_lines_relation')),
    sa.PrimaryKeyConstraint('id'),
    sqlite_strict=True
    )
    op.create_table('subledger_lines',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('year', sa.Text(), nullable=False),
    sa.Column('line', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('opening_line', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('ledger', sa.Text(), nullable=False),
    sa.Column('side', sa.Text(), nullable=False),
    sa.Column('amount', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('relation', sa.Text(), nullable=True),
    sa.Column('invoice', sa.Text(), nullable=True),
    sa.Column('invoice_date', sa.Text(), nullable=True),
    sa.Column('due', sa.Text(), nullable=True),
    sa.Column('more', sa.Text(), nullable=True),
    sa.CheckConstraint("side IN ('D', 'C')", name=op.f('ck_subledger_lines_side')),
    sa.ForeignKeyConstraint(['line'], ['lines.id'], name=op.f('fk_subledger_lines_line')),
    sa.ForeignKeyConstraint(['opening_line'], ['opening_lines.id'], name=op.f('fk_subledger_lines_opening_line')),
    sa.ForeignKeyConstraint(['relation'], ['relations.code'], name=op.f('fk_subledger_lines_relation')),
    sa.ForeignKeyConstraint(['year'], ['years.label'], name=op.f('fk_subledger_lines_year')),
    sa.PrimaryKeyConstraint('id'),
    sqlite_strict=True
    )
    op.create_table('vat_rows',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('line', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('percentage', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('side', sa.Text(), nullable=True),
    sa.Column('amount', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.CheckConstraint("side IN ('D', 'C')", name=op.f('ck_vat_rows_side')),
    sa.ForeignKeyConstraint(['code'], ['vat_codes.code'], name=op.f('fk_vat_rows_code')),
    sa.ForeignKeyConstraint(['line'], ['lines.id'], name=op.f('fk_vat_rows_line')),
    sa.PrimaryKeyConstraint('id'),
    sqlite_strict=True
    )


def _create_indexes() -> None:
    op.create_index(op.f('ix_opening_lines_year'), 'opening_lines', ['year'], unique=False)
    op.create_index(op.f('ix_entries_year'), 'entries', ['year'], unique=False)
    op.create_index(op.f('ix_lines_account'), 'lines', ['account'], unique=False)
    op.create_index(op.f('ix_lines_entry'), 'lines', ['entry'], unique=False)
    op.create_index(op.f('ix_subledger_lines_line'), 'subledger_lines', ['line'], unique=False)
    op.create_index(op.f('ix_vat_rows_line'), 'vat_rows', ['line'], unique=False)
