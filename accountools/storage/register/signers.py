"""Known signers of backups: the first one's key is kept, and the highest counter restored for each administration and signer."""

import json
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from accountools.domain.identifiers import AdministrationNumber
from accountools.storage.schema import received, signers

DEFAULT_SCOPE = ""  # a client's office knows one signer, for all administrations


@dataclass(frozen=True)
class KnownSigner:
    """A signer that was accepted before."""

    thumbprint: str
    name: str
    kvk: str


def find(connection: sa.Connection, scope: str) -> KnownSigner | None:
    """The signer known for `scope` (a client's KvK number, or `DEFAULT_SCOPE`), or None."""
    row = connection.execute(sa.select(signers).where(signers.c.client_kvk == scope)).one_or_none()
    return KnownSigner(row.thumbprint, row.name, row.kvk) if row else None


def save(connection: sa.Connection, scope: str, signer: KnownSigner, jwk: dict[str, str], at: str) -> None:
    """Set the signer for `scope`, in place of an earlier one."""
    connection.execute(sa.delete(signers).where(signers.c.client_kvk == scope))
    values: dict[str, Any] = {"client_kvk": scope, "jwk": json.dumps(jwk, sort_keys=True), "kept_at": at} | vars(signer)
    connection.execute(sa.insert(signers).values(values))


def move(connection: sa.Connection, scope: str, target: str) -> None:
    """Keep the signer of `scope` for `target` from now on."""
    if find(connection, scope) is not None:
        connection.execute(sa.delete(signers).where(signers.c.client_kvk == target))
        connection.execute(sa.update(signers).where(signers.c.client_kvk == scope).values(client_kvk=target))


def list_thumbprints(connection: sa.Connection) -> set[str]:
    """The thumbprints of all known signers."""
    return set(connection.execute(sa.select(signers.c.thumbprint)).scalars())


def list_counters(connection: sa.Connection) -> dict[tuple[int, str], int]:
    """The highest counter restored, by administration and signer's thumbprint."""
    return {(row.administration, row.thumbprint): row.counter for row in connection.execute(sa.select(received))}


def highest_counter(connection: sa.Connection, number: AdministrationNumber, thumbprint: str) -> int:
    """The highest counter restored of this administration and signer; 0 before the first."""
    chosen = sa.select(received.c.counter).where(received.c.administration == int(number), received.c.thumbprint == thumbprint)
    return connection.execute(chosen).scalar() or 0


def raise_counter(connection: sa.Connection, number: AdministrationNumber, thumbprint: str, value: int) -> None:
    """Raise the counter to that of a restored backup, if it is lower."""
    if value > highest_counter(connection, number, thumbprint):
        held = sa.and_(received.c.administration == int(number), received.c.thumbprint == thumbprint)
        connection.execute(sa.delete(received).where(held))
        connection.execute(sa.insert(received).values(administration=int(number), thumbprint=thumbprint, counter=value))
