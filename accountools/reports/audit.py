"""The audit: for the whole office, which clients have their licence imported, which don't, and what stands in the way."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

from accountools.domain.administration import Client, user_by_login
from accountools.domain.identifiers import AdministrationNumber
from accountools.domain.obstacle import Obstacle, obstacle
from accountools.operations.register import rules
from accountools.operations.register.state import AdministrationState, all_states
from accountools.operations.session import HeldLicence, Office
from accountools.reports.verdict_cache import kept_verdicts
from accountools.storage.register import backups, clients

if TYPE_CHECKING:
    import pandas
    from matplotlib.figure import Figure

    from accountools.reports.audit_history import Moment
    from accountools.texts import Language

STATES = ("ready", "attention", "blocked", "missing")
COLUMNS = (
    "client",
    "kvk",
    "number",
    "description",
    "licence_number",
    "licence_status",
    "valid_until",
    "user",
    "user_status",
    "last_handover",
    "last_rehearsed",
    "state",
    "obstacles",
)


@dataclass(frozen=True)
class AuditRow:
    """One administration of a client, or a client without any (`number` None)."""

    client: str
    kvk: str
    number: AdministrationNumber | None
    description: str | None
    licence_number: str | None
    licence_status: str
    valid_until: date | None
    user: str | None
    user_status: str
    last_handover: str | None
    last_rehearsed: str | None
    state: str
    obstacles: tuple[Obstacle, ...]

    def cells(self) -> tuple[Any, ...]:
        """The row as the CSV gives it: obstacles as their codes."""
        return (*self._plain().values(), " ".join(one.code for one in self.obstacles))

    def _plain(self) -> dict[str, Any]:
        row = {column: getattr(self, column) for column in COLUMNS if column != "obstacles"}
        row["number"] = None if self.number is None else int(self.number)
        row["valid_until"] = self.valid_until.isoformat() if self.valid_until else None
        return row

    def document(self) -> dict[str, Any]:
        """The row as JSON, without the obstacles' sentences: those are the door's to add."""
        return self._plain()


@dataclass(frozen=True)
class Audit:
    """The state of the office on a day; `office` is where the months before it are looked up."""

    on: date
    rows: tuple[AuditRow, ...]
    office: Office | None = field(default=None, repr=False, compare=False)

    def summary(self) -> dict[str, int]:
        """How many rows are in each state."""
        return {state: sum(1 for row in self.rows if row.state == state) for state in STATES}

    def frame(self) -> "pandas.DataFrame":
        """The rows as a pandas table, one column for each of `COLUMNS`; obstacles as their codes."""
        import pandas as pd

        return pd.DataFrame([row.cells() for row in self.rows], columns=list(COLUMNS)).astype({"number": "Int64"})

    def history(self) -> "tuple[Moment, ...]":
        """How many were in each state at the end of each of the last twelve months, by the journal's events, and now."""
        return self._history

    @cached_property
    def _history(self) -> "tuple[Moment, ...]":
        from accountools.reports.audit_history import look_back

        return look_back(self, self.office)

    def figure(self, language: "Language | None" = None) -> "Figure":
        """How many are ready, to look at, blocked and missing, by month (matplotlib); in the locale's language if none is given."""
        from accountools.reports.audit_charts import coverage_figure

        return coverage_figure(self, language)

    def expiry_figure(self, language: "Language | None" = None) -> "Figure":
        """The licences that run out in the next twelve months, on a line of time (matplotlib)."""
        from accountools.reports.audit_charts import expiry_figure

        return expiry_figure(self, language)


def audit(office: Office) -> Audit:
    """Look at every client and administration; templates and archived administrations have no row."""
    with kept_verdicts(office) as verdicts, office.session() as session:
        own, today = session.own, session.context.today
        days = backups.last_days(session.connection)
        verified = all_states(session, verify=lambda token: session.hold(verdicts.read_token(token, session.trust)))
        states = [state for state in verified if not state.administration.archived]
        everyone = clients.every(session.connection)
    by_client: dict[str, list[AdministrationState]] = {}
    for state in states:
        if state.client is not None:
            by_client.setdefault(state.client.kvk, []).append(state)
    return Audit(today, tuple(_rows(own, everyone, by_client, days, today)), office)


def _rows(
    own: HeldLicence,
    everyone: tuple[Client, ...],
    by_client: dict[str, list[AdministrationState]],
    days: dict[AdministrationNumber, tuple[str | None, str | None]],
    today: date,
) -> Iterator[AuditRow]:
    for client in everyone:
        states = by_client.get(client.kvk, [])
        if not states:
            yield _without_administration(client)
        for state in states:
            yield _row(own, client, state, days.get(state.administration.number, (None, None)), today)


def _row(own: HeldLicence, client: Client, state: AdministrationState, days: tuple[str | None, str | None], today: date) -> AuditRow:
    obstacles = (*rules.handover_obstacles(own, state, today), *rules.accepted_obstacles(state))
    licence = state.held.licence if state.held else None
    user = user_by_login(state.users, state.imported.login) if state.imported else None
    return AuditRow(
        client=client.name,
        kvk=client.kvk,
        number=state.administration.number,
        description=state.administration.description,
        licence_number=licence.number if licence else None,
        licence_status=licence.status(today, revoked=state.held.revoked) if licence and state.held else "missing",
        valid_until=licence.valid_until if licence else None,
        user=user.login if user else None,
        user_status="missing" if user is None else "active" if user.active else "inactive",
        last_handover=days[0],
        last_rehearsed=days[1],
        state=state_by(state.held is not None, obstacles),
        obstacles=obstacles,
    )


def state_by(has_licence: bool, obstacles: tuple[Obstacle, ...]) -> str:
    """The state of an administration with these obstacles; one of `STATES`."""
    if not has_licence:
        return "missing"
    if any(one.blocking for one in obstacles):
        return "blocked"
    return "attention" if obstacles else "ready"


def _without_administration(client: Client) -> AuditRow:
    found = (obstacle("no-administration", client=client.name), rules.no_licence(client))
    return AuditRow(client.name, client.kvk, None, None, None, "missing", None, None, "missing", None, None, "missing", found)
