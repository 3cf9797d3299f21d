"""Each rule S1 to S16 has a test by its name; and S1."""

import re
from pathlib import Path

import pytest

from tests.workspace import Workspace

TESTS = sorted(Path(__file__).parent.glob("test_*.py"))


@pytest.mark.parametrize("rule", range(1, 17))
def test_each_rule_of_the_seed_has_a_test(rule: int) -> None:
    assert any(re.search(rf"def test_s{rule}_", path.read_text("utf-8")) for path in TESTS)


def test_s1_an_administration_under_the_own_licence_serves_as_template(empty_office: Workspace) -> None:
    empty_office.add_client()
    empty_office.create(1, "Sjabloon klein mkb", client=None)
    empty_office.create(7, "Bakkerij Jansen", chart=None, from_=1)
    template, made = empty_office.ok("administration", "show", 1), empty_office.ok("administration", "show", 7)
    assert template["client"] is None
    assert template["licence"] is None
    assert made["counts"] == template["counts"]
    assert made["counts"]["accounts"] > 150
    assert [row["number"] for row in empty_office.ok("audit")["rows"]] == [7]
    empty_office.add_user(number=1)
    assert empty_office.refused("backup", 1, "--confirm") == "client-not-found"


def test_s1_the_template_gives_its_chart_and_not_its_entries(tmp_path: Path) -> None:
    desk = Workspace(tmp_path)
    desk.ok("demo", tmp_path / "demo", "--clients", 1, "--lines", 60)
    office = tmp_path / "demo"
    full = desk.ok("administration", "show", 7, office=office)
    assert full["counts"]["lines"] >= 60
    desk.ok("client", "add", "--name", "Nieuw", "--kvk", "44444444", office=office)
    desk.ok("administration", "create", 50, "--description", "Nieuw", "--client", "44444444", "--from", 7, office=office)
    made = desk.ok("administration", "show", 50, office=office)
    assert made["counts"] == {**dict.fromkeys(full["counts"], 0), "accounts": full["counts"]["accounts"]}
    assert made["users"] == []
