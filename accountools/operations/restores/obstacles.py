"""The obstacles that every way in has in common: of the licence in a backup, its number here, its signer, its counter."""

from pathlib import Path

from accountools.domain.codes.code import Weight
from accountools.domain.events.administrations import BackupPlaced
from accountools.domain.licence import is_same_name
from accountools.domain.obstacle import Obstacle, obstacle
from accountools.formats.backup.manifest import Manifest
from accountools.formats.licence_file import ReadResult, validity_obstacle
from accountools.operations.backups.register_extract import RegisterExtract
from accountools.operations.restores.checked_image import CheckedBackup
from accountools.operations.restores.present import Present
from accountools.operations.session import HeldLicence, Session
from accountools.storage.register import clients, journal, signers
from accountools.words import is_key

_NOBODY = "—"  # in place of the client of a template


def licence_in(session: Session, extract: RegisterExtract) -> HeldLicence:
    """The licence in an extract, verified against this office's trust; with neither licence nor fault when there is none."""
    return session.verify(extract.licence, "backup") if extract.licence else HeldLicence(ReadResult(None))


def licence_obstacles(session: Session, held: HeldLicence) -> list[Obstacle]:
    """Revoked blocks, expired is only told, an accountant's may not be there at all."""
    found = [held.reading.fault] if held.reading.fault else []
    licence = held.licence
    if licence is None:
        return found
    verdict = validity_obstacle(licence, session.context.today, revoked=held.revoked)
    if verdict is not None:
        found.append(verdict if verdict.code == "licence-revoked" else verdict.with_weight(Weight.INFORMS))
    if licence.kind == "accountant":
        found.append(obstacle("wrong-kind", licence=licence.number, backup=True))
    return found


def content_obstacles(checked: CheckedBackup, path: Path) -> list[Obstacle]:
    """Whether a licence is in it with which no backup of it could be made any more: what comes in must be able to go out again."""
    where = checked.licence_found
    return [obstacle("office-licence-found", file=path.name, where=where)] if where else []


def forbidden_in(session: Session, manifest: Manifest) -> tuple[str, ...]:
    """The licences that are looked for in a backup that comes in; none in the office's own, which were searched when they were made."""
    return () if manifest.signer.key.thumbprint in session.own_keys else session.forbidden_tokens


def number_obstacles(session: Session, extract: RegisterExtract, present: Present, *, replace: bool) -> list[Obstacle]:
    """Whether its number is taken here: by an administration that has its books, readable or not, unless it is to be replaced."""
    number, engine = extract.number, session.office.engine
    if replace or present.administration is None:
        return []
    is_taken = engine.has_books(number) or engine.find_books_fault(number) is not None
    return [obstacle("number-taken", number=number, replaceable=True)] if is_taken else []


def archive_obstacles(present: Present) -> list[Obstacle]:
    """Whether the administration that has its number here is archived: it stays so."""
    here = present.administration
    if here is None or not here.archived:
        return []
    return [obstacle("administration-archived", number=here.number, stays=True).with_weight(Weight.INFORMS)]


def client_obstacles(session: Session, checked: CheckedBackup, present: Present, held: HeldLicence) -> list[Obstacle]:
    """Whether the administration that has its number here is another client's: nothing makes one client's books another's."""
    here, client = present.administration, checked.extract.client
    if here is None or here.client_kvk == (client.kvk if client else None):
        return []
    ours = clients.find(session.connection, here.client_kvk) if here.client_kvk else None
    kvks = {}
    if client is not None and ours is not None and may_have_other_kvk(session, checked, present, held):
        kvks = {"former_kvk": ours.kvk, "kvk": client.kvk}
    theirs = client.name if client else _NOBODY
    return [obstacle("client-differs", number=here.number, theirs=theirs, ours=ours.name if ours else _NOBODY, **kvks)]


def may_have_other_kvk(session: Session, checked: CheckedBackup, present: Present, held: HeldLicence) -> bool:
    """Whether a backup seems to be of the very administration that is here, whose client only has another KvK number in it.

    By its licence, or by its signer and the client's name; and nobody here has that number.
    """
    here, client = present.administration, checked.extract.client
    if here is None or here.client_kvk is None or client is None or clients.find(session.connection, client.kvk) is not None:
        return False
    imported = session.verify(present.imported.token).licence if present.imported else None
    if held.licence is not None and held.licence.number in {*session.own_licences, *((imported.number,) if imported else ())}:
        return True
    signed_before = present.counter > 0 or checked.manifest.signer.key.thumbprint in session.own_keys
    return signed_before and is_same_name(client.name, clients.get(session.connection, here.client_kvk).name)


def is_own_safekeeping(session: Session, manifest: Manifest) -> bool:
    """Whether a backup passes for one that this accountant's office made to keep: then one of its own keys must have signed it."""
    return session.is_accountant_office and manifest.purpose != "handover" and manifest.licence_number in session.own_licences


def signer_obstacles(session: Session, manifest: Manifest, scope: str, expected: str | None) -> list[Obstacle]:
    """Whether the signer is the one kept for `scope`, or the one read out by telephone; an office's own keys are never another's."""
    thumbprint = manifest.signer.key.thumbprint
    changed = obstacle("signer-changed", name=manifest.signer.name, thumbprint=thumbprint)
    if expected is not None:
        return [] if is_key(expected, thumbprint) else [changed.with_facts(expected=expected).with_weight(Weight.BLOCKS)]
    if thumbprint in session.own_keys:
        return []
    kept = signers.find(session.connection, scope)
    return [changed] if is_own_safekeeping(session, manifest) or (kept is not None and kept.thumbprint != thumbprint) else []


def counter_obstacles(session: Session, checked: CheckedBackup, present: Present) -> list[Obstacle]:
    """Whether a newer backup of this administration by this signer came in before, or another one with the same counter."""
    manifest, number, signer = checked.manifest, checked.extract.number, checked.manifest.signer.key.thumbprint
    held = present.counter
    if manifest.counter < held:
        return [obstacle("older-backup", number=number, held=held, counter=manifest.counter)]
    if manifest.counter > held:
        return []
    events = (one.parsed() for one in journal.list_events(session.connection, number, kinds=(BackupPlaced,)))
    placed = [one for one in events if isinstance(one, BackupPlaced) and (one.signer, one.counter) == (signer, held)]
    if not placed or placed[-1].backup == checked.file_sha256:
        return []
    return [obstacle("older-backup", number=number, held=held, counter=manifest.counter, twin=placed[-1].backup)]
