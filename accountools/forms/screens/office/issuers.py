"""The own licence, and the issuers whose licences count: a list, to which those in a file are added."""

from collections.abc import Iterator
from html import escape
from pathlib import Path

from accountools.domain.codes import licence_files
from accountools.domain.messages import N_
from accountools.domain.obstacle import Obstacle
from accountools.formats.trust_file import Issuer
from accountools.forms.kit import navigation, widgets
from accountools.forms.kit.descriptions import STATUS_STATES
from accountools.forms.kit.form import guarded, parse_path
from accountools.forms.kit.links import LIKE_BUTTON, Link, Links
from accountools.forms.kit.style import facts_table, html_table, paragraph, state_html
from accountools.forms.parts.part import Condition, PartView, heading
from accountools.forms.screens.office.part import OfficePart
from accountools.operations.licences.trust import TrustPlan, list_issuers, plan_trust
from accountools.reports.licence_texts import STATUSES


class Issuers(OfficePart):
    """The part. `plan` is what adding the issuers in `file` would do, `added` are those that were added last."""

    name, title, action = navigation.ISSUERS, N_("Licence and issuers"), N_("Trust these issuers")

    def forget(self) -> None:
        """Begin with no file."""
        self.file: Path | None = None
        self.plan: TrustPlan | None = None
        self.added: tuple[Issuer, ...] = ()

    def load(self) -> None:
        """Read the own licence and the issuers."""
        self.issuers = list_issuers(self.office)
        with self.office.session() as session:
            self.own = session.own_licence
            self.own_status = self.own.status(self.form.today, revoked=session.own.revoked)

    def retry(self) -> None:
        """Plan anew what adding the chosen file would do."""
        self.plan = None if self.file is None else plan_trust(self.office, self.file)

    @guarded
    def choose(self, path: Path | str) -> bool:
        """Choose a list of issuers (JWKS): what adding it would do is planned. Changes nothing."""
        self.forget()
        self.file = parse_path(str(path))
        self.retry()
        return self.plan is not None

    @guarded
    def trust(self) -> bool:
        """Trust the issuers that were shown, by that very plan. A second press does nothing."""
        plan = self.plan
        if plan is None or not self.can_act():
            return False
        plan.apply(self.office)
        self.forget()
        self.added = plan.new
        self.form.reload()
        return True

    def missing(self) -> str:
        """Why no issuer can be added yet."""
        _, plan = self.texts, self.plan
        if plan is None:
            return _("Choose a list of issuers first")
        if any(one.blocking for one in plan.obstacles):
            return _("This list can't be used; choose another one")
        return "" if plan.new else _("All issuers in this file are trusted already")

    def condition(self) -> Condition:
        """The own licence's status."""
        return STATUS_STATES[self.own_status], self.texts(STATUSES[self.own_status])

    def remedy(self, one: Obstacle) -> str:
        """An obstacle's remedy: the one issuer that is never trusted is that of the samples, which no licence came with."""
        return one.remedy(self.texts) if one.code == "unknown-issuer" else super().remedy(one)


class IssuersView(PartView[Issuers]):
    """What is shown of it."""

    def __init__(self, part: Issuers, callbacks: widgets.Callbacks) -> None:
        super().__init__(part, callbacks)
        _ = self.texts
        self.press_main = part.trust
        self._own, self._issuers, self._plan = widgets.html(), widgets.html(), widgets.column(kinds=("at-group",))
        self._shown: tuple[object, ...] = ()
        self._file = self.choose_file(_("List of issuers (JWKS)"), part.choose, "issuers", ".jwks", ".json")
        self.files, self.places = (self._file,), dict.fromkeys(licence_files.CODES, self._file.wrong)
        renewal = navigation.address(navigation.HOME, show=navigation.OWN_LICENCE)
        self.widget = widgets.column(
            heading(_("Own licence"), _("A new one takes its place, even one with a new number.")),
            self._own,
            Links(callbacks, "line", [Link(_("Renew your own licence"), renewal, kind=LIKE_BUTTON)]),
            heading(_("Trusted issuers"), _("A licence of any other issuer is refused.")),
            self._issuers,
            heading(
                _("Add an issuer"), _("The issuer sends you its list. Whoever holds its key can issue licences that are accepted here.")
            ),
            self._file.widget,
            self._plan,
            kinds=("at-fields",),
        )

    def refresh(self) -> None:
        """Show what the part holds now."""
        part, _, own = self.part, self.texts, self.part.own
        facts = (
            (_("Status"), state_html(*part.condition())),
            (_("Licence number"), escape(own.number)),
            (_("Licensee"), escape(own.licensee.name)),
            (_("Valid"), escape(_("{first} to {last}", first=own.valid_from, last=own.valid_until))),
        )
        self._own.value, self._issuers.value = facts_table(facts), self._table(part.issuers)
        self._file.show(str(part.file or ""), "")
        if self._shown != (part.plan, part.added):
            self._shown, self._plan.children = (part.plan, part.added), tuple(self._parts())

    def hide(self) -> None:
        """Close the list of files."""
        self._file.close()

    def _table(self, issuers: tuple[Issuer, ...]) -> str:
        _ = self.texts
        rows = [(escape(one.name), f"<code>{escape(one.key.thumbprint)}</code>") for one in issuers]
        return html_table((_("Issuer"), _("Key (thumbprint)")), rows, "at-facts")

    def _parts(self) -> Iterator[widgets.Widget]:
        part, _, plan = self.part, self.texts, self.part.plan
        if part.added:
            names = ", ".join(one.name for one in part.added)
            yield widgets.panel("ready", _("done"), _("Licences of {names} are accepted from now on.", names=names), "")
        if plan is None:
            return
        yield from self.describe_obstacles(plan.obstacles)
        if plan.new:
            check = _("Nothing has been changed yet. Call the issuer, and compare this key with the one that it reads out to you.")
            yield widgets.html(f"<h4>{escape(_('Would be added'))}</h4>{self._table(plan.new)}{paragraph(check, 'at-quiet')}")
