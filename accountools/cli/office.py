"""`init`, `demo`, `lab`, `app`, `key`, `trust`, `issuer`, `repair`: the office and what lies around it."""

import time
from pathlib import Path
from typing import Annotated

import typer

from accountools.cli.context import Door, carry_out, command
from accountools.domain.identifiers import shown

key = typer.Typer(help="age keys, to encrypt backups to.", no_args_is_help=True)
trust = typer.Typer(help="Issuers whose licences count.", no_args_is_help=True)
issuer = typer.Typer(help="For who issues licences.", no_args_is_help=True)

Confirm = Annotated[bool, typer.Option("--confirm", help="Do it; without it the plan is only shown.")]
PlanHash = Annotated[str | None, typer.Option("--plan", help="Do it only if it is still this plan.", metavar="HASH")]


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    command(app, "lab")(lab)
    command(app, "app")(pages)
    command(app, "demo")(demo)
    command(app, "init")(init)
    command(app, "repair")(repair)
    for group, name in ((key, "key"), (trust, "trust"), (issuer, "issuer")):
        app.add_typer(group, name=name)


def lab(
    door: Door,
    port: Annotated[int | None, typer.Option(help="The port to serve on.")] = None,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Don't open a browser.")] = False,
) -> None:
    """Open the notebooks in JupyterLab."""
    from accountools.web.launch import open_lab

    door.exit_code = open_lab(door.office_folder(), door.texts.language, port=port, browser=not no_browser)


def pages(
    door: Door,
    port: Annotated[int | None, typer.Option(help="The port to serve on.")] = None,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Don't open a browser.")] = False,
) -> None:
    """Open the notebooks as pages, without their code."""
    from accountools.web.launch import open_app

    door.exit_code = open_app(door.office_folder(), door.texts.language, port=port, browser=not no_browser)


def demo(
    door: Door,
    folder: Annotated[Path, typer.Argument(metavar="DIR")],
    clients: Annotated[int, typer.Option(min=1, max=50_000, help="How many clients.")] = 25,
    lines: Annotated[int, typer.Option(min=0, help="How many lines in each administration's books.")] = 240,
    seed: Annotated[int, typer.Option(help="Another number, another office.")] = 1,
    walk: Annotated[bool, typer.Option("--walk", help="Go the whole path on it, telling each step.")] = False,
) -> None:
    """Make a demonstration office in DIR, with books, an inbox of licence files, and an issuer."""
    from accountools.demo.demonstration import demonstrate
    from accountools.demo.walk import walk as walk_through

    started = time.perf_counter()
    made = demonstrate(folder, door.clock, clients=clients, lines=lines, seed=seed)
    seconds = round(time.perf_counter() - started, 1)
    door.document = made.document() | {"seconds": seconds}
    door.say(
        "A demonstration office for {count} clients stands in {folder}; making it took {seconds} s.",
        count=clients,
        folder=folder,
        seconds=seconds,
    )
    if walk:
        steps = []
        for step in walk_through(made, door.clock):
            sentence = door.texts(step.text, **dict(step.facts))
            steps.append(sentence)
            if not door.json:
                typer.echo(sentence)
        door.document["steps"] = steps


def init(
    door: Door,
    licence: Annotated[Path, typer.Option(help="The office's own licence file.")],
    trust: Annotated[Path, typer.Option(help="The issuers' keys (JWKS).")],
) -> None:
    """Make the office at --office under its own licence."""
    from accountools.operations.register.create_office import create_office

    made = create_office(door.office_folder(), licence, trust, door.clock)
    with made.session() as session:
        own = session.own_licence
    door.document = {"office": str(made.folder), "licence": own.document(), "accountant": own.is_accountant_office}
    door.say(
        "The office of {name} stands in {folder}, under licence {licence}.", name=own.licensee.name, folder=made.folder, licence=own.number
    )


def repair(door: Door) -> None:
    """Clear what a cut left behind, and say what it was."""
    from accountools.operations.maintenance.repair import repair as mend

    found = mend(door.open())
    door.document = {"found": [one.document() for one in found]}
    for one in found:
        door.tell(f"{one.what}: {one.path} ({one.done})")
    if not found:
        door.say("There was nothing to clear.")


def _key_new(door: Door, out: Annotated[Path, typer.Argument(metavar="FILE")]) -> None:
    """Make a key to read backups with; gives the recipient to encrypt them to."""
    from accountools.operations.licences.issue import create_key

    door.document = {"recipient": create_key(out)}
    door.tell(door.document["recipient"])


def _issuer_new(
    door: Door,
    folder: Annotated[Path, typer.Argument(metavar="DIR")],
    name: Annotated[str | None, typer.Option(help="The name that its licences carry.")] = None,
) -> None:
    """Make an issuer: DIR/issuer.pem and DIR/trust.jwks."""
    from accountools.operations.licences.issue import create_issuer

    made = create_issuer(folder, shown(name) if name else None)
    thumbprint = made.key.public.thumbprint
    door.document = {"issuer": made.name, "thumbprint": thumbprint, "key": str(folder / "issuer.pem"), "trust": str(folder / "trust.jwks")}
    door.say("Issuer {name} has key {thumbprint}.", name=made.name, thumbprint=thumbprint)


def _trust_add(door: Door, jwks: Annotated[Path, typer.Argument(metavar="JWKS")], confirm: Confirm = False, plan: PlanHash = None) -> None:
    """Let the licences of these issuers count."""
    from accountools.operations.licences.trust import plan_trust

    office = door.open()
    made = plan_trust(office, jwks)
    new = [{"issuer": one.name, "thumbprint": one.key.thumbprint} for one in made.new]
    door.document = {"trusted": False, "plan": made.digest, "issuers": new, "obstacles": door.obstacles(made.obstacles)}
    for one in new:
        door.tell(f"{one['thumbprint']}  {one['issuer']}")
    door.document["trusted"] = carry_out(door, office, made, confirm=confirm, expected=plan) is not None


def _trust_list(door: Door) -> None:
    """List the issuers whose licences count."""
    from accountools.operations.licences.trust import list_issuers

    issuers = [{"issuer": one.name, "thumbprint": one.key.thumbprint} for one in list_issuers(door.open())]
    door.document = {"issuers": issuers}
    for one in issuers:
        door.tell(f"{one['thumbprint']}  {one['issuer']}")


command(key, "new")(_key_new)
command(issuer, "new")(_issuer_new)
command(trust, "add")(_trust_add)
command(trust, "list")(_trust_list)
