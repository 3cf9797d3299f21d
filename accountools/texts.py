"""What is said on screen, in Dutch or English: gettext catalogues under `locale/`. The English texts are the keys."""

import gettext
import locale
import os
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal

from accountools.domain.obstacle import Obstacle

Language = Literal["nl", "en"]
LANGUAGES: tuple[Language, ...] = ("nl", "en")


@dataclass(frozen=True)
class Texts:
    """A language to speak."""

    language: Language

    def __call__(self, text: str, **facts: object) -> str:
        """Say `text` (English, a key of the catalogue) with these facts in it."""
        said = _catalogue(self.language).gettext(text)
        return said.format_map({name: self.show(fact) for name, fact in facts.items()}) if facts else said

    def sentence(self, obstacle: Obstacle) -> str:
        """What is wrong."""
        return obstacle.sentence(_catalogue(self.language).gettext, self.show)

    def remedy(self, obstacle: Obstacle) -> str:
        """What to do about it."""
        return obstacle.remedy(_catalogue(self.language).gettext, self.show)

    def show(self, fact: object) -> str:
        """A fact in words: a day as it is written here, anything else as it is."""
        return self.day(fact) if isinstance(fact, date) else str(fact)

    def day(self, day: date) -> str:
        """A day as it is written: 24-11-2026 in Dutch, 2026-11-24 in English."""
        return f"{day:%d-%m-%Y}" if self.language == "nl" else day.isoformat()

    def iso_day(self, day: str) -> str:
        """A day given as 2026-11-24, as it is written."""
        return self.day(date.fromisoformat(day))

    def amount(self, text: str) -> str:
        """An amount such as 1234.56 as it is written: 1.234,56 in Dutch, 1,234.56 in English."""
        whole, _, cents = text.partition(".")
        grouped = f"{int(whole):,}".replace(",", self.thousands)
        return f"{grouped},{cents}" if self.language == "nl" else f"{grouped}.{cents}"

    @property
    def thousands(self) -> str:
        """What stands between thousands and hundreds."""
        return "." if self.language == "nl" else ","

    def plural(self, singular: str, plural: str, count: int, **facts: object) -> str:
        """`singular` or `plural` (English, keys of the catalogue), by `count`; `count` itself is one of the facts."""
        text = _catalogue(self.language).ngettext(singular, plural, count)
        return text.format_map({"count": str(count)} | {name: self.show(fact) for name, fact in facts.items()})


def language_of(asked: str | None) -> Language:
    """The language asked for, else that of the locale, else English."""
    known = next((language for language in LANGUAGES if language == asked), None)
    if known is not None:
        return known
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if os.environ.get(name):
            return "nl" if os.environ[name].lower().startswith("nl") else "en"
    return "nl" if (locale.getlocale()[0] or "").lower().startswith(("nl", "dutch")) else "en"


@cache
def _catalogue(language: Language) -> gettext.NullTranslations:
    return gettext.translation("accountools", Path(__file__).parent / "locale", [language], fallback=True)
