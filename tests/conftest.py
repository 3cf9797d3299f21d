"""Fixtures: desks to work at, made once a session and copied for each test."""

import os
import shutil
from pathlib import Path

import pytest

from tests.desk import Desk

REFERENCE = "ACCOUNTOOLS_REFERENCE"


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No office, language or name of the machine's reaches a test."""
    for name in ("ACCOUNTOOLS_OFFICE", "ACCOUNTOOLS_DEBUG", "LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "C.UTF-8")
    monkeypatch.setenv("ACCOUNTOOLS_USER", "tester")


@pytest.fixture(scope="session")
def _masters(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A founded and a ready desk, made once."""
    os.environ.setdefault("ACCOUNTOOLS_USER", "tester")
    folder = tmp_path_factory.mktemp("masters")
    Desk(folder / "founded").found()
    Desk(folder / "ready").ready()
    return {name: folder / name for name in ("founded", "ready")}


@pytest.fixture
def founded(tmp_path: Path, _masters: dict[str, Path]) -> Desk:
    """An issuer and an accountant's office without clients."""
    return Desk(Path(shutil.copytree(_masters["founded"], tmp_path / "desk")))


@pytest.fixture
def ready(tmp_path: Path, _masters: dict[str, Path]) -> Desk:
    """An office whose administration 007 is ready to hand over."""
    return Desk(Path(shutil.copytree(_masters["ready"], tmp_path / "desk")))


@pytest.fixture(scope="session")
def reference() -> Path:
    """The folder of published schemas, codes and vectors, where there is one."""
    place = os.environ.get(REFERENCE)
    if not place or not Path(place).is_dir():
        pytest.skip(f"${REFERENCE} names no folder: the published schemas and vectors are not part of the project")
    return Path(place)


@pytest.fixture(scope="session")
def thorough() -> bool:
    """Whether long campaigns run whole (`.ci/run --thorough`), rather than their seeded tenth."""
    return os.environ.get("ACCOUNTOOLS_THOROUGH") == "1"
