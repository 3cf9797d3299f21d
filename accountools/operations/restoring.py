"""Restoring an administration from a backup (S16): looked at as hostile, shown, and put under the same number or not at all.

Never rolled back by it: the licence, the revocations, the signers.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from accountools import safe_files
from accountools.domain.administration import User, user_by_login
from accountools.domain.calendar import moment_text
from accountools.domain.codes import Weight
from accountools.domain.errors import Refused
from accountools.domain.identifiers import AdministrationNumber, Login
from accountools.domain.ledger import ControlTotals
from accountools.domain.licence import Licence
from accountools.domain.obstacle import Obstacle, obstacle
from accountools.formats.backup_file import BackupFile, Unlock
from accountools.formats.licence_file import judge, read_token
from accountools.formats.manifest import Manifest
from accountools.operations.administering import user_document
from accountools.operations.backing_up import plan_backup
from accountools.operations.destination import Destination
from accountools.operations.office import Office
from accountools.operations.plan import Plan
from accountools.operations.slices import Slice, read_slice
from accountools.operations.workplace import workplace
from accountools.storage import administrations, clients, images, licences, schema, signers, users
from accountools.version import VERSION


@dataclass(frozen=True, kw_only=True)
class RestorePlan(Plan):
    """What a restore would do: whose backup, what it holds, and what is here under that number now."""

    path: Path
    file_sha256: str
    unlock: Unlock
    expected_signer: str | None
    replace: bool
    manifest: Manifest
    slice: Slice
    totals: ControlTotals
    licence: Licence | None
    present_version: int | None

    @property
    def number(self) -> AdministrationNumber:
        """The number it has and keeps (S16)."""
        return self.slice.number

    def made_of(self) -> dict[str, Any]:
        """The file's bytes, and what is here under its number."""
        return {
            "file": self.file_sha256,
            "number": int(self.number),
            "version": self.present_version,
            "replace": self.replace,
            "signer": self.expected_signer,
        }

    def apply_to(self, office: Office) -> "RestorePlan":
        """Restore: books first, whole under a temporary name, then one transaction of the register."""
        with workplace(office) as work:
            image = work / "image.sqlite"
            now = _plan(office, self.path, image, self.unlock, self.expected_signer, self.accepted, replace=self.replace)
            now.expect(self.digest, f"{self.path.name} or administration {self.number}")
            now.refuse()
            if office.store.has_books(now.number) and now.present_version is not None:
                _keep_safety_copy(office, now.number)
            with images.Image(image, "administration") as opened:
                prepared = office.store.prepare_books(opened.load)
            _put_in_place(office, now, prepared, work.name)
        return now


def plan_restore(
    office: Office, path: Path, unlock: Unlock, *, signer: str | None = None, accept: Iterable[str] = (), replace: bool = False
) -> RestorePlan:
    """Plan restoring the backup at `path`. `signer` is a thumbprint read out by telephone.

    Raises `file-not-found`, `not-a-backup`, `backup-damaged`, `signature-invalid`, `newer-version`, `key-needed`, `wrong-key`,
    `too-large`, `schema-unexpected`; what merely stands in the way is in the plan's obstacles.
    """
    with workplace(office) as work:
        return _plan(office, path, work / "image.sqlite", unlock, signer, frozenset(accept), replace=replace)


def _plan(
    office: Office, path: Path, image: Path, unlock: Unlock, signer: str | None, accepted: frozenset[str], *, replace: bool
) -> RestorePlan:
    with BackupFile(path, schema.VERSION, VERSION) as backup:
        if backup.manifest.purpose == "register":
            raise Refused("office-exists", path=office.folder)
        backup.unpack(image, unlock)
        manifest = backup.manifest
    digest = safe_files.sha256_of(path)
    with images.Image(image, "administration") as opened:
        slice_, totals = read_slice(opened.slice, opened.totals), opened.totals
    expect_agreement(manifest, slice_, totals)
    with office.reading() as connection:
        present = administrations.find(connection, slice_.number)
        licence, against = _licence_obstacles(office, connection, manifest, slice_)
        obstacles = (
            *_place_obstacles(office, slice_.number, taken=present is not None, replace=replace),
            *against,
            *signer_obstacles(office, connection, manifest, signers.THE_ONE, signer),
            *_counter_obstacles(connection, manifest, slice_.number),
        )
    return RestorePlan(
        obstacles=obstacles,
        accepted=accepted,
        path=path,
        file_sha256=digest,
        unlock=unlock,
        expected_signer=signer,
        replace=replace,
        manifest=manifest,
        slice=slice_,
        totals=totals,
        licence=licence,
        present_version=present.version if present else None,
    )


def expect_agreement(manifest: Manifest, slice_: Slice, totals: ControlTotals) -> None:
    """Raise `schema-unexpected` when manifest and image are of different administrations or don't count the same."""
    contents = manifest.contents
    if manifest.number != slice_.number or (contents is not None and contents != slice_.contents(totals)):
        raise Refused("schema-unexpected", what="manifest")


def _place_obstacles(office: Office, number: AdministrationNumber, *, taken: bool, replace: bool) -> list[Obstacle]:
    if taken and office.store.has_books(number) and not replace:
        return [obstacle("number-taken", number=number)]
    return []


