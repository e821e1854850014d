"""Environment variables of the process that is inspected."""

from __future__ import annotations

from collections.abc import Mapping

#: Ours alone: in another interpreter they name the wrong files.
_OURS = frozenset({"PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "PYTHONPLATLIBDIR", "__PYVENV_LAUNCHER__"})

#: What may be chosen otherwise by whoever starts it: quiet, and room on the GPU for others.
_DEFAULTS = {"TF_CPP_MIN_LOG_LEVEL": "2", "TF_FORCE_GPU_ALLOW_GROWTH": "true"}


def inspected_variables(environ: Mapping[str, str], *, keeps: bool) -> dict[str, str]:
    """Return the user's own variables, which may well be what breaks TensorFlow, less those of our interpreter.

    Args:
        environ: the user's variables.
        keeps: variables for Python are for this interpreter too: bnregress runs on it, or it is taken as it stands.
    """
    kept = {name: value for name, value in environ.items() if keeps or name not in _OURS}
    # So that a crash of native code leaves a trace, and nothing is written into the environment.
    return _DEFAULTS | kept | {"PYTHONFAULTHANDLER": "1", "PYTHONUNBUFFERED": "1", "PYTHONDONTWRITEBYTECODE": "1"}
