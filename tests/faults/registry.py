"""How a fault is declared."""

# Read by CPython 3.7 too, and untyped like the suite.
# ruff: noqa: UP006, UP035, UP045
# mypy: ignore-errors

from dataclasses import dataclass
from typing import Any, Callable, Dict, Optional, Tuple

#: The path that builds its network itself; the others save, rebuild or copy it.
DIRECT = "direct"
#: Paths that save, rebuild or copy; a fault of one must not be found on another.
LOADS = ("clone", "json", "h5")

#: Two layers of equal shape, and the convolution before the second, in the small network and in ResNet50 alike.
FIRST, SECOND, CONVOLUTION = "conv2_block1_1_bn", "conv2_block1_2_bn", "conv2_block1_2_conv"

#: The path that carries the variants.
VARIED = "small"

#: Paths with checks of their own, see `bnregress.suite.usage`.
USAGE = ("training", "layers", "flags", "constructor", "phases", "resumed-keras-v3", "replicas")

#: For `Fault.layers`: every BatchNorm is broken, so naming any of them is right.
EVERY = ("*",)


@dataclass(frozen=True)
class Fault:
    """One way of breaking Keras.

    Attributes:
        name: kebab-case name.
        statement: what is broken, one sentence.
        expected: the check that must find it.
        also: checks that may find it too, as a consequence.
        layers: the layers that are broken, `EVERY`, or None where the fault is not a layer's.
        paths: loading paths on which it must be found, or `PATH@VARIANT`.
        networks: `small`, `resnet50` or both.
        meets: the setting or kind of layer in which it shows alone; not every release has it.
        plant: takes a `tests.faults.keras.Keras` and breaks it.
    """

    name: str
    statement: str
    expected: str
    also: Tuple[str, ...]
    layers: Optional[Tuple[str, ...]]
    paths: Tuple[str, ...]
    networks: Tuple[str, ...]
    meets: Optional[str]
    plant: Callable[..., Any]

    @property
    def varied(self):
        """Whether it shows in variants only, `PATH@VARIANT`, and not in the default one."""
        return all("@" in path for path in self.paths)

    @property
    def observed(self):
        """Paths that are run while the fault is active: its own, and beside a single loading path one that is sound.

        Beside a variant that is the default one.
        """
        if self.varied:
            return (*self.paths, VARIED)
        if len(self.paths) > 1 or self.paths[0] not in LOADS:
            return self.paths
        return (*self.paths, LOADS[LOADS.index(self.paths[0]) - 1])


FAULTS: Dict[str, Fault] = {}


def in_variants(*names):
    """For `paths`: the small network in these variants."""
    return tuple(f"{VARIED}@{name}" for name in names)


def fault(expected, also=(), layers=EVERY, paths=(DIRECT,), networks=("small",), meets=None):
    """Declare the decorated function as the fault of its name; see `Fault`."""

    def register(plant):
        name = plant.__name__.replace("_", "-")
        if name in FAULTS:
            raise ValueError(f"fault {name!r} is declared twice")
        statement = " ".join((plant.__doc__ or "").split())
        FAULTS[name] = Fault(
            name, statement, expected, tuple(also), layers, tuple(paths), tuple(networks), meets, plant
        )
        return plant

    return register
