"""Words to read out by telephone: six of them for a key, and passphrases of six; from a fixed list in each language.

English: BIP-39's 2048 words, by the package mnemonic. Dutch, of which no well-kept package has a list: `locale/nl/words.txt`, 1024
words. Six of them are 66 and 60 bits: enough that nobody makes a key whose words are the same.
"""

import hashlib
import secrets
from functools import cache
from pathlib import Path

COUNT = 6
LONG_ENOUGH = 12  # characters of a passphrase
_DUTCH = Path(__file__).parent / "locale" / "nl" / "words.txt"
_LANGUAGES = ("nl", "en")
_GROUP = 4


@cache
def word_list(language: str) -> tuple[str, ...]:
    """The words of a language."""
    if language == "nl":
        return tuple(line for line in _DUTCH.read_text("utf-8").splitlines() if not line.startswith("#"))
    from mnemonic import Mnemonic

    return tuple(Mnemonic("english").wordlist)


def describe_key(thumbprint: str, language: str) -> str:
    """A key's thumbprint as six words."""
    words, left = word_list(language), int.from_bytes(hashlib.sha256(thumbprint.encode()).digest())
    found = []
    for _ in range(COUNT):
        left, place = divmod(left, len(words))
        found.append(words[place])
    return " ".join(found)


def group_key(thumbprint: str) -> str:
    """A key's thumbprint in groups of four characters."""
    return " ".join(thumbprint[start : start + _GROUP] for start in range(0, len(thumbprint), _GROUP))


def is_key(typed: str, thumbprint: str) -> bool:
    """Whether this is what was read out of a key: its thumbprint, in groups or not, or its six words in either language."""
    words = " ".join(typed.casefold().replace(",", " ").split())
    return "".join(typed.split()) == thumbprint or words in {describe_key(thumbprint, language) for language in _LANGUAGES}


def generate_passphrase(language: str) -> str:
    """A new passphrase of six words."""
    return " ".join(secrets.choice(word_list(language)) for _ in range(COUNT))
