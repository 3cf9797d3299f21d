"""Known signers of backups: the first one's key is kept, and the highest counter restored for each administration and signer."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from accountools.storage.register.administrations import restrict
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


def list_counters(connection: sa.Connection, numbers: Collection[int] | None = None) -> dict[tuple[int, str], int]:
    """The highest counter restored, by administration (all, or those with these numbers) and signer's thumbprint."""
    chosen = restrict(sa.select(received), received.c.administration, numbers)
    return {(row.administration, row.thumbprint): row.counter for row in connection.execute(chosen)}


def set_counters(connection: sa.Connection, counters: Mapping[tuple[int, str], int]) -> None:
    """Set the highest counter restored, by administration and signer's thumbprint."""
    if counters:
        rows = [{"administration": int(number), "thumbprint": one, "counter": counter} for (number, one), counter in counters.items()]
        former = (received.c.administration == sa.bindparam("administration")) & (received.c.thumbprint == sa.bindparam("thumbprint"))
        connection.execute(sa.delete(received).where(former), rows)
        connection.execute(sa.insert(received), rows)
