"""Options that several commands share: what runs, and on what.

An option here is all that there is to write for one: the command line, `[tool.bnregress]` with its schema, the
environment variable, the inputs of the GitHub Action and the pages of the documentation follow from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bnregress.commands.configuration.kinds import Choice, PythonPlace, Several, Text
from bnregress.commands.configuration.option import INPUT, Arguments, Group, option
from bnregress.machine.devices import AUTO, DEFAULT_DEVICE, DEVICES
from bnregress.suite.registry import PROPERTIES, SUITES

WHAT = Group("what to run", "globs with braces; each option may be given several times")


@dataclass(frozen=True, kw_only=True)
class Releases(Arguments):
    """Which releases, or single cells."""

    group = WHAT

    select: tuple[str, ...] = option(
        Several(Text()),
        metavar="G",
        help="releases (`tf2.1.0`, `tf2.{0,1}.*`), cells (`*/h5`) or a group (`group:patch`)",
        default=(),
        otherwise="group:default",
        configured=True,
        action=INPUT,
    )


@dataclass(frozen=True, kw_only=True)
class Brought(Arguments):
    """The environment that a person brings."""

    group = WHAT

    environment: Path | None = option(
        PythonPlace(),
        metavar="PATH",
        help="instead of releases, your own environment as it stands: its folder, an interpreter, or a script that"
        " starts one; nothing is installed into it",
        configured=True,
        action=INPUT,
    )


@dataclass(frozen=True, kw_only=True)
class Builds(Arguments):
    """Builds that take the place of a release's own packages."""

    group = WHAT

    builds: tuple[str, ...] = option(
        Several(Text()),
        name="with",
        metavar="PACKAGE=BUILD",
        help="a build in place of a release's own package, as `keras=.`: a folder of source, a wheel or git+URL",
        default=(),
        action=INPUT,
    )


@dataclass(frozen=True, kw_only=True)
class Subjects(Arguments):
    """Which loading paths, and in which variants."""

    group = WHAT

    path: tuple[str, ...] = option(
        Several(Text()),
        metavar="G",
        help="loading paths (`h5`, `tf-keras-*`) or a group (`group:full`, `group:backbones`)",
        default=(),
        otherwise="group:default",
        configured=True,
        action=INPUT,
    )
    variant: tuple[str, ...] = option(
        Several(Text()),
        metavar="G",
        help="variants of freezing, wrapping and training (`freeze=*`, `freeze=model,wrap=chain`, `*`)",
        default=(),
        otherwise="default, and on the path small variants that cover every pair that needs no mode",
        configured=True,
        action=INPUT,
    )


@dataclass(frozen=True, kw_only=True)
class Device(Arguments):
    """On what it runs."""

    group = WHAT

    device: str = option(
        Choice((AUTO, *DEVICES)),
        help="what cells run on; auto is a GPU if the release can use one",
        default=DEFAULT_DEVICE,
        configured=True,
        action=INPUT,
    )


@dataclass(frozen=True, kw_only=True)
class Suite(Device):
    """What is tested, and on what."""

    group = WHAT

    suite: str = option(
        Choice(SUITES),
        help="which checks are run on a cell",
        default=PROPERTIES,
        configured=True,
        action=INPUT,
    )
