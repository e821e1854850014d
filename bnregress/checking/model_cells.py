"""A person's own model as one more cell, `own-model`, of each release of a run."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from bnregress.cells.identifiers import CellId
from bnregress.checking.diagnosis import ModelDiagnosis, diagnose
from bnregress.checking.inspector import inspect
from bnregress.checking.interpreter import find_inspected
from bnregress.checking.on_device import on_device
from bnregress.errors import ExitCode, FatalError
from bnregress.machine import sealing
from bnregress.machine.local_environment import LocalEnvironment
from bnregress.machine.locations import environments_dir
from bnregress.results import planhash
from bnregress.results.model import CellResult, CheckResult, Results
from bnregress.run import environments
from bnregress.run.budgets import Budgets
from bnregress.run.engine import Measured
from bnregress.run.gpu_session import cuda_wheels
from bnregress.run.signals import termination_interrupts
from bnregress.run.trials import together
from bnregress.suite import status
from bnregress.suite.inspection import verdicts

PATH = planhash.OWN_MODEL
CHECK = "frozen-layers"

_STATUSES = {
    ExitCode.EXPECTED: status.PASS,
    ExitCode.REGRESSION: status.REGRESS,
    ExitCode.UNDECIDED: status.INCONCLUSIVE,
    ExitCode.NOTHING_TO_DO: status.NOT_APPLICABLE,
}
#: Names that a sentence lists.
_LISTED = 3


def plan_with_model(cells: Sequence[CellId]) -> tuple[CellId, ...]:
    """Return planned cells with `own-model` after those of each release."""
    by_release: dict[str, list[CellId]] = {}
    for cell in cells:
        by_release.setdefault(cell.release, []).append(cell)
    return tuple(cell for release, own in by_release.items() for cell in (*own, CellId(release=release, path=PATH)))


def with_model(
    measured: Measured,
    target: str,
    *,
    suite: Path,
    say: Callable[[str], None],
    timeout: float = Budgets.cell,
    environ: Mapping[str, str] = os.environ,
    brought: Mapping[str, LocalEnvironment] | None = None,
) -> Measured:
    """Return what was measured with the planned cell `own-model` in each release.

    The shards of a plan have it once: that one has it in which the release's first cell is. What an interrupt kept from
    being measured is undecided.

    Args:
        measured: of a run that made the releases' environments here.
        target: `MODULE:CALLABLE`, looked for in the current folder first.
        suite: the folder that holds the staged suite.
        say: told what a waiting person wants to know.
        timeout: seconds that each step of the inspection may take.
        environ: the user's variables.
        brought: environments that the person brings, by the id of the release that each stands for.
    """
    results, interrupted, planned = measured
    decided: dict[str, CellResult] = {}
    releases = _measured_here(results, planned)
    with termination_interrupts():
        try:
            for release in releases if not interrupted else ():
                say(f"{release}: {target} ...")
                local = (brought or {}).get(release)
                inspected = partial(_cell, results, release, target, suite, say, timeout, environ, local)
                trials = [inspected()]
                if trials[0].status == status.REGRESS:
                    say(f"{release}: {target} regresses, and is run again in another process ...")
                    trials.append(inspected())
                decided[release] = together(trials)
                say(f"{release}: {target} {decided[release].status}")
        except KeyboardInterrupt:
            interrupted = True
    left = [CellId(release=release, path=PATH) for release in releases if release not in decided]
    return Measured(
        replace(
            results,
            plan=planhash.with_model(results.plan, target),
            asked=None if results.asked is None else {**results.asked, "model": target},
            complete=results.complete and not left,
            cells=(*results.cells, *decided.values()),
            undecided=(*results.undecided, *left),
            places=None
            if results.places is None
            else _places(planned, {*results.places, *(CellId(release=release, path=PATH) for release in releases)}),
        ),
        interrupted,
        planned,
    )


def _places(planned: Sequence[CellId], own: Collection[CellId]) -> dict[CellId, int]:
    return {cell: place for place, cell in enumerate(plan_with_model(planned)) if cell in own}


def _measured_here(results: Results, planned: Sequence[CellId]) -> list[str]:
    """Return the releases whose first planned cell is among these results."""
    here = {cell.id for cell in results.cells}.union(results.undecided)
    first: dict[str, CellId] = {}
    for cell in planned or (*(cell.id for cell in results.cells), *results.undecided):
        first.setdefault(cell.release, cell)
    return [release for release, cell in first.items() if cell in here]


def model_cell(id: CellId, device: str, found: ModelDiagnosis) -> CellResult:
    """Return what an inspection of a model came to, as a cell."""
    word = _STATUSES[found.exit_code]
    frozen = [layer for layer in found.layers if layer.verdict != verdicts.NOT_FROZEN]
    wanted = {status.REGRESS: verdicts.AFFECTED, status.INCONCLUSIVE: verdicts.UNDECIDED}.get(word)
    telling = [layer for layer in frozen if layer.verdict == wanted]
    unseen = f"not all of {found.target} could be measured: {found.unseen[0]}" if found.unseen else None
    names = ", ".join(layer.name for layer in telling[:_LISTED]) + (", …" if len(telling) > _LISTED else "")
    reason = {
        status.PASS: f"all {len(frozen)} frozen BatchNorm layers behave as frozen",
        status.NOT_APPLICABLE: f"{found.target} has no frozen BatchNorm",
    }.get(word)
    if reason is None and telling:
        reason = f"{len(telling)} of {len(frozen)} frozen layers ({names}): {telling[0].reason}"
    reason = reason or unseen or f"{found.target} could not be measured"
    document = found.to_json()
    evidence = {name: document[name] for name in ("layers", "warnings", "notes", "unseen")}
    return CellResult(
        id=id,
        device=device,
        status=word,
        reason=reason,
        remedy=next((layer.cure for layer in telling if layer.cure), None),
        checks=(CheckResult(name=CHECK, status=word, reason=reason, evidence=evidence),),
    )


def _cell(
    results: Results,
    release: str,
    target: str,
    suite: Path,
    say: Callable[[str], None],
    timeout: float,
    environ: Mapping[str, str],
    local: LocalEnvironment | None,
) -> CellResult:
    id = CellId(release=release, path=PATH)
    others = [cell for cell in results.cells if cell.id.release == release]
    device = others[0].device if others else "cpu"
    if others and all(cell.status == status.UNAVAILABLE for cell in others):
        return CellResult(
            id=id, device=device, status=status.UNAVAILABLE, reason=others[0].reason, remedy=others[0].remedy
        )
    if local is not None:
        cell = _inspected(id, device, local.executable, target, suite, timeout, environ, say, as_it_stands=True)
        why = local.why_changed()
        return _error(id, device, status.INFRA, f"{why}, so no verdict of it counts.") if why else cell
    environment = environments.environment_path(environments_dir(), release, device)
    holder: dict[str, Any] = {
        "marker": uuid.uuid4().hex,
        "pid": os.getpid(),
        "out": str(Path.cwd()),
        "since": datetime.now().astimezone().isoformat(sep=" ", timespec="seconds"),
    }

    def waits(who: str) -> None:
        say(f"{release} waits for its environment, which {who} is using")

    with environments.held(environment, holder, waiting=waits, stopped=lambda: False):
        if not sealing.is_sealed(environment):
            return _error(id, device, status.INFRA, f"The environment of {release} could not be made.")
        return _inspected(id, device, environment, target, suite, timeout, environ, say)


def _inspected(
    id: CellId,
    device: str,
    python: Path,
    target: str,
    suite: Path,
    timeout: float,
    environ: Mapping[str, str],
    say: Callable[[str], None],
    *,
    as_it_stands: bool = False,
) -> CellResult:
    try:
        inspected = find_inspected(str(python), as_it_stands=as_it_stands)
        with on_device(device, say) as variables:
            heard = inspect(
                inspected,
                suite=suite,
                target=target,
                environ=environ,
                listen=lambda _: None,
                timeout=timeout,
                variables=variables if as_it_stands else cuda_wheels(python, environ) | variables,
            )
        found = diagnose(heard, target)
    except FatalError as error:
        # Also what the person's own code raised: in another release it may run.
        return _error(id, device, status.CRASH, str(error))
    if not isinstance(found, ModelDiagnosis):
        raise TypeError(f"{target} could not be inspected as a model")
    return model_cell(id, device, found)


def _error(id: CellId, device: str, kind: str, reason: str) -> CellResult:
    return CellResult(id=id, device=device, status=status.ERROR, kind=kind, reason=reason)
