"""Which cells selectors over releases, paths and variants choose."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from fnmatch import fnmatchcase

from bnregress.cells.identifiers import DEFAULT_VARIANT, CellId
from bnregress.cells.selector import choose, expand_braces, matches, no_match
from bnregress.cells.variants import default_names, offered, spelled_out
from bnregress.errors import NothingToDoError
from bnregress.releases import crossing
from bnregress.releases.catalog import Release
from bnregress.suite.registry import DEFAULT_GROUP, FINETUNE, OWN_CHECKS

_GROUP = "group:"


def select_cells(
    selectors: Sequence[str],
    paths: Sequence[str],
    variants: Sequence[str],
    catalog: Mapping[str, Release],
    known_paths: Collection[str],
    suite: str,
) -> list[CellId]:
    """Return the cells that the selectors choose, release by release in the catalog's order; see `make_plan`.

    Raises:
        UsageError: a selector fits nothing.
        NothingToDoError: every selector fits something, but no cell fits them all.
    """
    groups = dict(known_paths) if isinstance(known_paths, Mapping) else dict.fromkeys(known_paths, DEFAULT_GROUP)
    written = [*paths, *(selector.split("/")[-1].partition("@")[0] for selector in selectors if "/" in selector)]
    crossings = crossing.offered(catalog, filter(crossing.is_base, groups), written)
    for path in [*filter(crossing.is_base, groups)]:
        group = groups.pop(path)
        groups |= {id: group for ids in crossings.values() for id in ids if id.startswith(f"{path}=")}
    allowed_paths = _paths(paths, groups) if paths else set(groups)
    plain_paths = allowed_paths if paths else {path for path, group in groups.items() if group == DEFAULT_GROUP}
    variants, spelled = spelled_out(variants, selectors)
    variants_of = {path: offered(path, spelled) for path in groups}
    every_variant = dict.fromkeys(variant for names in variants_of.values() for variant in names)
    allowed_variants = choose(variants, every_variant, "variant") if variants else None
    # A fine-tune wraps and trains in its own way, so that other variants would be asked the same again.
    usual = {path: (DEFAULT_VARIANT,) if suite == FINETUNE else default_names(path) for path in groups}
    if not any("/" in selector for selector in selectors):
        # No selector names a cell by its id, so that those of a hundred other variants need not be made.
        variants_of = {
            path: tuple(name for name in names if name in (allowed_variants or usual[path]))
            for path, names in variants_of.items()
        }
    every = [
        CellId(release=name, path=path, variant=variant)
        for name in _releases_named(selectors, catalog)
        for path in groups
        if "=" not in path or path in crossings[name]
        for variant in variants_of[path]
    ]
    names = {str(cell): cell for cell in every}
    chosen: set[CellId] = set()
    by_default = {cell for cell in every if cell.variant in usual[cell.path]}
    for selector in selectors:
        if "/" in selector:
            found = {names[name] for name in _meant(selector, names, groups, "cell", lambda name: names[name].path)}
            chosen.update(found)
            # Who writes a variant into the cell's id means it.
            by_default.update(found if "@" in selector else ())
        else:
            releases = _releases(selector, catalog)
            chosen.update(cell for cell in every if cell.release in releases and cell.path in plain_paths)
    cells = [
        cell
        for cell in every
        if cell in chosen
        and not (suite == FINETUNE and cell.path in OWN_CHECKS)
        and cell.path in allowed_paths
        and (cell in by_default if allowed_variants is None else cell.variant in allowed_variants)
    ]
    if not cells:
        raise NothingToDoError(
            "No cell matches all of --select, --path, --variant and --suite at once, so there is nothing to do."
            " Drop one of them, or see `bnregress plan`."
        )
    return cells


def _releases_named(selectors: Sequence[str], catalog: Mapping[str, Release]) -> list[str]:
    """Return the releases that selectors can choose cells of, for each of the others has hundreds.

    Where one of them fits no release it is all of them, so that the error can say what was meant.
    """
    named: set[str] = set()
    for selector in selectors:
        if "/" not in selector:
            named.update(_releases(selector, catalog))
            continue
        for release in {glob.partition("/")[0] for glob in expand_braces(selector)}:
            found = [name for name in catalog if fnmatchcase(name, release)]
            if not found:
                return list(catalog)
            named.update(found)
    return [name for name in catalog if name in named]


def _paths(selectors: Sequence[str], groups: Mapping[str, str]) -> set[str]:
    chosen: set[str] = set()
    for selector in selectors:
        if not selector.startswith(_GROUP):
            chosen.update(_meant(selector, groups, groups, "path"))
            continue
        wanted = choose([selector.removeprefix(_GROUP)], set(groups.values()), "group of paths")
        chosen.update(path for path, group in groups.items() if group in wanted)
    return chosen


def _meant(
    selector: str,
    names: Collection[str],
    groups: Mapping[str, str],
    what: str,
    path_of: Callable[[str], str] = str,
) -> list[str]:
    """Return the names that a selector fits; a glob that fits any path of the default group means no others.

    So `h5*` is not also `h5.resnet50`, and `*.resnet50` is.
    """
    choose([selector], names, what)
    meant: list[str] = []
    for glob in expand_braces(selector):
        found = [name for name in names if matches(glob, name)]
        usual = [name for name in found if groups[path_of(name)] == DEFAULT_GROUP]
        meant += usual or found
    return meant


def _releases(selector: str, catalog: Mapping[str, Release]) -> set[str]:
    if not selector.startswith(_GROUP):
        return set(choose([selector], catalog, "release"))
    pattern = selector.removeprefix(_GROUP)
    groups = sorted({group for release in catalog.values() for group in release.groups})
    for glob in expand_braces(pattern):
        if not any(matches(glob, group) for group in groups):
            raise no_match(pattern, glob, groups, "group of releases")
    return {name for name, release in catalog.items() if any(matches(pattern, group) for group in release.groups)}
