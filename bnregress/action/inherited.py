"""Which variables of a step the command inherits: a list of what it needs, for nobody can list what is secret."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from bnregress.machine.locations import CACHE_VARIABLE

#: Whole names; letters' case does not count, as in `http_proxy`.
_NEEDED = re.compile(
    # the system: programs, homes, language, room for temporary files
    r"PATH|HOME|USER|LOGNAME|SHELL|LANG|LANGUAGE|LC_[A-Z]+|TZ|TERM|COLUMNS|NO_COLOR|TMPDIR|TEMP|TMP"
    r"|XDG_(CACHE|CONFIG|DATA|STATE|RUNTIME)_(HOME|DIR)|LD_LIBRARY_PATH"
    r"|SYSTEMROOT|SYSTEMDRIVE|WINDIR|COMSPEC|PATHEXT|(LOCAL)?APPDATA|PROGRAMDATA|PROGRAMFILES|USERPROFILE|HOMEDRIVE|HOMEPATH"
    r"|NUMBER_OF_PROCESSORS|PROCESSOR_[A-Z]+"
    # where interpreters are
    r"|RUNNER_TOOL_CACHE|AGENT_TOOLSDIRECTORY|PYENV_ROOT|ASDF_DATA_DIR|(MISE|RTX)_DATA_DIR|CONDA_EXE|CONDA_PREFIX"
    # the package index, and the way to it; a password for it too, but none for publishing
    r"|PIP_.+|UV_(?!PUBLISH_).+|(HTTPS?|ALL|FTP|NO)_PROXY|SSL_CERT_(FILE|DIR)|(REQUESTS|CURL)_CA_BUNDLE"
    # GPUs, and the threads of numeric libraries
    r"|CUDA_.+|NVIDIA_(VISIBLE_DEVICES|DRIVER_CAPABILITIES|TF32_OVERRIDE)|(OPENBLAS|OMP|MKL)_[A-Z_]+|TF_.+|TF2_BEHAVIOR|XLA_FLAGS|KERAS_BACKEND"
    # ours, and which run this is
    r"|BNREGRESS_(?!INPUT_|POST_|ACTION_).+"
    r"|CI|GITHUB_(ACTIONS|WORKSPACE|RUN_ID|RUN_ATTEMPT|RUN_NUMBER)|RUNNER_(TEMP|OS|ARCH|NAME)",
    re.IGNORECASE,
)
#: Patterns with an open end let none of these in, but those of an index.
_SECRET = re.compile(r"TOKEN|SECRET|PASS(WORD|WD|PHRASE)|CREDENTIAL|PRIVATE|API_?KEY|ACCESS_?KEY", re.IGNORECASE)
_OF_AN_INDEX = re.compile(r"PIP_.+|UV_.+", re.IGNORECASE)


def inherited(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that the command needs, with a cache of the job's own if none is named."""
    kept = {name: value for name, value in environ.items() if _is_needed(name)}
    if "RUNNER_TEMP" in environ:
        # On a runner that is kept, no job may find environments or verdicts that another one left, unless told to.
        kept.setdefault(CACHE_VARIABLE, str(Path(environ["RUNNER_TEMP"]) / "bnregress-cache"))
    return kept


def _is_needed(name: str) -> bool:
    return bool(_NEEDED.fullmatch(name)) and (bool(_OF_AN_INDEX.fullmatch(name)) or not _SECRET.search(name))
