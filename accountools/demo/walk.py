"""A walk through the whole process, from the demonstration office to the client's own, with a sentence for each step."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from accountools.clock import Clock
from accountools.demo.demonstration import OFFICE_USER, TEMPLATE, Demo
from accountools.domain.errors import Refused
from accountools.domain.identifiers import AdministrationNumber, Login
from accountools.domain.messages import N_
from accountools.formats.backup.reader import Decryption
from accountools.operations.backups.plan import plan_backup
from accountools.operations.backups.target import BackupTarget
from accountools.operations.licences.import_licence import plan_import
from accountools.operations.register import administrations, users
from accountools.operations.register.create_office import create_office
from accountools.operations.restores.plan import RestoreChoices, plan_restore
from accountools.operations.restores.restore import RESTORE
from accountools.operations.restores.verify import verify
from accountools.reports.audit import audit
from accountools.reports.audit_texts import WORDS
from accountools.texts import Texts

_NUMBER = AdministrationNumber(7)
_LOGIN, _NAME = r"JANSEN\henk", "Henk Jansen"


@dataclass(frozen=True)
class Step:
    """A sentence about what was just done, and its facts: values, or what gives them in a language."""

    text: str
    facts: tuple[tuple[str, object], ...] = ()

    def describe(self, _: Texts) -> str:
        """The sentence."""
        return _(self.text, **{name: fact(_) if callable(fact) else fact for name, fact in self.facts})


def walk(demo: Demo, clock: Clock) -> Iterator[Step]:
    """Walk administration 007 of Bakkerij Jansen from the template to the client's own office, which is made in `client-office`."""
    office = demo.office
    licence_path = next(demo.inbox.glob("KL-2041*.lic"))
    created = N_("1. Administration {number} was set up from template {template}, under the office's own licence.")
    yield _step(created, number=_NUMBER, template=TEMPLATE)
    refused = plan_backup(office, [_NUMBER], BackupTarget()).refused
    found = [one for item in refused for one in item.obstacles]
    yield _step(
        N_("2. A backup for the client is refused: {why}"), why=lambda _: " ".join(f"{_.sentence(one)} [{one.code}]" for one in found)
    )
    plan = plan_import(office, licence_path, _NUMBER, _LOGIN, user_name=_NAME)
    if plan.licence is None:
        raise Refused("not-a-licence", path=licence_path.name)
    mailed = N_("3. The client emailed {file}: licence {licence} of {name}, KvK {kvk}, valid until {until}.")
    held = plan.licence
    named = {"licence": held.number, "name": held.licensee.name, "kvk": held.licensee.kvk, "until": held.valid_until}
    yield _step(mailed, file=licence_path.name, **named)
    plan.apply(office)
    yield _step(N_("4. It is imported; {user} ({login}) gets access."), user=_NAME, login=_LOGIN)
    made = plan_backup(office, [_NUMBER], BackupTarget()).apply(office).made[0]
    yield _step(N_("5. The backup for the client: {file}, {size} bytes."), file=made.path.name, size=made.bytes)
    checked = verify(made.path, Decryption(), office)
    yield _step(
        N_("6. Searched: the client's licence is in it, the office's isn't.") if checked.ok else N_("6. The check of the backup failed.")
    )
    yield from _restore_at_client(demo, clock, made.path, licence_path)
    row = next(row for row in audit(office).rows if row.number == _NUMBER)
    yield _step(
        N_("9. Status of administration {number} in the office's audit: {state}."), number=_NUMBER, state=lambda _: _(WORDS[row.state])
    )


def _restore_at_client(demo: Demo, clock: Clock, backup: Path, licence_path: Path) -> Iterator[Step]:
    place = demo.folder / "client-office"
    theirs = create_office(place, licence_path, demo.issuer.folder / "trust.jwks", clock)
    plan = plan_restore(theirs, RESTORE, RestoreChoices(backup))
    plan.apply(theirs)
    view = administrations.show(theirs, _NUMBER)
    text = N_("7. The client restored it in its own office: administration {number}, {lines}, debit {debit}.")
    totals = view.totals
    yield _step(text, number=_NUMBER, lines=lambda _: _.counts(lines=totals.lines), debit=lambda _: _.amount(totals.totals()["debit"]))
    may, office_may = (users.enter(theirs, _NUMBER, login).may for login in (Login(_LOGIN), OFFICE_USER.login))
    text = N_("8. {login} can log in there, {office} can't.") if may and not office_may else N_("8. The login check failed.")
    yield _step(text, login=_LOGIN, office=OFFICE_USER.login)


def _step(text: str, **facts: object) -> Step:
    return Step(text, tuple(facts.items()))
