"""Whether a small network that stands for ResNet50 on a loading path gives the verdict that ResNet50 gives."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bnregress.cells.identifiers import CellId
from bnregress.reports.markdown import code, escape, prose, table
from bnregress.results.model import CellResult
from bnregress.suite import status
from bnregress.suite.paths import PATHS

#: The network that a path is about, and the one that its twin `ID.resnet50` is tested on.
NETWORK = "resnet50"


@dataclass(frozen=True, kw_only=True)
class Pair:
    """One path in one release, asked on its small network and on ResNet50."""

    small: CellResult
    resnet50: CellResult

    @property
    def same(self) -> bool:
        """Whether status and regressing checks are the same."""
        return _verdict(self.small) == _verdict(self.resnet50)


def pairs(cells: Iterable[CellResult], twins: Iterable[CellResult]) -> dict[str, list[Pair]]:
    """Pair what was decided on either network: by path, in the order of the cells."""
    measured = {twin.id: twin for twin in twins}
    found: dict[str, list[Pair]] = {}
    for cell in cells:
        twin = measured.get(CellId(release=cell.id.release, path=f"{cell.id.path}.{NETWORK}", variant=cell.id.variant))
        if twin is not None and cell.id.path in PATHS and {cell.status, twin.status} != {status.NOT_APPLICABLE}:
            found.setdefault(cell.id.path, []).append(Pair(small=cell, resnet50=twin))
    return found


def render_standins(cells: Sequence[CellResult], twins: Sequence[CellResult]) -> list[str]:
    """Return the section as blocks of Markdown; none if nothing was measured on both."""
    rows, different = [], []
    for path, paired in pairs(cells, twins).items():
        same = sum(pair.same for pair in paired)
        releases = ", ".join(pair.small.id.release.removeprefix("tf") for pair in paired)
        rows.append([code(path), PATHS[path].network, f"{same} of {len(paired)}", releases])
        different += [_told(pair) for pair in paired if not pair.same]
    if not rows:
        return []
    blocks = [
        "## Small networks in ResNet50's place",
        prose(
            "On these paths a network of three BatchNorm layers stands for ResNet50 in a plain run. Beside it the group"
            " `full` asks ResNet50 itself. The verdict is the same where status and regressing checks are."
        ),
        table(["path", "network", "same verdict", "releases tested on both"], rows),
    ]
    return [*blocks, "\n".join(different)] if different else blocks


def _verdict(cell: CellResult) -> tuple[str, frozenset[str]]:
    return cell.status, frozenset(check.name for check in cell.checks if check.status == status.REGRESS)


def _told(pair: Pair) -> str:
    small, large = pair.small, pair.resnet50
    return (
        f"- {code(str(small.id))}: {small.status} ({escape(small.reason)}); on ResNet50 {large.status}"
        f" ({escape(large.reason)})"
    )
