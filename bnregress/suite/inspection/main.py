"""What the host starts in the environment that is inspected: a request in, events out."""

import json
import os
import platform
import sys
import traceback
from functools import partial

from bnregress.suite import gpu
from bnregress.suite.inspection import own
from bnregress.suite.inspection.problem import Problem
from bnregress.suite.inspection.sender import Channel
from bnregress.suite.wording import in_one_line


def main(file):
    """Answer the request in a JSON file, which is removed before anybody else's code runs.

    It holds `target`, MODULE:CALLABLE or null; `folder`, where the module is; `quick`, for the loading paths that most
    people use alone; and of the channel `events`, the file, and `secret`.

    Events: `facts` of the environment, `doing` in words, `path` for each
    loading path decided, and at the end one of `done`, `model`, `problem`.
    """
    with open(file, encoding="utf-8") as stream:
        request = json.load(stream)
    os.unlink(file)
    channel = Channel(request["events"], request.pop("secret"))
    try:
        if request["target"] is None:
            _environment(channel, request["quick"])
        else:
            _model(channel, request["target"], request["folder"])
    except Problem as problem:
        channel.tell("problem", kind=problem.kind, reason=str(problem), detail=problem.detail)
    except Exception as error:
        channel.tell("problem", kind="undecided", reason=in_one_line(error), detail=traceback.format_exc())


def _environment(channel, quick):
    from bnregress.suite.inspection.every_path import inspect_environment
    from bnregress.suite.loader import FrameworkLoader

    loader = FrameworkLoader()
    loader.framework = _framework(channel)
    inspect_environment(loader, lambda record: channel.tell("path", answer=record), quick)
    channel.tell("done")


def _model(channel, target, folder):
    channel.tell("doing", text="building {}".format(target))
    # Keras by itself takes TensorFlow for granted, and would not import.
    _choose_engine()
    # First the person's module: what it sets before it imports an engine must count.
    model, batch = own.load(target, folder)
    framework = _framework(channel, model)
    from bnregress.suite.inspection.batchnorms import inspect_model

    rebuild = own.rebuilder(target)
    found = inspect_model(framework, model, batch, lambda text: channel.tell("doing", text=text), rebuild)
    channel.tell("model", name=getattr(model, "name", type(model).__name__), **vars(found))


def _framework(channel, model=None):
    from bnregress.suite.engines import MODULES, TITLES
    from bnregress.suite.framework import load_framework
    from bnregress.suite.inspection.which_keras import engine_for, version_of

    engine = _choose_engine() if model is None else engine_for(model)
    if engine not in MODULES:
        reason = "Keras runs on {} here, and can be inspected on {} only"
        raise Problem(reason.format(engine, ", ".join(TITLES.values())), kind="undecided")
    title = TITLES[engine]
    if model is None and engine == "torch":
        reason = "loading paths were not measured on {} yet: give MODULE:CALLABLE to inspect your model"
        raise Problem(reason.format(title), kind="undecided")
    channel.tell("doing", text="importing {}".format(title))
    try:
        framework = _on_device(partial(load_framework, engine=engine), model, title)
    except gpu.NoGpu as absent:
        raise Problem("{}. {}".format(absent.reason, absent.remedy), kind="undecided") from absent
    except Problem:
        raise
    except Exception as error:
        reason = "{} does not import in this environment: {}".format(title, in_one_line(error))
        raise Problem(reason, kind="undecided", detail=traceback.format_exc()) from error
    channel.tell(
        "facts",
        facts={
            "tensorflow": framework.engine.version if engine == "tensorflow" else None,
            "engine": {"name": engine, "version": framework.engine.version},
            "keras": version_of(framework, model),
            "python": platform.python_version(),
            "executable": sys.executable,
            "eager": framework.eager,
            "device": framework.device,
        },
    )
    return framework


def _choose_engine():
    """Let Keras run on the engine that this environment has, and return it as in `KERAS_BACKEND`."""
    from bnregress.suite.engines import VARIABLE
    from bnregress.suite.inspection.which_keras import engine_here

    engine = engine_here()
    if engine != "tensorflow":
        os.environ[VARIABLE] = engine
    return engine


def _on_device(load_framework, model, title):
    if not gpu.wanted():
        return load_framework()
    if title != "TensorFlow":
        reason = "a GPU is found and demanded through TensorFlow only, and Keras runs on {} here: leave --device out"
        raise Problem(reason.format(title), kind="undecided")
    return gpu.load(load_framework) if model is None else gpu.adopt(load_framework, model)
