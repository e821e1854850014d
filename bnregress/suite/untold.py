"""A network or model that is called without `training`: it is in inference mode, whichever way it is called.

So `model(x)`, a `tf.function` of it, `predict`, and an exported model where a release has `Model.export`, must give
what `model(x, training=False)` gives. A frozen BatchNorm gives that anyhow, so the same is held of the network with its
BatchNorm layers un-frozen.

Source: the documentation of `Layer.__call__` and of `Model.predict`; Keras' guide "Transfer learning & fine-tuning".
"""

import contextlib
import functools
from collections import OrderedDict

from bnregress.suite import tolerances
from bnregress.suite.arithmetic import relative_deviation
from bnregress.suite.wording import in_one_line

#: Layers from which a network is called un-frozen only: what a frozen layer does, the small one shows for less.
LARGE = 50

#: What TensorFlow 2.12 says of a model that it exports, if a layer in front holds what no attribute of it does.
UNTRACKED = "captures tensor"


def ask(subject, called, inference):
    """Hold what is answered without `training` against the answer in inference mode; statistics stay as they were.

    Args:
        subject: `bnregress.suite.subject.Subject`.
        called: what is called: the subject's model where the variant has one, else its network.
        inference: what it answers in inference mode.

    Returns:
        evidence, and what is wrong, in words, or None.
    """

    def off(answer, expected=inference):
        if not subject.making.enters_everywhere:
            return relative_deviation(answer(), expected)
        # What runs in training mode after all moves statistics, which the next answer must not show.
        with subject.statistics_restored():
            return relative_deviation(answer(), expected)

    if not subject.making.asks_untold:
        return {}, None
    found = OrderedDict()
    unfrozen = subject.execution.eager and subject.batchnorms
    if not unfrozen or subject.depth < LARGE:
        found["frozen"] = off(lambda: subject.execution.forward_untold(called, subject.images))
    exact, control, absent = list(found), None, {}
    # In a graph a layer that is called un-frozen leaves updates behind, which a later step would run.
    if unfrozen:
        with _unfrozen(subject.batchnorms):
            found["un-frozen"] = off(lambda: subject.execution.forward_untold(called, subject.images))
            if subject.making.enters_everywhere:
                found.update(_fronts(subject, off))
            exact = list(found)
            if subject.making.enters_everywhere:
                for name, way in _ways(subject, called):
                    try:
                        found[name] = off(way)
                    except KeyError as refusal:  # noqa: PERF203 - there are three
                        if UNTRACKED not in str(refusal):
                            raise
                        absent[name] = in_one_line(refusal)
                control = off(lambda: subject.execution.forward(called, subject.images, training=True))
    tolerance = tolerances.relative(subject.dtype, subject.depth)
    wrong = [
        name for name, each in found.items() if not each <= (tolerances.BETWEEN_MODES if name in exact else tolerance)
    ]
    evidence = {"deviations": found, "wrong": wrong, "tolerance_compiled": tolerance, "absent": absent}
    if control is not None:
        evidence["unfrozen_relative"] = control
    if not wrong:
        return evidence, None
    reason = "called without `training`, {} does not answer as in inference mode ({}): by {:.3g} times the scale"
    what = "the network" if called is subject.network else "the model"
    return evidence, reason.format(what, ", ".join(wrong), max(found[name] for name in wrong))


def proves_nothing(subject, evidence):
    """Say why no deviation in any of the ways could have been seen, or None."""
    control, clear = evidence.get("unfrozen_relative"), tolerances.clear(subject.dtype, subject.depth)
    if control is None or control > clear:
        return None
    return "un-frozen, the model answers the same in both modes (deviation {:.1e}), so a call proves nothing".format(
        control
    )


@contextlib.contextmanager
def _unfrozen(layers):
    """Let layers read their flag as True, and change nothing else: what an optimizer is given is not touched."""
    flags = [layer._trainable for layer in layers]  # noqa: SLF001 - the public one reaches the variables
    for layer in layers:
        object.__setattr__(layer, "_trainable", True)
    try:
        yield
    finally:
        for layer, flag in zip(layers, flags):
            object.__setattr__(layer, "_trainable", flag)


def _fronts(subject, off):
    """Each layer that the model has in front, alone in front of the same network and head: how far that is off."""
    with subject.making.scope():
        for name, model in subject.making.fronted(subject.network, subject.head):
            execution, images = subject.execution, subject.images
            inference = execution.forward(model, images, training=False)
            yield name, off(functools.partial(execution.forward_untold, model, images), inference)


def _ways(subject, model):
    """Every other way to call a model without `training`: its name, and a function that gives what it answers."""
    yield "predict", functools.partial(model.predict, subject.images, batch_size=len(subject.images), verbose=0)
    yield from subject.framework.engine.untold(model, subject.images)
