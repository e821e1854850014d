"""The table of options: a row here is a key of `[tool.bnregress]`, an environment variable and a part of the schema."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bnregress.commands.configuration.kinds import Amount, Choice, Count, Kind, Place, Switch, Text, Texts
from bnregress.planning.finetune import Finetune


@dataclass(frozen=True, kw_only=True)
class Option:
    """An option of one command or of several.

    Attributes:
        commands: those that take it from the environment and the file, where the command line does not give it.
        name: the key in a file; `--NAME` on the command line.
        default: what commands take where nobody says anything; None where that depends on the command.
    """

    name: str
    kind: Kind
    commands: tuple[str, ...] = ("plan", "run")
    help: str
    default: Any = None

    @property
    def attribute(self) -> str:
        """Its name among parsed arguments."""
        return self.name.replace("-", "_")

    @property
    def variable(self) -> str:
        """Its environment variable."""
        return f"BNREGRESS_{self.attribute.upper()}"


OPTIONS = (
    Option(
        name="select", kind=Texts(), default=[],
        help="Releases (tf2.1.0, 'tf2.{0,1}.*'), cells ('*/h5') or a group (group:patch).",
    ),
    Option(name="path", kind=Texts(), commands=("plan", "run", "gate"), default=[], help="Loading paths."),
    Option(
        name="variant", kind=Texts(), commands=("plan", "run", "gate"), default=[],
        help="Variants of freezing, wrapping and training.",
    ),
    Option(
        name="suite", kind=Choice(("properties", "finetune", "all")), default="properties",
        help="Which checks a cell is asked.",
    ),
    Option(
        name="data", kind=Text(), default=Finetune.data,
        help="Images of fine-tune runs: gratings10, cifar10, tfds:NAME or FILE.npz.",
    ),
    Option(
        name="weights", kind=Text(), default=Finetune.weights,
        help="Weights of fine-tune runs: surrogate, imagenet or a FILE of Keras weights.",
    ),
    Option(name="seeds", kind=Count(), default=Finetune.seeds, help="Fine-tunes of each cell, judged together."),
    Option(
        name="learning-rate", kind=Amount(None), default=Finetune.learning_rate,
        help="Learning rate of fine-tune runs, which is of plain SGD.",
    ),
    Option(name="device", kind=Choice(("auto", "cpu", "gpu")), default="auto", help="What cells run on."),
    Option(name="jobs", kind=Count(), help="Processes at work; one for each CPU where it is left out."),
    Option(name="timeout", kind=Amount("seconds"), default=300.0, help="Time budget of a cell, in seconds."),
    Option(
        name="disk-budget", kind=Amount("gigabytes", bytes_each=10**9),
        help="Room for environments, in gigabytes; those least recently used are removed.",
    ),
    Option(
        name="explore", kind=Amount("minutes"), commands=("run",),
        help="Search so many minutes in each release beyond the fixed probes, and remember failing examples.",
    ),
    Option(
        name="search-seed", kind=Count(), commands=("run",), help="Take the examples of an earlier search again.",
    ),
    Option(name="offline", kind=Switch(), default=False, help="Install from uv's cache alone."),
    Option(name="fresh", kind=Switch(), default=False, help="Run cells again that earlier runs decided just the same."),
    Option(name="out", kind=Place(), default=Path("bnregress-results"), help="Folder that results go to."),
    Option(
        name="known", kind=Place(or_word="none"), commands=("run", "report", "gate"),
        help="File of known regressions that results are held against, or none.",
    ),
    Option(
        name="fail-on", kind=Choice(("regression", "drift", "never")), commands=("run", "report", "gate"),
        default="regression",
        help="What the exit code calls a failure.",
    ),
    Option(name="model", kind=Text(), commands=("run", "gate"), help="A model of your own, MODULE:CALLABLE."),
)  # fmt: skip
