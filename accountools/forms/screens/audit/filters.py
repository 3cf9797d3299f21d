"""What of the audit can be shown by itself, and what of it needs attention today, in words."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from accountools.domain.codes import N_
from accountools.reports.audit import STATES, Audit, AuditRow
from accountools.texts import Texts

WORDS = {"ready": N_("ready"), "attention": N_("attention"), "blocked": N_("blocked"), "missing": N_("without licence")}


@dataclass(frozen=True)
class Filter:
    """Some of the audit's rows: which, and the state in whose colour they are told; `one` and `more` tell how many there are.

    `clients` are counted rather than rows: a client without a licence is one, however many administrations it has.
    """

    state: str
    which: Callable[[AuditRow], bool]
    one: str
    more: str
    clients: bool = False

    def rows(self, found: Audit) -> tuple[AuditRow, ...]:
        """The rows that it lets through."""
        return tuple(row for row in found.rows if self.which(row))

    def told(self, found: Audit, _: Texts) -> str:
        """How many there are, in words; empty when there are none."""
        rows = self.rows(found)
        count = len({row.kvk for row in rows}) if self.clients else len(rows)
        return "" if not count else _(self.one) if count == 1 else _(self.more, n=count)


def _in_state(state: str) -> Callable[[AuditRow], bool]:
    return lambda row: row.state == state


FILTERS = {
    "missing": Filter("missing", _in_state("missing"), N_("1 client without a licence"), N_("{n} clients without a licence"), clients=True),
    "blocked": Filter(
        "blocked", _in_state("blocked"), N_("1 administration can't be handed over"), N_("{n} administrations can't be handed over")
    ),
    "expires-soon": Filter(
        "attention",
        lambda row: row.licence_status == "expires-soon",
        N_("1 licence expires within 60 days"),
        N_("{n} licences expire within 60 days"),
    ),
    "never-rehearsed": Filter(
        "attention",
        lambda row: row.last_handover is not None and row.last_rehearsed is None,
        N_("1 backup never rehearsed"),
        N_("{n} backups never rehearsed"),
    ),
    "attention": Filter("attention", _in_state("attention"), N_("1 to look at"), N_("{n} to look at")),
    "ready": Filter("ready", _in_state("ready"), N_("1 ready"), N_("{n} ready")),
}
TODAY = ("missing", "blocked", "expires-soon", "never-rehearsed")
BESIDES = tuple(name for name in TODAY if name not in STATES)


def needs_attention(found: Audit, _: Texts) -> Iterator[tuple[str, str]]:
    """What needs attention today: the name of each filter that lets something through, and how much in words."""
    for name in TODAY:
        told = FILTERS[name].told(found, _)
        if told:
            yield name, told
