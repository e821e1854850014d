"""One BatchNorm at a time in every shape and with every option, from the same relations that the search draws on."""

import functools

import numpy as np

from bnregress.suite.arithmetic import identical
from bnregress.suite.finding import NotApplicable, inconclusive, not_applicable, passed, regressed
from bnregress.suite.registry import Check
from bnregress.suite.search import normalisation
from bnregress.suite.search.single_layers import NO_KERNEL, PLAIN, offered
from bnregress.suite.usage import layer_options
from bnregress.suite.usage import layer_places as places
from bnregress.suite.usage.constructor import constructor_flag
from bnregress.suite.usage.made_of import models_made_of_frozen_layers
from bnregress.suite.usage.other_layers import lora_leaves_kernels, other_layers_frozen

#: Samples in a batch.
BATCHES = (1, 2, 3, 5, 8, 16, 32, 64, 128, 256)


def cases(dtypes, fused, renorm):
    """Cases by name, see `bnregress.suite.search.normalisation`; arguments as those of `single_layers.cases` there."""
    told = {
        "plain": {},
        "rank 2": {"shape": [5]},
        "rank 3": {"shape": [4, 5]},
        "rank 5": {"shape": [2, 3, 3, 5]},
        "more than 32 pixels": {"shape": [48, 48, 2]},
        "axis 1": {"axis": 1, "fused": False if False in fused else None},
        "axis 1 of rank 3": {"shape": [4, 5], "axis": 1},
        "no gamma": {"scale": False},
        "no beta": {"center": False},
        "neither": {"scale": False, "center": False},
        "momentum 0": {"momentum": 0.0},
        "momentum 0.5": {"momentum": 0.5},
        "momentum 0.99, epsilon 0.1": {"momentum": 0.99, "epsilon": 1e-1},
        "large mean": {"inputs": "large-mean"},
        "tiny variance": {"inputs": "tiny-variance"},
    }
    told.update({"batch of {}".format(size): {"batch": size} for size in BATCHES})
    told.update({name: {"dtype": name} for name in dtypes if name != "float32"})
    told.update({"{}, rank 2".format(name): {"dtype": name, "shape": [5]} for name in dtypes if name != "float32"})
    told.update({"fused={}".format(value): {"fused": value} for value in fused if value is not None})
    if True in renorm:
        told["renorm"] = {"renorm": True}
    usual = dict(PLAIN, batch=8, shape=[3, 3, 5])
    return {name: dict(usual, **options) for name, options in told.items()}


def _compiled(framework, layer, x, training):
    return framework.engine.compiled(lambda batch: layer(batch, training=training), layer)(x)


def _same_bits(framework, layer, case, values):
    """A frozen layer gives bit for bit the same in both modes, called directly and compiled."""
    answers = [framework.array(layer(values["x"], training=mode)) for mode in (True, False)]
    # Both modes in one function: what costs is the tracing.
    both = framework.engine.compiled(lambda batch: [layer(batch, training=mode) for mode in (True, False)], layer)
    compiled = both(values["x"])
    if not (identical(*answers) and identical(*compiled)):
        raise AssertionError(_same_bits.__doc__)


def _as_documented(framework, layer, case, values):
    """A layer made from another's description starts as documented, and with the other's weights answers as it does.

    Un-frozen and called without a mode it is in inference mode.
    """
    if case["renorm"]:
        return
    array, again = framework.array, type(layer).from_config(layer.get_config())
    answer = array(again(values["x"]))
    if case["dtype"] != "float32":
        if answer.dtype != array(layer(values["x"], training=False)).dtype:
            raise AssertionError(_as_documented.__doc__)
        return
    fresh = [each for each, wanted in ((1, case["scale"]), (0, case["center"]), (0, True), (1, True)) if wanted]
    started = [np.all(array(variable) == value) for variable, value in zip(again.weights, fresh)]
    first = np.float64(values["x"]) / np.sqrt(1 + np.float64(case["epsilon"]))
    if not (len(again.weights) == len(fresh) and all(started) and np.allclose(answer, first, rtol=1e-5, atol=1e-5)):
        raise AssertionError(_as_documented.__doc__)
    again.set_weights(layer.get_weights())
    options = [(each.momentum, each.epsilon, each.trainable) for each in (layer, again)]
    again.trainable = True
    answers = [array(layer(values["x"], training=False)), array(again(values["x"]))]
    # Keras 2 leaves `fused` out of the description, so the other may take another kernel.
    close = np.abs(np.subtract(*map(np.float64, answers))) <= normalisation.bound(case, values)
    if options[0] != options[1] or not np.all(close):
        raise AssertionError(_as_documented.__doc__)


