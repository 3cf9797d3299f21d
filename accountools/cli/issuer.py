"""`issuer new`, `licence issue` and `licence revoke`: for issuers of licences."""

from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from accountools.cli.context import CommandContext
from accountools.cli.licence import app as licence
from accountools.cli.licence import print_revocation_list
from accountools.cli.options import parse_day
from accountools.cli.registration import command
from accountools.domain.calendar import start_of_day
from accountools.domain.identifiers import KvkNumber, parse_name, single_line
from accountools.domain.licence import MODULE_NAMES, Licensee, Module

app = typer.Typer(name="issuer", help="Tools for issuers of licences.", no_args_is_help=True)


class Kind(StrEnum):
    """The kinds of licences."""

    accountant = "accountant"
    client = "client"
    demo = "demo"


@command(app, "new")
def new(
    context: CommandContext,
    folder: Annotated[Path, typer.Argument(metavar="DIR")],
    name: Annotated[str | None, typer.Option(help="The issuer's name, as it is in its licences.")] = None,
) -> None:
    """Create an issuer: DIR/issuer.pem and DIR/trust.jwks."""
    from accountools.operations.licences.issue import create_issuer

    made = create_issuer(folder, single_line(name) if name else None)
    thumbprint, context.acted = made.key.public.thumbprint, True
    context.document = {
        "issuer": made.name,
        "thumbprint": thumbprint,
        "key": str(folder / "issuer.pem"),
        "trust": str(folder / "trust.jwks"),
    }
    context.print_text("Issuer {name} created, with key {thumbprint}.", name=made.name, thumbprint=thumbprint)


@command(licence, "issue")
def issue(
    context: CommandContext,
    issuer: Annotated[Path, typer.Option(help="The issuer's folder.", metavar="DIR")],
    kind: Annotated[Kind, typer.Option(help="The kind of licence: of an accountancy office, of a client, or for demonstration.")],
    number: Annotated[str, typer.Option(help="The licence's number.")],
    licensee: Annotated[str, typer.Option(help="The holder's name.")],
    kvk: Annotated[str, typer.Option(help="The holder's KvK number.")],
    city: Annotated[str, typer.Option(help="The holder's city.")],
    users: Annotated[int, typer.Option(min=1, help="How many users may be active.")],
    valid_from: Annotated[str, typer.Option("--valid-from", help="The first day of validity.", metavar="YYYY-MM-DD")],
    valid_until: Annotated[str, typer.Option("--valid-until", help="The last day of validity.", metavar="YYYY-MM-DD")],
    out: Annotated[Path, typer.Option(help="The file to write; an existing file is not overwritten.")],
    module: Annotated[list[str] | None, typer.Option(help="The code of a module.", metavar="CODE")] = None,
    country: Annotated[str, typer.Option(help="The holder's country.")] = "NL",
    recipient: Annotated[str | None, typer.Option(help="The client's age public key.", metavar="AGE1")] = None,
) -> None:
    """Issue a licence file."""
    from accountools.formats.licence_file import LicenceTerms
    from accountools.operations.licences.issue import IssuerFolder
    from accountools.operations.licences.issue import issue as issue_licence

    codes = dict.fromkeys(module or [])
    terms = LicenceTerms(
        number=number,
        kind=kind.value,
        licensee=Licensee(parse_name(licensee), KvkNumber.parse(kvk), single_line(city), single_line(country)),
        users=users,
        modules=tuple(Module(code, MODULE_NAMES.get(code, code)) for code in codes),
        valid_from=parse_day("--valid-from", valid_from),
        valid_until=parse_day("--valid-until", valid_until),
        issued_at=_issued_at(context),
        recipient=recipient,
    )
    made = issue_licence(IssuerFolder.open(issuer), terms, out)
    context.document, context.acted = {"path": str(out), "licence": made.document()}, True
    context.print_text("Licence {licence} for {name} written to {path}.", licence=made.number, name=made.licensee.name, path=out)


@command(licence, "revoke")
def revoke(
    context: CommandContext,
    issuer: Annotated[Path, typer.Option(help="The issuer's folder.", metavar="DIR")],
    number: Annotated[list[str], typer.Option(help="The licence's number.")],
    out: Annotated[Path, typer.Option(help="The file to write; an existing file is not overwritten.")],
) -> None:
    """Write the issuer's next revocation list, with these numbers added."""
    from accountools.operations.licences.issue import IssuerFolder
    from accountools.operations.licences.issue import revoke as write_list

    made = write_list(IssuerFolder.open(issuer), number, _issued_at(context), out)
    context.document, context.acted = {"path": str(out), "seq": made.seq, "revoked": sorted(made.numbers)}, True
    print_revocation_list(context, made.seq, len(made.numbers))


def _issued_at(context: CommandContext) -> datetime:
    """The time for the claim `iat`: now, or the start of the day given by --today."""
    return context.clock().now if context.today is None else start_of_day(context.today)
