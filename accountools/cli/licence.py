"""`licence …`: issuing and revoking, showing, importing and renewing."""

from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from accountools.cli.context import WANTING, Door, carry_out, command
from accountools.cli.office import Confirm, PlanHash
from accountools.domain.calendar import start_of
from accountools.domain.codes import N_
from accountools.domain.errors import WrongUsage
from accountools.domain.identifiers import AdministrationNumber, KvkNumber, parse_name, shown
from accountools.domain.licence import MODULE_NAMES, Difference, Licence, Licensee, Module

app = typer.Typer(help="Licences: the office's own and the clients'.", no_args_is_help=True)

Accept = Annotated[list[str] | None, typer.Option("--accept", help="Say yes to what asks for it.", metavar="CODE")]


class Kind(StrEnum):
    """The kinds of a licence."""

    accountant = "accountant"
    client = "client"
    demo = "demo"


def add_to(parent: typer.Typer) -> None:
    """Register the commands."""
    parent.add_typer(app, name="licence")


def issue(
    door: Door,
    issuer: Annotated[Path, typer.Option(help="The issuer's folder.", metavar="DIR")],
    kind: Annotated[Kind, typer.Option(help="Whose licence it is.")],
    number: Annotated[str, typer.Option(help="The licence's number.")],
    licensee: Annotated[str, typer.Option(help="Whom it is given to.")],
    kvk: Annotated[str, typer.Option(help="Their KvK number.")],
    city: Annotated[str, typer.Option(help="Their city.")],
    users: Annotated[int, typer.Option(min=1, help="How many users may be active.")],
    valid_from: Annotated[str, typer.Option("--valid-from", help="The first day on which it counts.", metavar="YYYY-MM-DD")],
    valid_until: Annotated[str, typer.Option("--valid-until", help="The last day, which counts whole.", metavar="YYYY-MM-DD")],
    out: Annotated[Path, typer.Option(help="The file to write; never overwritten.")],
    module: Annotated[list[str] | None, typer.Option(help="A licensed module's code.", metavar="CODE")] = None,
    country: Annotated[str, typer.Option(help="Their country.")] = "NL",
    recipient: Annotated[str | None, typer.Option(help="age public key of the client.", metavar="AGE1")] = None,
) -> None:
    """Issue a licence file."""
    from accountools.formats.licence_file import LicenceTerms
    from accountools.operations.licences.issue import IssuerFolder
    from accountools.operations.licences.issue import issue as write

    codes = dict.fromkeys(module or [])
    terms = LicenceTerms(
        number=number,
        kind=kind.value,
        licensee=Licensee(parse_name(licensee), KvkNumber.parse(kvk), shown(city), shown(country)),
        users=users,
        modules=tuple(Module(code, MODULE_NAMES.get(code, code)) for code in codes),
        valid_from=_day("--valid-from", valid_from),
        valid_until=_day("--valid-until", valid_until),
        issued_at=_issued(door),
        recipient=recipient,
    )
    made = write(IssuerFolder.open(issuer), terms, out)
    door.document = {"path": str(out), "licence": made.document()}
    door.say("Licence {licence} for {name} was written to {path}.", licence=made.number, name=made.licensee.name, path=out)


def revoke(
    door: Door,
    issuer: Annotated[Path, typer.Option(help="The issuer's folder.", metavar="DIR")],
    number: Annotated[list[str], typer.Option(help="The licence's number.")],
    out: Annotated[Path, typer.Option(help="The file to write; never overwritten.")],
) -> None:
    """Write the issuer's next revocation list, with these numbers added."""
    from accountools.operations.licences.issue import IssuerFolder
    from accountools.operations.licences.issue import revoke as write

    made = write(IssuerFolder.open(issuer), number, _issued(door), out)
    door.document = {"path": str(out), "seq": made.seq, "revoked": sorted(made.numbers)}
    door.say("Revocation list {seq} names {count} licences.", seq=made.seq, count=len(made.numbers))


def revocations(door: Door, file: Annotated[Path, typer.Argument(metavar="FILE")]) -> None:
    """Read an issuer's revocation list in."""
    from accountools.operations.licences.trust import read_revocations

    read, passed_over = read_revocations(door.open(), file)
    door.document = {"issuer": read.key_id, "seq": read.seq, "revoked": sorted(read.numbers), "passed_over": list(passed_over)}
    for number in passed_over:
        door.note(door.texts("Licence {licence} was issued by somebody else; its revocation is passed over.", licence=number))
    door.say("Revocation list {seq} names {count} licences.", seq=read.seq, count=len(read.numbers))


def show(
    door: Door,
    file: Annotated[Path, typer.Argument(metavar="FILE")],
    trust: Annotated[Path | None, typer.Option(help="The issuers' keys; then no office is needed.", metavar="JWKS")] = None,
) -> None:
    """Tell what a licence file says and whether it holds."""
    from accountools.formats.trust_file import keys_by_name, read_trust
    from accountools.operations.licences.show import show_file, show_licence

    if trust is not None:
        showing = show_file(file, keys_by_name(read_trust(trust)), door.clock().today)
    else:
        showing = show_licence(door.open(), file)
    door.document = showing.document()
    if showing.licence is not None:
        tell_licence(door, showing.licence)
    if showing.verdict is None:
        door.say("This licence is valid.")
    else:
        door.exit_code = WANTING
        door.obstacles((showing.verdict,))