def _unfrozen_compiled(framework, layer, case, values):
    """Un-frozen and compiled, a layer moves its mean and its variance by its momentum, and its modes differ."""
    axis = case["axis"] % values["x"].ndim
    others = tuple(place for place in range(values["x"].ndim) if place != axis)
    wide = np.float64(values["x"])
    count = wide.size / wide.shape[axis]
    if case["renorm"] or count < 2 or case["inputs"] != "ordinary":
        return
    unbiased = count / (count - 1) if getattr(layer, "fused", False) else 1.0
    layer.trainable = True
    # The statistics that training leaves may be the batch's own.
    inference, training = (_compiled(framework, layer, values["x"], mode) for mode in (False, True))
    kept, moved = case["momentum"], 1 - case["momentum"]
    unit = normalisation.EPSILONS[case["dtype"]]
    rows = (
        ("mean", layer.moving_mean, wide.mean(others), 1.0),
        ("variance", layer.moving_variance, wide.var(others), unbiased),
    )
    for name, variable, batch, factor in rows:
        expected = kept * np.float64(values[name]).reshape(-1) + moved * batch * factor
        found = np.float64(framework.array(variable))
        off = np.max(np.abs(found - expected)) / max(np.max(np.abs(expected)), np.max(np.abs(wide)))
        if not off <= 16 * unit:
            said = "{} The moving {} is off by {:.3g} times its scale."
            raise AssertionError(said.format(_unfrozen_compiled.__doc__, name, off))
        variable.assign(values[name].reshape(-1))
    if identical(training, inference):
        raise AssertionError(_unfrozen_compiled.__doc__)
    layer.trainable = False


def _look(subject, relations, own, apart):
    """Hold every case to relations and to functions of `own`, then what needs no case: functions of `apart`."""
    if not subject.execution.eager:
        return not_applicable("needs eager mode")
    framework, ran, absent = subject.framework, [], {}
    for name, case in cases(**offered(framework)).items():
        try:
            layer, values = normalisation.prepare(framework, case)
            for relation in relations:
                normalisation.hold(relation, layer, case, values)
            for each in own:
                each(framework, layer, case, values)
        except AssertionError as wrong:  # noqa: PERF203 - which kind of layer it is must be known
            said = str(wrong).splitlines()[0]
            return regressed("{}: {}".format(name, said), ran=ran, absent=absent, case=dict(case))
        except Exception as error:
            if not any(text in str(error) for text in NO_KERNEL):
                raise
            absent[name] = str(error).splitlines()[0]
        else:
            ran.append(name)
    kinds = len(ran)
    wrong = _apart(framework, apart, ran, absent)
    if wrong is not None:
        return regressed(wrong, ran=ran, absent=absent)
    if "plain" not in ran:
        return inconclusive("no kind of layer could be made", absent=absent)
    return passed("it holds for {} kinds of layers".format(kinds), ran=ran, absent=absent)


def _apart(framework, functions, ran, absent):
    """What is wrong of what needs no case, in words, or None; notes what ran, and what the release does not have."""
    for each in functions:
        name = getattr(each, "func", each).__name__.replace("_", "-")
        try:
            each(framework)
        except AssertionError as wrong:
            return str(wrong)
        except NotApplicable as missing:
            absent[name] = str(missing)
        else:
            ran.append(name)
    return None


def layers_frozen(subject):
    """A frozen BatchNorm of any shape and options is the same in both modes, in any batch, and equals the formula.

    Called directly and compiled; a layer that is made from its description and given its weights answers the same.
    Source: the documentation of BatchNormalization and of `get_config`; Ioffe & Szegedy 2015, algorithm 2.
    Tolerance: none between the modes; else `normalisation.bound`.
    """
    frozen = [each for each in normalisation.RELATIONS if each is not normalisation.unfrozen_follows_the_batch]
    unknown = functools.partial(places.of_unknown_size, trainable=False)
    apart = (
        places.regularised,
        places.constrained,
        places.frozen_unbuilt,
        places.masked,
        places.called_twice,
        places.synchronized,
        unknown,
        *layer_options.FROZEN,
    )
    return _look(subject, frozen, (_same_bits, _as_documented), apart)


def layers_unfrozen(subject):
    """An un-frozen BatchNorm of any shape and options normalises by its batch and moves its statistics by its momentum.

    Called directly and compiled. Source: Ioffe & Szegedy 2015, algorithm 1; the documentation of BatchNormalization;
    the fused kernel of Keras 2 takes the unbiased variance. Tolerance: `normalisation.bound`.
    """
    apart = [functools.partial(places.of_unknown_size, trainable=True), *layer_options.UNFROZEN]
    return _look(subject, [normalisation.unfrozen_follows_the_batch], [_unfrozen_compiled], apart)


LAYERS = tuple(
    Check(name=name, statement=" ".join(decide.__doc__.split("\n\n")[0].split()), decide=decide)
    for name, decide in (
        ("layers-frozen", layers_frozen),
        ("layers-unfrozen", layers_unfrozen),
        ("other-layers-frozen", other_layers_frozen),
        ("lora-leaves-kernels", lora_leaves_kernels),
        ("models-made-of-frozen-layers", models_made_of_frozen_layers),
        ("constructor-flag", constructor_flag),
    )
)
