"""The dossier of one administration: what was handed over to its client, when, under which licence, to which user, and the proof of it."""

from dataclasses import dataclass
from pathlib import Path

from accountools.domain.calendar import AMSTERDAM, parse_moment
from accountools.domain.codes import N_
from accountools.domain.identifiers import AdministrationNumber
from accountools.operations.backups.records import BY_PASSPHRASE
from accountools.operations.session import Office
from accountools.reports.dossier_contents import DossierContents, HandOver, compute_contents
from accountools.reports.event_texts import describe_event
from accountools.reports.page import export_file, render_page
from accountools.storage.register.journal import RecordedEvent
from accountools.texts import Language, Texts
from accountools.version import VERSION

__all__ = ("Dossier", "HandOver", "dossier", "file_dossier")

_FILES = {
    "unchanged": ("ready", N_("at its path, unchanged")),
    "changed": ("blocked", N_("changed since")),
    "gone": ("missing", N_("no longer at its path")),
    "removed": ("missing", N_("removed after the statutory retention period")),
}


@dataclass(frozen=True)
class Dossier(DossierContents):
    """The dossier of one administration: its contents, and the page to print and file."""

    def page(self, language: Language = "nl") -> bytes:
        """The page (HTML, UTF-8), one file that makes no request: each hand-over with its proof, all events, and how to check it later."""
        _ = Texts(language)

        def moment(event: RecordedEvent) -> str:
            """When an event was recorded, in Amsterdam's time; as recorded if that can't be parsed."""
            try:
                at = parse_moment(event.at).astimezone(AMSTERDAM)
            except (ValueError, OverflowError):
                return event.at
            return f"{_.day(at.date())} {at:%H:%M}"

        def whole_number(number: int) -> str:
            from babel.numbers import format_decimal

            return format_decimal(number, locale=_.language)

        summary = _("Nothing was handed over yet.")
        if self.hand_overs:
            rehearsed = sum(bool(one.receipts) for one in self.hand_overs)
            text = N_("Handed over: {count}, last on {day}; of these rehearsed: {rehearsed}.")
            summary = _(text, count=len(self.hand_overs), day=moment(self.hand_overs[-1].event), rehearsed=rehearsed)
        one = self.administration
        return render_page(
            "dossier.html",
            _,
            title=_("Dossier {number} {description}", number=one.number, description=one.description),
            footer=" · ".join((self.office, _.day(self.context.today), self.context.actor, f"accountools {VERSION}")),
            dossier=self,
            summary=summary,
            files=_FILES,
            by_passphrase=BY_PASSPHRASE,
            describe_event=describe_event,
            moment=moment,
            whole_number=whole_number,
        )


def dossier(office: Office, number: AdministrationNumber) -> Dossier:
    """The dossier of an administration. Raises `administration-not-found`."""
    return Dossier(**vars(compute_contents(office, number)))


def file_dossier(office: Office, number: AdministrationNumber, texts: Texts) -> Path:
    """Write the page to the office's folder `exports`, under a name not yet in use, in the language of `texts`. Gives the path."""
    found = dossier(office, number)
    return export_file(office, f"dossier-{number}-{found.context.today.isoformat()}", ".html", found.page(texts.language))
