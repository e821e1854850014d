"""`bnregress run`: decides the planned cells and reports them."""

from __future__ import annotations

from functools import partial

from rich.text import Text

from bnregress.checking.target import require_module
from bnregress.commands.brought import selection
from bnregress.commands.declared.run import RunArguments
from bnregress.commands.own_model import with_own_model
from bnregress.errors import ExitCode
from bnregress.judging.assessment import assess
from bnregress.judging.known.drift import Unexpected
from bnregress.judging.known.entries import find_entry, load_known
from bnregress.machine.locations import cache_dir
from bnregress.planning.durations import predictor
from bnregress.reports.files import write_reports
from bnregress.reports.progress import progress_for
from bnregress.reports.rates import rate_lines
from bnregress.reports.screen import Screen
from bnregress.reports.terminal import print_brief, print_report
from bnregress.results.file import RESULTS_FILE, write_results
from bnregress.results.model import exit_code
from bnregress.run import engine
from bnregress.run.budgets import Budgets
from bnregress.run.options import RunOptions, Surroundings
from bnregress.run.searching import SearchOptions
from bnregress.run.trials import Trials


def execute(arguments: RunArguments) -> ExitCode:
    """Run the plan, write and print what came out, and return what it comes to.

    Raises:
        UsageError: something on the command line is wrong; nothing was started.
        NothingToDoError: no cell fits all selectors.
    """
    if arguments.model is not None:
        require_module(arguments.model)
    out = arguments.out.absolute()
    known = load_known(arguments.known)
    catalog, select = selection(arguments)
    options = RunOptions(
        out=out,
        select=tuple(select),
        paths=arguments.path,
        variants=arguments.variant,
        device=arguments.device,
        jobs=arguments.jobs,
        offline=arguments.offline,
        interpreters=arguments.interpreters,
        resume=arguments.resume,
        shard=arguments.shard,
        run_id=arguments.run_id,
        fresh=arguments.fresh,
        budgets=Budgets(cell=arguments.timeout + 120 * (arguments.explore or 0)),
        search=SearchOptions(explore=arguments.explore, seed=arguments.search_seed, database=cache_dir() / "examples"),
        disk_budget=arguments.disk_budget,
        suite=arguments.suite,
        finetune=arguments.finetune,
        trials=Trials(times=arguments.repeat, news=Unexpected(known)),
    )
    listed, predicted = partial(find_entry, known), predictor(options.suite, options.finetune.seeds, options.device)
    with progress_for(Screen(stderr=True), predicted, listed=listed) as progress:
        measured = engine.run(options, progress, Surroundings(catalog=catalog) if catalog else None)
    results, interrupted, _ = with_own_model(measured, arguments.model, arguments.timeout, catalog)
    results = assess(results, known)
    write_results(results, out / RESULTS_FILE)
    written = write_reports(results, out, arguments.policy)
    files = [out / RESULTS_FILE, *written, out / "run" / "logs"]
    screen = Screen()
    tell = print_brief if arguments.quiet else print_report
    tell(screen, results, policy=arguments.policy, files=files)
    for line in rate_lines(results, arguments.repeat):
        screen.print(Text(line), soft_wrap=True)
    return ExitCode.INTERRUPTED if interrupted else exit_code(results, arguments.policy)
