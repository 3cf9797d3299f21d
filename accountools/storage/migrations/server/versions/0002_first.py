"""The first version of an office on a server: the register, the books of all administrations, and what only a server has."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make all tables."""
    op.create_table('backups',
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('administration', sa.BigInteger(), autoincrement=False, nullable=True),
    sa.Column('purpose', sa.Text(collation='C'), autoincrement=False, nullable=False),
    sa.Column('part_path', sa.Text(collation='C'), autoincrement=False, nullable=False),
    sa.Column('path', sa.Text(collation='C'), autoincrement=False, nullable=True),
    sa.Column('bytes', sa.BigInteger(), autoincrement=False, nullable=True),
    sa.Column('sha256', sa.Text(collation='C'), autoincrement=False, nullable=True),
    sa.Column('licence_number', sa.Text(collation='C'), autoincrement=False, nullable=False),
    sa.Column('encrypted', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('books_mark', sa.Text(collation='C'), autoincrement=False, nullable=True),
    sa.Column('counter', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('journal_length', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('journal_head', sa.Text(collation='C'), autoincrement=False, nullable=False),
    sa.Column('at', sa.Text(collation='C'), autoincrement=False, nullable=False),
    sa.Column('day', sa.Text(collation='C'), autoincrement=False, nullable=False),
    sa.Column('milliseconds', sa.BigInteger(), autoincrement=False, nullable=True),
    sa.Column('rehearsed', sa.Text(collation='C'), autoincrement=False, nullable=True),
    sa.Column('state', sa.Text(collation='C'), autoincrement=False, nullable=False),
    sa.CheckConstraint("state IN ('begun', 'sealed', 'made', 'pruned')", name=op.f('ck_backups_state')),
    sa.CheckConstraint('"encrypted" IN (0, 1)', name=op.f('ck_backups_encrypted')),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_table('clients',
    sa.Column('kvk', sa.Text(collation='C'), autoincrement=False, nullable=False),
    sa.Column('name', sa.Text(collation='C'), autoincrement=False, nullable=False),
    sa.Column('city', sa.Text(collation='C'), autoincrement=False, nullable=False),
    sa.PrimaryKeyConstraint('kvk')
    )
    op.create_table('events',
    sa.Column('n', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('at', sa.Text(collation='C'), autoincrement=False, nullable=False),
    sa.Column('by', sa.Text(collation='C'), autoincrement=False, nullable=False),
    sa.Column('what', sa.Text(collation='C'), autoincrement=False, nullable=False),
    sa.Column('administration', sa.BigInteger(), autoincrement=False, nullable=True),
    sa.Column('details', sa.Text(collation='C'), autoincrement=False, nullable=False),
    sa.Column('hash', sa.Text(collation='C'), autoincrement=False, nullable=False),
    sa.PrimaryKeyConstraint('n')
    )
    op.create_table('licences',
    sa.Column('sha256', sa.Text(collation='C'), autoincrement=False, nullable=False),
    sa.Column('token', sa.Text(collation='C'), autoincrement=False, nullable=False),
    sa.Column('number', sa.Text(collation='C'), autoincrement=False, nullable=False),
    sa.Column('key_id', sa.Text(collation='C'), autoincrement=False, nullable=False),
    sa.PrimaryKeyConstraint('sha256')
    )
    op.create_table('office',
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('made_at', sa.Text(collation='C'), autoincrement=False, nullable=False),
    sa.CheckConstraint('id = 1', name=op.f('ck_office_one')),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_table('received',
    sa.Column('administration', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('thumbprint', sa.Text(collation='C'), autoincrement=False, nullable=False),
    sa.Column('counter', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.PrimaryKeyConstraint('administration', 'thumbprint')
    )
    op.create_table('replacements',
    sa.Column('administration', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('kept_name', sa.Text(collation='C'), autoincrement=False, nullable=False),
    sa.Column('owner', sa.Text(collation='C'), autoincrement=False, nullable=True),
    sa.PrimaryKeyConstraint('administration')
    )
    op.create_table('revocations',
    sa.Column('key_id', sa.Text(collation='C'), autoincrement=False, nullable=False),
    sa.Column('seq', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('token', sa.Text(collation='C'), autoincrement=False, nullable=False),
    sa.PrimaryKeyConstraint('key_id')
    )
    op.create_table('signers',
    sa.Column('client_kvk', sa.Text(collation='C'), autoincrement=False, nullable=False),
    sa.Column('thumbprint', sa.Text(collation='C'), autoincrement=False, nullable=False),
    sa.Column('jwk', sa.Text(collation='C'), autoincrement=False, nullable=False),
    sa.Column('name', sa.Text(collation='C'), autoincrement=False, nullable=False),
    sa.Column('kvk', sa.Text(collation='C'), autoincrement=False, nullable=False),
    sa.Column('kept_at', sa.Text(collation='C'), autoincrement=False, nullable=False),
    sa.PrimaryKeyConstraint('client_kvk')
    )
    op.create_table('administrations',
    sa.Column('number', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('description', sa.Text(collation='C'), autoincrement=False, nullable=False),
    sa.Column('client_kvk', sa.Text(collation='C'), autoincrement=False, nullable=True),
    sa.Column('archived', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('version', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('counter', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('exchanged_mark', sa.Text(collation='C'), autoincrement=False, nullable=True),
    sa.CheckConstraint('"archived" IN (0, 1)', name=op.f('ck_administrations_archived')),
    sa.ForeignKeyConstraint(['client_kvk'], ['clients.kvk'], name=op.f('fk_administrations_client_kvk')),
    sa.PrimaryKeyConstraint('number')
    )
    op.create_table('own_licences',
    sa.Column('n', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('licence', sa.Text(collation='C'), autoincrement=False, nullable=False),
    sa.Column('since', sa.Text(collation='C'), autoincrement=False, nullable=False),
    sa.ForeignKeyConstraint(['licence'], ['licences.sha256'], name=op.f('fk_own_licences_licence')),
    sa.PrimaryKeyConstraint('n')
    )
    op.create_table('users',
    sa.Column('administration', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('login_key', sa.Text(collation='C'), autoincrement=False, nullable=False),
    sa.Column('login', sa.Text(collation='C'), autoincrement=False, nullable=False),
    sa.Column('name', sa.Text(collation='C'), autoincrement=False, nullable=False),
    sa.Column('employee', sa.BigInteger(), autoincrement=False, nullable=True),
    sa.Column('active', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('office', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.CheckConstraint('"active" IN (0, 1)', name=op.f('ck_users_active')),
    sa.CheckConstraint('"office" IN (0, 1)', name=op.f('ck_users_office')),
    sa.ForeignKeyConstraint(['administration'], ['administrations.number'], name=op.f('fk_users_administration')),
    sa.PrimaryKeyConstraint('administration', 'login_key')
    )
    op.create_table('imports',
    sa.Column('administration', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('licence', sa.Text(collation='C'), autoincrement=False, nullable=False),
    sa.Column('login_key', sa.Text(collation='C'), autoincrement=False, nullable=False),
    sa.Column('imported_at', sa.Text(collation='C'), autoincrement=False, nullable=False),
    sa.Column('accepted', sa.Text(collation='C'), autoincrement=False, nullable=False),
    sa.ForeignKeyConstraint(['administration', 'login_key'], ['users.administration', 'users.login_key'], name=op.f('fk_imports_administration_login_key')),
    sa.ForeignKeyConstraint(['administration'], ['administrations.number'], name=op.f('fk_imports_administration')),
    sa.ForeignKeyConstraint(['licence'], ['licences.sha256'], name=op.f('fk_imports_licence')),
    sa.PrimaryKeyConstraint('administration')
    )
    op.create_table('accounts',
    sa.Column('administration', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('code', sa.Text(collation='C'), nullable=False),
    sa.Column('name', sa.Text(collation='C'), nullable=False),
    sa.Column('rgs', sa.Text(collation='C'), nullable=False),
    sa.Column('kind', sa.Text(collation='C'), nullable=False),
    sa.Column('side', sa.Text(collation='C'), nullable=False),
    sa.Column('vat', sa.Text(collation='C'), nullable=False),
    sa.Column('rgs_source', sa.Text(collation='C'), nullable=True),
    sa.Column('more', sa.Text(collation='C'), nullable=True),
    sa.CheckConstraint("kind IN ('B', 'P', 'M')", name=op.f('ck_accounts_kind')),
    sa.CheckConstraint("side IN ('D', 'C')", name=op.f('ck_accounts_side')),
    sa.PrimaryKeyConstraint('administration', 'code')
    )
    op.create_table('journals',
    sa.Column('administration', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('code', sa.Text(collation='C'), nullable=False),
    sa.Column('name', sa.Text(collation='C'), nullable=False),
    sa.Column('kind', sa.Text(collation='C'), nullable=False),
    sa.Column('offset_account', sa.Text(collation='C'), nullable=True),
    sa.Column('bank_account', sa.Text(collation='C'), nullable=True),
    sa.Column('more', sa.Text(collation='C'), nullable=True),
    sa.PrimaryKeyConstraint('administration', 'code')
    )
    op.create_table('marks',
    sa.Column('administration', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('mark', sa.Text(collation='C'), nullable=False),
    sa.CheckConstraint('id = 1', name=op.f('ck_marks_one')),
    sa.PrimaryKeyConstraint('administration', 'id')
    )
    op.create_table('relations',
    sa.Column('administration', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('code', sa.Text(collation='C'), nullable=False),
    sa.Column('name', sa.Text(collation='C'), nullable=False),
    sa.Column('kind', sa.Text(collation='C'), nullable=False),
    sa.Column('city', sa.Text(collation='C'), nullable=False),
    sa.Column('email', sa.Text(collation='C'), nullable=True),
    sa.Column('kvk', sa.Text(collation='C'), nullable=True),
    sa.Column('tax_country', sa.Text(collation='C'), nullable=True),
    sa.Column('tax_number', sa.Text(collation='C'), nullable=True),
    sa.Column('addresses', sa.Text(collation='C'), nullable=True),
    sa.Column('more', sa.Text(collation='C'), nullable=True),
    sa.CheckConstraint("kind IN ('D', 'C', 'B', 'O')", name=op.f('ck_relations_kind')),
    sa.PrimaryKeyConstraint('administration', 'code')
    )
    op.create_table('vat_codes',
    sa.Column('administration', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('code', sa.Text(collation='C'), nullable=False),
    sa.Column('name', sa.Text(collation='C'), nullable=False),
    sa.Column('rate', sa.BigInteger(), nullable=True),
    sa.Column('payable_account', sa.Text(collation='C'), nullable=True),
    sa.Column('receivable_account', sa.Text(collation='C'), nullable=True),
    sa.Column('more', sa.Text(collation='C'), nullable=True),
    sa.PrimaryKeyConstraint('administration', 'code')
    )
    op.create_table('years',
    sa.Column('administration', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('label', sa.Text(collation='C'), nullable=False),
    sa.Column('first_day', sa.Text(collation='C'), nullable=False),
    sa.Column('last_day', sa.Text(collation='C'), nullable=False),
    sa.Column('closed', sa.BigInteger(), nullable=False),
    sa.Column('format', sa.Text(collation='C'), nullable=True),
    sa.Column('file', sa.Text(collation='C'), nullable=True),
    sa.Column('sha256', sa.Text(collation='C'), nullable=True),
    sa.Column('fiscal_year', sa.Text(collation='C'), nullable=True),
    sa.Column('currency', sa.Text(collation='C'), nullable=True),
    sa.Column('created', sa.Text(collation='C'), nullable=True),
    sa.Column('software', sa.Text(collation='C'), nullable=True),
    sa.Column('software_version', sa.Text(collation='C'), nullable=True),
    sa.Column('rgs_version', sa.Text(collation='C'), nullable=True),
    sa.Column('company', sa.Text(collation='C'), nullable=True),
    sa.Column('kvk', sa.Text(collation='C'), nullable=True),
    sa.Column('tax_country', sa.Text(collation='C'), nullable=True),
    sa.Column('tax_number', sa.Text(collation='C'), nullable=True),
    sa.Column('addresses', sa.Text(collation='C'), nullable=True),
    sa.Column('opening_day', sa.Text(collation='C'), nullable=True),
    sa.Column('opening_text', sa.Text(collation='C'), nullable=True),
    sa.Column('more', sa.Text(collation='C'), nullable=True),
    sa.CheckConstraint('"closed" IN (0, 1)', name=op.f('ck_years_closed')),
    sa.PrimaryKeyConstraint('administration', 'label')
    )
    op.create_table('opening_lines',
    sa.Column('administration', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('year', sa.Text(collation='C'), nullable=False),
    sa.Column('account', sa.Text(collation='C'), nullable=False),
    sa.Column('side', sa.Text(collation='C'), nullable=False),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.Column('number', sa.Text(collation='C'), nullable=True),
    sa.Column('description', sa.Text(collation='C'), nullable=True),
    sa.Column('relation', sa.Text(collation='C'), nullable=True),
    sa.Column('document', sa.Text(collation='C'), nullable=True),
    sa.Column('invoice', sa.Text(collation='C'), nullable=True),
    sa.Column('due', sa.Text(collation='C'), nullable=True),
    sa.Column('more', sa.Text(collation='C'), nullable=True),
    sa.CheckConstraint("side IN ('D', 'C')", name=op.f('ck_opening_lines_side')),
    sa.ForeignKeyConstraint(['administration', 'account'], ['accounts.administration', 'accounts.code'], name='fk_opening_lines_account'),
    sa.ForeignKeyConstraint(['administration', 'relation'], ['relations.administration', 'relations.code'], name='fk_opening_lines_relation'),
    sa.ForeignKeyConstraint(['administration', 'year'], ['years.administration', 'years.label'], name='fk_opening_lines_year'),
    sa.PrimaryKeyConstraint('administration', 'id')
    )
    op.create_index('ix_opening_lines_account', 'opening_lines', ['administration', 'account'], unique=False)
    op.create_index('ix_opening_lines_relation', 'opening_lines', ['administration', 'relation'], unique=False)
    op.create_index('ix_opening_lines_year', 'opening_lines', ['administration', 'year'], unique=False)
    op.create_table('periods',
    sa.Column('administration', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('year', sa.Text(collation='C'), nullable=False),
    sa.Column('number', sa.BigInteger(), nullable=False),
    sa.Column('first_day', sa.Text(collation='C'), nullable=True),
    sa.Column('last_day', sa.Text(collation='C'), nullable=True),
    sa.Column('name', sa.Text(collation='C'), nullable=True),
    sa.Column('more', sa.Text(collation='C'), nullable=True),
    sa.ForeignKeyConstraint(['administration', 'year'], ['years.administration', 'years.label'], name='fk_periods_year'),
    sa.PrimaryKeyConstraint('administration', 'year', 'number')
    )
    op.create_table('relation_balances',
    sa.Column('administration', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('year', sa.Text(collation='C'), nullable=False),
    sa.Column('relation', sa.Text(collation='C'), nullable=False),
    sa.Column('opening', sa.BigInteger(), nullable=True),
    sa.Column('opening_side', sa.Text(collation='C'), nullable=True),
    sa.Column('closing', sa.BigInteger(), nullable=True),
    sa.Column('closing_side', sa.Text(collation='C'), nullable=True),
    sa.ForeignKeyConstraint(['administration', 'relation'], ['relations.administration', 'relations.code'], name='fk_relation_balances_relation'),
    sa.ForeignKeyConstraint(['administration', 'year'], ['years.administration', 'years.label'], name='fk_relation_balances_year'),
    sa.PrimaryKeyConstraint('administration', 'year', 'relation')
    )
    op.create_index('ix_relation_balances_relation', 'relation_balances', ['administration', 'relation'], unique=False)
    op.create_table('entries',
    sa.Column('administration', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('journal', sa.Text(collation='C'), nullable=False),
    sa.Column('number', sa.Text(collation='C'), nullable=False),
    sa.Column('date', sa.Text(collation='C'), nullable=False),
    sa.Column('period', sa.BigInteger(), nullable=False),
    sa.Column('description', sa.Text(collation='C'), nullable=False),
    sa.Column('year', sa.Text(collation='C'), nullable=False),
    sa.Column('source', sa.Text(collation='C'), nullable=True),
    sa.Column('user_name', sa.Text(collation='C'), nullable=True),
    sa.Column('more', sa.Text(collation='C'), nullable=True),
    sa.ForeignKeyConstraint(['administration', 'journal'], ['journals.administration', 'journals.code'], name='fk_entries_journal'),
    sa.ForeignKeyConstraint(['administration', 'year', 'period'], ['periods.administration', 'periods.year', 'periods.number'], name='fk_entries_year'),
    sa.PrimaryKeyConstraint('administration', 'id')
    )
    op.create_index('ix_entries_journal', 'entries', ['administration', 'journal'], unique=False)
    op.create_index('ix_entries_year', 'entries', ['administration', 'year'], unique=False)
    op.create_table('lines',
    sa.Column('administration', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('entry', sa.BigInteger(), nullable=False),
    sa.Column('account', sa.Text(collation='C'), nullable=False),
    sa.Column('side', sa.Text(collation='C'), nullable=False),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.Column('description', sa.Text(collation='C'), nullable=False),
    sa.Column('relation', sa.Text(collation='C'), nullable=True),
    sa.Column('number', sa.Text(collation='C'), nullable=True),
    sa.Column('document', sa.Text(collation='C'), nullable=True),
    sa.Column('effective_date', sa.Text(collation='C'), nullable=True),
    sa.Column('settlement_date', sa.Text(collation='C'), nullable=True),
    sa.Column('due', sa.Text(collation='C'), nullable=True),
    sa.Column('invoice', sa.Text(collation='C'), nullable=True),
    sa.Column('match_key', sa.Text(collation='C'), nullable=True),
    sa.Column('cost_centre', sa.Text(collation='C'), nullable=True),
    sa.Column('product', sa.Text(collation='C'), nullable=True),
    sa.Column('project', sa.Text(collation='C'), nullable=True),
    sa.Column('quantity', sa.Text(collation='C'), nullable=True),
    sa.Column('receipt', sa.Text(collation='C'), nullable=True),
    sa.Column('shipment', sa.Text(collation='C'), nullable=True),
    sa.Column('work_costs', sa.Text(collation='C'), nullable=True),
    sa.Column('bank_account', sa.Text(collation='C'), nullable=True),
    sa.Column('offset_bank_account', sa.Text(collation='C'), nullable=True),
    sa.Column('currency', sa.Text(collation='C'), nullable=True),
    sa.Column('currency_amount', sa.BigInteger(), nullable=True),
    sa.Column('more', sa.Text(collation='C'), nullable=True),
    sa.CheckConstraint("side IN ('D', 'C')", name=op.f('ck_lines_side')),
    sa.ForeignKeyConstraint(['administration', 'account'], ['accounts.administration', 'accounts.code'], name='fk_lines_account'),
    sa.ForeignKeyConstraint(['administration', 'entry'], ['entries.administration', 'entries.id'], name='fk_lines_entry'),
    sa.ForeignKeyConstraint(['administration', 'relation'], ['relations.administration', 'relations.code'], name='fk_lines_relation'),
    sa.PrimaryKeyConstraint('administration', 'id')
    )
    op.create_index('ix_lines_account', 'lines', ['administration', 'account'], unique=False)
    op.create_index('ix_lines_entry', 'lines', ['administration', 'entry'], unique=False)
    op.create_index('ix_lines_relation', 'lines', ['administration', 'relation'], unique=False)
    op.create_table('subledger_lines',
    sa.Column('administration', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('year', sa.Text(collation='C'), nullable=False),
    sa.Column('line', sa.BigInteger(), nullable=True),
    sa.Column('opening_line', sa.BigInteger(), nullable=True),
    sa.Column('ledger', sa.Text(collation='C'), nullable=False),
    sa.Column('side', sa.Text(collation='C'), nullable=False),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.Column('relation', sa.Text(collation='C'), nullable=True),
    sa.Column('invoice', sa.Text(collation='C'), nullable=True),
    sa.Column('invoice_date', sa.Text(collation='C'), nullable=True),
    sa.Column('due', sa.Text(collation='C'), nullable=True),
    sa.Column('more', sa.Text(collation='C'), nullable=True),
    sa.CheckConstraint("side IN ('D', 'C')", name=op.f('ck_subledger_lines_side')),
    sa.ForeignKeyConstraint(['administration', 'line'], ['lines.administration', 'lines.id'], name='fk_subledger_lines_line'),
    sa.ForeignKeyConstraint(['administration', 'opening_line'], ['opening_lines.administration', 'opening_lines.id'], name='fk_subledger_lines_opening_line'),
    sa.ForeignKeyConstraint(['administration', 'relation'], ['relations.administration', 'relations.code'], name='fk_subledger_lines_relation'),
    sa.ForeignKeyConstraint(['administration', 'year'], ['years.administration', 'years.label'], name='fk_subledger_lines_year'),
    sa.PrimaryKeyConstraint('administration', 'id')
    )
    op.create_index('ix_subledger_lines_line', 'subledger_lines', ['administration', 'line'], unique=False)
    op.create_index('ix_subledger_lines_opening_line', 'subledger_lines', ['administration', 'opening_line'], unique=False)
    op.create_index('ix_subledger_lines_relation', 'subledger_lines', ['administration', 'relation'], unique=False)
    op.create_index('ix_subledger_lines_year', 'subledger_lines', ['administration', 'year'], unique=False)
    op.create_table('vat_rows',
    sa.Column('administration', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('line', sa.BigInteger(), nullable=False),
    sa.Column('code', sa.Text(collation='C'), nullable=False),
    sa.Column('percentage', sa.BigInteger(), nullable=True),
    sa.Column('side', sa.Text(collation='C'), nullable=True),
    sa.Column('amount', sa.BigInteger(), nullable=True),
    sa.CheckConstraint("side IN ('D', 'C')", name=op.f('ck_vat_rows_side')),
    sa.ForeignKeyConstraint(['administration', 'code'], ['vat_codes.administration', 'vat_codes.code'], name='fk_vat_rows_code'),
    sa.ForeignKeyConstraint(['administration', 'line'], ['lines.administration', 'lines.id'], name='fk_vat_rows_line'),
    sa.PrimaryKeyConstraint('administration', 'id')
    )
    op.create_index('ix_vat_rows_code', 'vat_rows', ['administration', 'code'], unique=False)
    op.create_index('ix_vat_rows_line', 'vat_rows', ['administration', 'line'], unique=False)
    op.create_table('held_books',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('number', sa.Integer(), nullable=True),
    sa.Column('identity', sa.Text(collation='C'), nullable=False),
    sa.Column('aside', sa.Integer(), nullable=True),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('number')
    )
    op.create_table('trusted',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('jwks', sa.LargeBinary(), nullable=False),
    sa.CheckConstraint('id = 1', name='ck_trusted_one'),
    sa.PrimaryKeyConstraint('id')
    )