def import_(
    door: Door,
    file: Annotated[Path, typer.Argument(metavar="FILE")],
    administration: Annotated[str, typer.Option(help="The administration that is for the client.", metavar="N")],
    user: Annotated[str, typer.Option(help="The client's user, by login.", metavar="LOGIN")],
    user_name: Annotated[str | None, typer.Option("--user-name", help="Make the user, with this name.", metavar="NAME")] = None,
    accept: Accept = None,
    confirm: Confirm = False,
    plan: PlanHash = None,
) -> None:
    """Import a client's licence into an administration."""
    from accountools.operations.licences.import_licence import plan_import

    office = door.open()
    made = plan_import(office, file, AdministrationNumber.parse(administration), user, user_name=user_name, accept=accept or ())
    door.say("Administration {number}, for {client}", number=made.number, client=made.client.name if made.client else "?")
    if made.licence:
        tell_licence(door, made.licence)
    door.document = {
        "imported": False,
        "plan": made.digest,
        "administration": int(made.number),
        "user": made.user.login if made.user else made.login,
        "licence": made.licence.document() if made.licence else None,
        "replaces": made.replaces.document() if made.replaces else None,
        "differences": tell_differences(door, made.differences),
        "obstacles": door.obstacles(made.obstacles, made.accepted),
    }
    if made.unverified:
        door.document["unverified"] = made.unverified.claims
    if carry_out(door, office, made, confirm=confirm, expected=plan) is not None and made.licence and made.user:
        door.document["imported"] = True
        door.say(
            "Licence {licence} of {client} is imported into administration {number}. {user} ({login}) gets access.",
            licence=made.licence.number,
            client=made.licence.licensee.name,
            number=made.number,
            user=made.user.name,
            login=made.user.login,
        )


def renew(
    door: Door,
    file: Annotated[Path, typer.Argument(metavar="FILE")],
    accept: Accept = None,
    confirm: Confirm = False,
    plan: PlanHash = None,
) -> None:
    """Renew the office's own licence by one of the same number."""
    from accountools.operations.licences.renew import plan_renew

    office = door.open()
    made = plan_renew(office, file, accept or ())
    door.document = {
        "renewed": False,
        "plan": made.digest,
        "licence": made.licence.document() if made.licence else None,
        "differences": tell_differences(door, made.differences),
        "obstacles": door.obstacles(made.obstacles, made.accepted),
    }
    if carry_out(door, office, made, confirm=confirm, expected=plan) is not None:
        door.document["renewed"] = True
        door.say("The office's own licence was renewed.")


def list_(door: Door) -> None:
    """List the licences kept here."""
    from accountools.operations.licences.history import list_licences

    found = list_licences(door.open())
    door.document = {"licences": [one.document() for one in found]}
    for one in found:
        until = door.texts.day(one.valid_until)
        door.tell(f"{one.number:<16} {one.kind:<11} {one.licensee.kvk}  {until}  {one.licensee.name}")


def tell_licence(door: Door, licence: Licence) -> None:
    """Say a licence in lines."""
    rows = (
        (N_("Licensee"), licence.licensee.name),
        (N_("KvK number"), licence.licensee.kvk),
        (N_("City"), licence.licensee.city),
        (N_("Licence number"), licence.number),
        (N_("Kind"), licence.kind),
        (N_("Users"), str(licence.users)),
        (N_("Modules"), ", ".join(f"{one.code} {one.name}" for one in licence.modules)),
        (N_("Valid from"), door.texts.day(licence.valid_from)),
        (N_("Valid until"), door.texts.day(licence.valid_until)),
        (N_("Issuer"), licence.issuer),
    )
    for name, value in rows:
        door.tell(f"  {door.texts(name):<18} {value}")


def tell_differences(door: Door, found: tuple[Difference, ...]) -> list[dict[str, Any]]:
    """Differences as JSON, also said as lines."""
    for one in found:
        door.tell(f"  {one.what}: {one.old or '—'} → {one.new or '—'}")
    return [one.document() for one in found]


def _issued(door: Door) -> datetime:
    """The moment that `iat` gives: the clock's, or the start of the day that was set."""
    return door.clock().now if door.today is None else start_of(door.today)


def _day(option: str, text: str) -> Any:
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 - a day has no zone
    except ValueError as error:
        raise WrongUsage("usage", what=f"{option}: YYYY-MM-DD") from error


for _name, _function in (
    ("issue", issue),
    ("revoke", revoke),
    ("revocations", revocations),
    ("show", show),
    ("import", import_),
    ("renew", renew),
    ("list", list_),
):
    command(app, _name)(_function)
