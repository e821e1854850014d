"""Which run results are of: results of another run never stand in for it."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Mapping

from bnregress.errors import UsageError

#: What demands nothing, for who renders the results of other runs on purpose.
ANY = "any"

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,127}")
_NUMBER = re.compile(r"[0-9]{1,20}")
#: Variables that number the run of a machine that runs many; the first that is set counts, with those behind it.
_NUMBERS = (
    ("github", "GITHUB_RUN_ID", ("GITHUB_RUN_ATTEMPT",)),
    ("slurm", "SLURM_ARRAY_JOB_ID", ()),
    ("slurm", "SLURM_JOB_ID", ()),
)


def read_id(text: str) -> str:
    """Return the identity of a run as a person or a script gave it.

    Raises:
        UsageError: it is not one.
    """
    if not _ID.fullmatch(text):
        raise UsageError(
            f"{text[:200]!r} is not the id of a run. Write at most 128 letters, digits and . _ + - ,"
            " beginning with a letter or digit."
        )
    return text


def numbered(environ: Mapping[str, str]) -> str | None:
    """Return the run's own number on GitHub or in Slurm, which all of its shards share; None elsewhere."""
    for where, variable, further in _NUMBERS:
        numbers = [environ.get(name, "") for name in (variable, *further)]
        if _NUMBER.fullmatch(numbers[0]):
            return "-".join([where, *(number for number in numbers if _NUMBER.fullmatch(number))])
    return None


def new_id() -> str:
    """Return the identity of a run that nobody gave one."""
    return f"run-{uuid.uuid4().hex[:16]}"


def require(demanded: str | None, found: Iterable[tuple[str, str | None]]) -> None:
    """Refuse results of another run.

    Args:
        demanded: the run that is meant; None or `any` where whatever the results are of is.
        found: the name of each file, and the run that its results are of.

    Raises:
        UsageError: one is of another run, or does not say of which.
    """
    if demanded in (None, ANY):
        return
    for name, run in found:
        if run != demanded:
            of = f"of the run {run}" if run else "of a run that has no id"
            raise UsageError(
                f"{name}: {of}, and {demanded} is meant. Did its job break off before it wrote results, so that those"
                " of an earlier run are still there? Run it again; --run-id names another run, and `any` takes any."
            )
