"""Which run results are of."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bnregress.errors import UsageError
from bnregress.results.identity import new_id, numbered, read_id, require

IDS = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,40}", fullmatch=True)


def test_the_shards_of_a_run_agree_without_being_told() -> None:
    assert numbered({"GITHUB_RUN_ID": "17", "GITHUB_RUN_ATTEMPT": "2", "SLURM_JOB_ID": "5"}) == "github-17-2"
    assert numbered({"SLURM_ARRAY_JOB_ID": "8", "SLURM_JOB_ID": "9", "SLURM_ARRAY_TASK_ID": "1"}) == "slurm-8"
    assert numbered({"SLURM_JOB_ID": "9"}) == "slurm-9"
    assert numbered({}) is None
    assert new_id() != new_id()


@given(st.text(max_size=60))
def test_a_number_that_is_none_is_no_identity(text: str) -> None:
    found = numbered({"GITHUB_RUN_ID": text})
    assert found is None or found == f"github-{text}"
    assert found is None or read_id(found) == found


@given(IDS, IDS)
def test_results_of_another_run_are_refused(mine: str, other: str) -> None:
    assume(mine not in (other, "any"))
    require(mine, [("a.json", mine)])
    for found in (other, None):
        with pytest.raises(UsageError, match=r"a\.json: of"):
            require(mine, [("b.json", mine), ("a.json", found)])
        require("any", [("a.json", found)])
        require(None, [("a.json", found)])


@pytest.mark.parametrize("text", ["", "-x", "a b", "a/b", "a\n", "x" * 129, "é", "$(x)"])
def test_what_is_no_id_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="is not the id of a run"):
        read_id(text)
