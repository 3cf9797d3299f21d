"""The RGS (Referentie Grootboekschema): the codes by which Dutch packages know what an account is, whatever its own number.

The published list isn't part of the program: what is checked here is what a code shows by itself.
"""

import re

VERSION = "3.7"  # of the codes in the standard charts
ACCOUNT_LEVEL = 4  # that of ledger accounts; level 5 holds movements
_CODE = re.compile(r"[BW](?:[A-Z][A-Za-z0-9]{2}){0,4}")


def is_rgs_code(text: str) -> bool:
    """Whether a text has the form of an RGS code: B or W, and three characters for each further level."""
    return _CODE.fullmatch(text) is not None


def rgs_level(code: str) -> int:
    """The level of an RGS code: B or W alone is level 1."""
    return 1 + (len(code) - 1) // 3
