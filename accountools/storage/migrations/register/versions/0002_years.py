"""The second version of the books changes nothing in the register: an older program must not open the office."""

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change nothing."""
