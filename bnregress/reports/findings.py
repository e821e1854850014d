"""docs/findings.md, and compat.json that it is made from: from which TensorFlow and which Keras each path is safe.

`bnregress findings` writes both; `python -m tools.findings` writes the page of this repository.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from packaging.version import Version

from bnregress.judging.compatibility import AXES, compatibility, to_json
from bnregress.judging.grouping import group_cells, whereabouts
from bnregress.machine.atomic import replace_text
from bnregress.reading.text import clip, count
from bnregress.reports.grid import Grid
from bnregress.reports.markdown import code, escape, prose, source, table
from bnregress.reports.style import LOOKS
from bnregress.results.model import CellResult, Results
from bnregress.suite import status

COMMAND = "python -m tools.findings RESULTS... --twins RESULTS --out docs/findings.md --readme README.md"
#: Characters of a heading.
HEADING = 76
EXPLAINED = (
    "Every measured version from the one named on is safe; if a second one is named, up to that, the last that has the"
    " path. `none`: the newest measured one breaks it. –: no measured version has it."
)
NAMES = {"tensorflow": "TensorFlow", "keras": "Keras"}

Json = Mapping[str, Any]


def write_findings(
    results: Results, catalog: Iterable[tuple[str, str]], plans: Sequence[str], out: Path
) -> tuple[Path, Path]:
    """Write compat.json and findings.md into a folder, and return them.

    Args:
        results: compared with the known regressions.
        catalog: TensorFlow and Keras version of every release that there is.
        plans: hashes of the plans of the runs.
        out: the folder, made if it is not there.
    """
    compat = to_json(compatibility(results, catalog), results, plans)
    out.mkdir(parents=True, exist_ok=True)
    data, page = out / "compat.json", out / "findings.md"
    replace_text(data, json.dumps(compat, indent=1) + "\n")
    replace_text(page, render_findings(results, compat))
    return data, page


def render_findings(results: Results, compat: Json, sections: Sequence[str] = ()) -> str:
    """Return the page as Markdown; every figure and verdict of it is from these results.

    Args:
        results: of runs.
        compat: compat.json of them.
        sections: further blocks of Markdown, which end the page.
    """
    grid = Grid.of(results)
    blocks = [
        f"<!-- Made by `{COMMAND}`. Do not edit. -->",
        "# Findings",
        _how_measured(results, [*dict.fromkeys(compat["plans"])]),
        "## From which version each path is safe",
        EXPLAINED,
        safe_table(compat),
        "## Releases and paths",
        _table(grid),
        "## What breaks",
        *_causes(compat),
        *_variants(compat),
        *_not_measured(compat),
        *sections,
        *_others(results, grid),
    ]
    return "\n\n".join(blocks) + "\n"


def safe_table(compat: Json, paths: Sequence[str] | None = None, link: str = "") -> str:
    """Return a row for each path: safe from which TensorFlow and which Keras, and what broke it before.

    Args:
        compat: compat.json.
        paths: those that are shown; None for all.
        link: the page that the causes are on, if it is another one.
    """
    rows = []
    for path, entry in compat["paths"].items():
        if paths is not None and path not in paths:
            continue
        support = _whole(entry)
        causes = sorted({each["cause"] for axis in AXES for each in support.get(axis, {}).get("broken", ())})
        why = ", ".join(f"[{cause + 1}]({link}#cause-{cause + 1})" for cause in causes) or "–"
        how = f"<br>{code(entry['summary'])}" if entry["summary"] else ""
        rows.append([f"{code(path)}{how}", *(_safe(support.get(axis)) for axis in AXES), why])
    return table(["path", "safe from TensorFlow", "safe from Keras", "why not before"], rows)


def _whole(entry: Json) -> Json:
    variants: Json = entry["variants"]
    whole: Json = variants.get("*") or variants.get("default") or next(iter(variants.values()))
    return whole


def _safe(support: Json | None) -> str:
    """Say from which version on, to which if the path is gone since, and what lies unmeasured before it."""
    if support is None:
        return "not measured"
    if support["safe_from"] is None:
        if not (support["measured"] or support.get("undecided")):
            return "–"
        # What is undecided and newer than what breaks says nothing of either.
        newest = support.get("broken", [{"versions": ["0", "0"]}])[-1]["versions"][1]
        open_ = support.get("undecided", ["0"])[-1]
        return "not decided" if _after(open_, newest) else "none"
    absent = support.get("absent", ())
    # Spans are in the order of versions: the last one is behind the safe ones if it does not end where they begin.
    gone = bool(absent) and _after(absent[-1][0], support["safe_to"])
    words = f"{support['safe_from']} to {support['safe_to']}" if gone else support["safe_from"]
    gap = next((each for each in support.get("not_measured", ()) if each["before"] == support["safe_from"]), None)
    return f"{words} ({_versions(gap['versions'])} not measured)" if gap else words


def _after(one: str, other: str) -> bool:
    return Version(one) > Version(other)


def _versions(versions: Sequence[str]) -> str:
    return versions[0] if len(versions) == 1 else f"{versions[0]} to {versions[-1]}"


def _how_measured(results: Results, plans: Sequence[str]) -> str:
    by = "one run" if len(plans) == 1 else "one of several runs"
    named = f"plan{'s' * (len(plans) > 1)} {', '.join(plan[:12] for plan in plans)}"
    host, day = results.host, f" of {results.started[:10]}" if results.started else ""
    measured = f"{count(len(results.cells), 'cell')} of {count(len(results.releases), 'release')}"
    return escape(
        f"{measured}, each measured by {by}{day} ({named}), by bnregress {results.bnregress} on"
        f" {host.platform} with {host.cpus} CPUs. The fixed probes are deterministic: a cell decided again gives the"
        " same verdict."
    )


def _table(grid: Grid) -> str:
    """Paths as rows: they are more than the releases, and their names are longer."""
    rows = [
        [code(subject), *(_shown(grid.cells.get((release, subject))) for release in grid.releases)]
        for subject in grid.subjects
    ]
    key = "; ".join(f"{_mark(name)} {name}" for name in reversed(LOOKS))
    return f"{table(['path', *(release.removeprefix('tf') for release in grid.releases)], rows)}\n\n{key}"


def _shown(cell: CellResult | None) -> str:
    return _mark(cell.status) if cell else ""


def _mark(name: str) -> str:
    mark = LOOKS[name].mark
    return f"**{mark}**" if name in (status.REGRESS, status.ERROR) else mark


def _causes(compat: Json) -> list[str]:
    """Tell each cause once, with every path that it breaks and where."""
    broken: dict[int, dict[str, dict[str, list[Json]]]] = {}
    for path, entry in compat["paths"].items():
        for variant, support in entry["variants"].items():
            for axis in AXES:
                for each in support.get(axis, {}).get("broken", ()):
                    if variant != "*":
                        name = path if variant == "default" else f"{path}@{variant}"
                        broken.setdefault(each["cause"], {}).setdefault(axis, {}).setdefault(name, []).append(each)
    blocks = [] if broken else ["Nothing."]
    for place, cause in enumerate(compat["causes"]):
        where = broken.get(place)
        if where is None:
            continue
        # An anchor of its own is one on GitHub and on the site alike.
        blocks.append(f'### <a id="cause-{place + 1}"></a>{place + 1}. {escape(_heading(where))}')
        blocks.append(prose(f"{cause['reason'][:1].upper()}{cause['reason'][1:].rstrip('.')}."))
        lines = [f"- {NAMES[axis]} {line}" for axis, names in where.items() for line in _spans(names)]
        checks = {
            check: None
            for names in where.values()
            for some in names.values()
            for each in some
            for check in each["checks"]
        }
        lines.append(f"- Checks: {', '.join(map(code, checks))}")
        if cause["remedy"]:
            lines.append(f"- Remedy: {prose(cause['remedy'])}")
        if cause["source"]:
            lines.append(f"- Source: {source(cause['source'])}")
        blocks.append("\n".join(lines))
    return blocks


def _heading(where: Mapping[str, Mapping[str, object]]) -> str:
    paths = list(dict.fromkeys(name.partition("@")[0] for names in where.values() for name in names))
    shown = paths[0]
    for place, path in enumerate(paths[1:], 1):
        more = f" and {len(paths) - place} more"
        if len(f"{shown}, {path}{more}") > HEADING:
            return clip(shown + more, HEADING)
        shown = f"{shown}, {path}"
    return shown


def _spans(names: Mapping[str, Sequence[Json]]) -> list[str]:
    """Bring together the paths that break in the same versions, many variants of one path as their number."""
    alike: dict[tuple[tuple[str, str], ...], dict[str, list[str]]] = {}
    for name, breaks in names.items():
        versions = tuple((each["versions"][0], each["versions"][1]) for each in breaks)
        alike.setdefault(versions, {}).setdefault(name.partition("@")[0], []).append(name)
    lines = []
    for versions, by_path in alike.items():
        told = [
            code(variants[0]) if len(variants) == 1 else f"{code(path)} ({len(variants)} variants)"
            for path, variants in by_path.items()
        ]
        when = ", ".join(first if first == last else f"{first} to {last}" for first, last in versions)
        lines.append(f"{when}: {', '.join(told)}")
    return lines


def _variants(compat: Json) -> list[str]:
    """Tell the variants that are not safe as their path's other ones are, a row for those that are alike."""
    rows = []
    for path, entry in compat["paths"].items():
        alike: dict[tuple[str, ...], list[str]] = {}
        for name, support in entry["variants"].items():
            if name != "*":
                alike.setdefault(tuple(_safe(support.get(axis)) for axis in AXES), []).append(name)
        if len(alike) > 1:
            rows += [
                [code(path), ", ".join(map(code, names)) if len(names) <= 12 else f"{len(names)} others", *safe]
                for safe, names in sorted(alike.items(), key=lambda each: len(each[1]))
            ]
    if not rows:
        return []
    head = ["path", "variant", "safe from TensorFlow", "safe from Keras"]
    return [
        "## Variants",
        "Ways of freezing, wrapping and training that differ in where they are safe.",
        table(head, rows),
    ]


