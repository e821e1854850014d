"""The networks that faults are planted under: a small one in ResNet50's image, and ResNet50 itself.

Both take the place of the suite's own sound network, so that its loading paths
save, rebuild and copy them.
"""

# Read by CPython 3.7 too, and untyped like the suite.
# mypy: ignore-errors

from bnregress.suite import paths, small, sound  # noqa: F401 - the suite's own paths come first
from bnregress.suite.finding import NotApplicable
from bnregress.suite.registry import loading_path
from tests.faults.registry import DIRECT

_RESNET50 = tuple(sound.CANDIDATES["resnet50"])


def _build_resnet50(framework):
    for _, build in _RESNET50:
        try:
            return build(framework)
        except NotApplicable:
            continue
    raise NotApplicable(f"{framework.name} builds no ResNet50")


_BUILDERS = {"small": small.build, "resnet50": _build_resnet50}
_chosen = []


def choose(name):
    """Let the loading paths start from this network, `small` or `resnet50`."""
    _chosen[:] = [_BUILDERS[name]]
    sound.CANDIDATES = dict.fromkeys(sound.CANDIDATES, (("source = ...", _BUILDERS[name]),))


@loading_path(DIRECT, family="applications", summary="the network as it is built")
def direct(framework):
    """Give the path of a network that nothing was done to."""
    return _chosen[0](framework)
