"""Runs the scripts of cells in one process and says what each shows; run by a release's own Python."""

from __future__ import annotations

import json
import sys
from typing import Any

from bnregress.suite import repro
from bnregress.suite.checks import CHECKS
from bnregress.suite.framework import load_framework
from bnregress.suite.paths import PATHS


def shown(script: str) -> str:
    """`pass` if the property holds, `regress` if the assertion at its end fails, else what was raised."""
    names: dict[str, Any] = {"__name__": "__main__"}
    try:
        exec(compile(script, "script.py", "exec"), names)  # noqa: S102 - the project's own script
    except AssertionError:
        return "regress"
    except Exception as error:  # noqa: BLE001
        return f"{type(error).__name__}: {error}"
    finally:
        names["tf"].keras.backend.clear_session()
    return "pass"


def main() -> int:
    """Read cells from the standard input as a list of path, variant and check, and print what each script shows."""
    framework = load_framework()
    found = []
    for path, variant, check in json.load(sys.stdin):
        script = repro.script(framework, PATHS[path.partition("=")[0]], CHECKS[check], variant)
        found.append(shown(script) if script else None)
    print(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