def _not_measured(compat: Json) -> list[str]:
    """Name each version that was not measured, with its measured neighbours."""
    lines = []
    for axis in AXES:
        measured = [Version(version) for version in compat["measured"][axis]]
        gaps: dict[tuple[str, str], list[str]] = {}
        for version in compat["not_measured"][axis]:
            below = [each for each in measured if each < Version(version)]
            above = [each for each in measured if each > Version(version)]
            bounds = (str(below[-1]) if below else "", str(above[0]) if above else "")
            gaps.setdefault(bounds, []).append(version)
        for (below_, above_), versions in gaps.items():
            between = (
                f"between {below_} and {above_}"
                if below_ and above_
                else f"before {above_}"
                if above_
                else f"after {below_}"
            )
            lines.append(f"- {NAMES[axis]} {between}: {', '.join(versions)}")
    if not lines:
        return []
    return ["## Not measured", "What is safe on both sides of these may still break in one of them.", "\n".join(lines)]


def _others(results: Results, grid: Grid) -> list[str]:
    blocks = []
    for wanted in (status.ERROR, status.INCONCLUSIVE, status.UNAVAILABLE, status.NOT_APPLICABLE):
        cells = [cell for cell in results.cells if cell.status == wanted]
        if cells:
            blocks.append(f"## {LOOKS[wanted].heading} ({len(cells)})")
            blocks.append(
                "\n".join(
                    f"- {escape('; '.join(whereabouts(group.cells, grid.every, folded=True)))}: {prose(group.reason)}"
                    for group in group_cells(cells)
                )
            )
    return blocks
