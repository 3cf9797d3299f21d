"""What prevents or qualifies an operation, as a value: a code, the facts of the case, and by the code a sentence and a remedy.

A check returns all obstacles it finds, never only the first. Whether one blocks, needs a confirmation or only informs is a
property of its code (`domain.codes`). The sentence is English here; a screen translates it (`accountools.texts`).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum
from typing import Self

from accountools.domain.codes import CODES, IN_OTHER_WORDS, N_, Code, Weight

Translate = Callable[[str], str]


class Part(Enum):
    """A part of a backup or an office in which something is wrong, as the fact of an obstacle.

    The value is its English name, a key of the catalogues.
    """

    ADMINISTRATION = N_("the administration")
    BACKUP = N_("the backup")
    BYTES = N_("in the bytes of the file")
    CLIENT = N_("the client")
    COMPRESSION = N_("its compressed data")
    CONTROL_TOTALS = N_("its control totals")
    COUNTS = N_("its numbers of rows")
    ENCRYPTION = N_("its encrypted data")
    EVENT = N_("the event")
    FOREIGN_KEY_CHECK = N_("a reference to a row that doesn't exist")
    HEADER = N_("its header")
    IMPORTS = N_("the imports into administration")
    IMAGE = N_("its database")
    JOURNAL = N_("the journal")
    KEY = N_("the signer's key")
    LENGTH = N_("its length")
    MANIFEST = N_("its manifest")
    MEMBERS = N_("its list of files")
    OWN_LICENCE = N_("the office's own licence")
    PAGES = N_("its pages")
    QUICK_CHECK = N_("the storage of its tables")
    ROW = N_("a row that must be there is missing")
    SIGNER = N_("its signer")
    EXTRACT = N_("its data about the administration")
    SQLITE_SCHEMA = N_("its tables")
    TEXT = N_("in a text")
    USERS = N_("the users of administration")
    VERSION = N_("the version of its tables")


Fact = str | date | Part
FormatFact = Callable[[str | date], str]


class _Facts(dict[str, str]):
    """The facts of a case as text; an unknown one shows as an ellipsis rather than ending the program."""

    def __missing__(self, key: str) -> str:
        return "…"


@dataclass(frozen=True)
class Obstacle:
    """One obstacle. `facts` are what its sentence and remedy need, as pairs of a name and a text, a day or a part of a backup.

    Only a `Part` is translated: a text is a name or a value and stays as it is.
    `weight` is the code's own unless the case changes it (an expired licence only informs at a restore).
    """

    code: str
    facts: tuple[tuple[str, Fact], ...] = ()
    weight: Weight = Weight.BLOCKS

    @property
    def meaning(self) -> Code:
        """The code's entry in the table of codes, in the words that fit the case."""
        names = {name for name, _ in self.facts}
        fitting = (texts for (code, fact), texts in IN_OTHER_WORDS.items() if code == self.code and fact in names)
        return next(fitting, CODES[self.code])

    @property
    def blocking(self) -> bool:
        """Whether no confirmation helps."""
        return self.weight is Weight.BLOCKS

    @property
    def needs_confirmation(self) -> bool:
        """Whether a confirmation is needed, and enough."""
        return self.weight is Weight.NEEDS_CONFIRMATION

    def with_weight(self, weight: Weight) -> Self:
        """The same obstacle with another weight."""
        return replace(self, weight=weight)

    def sentence(self, translate: Translate = str, show: FormatFact = str) -> str:
        """What is wrong, in one sentence; `show` formats a fact."""
        return translate(self.meaning.sentence).format_map(self._formatted_facts(translate, show))

    def remedy(self, translate: Translate = str, show: FormatFact = str) -> str:
        """What to do about it, in one sentence."""
        return translate(self.meaning.remedy).format_map(self._formatted_facts(translate, show))

    def _formatted_facts(self, translate: Translate, show: FormatFact) -> _Facts:
        return _Facts((name, translate(fact.value) if isinstance(fact, Part) else show(fact)) for name, fact in self.facts)


def obstacle(code: str, **facts: object) -> Obstacle:
    """Make an obstacle of `code`, which must be in the table of codes (KeyError otherwise)."""
    typed = tuple((name, value if isinstance(value, date | Part) else str(value)) for name, value in facts.items())
    return Obstacle(code, typed, CODES[code].weight)


def first_unresolved(obstacles: Iterable[Obstacle], accepted: Iterable[str] = ()) -> Obstacle | None:
    """The first that blocks, else the first whose confirmation is missing (its code is not in `accepted`), else None."""
    found = list(obstacles)
    confirmed = set(accepted)
    blocking = (one for one in found if one.blocking)
    unconfirmed = (one for one in found if one.needs_confirmation and one.code not in confirmed)
    return next(blocking, None) or next(unconfirmed, None)
