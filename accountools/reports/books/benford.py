"""Benford's law: how often the amounts of real books begin with each digit, and how often they do in these; with a picture of it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from accountools.domain.messages import N_
from accountools.reports.books.table import Field, SmallTable
from accountools.texts import Language, Texts, choose_language

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FEWEST = 300  # amounts; of fewer nothing can be said
MOST_DEVIATION = 0.015  # the mean deviation by digit from which the amounts don't follow the law (Nigrini)
TITLE = N_("First digits and Benford's law")
_WIDTH, _HEIGHT = 6.3, 3.2  # inches
_INK, _FILL, _LINE = "#1c2733", "#9db8d2", "#b3261e"


@dataclass(frozen=True)
class DigitCount:
    """How many amounts begin with a digit, and how many would by the law."""

    digit: int
    expected: float
    found: int


@dataclass(frozen=True)
class Benford:
    """The nine digits."""

    digits: tuple[DigitCount, ...]

    @property
    def count(self) -> int:
        """How many amounts there are."""
        return sum(one.found for one in self.digits)

    @property
    def deviation(self) -> float:
        """The mean over the digits of how far the share that was found is from the share that the law gives."""
        return sum(abs(one.found - one.expected) for one in self.digits) / (9 * self.count) if self.count else 0.0

    @property
    def deviates(self) -> bool:
        """Whether the amounts are enough to tell, and don't follow the law."""
        return self.count >= FEWEST and self.deviation > MOST_DEVIATION

    def document(self) -> list[dict[str, Any]]:
        """As JSON."""
        return [vars(one).copy() for one in self.digits]

    def table(self) -> SmallTable:
        """As a table."""
        fields = (
            Field("digit", N_("First digit"), "number"),
            Field("expected", N_("Expected"), "number"),
            Field("found", N_("Found"), "number"),
        )
        return SmallTable(TITLE, fields, tuple((one.digit, round(one.expected), one.found) for one in self.digits))

    def words(self, _: Texts) -> list[str]:
        """What the picture shows, as text."""
        deviation = _.amount(f"{self.deviation * 100:.2f}")
        many = _.plural(
            "{count} amount; mean deviation {deviation}%.",
            "{count} amounts; mean deviation {deviation}%.",
            self.count,
            deviation=deviation,
        )
        few = [] if self.count >= FEWEST else [_("Too few amounts to conclude anything.")]
        return [many, *few, *(f"{one.digit}: {one.found} ({one.expected:.0f})" for one in self.digits)]

    def figure(self, language: Language | None = None) -> "Figure":
        """What was found as bars, what the law gives as a line."""
        from matplotlib.figure import Figure

        from accountools.reports.drawing import drawing

        _ = Texts(choose_language(language))
        with drawing():
            figure = Figure(figsize=(_WIDTH, _HEIGHT), layout="constrained")
            axes = figure.add_subplot()
            digits = [one.digit for one in self.digits]
            axes.bar(digits, [one.found for one in self.digits], color=_FILL, edgecolor=_INK, linewidth=0.6, label=_("Found"))
            for one in self.digits:  # at the foot, where the line doesn't cross them
                axes.annotate(f"{one.found}", (one.digit, 0), (0, 3), textcoords="offset points", ha="center", color=_INK, fontsize=8)
            axes.plot(digits, [one.expected for one in self.digits], color=_LINE, marker="o", linestyle="--", label=_("Expected"))
            axes.set_xticks(digits)
            axes.set_xlabel(_("First digit"))
            axes.set_title(_(TITLE), loc="left", weight="bold", fontsize=11, color=_INK)
            axes.legend(frameon=False)
            for side in ("top", "right"):
                axes.spines[side].set_visible(False)
        return figure


def compute_benford(found: Mapping[int, int]) -> Benford:
    """What was found, beside what the law gives for as many amounts."""
    count = sum(found.values())
    return Benford(tuple(DigitCount(digit, round(count * math.log10(1 + 1 / digit), 1), found.get(digit, 0)) for digit in range(1, 10)))
