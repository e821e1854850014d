"""What a lock is written as, and when two of them install the same."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bnregress.releases.catalog import ConstraintSet
from bnregress.releases.resolution import Package, as_requirements, installs_the_same

SHA = st.integers(0, 9).map(lambda digit: str(digit) * 64)
PACKAGES = st.lists(
    st.builds(
        Package,
        name=st.sampled_from(["numpy", "six", "tensorflow-cpu"]),
        version=st.sampled_from(["1.0", "2.4.1"]),
        sha256=st.lists(SHA, min_size=1, max_size=3, unique=True).map(tuple),
    ),
    min_size=1,
    max_size=3,
    unique_by=lambda package: package.name,
)


def test_a_lock_has_its_options_and_a_pin_with_every_hash() -> None:
    packages = [Package(name="gast", version="0.2.2", sha256=("a" * 64, "b" * 64))]

    text = as_requirements(packages, ConstraintSet(source=("gast",)))

    assert text.splitlines() == [
        "--no-binary gast",
        "--only-binary :all:",
        "",
        "gast==0.2.2 \\",
        f"    --hash=sha256:{'a' * 64} \\",
        f"    --hash=sha256:{'b' * 64}",
    ]


@given(PACKAGES)
def test_a_lock_that_admits_more_files_of_the_same_versions_installs_the_same(packages: list[Package]) -> None:
    more = [Package(name=each.name, version=each.version, sha256=(*each.sha256, "f" * 64)) for each in packages]
    lock, wider = as_requirements(packages, ConstraintSet()), as_requirements(more, ConstraintSet())

    assert installs_the_same(lock, lock)
    assert installs_the_same(wider, lock)
    assert not installs_the_same(lock, wider)


@given(PACKAGES)
def test_another_version_package_or_option_is_another_installation(packages: list[Package]) -> None:
    lock = as_requirements(packages, ConstraintSet())
    first = packages[0]
    newer = [Package(name=first.name, version="3", sha256=first.sha256), *packages[1:]]

    assert not installs_the_same(as_requirements(newer, ConstraintSet()), lock)
    assert not installs_the_same(lock, as_requirements(packages[1:], ConstraintSet()))
    assert not installs_the_same(as_requirements(packages, ConstraintSet(source=("six",))), lock)
