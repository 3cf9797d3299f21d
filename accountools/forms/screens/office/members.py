"""Who may make backups: the members, admitting somebody, dismissing one, and one's own age key, which a member admits."""

from collections.abc import Iterator
from html import escape

from accountools.domain.messages import N_
from accountools.domain.obstacle import Obstacle
from accountools.formats.key_files import find_identity, find_or_create_identity
from accountools.forms.files.delivery import key_html
from accountools.forms.kit import navigation, widgets
from accountools.forms.kit.form import guarded
from accountools.forms.kit.style import html_table, paragraph
from accountools.forms.parts.part import Condition, PartView, heading, state_line
from accountools.forms.screens.office.part import OfficePart
from accountools.operations.backup_key import find_own
from accountools.operations.register.members import DismissPlan, admit, list_members, plan_dismiss
from accountools.storage.register.members import Member


class Members(OfficePart):
    """The part. `name_typed` and `recipient` are of whom is to be admitted, `plan` is the dismissal that is shown, `done` what was done."""

    name, title, action = navigation.MEMBERS, N_("Members"), N_("Admit")

    def forget(self) -> None:
        """Begin with nobody."""
        self.name_typed = self.recipient = ""
        self._forget_results()

    def _forget_results(self) -> None:
        self.plan: DismissPlan | None = None
        self.admitted: Member | None = None
        self.new_key = ""

    def load(self) -> None:
        """Read the members, and the user's own key."""
        self.members = list_members(self.office)
        self.in_folder = self.office.engine.key_path is not None
        self.own_recipient, self.is_member = "", False
        self.feedback.run(self._load_own)

    def _load_own(self) -> None:
        identity = find_identity()
        found = identity and (find_own(self.members, identity) is not None)
        self.own_recipient, self.is_member = (identity.recipients[0] if identity else ""), bool(found)

    def retry(self) -> None:
        """Plan the dismissal anew."""
        self.plan = None if self.plan is None else plan_dismiss(self.office, self.plan.member.name)

    @guarded
    def type_name(self, name: str) -> None:
        """Fill in the name of whom is to be admitted."""
        self.name_typed, self.admitted = name.strip(), None

    @guarded
    def type_recipient(self, recipient: str) -> None:
        """Fill in the public key of whom is to be admitted."""
        self.recipient, self.admitted = recipient.strip(), None

    @guarded
    def admit(self) -> bool:
        """Admit who was filled in. A second press does nothing."""
        if not self.can_act():
            return False
        self._forget_results()
        admitted = admit(self.office, self.name_typed, self.recipient)
        self.forget()
        self.form.reload()
        self.admitted = admitted
        return True

    @guarded
    def preview(self, name: str) -> bool:
        """Show what dismissing a member would do. Changes nothing."""
        self._forget_results()
        self.plan = plan_dismiss(self.office, name)
        return True

    @guarded
    def dismiss(self) -> bool:
        """Dismiss the member that was shown. A second press does nothing."""
        plan, self.plan = self.plan, None
        if plan is None:
            return False
        self.new_key = str(plan.apply(self.office))
        self.form.reload()
        return True

    @guarded
    def decline(self) -> None:
        """Dismiss nobody."""
        self.plan = None

    @guarded
    def create_own(self) -> bool:
        """Make the user's own key, in a file in their folder."""
        self.own_recipient = find_or_create_identity().recipients[0]
        self.form.reload()
        return True

    def missing(self) -> str:
        """Why nobody can be admitted yet."""
        if not self.name_typed:
            return self.texts("Fill in a name first")
        return "" if self.recipient else self.texts("Paste the key first (age1…)")

    def condition(self) -> Condition:
        """Whether who is at work may make backups."""
        _ = self.texts
        if self.in_folder or self.is_member:
            return "ready", _("you may make backups")
        return "attention", _("you may not make backups")


