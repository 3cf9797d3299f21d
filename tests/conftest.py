"""Options and fixtures: desks to work at, made once a session and copied for each test. What a campaign counted is printed at the end.

`--seed N` chooses all random numbers (tests/seeding.py).
"""

import contextlib
import importlib
import os
import secrets
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests import long_tests
from tests.browsing import BROWSER
from tests.engines import server, unnamed_books
from tests.seeding import DEFAULT_SEED, random_for, use_seed
from tests.workspace import Workspace

if TYPE_CHECKING:
    from tests.browsing import BrowserSession, RunningServer
    from tests.crash_scenarios import ScenarioRunner

ROOM = 4 << 30  # bytes of memory that are free
SHARE = 10  # of so many long tests, and of so many on PostgreSQL, an ordinary run takes one
REFERENCE = "ACCOUNTOOLS_REFERENCE"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--seed", type=int, default=DEFAULT_SEED, help=f"what all random numbers follow from (default {DEFAULT_SEED})")
    parser.addoption("--list-long", action="store_true", help="write by what this run took which tests are long (tests/long_tests.py)")


def pytest_configure(config: pytest.Config) -> None:
    seed = config.getoption("seed")
    use_seed(seed)
    if config.getoption("hypothesis_seed", None) is None:
        config.option.hypothesis_seed = str(seed)
    if not hasattr(config, "workerinput"):  # the workers and all child processes inherit the environment
        _share_bytecode(config)
        _use_own_identity(config)
        _work_in_memory(config)
        if config.getoption("list_long"):
            config.pluginmanager.register(long_tests.LongTests())


def pytest_xdist_auto_num_workers() -> int:
    """Two more than there are cores: those who look at a page mostly wait."""
    return (os.cpu_count() or 1) + 2


@pytest.hookimpl(trylast=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Print the seed, with `-q` too, which leaves pytest's own header out."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None and not hasattr(session.config, "workerinput"):
        reporter.write_line(f"seed: {session.config.getoption('seed')} (another: pytest --seed N)")


def _work_in_memory(config: pytest.Config) -> None:
    """Keep temporary folders in memory where there is room: half of the time goes into waiting for a disk.

    Which syncs are asked of a disk is tested by tracing.
    `--basetemp` or `$PYTEST_DEBUG_TEMPROOT` chooses another place.
    """
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > ROOM
    if config.option.basetemp or os.environ.get("PYTEST_DEBUG_TEMPROOT") or not roomy:
        return
    folder = tempfile.mkdtemp(dir=memory, prefix="accountools-tests-")
    config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
    os.environ["PYTEST_DEBUG_TEMPROOT"] = os.environ["TMPDIR"] = tempfile.tempdir = folder


def _use_own_identity(config: pytest.Config) -> None:
    """Who runs the tests has an age key of the tests' own: that of the machine's user isn't touched."""
    folder = tempfile.mkdtemp(prefix="accountools-identity-")
    config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
    os.environ["ACCOUNTOOLS_IDENTITY"] = str(Path(folder) / "identity.txt")


def _share_bytecode(config: pytest.Config) -> None:
    """Where no bytecode may be written beside the sources, keep it in pytest's cache: else each child process compiles all it imports."""
    if not os.environ.pop("PYTHONDONTWRITEBYTECODE", None):
        return
    if getattr(config, "cache", None) is not None:
        folder = config.cache.mkdir("bytecode")
    else:
        folder = Path(tempfile.mkdtemp(prefix="accountools-bytecode-"))
        config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
    os.environ["PYTHONPYCACHEPREFIX"] = sys.pycache_prefix = str(folder)
    sys.dont_write_bytecode = False


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """No office, language, name or data folder of the machine's reaches a test."""
    for name in ("ACCOUNTOOLS_OFFICE", "ACCOUNTOOLS_DEBUG", "LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "C.UTF-8")
    monkeypatch.setenv("ACCOUNTOOLS_USER", "tester")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path_factory.getbasetemp() / f"person-{secrets.token_hex(8)}"))


@pytest.fixture(autouse=True)
def _close_widgets() -> Iterator[None]:
    """A process keeps each widget until it is closed: none of a test's reaches the next."""
    yield
    widgets = sys.modules.get("ipywidgets.widgets.widget")
    for widget in list(widgets._instances.values()) if widgets else ():
        with contextlib.suppress(KeyError):  # it was opened under a manager that the test put in the place of the real one
            widget.close()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run the tests of `both_engines` that have an office on both, but not `files_only`, which look at what SQLite keeps in the folder."""
    marked = metafunc.definition.get_closest_marker
    if "engine" in metafunc.fixturenames and marked("both_engines") and not marked("files_only"):
        metafunc.parametrize("engine", ["sqlite", "postgresql"], indirect=True)


def _asks_for_tests(config: pytest.Config) -> bool:
    """Whether somebody wants some tests rather than the suite."""
    return config.args_source is not pytest.Config.ArgsSource.TESTPATHS or bool(config.option.keyword)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker, which is given the paths of all tests."""
    node.workerinput["asks_for_tests"] = _asks_for_tests(node.config)


