"""Makes report.html from the template, the styles and the scripts beside this module."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable
from functools import cache
from importlib.resources import files

from jinja2 import Environment, FunctionLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape

from bnregress.judging.compatibility import compatibility
from bnregress.judging.summary import summarise
from bnregress.reading.text import one_line
from bnregress.releases.catalog import load_catalog
from bnregress.reports.grid import Grid
from bnregress.reports.html.columns import newest_first
from bnregress.reports.html.embedded import Shared, details, overview, packages, packed
from bnregress.reports.html.headline import sections
from bnregress.reports.totals import totals
from bnregress.results.model import DEFAULT_POLICY, Policy, Results

STYLES = ("colours.css", "page.css", "grid.css", "cell.css", "narrow.css", "print.css")
SCRIPTS = (
    "elements.js",
    "data.js",
    "query.js",
    "grid.js",
    "filters.js",
    "plots.js",
    "curves.js",
    "packages.js",
    "cell.js",
    "main.js",
)


@cache
def asset(name: str) -> str:
    """Return a file that stands beside this module."""
    return files("bnregress.reports.html").joinpath(name).read_text(encoding="utf-8")


def render_page(results: Results, policy: Policy = DEFAULT_POLICY) -> str:
    """Return the whole page: nothing in it is fetched, and no script but its own can run in it."""
    grid, shared = newest_first(Grid.of(results, folded=False), results), Shared()
    cells = details(results, grid, shared)
    catalog = [(release.tensorflow, release.keras) for release in load_catalog().values() if release.on_tensorflow]
    said = summarise(results, policy)
    return fill(
        "report.html.jinja",
        styles=STYLES,
        scripts=SCRIPTS,
        results=results,
        grid=grid,
        word=said.word,
        sentence=one_line(said.sentence),
        totals=totals(results),
        sections=sections(results),
        packed={
            "overview": packed(overview(results, grid, compatibility(results, catalog))),
            "packages": packed(packages(results, grid)),
            "shared": packed(shared.values),
            **{f"release-{place}": packed(found) for place, found in enumerate(cells)},
        },
    )


def fill(template: str, *, styles: Iterable[str], scripts: Iterable[str] = (), **values: object) -> str:
    """Render a template that stands beside this module with its styles and scripts inlined, all else escaped.

    A lone surrogate, which JSON can hold and no file in UTF-8 can, becomes a question mark.
    """
    style, script = ("\n".join(map(asset, names)) for names in (styles, scripts))
    page = (
        environment()
        .get_template(template)
        .render(
            style=Markup(style),  # noqa: S704  ours
            script=Markup(script),  # noqa: S704  ours
            policy=policy(style, script),
            **values,
        )
    )
    return page.encode("utf-8", "replace").decode("utf-8")


def prose(text: str) -> Markup:
    """Return a sentence escaped, what stands between backticks in the typeface of code."""
    parts = re.split(r"`([^`]+)`", one_line(text))
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if index % 2 else escape(part) for index, part in enumerate(parts)
    )


def linked(text: str) -> Markup:
    """Return a sentence as `prose` does, each https address in it as a link."""
    parts = re.split(r"(https://[^\s()<>\"'`]+[^\s()<>\"'`.,;])", one_line(text))
    return Markup("").join(
        Markup('<a href="{0}" rel="noreferrer">{0}</a>').format(part) if index % 2 else prose(part)
        for index, part in enumerate(parts)
    )


def policy(style: str, script: str) -> str:
    """Return the content security policy of a page: this style, this script, nothing else, and nothing fetched."""
    scripts = f"; script-src {_hash(script)}" if script else ""
    return f"default-src 'none'; style-src {_hash(style)}{scripts}; base-uri 'none'; form-action 'none'"


def _hash(text: str) -> str:
    """Return the source expression of the content security policy that allows this very text, and nothing else."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


@cache
def environment() -> Environment:
    """Return what renders the templates beside this module, everything escaped unless it is Markup."""
    environment = Environment(
        loader=FunctionLoader(asset),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["prose"] = prose
    environment.filters["linked"] = linked
    return environment
