"""`nox -s gpu`: all that needs a GPU, in one command, and the block for docs/gpu.md.

A plain run of the newest release or of your own environment, a fine-tune, the planted faults, and the plain run
again on two cores of the CPU. Without a GPU it says so and exits with 3. `python -m tools.gpu` does the same where
the dependencies are there already; with --environment nothing is installed.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from packaging.version import Version

from bnregress.errors import ExitCode, FatalError, UsageError, nearest
from bnregress.machine.gpus import Gpus, probe
from bnregress.machine.python_paths import named_interpreter
from bnregress.releases.catalog import Release, load_catalog
from bnregress.run.signals import termination_interrupts
from tools.gpu.block import render_block
from tools.gpu.steps import PARTS, Done, Outcome, Start, carry_out, steps, to_its_end

#: A later code outweighs an earlier one.
_WEIGHT = (ExitCode.EXPECTED, ExitCode.NOTHING_TO_DO, ExitCode.UNDECIDED, ExitCode.REGRESSION, ExitCode.USAGE)


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the options."""
    parser = argparse.ArgumentParser(prog="nox -s gpu --", description=__doc__.partition("\n\n")[0] if __doc__ else "")
    parser.add_argument("--release", metavar="ID", help="default: the newest")
    parser.add_argument("--environment", metavar="PATH", help="an environment of your own, in place of a release")
    parser.add_argument("--part", action="append", choices=PARTS, help="default: all of them")
    parser.add_argument("--seeds", type=int, default=2, metavar="N", help="of the planted faults; default: %(default)s")
    parser.add_argument("--offline", action="store_true", help="install from uv's cache alone")
    parser.add_argument(
        "--out", type=Path, default=Path("gpu-results"), metavar="DIR", help="results; default: %(default)s"
    )
    options = parser.parse_args(arguments)
    if options.release is not None and options.environment is not None:
        parser.error("--environment takes the place of --release; give one of them")
    if options.seeds < 1:
        parser.error(f"--seeds {options.seeds}: give 1 or more")
    return options


def newest(catalog: dict[str, Release]) -> str:
    """Id of the newest release of TensorFlow that a plain run has."""
    plain = [each for each in catalog.values() if "default" in each.groups and each.id == f"tf{each.tensorflow}"]
    return max(plain, key=lambda each: Version(each.tensorflow)).id


def chosen(options: argparse.Namespace) -> tuple[str, ...]:
    """Return what selects the release in a command.

    Raises:
        UsageError: there is no such release or environment.
    """
    if options.environment is not None:
        # Checked here, so that a mistake does not wait for the first step.
        named_interpreter(options.environment, "--environment")
        return ("--environment", options.environment)
    catalog = load_catalog()
    release = options.release or newest(catalog)
    if release not in catalog:
        raise UsageError(f"There is no release {release}.{nearest(release, catalog)}")
    return ("--select", release)


def main(
    arguments: Sequence[str] | None = None,
    look: Callable[[], Gpus] = probe,
    start: Start = to_its_end,
) -> int:
    """Do the steps, print the block, and return the gravest of their exit codes; 3 without a GPU."""
    options = parse(arguments)
    gpus = look()
    if not gpus.gpus:
        sys.stderr.write(f"Nothing was run on a GPU: {gpus.absent} {gpus.remedy}\n")
        return ExitCode.NOTHING_TO_DO
    try:
        which = chosen(options)
        options.out.mkdir(parents=True, exist_ok=True)
        done: list[Done] = []
        with termination_interrupts():
            for step in steps(which, options.out, options.part or PARTS, options.seeds, offline=options.offline):
                sys.stderr.write(f"== {step.title}\n")
                done.append(carry_out(step, start))
                if step.needed and done[-1].code not in (ExitCode.EXPECTED, ExitCode.REGRESSION):
                    sys.stderr.write(f"{step.title} ended with {done[-1].code}, so nothing else was tried.\n")
                    return done[-1].code
    except FatalError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    outcome = Outcome.of(done)
    block = render_block(outcome)
    (options.out / "gpu.md").write_text(block, encoding="utf-8")
    sys.stdout.write(block)
    sys.stderr.write(f"This block for docs/gpu.md is in {options.out / 'gpu.md'}\n")
    codes = [each.code for each in done] + [ExitCode.REGRESSION] * bool(outcome.differing)
    return max(codes, key=lambda code: _WEIGHT.index(ExitCode(code)) if code in [*_WEIGHT] else len(_WEIGHT))


if __name__ == "__main__":
    raise SystemExit(main())
