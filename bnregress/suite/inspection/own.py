"""A person's own model, from `MODULE:CALLABLE`."""

import difflib
import importlib
import os
import sys
import traceback

from bnregress.suite.inspection.problem import Problem
from bnregress.suite.wording import in_one_line


def load(target, folder):
    """Import a module and get a model from it.

    Args:
        target: `MODULE:CALLABLE`, both dotted names.
        folder: where the module is looked for before the environment's own.

    Returns:
        (model, batch); batch is None if only a model was given.

    Raises:
        Problem: anything in the way, told with the line of the person's own code.
    """
    module_name, colon, name = target.partition(":")
    if module_name.endswith(".py") or os.sep in module_name:
        meant = os.path.splitext(os.path.relpath(os.path.join(folder, module_name), folder))[0].replace(os.sep, ".")
        raise Problem("{!r} names a file; name the module, as `{}:{}`.".format(target, meant, name or "build_model"))
    if not (module_name and colon and name):
        raise Problem("{!r} is not MODULE:CALLABLE, as in `models:build_model`.".format(target))
    module = _import(module_name, folder)
    given = _model_or_pair(_attribute(module, name, target))
    if given is None:
        given = _called(module, name, target)
    return given


def rebuilder(target):
    """Return a function that builds the model of a loaded target anew, as (model, batch); None if it is no function."""
    module_name, _, name = target.partition(":")
    found = sys.modules[module_name]
    for part in name.split("."):
        found = getattr(found, part)
    return None if _model_or_pair(found) else lambda: _model_or_pair(found())


def _import(name, folder):
    # The suite's own folder stays first, as `python -c` would put the current folder.
    sys.path.insert(1, folder)
    try:
        return importlib.import_module(name)
    except ImportError as error:
        missing = getattr(error, "name", None)
        if missing and (name == missing or name.startswith(missing + ".")):
            reason = "there is no module {!r} in {} nor in the environment."
            raise Problem(reason.format(missing, folder) + _nearest_module(name, folder)) from error
        raise _inside("importing {}".format(name), error) from error
    except (Exception, SystemExit) as error:
        raise _inside("importing {}".format(name), error) from error


def _attribute(module, dotted, target):
    found = module
    for part in dotted.split("."):
        if not hasattr(found, part):
            near = _did_you_mean(part, [name for name in dir(found) if not name.startswith("_")])
            raise Problem("{!r}: {} has no {!r}.{}".format(target, module.__name__, part, near))
        found = getattr(found, part)
    return found


def _called(module, name, target):
    found = _attribute(module, name, target)
    if not callable(found):
        kind = type(found).__name__
        raise Problem("{!r} is neither a Keras model nor a function that returns one, but {}.".format(target, kind))
    try:
        returned = found()
    except (Exception, SystemExit) as error:
        raise _inside("calling {}()".format(name), error) from error
    given = _model_or_pair(returned)
    if given is None:
        kind = type(returned).__name__
        reason = "{}() returned {}; it must return a Keras model, or a model and a batch of inputs for it."
        raise Problem(reason.format(name, "nothing" if returned is None else kind))
    return given


def _model_or_pair(value):
    if is_model(value):
        return value, None
    if isinstance(value, tuple) and len(value) == 2 and is_model(value[0]):
        return value
    return None


def is_model(value):
    """Whether a value is a Keras model, of whichever Keras; a class of models is none yet."""
    # Asked of its class: in Keras 2 an unbuilt `Sequential` raises when asked for its weights.
    names = ("layers", "weights", "trainable_weights", "get_config", "call")
    return not isinstance(value, type) and all(hasattr(type(value), name) for name in names)


def _inside(doing, error):
    """Tell of an exception in the person's own code, with the last line of it that is theirs."""
    frames = traceback.extract_tb(error.__traceback__)
    theirs = [frame for frame in frames if not _is_installed(frame.filename)]
    where = " ({}, line {})".format(os.path.relpath(theirs[-1].filename), theirs[-1].lineno) if theirs else ""
    detail = "".join(traceback.format_exception(type(error), error, error.__traceback__))
    return Problem("{} raised {}{}".format(doing, in_one_line(error), where), detail=detail)


def _is_installed(file):
    suite = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    library = os.path.dirname(os.path.abspath(traceback.__file__))
    return "site-packages" in file or file.startswith(("<", suite, library))


def _nearest_module(name, folder):
    files = [entry for entry in os.listdir(folder) if not entry.startswith((".", "_"))]
    return _did_you_mean(name, [os.path.splitext(file)[0] for file in files])


def _did_you_mean(name, known):
    near = difflib.get_close_matches(name, known)
    return " Did you mean {}?".format(", ".join(near)) if near else ""
