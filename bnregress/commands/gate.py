"""`bnregress gate`: pass or fail for CI, and is an upgrade safe."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

from rich.text import Text

from bnregress.cells.selector import choose
from bnregress.checking.target import require_module
from bnregress.checking.two_releases import compare_model
from bnregress.commands.brought import brought, built_into
from bnregress.commands.configuration.option import options_of
from bnregress.commands.declared.gate import GateArguments, ToRun
from bnregress.commands.declared.how import OUT
from bnregress.commands.own_model import with_own_model
from bnregress.commands.refusing_places import NOTHING_TO_JUDGE, is_place
from bnregress.errors import ExitCode, UsageError
from bnregress.judging.assessment import assess
from bnregress.judging.gate.decision import SAFE, Decision
from bnregress.judging.gate.regressions import judge
from bnregress.judging.gate.upgrade import judge_upgrade
from bnregress.judging.known.drift import Unexpected
from bnregress.judging.known.entries import Entry, load_known
from bnregress.machine.fetching import Interpreters
from bnregress.machine.locations import cache_dir
from bnregress.planning.durations import predictor
from bnregress.reading.strict import printable
from bnregress.reading.workflow import shown
from bnregress.releases.catalog import Release, load_catalog, read_catalog
from bnregress.releases.dated import with_builds
from bnregress.releases.ondemand import with_releases
from bnregress.releases.pinned.pin_changes import UNCHANGED, Upgrade, upgrade_given
from bnregress.reports.gate import decision_as_markdown, github_annotations, print_decision
from bnregress.reports.progress import progress_for
from bnregress.reports.screen import Screen
from bnregress.results.file import RESULTS_FILE, load_results, write_results
from bnregress.results.identity import require
from bnregress.results.model import Results
from bnregress.run import engine
from bnregress.run.budgets import Budgets
from bnregress.run.options import RunOptions, Surroundings
from bnregress.run.trials import Trials


def execute(arguments: GateArguments) -> ExitCode:
    """Run what is needed, print the decision, and return what it comes to.

    Raises:
        UsageError: the command line or a file is wrong.
        NothingToDoError: there is no cell to run.
    """
    arguments, catalog = _with_environments(arguments)
    found = _upgrade(arguments, catalog)
    if found is not None and not found.changed:
        _print(_unchanged(found), arguments.format)
        return ExitCode.EXPECTED
    upgrade = None
    if found is not None:
        catalog, (before, after) = _with_days(arguments, (found.before, found.after), catalog)
        upgrade = (before, after)
    known = load_known(arguments.known)
    if arguments.results is not None:
        _require_nothing_to_run(arguments)
        loaded = load_results(arguments.results)
        require(arguments.run_id, [(printable(arguments.results), loaded.run)])
        results = _chosen(assess(loaded, known), arguments)
    elif upgrade is not None:
        results, interrupted, _ = _measure(arguments, upgrade, known, catalog)
        if interrupted:
            return ExitCode.INTERRUPTED
    else:
        raise UsageError(NOTHING_TO_JUDGE)
    decision = (
        judge(results, arguments.policy) if upgrade is None else judge_upgrade(results, *upgrade, arguments.fail_on)
    )
    _print(decision, arguments.format)
    return decision.exit_code


def _with_environments(arguments: GateArguments) -> tuple[GateArguments, dict[str, Release]]:
    """Return the arguments with an id for each side that is an environment, and all releases, these among them."""
    catalog = load_catalog()
    if arguments.builds:
        return _with_builds(arguments, catalog)
    if arguments.before == arguments.after:
        return arguments, catalog
    before = _environment(arguments, arguments.before, "--from", catalog)
    after = _environment(arguments, arguments.after, "--to", catalog)
    if before is not None and after is not None and before.id == after.id:
        # Two environments with one TensorFlow, as before and after an update of anything else.
        after = replace(after, id=f"{after.id}2")
    arguments = replace(
        arguments,
        before=before.id if before else arguments.before,
        after=after.id if after else arguments.after,
    )
    return arguments, catalog | {release.id: release for release in (before, after) if release is not None}


def _with_builds(arguments: GateArguments, catalog: dict[str, Release]) -> tuple[GateArguments, dict[str, Release]]:
    if arguments.results is not None or arguments.after not in catalog:
        raise UsageError(
            "--with puts a build into the release that --to names, which is then run. Give --from and --to, both"
            " releases of the catalog, and no RESULTS."
        )
    interpreters = Interpreters(mode=arguments.interpreters, offline=arguments.offline)
    after = built_into(catalog[arguments.after], arguments.builds, interpreters, arguments.device)
    return replace(arguments, after=after.id), catalog | {after.id: after}


def _environment(
    arguments: GateArguments, side: str | None, option: str, catalog: Mapping[str, Release]
) -> Release | None:
    """Return a side of the upgrade that is the path of an environment; None if it is the id of a release."""
    if side is None or side in catalog or not is_place(side):
        return None
    if arguments.results is not None:
        raise UsageError(
            f"{option} {side}: RESULTS hold what was measured before. Give the id there, such as tf2.15.1+local."
        )
    return brought(side, option)


def _with_days(
    arguments: GateArguments, sides: tuple[str, str], catalog: dict[str, Release]
) -> tuple[dict[str, Release], list[str]]:
    """Return all releases, nightly builds of days among them, and the id of each side."""
    builds, ids, said = with_builds(read_catalog(), sides, cache=cache_dir(), offline=arguments.offline)
    for line in said:
        Screen(stderr=True).print(Text(line), soft_wrap=True)
    return catalog | builds, ids


def _upgrade(arguments: GateArguments, catalog: dict[str, Release]) -> Upgrade | None:
    """Return the upgrade that is judged; None if it is not about one."""
    if arguments.before is not None and arguments.before == arguments.after:
        raise UsageError(f"--from and --to are both {arguments.before}. Give two releases.")
    return upgrade_given(arguments.before, arguments.after, arguments.before_tree, arguments.after_tree, catalog)


def _unchanged(upgrade: Upgrade) -> Decision:
    return Decision(
        word=SAFE,
        sentence=f"nothing to gate: both sides use {upgrade.before}, and {UNCHANGED}.",
        exit_code=ExitCode.EXPECTED,
    )


def _require_nothing_to_run(arguments: GateArguments) -> None:
    given = [f"--{option.name}" for option in options_of(ToRun) if option.attribute in arguments.given]
    if given:
        raise UsageError(f"{', '.join(given)}: nothing is run if RESULTS are given. Leave one or the other out.")


def _measure(
    arguments: GateArguments, upgrade: tuple[str, str], known: tuple[Entry, ...], catalog: dict[str, Release]
) -> engine.Measured:
    catalog = with_releases(read_catalog(), upgrade, cache=cache_dir()) | catalog
    for release in upgrade:
        if release not in catalog:
            choose([release], catalog, "release")
            raise UsageError(f"{release} is a selector. Give the id of one release, as tf2.15.1.")
    if arguments.model is not None:
        require_module(arguments.model)
    out = arguments.out or OUT / "-to-".join(upgrade)
    options = RunOptions(
        out=out.absolute(),
        select=upgrade,
        paths=arguments.path,
        variants=arguments.variant,
        suite=arguments.suite,
        device=arguments.device,
        jobs=arguments.jobs,
        offline=arguments.offline,
        interpreters=arguments.interpreters,
        budgets=Budgets(cell=arguments.timeout),
        run_id=arguments.run_id,
        trials=Trials(news=Unexpected(known)),
    )
    with progress_for(Screen(stderr=True), predictor(options.suite, device=options.device)) as progress:
        measured = engine.run(options, progress, Surroundings(catalog=catalog))
    results, interrupted, planned = with_own_model(measured, arguments.model, arguments.timeout, catalog)
    results = compare_model(results, *upgrade)
    results = assess(results, known, order=tuple(catalog))
    write_results(results, options.out / RESULTS_FILE)
    return engine.Measured(results, interrupted, planned)


def _chosen(results: Results, arguments: GateArguments) -> Results:
    """Keep the cells that --path and --variant choose; without --variant every one that the results hold."""
    ids = [*(cell.id for cell in results.cells), *results.undecided]
    for patterns, what in ((arguments.path, "path"), (arguments.variant, "variant")):
        if patterns:
            names = list(dict.fromkeys(str(getattr(id, what)) for id in ids))
            allowed = set(choose(patterns, names, what))
            ids = [id for id in ids if getattr(id, what) in allowed]
    kept = set(ids)
    return replace(
        results,
        cells=tuple(cell for cell in results.cells if cell.id in kept),
        undecided=tuple(id for id in results.undecided if id in kept),
    )


def _print(decision: Decision, format: str) -> None:
    if format == "json":
        print(json.dumps(decision.to_json(), indent=1))
    elif format == "markdown":
        print(decision_as_markdown(decision), end="")
    elif format == "github":
        print(f"{decision.word}: {decision.sentence}")
        for annotation in shown(github_annotations(decision)):
            print(annotation)
    else:
        print_decision(Screen(), decision)
