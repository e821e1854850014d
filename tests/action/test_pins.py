from __future__ import annotations

from pathlib import Path

import pytest

from bnregress.action.pins import read_pins
from bnregress.action.releases import release_of
from bnregress.errors import UsageError
from bnregress.releases.catalog import load_catalog

UV_LOCK = """
version = 1
[[package]]
name = "tensorflow"
version = "2.1.0"
source = { registry = "https://example.invalid/simple" }
[[package]]
name = "keras"
version = "2.3.1"
"""
POETRY_LOCK = """
[[package]]
name = "tensorflow-cpu"
version = "2.15.1"
description = ""
[metadata]
lock-version = "2.0"
"""
PYPROJECT = """
[project]
dependencies = ["numpy", "tensorflow==2.18.1 ; python_version < '3.13'"]
[project.optional-dependencies]
keras = ["Keras == 3.6.0"]
"""
POETRY = """
[tool.poetry.dependencies]
python = "^3.11"
tensorflow = { version = "2.15.1", extras = ["and-cuda"] }
[tool.poetry.group.dev.dependencies]
keras = "2.15.0"
"""
GROUPS = """
[dependency-groups]
train = [{ include-group = "base" }, "tensorflow[and-cuda]==2.20.0"]
"""


def tree(root: Path, **files: str) -> Path:
    for name, text in files.items():
        path = root / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


@pytest.mark.parametrize(
    ("name", "text", "tensorflow", "keras"),
    [
        ("uv_lock", UV_LOCK, "2.1.0", "2.3.1"),
        ("poetry_lock", POETRY_LOCK, "2.15.1", None),
        ("pylock_toml", UV_LOCK.replace("[[package]]", "[[packages]]"), "2.1.0", "2.3.1"),
        ("pyproject_toml", PYPROJECT, "2.18.1", "3.6.0"),
        ("pyproject_toml", POETRY, "2.15.1", "2.15.0"),
        ("pyproject_toml", GROUPS, "2.20.0", None),
        ("requirements_txt", "numpy\ntensorflow==2.1.0  # why\nkeras===2.3.1", "2.1.0", "2.3.1"),
        ("requirements_txt", "-r other.txt\ntensorflow_cpu==2.1.0 \\\n    --hash=sha256:00\n", "2.1.0", None),
        ("requirements_txt", "TensorFlow-CPU == 2.1.0 --hash=sha256:00", "2.1.0", None),
        ("requirements__gpu_txt", "tensorflow-gpu==2.0.0", "2.0.0", None),
        ("requirements-dev_txt", "tensorflow==2.0.0", "2.0.0", None),
        ("constraints_txt", "tensorflow==2.0.0", "2.0.0", None),
    ],
)
def test_exact_versions_are_read_from_each_kind_of_file(
    name: str, text: str, tensorflow: str, keras: str | None, tmp_path: Path
) -> None:
    pins = read_pins(tree(tmp_path, **{name: text}))
    assert pins.tensorflow is not None
    assert pins.tensorflow.version == tensorflow
    assert (pins.keras and pins.keras.version) == keras


@pytest.mark.parametrize(
    "text",
    [
        "tensorflow",
        "tensorflow>=2.1",
        "tensorflow~=2.1.0",
        "tensorflow==2.1.*",
        "tensorflow @ https://example.invalid/tensorflow.whl",
        "# tensorflow==2.1.0",
        "tensorflow-datasets==4.9.0",
        "not a requirement at all ==",
        "",
    ],
)
def test_what_is_not_an_exact_version_of_tensorflow_is_no_pin(text: str, tmp_path: Path) -> None:
    assert read_pins(tree(tmp_path, requirements_txt=text)).tensorflow is None


@pytest.mark.parametrize("text", ['tensorflow = "^2.15"', "tensorflow = [1]", "tensorflow = { path = '.' }"])
def test_poetrys_ranges_and_folders_are_no_pins(text: str, tmp_path: Path) -> None:
    assert read_pins(tree(tmp_path, pyproject_toml=f"[tool.poetry.dependencies]\n{text}\n")).tensorflow is None


def test_a_lock_outweighs_requirements_and_those_outweigh_pyproject(tmp_path: Path) -> None:
    tree(tmp_path, pyproject_toml=GROUPS, requirements_txt="tensorflow==2.15.1")
    assert str(read_pins(tmp_path).tensorflow).count("2.15.1")
    tree(tmp_path, uv_lock=UV_LOCK)
    assert str(read_pins(tmp_path).tensorflow).count("2.1.0")


def test_files_that_disagree_are_named(tmp_path: Path) -> None:
    tree(tmp_path, requirements_txt="tensorflow==2.1.0", requirements__gpu_txt="tensorflow-gpu==2.0.0")
    with pytest.raises(UsageError, match=r"2\.0\.0 in requirements/gpu\.txt, 2\.1\.0 in requirements\.txt"):
        read_pins(tmp_path)


def test_a_broken_lock_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"uv\.lock is not TOML"):
        read_pins(tree(tmp_path, uv_lock="[["))


def test_a_file_that_is_a_link_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("tensorflow==2.1.0", encoding="utf-8")
    (tmp_path / "requirements.txt").symlink_to(tmp_path / "secret")
    assert read_pins(tmp_path).tensorflow is None


def test_a_tree_becomes_a_release_of_the_catalog(tmp_path: Path) -> None:
    assert release_of(tree(tmp_path, requirements_txt="tensorflow==2.1.0"), load_catalog()).release == "tf2.1.0"


def test_a_keras_that_the_catalog_lacks_is_remarked_on(tmp_path: Path) -> None:
    pinned = release_of(tree(tmp_path, requirements_txt="tensorflow==2.15.1\nkeras==2.14.99"), load_catalog())
    assert pinned.release == "tf2.15.1"
    assert pinned.remark is not None
    assert "Keras 2.14.99 of requirements.txt" in pinned.remark


def test_the_releases_own_keras_is_not_remarked_on(tmp_path: Path) -> None:
    keras = load_catalog()["tf2.15.1"].keras
    pinned = release_of(tree(tmp_path, requirements_txt=f"tensorflow==2.15.1\nkeras=={keras}"), load_catalog())
    assert (pinned.release, pinned.remark) == ("tf2.15.1", None)


def test_a_tensorflow_that_the_catalog_lacks_is_answered_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"tf2\.1\.99, pinned in requirements\.txt, is not .* Did you mean tf2\.1"):
        release_of(tree(tmp_path, requirements_txt="tensorflow==2.1.99"), load_catalog())


def test_a_tree_without_tensorflow_says_where_was_looked(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"uv\.lock, poetry\.lock"):
        release_of(tmp_path, load_catalog())
