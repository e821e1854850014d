"""The catalog of releases: one row a release in `resources/catalog.toml`."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.version import VERSION_PATTERN, Version

from bnregress.errors import UsageError, nearest
from bnregress.machine.devices import DEVICES
from bnregress.machine.local_environment import LocalEnvironment
from bnregress.reading.tables import Table
from bnregress.resources import RESOURCES

CATALOG = RESOURCES / "catalog.toml"
GROUPS = ("default", "patch", "prerelease", "legacy", "keras", "standalone-keras", "backends", "nightly")
#: What Keras 3 computes with, by the name that `KERAS_BACKEND` gives it.
TENSORFLOW, JAX = "tensorflow", "jax"
#: The engines that a row may name in place of TensorFlow.
OTHER_ENGINES = (JAX,)
PACKAGES = (
    *("tensorflow", "tensorflow-cpu", "tensorflow-gpu", "tensorflow[and-cuda]"),
    *("tf-nightly", "tf-nightly-cpu", "tf-nightly[and-cuda]"),
    "jax",
    "jax[cpu]",
)
#: The release whose versions are those of the day on which it is resolved, and what its row gives as their versions.
NIGHTLY = "nightly"

#: The id of a release.
RELEASE_ID = re.compile(r"tf(?P<tensorflow>\d+\.\d+\.\d+(?:rc\d+)?)(?:-keras(?P<keras>\d+\.\d+\.\d+))?|nightly")
#: That of one whose Keras runs on another engine, as `keras3.15.1-jax0.11.2`.
ENGINE_ID = re.compile(
    rf"keras(?P<keras>\d+\.\d+\.\d+)-(?P<engine>{'|'.join(OTHER_ENGINES)})(?P<version>\d+\.\d+\.\d+)"
)
_VERSION = r"\d+\.\d+\.\d+(?:rc\d+)?|nightly"
_KERAS_VERSION = r"\d+\.\d+\.\d+(?:-tf|rc\d+|\.dev\d+)?|nightly"
#: Minor versions of CPython that releases can run on, oldest first.
PYTHONS = tuple(f"3.{minor}" for minor in range(7, 15))
#: What a row need not have.
OPTIONAL = ("note", "tools", "as-of", "other-pythons", "not-on")
_DAY = r"\d{4}-\d{2}-\d{2}"
_FIRST_WITH_KERAS_PACKAGE = Version("2.6")


@dataclass(frozen=True, kw_only=True)
class Build:
    """A build that takes the place of a package of a release.

    Attributes:
        package, version: what it is, as its own metadata tell.
        given: a path or an address, as a person gave it.
        replaced: name and version that the release's lock has, or `nothing`.
        folder: where it lies unpacked; goes in front of the environment's packages.
        sha256: hash of its contents.
        modules: what can be imported from it.
    """

    package: str
    version: str
    given: str
    replaced: str
    folder: Path
    sha256: str
    modules: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Release:
    """One installable framework combination.

    `keras` is the version that `tf.keras` reports, or that of the package where the id names it; `python` the minor
    version, such as `3.7`, that it runs on, `other_pythons` those that it has wheels and locks for too, in the order
    in which they stand in for its own, as `3.10-keras3.12.3` if its Keras does not support that one;
    `cpu` and `gpu` what to install TensorFlow from on that device; `constraints`
    the names of constraint sets of the catalog; `tools` requirements beside those of every release; `as_of` the day of
    its lock, if that is not the catalog's; `not_on` the next newer TensorFlow that its Keras was tried on and does not
    work with, and why; `on_demand` says that its lock is not the
    catalog's but made when it is requested; `own_python` is the catalog's own Python if `python` stands in for it,
    `own_keras` the catalog's Keras if `keras` does; `local` is the person's own environment that it stands for, which
    which has no lock; `builds` take the place of packages of the release `base`, whose environment it runs in.
    `engine` is what its Keras computes with; if it is not TensorFlow, `engine_version` is the version of that, and
    `tensorflow` and `gpu` are empty: nothing was tried on a GPU.
    """

    id: str
    tensorflow: str
    keras: str
    python: str
    cpu: str
    gpu: str
    constraints: tuple[str, ...]
    groups: frozenset[str]
    note: str = ""
    tools: tuple[str, ...] = ()
    as_of: str = ""
    not_on: str = ""
    on_demand: bool = False
    other_pythons: tuple[str, ...] = ()
    own_python: str | None = None
    own_keras: str | None = None
    local: LocalEnvironment | None = None
    base: str | None = None
    builds: tuple[Build, ...] = ()
    engine: str = TENSORFLOW
    engine_version: str = ""
    locks: Path = field(default=CATALOG.parent / "locks", repr=False, compare=False)

    @property
    def sort_key(self) -> tuple[Version, Version]:
        """Oldest first: by TensorFlow, then by Keras; after them other engines, and what is to be resolved."""
        if self.id == NIGHTLY:
            return Version("9999"), Version("9999")
        if not self.on_tensorflow:
            return Version(f"{9000 + OTHER_ENGINES.index(self.engine)}"), Version(self.keras)
        return Version(self.tensorflow), Version(self.keras.removesuffix("-tf"))

    @property
    def on_tensorflow(self) -> bool:
        """Whether its Keras runs on TensorFlow."""
        return self.engine == TENSORFLOW

    @property
    def is_floating(self) -> bool:
        """Whether its versions, and so its lock, are known only once it was resolved."""
        return self.tensorflow == NIGHTLY

    @property
    def needs_resolving(self) -> bool:
        """Whether its lock is made when it is requested."""
        return self.is_floating or self.on_demand

    def requirements(self, device: str = "cpu") -> tuple[str, ...]:
        """The framework itself, as requirements with exact versions."""
        package = self.gpu if device == "gpu" else self.cpu
        if self.is_floating:
            # Naming a pre-release of both lets the resolver take pre-releases of these two alone.
            return f"{package}>=0.dev0", "keras-nightly>=0.dev0"
        if not self.on_tensorflow:
            return f"{package}=={self.engine_version}", f"keras=={self.keras}"
        framework = f"{package}=={self.tensorflow}"
        if Version(self.tensorflow) < _FIRST_WITH_KERAS_PACKAGE and "-keras" not in self.id:
            return (framework,)
        keras = "keras-nightly" if Version(self.keras).is_devrelease else "keras"
        return framework, f"{keras}=={self.keras}"

    def lock_path(self, device: str = "cpu") -> Path:
        """Where the lock is kept, made or not."""
        if device not in DEVICES:
            raise UsageError(
                f"There is no device {device!r}.{nearest(device, DEVICES)} Known are {', '.join(DEVICES)}."
            )
        stands_in = f".py{self.python.replace('.', '')}" if self.own_python else ""
        return self.locks / f"{self.base or self.id}.{device}{stands_in}.txt"

    def on(self, other: str) -> Release:
        """Return the release on one of its `other_pythons`, whose lock has packages for that."""
        python, _, keras = other.partition("-keras")
        own = replace(self, own_python=self.python, own_keras=self.keras if keras else None)
        return replace(own, python=python, keras=keras or self.keras, other_pythons=())

    def lock(self, device: str = "cpu") -> Path:
        """The lock of this release.

        Raises:
            UsageError: there is none for that device.
        """
        path = self.lock_path(device)
        if not path.is_file():
            raise UsageError(
                f"{self.id} has no lock for {device}: {path} is missing. Make it with `nox -s lock -- {self.id}`."
            )
        return path

    def lock_sha256(self, device: str = "cpu") -> str:
        """Hexadecimal SHA-256 of the lock's bytes, or of what a person's environment is; raises as `lock`."""
        if self.local is not None:
            return self.local.sha256
        locked = self.environment_sha256(device)
        if not self.builds:
            return locked
        # A release with a build in it is not that release, whatever stands in its lock.
        told = [locked, *(f"{build.package} {build.sha256}" for build in self.builds)]
        return hashlib.sha256("\n".join(told).encode()).hexdigest()

    def environment_sha256(self, device: str = "cpu") -> str:
        """Return the hash of what its environment is made from, which builds are no part of; raises as `lock`."""
        if self.local is not None:
            return self.local.sha256
        return hashlib.sha256(self.lock(device).read_bytes()).hexdigest()


@dataclass(frozen=True, kw_only=True)
class ConstraintSet:
    """What is added to TensorFlow's own metadata; the catalog explains each key."""

    limit: tuple[str, ...] = ()
    override: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    source: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Catalog:
    """Everything that `catalog.toml` says.

    `exclude_newer` is a day, `releases` are in order, oldest first, `left_out` has the versions of TensorFlow,
    and as `keras3.0.0` those of Keras, that are on the index and have no row on purpose, each with the reason.
    """

    exclude_newer: str
    tools: tuple[str, ...]
    constraints: Mapping[str, ConstraintSet]
    releases: dict[str, Release]
    left_out: Mapping[str, str]

    def limits(self, release: Release) -> ConstraintSet:
        """The constraint sets of one release, joined into one."""
        sets = [self.constraints[name] for name in release.constraints]
        return ConstraintSet(
            limit=tuple(text for each in sets for text in each.limit),
            override=tuple(text for each in sets for text in each.override),
            exclude=tuple(text for each in sets for text in each.exclude),
            source=tuple(text for each in sets for text in each.source),
        )


