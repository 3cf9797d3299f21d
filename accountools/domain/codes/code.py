"""What a code is: its weight, a sentence (what is wrong) and a remedy (what to do).

Braces hold the facts of the case. The texts are the keys of the message catalogues.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Self


class Weight(Enum):
    """Whether an obstacle with this code blocks a plan."""

    BLOCKS = "blocks"
    NEEDS_CONFIRMATION = "needs a confirmation"
    INFORMS = "informs only"


@dataclass(frozen=True)
class Code:
    """A code of the interface with its texts (English; keys of the catalogues). `plural` is the sentence where `count` isn't one.

    `variants` are, by the name of a fact, the texts where the case has that fact; the first that fits counts.
    """

    sentence: str
    remedy: str
    weight: Weight = Weight.BLOCKS
    plural: str = ""
    variants: Mapping[str, "Code"] = field(default_factory=dict, hash=False)

    @classmethod
    def counted(cls, sentences: tuple[str, str], remedy: str, weight: Weight = Weight.BLOCKS) -> Self:
        """A code whose sentence depends on the fact `count`."""
        return cls(sentences[0], remedy, weight, sentences[1])

    def in_case(self, facts: Collection[str]) -> "Code":
        """The texts that fit a case with the facts of these names."""
        found = next((texts for fact, texts in self.variants.items() if fact in facts), None)
        return self if found is None else found.in_case(facts)
