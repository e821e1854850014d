"""`bnregress bisect`: the release to blame."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from rich.text import Text

import bnregress.suite.checks  # noqa: F401 (declares the checks that `checks_of` returns)
from bnregress.bisecting.bisection import bisection_of
from bnregress.bisecting.commit_row import CommitRow, commit_row
from bnregress.bisecting.commits import Repository
from bnregress.bisecting.interval import between
from bnregress.bisecting.neighbour_scripts import write_scripts
from bnregress.bisecting.one_release import ReleaseTester, Target, verdict_for_search
from bnregress.bisecting.search import search
from bnregress.cells.selector import choose
from bnregress.commands.declared.bisect import BisectArguments
from bnregress.commands.declared.how import OUT
from bnregress.errors import ExitCode, UsageError
from bnregress.judging.known.entries import load_known
from bnregress.judging.known.matching import Names
from bnregress.machine.locations import cache_dir
from bnregress.planning.durations import predictor
from bnregress.releases.catalog import read_catalog
from bnregress.releases.dated import Row, is_dated, refuse_offline, row_between
from bnregress.releases.ondemand import with_keras_between
from bnregress.reports.bisected import print_bisection
from bnregress.reports.progress import progress_for
from bnregress.reports.screen import Screen
from bnregress.run.budgets import Budgets
from bnregress.run.events import Progress
from bnregress.run.options import Surroundings
from bnregress.suite.registry import checks_of


def execute(arguments: BisectArguments) -> ExitCode:
    """Search, print what was found, and return what it comes to.

    Raises:
        UsageError: a name is wrong, or the two releases span no row.
    """
    target = _target(arguments)
    searched = _row(arguments)
    row = searched.ids
    # A branch may have a slash in its name.
    name = f"bisect-{target.subject}-{arguments.first}-to-{arguments.last}".replace("/", "-")
    out = (arguments.out or OUT / name).absolute()
    most = math.ceil(math.log2(len(row))) + 2 if not arguments.verify else len(row)
    teller = _Teller(most, arguments.suite)
    tester = ReleaseTester(
        target=target,
        out=out,
        known=load_known(),
        device=arguments.device,
        offline=arguments.offline,
        interpreters=arguments.interpreters,
        budgets=Budgets(cell=arguments.timeout),
        progress=teller.listen,
        surroundings=Surroundings(catalog=searched.catalog),
    )

    def test(place: int) -> str | None:
        teller.tests(row[place])
        if isinstance(searched, CommitRow):
            searched.take_out(row[place])
        outcome = tester.test(row[place])
        teller.told(outcome.verdict or f"open, {outcome.reason}")
        return verdict_for_search(outcome, tester.outcomes, (row[0], row[-1]))

    found = bisection_of(
        target,
        row,
        search(len(row), test, verify=arguments.verify),
        tester.outcomes,
        days=searched.days if isinstance(searched, Row) else {},
        said=searched.said,
        commits=searched.commits if isinstance(searched, CommitRow) else {},
        repository=searched.repository.path if isinstance(searched, CommitRow) else None,
    )
    if found.steps and isinstance(searched, CommitRow):
        found = replace(found, files=searched.repository.files(searched.commits[found.steps[0].after]))
    scripts = write_scripts(found, out, searched.catalog) if found.steps else []
    if arguments.format == "json":
        print(json.dumps(found.to_json() | {"scripts": [str(script) for script in scripts]}, indent=1))
    else:
        print_bisection(Screen(), found, scripts)
    return found.exit_code


def _target(arguments: BisectArguments) -> Target:
    names = Names.here()
    for given, known, what in (
        (arguments.path, names.paths, "path"),
        (arguments.variant, names.variants, "variant"),
        (arguments.check, checks_of(arguments.suite), "check"),
    ):
        if given is not None and given not in known:
            choose([given], known, what)
            raise UsageError(f"{given} is a selector. Give the name of one {what}.")
    return Target(path=arguments.path, variant=arguments.variant, check=arguments.check, suite=arguments.suite)


def _row(arguments: BisectArguments) -> Row | CommitRow:
    first, last, catalog = arguments.first, arguments.last, read_catalog()
    if arguments.repository is not None:
        return commit_row(catalog, Repository(arguments.repository.absolute()), first, last, cache=cache_dir())
    if is_dated(first) or is_dated(last):
        refuse_offline(offline=arguments.offline)
        return row_between(catalog, first, last, cache=cache_dir())
    releases = catalog.releases if arguments.offline else with_keras_between(catalog, first, last, cache=cache_dir())
    return Row(catalog=releases, ids=tuple(release.id for release in between(releases, first, last)))


class _Teller:
    """Says on standard error how far the search is."""

    def __init__(self, most: int, suite: str) -> None:
        self._screen = Screen(stderr=True)
        self._suite = suite
        self._most = most
        self._number = 0

    def tests(self, release: str) -> None:
        self._number += 1
        self._say(f"{release}, number {self._number} of about {max(self._most, self._number)} ...")

    def told(self, verdict: str) -> None:
        self._say(f"  {verdict}")

    @contextmanager
    def listen(self) -> Iterator[Progress]:
        with progress_for(self._screen, predictor(self._suite)) as progress:
            yield progress

    def _say(self, line: str) -> None:
        self._screen.print(Text(line, style="dim"), soft_wrap=True)