def _licence_obstacles(
    office: Office, connection: sa.Connection, manifest: Manifest, slice_: Slice
) -> tuple[Licence | None, list[Obstacle]]:
    own = office.own_licence(connection)
    reading = read_token(slice_.licence, office.trust(connection), "backup") if slice_.licence else None
    licence = reading.licence if reading else None
    found = [reading.fault] if reading and reading.fault else []
    if own.is_accountants:
        if manifest.purpose != "safekeeping" or manifest.licence_number != own.number:
            found.append(obstacle("licence-differs", licence=manifest.licence_number, expected=own.number))
    elif reading is None or (licence is not None and licence.number != own.number):
        found.append(obstacle("licence-differs", licence=manifest.licence_number, expected=own.number))
    if licence is not None:
        against = judge(licence, office.occasion(connection).today, revoked=office.is_revoked(connection, licence))
        if against is not None:
            found.append(against if against.code == "licence-revoked" else against.weighing(Weight.TOLD))
        if licence.kind == "accountant":
            found.append(obstacle("wrong-kind", licence=licence.number, kind=licence.kind))
    return licence, found


def signer_obstacles(office: Office, connection: sa.Connection, manifest: Manifest, scope: str, expected: str | None) -> list[Obstacle]:
    """Whether the signer is the one kept for `scope`, or the one read out by telephone; the office's own key is never another."""
    thumbprint = manifest.signer.key.thumbprint
    changed = obstacle("signer-changed", name=manifest.signer.name, thumbprint=thumbprint)
    if expected is not None:
        return [] if thumbprint == expected.strip() else [changed.weighing(Weight.BLOCKS)]
    kept = signers.find(connection, scope)
    own = office.backup_key.public.thumbprint
    return [] if thumbprint == own or kept is None or kept.thumbprint == thumbprint else [changed]


def _counter_obstacles(connection: sa.Connection, manifest: Manifest, number: AdministrationNumber) -> list[Obstacle]:
    held = signers.counter(connection, number, manifest.signer.key.thumbprint)
    return [obstacle("older-backup", number=number, held=held, counter=manifest.counter)] if manifest.counter < held else []


def _keep_safety_copy(office: Office, number: AdministrationNumber) -> None:
    outcome = office.apply(plan_backup(office, [number], Destination(plain=True), "safekeeping"))
    if outcome.refused:
        raise Refused("books-missing", number=number)


def _put_in_place(office: Office, plan: RestorePlan, prepared: Path, owner: str) -> None:
    try:
        if office.store.has_books(plan.number):
            office.store.replace_books(prepared, plan.number, owner, lambda connection: _record(office, connection, plan))
        else:
            with office.changing() as connection:
                office.store.publish_books(prepared, plan.number)
                _record(office, connection, plan)
    finally:
        office.store.discard_books(prepared)


def _record(office: Office, connection: sa.Connection, plan: RestorePlan) -> None:
    """Take the slice over into the register, keep the signer and the counter, and write the event."""
    slice_ = plan.slice
    present = administrations.find(connection, slice_.number)
    if (present.version if present else None) != plan.present_version:
        raise Refused("changed-meanwhile", what=f"administration {slice_.number}")
    if slice_.client is not None and clients.find(connection, slice_.client.kvk) is None:
        clients.add(connection, slice_.client)
        office.record(connection, "client-added", None, kvk=slice_.client.kvk, name=slice_.client.name, city=slice_.client.city)
    kvk = slice_.client.kvk if slice_.client else None
    if present is None:
        administrations.add(connection, slice_.number, slice_.description, kvk)
    else:
        administrations.change(connection, slice_.number, description=slice_.description, client_kvk=kvk)
    digest, login, everyone = _take_over_access(office, connection, plan)
    signer = plan.manifest.signer
    if signer.key.thumbprint != office.backup_key.public.thumbprint:
        at = moment_text(office.occasion(connection).now)
        signers.keep(connection, signers.THE_ONE, signers.KnownSigner(signer.key.thumbprint, signer.name, signer.kvk), signer.key.jwk(), at)
    else:
        administrations.raise_counter(connection, slice_.number, plan.manifest.counter)
    signers.set_counter(connection, slice_.number, signer.key.thumbprint, plan.manifest.counter)
    office.record(
        connection,
        "administration-restored",
        slice_.number,
        description=slice_.description,
        client=kvk,
        sha256=digest,
        login=login,
        users=[user_document(user) for user in everyone],
        backup=plan.file_sha256,
        signer=signer.key.thumbprint,
        counter=plan.manifest.counter,
    )


def _take_over_access(office: Office, connection: sa.Connection, plan: RestorePlan) -> tuple[str | None, Login | None, tuple[User, ...]]:
    """Users as in the backup; the licence as in the backup unless a newer one is held, whose user then stays too."""
    slice_, number = plan.slice, plan.number
    held = licences.find_import(connection, number)
    held_licence = read_token(held.token, office.trust(connection)).licence if held else None
    licence, login = plan.licence, slice_.login
    at, accepted = moment_text(office.occasion(connection).now), tuple[str, ...]()
    everyone = list(slice_.users)
    if held is not None and held_licence is not None and (licence is None or held_licence.issued_at > licence.issued_at):
        kept_user = user_by_login(users.of(connection, number), held.login)
        if kept_user is not None and user_by_login(slice_.users, held.login) is None:
            everyone.append(kept_user)
        licence, login, at, accepted = held_licence, held.login, held.imported_at, held.accepted
    licences.remove_import(connection, number)
    users.remove_all(connection, number)
    for user in everyone:
        users.add(connection, number, user)
    if licence is None or login is None:
        return None, None, tuple(everyone)
    return licences.set_import(connection, number, licence, login, at, accepted), login, tuple(everyone)
