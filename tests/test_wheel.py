"""The wheel: everything that the program needs is in it, and it works from an empty environment, outside the project."""

import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.browsing import address_in, free_port

TOP = Path(__file__).parent.parent
UV = shutil.which("uv")
NEEDED = {
    "notebooks": "notebooks/*.ipynb",
    "samples": "data/samples/*",
    "reports/templates": "accountools/reports/templates/*.html",
    "locale": "accountools/locale/nl/LC_MESSAGES/*.mo",
    "locale/nl": "accountools/locale/nl/words.txt",
    "forms/kit/static": "accountools/forms/kit/static/*",
    "web/nbconvert/templates/accountools": "accountools/web/nbconvert/templates/accountools/*",
    "web/kernels/python3": "accountools/web/kernels/python3/*",
    "web/icons": "accountools/web/icons/*",
    "storage/image/schema": "accountools/storage/image/schema/*.sql",
    "storage/migrations/books/versions": "accountools/storage/migrations/books/versions/*.py",
    "storage/migrations/register/versions": "accountools/storage/migrations/register/versions/*.py",
}
pytestmark = [pytest.mark.xdist_group("wheel"), pytest.mark.skipif(UV is None, reason="uv isn't installed")]


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built once."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run([str(UV), "build", "--wheel", "--quiet", "--out-dir", str(folder)], cwd=TOP, check=True)
    (built,) = folder.glob("*.whl")
    return built


@pytest.mark.parametrize(("folder", "pattern"), NEEDED.items(), ids=NEEDED)
def test_all_that_is_needed_is_in_it(wheel: Path, folder: str, pattern: str) -> None:
    held = set(zipfile.ZipFile(wheel).namelist())
    names = [path.name for path in TOP.glob(pattern) if path.is_file() and "__pycache__" not in path.parts]
    assert names
    there = folder if folder != "locale" else "locale/nl/LC_MESSAGES"
    assert {f"accountools/{there}/{name}" for name in names} <= held


def test_nothing_of_the_tests_is_in_it(wheel: Path) -> None:
    held = zipfile.ZipFile(wheel).namelist()
    assert not [name for name in held if name.split("/")[0] not in {"accountools", "accountools-1.0.0.dist-info"}]
    assert not [name for name in held if "__pycache__" in name or ".ipynb_checkpoints" in name]


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory, thorough: bool) -> Path:
    """The command, from the wheel in an empty environment outside the project."""
    if not thorough:
        pytest.skip("installing takes long: part of the thorough run only")
    folder = tmp_path_factory.mktemp("elsewhere")
    subprocess.run([str(UV), "venv", "--quiet", "--python", sys.executable, str(folder / "env")], check=True)
    python = folder / "env" / "bin" / "python"
    cut = re.search(r'exclude-newer = "([^"]+)"', (TOP / "pyproject.toml").read_text("utf-8"))
    newest = ["--exclude-newer", cut[1]] if cut else []
    subprocess.run([str(UV), "pip", "install", "--quiet", "--python", str(python), *newest, str(wheel)], check=True, cwd=folder)
    return python.with_name("accountools")


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with nothing of the project around it."""
    for name in ("HOME", "XDG_DATA_HOME", "JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    monkeypatch.delenv("PYTHONPATH", raising=False)
    (tmp_path / "home").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_demonstration_walks(installed: Path, elsewhere: Path) -> None:
    done = subprocess.run([str(installed), "demo", "office", "--walk", "--lang", "nl"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "007" in done.stdout


@pytest.mark.parametrize("mode", ["lab", "app"])
def test_it_serves(installed: Path, elsewhere: Path, mode: str) -> None:
    from urllib.request import urlopen

    port, log = free_port(), elsewhere / "log"
    with log.open("w") as out:
        process = subprocess.Popen(
            [str(installed), mode, "--no-browser", "--port", str(port)], stdout=out, stderr=out, env=os.environ.copy()
        )
        try:
            address = address_in(process, log, port)
            page = urlopen(address, timeout=60).read().decode()
        finally:
            process.terminate()
            process.wait(30)
    assert "accountools" in page if mode == "app" else "jupyter-config-data" in page
    copies = list((elsewhere / "xdg_data_home" / "accountools" / "notebooks").glob("*.ipynb"))
    assert len(copies) >= 8 if mode == "lab" else copies == []  # the pages are the program's own
