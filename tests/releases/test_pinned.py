"""What two trees pin: nothing is called unchanged that is not, and what cannot be told names its files."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.utils import canonicalize_name

from bnregress.errors import FatalError, UsageError
from bnregress.releases.catalog import load_catalog, read_catalog
from bnregress.releases.ondemand import with_releases
from bnregress.releases.pinned.pin_changes import Upgrade, upgrade_between
from bnregress.releases.pinned.tree import read_tree
from bnregress.releases.resolution import pinned

CATALOG = load_catalog()
Files = Mapping[str, str]


def requirements(name: str, version: str) -> str:
    return f"numpy\n{name}=={version} \\\n    --hash=sha256:00  # why\n"


def lock(name: str, version: str) -> str:
    return f'version = 1\n[[package]]\nname = "{name}"\nversion = "{version}"\nsource = {{ registry = "x" }}\n'


def project(name: str, version: str) -> str:
    wanted = f"{name} == {version} ; python_version < '3.13'"
    return f'[project]\nkeywords = ["keras"]\ndependencies = ["numpy", "{wanted}"]\n'


#: Each kind of file, and how it pins a version.
KINDS: dict[str, Callable[[str, str], str]] = {
    "requirements.txt": requirements,
    "requirements.in": requirements,
    "requirements-dev.txt": requirements,
    "requirements/gpu.txt": requirements,
    "dev.in": requirements,
    "constraints.txt": requirements,
    "pyproject.toml": project,
    "uv.lock": lock,
    "poetry.lock": lock,
    "pdm.lock": lock,
    "pylock.toml": lambda name, version: lock(name, version).replace("[[package]]", "[[packages]]"),
    "Pipfile.lock": lambda name, version: f'{{"_meta": {{}}, "default": {{"{name}": {{"version": "=={version}"}}}}}}',
    "Pipfile": lambda name, version: f'[packages]\n{name} = "=={version}"\n',
    "environment.yml": lambda name, version: f"name: x\ndependencies:\n  - python=3.11\n  - {name}={version}\n",
    "environment-gpu.yaml": lambda name, version: f"dependencies:\n  - pip:\n    - {name}=={version}  # why\n",
    "setup.py": lambda name, version: f'setup(install_requires=["{name}=={version}"])\n',
    "Dockerfile": lambda name, version: f"RUN pip install {name}=={version}\n",
}
FORMS = {
    "groups": '[dependency-groups]\ntrain = [{ include-group = "x" }, "tensorflow[and-cuda]==VERSION"]\n',
    "optional": '[project.optional-dependencies]\nall = ["TensorFlow==VERSION"]\n',
    "poetry": '[tool.poetry.dependencies]\npython = "^3.11"\ntensorflow = { version = "VERSION", extras = ["x"] }\n',
    "poetry group": '[tool.poetry.group.dev.dependencies]\ntensorflow = "VERSION"\n',
    "uv": '[tool.uv]\nconstraint-dependencies = ["tensorflow==VERSION"]\n',
}


def tree(root: Path, files: Files) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def upgrade(root: Path, before: Files, after: Files) -> Upgrade:
    return upgrade_between(tree(root / "before", before), tree(root / "after", after), CATALOG)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("folder", ["", "services/train/"])
def test_an_upgrade_is_read_from_each_kind_of_file(kind: str, folder: str, tmp_path: Path) -> None:
    sides = [{folder + kind: KINDS[kind]("tensorflow-cpu", version)} for version in ("2.1.0", "2.15.1")]
    assert upgrade(tmp_path / "a", *sides) == Upgrade(before="tf2.1.0", after="tf2.15.1", changed=True)
    assert upgrade(tmp_path / "b", sides[0], sides[0]) == Upgrade(before="tf2.1.0", after="tf2.1.0", changed=False)


@pytest.mark.parametrize("form", FORMS)
def test_each_table_of_pyproject_counts(form: str, tmp_path: Path) -> None:
    sides = [{"pyproject.toml": FORMS[form].replace("VERSION", version)} for version in ("2.1.0", "2.15.1")]
    assert upgrade(tmp_path, *sides) == Upgrade(before="tf2.1.0", after="tf2.15.1", changed=True)


TF = "tensorflow==2.15.1\n"


def test_a_file_in_a_folder_changes_beside_one_at_the_root_that_stays(tmp_path: Path) -> None:
    root = {"requirements.txt": TF}
    found = upgrade(
        tmp_path,
        {**root, "services/train/requirements.txt": TF},
        {**root, "services/train/requirements.txt": "tensorflow==2.21.0\n"},
    )
    assert found == Upgrade(before="tf2.15.1", after="tf2.21.0", changed=True)


def test_folders_that_pin_different_versions_and_stay_are_unchanged(tmp_path: Path) -> None:
    files = {"a/requirements.txt": TF, "b/requirements.txt": "tensorflow==2.1.0"}
    assert not upgrade(tmp_path, files, files).changed


CANNOT_TELL: dict[str, tuple[Files, Files, str]] = {
    "a candidate of Keras": (
        {"requirements.txt": TF + "keras==2.15.0"},
        {"requirements.txt": TF + "keras==3.4.1rc0"},
        r"no release can be made .* keras ==3\.4\.1rc0",
    ),
    "a nightly tf_keras": ({"requirements.txt": TF}, {"requirements.txt": TF + "tf_keras==2.15.1.dev3"}, "dev3"),
    "the release's own Keras pinned": (
        {"requirements.txt": TF},
        {"requirements.txt": TF + "keras==2.15.0"},
        r"both sides can only be run as tf2\.15\.1",
    ),
    "a lock that was not made again": (
        {"requirements.txt": TF, "uv.lock": lock("tensorflow", "2.15.1")},
        {"requirements.txt": "tensorflow==2.21.0", "uv.lock": lock("tensorflow", "2.15.1")},
        r"2\.21\.0 in requirements\.txt, tensorflow 2\.15\.1 in uv\.lock",
    ),
    "folders to different releases": (
        {"a/requirements.txt": TF, "b/requirements.txt": TF},
        {"a/requirements.txt": "tensorflow==2.16.1", "b/requirements.txt": "tensorflow==2.21.0"},
        "a/requirements.txt.*b/requirements.txt",
    ),
    "files of one folder": (
        {"requirements.txt": TF, "requirements/gpu.txt": "tensorflow-gpu==2.0.0"},
        {"requirements.txt": TF, "requirements/gpu.txt": "tensorflow-gpu==2.0.0"},
        "requirements/gpu.txt",
    ),
    "versions by marker": (
        {"requirements.txt": TF},
        {"requirements.txt": "tensorflow==2.15.1;python_version<'3.12'\ntensorflow==2.16.1;python_version>='3.12'"},
        "python_version",
    ),
    "a range that the lock is not in": (
        {"pyproject.toml": '[project]\ndependencies = ["tensorflow>=2.1"]', "uv.lock": lock("tensorflow", "2.15.1")},
        {"pyproject.toml": '[project]\ndependencies = ["tensorflow>=2.16"]', "uv.lock": lock("tensorflow", "2.15.1")},
        "pyproject.toml",
    ),
    "a broken lock": ({"requirements.txt": TF}, {"requirements.txt": TF, "uv.lock": "[["}, "uv.lock"),
    "digits": ({"requirements.txt": TF}, {"requirements.txt": TF, "uv.lock": f"a = {'1' * 50_000}"}, "uv.lock"),
    "not JSON": ({"requirements.txt": TF}, {"requirements.txt": TF, "Pipfile.lock": "{"}, "Pipfile.lock"),
    "not text": ({"requirements.txt": TF}, {"requirements.txt": TF + "\0"}, "requirements.txt"),
    "git": (
        {"pyproject.toml": '[tool.poetry.dependencies]\ntensorflow = "2.1.0"\nkeras = { git = "x" }'},
        {"pyproject.toml": '[tool.poetry.dependencies]\ntensorflow = "2.15.1"\nkeras = { git = "x" }'},
        "keras .* in pyproject.toml",
    ),
    "a lost file": ({"requirements.txt": TF}, {"requirements.txt": TF + "-r lost.txt"}, "lost.txt"),
    "a file outside": ({"requirements.txt": TF}, {"requirements.txt": TF + "-r ../before/x.txt"}, r"before/x\.txt"),
    **{
        text: ({"requirements.txt": text}, {"requirements.txt": text}, "requirements.txt")
        for text in (
            "tensorflow",
            "tensorflow>=2.1",
            "tensorflow==2.1.*",
            "tensorflow @ https://example.invalid/tensorflow.whl",
            "tensorflow==2.1.0 or so",
            "./wheels/tensorflow-2.1.0-cp37-cp37m-linux_x86_64.whl",
            "-e git+https://example.invalid/tensorflow#egg=tensorflow",
        )
    },
}


@pytest.mark.parametrize(("before", "after", "said"), CANNOT_TELL.values(), ids=CANNOT_TELL)
def test_what_cannot_be_told_ends_with_4_and_names_the_files(
    before: Files, after: Files, said: str, tmp_path: Path
) -> None:
    with pytest.raises(FatalError, match=rf"(?s)^Cannot tell.*{said}") as caught:
        upgrade(tmp_path, before, after)
    assert caught.value.exit_code == 4


#: Versions of which no two are one release; a Keras or a tf_keras that no release has is among them.
VERSIONS = ("2.1.0", "2.15.1", "2.16.1", "2.99.0", "3.4.1")


@given(
    files=st.dictionaries(
        st.tuples(st.sampled_from(["", "a/", "a/b/", ".hidden/"]), st.sampled_from(sorted(KINDS))),
        st.tuples(st.sampled_from(["tensorflow", "TensorFlow_CPU", "keras", "tf_keras"]), st.sampled_from(VERSIONS)),
        min_size=1,
        max_size=6,
    ),
    data=st.data(),
)
def test_one_changed_pin_is_never_unchanged(files: dict[tuple[str, str], tuple[str, str]], data: st.DataObject) -> None:
    files = {("", "requirements.txt"): ("tensorflow", "2.15.1"), **files}
    where = data.draw(st.sampled_from(sorted(files)))
    name, version = files[where]
    other = data.draw(st.sampled_from([*(each for each in VERSIONS if each != version), None]))
    changed = {key: pin for key, pin in files.items() if key != where}
    if other is not None:
        changed[where] = (name, other)
    sides = [{folder + kind: KINDS[kind](*pin) for (folder, kind), pin in each.items()} for each in (files, changed)]
    with tempfile.TemporaryDirectory() as root:
        try:
            found = upgrade(Path(root), *sides)
        except FatalError:
            return
    assert found.changed
    assert found.before != found.after


def test_a_file_that_another_includes_is_read(tmp_path: Path) -> None:
    files = {"requirements.txt": "-r deps/base.lst\n", "deps/base.lst": TF}
    assert upgrade(tmp_path, files, {**files, "deps/base.lst": "tensorflow==2.21.0"}).after == "tf2.21.0"


def test_what_powershell_writes_is_read(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_bytes(TF.encode("utf-16"))
    (found,) = read_tree(tmp_path).mentions
    assert found.version == "2.15.1"


@pytest.mark.parametrize("text", ["# tensorflow==2.1.0", "tensorflow-datasets==4.9.0", "keras_tuner==1.0", "x ==", ""])
def test_other_packages_are_no_mention(text: str, tmp_path: Path) -> None:
    assert read_tree(tree(tmp_path, {"requirements.txt": text})).mentions == ()


def test_an_installed_environment_is_not_looked_at(tmp_path: Path) -> None:
    tree(tmp_path, {"venv/pyvenv.cfg": "", "venv/lib/requirements.txt": TF, "node_modules/requirements.txt": TF})
    assert read_tree(tmp_path).mentions == ()


def test_a_link_is_followed_within_the_tree_and_named_if_it_leaves_it(tmp_path: Path) -> None:
    root = tree(tmp_path / "tree", {"pins/base": TF})
    (root / "requirements.txt").symlink_to("pins/base")
    assert [each.version for each in read_tree(root).mentions] == ["2.15.1"]
    (tmp_path / "secret").write_text("tensorflow==2.1.0", encoding="utf-8")
    (root / "constraints.txt").symlink_to(tmp_path / "secret")
    (root / "folder").symlink_to(tmp_path)
    assert [each.partition(" ")[0] for each in read_tree(root).unread] == ["constraints.txt", "folder"]


@pytest.mark.parametrize(
    ("pins", "release"),
    [
        ("keras==2.14.99", "tf2.15.1-keras2.14.99"),
        ("tf_keras==2.15.1", "tf2.15.1+tf-keras2.15.1"),
        ("tensorflow-hub==0.16.1", "tf2.15.1+tensorflow-hub0.16.1"),
        (
            "keras_hub==0.19.0\nkeras==3.9.2\ntensorflow_hub==0.16.1\ntf-keras==2.15.0",
            "tf2.15.1-keras3.9.2+tf-keras2.15.0+keras-hub0.19.0+tensorflow-hub0.16.1",
        ),
    ],
)
@pytest.mark.parametrize("before", [{"requirements.txt": TF}, "tf2.15.1"])
def test_what_no_row_has_is_a_release_of_its_own_and_no_other_takes_its_place(
    tmp_path: Path, before: Files | str, pins: str, release: str
) -> None:
    first = before if isinstance(before, str) else tree(tmp_path / "before", before)
    found = upgrade_between(first, tree(tmp_path / "after", {"requirements.txt": TF + pins}), CATALOG)
    assert found == Upgrade(before="tf2.15.1", after=release, changed=True)
    row = with_releases(read_catalog(), [release], cache=tmp_path)[release]
    assert row.on_demand
    wanted = {f"{canonicalize_name(pin.partition('==')[0])}=={pin.partition('==')[2]}" for pin in pins.split()}
    assert {*row.requirements(), *row.tools} >= wanted


@pytest.mark.parametrize("name", ["tf_keras", "keras_hub", "tensorflow-hub"])
def test_a_row_stands_for_a_pin_only_if_its_lock_has_that_version(name: str, tmp_path: Path) -> None:
    row = next(row for row in CATALOG.values() if any(tool.startswith("keras_hub") for tool in row.tools))
    locked = pinned(row.lock().read_text(encoding="utf-8"))[canonicalize_name(name)]
    text = f"tensorflow=={row.tensorflow}\nkeras=={row.keras}\n{name}=="
    sides = [{"requirements.txt": text + version} for version in (locked, "0.0.1")]
    found = upgrade(tmp_path, *sides)
    assert found.before == row.id
    assert found.after == f"tf{row.tensorflow}-keras{row.keras}+{canonicalize_name(name)}0.0.1"


def test_the_releases_own_keras_is_what_is_tried(tmp_path: Path) -> None:
    text = f"{TF}keras=={CATALOG['tf2.15.1'].keras}"
    assert upgrade_between("tf2.1.0", tree(tmp_path, {"requirements.txt": text}), CATALOG).after == "tf2.15.1"


def test_a_tree_beside_its_own_release_is_unchanged_only_if_that_is_all_it_asks_for(tmp_path: Path) -> None:
    assert not upgrade_between(tree(tmp_path / "a", {"requirements.txt": TF}), "tf2.15.1", CATALOG).changed
    more = {"requirements.txt": TF + "tf_keras==2.15.0"}
    assert upgrade_between(tree(tmp_path / "b", more), "tf2.15.1", CATALOG).changed


def test_a_tensorflow_that_the_catalog_lacks_is_answered_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"tf2\.1\.99, pinned in requirements\.txt, is not .* Did you mean tf2\.1"):
        upgrade_between("tf2.1.0", tree(tmp_path, {"requirements.txt": "tensorflow==2.1.99"}), CATALOG)


def test_a_tree_without_tensorflow_says_where_was_looked(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"uv\.lock, poetry\.lock"):
        upgrade_between(tmp_path, "tf2.1.0", CATALOG)
