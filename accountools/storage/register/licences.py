"""Licences in the register: tokens as they were signed. Who acts on one verifies it again."""

import hashlib
import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from accountools.domain.errors import MachineFailed
from accountools.domain.identifiers import AdministrationNumber, Login
from accountools.domain.licence import Licence
from accountools.storage.register import administrations
from accountools.storage.register.administrations import restrict
from accountools.storage.schema import imports, licences, own_licences, revocations

_NOTHING_ACCEPTED = "[]"  # nearly always


@dataclass(frozen=True)
class Import:
    """The client licence of an administration: its token, the user's login, when (ISO 8601), and the codes that were accepted."""

    token: str
    login: Login
    imported_at: str
    accepted: tuple[str, ...]


def add(connection: sa.Connection, licence: Licence) -> str:
    """Add a licence, unless it is there; gives the SHA-256 of its token, by which other rows refer to it."""
    add_all(connection, [licence])
    return token_sha256(licence.token)


def add_all(connection: sa.Connection, new: Iterable[Licence]) -> None:
    """Add those of these licences that aren't there."""
    rows = {row["sha256"]: row for row in map(build_row, new)}
    known = set(connection.execute(restrict(sa.select(licences.c.sha256), licences.c.sha256, rows)).scalars())
    missing = [row for digest, row in rows.items() if digest not in known]
    if missing:
        connection.execute(sa.insert(licences), missing)


def build_row(licence: Licence) -> dict[str, str]:
    """The row of a licence."""
    return {"sha256": token_sha256(licence.token), "token": licence.token, "number": licence.number, "key_id": licence.key_id}


def is_known(connection: sa.Connection, token: str) -> bool:
    """Whether this very licence was ever imported here."""
    return connection.execute(sa.select(licences.c.sha256).where(licences.c.sha256 == token_sha256(token))).first() is not None


def token_sha256(token: str) -> str:
    """The SHA-256 of a token, in hex."""
    return hashlib.sha256(token.encode()).hexdigest()


def list_tokens(connection: sa.Connection, number: str | None = None) -> tuple[str, ...]:
    """The tokens of all licences ever imported here, by number; or of those with this `number`."""
    chosen = sa.select(licences.c.token).order_by(licences.c.number, licences.c.sha256)
    return tuple(connection.execute(chosen if number is None else chosen.where(licences.c.number == number)).scalars())


def list_known(connection: sa.Connection) -> tuple[tuple[str, str, str], ...]:
    """The SHA-256, number and token of all licences ever imported here."""
    return tuple(tuple(row) for row in connection.execute(sa.select(licences.c.sha256, licences.c.number, licences.c.token)))


def list_own_tokens(connection: sa.Connection) -> tuple[str, ...]:
    """The tokens of the office's own licences, the present one first."""
    chosen = sa.select(licences.c.token).join(own_licences).order_by(own_licences.c.n.desc())
    return tuple(connection.execute(chosen).scalars())


def set_own(connection: sa.Connection, licence: Licence, since: str) -> str:
    """Make `licence` the office's own."""
    digest = add(connection, licence)
    last = connection.execute(sa.select(sa.func.coalesce(sa.func.max(own_licences.c.n), 0))).scalar_one()
    connection.execute(sa.insert(own_licences).values(n=last + 1, licence=digest, since=since))
    return digest


def find_import(connection: sa.Connection, number: AdministrationNumber) -> Import | None:
    """The client licence of an administration, or None."""
    return list_imports(connection, (int(number),)).get(number)


def list_imports(connection: sa.Connection, numbers: Collection[int] | None = None) -> dict[AdministrationNumber, Import]:
    """The client licences of every administration, or of those with these numbers, in one query."""
    columns = imports.c.administration, licences.c.token, imports.c.login_key, imports.c.imported_at, imports.c.accepted
    chosen = sa.select(*columns).join(licences, imports.c.licence == licences.c.sha256)
    found = {}
    for row in connection.execute(restrict(chosen, imports.c.administration, numbers)).all():
        number, accepted = AdministrationNumber(row.administration), _accepted(row.administration, row.accepted)
        found[number] = Import(row.token, Login(row.login_key), row.imported_at, accepted)
    return found


