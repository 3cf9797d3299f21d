"""The first version of the register."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make all tables."""
    op.create_table('backups',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('administration', sa.Integer(), nullable=True),
    sa.Column('purpose', sa.Text(), nullable=False),
    sa.Column('part_path', sa.Text(), nullable=False),
    sa.Column('path', sa.Text(), nullable=True),
    sa.Column('bytes', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('sha256', sa.Text(), nullable=True),
    sa.Column('licence_number', sa.Text(), nullable=False),
    sa.Column('encrypted', sa.Integer(), nullable=False),
    sa.Column('books_mark', sa.Text(), nullable=True),
    sa.Column('counter', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('journal_length', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('journal_head', sa.Text(), nullable=False),
    sa.Column('at', sa.Text(), nullable=False),
    sa.Column('day', sa.Text(), nullable=False),
    sa.Column('milliseconds', sa.Integer(), nullable=True),
    sa.Column('rehearsed', sa.Text(), nullable=True),
    sa.Column('state', sa.Text(), nullable=False),
    sa.CheckConstraint("state IN ('begun', 'sealed', 'made', 'pruned')", name=op.f('ck_backups_state')),
    sa.CheckConstraint('"encrypted" IN (0, 1)', name=op.f('ck_backups_encrypted')),
    sa.PrimaryKeyConstraint('id'),
    sqlite_strict=True
    )
    op.create_table('clients',
    sa.Column('kvk', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('city', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('kvk'),
    sqlite_strict=True
    )
    op.create_table('events',
    sa.Column('n', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('at', sa.Text(), nullable=False),
    sa.Column('by', sa.Text(), nullable=False),
    sa.Column('what', sa.Text(), nullable=False),
    sa.Column('administration', sa.Integer(), nullable=True),
    sa.Column('details', sa.Text(), nullable=False),
    sa.Column('hash', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('n'),
    sqlite_strict=True
    )
    op.create_table('licences',
    sa.Column('sha256', sa.Text(), nullable=False),
    sa.Column('token', sa.Text(), nullable=False),
    sa.Column('number', sa.Text(), nullable=False),
    sa.Column('key_id', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('sha256'),
    sqlite_strict=True
    )
    op.create_table('office',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('made_at', sa.Text(), nullable=False),
    sa.CheckConstraint('id = 1', name=op.f('ck_office_one')),
    sa.PrimaryKeyConstraint('id'),
    sqlite_strict=True
    )
    op.create_table('received',
    sa.Column('administration', sa.Integer(), nullable=False),
    sa.Column('thumbprint', sa.Text(), nullable=False),
    sa.Column('counter', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.PrimaryKeyConstraint('administration', 'thumbprint'),
    sqlite_strict=True
    )
    op.create_table('replacements',
    sa.Column('administration', sa.Integer(), nullable=False),
    sa.Column('kept_name', sa.Text(), nullable=False),
    sa.Column('owner', sa.Text(), nullable=True),
    sa.PrimaryKeyConstraint('administration'),
    sqlite_strict=True
    )
    op.create_table('revocations',
    sa.Column('key_id', sa.Text(), nullable=False),
    sa.Column('seq', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('token', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('key_id'),
    sqlite_strict=True
    )
    op.create_table('signers',
    sa.Column('client_kvk', sa.Text(), nullable=False),
    sa.Column('thumbprint', sa.Text(), nullable=False),
    sa.Column('jwk', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('kvk', sa.Text(), nullable=False),
    sa.Column('kept_at', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('client_kvk'),
    sqlite_strict=True
    )
    op.create_table('administrations',
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('description', sa.Text(), nullable=False),
    sa.Column('client_kvk', sa.Text(), nullable=True),
    sa.Column('archived', sa.Integer(), nullable=False),
    sa.Column('version', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('counter', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('exchanged_mark', sa.Text(), nullable=True),
    sa.CheckConstraint('"archived" IN (0, 1)', name=op.f('ck_administrations_archived')),
    sa.ForeignKeyConstraint(['client_kvk'], ['clients.kvk'], name=op.f('fk_administrations_client_kvk')),
    sa.PrimaryKeyConstraint('number'),
    sqlite_strict=True
    )
    op.create_table('own_licences',
    sa.Column('n', sa.Integer(), nullable=False),
    sa.Column('licence', sa.Text(), nullable=False),
    sa.Column('since', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['licence'], ['licences.sha256'], name=op.f('fk_own_licences_licence')),
    sa.PrimaryKeyConstraint('n'),
    sqlite_strict=True
    )
    op.create_table('users',
    sa.Column('administration', sa.Integer(), nullable=False),
    sa.Column('login_key', sa.Text(), nullable=False),
    sa.Column('login', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('employee', sa.Integer(), nullable=True),
    sa.Column('active', sa.Integer(), nullable=False),
    sa.Column('office', sa.Integer(), nullable=False),
    sa.CheckConstraint('"active" IN (0, 1)', name=op.f('ck_users_active')),
    sa.CheckConstraint('"office" IN (0, 1)', name=op.f('ck_users_office')),
    sa.ForeignKeyConstraint(['administration'], ['administrations.number'], name=op.f('fk_users_administration')),
    sa.PrimaryKeyConstraint('administration', 'login_key'),
    sqlite_strict=True
    )
    op.create_table('imports',
    sa.Column('administration', sa.Integer(), nullable=False),
    sa.Column('licence', sa.Text(), nullable=False),
    sa.Column('login_key', sa.Text(), nullable=False),
    sa.Column('imported_at', sa.Text(), nullable=False),
    sa.Column('accepted', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['administration', 'login_key'], ['users.administration', 'users.login_key'], name=op.f('fk_imports_administration')),
    sa.ForeignKeyConstraint(['administration'], ['administrations.number'], name=op.f('fk_imports_administration')),
    sa.ForeignKeyConstraint(['licence'], ['licences.sha256'], name=op.f('fk_imports_licence')),
    sa.PrimaryKeyConstraint('administration'),
    sqlite_strict=True
    )
