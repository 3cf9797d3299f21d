"""The suite itself: which of its tests are long."""

import ast
from pathlib import Path

import pytest

from tests.long_tests import BOUND, LIST, LongTests, listed, name_of


def report(nodeid: str, seconds: float) -> pytest.TestReport:
    return pytest.TestReport(nodeid, ("", None, ""), {}, "passed", None, "call", duration=seconds)


def test_each_test_that_is_listed_as_long_exists() -> None:
    found = set()
    for path in LIST.parent.glob("test_*.py"):
        found |= {f"{path.name}::{one.name}" for one in ast.parse(path.read_text("utf-8")).body if isinstance(one, ast.FunctionDef)}
    assert sorted(listed() - found) == []


def test_what_took_long_by_its_mean_is_listed_and_what_was_not_run_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "long_tests.txt"
    place.write_text("test_a.py::test_fast_now\ntest_b.py::test_not_run\n")
    monkeypatch.setattr("tests.long_tests.LIST", place)
    plugin = LongTests()
    for nodeid, seconds in (
        ("tests/test_a.py::test_fast_now", BOUND / 2),
        ("tests/test_a.py::test_in_two_steps", BOUND / 2),
        ("tests/test_a.py::test_in_two_steps", BOUND / 2),
        ("tests/test_a.py::test_of_several[a::b]@browser-app-0", BOUND * 3),
        ("tests/test_a.py::test_of_several[c]@browser-app-0", 0),
        ("tests/test_a.py::test_seldom[a]", BOUND),
        ("tests/test_a.py::test_seldom[b]", 0),
    ):
        plugin.pytest_runtest_logreport(report(nodeid, seconds))
    plugin.pytest_sessionfinish()
    assert listed() == {"test_a.py::test_in_two_steps", "test_a.py::test_of_several", "test_b.py::test_not_run"}


def test_the_name_of_a_test_is_that_of_its_function() -> None:
    assert name_of("tests/test_a.py::test_x[tests/b::c]@group") == "test_a.py::test_x"
