"""Lists on the terminal: column headers in the language, aligned columns, plurals by count."""

import pytest

from accountools.cli.context import WIDEST, Row, format_table
from accountools.texts import Texts
from tests.workspace import Workspace


def test_columns_are_aligned_and_notes_come_below_their_row() -> None:
    rows = [Row(("7", "Jansen", "x"), ("a note",)), Row(("101", "烘焙", "y")), Row(("8", "e\u0301e\u0301n", ""))]
    assert list(format_table(("No", "Name", "File"), rows, right=(0,))) == [
        " No  Name    File",
        "  7  Jansen  x",
        "    a note",
        "101  烘焙    y",
        "  8  e\u0301e\u0301n",
    ]


def test_without_rows_there_is_no_table() -> None:
    assert list(format_table(("No", "Name"), [])) == []


def test_long_cells_are_shortened_except_in_the_last_column() -> None:
    (_, line) = format_table(("a", "b"), [Row(("x" * 100, "y" * 100))])
    assert line == f"{'x' * (WIDEST - 1)}…  {'y' * 100}"


@pytest.mark.parametrize(
    ("command", "dutch", "english"),
    [
        ("client list", "KvK-nummer Naam Plaats", "KvK number Name City"),
        ("administration list", "Nummer Omschrijving Klant Status", "Number Description Client Status"),
        ("licence list", "Nummer Soort KvK-nummer Geldig tot en met Licentiehouder", "Number Kind KvK number Valid until Licensee"),
        (
            "user list --administration 7",
            "Gebruikersnaam Naam Personeelsnummer Status Werkt bij",
            "Login name Name Employee number Status Works at",
        ),
        ("backups list", "Datum Administratie Doel Aanwezig Bestand", "Date Administration Purpose Present File"),
        ("trust list", "Vingerafdruk Uitgever", "Thumbprint Issuer"),
        ("audit", "Status Nummer Klant Licentie Geldig tot en met", "Status Number Client Licence Valid until"),
        ("journal", "Gebeurtenis Tijdstip (UTC) Door Administratie Wat", "Event Time (UTC) By Administration What"),
    ],
)
def test_each_list_has_headers_in_the_language(ready: Workspace, command: str, dutch: str, english: str) -> None:
    ready.backup()
    for language, headers in (("nl", dutch), ("en", english)):
        first, *rows = ready.run(*command.split(), "--lang", language, as_json=False).out.splitlines()
        assert " ".join(first.split()) == headers
        assert rows


def test_a_count_chooses_singular_or_plural() -> None:
    texts = "{count} file is waiting in the inbox.", "{count} files are waiting in the inbox."
    assert [Texts("en").plural(*texts, count) for count in (0, 1, 2)] == [
        "0 files are waiting in the inbox.",
        "1 file is waiting in the inbox.",
        "2 files are waiting in the inbox.",
    ]
    assert [Texts("nl").plural(*texts, count) for count in (1, 2)] == [
        "Er wacht 1 bestand bij de ingekomen licenties.",
        "Er wachten 2 bestanden bij de ingekomen licenties.",
    ]
