"""`init`, `demo`, `lab`, `app`, `shortcut`, `key`, `trust` and `repair`."""

import time
from pathlib import Path
from typing import Annotated

import typer

from accountools.cli.context import CommandContext, apply_plan, validate_exclusive
from accountools.cli.options import Confirm, PlanHash
from accountools.cli.registration import command
from accountools.domain.messages import N_

key = typer.Typer(name="key", help="age keys to encrypt backups to, and the office's backup key.", no_args_is_help=True)
trust = typer.Typer(name="trust", help="Trusted issuers of licences.", no_args_is_help=True)

Port = Annotated[int | None, typer.Option(min=1, max=65_535, help="The port to serve on.")]
NoBrowser = Annotated[bool, typer.Option("--no-browser", help="Don't open a browser.")]


def lab(context: CommandContext, port: Port = None, no_browser: NoBrowser = False) -> None:
    """Open the notebooks in JupyterLab."""
    from accountools.web.launch import open_lab

    context.exit_code = open_lab(context.office_place(), context.texts.language, port=port, browser=not no_browser, today=context.today)


def pages(
    context: CommandContext,
    port: Port = None,
    no_browser: NoBrowser = False,
    hub: Annotated[bool, typer.Option("--hub", help="Run as one person's server, started by a JupyterHub.")] = False,
) -> None:
    """Open the notebooks as web pages, without their code."""
    from accountools.web.launch import open_app

    validate_exclusive(hub=hub, port=port)
    place, language = context.office_place(), context.texts.language
    context.exit_code = open_app(place, language, port=port, browser=not no_browser, today=context.today, hub=hub)


def shortcut(context: CommandContext) -> None:
    """Put an icon on the desktop and in the menu of programs, to open the pages without a command line."""
    from accountools.web.shortcut import create_shortcut

    made = create_shortcut(context.office_place(), context.texts)
    context.document, context.acted = {"shortcuts": [str(path) for path in made]}, True
    for path in made:
        context.print_text("Icon created: {path}", path=path)


def demo(
    context: CommandContext,
    folder: Annotated[Path, typer.Argument(metavar="DIR")],
    clients: Annotated[int, typer.Option(min=1, max=50_000, help="How many clients.")] = 25,
    lines: Annotated[int, typer.Option(min=0, max=10_000_000, help="How many lines in each administration's books.")] = 480,
    seed: Annotated[int, typer.Option(help="The random seed: the same number makes the same office.")] = 1,
    walk: Annotated[bool, typer.Option("--walk", help="Then run the whole workflow on it, step by step.")] = False,
) -> None:
    """Create a demonstration office in DIR, with books, an inbox of licence files, and an issuer."""
    from accountools.demo.demonstration import create_demo
    from accountools.demo.walk import walk as run_workflow

    started = time.perf_counter()
    made = create_demo(folder, context.clock, clients=clients, lines=lines, seed=seed)
    seconds = round(time.perf_counter() - started, 1)
    context.document, context.acted = made.document() | {"seconds": seconds}, True
    context.print_plural(
        "Demonstration office with {count} client created in {folder}, in {seconds} s.",
        "Demonstration office with {count} clients created in {folder}, in {seconds} s.",
        clients,
        folder=folder,
        seconds=seconds,
    )
    if walk:
        steps = []
        for step in run_workflow(made, context.clock):
            sentence = step.describe(context.texts)
            steps.append(sentence)
            context.print_now(sentence)
        context.document["steps"] = steps


def init(
    context: CommandContext,
    licence: Annotated[Path, typer.Option(help="The office's own licence file.")],
    trust: Annotated[Path, typer.Option(help="The issuers' keys (JWKS).")],
) -> None:
    """Create the office at --office, under its own licence."""
    from accountools.operations.register import create_office

    made = create_office.create_office(context.office_place(), licence, trust, context.clock)
    with made.session() as session:
        own = session.own_licence
    context.acted = True
    context.document = {"office": str(made.engine.place), "licence": own.document(), "accountant": own.is_accountant_office}
    context.print_text(
        "Office of {name} created in {folder}, under licence {licence}.",
        name=own.licensee.name,
        folder=made.engine.place,
        licence=own.number,
    )


def repair(context: CommandContext) -> None:
    """Clean up after an interruption."""
    from accountools.operations.maintenance.repair import DONE, LEFTOVERS
    from accountools.operations.maintenance.repair import repair as clean_up

    found = clean_up(context.open_office())
    context.document = {"found": [one.document() for one in found]}
    rows = [(context.texts(LEFTOVERS[one.what]), context.texts(DONE[one.done]), str(one.path)) for one in found]
    context.print_table((N_("Found"), N_("Result"), N_("Path")), rows)
    if not found:
        context.print_text("Nothing to clean up.")


@command(key, "new")
def _key_new(context: CommandContext, out: Annotated[Path, typer.Argument(metavar="FILE")]) -> None:
    """Create an age key; print the public key to encrypt backups to."""
    from accountools.operations.licences.issue import create_key

    context.document, context.acted = {"recipient": create_key(out)}, True
    context.print_line(context.document["recipient"])


@command(key, "identity")
def _key_identity(context: CommandContext) -> None:
    """Print the public key of your own age key, by which members of an office are known; create it if you have none."""
    from accountools.formats.key_files import find_identity, find_or_create_identity, identity_path

    held = find_identity()
    own = held or find_or_create_identity()
    context.document = {"recipient": own.recipients[0], "path": str(identity_path()), "created": held is None}
    context.acted = held is None
    context.print_line(own.recipients[0])


@command(trust, "add")
def _trust_add(
    context: CommandContext, jwks: Annotated[Path, typer.Argument(metavar="JWKS")], confirm: Confirm = False, plan: PlanHash = None
) -> None:
    """Trust the licences of these issuers."""
    from accountools.operations.licences.trust import plan_trust

    office = context.open_office()
    made = plan_trust(office, jwks)
    new = [{"issuer": one.name, "thumbprint": one.key.thumbprint} for one in made.new]
    context.document = {"trusted": False, "plan": made.digest, "issuers": new, "obstacles": context.print_obstacles(made.obstacles)}
    _print_issuers(context, new)
    context.document["trusted"] = apply_plan(context, office, made, confirm=confirm, expected=plan) is not None


@command(trust, "list")
def _trust_list(context: CommandContext) -> None:
    """List the trusted issuers."""
    from accountools.operations.licences.trust import list_issuers

    issuers = [{"issuer": one.name, "thumbprint": one.key.thumbprint} for one in list_issuers(context.open_office())]
    context.document = {"issuers": issuers}
    _print_issuers(context, issuers)


def _print_issuers(context: CommandContext, issuers: list[dict[str, str]]) -> None:
    context.print_table((N_("Thumbprint"), N_("Issuer")), [(one["thumbprint"], one["issuer"]) for one in issuers])
