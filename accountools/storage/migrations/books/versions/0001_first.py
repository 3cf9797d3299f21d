"""The first version of the books."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make all tables."""
    op.create_table('accounts',
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('rgs', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('side', sa.Text(), nullable=False),
    sa.Column('vat', sa.Text(), nullable=False),
    sa.CheckConstraint("kind IN ('B', 'P')", name=op.f('ck_accounts_kind')),
    sa.CheckConstraint("side IN ('D', 'C')", name=op.f('ck_accounts_side')),
    sa.PrimaryKeyConstraint('code'),
    sqlite_strict=True
    )
    op.create_table('journals',
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('code'),
    sqlite_strict=True
    )
    op.create_table('marks',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('mark', sa.Text(), nullable=False),
    sa.CheckConstraint('id = 1', name=op.f('ck_marks_one')),
    sa.PrimaryKeyConstraint('id'),
    sqlite_strict=True
    )
    op.create_table('relations',
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('city', sa.Text(), nullable=False),
    sa.CheckConstraint("kind IN ('D', 'C', 'B')", name=op.f('ck_relations_kind')),
    sa.PrimaryKeyConstraint('code'),
    sqlite_strict=True
    )
    op.create_table('vat_codes',
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('rate', sa.Integer(), nullable=True),
    sa.PrimaryKeyConstraint('code'),
    sqlite_strict=True
    )
    op.create_table('entries',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('journal', sa.Text(), nullable=False),
    sa.Column('number', sa.Text(), nullable=False),
    sa.Column('date', sa.Text(), nullable=False),
    sa.Column('period', sa.Integer(), nullable=False),
    sa.Column('description', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['journal'], ['journals.code'], name=op.f('fk_entries_journal')),
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
    sa.Column('vat', sa.Text(), nullable=True),
    sa.CheckConstraint("side IN ('D', 'C')", name=op.f('ck_lines_side')),
    sa.ForeignKeyConstraint(['account'], ['accounts.code'], name=op.f('fk_lines_account')),
    sa.ForeignKeyConstraint(['entry'], ['entries.id'], name=op.f('fk_lines_entry')),
    sa.ForeignKeyConstraint(['relation'], ['relations.code'], name=op.f('fk_lines_relation')),
    sa.ForeignKeyConstraint(['vat'], ['vat_codes.code'], name=op.f('fk_lines_vat')),
    sa.PrimaryKeyConstraint('id'),
    sqlite_strict=True
    )
    op.create_index(op.f('ix_lines_account'), 'lines', ['account'], unique=False)
    op.create_index(op.f('ix_lines_entry'), 'lines', ['entry'], unique=False)
