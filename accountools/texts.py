"""Texts, days and amounts in Dutch or English: gettext catalogues under `locale/`, of which the English texts are the keys, and Babel."""

import gettext
import locale
import os
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache, lru_cache
from pathlib import Path
from typing import Literal

from accountools.domain.messages import P_
from accountools.domain.obstacle import Obstacle

Language = Literal["nl", "en"]
LANGUAGES: tuple[Language, ...] = ("nl", "en")
_DAY: dict[Language, str] = {"nl": "dd-MM-yyyy", "en": "yyyy-MM-dd"}  # patterns of Unicode's CLDR
_AMOUNT = "#,##0.00"
_COUNTED = {
    "administrations": P_("{count} administration", "{count} administrations"),
    "clients": P_("{count} client", "{count} clients"),
    "events": P_("{count} event", "{count} events"),
    "accounts": P_("{count} account", "{count} accounts"),
    "entries": P_("{count} entry", "{count} entries"),
    "lines": P_("{count} line", "{count} lines"),
    "relations": P_("{count} relation", "{count} relations"),
}


@dataclass(frozen=True)
class Texts:
    """The texts of one language."""

    language: Language

    def __call__(self, text: str, **facts: object) -> str:
        """Translate `text` (English, a key of the catalogue) and format these facts in it."""
        translated = _catalogue(self.language).gettext(text)
        return translated.format_map({name: self.show(fact) for name, fact in facts.items()}) if facts else translated

    def sentence(self, obstacle: Obstacle) -> str:
        """What is wrong."""
        catalogue = _catalogue(self.language)
        return obstacle.sentence(catalogue.gettext, self.show, catalogue.ngettext)

    def remedy(self, obstacle: Obstacle) -> str:
        """What to do about it."""
        return obstacle.remedy(_catalogue(self.language).gettext, self.show)

    def show(self, fact: object) -> str:
        """A fact as text: a day, an amount and a fraction as they are written in this language, anything else as it is."""
        if isinstance(fact, Decimal):
            return self.amount(fact)
        if isinstance(fact, float):
            from babel.numbers import format_decimal

            return format_decimal(fact, locale=self.language)
        return self.day(fact) if isinstance(fact, date) else str(fact)

    def day(self, day: date) -> str:
        """A day as it is written: 24-11-2026 in Dutch, 2026-11-24 in English."""
        return _format_day(day, self.language)

    def iso_day(self, day: str) -> str:
        """A day given as 2026-11-24, as it is written."""
        return self.day(date.fromisoformat(day))

    def moment(self, moment: datetime) -> str:
        """A moment to the minute, on the clock of its own zone: 24-11-2026 13:05."""
        return f"{self.day(moment)} {moment:%H:%M}"

    def amount(self, text: str | Decimal) -> str:
        """An amount such as 1234.56 as it is written: 1.234,56 in Dutch, 1,234.56 in English."""
        from babel.numbers import format_decimal

        return format_decimal(Decimal(text), _AMOUNT, locale=self.language)

    @property
    def thousands_separator(self) -> str:
        """What stands between thousands and hundreds."""
        from babel.numbers import get_group_symbol

        return get_group_symbol(self.language)

    def plural(self, singular: str, plural: str, count: int, **facts: object) -> str:
        """`singular` or `plural` (English, keys of the catalogue), by `count`; `count` itself is one of the facts."""
        text = _catalogue(self.language).ngettext(singular, plural, count)
        return text.format_map({"count": str(count)} | {name: self.show(fact) for name, fact in facts.items()})

    def counts(self, **counts: int) -> str:
        """How many of what there are: `3 entries, 1 line`."""
        return ", ".join(self.plural(*_COUNTED[what], count) for what, count in counts.items())


def choose_language(asked: str | None) -> Language:
    """The language `asked` for, else the locale's, else English."""
    for language in LANGUAGES:
        if language == asked:
            return language
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if os.environ.get(name):
            return "nl" if os.environ[name].lower().startswith("nl") else "en"
    return "nl" if (locale.getlocale()[0] or "").lower().startswith(("nl", "dutch")) else "en"


@cache
def _catalogue(language: Language) -> gettext.NullTranslations:
    return gettext.translation("accountools", Path(__file__).parent / "locale", [language], fallback=True)


@lru_cache(maxsize=4096)
def _format_day(day: date, language: Language) -> str:
    from babel.dates import format_date  # only when a day is shown: most commands start sooner without

    return format_date(day, _DAY[language], locale=language)
