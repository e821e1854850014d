"""One test item for each cell and check."""

import pytest

import bnregress.suite.checks  # noqa: F401 - they register
from bnregress.suite import status
from bnregress.suite.crossing import path_of
from bnregress.suite.plugin import ASKED, CELLS
from bnregress.suite.recorder import LostCellError
from bnregress.suite.registry import checks_of


def pytest_generate_tests(metafunc):
    """Make the items, cell by cell, each cell's checks in their order and on one worker."""
    suite = metafunc.config.stash[ASKED].suite
    cells = metafunc.config.stash[CELLS]
    items = [(cell, check) for cell in cells for check in checks_of(suite, path_of(cell.path)).values()]
    metafunc.parametrize("cell, check", [_item(cell, check) for cell, check in items])


def _item(cell, check):
    # bnregress.suite.scheduling reads the subject from this id.
    return pytest.param(cell, check, id="{}/{}".format(cell.subject, check.name))


def test_cell(cell, check, recorder):
    """The check holds on the cell."""
    try:
        finding = recorder.decide(cell, check)
    except LostCellError as lost:
        pytest.skip(str(lost))
    if finding.status == status.NOT_APPLICABLE:
        pytest.skip(finding.reason)
    if finding.status != status.PASS:
        pytest.fail("{}: {}".format(finding.status, finding.reason), pytrace=False)
