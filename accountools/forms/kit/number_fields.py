"""The number and the description of an administration that is to be made: the next free number is proposed (S7)."""

from collections.abc import Iterator

from accountools.domain.errors import Refused
from accountools.domain.identifiers import HIGHEST_NUMBER, LOWEST_NUMBER, AdministrationNumber, parse_description, shown
from accountools.forms.kit.field import Entry
from accountools.operations.register import administrations
from accountools.operations.session import Office
from accountools.texts import Texts


class NumberFields:
    """What is filled in. `proposed` is the description that the form filled in itself, as long as nobody changed it."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self.number = Entry(self._free)
        self.description = Entry(parse_description)
        self.proposed = ""
        self.read()
        self.take_next()

    def read(self) -> None:
        """Look anew which numbers are taken."""
        self._taken = {one.number for one, _ in administrations.list_administrations(self._office)}

    def take_next(self) -> None:
        """Fill in the next free number."""
        free = self.next_free()
        self.number.take("" if free is None else str(free))

    def next_free(self) -> AdministrationNumber | None:
        """The number after the highest, else the lowest that is free."""
        after = max(self._taken, default=LOWEST_NUMBER - 1) + 1
        numbers = (after,) if after <= HIGHEST_NUMBER else range(LOWEST_NUMBER, HIGHEST_NUMBER + 1)
        return next((AdministrationNumber(number) for number in numbers if number not in self._taken), None)

    def propose(self, description: str) -> None:
        """Fill in a description, unless somebody typed one."""
        if self.description.typed.strip() in {"", self.proposed}:
            self.description.take(description)
            self.proposed = description

    @property
    def length(self) -> int:
        """How many characters the description has, as it would be kept."""
        return len(shown(self.description.typed))

    def look(self) -> None:
        """Check anew that the number is free. Raises `number-taken`."""
        self.read()
        self.number.again()
        self._free(self.number.typed)

    def lacking(self, _: Texts) -> Iterator[str]:
        """What is still to be filled in, in words."""
        if self.number.fault is not None:
            yield _.sentence(self.number.fault)
        elif self.number.value is None:
            yield _("Give the administration a number")
        if self.description.fault is not None:
            yield _.sentence(self.description.fault)
        elif self.description.value is None:
            yield _("Give the administration a description")

    def _free(self, typed: str) -> AdministrationNumber:
        number = AdministrationNumber.parse(typed)
        if number in self._taken:
            raise Refused("number-taken", number=number)
        return number