def _accepted(number: int, text: str) -> tuple[str, ...]:
    """The codes in a row. Raises `office-damaged` when somebody wrote something else there."""
    if text == _NOTHING_ACCEPTED:
        return ()
    try:
        codes = json.loads(text)
        if not isinstance(codes, list) or not all(isinstance(code, str) for code in codes):
            raise TypeError
    except (ValueError, TypeError, RecursionError) as error:
        raise MachineFailed("office-damaged", what=f"imports {number}") from error
    return tuple(codes)


def set_import(
    connection: sa.Connection, number: AdministrationNumber, licence: Licence, login: Login, at: str, accepted: tuple[str, ...]
) -> str:
    """Make `licence` the client licence of an administration, for the user `login`."""
    digest = add(connection, licence)
    set_known_import(connection, number, digest, login, at, accepted)
    return digest


def set_known_import(
    connection: sa.Connection, number: AdministrationNumber, digest: str, login: Login, at: str, accepted: tuple[str, ...]
) -> None:
    """Make the licence whose token has the SHA-256 `digest`, which is here already, the client licence of an administration."""
    row = build_import_row(number, digest, login, at, accepted)
    if not connection.execute(sa.update(imports).where(imports.c.administration == int(number)).values(row)).rowcount:
        connection.execute(sa.insert(imports).values(row))
    administrations.update(connection, number)


def build_import_row(number: AdministrationNumber, digest: str, login: Login, at: str, accepted: tuple[str, ...]) -> dict[str, Any]:
    """The row of an import of the licence whose token has the SHA-256 `digest`."""
    return {"administration": int(number), "licence": digest, "login_key": login.key, "imported_at": at, "accepted": json.dumps(accepted)}


def copy_import(connection: sa.Connection, source: AdministrationNumber, target: AdministrationNumber) -> str | None:
    """Give `target` the client licence that `source` has; gives the token's SHA-256, or None when it has none."""
    row = connection.execute(sa.select(imports).where(imports.c.administration == int(source))).mappings().one_or_none()
    if row is None:
        return None
    connection.execute(sa.insert(imports).values(dict(row) | {"administration": int(target)}))
    administrations.update(connection, target)
    return str(row["licence"])


def withdraw_accepted(connection: sa.Connection, number: AdministrationNumber, codes: Collection[str]) -> None:
    """Forget that these codes were accepted when the client licence of an administration was imported."""
    held = find_import(connection, number)
    if held is not None and not set(codes).isdisjoint(held.accepted):
        staying = json.dumps([code for code in held.accepted if code not in codes])
        connection.execute(sa.update(imports).where(imports.c.administration == int(number)).values(accepted=staying))


def remove_imports(connection: sa.Connection, numbers: Collection[int]) -> None:
    """Remove the client licences of these administrations (only to replace them)."""
    connection.execute(sa.delete(imports).where(imports.c.administration.in_([int(number) for number in numbers])))


def add_imports(connection: sa.Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Give administrations that have none their client licences, which are here already (`build_import_row`). Their versions stay."""
    if rows:
        connection.execute(sa.insert(imports), rows)


def withdraw_import(connection: sa.Connection, number: AdministrationNumber) -> None:
    """Leave an administration without a client licence."""
    remove_imports(connection, [number])
    administrations.update(connection, number)


def list_revocation_tokens(connection: sa.Connection, key_ids: Iterable[str]) -> tuple[str, ...]:
    """The tokens of the revocation lists of issuers with these keys, one each."""
    chosen = sa.select(revocations.c.token).where(revocations.c.key_id.in_(list(key_ids))).order_by(revocations.c.key_id)
    return tuple(connection.execute(chosen).scalars())


def list_all_revocation_tokens(connection: sa.Connection) -> dict[str, str]:
    """The tokens of all revocation lists, by the keys of their issuers."""
    return {row.key_id: row.token for row in connection.execute(sa.select(revocations.c.key_id, revocations.c.token)).all()}


def set_revocations(connection: sa.Connection, key_id: str, seq: int, token: str) -> None:
    """Replace the issuer's revocation list."""
    connection.execute(sa.delete(revocations).where(revocations.c.key_id == key_id))
    connection.execute(sa.insert(revocations).values(key_id=key_id, seq=seq, token=token))
