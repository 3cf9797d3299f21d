"""The two fields of the seed, *Licentiebestand* and *Gebruiker*, for the administration that is for the client (S8, S11, S12)."""

from collections.abc import Iterator
from pathlib import Path

from accountools.domain.administration import Administration, Client, User, find_user
from accountools.domain.errors import Refused
from accountools.domain.identifiers import AdministrationNumber, Login
from accountools.domain.obstacle import Obstacle
from accountools.forms.files.licence_file import missing_licence_file, read_licence_file
from accountools.forms.kit.form import parse_path, parse_user
from accountools.operations.licences.import_licence import plan_import
from accountools.operations.licences.inbox_files import InboxFile, list_inbox
from accountools.operations.licences.show import LicenceView
from accountools.operations.register import administrations, users
from accountools.operations.session import Office
from accountools.texts import Texts

_OF_THE_LICENCE = {"wrong-kind", "own-licence", "other-client", "kvk-differs", "name-differs", "demo-licence", "older-than-current"}


class LicenceFields:
    """What is filled in, and what the office knows about it. `showing` is what the chosen file says, or why it won't do.

    `against` is what there is against that licence in this administration, if anything: that it is another's, or of another kind.
    `new_user` is made together with the import. `draft` is the last who was filled in: their login, typed again, is theirs again.
    """

    def __init__(self, office: Office) -> None:
        self.office = office
        self.administration: Administration | None = None
        self.client: Client | None = None
        self.users: tuple[User, ...] = ()
        self.file: Path | None = None
        self.showing: LicenceView | None = None
        self.against: Obstacle | None = None
        self.login = ""
        self.new_user: User | None = None
        self.draft: User | None = None

    def choices(self) -> tuple[tuple[Administration, Client], ...]:
        """The administrations that are for a client, by number."""
        found = administrations.list_administrations(self.office)
        return tuple((one, client) for one, client in found if client is not None and not one.archived)

    def inbox_files(self) -> tuple[InboxFile, ...]:
        """The files in the inbox, those that fit this client first."""
        return list_inbox(self.office, self.client)

    def choose_administration(self, number: int | str) -> None:
        """Choose the administration. Its only active user is filled in. Raises `number-invalid`, `administration-not-found`."""
        chosen = AdministrationNumber.parse(number)
        found = next(((one, client) for one, client in administrations.list_administrations(self.office) if one.number == chosen), None)
        if found is None:
            raise Refused("administration-not-found", number=chosen)
        if self.administration is not None and self.administration.number == chosen:
            return
        self.administration, self.client = found
        self.read_users()
        active = [user for user in self.users if user.active]
        self.login, self.new_user = active[0].login if len(active) == 1 else "", None
        self._find_against()

    def read_users(self) -> None:
        """Read the client's users of the administration anew; the office's own people don't count."""
        if self.administration is not None:
            self.users = tuple(user for user in users.list_users(self.office, self.administration.number) if not user.office)

    def choose_file(self, path: Path | str) -> None:
        """Choose the licence file; it is read at once."""
        self.file = parse_path(str(path))
        self.showing = read_licence_file(self.office, self.file)
        self._find_against()

    def choose_user(self, login: str) -> None:
        """Choose the user who gets access."""
        self.login, self.new_user = login.strip(), None
        if self.draft is not None and self.login == str(self.draft.login) and self.user is None:
            self.new_user = self.draft

    def create_user(self, login: str, name: str, employee: int | str | None) -> None:
        """Fill in a user who is made together with the import. Raises `login-invalid`, `name-missing`, `employee-invalid`."""
        self.new_user = self.draft = parse_user(login, name, employee)
        self.login = self.new_user.login

    def _find_against(self) -> None:
        self.against = None
        if self.file is not None and self.administration is not None and self.showing is not None and self.showing.licence is not None:
            found = plan_import(self.office, self.file, self.administration.number, self.login).obstacles
            self.against = next((one for one in found if one.code in _OF_THE_LICENCE), None)

    @property
    def user(self) -> User | None:
        """The user that is filled in: the one to be made, or the one there is by that login."""
        if self.new_user is not None:
            return self.new_user
        return find_user(self.users, Login(self.login)) if self.login else None

    def missing(self, _: Texts) -> Iterator[str]:
        """What is still to be filled in, as text."""
        if self.administration is None:
            yield _("Choose the administration first")
        yield from missing_licence_file(self.showing, _)
        if not self.login:
            yield _("Choose the client's user first, or create one")
