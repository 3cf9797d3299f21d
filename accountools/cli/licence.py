"""`licence …`: issuing and revoking, result, importing and renewing."""

from pathlib import Path
from typing import Annotated, Any

import typer

from accountools.cli.context import EXIT_FAILED, CommandContext, apply_plan
from accountools.cli.options import Accept, Confirm, PlanHash
from accountools.cli.registration import command
from accountools.domain.identifiers import AdministrationNumber
from accountools.domain.licence import Difference, Licence
from accountools.domain.messages import N_
from accountools.domain.obstacle import KindOfLicence
from accountools.reports.licence_texts import FIELDS
from accountools.texts import Texts

app = typer.Typer(name="licence", help="Licences: the office's own and the clients'.", no_args_is_help=True)


@command(app, "revocations")
def revocations(context: CommandContext, file: Annotated[Path, typer.Argument(metavar="FILE")]) -> None:
    """Import an issuer's revocation list."""
    from accountools.operations.licences.trust import read_revocations

    read, passed_over = read_revocations(context.open_office(), file)
    context.document = {"issuer": read.key_id, "seq": read.seq, "revoked": sorted(read.numbers), "passed_over": list(passed_over)}
    for number in passed_over:
        context.warn("Licence {licence} was issued by another issuer: its revocation is ignored.", licence=number)
    print_revocation_list(context, read.seq, len(read.numbers))


@command(app, "show")
def show(
    context: CommandContext,
    file: Annotated[Path, typer.Argument(metavar="FILE")],
    trust: Annotated[Path | None, typer.Option(help="The issuers' keys to verify with; no office is needed then.", metavar="JWKS")] = None,
) -> None:
    """Show what is in a licence file, and whether the licence is valid."""
    from accountools.formats.trust_file import keys_by_thumbprint, read_trust
    from accountools.operations.licences.show import show_file, show_licence

    if trust is not None:
        result = show_file(file, keys_by_thumbprint(read_trust(trust)), context.clock())
    else:
        result = show_licence(context.open_office(), file)
    context.document = result.document()
    if result.licence is not None:
        print_licence(context, result.licence)
    if result.verdict is None:
        context.print_text("This licence is valid.")
    else:
        context.exit_code = EXIT_FAILED
        context.print_obstacles((result.verdict,))


@command(app, "import")
def import_(
    context: CommandContext,
    file: Annotated[Path, typer.Argument(metavar="FILE")],
    administration: Annotated[str, typer.Option(help="The client's administration.", metavar="N")],
    user: Annotated[str, typer.Option(help="The login name of the client's user.", metavar="LOGIN")],
    user_name: Annotated[str | None, typer.Option("--user-name", help="Create the user, with this name.", metavar="NAME")] = None,
    accept: Accept = None,
    confirm: Confirm = False,
    plan: PlanHash = None,
) -> None:
    """Import a client's licence into an administration."""
    from accountools.operations.licences.import_licence import plan_import

    office = context.open_office()
    made = plan_import(office, file, AdministrationNumber.parse(administration), user, user_name=user_name, accept=accept or ())
    context.print_text("Administration {number}, for {client}", number=made.number, client=made.client.name if made.client else "?")
    if made.licence:
        print_licence(context, made.licence)
    context.document = {
        "imported": False,
        "plan": made.digest,
        "administration": int(made.number),
        "user": made.user.login if made.user else made.login,
        "licence": made.licence.document() if made.licence else None,
        "replaces": made.replaces.document() if made.replaces else None,
        "differences": print_differences(context, made.differences),
        "obstacles": context.print_obstacles(made.obstacles, made.accepted),
    }
    if made.unverified:
        context.document["unverified"] = made.unverified.document()
    if apply_plan(context, office, made, confirm=confirm, expected=plan) is not None and made.licence and made.user:
        context.document["imported"] = True
        context.print_text(
            "Licence {licence} of {client} is imported into administration {number}. {user} ({login}) gets access.",
            licence=made.licence.number,
            client=made.licence.licensee.name,
            number=made.number,
            user=made.user.name,
            login=made.user.login,
        )


@command(app, "renew")
def renew(
    context: CommandContext,
    file: Annotated[Path, typer.Argument(metavar="FILE")],
    new_number: Annotated[bool, typer.Option("--new-number", help="Go on with a licence of another number, from the same issuer.")] = False,
    accept: Accept = None,
    confirm: Confirm = False,
    plan: PlanHash = None,
) -> None:
    """Renew the office's own licence with one that has the same number, or a new number."""
    from accountools.operations.licences.renew import plan_renew

    office = context.open_office()
    made = plan_renew(office, file, accept or (), new_number=new_number)
    context.document = {
        "renewed": False,
        "plan": made.digest,
        "licence": made.licence.document() if made.licence else None,
        "differences": print_differences(context, made.differences),
        "obstacles": context.print_obstacles(made.obstacles, made.accepted),
    }
    if apply_plan(context, office, made, confirm=confirm, expected=plan) is not None:
        context.document["renewed"] = True
        context.print_text("The office's own licence is renewed.")


def print_revocation_list(context: CommandContext, seq: int, count: int) -> None:
    """Print what a revocation list contains, which was written or read."""
    context.print_plural("Revocation list {seq} has {count} licence.", "Revocation list {seq} has {count} licences.", count, seq=seq)


@command(app, "list")
def list_(context: CommandContext) -> None:
    """List the licences imported here."""
    from accountools.operations.licences.history import list_licences

    found = list_licences(context.open_office())
    context.document = {"licences": [one.document() for one in found]}
    texts = context.texts
    rows = [
        (one.number, texts(KindOfLicence[one.kind].value), one.licensee.kvk, texts.day(one.valid_until), one.licensee.name) for one in found
    ]
    context.print_table((N_("Number"), N_("Kind"), N_("KvK number"), N_("Valid until"), N_("Licensee")), rows)


def print_licence(context: CommandContext, licence: Licence) -> None:
    """Print a licence, a line for each field."""
    rows = (
        (N_("Licensee"), licence.licensee.name),
        (N_("KvK number"), licence.licensee.kvk),
        (N_("City"), licence.licensee.city),
        (N_("Licence number"), licence.number),
        (N_("Kind"), context.texts(KindOfLicence[licence.kind].value)),
        (N_("Users"), str(licence.users)),
        (N_("Modules"), ", ".join(f"{one.code} {one.name}" for one in licence.modules)),
        (N_("Valid from"), context.texts.day(licence.valid_from)),
        (N_("Valid until"), context.texts.day(licence.valid_until)),
        (N_("Issuer"), licence.issuer),
    )
    for name, value in rows:
        context.print_line(f"  {context.texts(name):<18} {value}")


def print_differences(context: CommandContext, found: tuple[Difference, ...]) -> list[dict[str, Any]]:
    """Print the differences, a line each; gives them as JSON."""
    for one in found:
        context.print_line(f"  {format_difference(context.texts, one)}")
    return [one.document() for one in found]


def format_difference(texts: Texts, one: Difference) -> str:
    """A difference between two licences as a line."""

    def show(value: str | None) -> str:
        if value and one.what.startswith("valid_"):
            return texts.iso_day(value)
        return texts(KindOfLicence[value].value) if value and one.what == "kind" else value or "—"

    old, new = show(one.old), show(one.new)
    return f"{texts(FIELDS[one.what])}: {old} → {new}"
