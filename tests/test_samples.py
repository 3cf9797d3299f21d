"""The samples: made by their script to the byte, and as good and as bad as they say."""

import runpy
from pathlib import Path

import pytest

from accountools.operations.session import TEST_ISSUER
from accountools.resources import samples
from tests.workspace import Workspace

VERDICTS = {
    "office-demo.lic": "valid",
    "KL-2041 Bakkerij Jansen.lic": "valid",
    "KL-2041 Bakkerij Jansen, verlengd.lic": "valid",
    "KL-2041 als mail.txt": "valid",
    "KL-2042 De Vries.lic": "valid",
    "bad/AC-9003 van een kantoor.lic": "valid",
    "bad/KL-2041 veranderd.lic": "bad-signature",
    "bad/KL-2041 verlopen.lic": "licence-expired",
    "bad/KL-2041 nog niet geldig.lic": "licence-not-yet-valid",
    "bad/KL-2041 onbekende uitgever.lic": "unknown-issuer",
    "bad/KL-2050 ingetrokken.lic": "valid",
    "bad/offerte.txt": "not-a-licence",
    "bad/twee licenties.txt": "not-a-licence",
}


def test_the_samples_are_what_their_script_makes() -> None:
    made = runpy.run_path(str(samples() / "make_samples.py"))["samples"]()
    assert len(made) > 12
    for name, data in made.items():
        assert (samples() / name).read_bytes() == data, name


@pytest.mark.parametrize(("name", "verdict"), VERDICTS.items())
def test_each_sample_has_the_verdict_it_is_for(tmp_path: Path, name: str, verdict: str) -> None:
    answer = Workspace(tmp_path).run("licence", "show", samples() / name, "--trust", samples() / "trust.jwks")
    assert answer.json["verdict"] == verdict
    assert answer.code == (0 if verdict == "valid" else 1)


def test_the_samples_make_a_demonstration_office_and_no_other(tmp_path: Path) -> None:
    desk = Workspace(tmp_path)
    desk.ok("init", "--licence", samples() / "office-demo.lic", "--trust", samples() / "trust.jwks")
    assert desk.ok("trust", "list")["issuers"][0]["thumbprint"] == TEST_ISSUER
    assert len(desk.ok("client", "import", samples() / "clients.csv")["added"]) == 6
    desk.ok("licence", "revocations", samples() / "bad" / "revocations.txt")
    shown = desk.run("licence", "show", samples() / "bad" / "KL-2050 ingetrokken.lic")
    assert (shown.code, shown.json["verdict"]) == (1, "licence-revoked")
    other = tmp_path / "other"
    office = samples() / "bad" / "AC-9003 van een kantoor.lic"
    assert desk.refused("init", "--licence", office, "--trust", samples() / "trust.jwks", office=other) == "unknown-issuer"
