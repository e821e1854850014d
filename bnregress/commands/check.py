"""`bnregress check`: is it me, or my TensorFlow."""

from __future__ import annotations

from bnregress.checking.interpreter import Inspected, find_inspected
from bnregress.commands.declared.check import CheckArguments
from bnregress.errors import ExitCode, UsageError


def execute(arguments: CheckArguments) -> ExitCode:
    """Inspect, print what came out, and return what it comes to.

    Raises:
        UsageError: the interpreter or MODULE:CALLABLE is wrong.
        FatalError: it could not be decided.
    """
    if arguments.quick and arguments.target is not None:
        raise UsageError("--quick is for loading paths; it does not go with MODULE:CALLABLE. Leave one of them out.")
    inspected = _inspected(arguments)
    # What inspects and prints takes longer to import than to refuse an interpreter.
    from bnregress.commands.checked import check  # noqa: PLC0415

    return check(arguments, inspected)


def _inspected(arguments: CheckArguments) -> Inspected:
    if arguments.python is not None and "environment" in arguments.given:
        raise UsageError("--python and --environment say the same thing. Leave one of them out.")
    if arguments.python is None and arguments.environment is not None:
        return find_inspected(str(arguments.environment), as_it_stands=True)
    return find_inspected(arguments.python)
