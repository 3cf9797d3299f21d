"""`restore`: an administration, or the office itself."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from accountools.cli.context import Door, carry_out, command
from accountools.cli.decryption import File, Identity, PassphraseFile, unlock_of
from accountools.cli.licence import Accept
from accountools.cli.office import Confirm, PlanHash
from accountools.domain.errors import WrongUsage

if TYPE_CHECKING:
    from accountools.formats.backup.reader import Unlock
    from accountools.operations.restores.plan import RestorePlan


def add_to(parent: typer.Typer) -> None:
    """Register the command."""
    command(parent, "restore")(restore)


def restore(
    door: Door,
    file: File,
    identity: Identity = None,
    passphrase_file: PassphraseFile = None,
    signer: Annotated[str | None, typer.Option(help="The signer's key, as read out by telephone.", metavar="THUMBPRINT")] = None,
    accept: Accept = None,
    replace: Annotated[bool, typer.Option("--replace", help="Put it in the place of what is here, keeping a safety copy.")] = False,
    confirm: Confirm = False,
    plan: PlanHash = None,
) -> None:
    """Restore an administration from a backup, under the same number; or the office itself from its own."""
    from accountools.operations.restores.restore import planned_restore
    from accountools.storage.sqlite.store import SqliteStore

    unlock = unlock_of(identity, passphrase_file)
    if not SqliteStore(door.office_folder().expanduser().absolute()).exists():
        _restore_office(door, file, unlock, signer, accept or [], confirm=confirm, expected=plan)
        return
    office = door.open()
    with planned_restore(office, file, unlock, signer=signer, accept=accept or (), replace=replace, adopting=confirm) as made:
        tell_incoming(door, made)
        if carry_out(door, office, made, confirm=confirm, expected=plan) is not None:
            door.document["restored"] = True
            door.say("Administration {number} is restored.", number=made.number)


def tell_incoming(door: Door, made: "RestorePlan") -> None:
    """Say what a backup on its way in holds, and what stands in its way."""
    slice_, manifest = made.extract, made.manifest
    door.say("Administration {number}, {description}", number=made.number, description=slice_.description)
    door.document = {
        "restored": False,
        "plan": made.digest,
        "administration": int(made.number),
        "licence_number": made.licence.number if made.licence else manifest.licence_number,
        "signer": tell_signer(door, manifest.signer.document()),
        **{name: slice_.contents(made.totals)[name] for name in ("users", "counts", "totals")},
        "obstacles": door.obstacles(made.obstacles, made.accepted),
    }


def _restore_office(
    door: Door, file: Path, unlock: "Unlock", signer: str | None, accept: list[str], *, confirm: bool, expected: str | None
) -> None:
    from accountools.operations.restores.restore_office import plan_office_restore

    made = plan_office_restore(door.office_folder(), file, unlock, door.clock, signer=signer, accept=accept)
    door.document = {
        "restored": False,
        "plan": made.digest,
        "administration": None,
        "licence_number": made.manifest.licence_number,
        "signer": tell_signer(door, made.manifest.signer.document()),
        "users": [],
        "counts": made.counts,
        "totals": {},
        "obstacles": door.obstacles(made.obstacles),
    }
    if expected is not None and not confirm:
        raise WrongUsage("plan-needed")
    made.raise_if_refused()
    if not confirm:
        door.say("Nothing was changed. To do it: --confirm")
        return
    if expected is not None:
        made.raise_if_changed(expected, expected)
    made.create()
    door.document["restored"] = True
    door.say("The office stands in {folder} again; its administrations come back by restoring their backups.", folder=made.folder)


def tell_signer(door: Door, signer: dict[str, str]) -> dict[str, str]:
    """Say who signed."""
    door.say("Signed by {name}, KvK {kvk}, key {thumbprint}", **signer)
    return signer
