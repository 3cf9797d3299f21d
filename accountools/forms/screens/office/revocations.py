"""The revocation lists of the issuers: which were read in, what they revoke here, and reading in another."""

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path

from accountools.domain.codes import licence_files
from accountools.domain.identifiers import AdministrationNumber
from accountools.domain.licence import Licence
from accountools.domain.messages import N_
from accountools.formats.revocation_file import RevocationList
from accountools.forms.kit import navigation, widgets
from accountools.forms.kit.form import guarded, parse_path
from accountools.forms.kit.style import html_table, paragraph
from accountools.forms.parts.part import Condition, PartView, heading
from accountools.forms.screens.office.part import OfficePart
from accountools.operations.licences.trust import list_revocations, list_revoked, read_revocations

Revoked = tuple[AdministrationNumber | None, Licence]


@dataclass(frozen=True)
class ReadList:
    """A list that was read in: the licences in use here that it revoked, and its numbers that are another issuer's here (passed over)."""

    list: RevocationList
    revoked: tuple[Revoked, ...]
    passed_over: tuple[str, ...]


class Revocations(OfficePart):
    """The part. `lists` were read in before, `revoked` are the licences in use here that they revoke, `read` what came of the last one."""

    name, title, action = navigation.REVOCATIONS, N_("Revoked licences"), N_("Import the list")

    def forget(self) -> None:
        """Begin with no file."""
        self.file: Path | None = None
        self.read: ReadList | None = None
        self.revoked: tuple[Revoked, ...] = ()

    def load(self) -> None:
        """Read which lists there are."""
        self.lists = list_revocations(self.office)

    def enter(self) -> None:
        """Find what they revoke here."""
        self.revoked = list_revoked(self.office)

    @guarded
    def choose(self, path: Path | str) -> bool:
        """Choose a file. Changes nothing."""
        self.file, self.read = parse_path(str(path)), None
        return self.file is not None

    @guarded
    def read_in(self) -> bool:
        """Read the chosen list in: its licences are revoked from now on."""
        file = self.file
        if file is None or not self.can_act():
            return False
        before = set(list_revoked(self.office))
        found, others = read_revocations(self.office, file)
        self.form.reload()
        self.file = None
        self.read = ReadList(found, tuple(one for one in list_revoked(self.office) if one not in before), others)
        return True

    def missing(self) -> str:
        """Why nothing can be read in yet."""
        return "" if self.file else self.texts("Choose a revocation list first")

    def condition(self) -> Condition:
        """How many lists there are."""
        count = len(self.lists)
        if not count:
            return "missing", self.texts("no list yet")
        return "ready", self.texts.plural("{count} list", "{count} lists", count)


class RevocationsView(PartView[Revocations]):
    """What is shown of it."""

    def __init__(self, part: Revocations, callbacks: widgets.Callbacks) -> None:
        super().__init__(part, callbacks)
        _ = self.texts
        self.press_main = part.read_in
        self._lists, self._revoked, self._read = widgets.html(), widgets.html(), widgets.column()
        self._shown: ReadList | None = None
        self._file = self.choose_file(_("Revocation list"), part.choose, "revocations")
        self.files, self.places = (self._file,), dict.fromkeys(licence_files.CODES, self._file.wrong)
        self.widget = widgets.column(
            heading(_("Revoked licences in use here")),
            self._revoked,
            heading(_("Imported lists")),
            self._lists,
            heading(_("Import a list"), _("The issuer sends it, signed. It names all licences that this issuer ever revoked.")),
            self._file.widget,
            self._read,
            kinds=("at-fields",),
        )

    def refresh(self) -> None:
        """Show what the part holds now."""
        part, _ = self.part, self.texts
        rows = [(escape(one.issuer), str(one.seq), str(len(one.numbers))) for one in part.lists]
        heads = (_("Issuer"), _("Number of the list"), _("Revoked licences"))
        self._lists.value = html_table(heads, rows) if rows else paragraph(_("No revocation list has been imported yet."))
        self._revoked.value = self._table(part.revoked) if part.revoked else paragraph(_("None of the licences in use here was revoked."))
        self._file.show(str(part.file or ""), "")
        if self._shown is not part.read:
            self._shown = part.read
            self._read.children = () if part.read is None else tuple(self._result(part.read))

    def hide(self) -> None:
        """Close the list of files."""
        self._file.close()

    def _table(self, revoked: tuple[Revoked, ...]) -> str:
        _ = self.texts
        rows = [(escape(one.number), escape(one.licensee.name), str(number or _("own licence"))) for number, one in revoked]
        return html_table((_("Licence"), _("Licensee"), _("Administration")), rows)

    def _result(self, read: ReadList) -> Iterator[widgets.Widget]:
        _, found = self.texts, read.list
        text = _("List {n} of {issuer} is imported. Licences on it: {count}; newly revoked of those in use here: {here}.",
            n=found.seq, issuer=found.issuer, count=len(found.numbers), here=len(read.revoked))  # fmt: skip
        advice = ""
        if read.revoked and self.part.form.is_accountant_office:
            advice = _("Ask these clients for their current licences: without a valid licence their administrations can't be handed over.")
        elif read.revoked:
            advice = _("Ask your supplier for your current licence, then renew: Settings ▸ System ▸ Own licence.")
        more = [widgets.html(self._table(read.revoked))] if read.revoked else []
        if read.passed_over:
            others = _("Skipped, since another issuer issued them: {numbers}.", numbers=", ".join(read.passed_over))
            more.append(widgets.html(paragraph(others)))
        yield widgets.panel("attention" if read.revoked else "ready", _("done"), text, advice, *more)
