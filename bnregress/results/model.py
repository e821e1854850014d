"""results.json: its model, and the exit code that follows from it."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from typing import Any

from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn

import bnregress
from bnregress.cells.identifiers import CellId
from bnregress.cells.shard import Shard
from bnregress.errors import ExitCode
from bnregress.results.converting import CONVERTER, structure, unstructure
from bnregress.suite import status

SCHEMA_NAME = "bnregress/results/1"

#: How a cell departs from the known regressions.
NEW = "new"
DIFFERENT = "different"
FIXED = "fixed"
MISSING = "missing"
DRIFTS = (NEW, DIFFERENT, FIXED, MISSING)
#: How a regression stands that departs from nothing.
KNOWN = "known"

#: What `--fail-on` takes, and the drifts that each calls a failure.
FAIL_ON = {
    "regression": frozenset({NEW, DIFFERENT}),
    "drift": frozenset(DRIFTS),
    "never": frozenset[str](),
}
#: What `--require` takes: whether what is unavailable here leaves the run undecided, or only what was tried counts.
REQUIRE = ("all", "tried")
#: How the start of a run is written; UTC to the second, so that the order of texts is the order in time.
STARTED_FORMAT = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True, kw_only=True)
class Policy:
    """What makes a run fail, and what it takes to have decided it.

    Attributes:
        fail_on: a key of `FAIL_ON`: what makes the exit code 1.
        require: one of `REQUIRE`.
    """

    fail_on: str = "regression"
    require: str = "all"

    def fails(self, cell: CellResult) -> bool:
        """Whether the cell makes the exit code 1."""
        return cell.fails(self.fail_on)

    def leaves_open(self, cell: CellResult) -> bool:
        """Whether the cell leaves the run undecided: it has no verdict, or was selected and could not be tried."""
        return cell.undecided or (self.require == "all" and cell.status == status.UNAVAILABLE)


#: What a command takes if nobody says anything.
DEFAULT_POLICY = Policy()


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One start of the release's tests in which the cell was to be decided.

    Attributes:
        number: counts from 1.
        outcome: `decided`, `lost` (started, and its process went down) or `not-started`.
        detail: why, if it was not decided.
    """

    number: int
    outcome: str
    detail: str | None = None


@dataclass(frozen=True, kw_only=True)
class CheckResult:
    """What one check said of the cell; `evidence` holds JSON values, `repro` a standalone script or None."""

    name: str
    status: str
    reason: str
    evidence: Mapping[str, Any] = field(default_factory=dict)
    repro: str | None = None


@dataclass(frozen=True, kw_only=True)
class Known:
    """What the file of known regressions says of a cell.

    Attributes:
        cells: the selector of the entry.
        checks: the checks that are listed as known.
        reason, remedy: a sentence each.
        source: if it was reported, an address, or `not reported upstream`.
    """

    cells: str
    checks: tuple[str, ...]
    reason: str
    remedy: str
    source: str


