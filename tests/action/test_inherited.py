"""What of a step's environment the command sees."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bnregress.action.inherited import inherited

NAMES = st.text(alphabet=string.ascii_letters + string.digits + "_", min_size=1, max_size=40)
WORDS = ("TOKEN", "SECRET", "PASSWORD", "PASSPHRASE", "PRIVATE_KEY", "API_KEY", "ACCESS_KEY", "CREDENTIALS")
SECRETS = (
    "TOKEN", "SECRET_KEY", "AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "AWS_SESSION_TOKEN", "github_token",
    "PGPASSWORD", "GH_PAT", "API_KEY", "SSH_PRIVATE_KEY", "PASSPHRASE", "NPM_AUTH", "DB", "DATABASE_URL", "KUBECONFIG",
    "SSH_AUTH_SOCK", "GITHUB_OUTPUT", "GITHUB_ENV", "GITHUB_PATH", "GITHUB_STEP_SUMMARY", "GITHUB_STATE",
    "GITHUB_TOKEN", "TWINE_PASSWORD", "ACTIONS_RUNTIME_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_URL", "BNREGRESS_INPUT_SELECT",
    "BNREGRESS_POST_TOKEN", "UV_PUBLISH_TOKEN", "UV_PUBLISH_PASSWORD", "HF_TOKEN", "WANDB_API_KEY",
    "GOOGLE_APPLICATION_CREDENTIALS",
)  # fmt: skip
NEEDED = (
    "PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "PIP_INDEX_URL", "UV_DEFAULT_INDEX", "UV_INDEX_MINE_PASSWORD",
    "HTTPS_PROXY", "https_proxy", "no_proxy", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "LD_LIBRARY_PATH",
    "CUDA_VISIBLE_DEVICES", "CUDA_HOME", "BNREGRESS_CACHE", "BNREGRESS_TIMEOUT", "GITHUB_WORKSPACE", "GITHUB_RUN_ID",
    "GITHUB_RUN_ATTEMPT", "XDG_CONFIG_HOME", "RUNNER_TOOL_CACHE",
)  # fmt: skip


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_is_withheld(name: str) -> None:
    assert inherited({name: "x"}) == {}


@pytest.mark.parametrize("name", NEEDED)
def test_what_installing_and_gpus_need_is_handed_on(name: str) -> None:
    assert inherited({name: "x"}) == {name: "x"}


@given(NAMES)
def test_a_name_that_nobody_thought_of_is_withheld(name: str) -> None:
    assert inherited({f"MY_{name}": "x"}) == {}


@given(NAMES, st.sampled_from(WORDS), NAMES, st.booleans())
def test_a_name_with_a_word_for_a_secret_reaches_the_package_index_at_most(
    before: str, word: str, after: str, lower: bool
) -> None:
    name = f"{before}_{word}_{after}"
    kept = inherited({name.lower() if lower else name: "x"})
    assert kept == {} or name.upper().startswith(("PIP_", "UV_"))


@pytest.mark.parametrize("prefix", ["BNREGRESS_", "TF_", "CUDA_", "LC_", "OMP_"])
@pytest.mark.parametrize("word", WORDS)
def test_a_pattern_with_an_open_end_lets_no_secret_in(prefix: str, word: str) -> None:
    assert inherited({prefix + word: "x"}) == {}


def test_nothing_is_kept_from_one_job_to_the_next_unless_a_cache_is_named() -> None:
    assert inherited({"RUNNER_TEMP": "/t"})["BNREGRESS_CACHE"] == "/t/bnregress-cache"
    assert inherited({"RUNNER_TEMP": "/t", "BNREGRESS_CACHE": "/mine"})["BNREGRESS_CACHE"] == "/mine"
