"""What a process must be before anything is built in it: cells that want another one need a process of their own."""

from dataclasses import dataclass

from bnregress.suite import gpu
from bnregress.suite.paths import PATHS
from bnregress.suite.variants.mode import MODE, mode_of
from bnregress.suite.variants.train import TRAIN


@dataclass(frozen=True)
class Setup:
    """What is settled as the framework is imported.

    Attributes:
        mode: the switch that is thrown, see `bnregress.suite.variants.mode`.
        devices: how many logical devices the processor is split into.
    """

    mode: str = next(iter(MODE))
    devices: int = 1

    @property
    def order(self):
        """Sorts setups, the one that a release comes with first."""
        return [*MODE].index(self.mode), self.devices


#: What a release comes with.
USUAL = Setup()


def setup_of(path, variant):
    """What a cell needs, by the names of its path and variant; does not mind what it does not know."""
    parts = dict(part.partition("=")[::2] for part in variant.split(","))
    asking = (PATHS.get(path.partition("=")[0]), TRAIN.get(parts.get("train")))
    return Setup(mode_of(variant), max([1] + [each.devices for each in asking if each is not None]))


def require(framework, count):
    """Names of logical devices, as `MirroredStrategy` takes them: GPUs if the cells are to run on a GPU.

    Raises:
        NotApplicable: this release cannot split a processor.
        RuntimeError: it can, and this process has not done so.
    """
    kind = "GPU" if gpu.wanted() else "CPU"
    listed = framework.require("config.experimental.list_logical_devices")(kind)
    framework.require("config.experimental.VirtualDeviceConfiguration")
    if len(listed) < count:
        raise RuntimeError("this process has {} logical devices, and the cell needs {}".format(len(listed), count))
    return ["/{}:{}".format(kind.lower(), place) for place in range(count)]
