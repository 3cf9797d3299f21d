"""Making an office: its folder, its own licence, its keys."""

from pathlib import Path

import sqlalchemy as sa

from accountools import safe_files
from accountools.clock import Clock
from accountools.domain.calendar import moment_text
from accountools.domain.errors import Refused, refuse_obstacles
from accountools.domain.licence import Licence
from accountools.domain.obstacle import obstacle
from accountools.formats import licence_file
from accountools.formats.signing import SigningKey
from accountools.formats.trust_file import Issuer, keys_by_name, read_trust, write_trust
from accountools.operations.session import BACKUP_KEY, TRUST, Office, trusted_in
from accountools.storage import schema
from accountools.storage.register import journal, licences
from accountools.storage.sqlite.store import SqliteStore, expect_place_for_office


def found(folder: Path, licence_path: Path, trust_path: Path, clock: Clock) -> Office:
    """Make the office in `folder` under its own licence, trusting the issuers of a JWKS.

    Raises `office-exists`, `network-share`, the licence's verdict when it isn't valid that day, `trust-invalid`; `unknown-issuer`
    when the samples' test issuer is among them and the office is no demo.
    """
    folder = folder.expanduser().absolute()
    issuers = read_trust(trust_path)
    licence = _own_licence(licence_path, issuers, clock)
    counting = trusted_in(issuers, demo=licence.kind == "demo")
    refuse_obstacles(obstacle("unknown-issuer", key=issuer.key.thumbprint) for issuer in issuers if issuer not in counting)
    return found_under(folder, licence, issuers, clock)


def found_under(folder: Path, licence: Licence, issuers: tuple[Issuer, ...], clock: Clock, key: SigningKey | None = None) -> Office:
    """Make the office in `folder` under a licence that was verified. Its keys come before its register, which makes it exist.

    Raises `office-exists`, `network-share`.
    """
    when = clock()
    expect_place_for_office(folder)
    for needed in (folder, folder / "backups", folder / "inbox"):
        safe_files.make_folder(needed)
    safe_files.write_over(folder / TRUST, write_trust(issuers))
    safe_files.write_over(folder / BACKUP_KEY, (key or SigningKey.new()).pem())

    def fill(connection: sa.Connection) -> None:
        at = moment_text(when.now)
        connection.execute(sa.insert(schema.office).values(id=1, made_at=at))
        digest = licences.set_own(connection, licence, at)
        journal.append(connection, at, when.by, "office-made", None, {"licence": licence.number, "sha256": digest} | when.said())

    return Office(SqliteStore.found(folder, fill), clock)


def _own_licence(path: Path, issuers: tuple[Issuer, ...], clock: Clock) -> Licence:
    reading = licence_file.read_path(path, keys_by_name(issuers))
    if reading.licence is not None:
        counting = keys_by_name(trusted_in(issuers, demo=reading.licence.kind == "demo"))
        reading = licence_file.read_path(path, counting)
    faults = [reading.fault] if reading.fault else []
    if reading.licence is not None:
        faults += filter(None, [licence_file.judge(reading.licence, clock().today, revoked=False)])
    refuse_obstacles(faults)
    if reading.licence is None:  # a reading has a licence or a fault
        raise Refused("not-a-licence", path=path.name)
    return reading.licence
