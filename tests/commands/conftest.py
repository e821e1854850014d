"""Commands that touch nothing outside of a folder of their own."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BNREGRESS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("BNREGRESS_ENVIRONMENTS", str(tmp_path / "environments"))
    monkeypatch.chdir(tmp_path)
    return tmp_path
