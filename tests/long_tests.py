"""The long tests, of which an ordinary run takes one in ten: those listed in `long_tests.txt`, which a thorough run makes anew.

ACCOUNTOOLS_THOROUGH=1 uv run pytest --list-long
"""

from collections import defaultdict
from pathlib import Path

import pytest

LIST = Path(__file__).with_suffix(".txt")
BOUND = 0.5  # seconds, with all that a test needs, on two cores of which each has two tests at work


def name_of(nodeid: str) -> str:
    """The module and function of a test, whatever its parameters and group."""
    return nodeid.partition("[")[0].partition("@")[0].removeprefix("tests/")


def listed() -> frozenset[str]:
    """Their names."""
    return frozenset(LIST.read_text("utf-8").split())


class LongTests:
    """The plugin that lists the functions whose tests take so long, by their mean."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Add a test's setup, call or teardown."""
        self.seconds[report.nodeid] += report.duration

    def pytest_sessionfinish(self) -> None:
        """Write the list; a test that wasn't run stays on it."""
        its: dict[str, list[float]] = defaultdict(list)
        for nodeid, seconds in self.seconds.items():
            its[name_of(nodeid)].append(seconds)
        long = {name for name, all_seconds in its.items() if sum(all_seconds) >= BOUND * len(all_seconds)}
        LIST.write_text("".join(f"{name}\n" for name in sorted(long | (listed() - its.keys()))), "utf-8")