class MembersView(PartView[Members]):
    """What is shown of it."""

    def __init__(self, part: Members, callbacks: widgets.Callbacks) -> None:
        super().__init__(part, callbacks)
        _ = self.texts
        self.press_main = part.admit
        self._members, self._own, self._done = widgets.html(), widgets.html(), widgets.column()
        self._name, self._recipient = widgets.text(_("Name")), widgets.text(_("Age public key (age1…)"))
        callbacks.change(self._name, part.type_name)
        callbacks.change(self._recipient, part.type_recipient)
        name, key = widgets.place(), widgets.place()
        self.places = {"name-missing": name, "recipient-invalid": key, "member-exists": name}
        self._create = callbacks.press(widgets.button(_("Create my key"), "at-small"), part.create_own)
        self._choice, self._shown_names = widgets.column(), tuple[str, ...]()
        self._shown: tuple[object, ...] = ()
        who = _("Only they can open the key that signs backups, each with a key of their own.")
        if part.in_folder:
            who = _("In this office the key that signs backups is in its folder too: whoever may read that folder can make backups.")
        self.widget = widgets.column(
            heading(_("Who may make backups"), who),
            self._members,
            self._choice,
            self._done,
            heading(_("Your own key"), _("Give this public key to a member, who admits you with it.")),
            self._own,
            widgets.row(self._create, kinds=("at-row",)),
            heading(_("Admit somebody"), _("They send you the public key that is on their own screen, under “Your own key”.")),
            widgets.row(self._name, kinds=("at-search",)),
            name,
            widgets.row(self._recipient, kinds=("at-search",)),
            key,
            kinds=("at-fields",),
        )

    def place_for(self, one: Obstacle) -> widgets.Widget | None:
        """Beneath the name or the key; who has the same key is found by that."""
        is_same_key = one.code == "member-exists" and ("recipient", self.part.recipient) in one.facts
        return self.places["recipient-invalid"] if is_same_key else super().place_for(one)

    def refresh(self) -> None:
        """Show what the part holds now."""
        part, _ = self.part, self.texts
        with self.callbacks.silenced():
            self._name.value, self._recipient.value = part.name_typed, part.recipient
        rows = [(escape(one.name), escape(_.iso_day(one.since[:10])), f"<code>{escape(one.recipient)}</code>") for one in part.members]
        headers = (_("Name"), _("Since"), _("Age public key"))
        self._members.value = html_table(headers, rows, "at-facts") if rows else state_line("ready", _("Nobody has been admitted."))
        own = f"<p><code>{escape(part.own_recipient)}</code></p>" if part.own_recipient else paragraph(_("You have none yet."), "at-quiet")
        self._own.value = own
        widgets.show(self._create, visible=not part.own_recipient)
        names = tuple(one.name for one in part.members)
        if self._shown_names != names:
            self._shown_names, self._choice.children = names, tuple(self._dismissing(names))
        shown = (part.plan, part.admitted, part.new_key)
        if self._shown != shown:
            self._shown, self._done.children = shown, tuple(self._describe())

    def _dismissing(self, names: tuple[str, ...]) -> Iterator[widgets.Widget]:
        if names:
            _, chosen = self.texts, widgets.dropdown([(name, name) for name in names], names[0], self.texts("Member"))
            show = widgets.button(_("Dismiss"), "at-small")
            yield widgets.row(chosen, self.callbacks.press(show, lambda: self.part.preview(str(chosen.value))), kinds=("at-row",))

    def _describe(self) -> Iterator[widgets.Widget]:
        part, _, plan = self.part, self.texts, self.part.plan
        if part.admitted is not None:
            yield widgets.panel("ready", _("done"), _("{name} can make backups from now on.", name=part.admitted.name), "")
        asked = _("Whoever restores your backups is then asked to confirm a key other than the one known so far.")
        if part.form.is_accountant_office:
            asked = _("Clients are asked once about the new key when they restore a backup: read it out to them by telephone.")
        if part.new_key:
            text, key = _("Backups are signed with a new key from now on."), widgets.html(key_html(part.new_key, _))
            yield widgets.panel("ready", _("done"), text, asked, key)
        if plan is None:
            return
        yield from self.describe_obstacles(plan.obstacles)
        if any(one.blocking for one in plan.obstacles):
            return
        sentence = _("{name} can no longer make backups. The office gets a new key to sign them.", name=plan.member.name)
        yes = self.callbacks.press(widgets.button(_("Yes, dismiss"), "at-small"), part.dismiss)
        no = self.callbacks.press(widgets.button(_("No, leave it as it is"), "at-small"), part.decline)
        yield widgets.panel(
            "attention", _("Dismiss {name}?", name=plan.member.name), sentence, asked, widgets.row(yes, no, kinds=("at-row",))
        )
