"""What prevents or qualifies an operation, as a value: a code, the facts of the case, and by the code a sentence and a remedy.

A check returns all obstacles it finds, never only the first. Whether one blocks, needs a confirmation or only informs is a
property of its code (`domain.codes`). The sentence is English here; a screen translates it (`accountools.texts`).
"""

from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Self, TypeAlias

from accountools.domain.codes.code import Code, Weight
from accountools.domain.codes.table import CODES
from accountools.domain.messages import N_

Translate = Callable[[str], str]
TranslatePlural = Callable[[str, str, int], str]


class Part(Enum):
    """A part of a backup or an office in which something is wrong, as the fact of an obstacle.

    The value is its English name, a key of the catalogues.
    """

    ADMINISTRATION = N_("the administration")
    BACKUP = N_("the backup")
    BACKUPS_MADE = N_("which backups were made")
    BOOKS = N_("the books of administration")
    BYTES = N_("in the bytes of the file")
    CLIENT = N_("client")
    COMPRESSION = N_("its compressed data")
    DATABASE = N_("the database is damaged")
    CONTROL_TOTALS = N_("its control totals")
    COUNTS = N_("its numbers of rows")
    ENCRYPTION = N_("its encrypted data")
    EVENT = N_("the event")
    FOLDERS = N_("the folder named")
    FOREIGN_KEY_CHECK = N_("a reference to a row that doesn't exist")
    HEADER = N_("its header")
    IMPORTS = N_("the imports into administration")
    IMAGE = N_("its database")
    JOURNAL = N_("the journal")
    KEY = N_("the signer's key")
    KNOWN_SIGNER = N_("the known signer of backups")
    LENGTH = N_("its length")
    MANIFEST = N_("its manifest")
    MEMBER = N_("the member")
    MEMBERS = N_("its list of files")
    NOT_A_DATABASE = N_("the file is not a database")
    OWN_LICENCE = N_("the office's own licence")
    PAGES = N_("its pages")
    QUICK_CHECK = N_("the storage of its tables")
    RECEIVED = N_("the newest backup restored of")
    ROW = N_("a row that must be there is missing")
    SIGNER = N_("its signer")
    EXTRACT = N_("its data about the administration")
    SQLITE_SCHEMA = N_("its tables")
    TEXT = N_("in a text")
    USERS = N_("the users of administration")
    VERSION = N_("the version of its tables")


class Reason(Enum):
    """Why a file or a worker can't be used, as the fact of an obstacle. The value is its English text, a key of the catalogues."""

    ARCHIVE_BROKEN = N_("the archive that it is in is damaged")
    BEYOND_LIMITS = N_("it is too large when unpacked, or its elements are nested too deeply")
    CELLS_LEFT = N_("it stands to the right of the last column; a text with the separator in it needs quotation marks")
    CELL_ERROR = N_("this cell holds an error of the spreadsheet; correct its formula, or type the value")
    CELL_EMPTY = N_("this cell must be filled in")
    CELL_MERGED = N_("this cell is merged with the one above it; undo that, and fill in each row")
    CHART_FIELDS = N_("the code and name of an account are needed")
    CHART_KIND = N_("the kind is B, P or M")
    CHART_SIDE = N_("the side is D or C")
    CODE_SHORTENED = N_("this code is shorter than the others; a spreadsheet drops zeros at the beginning")
    CODE_TWICE = N_("this code is also on line {other}")
    CODE_UNKNOWN = N_("the administration doesn't have it")
    COLUMNS_MISSING = N_("columns are missing: {columns}")
    COLUMNS_TWICE = N_("these columns mean the same; keep one of them")
    DOCUMENT_TYPE = N_("it has a document type declaration (DOCTYPE), as no audit file has")
    KVK_TWICE = N_("this KvK number is also on line {other}, with another name")
    KVK_TWICE_CITY = N_("this KvK number is also on line {other}, with another city")
    NO_AUDITFILE = N_("it does not contain exactly one audit file, in XML or as an ADF")
    NO_ROWS = N_("there are no rows in it")
    NO_YEAR = N_(
        "no fiscal year has this date, and its calendar year overlaps another one; if the date is right, import the audit file of its year "
        "first"
    )
    NOT_AN_AMOUNT = N_("this is not an amount with at most two decimals")
    NOT_A_DAY = N_("this is not a date")
    NOT_A_NUMBER = N_("this is not a number")
    NOT_TEXT = N_("these bytes are not text")
    ONE_SIDE = N_("a row needs an amount other than zero in either debit or credit, not in both")
    OTHER_DAY = N_("the entry has another date on line {other}")
    QUOTES = N_("a quotation mark is not closed, or stands within a text")
    RGS_FORM = N_("this is not an RGS code")
    RGS_KIND = N_("an RGS code that begins with {letter} doesn't belong to an account of kind {kind}")
    RGS_LEVEL = N_("this RGS code is of level {level}; ledger accounts have codes of level 4")
    RGS_TWICE = N_("the account on line {other} has this RGS code too; in XAF 4.0 each code may occur only once")
    TOO_MUCH = N_("with these entries debit or credit of the books would add up to more than can be computed with")
    TWO_ENCODINGS = N_("a part of the file is in UTF-8, and another part in another encoding")
    VAT_ACCOUNT = N_("no account has RGS code {rgs}, to which the tax of this VAT code is posted")
    VAT_UNKNOWN = N_("this is not one of the standard VAT codes; nothing but the code is known of it")
    WORKBOOK = N_("it is not a workbook that can be read")
    WORKER_VERSION = N_("it has {version}")
    XML_BROKEN = N_("its XML is broken on line {place}")


