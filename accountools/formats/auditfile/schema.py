"""A schema (XSD) of a version's audit files, made of pyxaf's catalogue: in what it accepts, pyxaf finds no fault of an element or a value.

It is stricter where that is simpler: dates have no time zone, amounts that pyxaf names when they are negative aren't.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from lxml import etree
from pyxaf.catalogue import Catalogue, FieldSpec

_XS = "http://www.w3.org/2001/XMLSchema"
_NOT_NEGATIVE = frozenset({"amnt", "vatAmnt", "opBalDesc", "clBalDesc"})
_WITHIN_YEAR = frozenset({"trDt", "effDate"})
_DAY = "[12][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]"
_TIME = "[0-9][0-9]:[0-9][0-9]:[0-9][0-9]"
_PATTERNS = {r"\D*": r"[ -/:-~]*", r"\d{4}|(\d{4}\-\d{4})": r"[0-9]{4}(-[0-9]{4})?"}  # of ASCII: what is a digit elsewhere is open to doubt
_UNIQUE, _PLAIN = "jrnID", "[!-~¡-ÿ]([ -~¡-ÿ]*[!-~¡-ÿ])?"  # without blanks around it: those don't count for pyxaf
_NOTHING = "[^ -~]"  # of a pattern that isn't known
_BASES = {"date": "date", "datetime": "dateTime", "time": "time", "decimal": "decimal", "double": "decimal", "integer": "integer"}
_WRITTEN = {"date": _DAY, "datetime": f"{_DAY}T{_TIME}", "time": _TIME}
Facet = tuple[str, object]


def build_schema(catalogue: Catalogue, namespace: str, days: tuple[str, str] | None) -> etree.XMLSchema:
    """The schema of files in this namespace. `days`: the first and last that entries and their lines may have."""
    attributes = {"targetNamespace": namespace, "elementFormDefault": "qualified"}
    root = etree.Element(f"{{{_XS}}}schema", attributes, nsmap={"xs": _XS, "f": namespace})
    for spec in catalogue.children_of(""):
        element = _add_element(root, catalogue, spec, days)
        unique = _add(element, "unique", name="journals")
        _add(unique, "selector", xpath="f:company/f:transactions/f:journal")
        _add(unique, "field", xpath=f"f:{_UNIQUE}")
    return etree.XMLSchema(root)


def _add_element(parent: Any, catalogue: Catalogue, spec: FieldSpec, days: tuple[str, str] | None) -> Any:
    element = _add(parent, "element", name=spec.name)
    if spec.parent:
        element.set("minOccurs", str(spec.min_occurs))
        element.set("maxOccurs", "unbounded" if spec.max_occurs is None else str(spec.max_occurs))
    if spec.is_complex:
        sequence = _add(_add(element, "complexType"), "sequence")
        for child in catalogue.children_of(spec.path):
            _add_element(sequence, catalogue, child, days)
        return element
    restriction = _add(_add(element, "simpleType"), "restriction", base=f"xs:{_base(spec)}")
    for name, value in (*_facets(spec), *_bounds(spec, days)):
        _add(restriction, name, value=str(value))
    return element


def _base(spec: FieldSpec) -> str:
    return "string" if spec.enum or spec.fixed is not None else _BASES.get(spec.kind, "string")


def _facets(spec: FieldSpec) -> Iterator[Facet]:
    if spec.kind == "boolean":
        yield from _enumeration(("true", "false", "1", "0"))
    elif spec.fixed is not None:
        yield from _enumeration((spec.fixed,))
    elif spec.enum:
        yield from _enumeration(spec.enum)
    if spec.patterns:
        yield "pattern", "|".join(_PATTERNS.get(one.pattern, _NOTHING) for one in spec.patterns)
    elif spec.name == _UNIQUE:
        yield "pattern", _PLAIN
    if spec.kind in _WRITTEN:
        yield "pattern", _WRITTEN[spec.kind]
    for name, value in (("length", spec.length), ("minLength", spec.min_length), ("maxLength", spec.max_length)):
        if value is not None:
            yield name, value
    if not spec.enum:
        for name, value in (("totalDigits", spec.total_digits), ("fractionDigits", spec.fraction_digits)):
            if value is not None:
                yield name, value


def _enumeration(values: Iterable[str]) -> Iterator[Facet]:
    return (("enumeration", value) for value in values)


def _bounds(spec: FieldSpec, days: tuple[str, str] | None) -> Iterator[Facet]:
    if _base(spec) == "string":
        return
    least, most = spec.min_inclusive, spec.max_inclusive
    if spec.name in _NOT_NEGATIVE and (least is None or least < 0):
        yield "minInclusive", 0
    elif least is not None:
        yield "minInclusive", least
    if most is not None:
        yield "maxInclusive", most
    if spec.name in _WITHIN_YEAR and days is not None:
        yield "minInclusive", days[0]
        yield "maxInclusive", days[1]


def _add(parent: Any, tag: str, **attributes: str) -> Any:
    return etree.SubElement(parent, f"{{{_XS}}}{tag}", attributes)
