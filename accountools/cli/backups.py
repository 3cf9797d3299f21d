"""`rehearse`, `install`, `backups …`, `key seal` and `unseal`: backups looked after."""

from pathlib import Path
from typing import Annotated, Any

import typer

from accountools.cli.backup import backup_document
from accountools.cli.context import WANTING, Door, carry_out, command, only_one
from accountools.cli.decryption import File, Identity, PassphraseFile, passphrase_in, unlock_of
from accountools.cli.licence import Accept
from accountools.cli.office import Confirm, PlanHash, key
from accountools.cli.restore import tell_incoming
from accountools.domain.errors import WrongUsage

app = typer.Typer(help="The backups that were made.", no_args_is_help=True)


def add_to(parent: typer.Typer) -> None:
    """Register the commands."""
    command(parent, "rehearse")(rehearse)
    command(parent, "install")(install)
    parent.add_typer(app, name="backups")


def rehearse(door: Door, file: File, identity: Identity = None, passphrase_file: PassphraseFile = None) -> None:
    """Restore a backup aside, compare, log in as the client's user, and throw it away."""
    from accountools.operations.restores.rehearse import rehearse as try_it

    found = try_it(door.open(), file, unlock_of(identity, passphrase_file))
    door.document = found.document()
    door.document["findings"] = [{"code": one.code, "message": door.texts.sentence(one)} for one in found.findings]
    door.obstacles(found.findings)
    if found.ok:
        door.say("It restores: {lines} lines, debit {debit}.", lines=found.totals.lines, debit=found.totals.totals()["debit"])
        if found.entered:
            door.say("{login} gets in.", login=found.login)
    else:
        door.exit_code = WANTING


def install(
    door: Door,
    file: File,
    identity: Identity = None,
    passphrase_file: PassphraseFile = None,
    accept: Accept = None,
    replace: Annotated[bool, typer.Option("--replace", help="Put it in the place of what is here, keeping a safety copy.")] = False,
    confirm: Confirm = False,
    plan: PlanHash = None,
) -> None:
    """Take a client's own backup into the office, to work on; the client's licence stays in place."""
    from accountools.operations.restores.install import planned_install

    office = door.open()
    with planned_install(
        office, file, unlock_of(identity, passphrase_file), accept=accept or (), replace=replace, adopting=confirm
    ) as made:
        tell_incoming(door, made)
        if carry_out(door, office, made, confirm=confirm, expected=plan) is not None:
            door.document["restored"] = True
            door.say("Administration {number} is installed.", number=made.number)


def list_(door: Door) -> None:
    """List the backups that were made."""
    from accountools.operations.backups.retention import list_backups

    found = list_backups(door.open())
    door.document = {"backups": [_entry(one) for one in found]}
    for one in found:
        number = "—" if one.record.administration is None else str(one.record.administration)
        where = one.record.path if one.present else door.texts("no longer there: {path}", path=one.record.path)
        door.tell(f"{one.record.day}  {number:>5}  {one.record.purpose:<12} {where}")


def check(door: Door) -> None:
    """Read every backup again: what is missing, changed or no longer readable."""
    from accountools.operations.backups.retention import check_backups

    found = check_backups(door.open())
    wanting = [one for one in found if one.findings]
    entries = [_entry(one) | {"findings": [door.obstacle(it) for it in one.findings]} for one in found]
    door.document = {"ok": not wanting, "backups": entries}
    for one in wanting:
        door.obstacles(one.findings)
    door.say("{count} backups looked at, {wanting} wanting.", count=len(found), wanting=len(wanting))
    door.exit_code = WANTING if wanting else 0


def prune(
    door: Door,
    keep_years: Annotated[int, typer.Option(min=1, help="How many years to keep; the law asks 7.")] = 7,
    confirm: Confirm = False,
    plan: PlanHash = None,
) -> None:
    """Remove backups older than the law asks for; never the last one of an administration."""
    from accountools.operations.backups.retention import KeptBackup, plan_prune

    office = door.open()
    made = plan_prune(office, keep_years)
    door.document = {"pruned": False, "plan": made.digest, "backups": [_entry(KeptBackup(one)) for one in made.gone]}
    for one in made.gone:
        door.tell(f"{one.day}  {one.path}")
    door.say("{count} backups are older than {years} years.", count=len(made.gone), years=keep_years)
    door.document["pruned"] = carry_out(door, office, made, confirm=confirm, expected=plan) is not None


def seal(
    door: Door,
    out: Annotated[Path, typer.Option(help="The file to write; never overwritten.", metavar="FILE")],
    recipient: Annotated[str | None, typer.Option(help="Encrypt to this age key.", metavar="AGE1")] = None,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Put the office's backup key away, encrypted."""
    from accountools.operations.backups.office_key import seal_key
    from accountools.operations.backups.target import Destination

    only_one(recipient=recipient, passphrase_file=passphrase_file)
    if not (recipient or passphrase_file):
        raise WrongUsage("usage", what="--recipient or --passphrase-file")
    words = passphrase_in(passphrase_file)
    thumbprint = seal_key(door.open(), Destination(recipient=recipient, passphrase=words), out)
    door.document = {"path": str(out), "thumbprint": thumbprint}
    door.say("Key {thumbprint} was written to {path}, encrypted.", thumbprint=thumbprint, path=out)


def unseal(
    door: Door,
    file: File,
    identity: Identity = None,
    passphrase_file: PassphraseFile = None,
    confirm: Confirm = False,
    plan: PlanHash = None,
) -> None:
    """Take a sealed backup key back: the office's backups are signed with it from then on."""
    from accountools.operations.backups.office_key import plan_unseal

    office = door.open()
    made = plan_unseal(office, file, unlock_of(identity, passphrase_file))
    door.document = {"unsealed": False, "plan": made.digest, "thumbprint": made.thumbprint, "present": made.present}
    door.say("Key {thumbprint} takes the place of {present}.", thumbprint=made.thumbprint, present=made.present or "—")
    door.document["unsealed"] = carry_out(door, office, made, confirm=confirm, expected=plan) is not None


def _entry(one: Any) -> dict[str, Any]:
    held = one.record
    return backup_document(held) | {"at": held.at, "present": one.present, "rehearsed": held.rehearsed}


for _group, _name, _function in (
    (app, "list", list_),
    (app, "check", check),
    (app, "prune", prune),
    (key, "seal", seal),
    (key, "unseal", unseal),
):
    command(_group, _name)(_function)