class KindOfLicence(Enum):
    """A licence's kind, as the fact of an obstacle; its name is that of the licence file."""

    accountant = N_("accountancy office")
    client = N_("client")
    demo = N_("demonstration")


Fact: TypeAlias = "str | date | Decimal | Part | Reason | KindOfLicence | Obstacle"
_CELL, _LINE = N_("{path}, line {line}, column {column}:"), N_("{path}, line {line}:")
FormatFact = Callable[[str | date | Decimal], str]


def _choose(singular: str, plural: str, count: int) -> str:
    return singular if count == 1 else plural


class _Facts(dict[str, str]):
    """The facts of a case as text; an unknown one shows as an ellipsis rather than ending the program."""

    def __missing__(self, key: str) -> str:
        return "…"


@dataclass(frozen=True)
class Obstacle:
    """One obstacle. `facts` are what its sentence and remedy need, as pairs of a name and a text, a day, an amount, a part or a reason.

    Only a `Part`, a `Reason`, a `KindOfLicence` and another obstacle are translated: a text is a name or a value and stays as it is.
    `weight` is the code's own unless the case changes it (an expired licence only informs at a restore).
    """

    code: str
    facts: tuple[tuple[str, Fact], ...] = ()
    weight: Weight = Weight.BLOCKS

    @property
    def meaning(self) -> Code:
        """The code's entry in the table of codes, in the words that fit the case."""
        return CODES[self.code].in_case(dict(self.facts))

    @property
    def blocking(self) -> bool:
        """Whether no confirmation helps."""
        return self.weight is Weight.BLOCKS

    @property
    def needs_confirmation(self) -> bool:
        """Whether a confirmation is needed, and enough."""
        return self.weight is Weight.NEEDS_CONFIRMATION

    @property
    def confirmation(self) -> str:
        """What confirms just this one: its code, and the key where it is about one."""
        thumbprint = dict(self.facts).get("thumbprint")
        return self.code if thumbprint is None else f"{self.code} {thumbprint}"

    def is_confirmed(self, accepted: Container[str]) -> bool:
        """Whether `accepted` has its code, which confirms it whatever key it is about, or its own confirmation."""
        return self.code in accepted or self.confirmation in accepted

    def with_facts(self, **facts: object) -> Self:
        """The same obstacle, of a case that has these facts too."""
        return replace(self, facts=(*self.facts, *_typed(facts)))

    def with_weight(self, weight: Weight) -> Self:
        """The same obstacle with another weight."""
        return replace(self, weight=weight)

    def sentence(self, translate: Translate = str, show: FormatFact = str, translate_plural: TranslatePlural = _choose) -> str:
        """What is wrong, in one sentence, after its place in a file where it has one; `show` formats a fact."""
        facts, meaning = self._formatted_facts(translate, show), self.meaning
        place = _CELL if "column" in facts else _LINE if "line" in facts else None
        count = dict(self.facts).get("count") if meaning.plural else None
        text = translate(meaning.sentence) if count is None else translate_plural(meaning.sentence, meaning.plural, int(str(count)))
        text = text.format_map(facts)
        text = text[:-1] if text.endswith("..") else text  # a name that ends in a full stop
        return (f"{translate(place).format_map(facts)} " if place else "") + text

    def remedy(self, translate: Translate = str, show: FormatFact = str) -> str:
        """What to do about it, in one sentence."""
        return translate(self.meaning.remedy).format_map(self._formatted_facts(translate, show))

    def _formatted_facts(self, translate: Translate, show: FormatFact) -> _Facts:
        facts = _Facts((name, _format_fact(fact, translate, show)) for name, fact in self.facts)
        return _Facts(facts | {name: facts[name].format_map(facts) for name, fact in self.facts if isinstance(fact, Reason)})


def _format_fact(fact: Fact, translate: Translate, show: FormatFact) -> str:
    if isinstance(fact, Obstacle):
        return fact.sentence(translate, show).removesuffix(".")  # it stands within another sentence
    return translate(fact.value) if isinstance(fact, Enum) else show(fact)


def obstacle(code: str, **facts: object) -> Obstacle:
    """Make an obstacle of `code`, which must be in the table of codes (KeyError otherwise)."""
    return Obstacle(code, _typed(facts), CODES[code].weight)


def _typed(facts: Mapping[str, object]) -> tuple[tuple[str, Fact], ...]:
    return tuple(
        (name, value if isinstance(value, date | Decimal | Part | Reason | KindOfLicence | Obstacle) else str(value))
        for name, value in facts.items()
    )


def first_unresolved(obstacles: Iterable[Obstacle], accepted: Iterable[str] = ()) -> Obstacle | None:
    """The first that blocks, else the first that is not confirmed by what was `accepted`, else None."""
    found = list(obstacles)
    confirmed = set(accepted)
    blocking = (one for one in found if one.blocking)
    unconfirmed = (one for one in found if one.needs_confirmation and not one.is_confirmed(confirmed))
    return next(blocking, None) or next(unconfirmed, None)