@pytest.hookimpl(tryfirst=True)
def pytest_collection(session: pytest.Session) -> None:
    """Have each worker begin with other modules: in a fresh clone all are compiled once, rather than by each worker."""
    worker = getattr(session.config, "workerinput", None)
    if worker is None or worker["asks_for_tests"]:
        return
    modules = sorted(Path(__file__).parent.glob("test_*.py"))
    for module in modules[int(worker["workerid"].removeprefix("gw")) :: worker["workercount"]]:
        with contextlib.suppress(Exception, pytest.skip.Exception):  # pytest tells of it when it comes to this module
            importlib.import_module(f"tests.{module.stem}")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Take of each campaign a seeded part, except in a thorough run: one in so many as its marker says.

    What runs on PostgreSQL is one campaign for each module; the long tests of each group in the browser, and all others, are one each.
    Long tests that were asked for, by their module or by a keyword, are all taken.
    """
    if is_thorough():
        return
    campaigns: dict[tuple[str, int], list[pytest.Item]] = {}
    asked_for = config.workerinput["asks_for_tests"] if hasattr(config, "workerinput") else _asks_for_tests(config)
    long = frozenset() if asked_for else long_tests.listed()
    for item in items:
        marker, engine = item.get_closest_marker("campaign"), getattr(item, "callspec", None) and item.callspec.params.get("engine")
        if engine == "postgresql":
            campaigns.setdefault((f"{item.path.name} on a server", SHARE), []).append(item)
        elif long_tests.name_of(item.nodeid) in long:
            group = item.get_closest_marker("xdist_group")
            where = group.args[0] if group and group.args[0].startswith(BROWSER) else "elsewhere"
            campaigns.setdefault((f"long tests {where}", SHARE), []).append(item)
        elif marker:
            campaigns.setdefault((item.nodeid.partition("[")[0], marker.args[0]), []).append(item)
    taken = {id(one) for (name, share), its in campaigns.items() for one in random_for(name).sample(its, -(-len(its) // share))}
    left = [item for its in campaigns.values() for item in its if id(item) not in taken]
    config.hook.pytest_deselected(items=left)
    out = {id(item) for item in left}
    items[:] = [item for item in items if id(item) not in out]


@pytest.fixture
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Where the offices of a test are: in their folders, or on a server, every statement to which says whose books it is about."""
    kind = getattr(request, "param", "sqlite")
    if kind == "sqlite":
        yield kind
        return
    with server().statements() as sent:
        yield kind
    server().remove(tmp_path)
    assert [(one, names) for one in sent if (names := unnamed_books(one))] == []


@pytest.fixture(scope="session")
def _masters(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A empty_office and a ready desk, made once."""
    return _make_masters(tmp_path_factory.mktemp("masters"), on_server=False)


@pytest.fixture(scope="session")
def _masters_on_server(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return _make_masters(tmp_path_factory.mktemp("masters_on_server"), on_server=True)


def _make_masters(folder: Path, *, on_server: bool) -> dict[str, Path]:
    os.environ.setdefault("ACCOUNTOOLS_USER", "tester")
    Workspace(folder / "empty_office", on_server=on_server).create_office()
    Workspace(folder / "ready", on_server=on_server).ready()
    return {name: folder / name for name in ("empty_office", "ready")}


def _copied(request: pytest.FixtureRequest, name: str, engine: str, target: Path) -> Workspace:
    on_server = engine == "postgresql"
    master = request.getfixturevalue("_masters_on_server" if on_server else "_masters")[name]
    shutil.copytree(master, target)
    if on_server:
        server().copy(master, target)
    return Workspace(target, on_server=on_server)


@pytest.fixture
def desk(tmp_path: Path, engine: str) -> Workspace:
    """A folder without any office yet."""
    return Workspace(tmp_path / "desk", on_server=engine == "postgresql")


@pytest.fixture
def empty_office(request: pytest.FixtureRequest, tmp_path: Path, engine: str) -> Workspace:
    """An issuer and an accountant's office without clients."""
    return _copied(request, "empty_office", engine, tmp_path / "desk")


@pytest.fixture
def ready(request: pytest.FixtureRequest, tmp_path: Path, engine: str) -> Workspace:
    """An office whose administration 007 is ready to hand over."""
    return _copied(request, "ready", engine, tmp_path / "desk")


@pytest.fixture
def light_passphrases(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is sealed by a passphrase in this process is opened at once: for tests that are about something else."""
    from tests import fast_passphrases

    monkeypatch.setattr("pyrage.passphrase.encrypt", fast_passphrases.encrypt)


@pytest.fixture(scope="session")
def reference() -> Path:
    """The folder of published schemas, codes and vectors, where there is one."""
    place = os.environ.get(REFERENCE)
    if not place or not Path(place).is_dir():
        pytest.skip(f"${REFERENCE} names no folder: the published schemas and vectors are not part of the project")
    return Path(place)


def is_thorough() -> bool:
    """Whether long campaigns run whole (`.ci/run --thorough`), rather than a seeded part of them."""
    return os.environ.get("ACCOUNTOOLS_THOROUGH") == "1"


@pytest.fixture(scope="session")
def thorough() -> bool:
    return is_thorough()


@pytest.fixture(scope="session")
def stage(_masters: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> "ScenarioRunner":
    """Where commands are interrupted."""
    from tests.crash_scenarios import ScenarioRunner

    return ScenarioRunner(tmp_path_factory.mktemp("stage"), _masters["ready"])


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[Callable[..., RunningServer]]":
    from tests.browsing import servers

    with servers(tmp_path_factory.mktemp("served")) as running:
        yield running


@pytest.fixture(scope="module")
def browser(served: "Callable[..., RunningServer]") -> "Iterator[BrowserSession]":
    """A browser and the servers of JupyterLab and of the pages. (Not for the whole session: playwright holds the thread's event loop.)"""
    from tests.browsing import BrowserSession, chromium_running

    with chromium_running() as chromium:
        yield BrowserSession(chromium, served)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Tell what the campaigns counted: the properties called `counted` of their tests."""
    sums: dict[str, int] = {}
    for report in (*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")):
        for name, value in report.user_properties:
            if report.when == "call" and name.startswith("counted "):
                sums[name] = sums.get(name, 0) + int(value)
    for name, value in sorted(sums.items()):
        terminalreporter.write_line(f"{name.removeprefix('counted ')}: {value}")
