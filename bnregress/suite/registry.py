"""Registries of loading paths and checks: a decorated function in a module of the package is enough.

The modules import no framework at their top, so the host reads the same
registries without TensorFlow.
"""

import importlib
import pkgutil
from dataclasses import dataclass
from inspect import cleandoc
from typing import Any, Callable, Dict, Optional, Tuple

#: What a plain run takes.
DEFAULT_GROUP = "default"
#: The group of a path's twin on a network that is not its first; the others are in the path's own group.
TWIN_GROUPS = {"resnet50": "full"}

PROPERTIES, FINETUNE, ALL = "properties", "finetune", "all"
SUITES = (PROPERTIES, FINETUNE, ALL)


@dataclass(frozen=True)
class LoadingPath:
    """A way in which a frozen network comes to stand in front of a head.

    Attributes:
        id: kebab-case name, as in `tf2.1.0/h5`.
        family: `applications`, `rebuilt`, `saved`, `raw`, `weights`, `cross-release`, `comparison`, `control`, `small`
            or `search`; the paths of one are the first to stand in for each other.
        summary: the path in one line of code, as a person would write it.
        build: makes the frozen network; see `bnregress.suite.paths`.
        code: the path as lines of a standalone script, see `bnregress.suite.repro`;
            empty if none was written.
        group: `default` is what a plain run takes; `full`, `backbones` and others are chosen by `group:NAME`.
        network: the network that a path with `source` starts from, a name in `bnregress.suite.sound.CANDIDATES`.
        keras: the module that stands in for `tf.keras`, as in "tf_keras"; None for `tf.keras` itself.
        environment: (name, value) of each environment variable that must be set before TensorFlow is imported.
        packages: modules without which `tf.keras` itself does not import there.
        save: takes a network and a folder, if it is another release that saves what the path loads.
        refusals: exceptions by which a release says that it has no such path; others are errors.
        bare: takes the framework and makes the same call on the plainest network there is; what raises `refusals` is
            a refusal only if this raises the same.
        untrainable: words of the `AttributeError` by which a release refuses to train what the path gives; None if
            none does.
        own: each `Check` that runs on it in place of all others, or None.
        devices: how many logical devices the processor must be split into.
    """

    id: str
    family: str
    summary: str
    build: Callable[..., Any]
    code: str = ""
    group: str = DEFAULT_GROUP
    network: str = "resnet50"
    keras: Optional[str] = None
    environment: Tuple[Tuple[str, str], ...] = ()
    packages: Tuple[str, ...] = ()
    refusals: Tuple[type, ...] = ()
    bare: Optional[Callable[..., Any]] = None
    untrainable: Optional[str] = None
    save: Optional[Callable[..., Any]] = None
    own: Any = None
    devices: int = 1

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
            empty if none was written.
        suite: `properties` or `finetune`, the part of the suite that asks it.
    """

    name: str
    statement: str
    decide: Callable[..., Any]
    code: str = ""
    suite: str = PROPERTIES


#: The path that is no person's, and its family: a search beyond the fixed probes.
SEARCH = "search"
#: The family of paths that are no person's either: what no loading path varies, see `bnregress.suite.usage`.
USAGE = "usage"
#: Families of paths whose network is bnregress' own: no way that a person could go in another's place.
OWN_NETWORKS = ("small", SEARCH, USAGE)
#: Paths with checks of their own, which a fine-tune is not asked on.
OWN_CHECKS = (
    SEARCH, "training", "layers", "flags", "constructor", "phases", "resumed-keras-v3", "resumed-h5",
    "resumed-savedmodel", "replicas", "replicas-plain",
)  # fmt: skip

PATHS: Dict[str, LoadingPath] = {}
CHECKS: Dict[str, Check] = {}
FINETUNE_CHECKS: Dict[str, Check] = {}


def loading_path(
    id,
    *,
    family,
    summary,
    code="",
    group=DEFAULT_GROUP,
    networks=("resnet50",),
    keras=None,
    environment=None,
    packages=(),
    refusals=(),
    bare=None,
    untrainable=None,
    save=None,
    own=None,
    devices=1,
):
    """Register the decorated function as the loading path `id`, and as `ID.NETWORK` on each further network.

    Args:
        id: kebab-case name.
        family: see `LoadingPath`, as for the others that are not told here.
        summary: see there.
        code: see there.
        group: see there.
        networks: what a path with `source` starts from; the first is that of the path `id`, the
            groups of the others are in `TWIN_GROUPS`.
        keras: see there.
        environment: mapping of environment variables that must be set before TensorFlow is imported.
        packages: see there.
        refusals: see there.
        bare: see there.
        untrainable: see there.
        save: see there.
        own: see there.
        devices: see there.
    """

    def register(build):
        for place, network in enumerate(networks):
            path = LoadingPath(
                id="{}.{}".format(id, network) if place else id,
                family=family,
                summary="{}, on the network {}".format(summary, network) if place else summary,
                build=build,
                code=cleandoc(code),
                group=TWIN_GROUPS.get(network, group) if place else group,
                network=network,
                keras=keras,
                environment=tuple((environment or {}).items()),
                packages=tuple(packages),
                refusals=tuple(refusals),
                bare=bare,
                untrainable=untrainable,
                save=save,
                own=own,
                devices=devices,
            )
            if path.id in PATHS:
                raise ValueError("loading path {!r} is declared twice".format(path.id))
            PATHS[path.id] = path
        return build

    return register


def checks_of(suite, path=None):
    """The checks that a suite runs, by name and in order.

    Fine-tuning comes first in `all`: it leaves the network as it was, which the last of the properties does not.

    Args:
        suite: one of `SUITES`.
        path: the `LoadingPath` that is tested; None is any without a check of its own, which is one of the properties.
    """
    if path is not None and path.own is not None:
        return {} if suite == FINETUNE else {each.name: each for each in path.own}
    return {PROPERTIES: CHECKS, FINETUNE: FINETUNE_CHECKS, ALL: dict(FINETUNE_CHECKS, **CHECKS)}[suite]


def every_check():
    """Every check by name: those of loading paths, those that paths have of their own, and the fine-tune's."""
    own = {each.name: each for path in PATHS.values() for each in path.own or ()}
    return dict(CHECKS, **own, **FINETUNE_CHECKS)


def check(name, *, code="", suite=PROPERTIES):
    """Register the decorated function as the check `name`; checks run in the order of registration."""
    registry = FINETUNE_CHECKS if suite == FINETUNE else CHECKS

    def register(decide):
        if name in CHECKS or name in FINETUNE_CHECKS:
            raise ValueError("check {!r} is declared twice".format(name))
        statement = " ".join((decide.__doc__ or "").split("\n\n")[0].split())
        registry[name] = Check(name=name, statement=statement, decide=decide, code=cleandoc(code), suite=suite)
        return decide

    return register


def import_modules(package):
    """Import every module of a package in alphabetical order, so that its declarations register."""
    for module in sorted(pkgutil.iter_modules(package.__path__), key=lambda module: module.name):
        importlib.import_module("{}.{}".format(package.__name__, module.name))
