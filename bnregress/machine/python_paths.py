"""The interpreter that a person names: by its path, by the folder of its environment, or by a command."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from bnregress.errors import UsageError
from bnregress.machine.locations import expanded

_PLACES = ("bin/python", "bin/python3", "python.exe", "Scripts/python.exe")


def named_interpreter(given: str, option: str) -> Path:
    """Return the absolute path of an interpreter; links are not followed, for an environment's may be one.

    Args:
        given: path of an interpreter or of a script that starts one, folder of an environment, or name of a command.
        option: what it was given to, such as `--python`.

    Raises:
        UsageError: there is none.
    """
    path = expanded(given, option)
    if path.is_dir():
        for place in _PLACES:
            if (path / place).is_file():
                return (path / place).absolute()
        raise UsageError(f"{given} is a folder without bin/python. Give {option} the path of an interpreter.")
    if path.is_file():
        return path.absolute()
    if os.sep not in given and (found := shutil.which(given)):
        return Path(found)
    raise UsageError(f"{given} does not exist. Give {option} the path of an interpreter, such as .venv/bin/python.")