def load_catalog(path: Path = CATALOG) -> dict[str, Release]:
    """The releases by id, oldest first.

    Raises:
        UsageError: the file cannot be read, or something in it is wrong; the message names the row and the key.
    """
    return read_catalog(path).releases


def read_catalog(path: Path = CATALOG) -> Catalog:
    """The whole catalog; `load_catalog` gives the releases alone and raises the same."""
    document = Table.read(path, "the catalog")
    document.check_keys(("exclude-newer", "tools", "constraints", "releases"), ("left-out",))
    constraints = {
        name: _constraint_set(name, row) for name, row in document.tables("constraints", "constraint set").items()
    }
    releases = [_release(id_, row, constraints) for id_, row in document.tables("releases", "row").items()]
    return Catalog(
        exclude_newer=document.text("exclude-newer", _DAY, "a day such as 2026-11-24"),
        tools=_requirements(document, "tools"),
        constraints=constraints,
        releases={release.id: release for release in sorted(releases, key=lambda release: release.sort_key)},
        left_out=_left_out(document),
    )


def _left_out(document: Table) -> dict[str, str]:
    rows = document.entries.get("left-out", {})
    if not isinstance(rows, dict) or not all(isinstance(reason, str) and reason for reason in rows.values()):
        raise document.error("key 'left-out': not a table of versions, each with its reason in a sentence.")
    for version in rows:
        if not re.fullmatch(VERSION_PATTERN, version.removeprefix("keras"), re.VERBOSE | re.IGNORECASE):
            raise document.error(
                f"key 'left-out': {version!r} is not a version such as 2.15.0.post1, or keras3.0.0 for one of Keras."
            )
    return dict(rows)


