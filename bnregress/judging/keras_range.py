"""In which versions of Keras a path is broken and from which it is safe, if Keras decides and not TensorFlow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from packaging.version import Version

from bnregress.results.model import CellResult
from bnregress.suite import status

_KERAS_3 = Version("3.0.0")


@dataclass(frozen=True, kw_only=True)
class KerasRange:
    """Measured versions of Keras 3, those around one that is broken.

    Attributes:
        first, last: the oldest and the newest version of the row that is broken without one between that is sound.
        sound: the nearest version in which the path passes, newer if there is one.
        release: a release with that version.
        lasting: whether every measured version from `sound` on, away from those that are broken, passes.
    """

    first: Version
    last: Version
    sound: Version
    release: str
    lasting: bool

    @property
    def is_newer(self) -> bool:
        """Whether the sound version is newer than the broken ones."""
        return self.sound > self.last

    def __str__(self) -> str:
        broken = str(self.first) if self.first == self.last else f"{self.first} to {self.last}"
        if not self.is_newer:
            return f"broken in Keras {broken}, {'safe up to' if self.lasting else 'passes in'} {self.sound}"
        return f"broken in Keras {broken}, {'safe from' if self.lasting else 'passes in'} {self.sound}"


def keras_range(
    cell: CellResult, decided: Mapping[str, str], keras: Mapping[str, str], order: Sequence[str]
) -> KerasRange | None:
    """Return where a path that regresses is broken, by Keras; None if Keras does not decide or none was measured sound.

    Keras decides if every release that was measured with the cell's own Keras regresses, whatever its TensorFlow, and
    another Keras passes in every release that was measured with it.

    Args:
        cell: that regresses.
        decided: whether its path and variant passes or regresses, by release.
        keras: the version of Keras by release.
        order: release ids, oldest first; of several with the sound Keras the newest is named.
    """
    found: dict[Version, dict[str, str]] = {}
    for release, decision in decided.items():
        if (version := _keras_3(keras.get(release))) is not None:
            found.setdefault(version, {})[release] = decision
    own = _keras_3(keras.get(cell.id.release))
    if own is None or cell.id.release not in order or set(found.get(own, {}).values()) != {status.REGRESS}:
        return None
    sound = {version for version, statuses in found.items() if set(statuses.values()) == {status.PASS}}
    newer, older = sorted(each for each in sound if each > own), sorted(each for each in sound if each < own)
    if not newer and not older:
        return None
    nearest = newer[0] if newer else older[-1]
    broken = [
        version
        for version in found
        if version not in sound and (not newer or version < newer[0]) and (not older or version > older[-1])
    ]
    beyond = [version for version in found if (version >= nearest if newer else version <= nearest)]
    releases = sorted(found[nearest], key=lambda each: order.index(each) if each in order else -1)
    return KerasRange(
        first=min(broken), last=max(broken), sound=nearest, release=releases[-1], lasting=set(beyond) <= sound
    )


def _keras_3(text: str | None) -> Version | None:
    try:
        version = Version((text or "").removesuffix("-tf"))
    except ValueError:
        return None
    return version if version >= _KERAS_3 else None
