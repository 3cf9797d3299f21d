"""The engine of an office by where it is: a folder, or a database server's URL. What a server needs is imported only then."""

from pathlib import Path

from accountools.domain.errors import Refused
from accountools.safe_files import absolute
from accountools.storage.address import Address, is_url
from accountools.storage.engine import Engine
from accountools.storage.sqlite.engine import SqliteEngine


def engine_at(place: Path | str) -> Engine:
    """The engine of the office at `place`; opens nothing. Raises `url-invalid`, and `package-missing` without the extra."""
    if not is_url(place):
        return SqliteEngine(absolute(place))
    Address.parse(str(place))
    try:
        import psycopg  # noqa: F401 - of the extra `postgres`
    except ImportError as error:
        raise Refused("package-missing", package="psycopg", extra="postgres") from error
    from accountools.storage.postgres.engine import PostgresEngine

    return PostgresEngine(str(place))
