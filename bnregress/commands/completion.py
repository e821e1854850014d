"""Completion of the command line in a shell, by argcomplete, which knows how to speak to bash, zsh and fish."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from typing import Any

import argcomplete


def complete(parser: argparse.ArgumentParser) -> None:
    """Answer the shell that asks how the line might go on, and end the process."""
    for command in _commands(parser):
        for action in command._actions:  # noqa: SLF001 - argparse offers no other way to name an action
            names = _NAMES.get(action.option_strings[-1] if action.option_strings else action.dest)
            if names is not None:
                action.completer = _completer(names)  # type: ignore[attr-defined]
    argcomplete.autocomplete(parser)


def _commands(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    for action in parser._actions:  # noqa: SLF001
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            yield from action.choices.values()


def _completer(names: Callable[[], list[str]]) -> Callable[..., list[str]]:
    def each(**_: Any) -> list[str]:
        return names()

    return each


def _releases() -> list[str]:
    from bnregress.releases.catalog import load_catalog  # noqa: PLC0415 - each in its time: a shell waits for one

    catalog = load_catalog()
    groups = {f"group:{group}" for release in catalog.values() for group in release.groups}
    return [*catalog, *sorted(groups)]


def _paths() -> list[str]:
    from bnregress.suite.paths import PATHS  # noqa: PLC0415

    return [*PATHS, *sorted({f"group:{path.group}" for path in PATHS.values()})]


def _variants() -> list[str]:
    from bnregress.suite.variants import AXES  # noqa: PLC0415

    return [f"{axis}={value}" for axis, values in AXES.items() for value in values]


def _checks() -> list[str]:
    import bnregress.suite.checks  # noqa: F401, PLC0415 - declares them
    from bnregress.suite.registry import every_check  # noqa: PLC0415

    return list(every_check())


_NAMES: dict[str, Callable[[], list[str]]] = {
    "--select": _releases,
    "--from": _releases,
    "--to": _releases,
    "--path": _paths,
    "--variant": _variants,
    "--check": _checks,
    "name": lambda: [*_paths(), *_checks(), *_variants(), *_releases()],
}
