"""Making an office: its folder, its own licence, its keys."""

import hashlib
import os
from pathlib import Path

import sqlalchemy as sa

from accountools import safe_files
from accountools.clock import Clock
from accountools.domain.calendar import ExecutionContext
from accountools.domain.errors import Refused, raise_first_obstacle
from accountools.domain.events.keys import KeyUnsealed
from accountools.domain.events.office import OfficeCreated
from accountools.domain.licence import Licence
from accountools.domain.obstacle import Obstacle, obstacle
from accountools.formats import licence_file
from accountools.formats.mail import mailed_licence
from accountools.formats.signatures import SigningKey
from accountools.formats.trust_file import Issuer, keys_by_thumbprint, read_trust, write_trust
from accountools.operations.register.members import admit_self
from accountools.operations.session import Office, Session, issuers_that_count
from accountools.storage import schema
from accountools.storage.engine import Engine
from accountools.storage.engines import engine_at
from accountools.storage.register import licences
from accountools.storage.sqlite.office_files import REGISTER, TRUST


def create_office(place: Path | str, licence_path: Path, trust_path: Path, clock: Clock) -> Office:
    """Make the office at `place` (`engine_at`) under its own licence, trusting the issuers of a JWKS.

    Raises `office-exists`, `network-share`, and as `read_own_licence`.
    """
    licence, issuers = read_own_licence(licence_path, trust_path, clock())
    return create_under(place, licence, issuers, clock)


def read_own_licence(licence_path: Path, trust_path: Path, when: ExecutionContext) -> tuple[Licence, tuple[Issuer, ...]]:
    """The licence that a new office would be under, and the issuers that it would trust.

    Raises `file-not-found`, the licence's verdict when it isn't valid that day, `trust-invalid`; `unknown-issuer` when the samples' test
    issuer is among them and the licence is no demo's.
    """
    issuers = read_trust(trust_path)
    reading = mailed_licence.read_path(licence_path, keys_by_thumbprint(issuers))
    if reading.licence is not None:
        counting = issuers_that_count(issuers, demo=reading.licence.kind == "demo")
        reading = mailed_licence.read_path(licence_path, keys_by_thumbprint(counting))
    reading = licence_file.reject_future(reading, when.latest_day)
    licence = reading.licence
    verdict = licence_file.validity_obstacle(licence, when.today, revoked=False) if licence else reading.fault
    raise_first_obstacle([verdict.with_facts(beside=trust_path.name, own_file=licence_path.name)] if verdict else [])
    if licence is None:  # a reading has a licence or a fault
        raise Refused("not-a-licence", path=licence_path.name, own_file=licence_path.name)
    counting = issuers_that_count(issuers, demo=licence.kind == "demo")
    raise_first_obstacle(
        obstacle("unknown-issuer", key=issuer.key.thumbprint, samples=True) for issuer in issuers if issuer not in counting
    )
    return licence, issuers


def validate_licence_file(path: Path) -> None:
    """Check what can be checked of a licence before its issuer is known.

    Raises `file-not-found`, `file-too-large`, `not-a-licence`, `algorithm-not-allowed`, `wrong-type`.
    """
    fault = mailed_licence.read_path(path, {}).fault
    raise_first_obstacle([fault.with_facts(own_file=path.name)] if fault is not None and fault.code != "unknown-issuer" else [])


def create_under(place: Path | str, licence: Licence, issuers: tuple[Issuer, ...], clock: Clock, former_key: str | None = None) -> Office:
    """Make the office at `place` under a licence that was verified. A backup key that is there from before stays the office's.

    `former_key` is the thumbprint of a key that it is to have had: what that signed counts as its own.

    Raises `office-exists` (also for one whose register is gone, where its key and books are), `network-share`, `file-exists`.
    """
    engine = engine_at(place)
    engine.validate_new()
    if engine.key_path is not None and engine.key_path.exists() and engine.books_identities():
        raise Refused("office-exists", path=engine.place, missing=REGISTER)
    key, trust = _find_key(engine.key_path) or SigningKey.new(), write_trust(issuers)
    write_key(engine, key.pem(), trust)
    office = Office(engine, clock)

    def fill(connection: sa.Connection) -> None:
        session = Session(office, connection)
        connection.execute(sa.insert(schema.office).values(id=1, made_at=session.now_text))
        sha256, first = licences.set_own(connection, licence, session.now_text), admit_self(session, key)
        made = OfficeCreated(
            licence=licence.number,
            sha256=sha256,
            issuers=tuple(sorted(keys_by_thumbprint(issuers))),
            trust=hashlib.sha256(trust).hexdigest(),
            key=key.public.thumbprint,
            member=None if first is None else first.name,
            recipient=None if first is None else first.recipient,
        )
        session.record(made)
        if former_key is not None:
            session.record(KeyUnsealed(key=key.public.thumbprint, replaces=former_key))

    engine.create(fill, trust)
    return office


def write_key(engine: Engine, backup_key: bytes, trust: bytes) -> None:
    """Make the folders of a new office and write its backup key, where that is a file: before its register, which makes it exist.

    Raises `office-exists`, `network-share`, and `file-exists` for a key or list of issuers that is there and is another.
    """
    engine.validate_new()
    write_files(engine, backup_key, trust)


def write_files(engine: Engine, backup_key: bytes, trust: bytes) -> None:
    """Make the folders of an office and write its backup key. Raises `file-exists` as `write_key` does."""
    folder = engine.folder
    raise_first_obstacle(list_other_files(engine, backup_key, trust))
    for needed in (folder, folder / "backups", folder / "inbox"):
        safe_files.make_folder(needed)
    if engine.key_path is not None:
        safe_files.write_over(engine.key_path, backup_key)


def list_other_files(engine: Engine, backup_key: bytes, trust: bytes) -> list[Obstacle]:
    """What is in the place of an office's folder, and the files in it, its register gone, that would be written over by others."""
    taken = safe_files.find_obstruction(engine.folder)
    if taken is not None:
        return [obstacle("file-exists", path=taken)]
    wanted = {} if engine.key_path is None else {engine.key_path: backup_key, engine.folder / TRUST: trust}
    return [
        obstacle("file-exists", path=path, office=engine.folder)
        for path, content in wanted.items()
        if os.path.lexists(path) and not (path.is_file() and path.read_bytes() == content)
    ]


def _find_key(path: Path | None) -> SigningKey | None:
    try:
        return SigningKey.from_pem(path.read_bytes()) if path is not None and path.is_file() else None
    except (FileNotFoundError, ValueError):
        return None
