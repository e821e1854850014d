"""One path for each thing that can happen to a cell."""

from bnregress.suite.ends import ENDS
from bnregress.suite.finding import NotApplicable
from bnregress.suite.registry import PATHS, loading_path

__all__ = ["PATHS"]


def _path(id):
    def declare(build):
        return loading_path(id, family="fake", summary=id)(build)

    return declare


for _id in ("sound", "also-sound", "last-sound", "regresses", "inconclusive", "not-a-finding", "odd-evidence"):
    _path(_id)(lambda framework, _id=_id: _id)

for _end in ENDS:
    _path("build-" + _end)(lambda framework, _end=_end: ENDS[_end]())
    _path("check-" + _end)(lambda framework, _end=_end: "check-" + _end)


@_path("build-raises")
def _build_raises(framework):
    raise ValueError("no such layer\nsecond line")


@_path("check-raises")
def _check_raises(framework):
    return "check-raises"


@_path("absent")
def _absent(framework):
    raise NotApplicable("this release has no such path")
