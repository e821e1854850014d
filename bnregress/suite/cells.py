"""Cells as the suite knows them: a loading path and a variant, without their release."""

import json
from dataclasses import dataclass
from typing import Any, Dict, Optional

from bnregress.suite.apart import setup_of
from bnregress.suite.paths import PATHS
from bnregress.suite.registry import DEFAULT_GROUP, PROPERTIES, SUITES
from bnregress.suite.variants import DEFAULT, cell_name


@dataclass(frozen=True)
class Cell:
    """A loading path of this release in one variant; `fixture` is a folder that a release saves to, or saved to."""

    path: str
    variant: str = DEFAULT
    fixture: Optional[str] = None

    @property
    def subject(self):
        """`PATH` or `PATH@VARIANT`, the name the records know the cell by."""
        return cell_name(self.path, self.variant)

    @property
    def setup(self):
        """What its process must be before anything is built: `bnregress.suite.apart.Setup`."""
        return setup_of(self.path, self.variant)


@dataclass(frozen=True)
class Asked:
    """Which checks run on each cell.

    Attributes:
        suite: `properties`, `finetune` or `all`.
        finetune: JSON values of `bnregress.suite.finetune.config.Request`; None if nothing is fine-tuned.
    """

    suite: str = PROPERTIES
    finetune: Optional[Dict[str, Any]] = None


def every_cell():
    """Every loading path of the default group in its default variant."""
    return tuple(Cell(path.id) for path in PATHS.values() if path.group == DEFAULT_GROUP)


def read_cells(file):
    """Read the cells that are requested.

    Raises:
        ValueError: the file names no cells, one twice, a path that the suite does not have, or cells that need a
            process each, since they differ in what it must be.
        OSError: the file cannot be read.
    """
    with open(str(file), encoding="utf-8") as stream:
        rows = json.load(stream)["cells"]
    cells = tuple(Cell(row["path"], row.get("variant", DEFAULT), row.get("fixture")) for row in rows)
    if not cells:
        raise ValueError("it names no cells")
    if len(set(cells)) < len(cells):
        raise ValueError("it names a cell twice")
    setups = sorted({cell.setup for cell in cells}, key=lambda setup: setup.order)
    if len(setups) > 1:
        said = ", ".join("{0.mode} on {0.devices}".format(setup) for setup in setups)
        raise ValueError("its cells have the modes and logical devices {}, and each needs a process".format(said))
    unknown = sorted({cell.path.partition("=")[0] for cell in cells} - set(PATHS))
    if unknown:
        raise ValueError("this suite has no loading path {}; it has {}".format(", ".join(unknown), ", ".join(PATHS)))
    return cells


def read_asked(file):
    """Read which checks run on the cells from the same file.

    Raises:
        ValueError: it asks for a suite that there is not, or for fine-tune runs without saying on what.
        OSError: the file cannot be read.
    """
    with open(str(file), encoding="utf-8") as stream:
        content = json.load(stream)
    asked = Asked(suite=content.get("suite", PROPERTIES), finetune=content.get("finetune"))
    if asked.suite not in SUITES:
        raise ValueError("there is no suite {!r}; there are {}".format(asked.suite, ", ".join(SUITES)))
    if asked.suite != PROPERTIES and asked.finetune is None:
        raise ValueError("it requests fine-tune runs without naming the data")
    return asked
