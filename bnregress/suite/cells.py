"""Cells as the suite knows them: a loading path and a variant, without their release."""

import json
from dataclasses import dataclass

from bnregress.suite.paths import PATHS
from bnregress.suite.variants.mode import mode_of

DEFAULT_VARIANT = "default"


@dataclass(frozen=True)
class Cell:
    """A loading path of this release in one variant."""

    path: str
    variant: str = DEFAULT_VARIANT

    @property
    def subject(self):
        """`PATH` or `PATH@VARIANT`, the name the records know the cell by."""
        return self.path if self.variant == DEFAULT_VARIANT else "{}@{}".format(self.path, self.variant)

    @property
    def mode(self):
        """The switch that its process throws before anything is built."""
        return mode_of(self.variant)


def every_cell():
    """Every loading path in its default variant."""
    return tuple(Cell(path) for path in PATHS)


def read_cells(file):
    """Read the cells that are asked for.

    Raises:
        ValueError: the file names no cells, one twice, a path that the suite does not have, or cells of several modes,
            which need a process each.
        OSError: the file cannot be read.
    """
    with open(str(file), encoding="utf-8") as stream:
        rows = json.load(stream)["cells"]
    cells = tuple(Cell(row["path"], row.get("variant", DEFAULT_VARIANT)) for row in rows)
    if not cells:
        raise ValueError("it names no cells")
    if len(set(cells)) < len(cells):
        raise ValueError("it names a cell twice")
    modes = sorted({cell.mode for cell in cells})
    if len(modes) > 1:
        raise ValueError("its cells have the modes {}, and each needs a process".format(", ".join(modes)))
    unknown = sorted({cell.path for cell in cells} - set(PATHS))
    if unknown:
        raise ValueError("this suite has no loading path {}; it has {}".format(", ".join(unknown), ", ".join(PATHS)))
    return cells
