"""The dossier as a page to print and file: each hand-over with its proof, then all events, and how to check it later."""

from accountools.domain.calendar import AMSTERDAM, parse_moment
from accountools.domain.codes import N_
from accountools.operations.backups.records import BY_PASSPHRASE
from accountools.reports.dossier_contents import DossierContents
from accountools.reports.event_texts import describe_event
from accountools.reports.page import render_page
from accountools.storage.register.journal import RecordedEvent
from accountools.texts import Texts
from accountools.version import VERSION

_FILES = {
    "unchanged": ("ready", N_("at its path, unchanged")),
    "changed": ("blocked", N_("changed since")),
    "gone": ("missing", N_("no longer at its path")),
    "removed": ("missing", N_("removed after the statutory retention period")),
}


def render_dossier(dossier: DossierContents, _: Texts) -> bytes:
    """The whole page (HTML, UTF-8)."""

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
    if dossier.hand_overs:
        rehearsed = sum(bool(one.receipts) for one in dossier.hand_overs)
        text = N_("Handed over: {count}, last on {day}; of these rehearsed: {rehearsed}.")
        summary = _(text, count=len(dossier.hand_overs), day=moment(dossier.hand_overs[-1].event), rehearsed=rehearsed)
    one = dossier.administration
    return render_page(
        "dossier.html",
        _,
        title=_("Dossier {number} {description}", number=one.number, description=one.description),
        footer=" · ".join((dossier.office, _.day(dossier.occasion.today), dossier.occasion.actor, f"accountools {VERSION}")),
        dossier=dossier,
        summary=summary,
        files=_FILES,
        by_passphrase=BY_PASSPHRASE,
        describe_event=describe_event,
        moment=moment,
        whole_number=whole_number,
    )
