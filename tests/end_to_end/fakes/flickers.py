"""Loading paths that break a real network, each time or in the first process alone; a test adds them to the suite."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from bnregress.suite.registry import loading_path


def cloned(framework: Any, source: Any, *, broken: bool) -> Any:
    network = framework.keras.models.clone_model(source)
    network.set_weights([weight + 0.5 * broken for weight in source.get_weights()])
    return network


@loading_path("breaks", family="rebuilt", summary="a clone with other weights", networks=("small",))
def breaks(framework: Any, source: Any) -> Any:
    return cloned(framework, source, broken=True)


@loading_path(
    "flickers", family="rebuilt", summary="a clone with other weights in the first process", networks=("small",)
)
def flickers(framework: Any, source: Any) -> Any:
    # A run has a home folder of its own, which its trials share.
    first = Path.home() / "flickers.pid"
    if not first.exists():
        first.write_text(str(os.getpid()), encoding="ascii")
    return cloned(framework, source, broken=first.read_text(encoding="ascii") == str(os.getpid()))
