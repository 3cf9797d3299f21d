"""What stands in the way, as a value: a code, the facts of the case, and by the code a sentence and a remedy.

A check returns all obstacles it finds, never only the first. Whether one blocks, needs a spoken yes or is only told is a
property of its code (`domain.codes`). The sentence is English here; a screen translates it (`accountools.texts`).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Self

from accountools.domain.codes import CODES, IN_OTHER_WORDS, N_, Code, Weight

Translate = Callable[[str], str]

Fact = str | date
Show = Callable[[Fact], str]

SPOTS = {  # where in a backup something is wrong: the fact, and what is said for it
    "backup": N_("the backup"),
    "bytes": N_("in the bytes of the file"),
    "compression": N_("what is compressed in it"),
    "control totals": N_("its control totals"),
    "counts": N_("how many rows it has"),
    "encryption": N_("what is encrypted in it"),
    "foreign_key_check": N_("something in it refers to what isn't there"),
    "header": N_("how it begins"),
    "image": N_("the books in it"),
    "key": N_("the maker's key"),
    "length": N_("its length"),
    "manifest": N_("what it says of itself"),
    "members": N_("its parts"),
    "pages": N_("its pages"),
    "quick_check": N_("how its tables are stored"),
    "signer": N_("who signed it"),
    "slice": N_("what it says of the administration"),
    "sqlite_schema": N_("its tables"),
    "text": N_("in a text"),
}


class _Facts(dict[str, str]):
    """The facts of a case in words; one that is not known shows as an ellipsis rather than ending the program."""

    def __missing__(self, key: str) -> str:
        return "…"


@dataclass(frozen=True)
class Obstacle:
    """One thing in the way. `facts` are what its sentence and remedy need, as pairs of a name and a text or a day.

    `weight` is the code's own unless the case makes it weigh otherwise (an expired licence is only told at a restore).
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
        """Whether it can't be passed, whatever is said."""
        return self.weight is Weight.BLOCKS

    @property
    def asks(self) -> bool:
        """Whether it passes with a spoken yes, and only then."""
        return self.weight is Weight.ASKS

    def weighing(self, weight: Weight) -> Self:
        """The same obstacle with another weight."""
        return replace(self, weight=weight)

    def sentence(self, translate: Translate = str, show: Show = str) -> str:
        """What is wrong, in one sentence; `show` puts a fact into words."""
        return translate(self.meaning.sentence).format_map(self._in_words(translate, show))

    def remedy(self, translate: Translate = str, show: Show = str) -> str:
        """What to do about it, in one sentence."""
        return translate(self.meaning.remedy).format_map(self._in_words(translate, show))

    def _in_words(self, translate: Translate, show: Show) -> _Facts:
        spots = {name: SPOTS.get(str(fact)) for name, fact in self.facts if name in {"what", "where"}}
        return _Facts((name, translate(spot) if (spot := spots.get(name)) else show(fact)) for name, fact in self.facts)


def obstacle(code: str, **facts: object) -> Obstacle:
    """Make an obstacle of `code`, which must be in the table of codes (KeyError otherwise)."""
    kept = tuple((name, value if isinstance(value, date) else str(value)) for name, value in facts.items())
    return Obstacle(code, kept, CODES[code].weight)


def first_in_the_way(obstacles: Iterable[Obstacle], accepted: Iterable[str] = ()) -> Obstacle | None:
    """The first that blocks, else the first that still lacks its spoken yes, else None."""
    found = list(obstacles)
    yes = set(accepted)
    blocking = (one for one in found if one.blocking)
    unanswered = (one for one in found if one.asks and one.code not in yes)
    return next(blocking, None) or next(unanswered, None)
