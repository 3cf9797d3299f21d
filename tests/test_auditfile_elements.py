"""The elements of an audit file are well-formed whatever text there is: they are written as they were made, and not parsed first."""

from collections.abc import Iterator

import pytest
from lxml import etree
from pyxaf.catalogue import FieldSpec, get_catalogue

from accountools.domain.audit_file.findings import WrittenVersion
from accountools.formats.auditfile.layout import Losses, Shape
from accountools.formats.auditfile.writable import escaped, usual_at, writable_at
from tests.seeding import random_for

PIECES = [
    *"aZ09 -.+&<>\"'\t\n\r\x00\x7f\x85\u2028é€\ud800\ufffe\U0001f600",
    "]]>",
    "2024-02-29",
    "2025-02-29",
    "12:00:00",
    "-1.23",
    "1" * 17,
    "x" * 40,
]


def shapes(shape: Shape) -> Iterator[Shape]:
    yield shape
    for spec in shape.specs:
        if spec.is_complex:
            yield from shapes(shape.shape(spec.name))


def any_text(spec: FieldSpec) -> str:
    """One that may be written there."""
    some = *(spec.enum or ()), "1", "2025", "2025-01-01", "2025-01-01T12:00:00", "12:00:00", "NL", "EUR", ""
    return next(one for one in some if writable_at(spec)(one) == one)


def texts(spec: FieldSpec) -> Iterator[str]:
    chance = random_for(f"texts of {spec.path}")
    return ("".join(chance.choice(PIECES) for _ in range(chance.randrange(5))) for _ in range(60))


@pytest.mark.parametrize("version", ["3.2", "4.0"])
def test_each_is_well_formed_and_what_is_usual_is_written_as_it_is(version: WrittenVersion) -> None:
    usual = 0
    for shape in shapes(Shape(get_catalogue(version), "/auditfile")):
        leaves = [one for one in shape.specs if not one.is_complex]
        fallbacks = {one.name: any_text(one) for one in leaves if one.min_occurs}
        for spec in leaves:
            is_usual, writable = usual_at(spec), writable_at(spec)
            for text in texts(spec):
                (found,) = etree.fromstring(f"<all>{shape.element({spec.name: text}, Losses(), fallbacks)}</all>")
                if is_usual(text):
                    usual += 1
                    assert writable(text) == text == escaped(text)
                    assert (found.findtext(spec.name) or "") == text
    assert usual > 1000
