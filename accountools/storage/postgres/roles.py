"""Who may do what on the server: nothing yet beyond what the server itself grants."""

import sqlalchemy as sa


def create(connection: sa.Connection) -> None:
    """Make them."""
