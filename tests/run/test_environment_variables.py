"""Which variables the installer sees, and which a test sees."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bnregress.run import environment_variables

KEPT = {
    "UV_DEFAULT_INDEX": "i",
    "HTTPS_PROXY": "p",
    "SSL_CERT_FILE": "s",
    "UV_CACHE_DIR": "c",
    "PATH": "/bin",
    "NETRC": "n",
}
DROPPED = [
    "PYTHONPATH",
    "PYTHONHOME",
    "VIRTUAL_ENV",
    "NOXSESSION",
    "NOX_DEFAULT_VENV_BACKEND",
    "UV_CONSTRAINT",
    "UV_TARGET",
    "UV_NO_BINARY",
    "UV_EXCLUDE_NEWER",
    "UV_PYTHON",
    "CONDA_PREFIX",
    "UV_VENV_SEED",
]

OTHERS = ["HOME", "TF_USE_LEGACY_KERAS", "LANG", "TMPDIR", "SECRET"]


def installing(environ: dict[str, str], *, offline: bool = False) -> dict[str, str]:
    return environment_variables.installing_variables(environ, marker="m", offline=offline)


def test_the_installer_sees_index_proxy_and_certificates_and_nothing_that_changes_what_is_installed() -> None:
    variables = installing(KEPT | dict.fromkeys(DROPPED, "x"))
    assert KEPT.items() <= variables.items()
    assert not set(DROPPED) & set(variables)
    assert variables["BNREGRESS_SESSION"] == "m"
    assert "UV_OFFLINE" not in variables
    assert installing({}, offline=True)["UV_OFFLINE"] == "1"


def test_a_mirror_that_pip_is_configured_with_is_told_to_uv(tmp_path: Path) -> None:
    config = tmp_path / ".config" / "pip" / "pip.conf"
    config.parent.mkdir(parents=True)
    config.write_text("[global]\nindex-url = mirror-of-file\ncert = cert-of-file\n", encoding="utf-8")
    home = {"HOME": str(tmp_path)}

    assert installing(home)["UV_DEFAULT_INDEX"] == "mirror-of-file"
    assert installing(home | {"PIP_INDEX_URL": "mirror-of-variable"})["UV_DEFAULT_INDEX"] == "mirror-of-variable"
    assert installing(home | {"SSL_CERT_FILE": "mine"})["SSL_CERT_FILE"] == "mine"


def test_pips_mirror_does_not_displace_what_uv_is_configured_with(tmp_path: Path) -> None:
    variables = {"HOME": str(tmp_path), "PIP_INDEX_URL": "of-pip"}
    assert "UV_DEFAULT_INDEX" not in installing(variables | {"UV_INDEX_URL": "of-uv"})
    (tmp_path / ".config" / "uv").mkdir(parents=True)
    (tmp_path / ".config" / "uv" / "uv.toml").touch()
    assert "UV_DEFAULT_INDEX" not in installing(variables)


@pytest.mark.parametrize("text", ["[global", "index-url = x", "[global]\nindex-url\n", "[other]\nindex-url = x"])
def test_a_pip_configuration_that_says_nothing_usable_is_passed_over(tmp_path: Path, text: str) -> None:
    (tmp_path / ".pip").mkdir()
    (tmp_path / ".pip" / "pip.conf").write_text(text, encoding="utf-8")
    assert "UV_DEFAULT_INDEX" not in installing({"HOME": str(tmp_path)})


@given(environ=st.dictionaries(st.sampled_from([*KEPT, *DROPPED, *OTHERS]), st.text()))
def test_a_test_sees_of_the_host_only_what_is_allowed(environ: dict[str, str]) -> None:
    seen = environment_variables.testing_variables(
        environ, home=Path("/home"), suite=Path("/suite"), device="cpu", engine="tensorflow"
    )
    bare = environment_variables.testing_variables(
        {}, home=Path("/home"), suite=Path("/suite"), device="cpu", engine="tensorflow"
    )
    assert {name for name in seen if seen[name] != bare.get(name)} <= {"LANG", "TMPDIR"}
    assert bare["CUDA_VISIBLE_DEVICES"] == "-1"
    assert bare["PYTHONPATH"] == "/suite"
