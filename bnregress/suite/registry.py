"""Registries of loading paths and checks: a decorated function in a module of the package is enough.

The modules import no framework at their top, so the host reads the same
registries without TensorFlow.
"""

import importlib
import pkgutil
from dataclasses import dataclass
from inspect import cleandoc
from typing import Any, Callable, Dict


@dataclass(frozen=True)
class LoadingPath:
    """A way in which a frozen network comes to stand in front of a head.

    Attributes:
        id: kebab-case name, as in `tf2.1.0/h5`.
        family: `applications`, `rebuilt`, `saved`, `weights`, `control`, `small` or `search`.
        summary: the path in one line of code, as a person would write it.
        build: makes the frozen network; see `bnregress.suite.paths`.
        code: the path as lines of a standalone script, see `bnregress.suite.repro`;
            empty where none was written.
        own: the one `Check` that is asked on it in place of all others, or None.
    """

    id: str
    family: str
    summary: str
    build: Callable[..., Any]
    code: str = ""
    own: Any = None

    @property
    def control(self):
        """Whether the path has no frozen BatchNorm to break and must pass everywhere."""
        return self.family == "control"


@dataclass(frozen=True)
class Check:
    """One documented property of a frozen BatchNorm.

    Attributes:
        name: kebab-case name, as in `mode-parity`.
        statement: the first paragraph of the function's docstring.
        decide: takes a `bnregress.suite.subject.Subject`, returns a `Finding`.
        code: the check as lines of a standalone script, see `bnregress.suite.repro`;
            empty where none was written.
    """

    name: str
    statement: str
    decide: Callable[..., Any]
    code: str = ""


#: Families of paths whose network is bnregress' own: no way that a person could go in another's place.
OWN_NETWORKS = ("small", "search")

PATHS: Dict[str, LoadingPath] = {}
CHECKS: Dict[str, Check] = {}


def loading_path(id, *, family, summary, code="", own=None):
    """Register the decorated function as the loading path `id`."""

    def register(build):
        if id in PATHS:
            raise ValueError("loading path {!r} is declared twice".format(id))
        PATHS[id] = LoadingPath(id=id, family=family, summary=summary, build=build, code=cleandoc(code), own=own)
        return build

    return register


def check(name, *, code=""):
    """Register the decorated function as the check `name`; checks run in the order of registration."""

    def register(decide):
        if name in CHECKS:
            raise ValueError("check {!r} is declared twice".format(name))
        statement = " ".join((decide.__doc__ or "").split("\n\n")[0].split())
        CHECKS[name] = Check(name=name, statement=statement, decide=decide, code=cleandoc(code))
        return decide

    return register


def checks_of(path_id):
    """The checks that a path is asked, by name and in their order."""
    own = PATHS[path_id].own
    return CHECKS if own is None else {own.name: own}


def import_modules(package):
    """Import every module of a package in alphabetical order, so that its declarations register."""
    for module in sorted(pkgutil.iter_modules(package.__path__), key=lambda module: module.name):
        importlib.import_module("{}.{}".format(package.__name__, module.name))
