"""From what two sides ask for to the two releases of an upgrade, or to the statement that nothing changed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from packaging.version import Version

from bnregress.errors import FatalError, UsageError, nearest
from bnregress.reading.strict import printable, quoted
from bnregress.releases.catalog import Release
from bnregress.releases.ondemand import BESIDE, on_demand_id
from bnregress.releases.pinned.mention import ALL_NAMED, FAMILIES, Mention
from bnregress.releases.pinned.tree import Tree, read_tree, require_folder
from bnregress.releases.resolution import pinned

UNCHANGED = f"no pin of {ALL_NAMED} differs"
_GIVE = "Correct the files, or give the two releases themselves."
#: How many files or changes a message names.
_NAMED = 12


@dataclass(frozen=True, kw_only=True)
class Upgrade:
    """The two releases; `changed` is False only if every pin of every file is equal on both sides."""

    before: str
    after: str
    changed: bool


def upgrade_given(
    before: str | None,
    after: str | None,
    before_tree: Path | None,
    after_tree: Path | None,
    catalog: Mapping[str, Release],
) -> Upgrade | None:
    """Return the upgrade that four options are about, each side a release or a folder; None if none is given.

    Raises:
        UsageError: a side is given twice, or only one is, or see `upgrade_between`.
        FatalError: see `upgrade_between`.
    """
    sides: list[Path | str] = []
    for name, release, tree in (("from", before, before_tree), ("to", after, after_tree)):
        if release is not None and tree is not None:
            raise UsageError(f"{name} and {name}-tree say the same thing. Leave one of them out.")
        sides += [each for each in (release, tree) if each is not None]
    if len(sides) == 1:
        raise UsageError("An upgrade has two ends. Give both from and to, each as a release or as a folder (-tree).")
    return upgrade_between(sides[0], sides[1], catalog) if sides else None


def upgrade_between(before: Path | str, after: Path | str, catalog: Mapping[str, Release]) -> Upgrade:
    """Return the upgrade between two sides, each a folder or the id of a release.

    Files of one folder belong together, with those of its folder `requirements`: they must agree, a lock that was not
    made again with its requirements does not. Folders in which nothing changed are not looked at further.

    Raises:
        UsageError: a tree names no TensorFlow, or one that the catalog lacks.
        FatalError: it cannot be told: files disagree, cannot be read or pin no exact version, or what changed has no
            release of its own; the files are named.
    """
    trees = {side: _read(side) for side in (before, after) if isinstance(side, Path)}
    if isinstance(before, Path) and isinstance(after, Path):
        return _between(trees[before], trees[after], catalog)
    first, second = (
        _release(trees[each].mentions, catalog) if isinstance(each, Path) else each for each in (before, after)
    )
    return Upgrade(before=first, after=second, changed=first != second)


def _read(root: Path) -> Tree:
    require_folder(root)
    tree = read_tree(root)
    if tree.unread:
        raise FatalError(f"Cannot tell what {printable(root)} pins: not read {_listed(tree.unread)}. {_GIVE}")
    if not any(each.family == "TensorFlow" for each in tree.mentions):
        raise UsageError(
            f"Nothing in {printable(root)} names TensorFlow. Searched were requirements and constraints files,"
            " pyproject.toml, uv.lock, poetry.lock, pdm.lock, Pipfile.lock, pylock.toml and conda environments."
            " Give the folder that has them, or the two releases themselves."
        )
    return tree


def _between(before: Tree, after: Tree, catalog: Mapping[str, Release]) -> Upgrade:
    first, second = Counter(before.mentions), Counter(after.mentions)
    changed = sorted({*(first - second), *(second - first)}, key=str)
    of_interest = changed or [each for each in before.mentions if each.family == "TensorFlow"]
    pairs = [
        (_release(_of(before, folder), catalog), _release(_of(after, folder), catalog))
        for folder in sorted({_folder(each.file) for each in of_interest})
    ]
    if changed and len(set(pairs)) > 1:
        raise _cannot_tell("the pins of different folders change to different releases", changed)
    old, new = pairs[0]
    if changed and old == new:
        raise _cannot_tell(f"the pins differ, but both sides can only be run as {old}", changed)
    return Upgrade(before=old, after=new, changed=bool(changed))


def _folder(file: str) -> str:
    """Return the folder of the project that a file belongs to."""
    folder = PurePosixPath(file).parent
    return str(folder.parent if re.search(r"requirement|constraint|^reqs$", folder.name.lower()) else folder)


def _of(tree: Tree, folder: str) -> list[Mention]:
    """Return what the files of a folder ask for; of a package that they do not name, what the rest of the tree does."""
    here = [each for each in tree.mentions if _folder(each.file) == folder]
    families = {each.family for each in here}
    return here + [each for each in tree.mentions if each.family not in families]


def _release(mentions: Sequence[Mention], catalog: Mapping[str, Release]) -> str:
    """Return the release that is all that the mentions ask for: a verdict on another Keras would prove nothing.

    That is a row of the catalog if one has just these versions, else a release that is resolved when it runs.
    """
    pins = {family: _agreed(family, mentions) for family in FAMILIES}
    tensorflow, keras = pins["TensorFlow"], pins["Keras"]
    if tensorflow is None:
        named = [each for each in mentions if each.family == "TensorFlow"]
        raise _cannot_tell("no file pins an exact version of TensorFlow", named)
    rows = [row for row in catalog.values() if row.tensorflow == tensorflow.version]
    if not rows:
        release = f"tf{tensorflow.version}"
        raise UsageError(
            f"{release}, pinned in {tensorflow.file}, is not in the catalog of this version of bnregress."
            f"{nearest(release, catalog)} A newer version of bnregress may know it."
        )
    beside = {family: str(pin.version) for family, pin in pins.items() if family in BESIDE and pin is not None}
    own = catalog.get(f"tf{tensorflow.version}")
    for row in ([own] if own else []) + rows:
        alike = keras is not None and Version(row.keras.removesuffix("-tf")) == Version(str(keras.version))
        if (alike if keras is not None else row is own) and _has(row, beside):
            return row.id
    wanted = on_demand_id(str(tensorflow.version), str(keras.version) if keras else None, beside)
    if wanted is None:
        said = [pin for family, pin in pins.items() if pin is not None and family != "TensorFlow"]
        raise _cannot_tell(f"no release can be made of TensorFlow {tensorflow.version} with that", said)
    return wanted


def _has(row: Release, beside: Mapping[str, str]) -> bool:
    """Whether a row has just these versions of the packages that stand beside Keras, and every one of them."""
    if not beside:
        return True
    lock = row.lock_path()
    versions = pinned(lock.read_text(encoding="utf-8")) if lock.is_file() else {}
    return all(versions.get(BESIDE[family]) == version for family, version in beside.items())


def _agreed(family: str, mentions: Sequence[Mention]) -> Mention | None:
    """Return the mention with the version that all of one package admit; None if none is exact."""
    ours = [each for each in mentions if each.family == family]
    exact = next((each for each in ours if each.version is not None), None)
    if any(each.opaque for each in ours) or (
        exact is not None and not all(each.admits(str(exact.version)) for each in ours)
    ):
        raise _cannot_tell(f"the files do not agree on the version of {family}, or it is not a release", ours)
    return exact


def _cannot_tell(what: str, mentions: Iterable[Mention]) -> FatalError:
    said = [f"{each.package} {quoted(each.text) or '(any version)'} in {each.file}" for each in mentions]
    return FatalError(f"Cannot tell what the upgrade is: {what}: {_listed(said)}. {_GIVE}")


def _listed(things: Iterable[str]) -> str:
    every = list(dict.fromkeys(things))
    more = f" and {len(every) - _NAMED} more" if len(every) > _NAMED else ""
    return ", ".join(every[:_NAMED]) + more
