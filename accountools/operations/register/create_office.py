"""Making an office: its folder, its own licence, its keys."""

import hashlib
from pathlib import Path

import sqlalchemy as sa

from accountools import safe_files
from accountools.clock import Clock
from accountools.domain.calendar import format_moment
from accountools.domain.errors import Refused, raise_first_obstacle
from accountools.domain.events import Event, OfficeCreated
from accountools.domain.licence import Licence
from accountools.domain.obstacle import obstacle
from accountools.formats import licence_file
from accountools.formats.signatures import SigningKey
from accountools.formats.trust_file import Issuer, keys_by_thumbprint, read_trust, write_trust
from accountools.operations.session import BACKUP_KEY, TRUST, Office, issuers_that_count
from accountools.storage import schema
from accountools.storage.register import journal, licences
from accountools.storage.sqlite.engine import SqliteEngine, validate_new_office_folder


def create_office(folder: Path, licence_path: Path, trust_path: Path, clock: Clock) -> Office:
    """Make the office in `folder` under its own licence, trusting the issuers of a JWKS.

    Raises `office-exists`, `network-share`, the licence's verdict when it isn't valid that day, `trust-invalid`; `unknown-issuer`
    when the samples' test issuer is among them and the office is no demo.
    """
    issuers = read_trust(trust_path)
    reading = licence_file.read_path(licence_path, keys_by_thumbprint(issuers))
    if reading.licence is not None:
        counting = issuers_that_count(issuers, demo=reading.licence.kind == "demo")
        reading = licence_file.read_path(licence_path, keys_by_thumbprint(counting))
    licence = reading.licence
    verdict = licence_file.validity_obstacle(licence, clock().today, revoked=False) if licence else reading.fault
    raise_first_obstacle([verdict] if verdict else [])
    if licence is None:  # a reading has a licence or a fault
        raise Refused("not-a-licence", path=licence_path.name)
    counting = issuers_that_count(issuers, demo=licence.kind == "demo")
    raise_first_obstacle(obstacle("unknown-issuer", key=issuer.key.thumbprint) for issuer in issuers if issuer not in counting)
    return create_under(folder.expanduser().absolute(), licence, issuers, clock)


def create_under(folder: Path, licence: Licence, issuers: tuple[Issuer, ...], clock: Clock, key: SigningKey | None = None) -> Office:
    """Make the office in `folder` under a licence that was verified. Raises `office-exists`, `network-share`."""
    key, trust = key or SigningKey.new(), write_trust(issuers)
    write_office_files(folder, key.pem(), trust)

    def fill(connection: sa.Connection) -> None:
        at = format_moment(clock().now)
        connection.execute(sa.insert(schema.office).values(id=1, made_at=at))
        made = OfficeCreated(
            licence=licence.number,
            sha256=licences.set_own(connection, licence, at),
            issuers=tuple(sorted(keys_by_thumbprint(issuers))),
            trust=hashlib.sha256(trust).hexdigest(),
            key=key.public.thumbprint,
        )
        record_first(connection, clock, made)

    return Office(SqliteEngine.create(folder, fill), clock)


def write_office_files(folder: Path, backup_key: bytes, trust: bytes) -> None:
    """Make the folders of an office and write its keys: before its register, which makes it exist."""
    validate_new_office_folder(folder)
    for needed in (folder, folder / "backups", folder / "inbox"):
        safe_files.make_folder(needed)
    safe_files.write_over(folder / TRUST, trust)
    safe_files.write_over(folder / BACKUP_KEY, backup_key)


def record_first(connection: sa.Connection, clock: Clock, event: Event) -> None:
    """Write an event while the register is being made: there is no office yet that a session could be of."""
    when = clock()
    journal.append(connection, format_moment(when.now), when.actor, [event], when.event_details())
