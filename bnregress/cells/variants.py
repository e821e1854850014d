"""Variants as a command line names them: globs over what the suite offers, or exact combinations."""

from __future__ import annotations

from collections.abc import Iterable

from bnregress.errors import UsageError
from bnregress.suite import variants

_MAGIC = frozenset("*?[]{}\\")


def default_names(path: str) -> tuple[str, ...]:
    """The variants of a path that run if none is named."""
    return tuple(variants.default_names(path))


def offered(path: str, spelled: Iterable[str]) -> tuple[str, ...]:
    """The variants that can be chosen on a path: those of the suite, and those that were spelled out."""
    return tuple(dict.fromkeys([*variants.names(path), *spelled]))


def every_name(paths: Iterable[str]) -> tuple[str, ...]:
    """The variants that the suite offers on any of the paths."""
    return tuple(dict.fromkeys(name for path in paths for name in variants.names(path)))


def is_variant(name: str) -> bool:
    """Whether it is a variant's canonical name, offered on a path or not."""
    try:
        return bool(variants.parse(name).name == name)
    except ValueError:
        return False


def spelled_out(selectors: Iterable[str], cells: Iterable[str]) -> tuple[list[str], list[str]]:
    """Read variants that are spelled out exactly, each of which a release may be asked in.

    Args:
        selectors: of variants, as `freeze=model,wrap=chain` or `freeze=*`.
        cells: selectors of releases and cells; one such as `tf2.1.0/h5@freeze=model` spells a variant.

    Returns:
        The selectors of variants with exact ones in their canonical spelling, and the canonical names alone, those of
        cells among them.

    Raises:
        UsageError: an exact one is none; says the nearest.
    """
    canonical = [_canonical(selector) if _is_exact(selector) else selector for selector in selectors]
    of_cells = [cell.rpartition("@")[2] for cell in cells if "@" in cell]
    names = [name for name in canonical if _is_exact(name)]
    names += [_canonical(name) for name in of_cells if _is_exact(name)]
    return canonical, names


def _is_exact(selector: str) -> bool:
    return not _MAGIC.intersection(selector)


def _canonical(name: str) -> str:
    try:
        return str(variants.parse(name).name)
    except ValueError as error:
        end = "" if str(error).endswith("?") else "."
        raise UsageError(
            f"No variant is named {name!r}: {error}{end}"
            " `bnregress plan --variant '*'` lists the variants of every path."
        ) from None
