"""Going on with an interrupted run: what may be kept of it, and what must go."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from bnregress.errors import UsageError
from bnregress.machine.interpreters import Interpreter
from bnregress.planning.plan import Plan, PlannedRelease, on_another_python
from bnregress.run.collect import collect_cells, explain_losses, lost, may_run_again
from bnregress.run.confirming import settle_earlier
from bnregress.run.rundir import RunDir, read_json, require_begun


def prepare(plan: Plan, run: RunDir, find: Callable[[str], Interpreter | None]) -> Plan:
    """Clear what undecided cells left behind, so that they are run again; decided ones are not touched.

    Returns:
        the plan, with each release on the Python that it began on, if `find` still finds that.

    Raises:
        UsageError: there is no run to continue with, or its plan was another.
    """
    require_begun(run)
    try:
        before = Plan.from_json(read_json(run.plan))
    except (ValueError, KeyError, TypeError, UsageError) as error:
        raise UsageError(f"{run.plan} is damaged ({error}). Leave --resume out to start again.") from error
    plan = replace(plan, releases=tuple(_as_begun(planned, before, find) for planned in plan.releases))
    if (before.hash, before.shard) != (plan.hash, plan.shard):
        raise UsageError(
            f"The run in {run.root.parent} had another plan: {_what_changed(before, plan)}."
            " Give the same options as then, or leave --resume out to start again."
        )
    settle_earlier(run, before)
    for planned in plan.available:
        if before.release(planned.id).placement.kind != planned.placement.kind:
            raise UsageError(
                f"The run in {run.root.parent} had {planned.id} on another GPU or driver."
                " Continue it there, or leave --resume out to start again."
            )
        was, now = before.release(planned.id).release.local, planned.release.local
        if was and now and was.files != now.files:
            raise UsageError(
                f"The packages of {now.executable} have changed since the run in {run.root.parent} began."
                " Leave --resume out to start again."
            )
        for trial in run.trials(planned.id):
            _clear(planned, run.records(planned.id, trial), run)
    return plan


def _clear(planned: PlannedRelease, records: Path, run: RunDir) -> None:
    """Clear what the undecided cells of one trial left behind."""
    # A host that was killed had no time to explain what its workers' exit files tell.
    explain_losses(planned.cells, records, while_running=True, out_of_memory=False, session="", log=run.log(planned.id))
    for cell in planned.cells:
        if may_run_again(cell, records):
            lost(records, cell).unlink()
    _, undecided = collect_cells(planned, records, (), device=planned.device, finished=False)
    for cell in undecided:
        (records / f"{cell.subject}.started.json").unlink(missing_ok=True)


def _as_begun(planned: PlannedRelease, before: Plan, find: Callable[[str], Interpreter | None]) -> PlannedRelease:
    began = next((each.release.python for each in before.releases if each.id == planned.id), None)
    return on_another_python(planned, find, only=began) or planned if began else planned


def _what_changed(earlier: Plan, later: Plan) -> str:
    if (earlier.whole or earlier).hash == (later.whole or later).hash:
        return f"it was shard {earlier.shard}" if earlier.shard else "it was not a shard"
    before, now = (earlier.whole or earlier).ingredients, (later.whole or later).ingredients
    gone = [cell for cell in before["cells"] if cell not in now["cells"]]
    come = [cell for cell in now["cells"] if cell not in before["cells"]]
    locks = [name for name, lock in now["locks"].items() if before["locks"].get(name, lock) != lock]
    changes = [
        gone and f"it had {len(gone)} more cells, {_first(gone)}",
        come and f"it lacked {len(come)} cells, {_first(come)}",
        before["device"] != now["device"] and f"it ran on the {before['device']}",
        locks and f"the lock of {_first(locks)} has changed since",
        _asked(before) != _asked(now) and f"it asked for {_asked(before)}, now it is {_asked(now)}",
        before["suite"] != now["suite"] and "the suite has changed since",
    ]
    return "; ".join(change for change in changes if change)


def _asked(ingredients: dict[str, Any]) -> str:
    wishes = ", ".join(f"{name} {value}" for name, value in ingredients.get("finetune", {}).items())
    return f"the suite {ingredients.get('asks', 'properties')}{f' ({wishes})' if wishes else ''}"


def _first(names: list[str]) -> str:
    return ", ".join(names[:3]) + (", …" if len(names) > 3 else "")
