"""What a failed installation is said to have failed of."""

from __future__ import annotations

from pathlib import Path

import pytest

from bnregress.run.failures import explain

END = "\nnox > Command uv pip sync failed with exit code 2\nnox > Session regress-tf2.1.0 failed.\n"


@pytest.mark.parametrize(
    ("log", "reason", "remedy"),
    [
        (
            "error: Failed to install: numpy\n  Caused by: No space left on device (os error 28)",
            "The disk is full",
            "free|room",
        ),
        (
            "  \u00d7 Failed to download `six`\n  ├─▶ Failed to fetch: `/simple/six/`\n  ╰─▶ dns error: failed",
            "cannot be reached",
            "proxy",
        ),
        (
            "error: Hash mismatch for `six==1.16.0`\n\nExpected:\n  sha256:0\n\nComputed:\n  sha256:1",
            "not the one that the lock names",
            "index",
        ),
        (
            "error: Network connectivity is disabled, but the requested data wasn't found in the cache",
            "--offline",
            "without --offline",
        ),
        (
            "error: No solution found\n  cause: Because absl-py was not found in the cache and you require it",
            "--offline",
            "without --offline",
        ),
        (
            "error: failed to create directory `/x`: Permission denied (os error 13)",
            "cannot be written",
            "Allow writing",
        ),
        (
            "error: No solution\n  cause: Because tensorflow-cpu==2.21.0 has no wheels with a matching platform tag",
            "no build of a package for this system or processor",
            "x86-64",
        ),
        (
            "error: No solution found\n  cause: Because h5py==3.14.0 has no usable wheels and you require h5py==3.14.0",
            "no build of a package for this system or processor",
            "x86-64",
        ),
        ("\x1b[31merror\x1b[0m: something new\n", "something new", "Read"),
        ("", "the log says nothing", "Read"),
    ],
)
def test_the_reason_names_what_happened_and_the_remedy_what_to_do(
    tmp_path: Path, log: str, reason: str, remedy: str
) -> None:
    (tmp_path / "log").write_text("nox > Running session\n" + log + END, encoding="utf-8")
    said, advice = explain(tmp_path / "log", "It failed")
    assert said.startswith("It failed")
    assert reason in said
    assert any(word in advice for word in remedy.split("|"))


def test_a_log_of_any_bytes_is_read(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(bytes(range(256)) * 1000)
    assert explain(tmp_path / "log", "It failed")
    assert "says nothing" in explain(tmp_path / "absent", "It failed")[0]
