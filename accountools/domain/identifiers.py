"""Identifiers and names. Input becomes one of these, or is refused with its code."""

import re
import unicodedata
from typing import Self

from accountools.domain.errors import Refused

MIN_NUMBER, MAX_NUMBER = 1, 99_999
MAX_DESCRIPTION = 60
MAX_LOGIN = 104
MAX_EMPLOYEE = 999_999_999

_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
# What is read was made with other tables of Unicode, older or newer: it is judged by these, which never change. The characters that are
# invisible whatever the tables (controls, format, private use, surrogates, no characters), and the spaces other than U+0020.
_NEVER_VISIBLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\ud800-\uf8ff\ufdd0-\ufdef\ufeff\ufff9-\ufffb\ufffe\uffff\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0001\U000e0020-\U000e007f\U000f0000-\U0010ffff]"
)
_OTHER_SPACE = re.compile("[\xa0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_FIXED_TABLES = unicodedata.ucd_3_2_0  # a text in form NFC by newer tables is so by these
# Letters with case that came after Unicode 3.2, until 14, which the oldest Python for this program knows: the case of these and of the
# letters of 3.2 never changes, that of younger letters is known by some tables only.
_LATER_CASED = re.compile(
    "[\u023a-\u0376\u037f\u03cf-\u052e\u10c7\u10cd\u13f8-\u13fd\u1c80-\u1c88\u1c90-\u1cba\u1cbd-\u1cbf\u1e9e-\u1efe\u2c00-\u2cf2"
    "\ua640-\ua69a\ua722-\ua7c9\ua7d0\ua7d6-\ua7d8\ua7f5\uab70-\uabbf\U00010426\U00010427\U000104b0-\U000104d3\U00010570-\U0001057a"
    "\U0001057c-\U0001058a\U0001058c-\U00010592\U00010594\U00010595\U00010c80-\U00010cb2\U000118a0-\U000118bf\U00016e40-\U00016e5f"
    "\U0001e900-\U0001e921]"
)


class AdministrationNumber(int):
    """The number of an administration, 1 to 99999; it can't be changed once given (S7). Shown as `007`."""

    @classmethod
    def parse(cls, text: str | int) -> Self:
        """Read a number, leading zeros allowed. Raises `number-invalid`."""
        typed = str(text).strip()
        if not re.fullmatch(r"[0-9]{1,12}", typed) or not MIN_NUMBER <= int(typed) <= MAX_NUMBER:
            raise Refused("number-invalid", number=typed)
        return cls(int(typed))

    def __str__(self) -> str:
        return f"{int(self):03d}"

    def __format__(self, spec: str) -> str:
        return format(int(self), spec) if spec else str(self)


class KvkNumber(str):
    """A number of the Dutch Chamber of Commerce: eight digits. It names a client."""

    __slots__ = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a KvK number: eight digits, with blanks between them, or dots between thousands, and perhaps an apostrophe before them.

        Marks without a width, as a web page or a mail has them, are left out.

        A spreadsheet drops the zero that a number begins with and may write a decimal: `1234567`, `1234567.0`. What the number was can
        only be guessed, so those are refused too. Raises `kvk-invalid`.
        """
        typed = re.sub(r"[ \u00a0\u202f]", "", _without_marks(text).strip()).removeprefix("'")
        if re.fullmatch(r"[0-9]{7}([.,]0+)?|[0-9]\.[0-9]{3}\.[0-9]{3}", typed):
            raise Refused("kvk-invalid", kvk=single_line(text), shortened=typed)
        if not re.fullmatch(r"[0-9]{8}|[0-9]{2}\.[0-9]{3}\.[0-9]{3}", typed):
            raise Refused("kvk-invalid", kvk=single_line(text))
        return cls(typed.replace(".", ""))


class Login(str):
    r"""The name with which a person logs in on their own computer (S6): `DOMAIN\name`, `name@domain` or `name`."""

    __slots__ = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a login: 1–104 characters, no control characters, at most one separator, neither half empty.

        Blanks and marks without a width are left out at its ends; within it they are no part of a login. Raises `login-invalid`.
        """
        typed = unicodedata.normalize("NFC", _without_ends(text))
        halves, invisible = re.split(r"[\\@]", typed), any(unicodedata.category(c) in _INVISIBLE for c in typed)
        if not 1 <= len(typed) <= MAX_LOGIN or invisible or len(halves) > 2 or not all(map(str.strip, halves)):  # noqa: PLR2004
            raise Refused("login-invalid", login=single_line(_with_visible_marks(typed)))
        return cls(typed)

    @classmethod
    def read(cls, text: str) -> Self:
        """A login as it was stored. Raises `login-invalid`, whatever the version of Unicode's tables here."""
        halves = [_OTHER_SPACE.sub(" ", half).strip(" ") for half in re.split(r"[\\@]", text)]
        if not 1 <= len(text) <= MAX_LOGIN or not is_stored_form(text) or len(halves) > 2 or not all(halves):  # noqa: PLR2004
            raise Refused("login-invalid", login=single_line(text))
        return cls(text)

    @property
    def key(self) -> str:
        """What two logins are compared by, as a whole: without case, in NFC. The same by all tables, so that no two users become one."""
        if self.isascii():
            return self.casefold()
        return _FIXED_TABLES.normalize("NFC", "".join(c.casefold() if _is_case_fixed(c) else c for c in self))


def parse_name(text: str) -> str:
    """A name of a person, client or description as it is stored: NFC, blanks folded, no invisible characters. Raises `name-missing`."""
    name = single_line(text)
    if not name:
        raise Refused("name-missing")
    return name


def parse_description(text: str) -> str:
    """An administration's description, at most 60 characters. Raises `description-too-long` or `name-missing`."""
    description = parse_name(text)
    if len(description) > MAX_DESCRIPTION:
        raise Refused("description-too-long", length=len(description), description=description)
    return description


def parse_employee(number: int | None) -> int | None:
    """An employee number, 1 to 999999999, or none. Raises `employee-invalid`."""
    if number is not None and not 1 <= number <= MAX_EMPLOYEE:
        raise Refused("employee-invalid", employee=number)
    return number


def single_line(text: str) -> str:
    """Any text as one line to show and store: NFC, blanks and control characters folded to single spaces.

    What has no width (a soft hyphen, a zero-width space, a mark of direction) is left out: it parts no words.
    """
    wide = unicodedata.normalize("NFC", _without_marks(text))
    visible = "".join(" " if unicodedata.category(c) in _INVISIBLE else c for c in wide)
    return " ".join(visible.split())


def _is_mark(character: str) -> bool:
    """Whether it has no width: a soft hyphen, a zero-width space, a mark of direction."""
    return unicodedata.category(character) == "Cf"


def _without_marks(text: str) -> str:
    return "".join(c for c in text if not _is_mark(c))


def _is_case_fixed(character: str) -> bool:
    """Whether its case is the same by all tables that a reader may have."""
    return _FIXED_TABLES.category(character) != "Cn" or _LATER_CASED.match(character) is not None


def _without_ends(text: str) -> str:
    kept = [place for place, c in enumerate(text) if not (c.isspace() or _is_mark(c))]
    return text[kept[0] : kept[-1] + 1] if kept else ""


def _with_visible_marks(text: str) -> str:
    return "".join(f"\\u{ord(c):04x}" if _is_mark(c) else c for c in text)


def is_stored_form(text: str) -> bool:
    """Whether a text that is read has nothing invisible in it and is in form NFC, whatever the version of Unicode's tables here."""
    return not _NEVER_VISIBLE.search(text) and _FIXED_TABLES.is_normalized("NFC", text)


def is_single_line(text: str) -> bool:
    """Whether a text that is read is a line as `single_line` made it, whatever the version of Unicode's tables here and there."""
    return is_stored_form(text) and not _OTHER_SPACE.search(text) and "  " not in text and text == text.strip(" ")


def is_found(typed: str, text: str) -> bool:
    """Whether all words typed occur in a text. Case, accents, and how these are composed don't count: `cafe` finds Café."""
    searched = _search_key(text)
    return all(word in searched for word in _search_key(typed).split())


def _search_key(text: str) -> str:
    folded = single_line(text).casefold()
    return folded if folded.isascii() else "".join(c for c in unicodedata.normalize("NFKD", folded) if not unicodedata.combining(c))
