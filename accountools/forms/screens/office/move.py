"""Moving the office to another place: to a database server, or back into a folder."""

from collections.abc import Iterator
from html import escape

from accountools.domain.messages import N_
from accountools.forms.kit import navigation, widgets
from accountools.forms.kit.form import guarded
from accountools.forms.kit.jobs import JobView
from accountools.forms.kit.style import facts_table, paragraph
from accountools.forms.parts.part import Condition, PartView, heading, state_line
from accountools.forms.screens.office.part import OfficePart
from accountools.operations.maintenance.distribute import DistributionPlan, plan_distribution
from accountools.operations.maintenance.move import MovePlan, plan_move
from accountools.operations.progress import Progress, Stopped
from accountools.operations.session import Office
from accountools.storage.address import is_url


class Move(OfficePart):
    """The part. `plan` is what would be moved to the place that was typed, `moved` where the office is after it was."""

    name, title, action = navigation.MOVE, N_("Move the office"), N_("Move it there")

    def forget(self) -> None:
        """Begin with no place."""
        self.plan: MovePlan | None = None
        self.typed, self.moved, self.distributed = "", "", 0
        self.distribution = DistributionPlan(statements=())

    def enter(self) -> None:
        """Look whether the books can be distributed, and weren't yet."""
        self.distribution = plan_distribution(self.office)

    def retry(self) -> None:
        """Plan anew."""
        self.plan = plan_move(self.office, self.typed) if self.typed else None

    @guarded
    def choose(self, place: str) -> bool:
        """Choose the folder or URL: what would be moved is planned. Changes nothing."""
        self.forget()
        self.typed = place.strip().strip('"')
        self.retry()
        return self.plan is not None

    @guarded
    def move(self) -> bool:
        """Move the office there, by that very plan."""
        plan = self.plan
        if plan is None or not self.can_act():
            return False

        def note(office: Office) -> None:
            self.forget()
            self.moved = str(office.engine.place)

        def move(report: Progress) -> Office:
            try:
                moved: Office = plan.apply(self.office, report)
            except Stopped:
                self.retry()  # it shows how many books were copied
                raise
            return moved

        return self.run_job(move, note)

    @guarded
    def distribute(self) -> bool:
        """Distribute the books over the machines of the cluster, by the plan that was shown."""
        plan, self.distributed = self.distribution, 0
        if self.form.busy or self.form.ended or plan.obstacles or not plan.statements:
            return False

        def note(done: DistributionPlan) -> None:
            self.form.reload()
            self.distributed = len(done.statements)

        return self.run_job(lambda report: plan.apply(self.office, report), note)

    def missing(self) -> str:
        """Why it can't be moved yet."""
        if self.plan is None:
            return self.texts("Choose another location first")
        return self.texts("It can't be moved there; see why above") if any(one.blocking for one in self.plan.obstacles) else ""

    def condition(self) -> Condition:
        """Where it is."""
        return "ready", self.texts("on a server" if is_url(self.office.engine.place) else "in a folder")


class MoveView(PartView[Move]):
    """What is shown of it."""

    def __init__(self, part: Move, callbacks: widgets.Callbacks) -> None:
        super().__init__(part, callbacks)
        _ = self.texts
        self.press_main = part.move
        self._present, self._plan = widgets.html(), widgets.column(kinds=("at-group",))
        self._place = widgets.text(_("Folder, or URL of the database"), placeholder="postgresql://server/kantoor")
        self._shown: tuple[object, ...] = ()
        wrong = widgets.place()
        self.places = dict.fromkeys(("url-invalid", "package-missing", "database-away", "file-not-found", "not-permitted", "usage"), wrong)
        preview = callbacks.press(widgets.button(_("Show what would be moved"), "at-small"), lambda: part.choose(str(self._place.value)))
        self._working = JobView(
            part.form,
            callbacks,
            _("Working"),
            _("Everything is being compared"),
            files=True,
            stopped=_(
                "Stopped: the office is where it was. What was copied stays; move it to the same location again to go on from there."
            ),
        )
        self._cluster = widgets.column(kinds=("at-group",))
        explained = _("Books, licences, users and the journal are copied and compared. After that the office can still be read "
            "here, but no longer changed; nothing is removed here. Backups that were made stay where they are.")  # fmt: skip
        self.widget = widgets.column(
            heading(_("Move the office to another location"), explained),
            self._present,
            self._place,
            wrong,
            widgets.row(preview, kinds=("at-row",)),
            self._plan,
            self._working.widget,
            self._cluster,
            kinds=("at-fields",),
        )

    def refresh(self) -> None:
        """Show what the part holds now."""
        part, _ = self.part, self.texts
        self._present.value = facts_table([(_("Present location"), f"<code>{escape(str(part.office.engine.place))}</code>")])
        self._working.refresh()
        if self._shown != (part.plan, part.moved, part.distribution, part.distributed):
            self._shown = (part.plan, part.moved, part.distribution, part.distributed)
            self._cluster.children = tuple(self._describe_cluster())
            widgets.set_value(self._place, part.typed)
            self._plan.children = tuple(self._describe())

    def _describe(self) -> Iterator[widgets.Widget]:
        part, _, plan = self.part, self.texts, self.part.plan
        if part.moved:
            host, place = part.form.host, part.moved
            text = _("The office is at {place} now: everything was compared and is the same.", place=place)
            remedy = _("This program opens it there the next time too. Whoever installed it can make an icon for the new location.")
            open_there = self.callbacks.press(widgets.button(_("Open it there"), "at-small"), lambda: host and host.open_at(place))
            yield widgets.panel("ready", _("done"), text, remedy, *(() if host is None else (open_there,)))
        if plan is None:
            return
        yield from self.describe_obstacles(plan.obstacles)
        facts = [
            (_("New location"), f"<code>{escape(str(plan.target))}</code>"),
            (_("Administrations"), str(plan.administrations)),
            (_("Sets of books"), str(len(plan.books))),
        ]
        if plan.continues:
            facts.append((_("Books copied already"), str(plan.copied)))
        yield widgets.html(facts_table(facts))

    def _describe_cluster(self) -> Iterator[widgets.Widget]:
        """Only in a database that could be a cluster."""
        part, _, plan = self.part, self.texts, self.part.distribution
        if not is_url(part.office.engine.place):
            return
        explained = _(
            "In a database with the Citus extension the books can be "
            "distributed: those of each administration are then on one of many machines."
        )
        yield heading(_("Distribute the books"), explained)
        for one in plan.obstacles:  # without the extension: nothing is wrong with the office
            yield widgets.html(paragraph(f"{_.sentence(one)} {part.remedy(one)}", "at-quiet"))
        if part.distributed:
            text = _.plural("{count} table distributed.", "{count} tables distributed.", part.distributed)
            yield widgets.panel("ready", _("done"), text, "")
        if plan.statements:
            act = self.callbacks.press(widgets.button(_("Distribute them"), "at-small"), part.distribute)
            yield widgets.html("".join(f"<p><code>{escape(one)}</code></p>" for one in plan.statements))
            yield widgets.row(act, kinds=("at-row",))
        elif not plan.obstacles:
            yield widgets.html(state_line("ready", _("All tables of the books are distributed.")))
