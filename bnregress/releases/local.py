"""An environment that a person brings, as a release: it has an id, and no row in the catalog and no lock."""

from __future__ import annotations

from bnregress.machine.local_environment import OPTION, LocalEnvironment, describe
from bnregress.releases.catalog import Release

#: The group that each of them is in, and no release of the catalog.
GROUP = "local"


def local_release(given: str, option: str = OPTION) -> Release:
    """Look at a person's environment, which takes as long as importing TensorFlow, and return it as a release.

    Args:
        given: an interpreter, or the folder of an environment.
        option: what it was given to.

    Raises:
        UsageError: the suite cannot run in it; says why.
    """
    # Imported here, because whoever brings no environment need not wait for it.
    from bnregress.suite.paths import PATHS  # noqa: PLC0415

    return as_release(describe(given, (module for path in PATHS.values() for module in path.packages), option))


def as_release(local: LocalEnvironment) -> Release:
    """Return what an environment was found to be as a release."""
    return Release(
        id=local.release,
        tensorflow=local.tensorflow,
        keras=local.keras,
        python=".".join(local.python.split(".")[:2]),
        cpu="tensorflow",
        gpu="tensorflow",
        constraints=(),
        groups=frozenset({GROUP}),
        local=local,
    )
