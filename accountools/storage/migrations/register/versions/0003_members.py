"""The third version of the register: the folders that an office names, who may make backups, and batches that were begun."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table('folders',
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('path', sa.Text(), nullable=False),
    sa.CheckConstraint("name IN ('backups', 'inbox')", name=op.f('ck_folders_name')),
    sa.PrimaryKeyConstraint('name'),
    sqlite_strict=True
    )
    op.create_table('members',
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('recipient', sa.Text(), nullable=False),
    sa.Column('sealed', sa.Text(), nullable=False),
    sa.Column('since', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('name'),
    sqlite_strict=True
    )
    op.create_table('batches',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('signed', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('id'),
    sqlite_strict=True
    )
    op.create_index('ix_events_administration', 'events', ['administration'], unique=False)
    op.create_index('ix_events_what', 'events', ['what', 'administration'], unique=False)