@dataclass(frozen=True, kw_only=True)
class CellResult:
    """The verdict on one cell.

    Attributes:
        kind: `crash`, `timeout`, `oom` or `infra` where the status is `error`, else None.
        reason, remedy: a sentence each for a person.
        drift: `new`, `different`, `fixed` or `missing`; None if the cell is as known, or nothing is known of it
            and nothing is wrong.
        known: what the file of known regressions says of the cell, None if it says nothing.
        seconds: seconds of the cell's `build` and of its `checks`; None if nothing was measured.
        cached: the verdict was decided by an earlier run, and taken from the cache.
        peak_rss_bytes: largest resident memory of the process that decided the cell, in bytes.
        trials: how many trials came to each status, if the cell was run more than once; see `bnregress.run.trials`.
    """

    id: CellId
    device: str
    status: str
    kind: str | None = None
    reason: str
    remedy: str | None = None
    drift: str | None = None
    known: Known | None = None
    checks: tuple[CheckResult, ...] = ()
    seconds: Mapping[str, float] | None = None
    peak_rss_bytes: int | None = None
    cached: bool = False
    attempts: tuple[Attempt, ...] = ()
    trials: Mapping[str, int] | None = None

    @property
    def as_known(self) -> bool:
        """Whether it regresses just as the file of known regressions says."""
        return self.standing == KNOWN

    @property
    def unexpected(self) -> bool:
        """Whether it regresses otherwise than as known: by default, that alone makes the exit code 1."""
        return self.fails()

    def fails(self, fail_on: str = "regression") -> bool:
        """Whether it makes the exit code 1, where `fail_on` is a key of `FAIL_ON`."""
        return self.standing in FAIL_ON[fail_on]

    @property
    def standing(self) -> str | None:
        """How the cell stands to what is known, the one definition that exit code, reports and gate share.

        Returns:
            For a regression `known`, `different` or `new`; one that was never compared with a list is new.
            For other cells their drift.
        """
        if self.status != status.REGRESS:
            # Of a refusal that nobody has listed; it leaves the cell undecided, and is no regression.
            return None if self.drift == NEW else self.drift
        if self.known is None or self.drift not in (None, DIFFERENT):
            return NEW
        return self.drift or KNOWN

    @property
    def refused(self) -> bool:
        """Whether the cell is open, and its release refused a call of which no refusal is listed."""
        return self.status == status.INCONCLUSIVE and any(
            check.status == status.INCONCLUSIVE and isinstance(check.evidence.get("refused"), Mapping)
            for check in self.checks
        )

    @property
    def undecided(self) -> bool:
        """Whether there is no verdict, or one of which a part is open; that outweighs a regression that is known."""
        return any(
            word in (status.ERROR, status.INCONCLUSIVE)
            for word in (self.status, *(check.status for check in self.checks if self.as_known))
        )

    def to_json(self) -> dict[str, Any]:
        """Return the cell as results.json has it."""
        return unstructure(self)


@dataclass(frozen=True, kw_only=True)
class ReleaseResult:
    """What the release really was.

    Attributes:
        python: full version of its interpreter; None if there is none.
        own_python: the minor version that it runs on by the catalog, if another stood in for it.
        own_keras: likewise, if that other Python has no wheel of the catalog's Keras.
        packages: installed versions by name; None if its environment did not come to report them.
        device: `kind` and `name` of what it ran on; None as for `packages`.
        local: of a person's own environment, `packages_sha256`, a hash of its packages and of what each says of its
            files; `built` and `found`, CUDA and cuDNN; `variables`, switches of the framework that were set. With
            builds in a release, `base` and `builds`.
        engine: `name` and `version` of what its Keras runs on, if that is not TensorFlow; `tensorflow` is then None.
        search: what the search came to, `examples`, `failures`, `profile`, `seed`; None if it did not run.
    """

    tensorflow: str | None
    keras: str
    python: str | None
    lock_sha256: str | None
    packages: Mapping[str, str] | None = None
    device: Mapping[str, Any] | None = None
    search: Mapping[str, Any] | None = None
    own_python: str | None = None
    own_keras: str | None = None
    local: Mapping[str, Any] | None = None
    engine: Mapping[str, str] | None = None

    @property
    def ran_on(self) -> str | None:
        """Its Python for people: `3.10.13`, or `3.10.13 instead of 3.9`."""
        return f"{self.python} instead of {self.own_python}" if self.own_python else self.python

    @property
    def engine_name(self) -> str | None:
        """What its Keras runs on, for people: `2.21.0` of TensorFlow, or `jax 0.11.2`."""
        return self.tensorflow if self.engine is None else "{name} {version}".format(**self.engine)