def _constraint_set(name: str, row: Table) -> ConstraintSet:
    if not re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*", name):
        raise row.error("not a name. Write small letters, digits and hyphens, as in numpy-1-23.")
    kinds = ("limit", "override", "exclude", "source")
    row.check_keys((), kinds)
    return ConstraintSet(**{kind: _requirements(row, kind) for kind in kinds if kind in row.entries})


def _release(id_: str, row: Table, constraints: Collection[str]) -> Release:
    match, other = RELEASE_ID.fullmatch(id_), ENGINE_ID.fullmatch(id_)
    if match is None and other is None:
        raise row.error(
            "not a release id. Write tfX.Y.Z or tfX.Y.Z-kerasX.Y.Z, as in tf2.1.0, kerasX.Y.Z-jaxX.Y.Z, or nightly."
        )
    engine = other["engine"] if other else TENSORFLOW
    named = {"keras": other["keras"], engine: other["version"]} if other else match.groupdict() if match else {}
    device = () if other else ("gpu",)
    row.check_keys((engine, "keras", "python", "cpu", *device, "constraints", "groups"), OPTIONAL)
    if (id_ == NIGHTLY) != (row.entries[engine] == NIGHTLY) or (id_ == NIGHTLY) != (row.entries["keras"] == NIGHTLY):
        raise row.error("the row nightly, and it alone, gives 'nightly' for the versions of tensorflow and keras.")
    for key, version in named.items():
        if version is not None and version != row.entries[key]:
            raise row.error(f"key {key!r}: {row.entries[key]!r} is not the version that the id names, {version!r}.")
    groups = row.choices("groups", GROUPS)
    if not groups:
        raise row.error(f"key 'groups': a release is in one group at least. Known are {', '.join(GROUPS)}.")
    return Release(
        id=id_,
        engine=engine,
        engine_version=row.text(engine, _VERSION, "a version such as 0.11.2") if other else "",
        tensorflow="" if other else row.text("tensorflow", _VERSION, "a version such as 2.1.0 or 2.22.0rc0"),
        keras=row.text("keras", _KERAS_VERSION, "a version such as 3.15.1 or 2.2.4-tf"),
        python=row.text("python", r"3\.\d+", "a minor version such as 3.12"),
        cpu=row.choice("cpu", PACKAGES),
        gpu="" if other else row.choice("gpu", PACKAGES),
        constraints=row.choices("constraints", constraints),
        groups=frozenset(groups),
        note=row.text("note", r".+", "a sentence") if "note" in row.entries else "",
        tools=_requirements(row, "tools") if "tools" in row.entries else (),
        as_of=row.text("as-of", _DAY, "a day such as 2026-11-24") if "as-of" in row.entries else "",
        not_on=row.text("not-on", r"\d+\.\d+\.\d+: .+", "as 2.18.1: it asks for keras>=3.5.0")
        if "not-on" in row.entries
        else "",
        other_pythons=_other_pythons(row) if "other-pythons" in row.entries else (),
        locks=row.path.parent / "locks",
    )


def _other_pythons(row: Table) -> tuple[str, ...]:
    others = row.texts("other-pythons")
    pythons = [other.partition("-keras")[0] for other in others]
    for other in others:
        if not re.fullmatch(r"3\.\d+(-keras\d+\.\d+\.\d+)?", other):
            raise row.error(f"key 'other-pythons': {other!r} is not a Python such as 3.10 or 3.10-keras3.12.3.")
    if len({*pythons, row.entries["python"]}) <= len(pythons):
        raise row.error("key 'other-pythons': a Python stands there twice, or is the release's own.")
    return others


def _requirements(table: Table, key: str) -> tuple[str, ...]:
    texts = table.texts(key)
    for text in texts:
        try:
            requirement = Requirement(text)
        except InvalidRequirement as error:
            raise table.error(f"key {key!r}: {text!r} is not a requirement ({error}).") from error
        if requirement.url:
            raise table.error(f"key {key!r}: {text!r} names an address. Packages come only from the index.")
    return texts