@dataclass(frozen=True, kw_only=True)
class Host:
    """The machine and the Python that ran bnregress itself."""

    platform: str
    machine: str
    python: str
    cpus: int

    @classmethod
    def here(cls) -> Host:
        """Describe this machine, without its name or its user's."""
        return cls(
            platform=platform.platform(),
            machine=platform.machine(),
            python=platform.python_version(),
            cpus=os.cpu_count() or 1,
        )


@dataclass(frozen=True, kw_only=True)
class Results:
    """Everything a run measured.

    Attributes:
        plan: hash of the plan.
        complete: every planned cell is among `cells`.
        cells: each planned cell that is decided, exactly once, in the plan's order.
        undecided: planned cells that an interrupted run did not come to.
        shard: which part of the plan this is; None for the whole of it.
        places: where each cell of a shard stands in the whole plan, counted from 0; None if this is not a shard.
        run: which run these are the results of, see `bnregress.results.identity`; None in old files.
        asked: what the plan's hash is made from besides cells and locks: `suite`, and of a fine-tune `asks` and
            `finetune`; `devices` by release; `model`, your own. None in old files.
        started: when it began, in UTC, as `2026-11-24T12:43:00Z`; None if that was not kept.
    """

    run: str | None = None
    plan: str
    asked: Mapping[str, Any] | None = None
    complete: bool
    bnregress: str = bnregress.__version__
    started: str | None = None
    host: Host
    releases: Mapping[str, ReleaseResult]
    cells: tuple[CellResult, ...]
    undecided: tuple[CellId, ...] = ()
    shard: Shard | None = None
    places: Mapping[CellId, int] | None = None

    def with_cells(self, cells: Iterable[CellResult]) -> Results:
        """Return the same results with other cells, as when remedies were found."""
        return replace(self, cells=tuple(cells))

    def to_json(self) -> dict[str, Any]:
        """Return the whole of results.json."""
        return {"schema": SCHEMA_NAME, **unstructure(self)}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Results:
        """Read results that fit the schema; see `bnregress.results.file.load_results` for a file.

        Raises:
            ValueError: they do not; says where.
        """
        # Shards of an earlier version had the whole plan in `planned`.
        return structure({name: each for name, each in value.items() if name not in ("schema", "planned")}, cls)


_cell_fields = make_dict_unstructure_fn(CellResult, CONVERTER)
_read_cell = make_dict_structure_fn(CellResult, CONVERTER)
#: What a cell's id tells, said again for whoever reads the file.
_NAMES = ("release", "path", "variant")


@CONVERTER.register_unstructure_hook
def _with_names(cell: CellResult) -> dict[str, Any]:
    return {"id": str(cell.id), **{name: getattr(cell.id, name) for name in _NAMES}, **_cell_fields(cell)}


@CONVERTER.register_structure_hook
def _without_names(value: Any, kind: type[CellResult]) -> CellResult:
    return _read_cell({name: each for name, each in dict(value).items() if name not in _NAMES}, kind)


def timestamp(moment: datetime) -> str:
    """Return a moment as results.json has it, whatever zone it was given in."""
    return moment.astimezone(timezone.utc).strftime(STARTED_FORMAT)


def earliest_start(runs: Iterable[Results]) -> str | None:
    """Return when the first of the runs began, None if none of them kept it."""
    return min((run.started for run in runs if run.started is not None), default=None)


def exit_code(results: Results, policy: Policy = DEFAULT_POLICY) -> ExitCode:
    """Return the exit code that statuses and drift alone call for.

    What the policy calls a failure outweighs whatever could not be decided;
    what could not be decided outweighs success, also beside a regression that
    is known; and a run in which nothing was decided at all is no success. A
    regression that was never compared with the known ones counts as new.
    """
    if any(map(policy.fails, results.cells)):
        return ExitCode.REGRESSION
    if any(map(policy.leaves_open, results.cells)) or not results.complete:
        return ExitCode.UNDECIDED
    if not any(cell.status in (status.PASS, status.REGRESS) for cell in results.cells):
        return ExitCode.NOTHING_TO_DO
    return ExitCode.EXPECTED
