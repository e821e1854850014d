"""One BatchNorm at a time in every shape and with every option, from the same relations that the search draws on."""

import functools

import numpy as np

from bnregress.suite.arithmetic import identical
from bnregress.suite.finding import inconclusive, not_applicable, passed, regressed
from bnregress.suite.registry import Check
from bnregress.suite.search import normalisation
from bnregress.suite.search.single_layers import NO_KERNEL, PLAIN, offered
from bnregress.suite.usage.other_layers import other_layers_frozen

#: Samples in a batch.
BATCHES = (1, 2, 3, 5, 8, 16, 32)


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
    if case["dtype"] != "float32" or case["renorm"]:
        return
    array, again = framework.array, type(layer).from_config(layer.get_config())
    answer = array(again(values["x"]))
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


def _regularised(framework):
    """Regularisers of gamma and beta count by the values that these have, in both modes alike, and are described."""
    layer = framework.keras.layers.BatchNormalization(gamma_regularizer="l1", beta_regularizer="l2")
    x = np.ones((4, 3), np.float32)
    layer(x)
    gamma, beta = np.float32([0.5, -1, 2]), np.float32([1, 2, -3])
    layer.gamma.assign(gamma)
    layer.beta.assign(beta)
    # Both default to a factor of 0.01.
    expected = 0.01 * np.sum(np.abs(gamma)) + 0.01 * np.sum(beta**2)
    for trainable in (False, True):
        layer.trainable, seen = trainable, []
        for training in (True, False):
            layer(x, training=training)
            seen.append(_losses(framework, layer))
        # Of a frozen layer they count in Keras 2, and not in Keras 3.
        allowed = [expected] if trainable else [expected, 0.0]
        if seen[0] != seen[1] or not any(abs(seen[0] - each) <= 1e-5 for each in allowed):
            raise AssertionError(_regularised.__doc__)
    again = type(layer).from_config(layer.get_config())
    again(x)
    again.set_weights(layer.get_weights())
    again(x, training=True)
    if abs(_losses(framework, again) - expected) > 1e-5:
        raise AssertionError(_regularised.__doc__)


def _losses(framework, layer):
    return float(sum(np.sum(framework.array(loss)) for loss in layer.losses))


def _constrained(framework):
    """Training leaves gamma and beta of a frozen layer alone, also if a constraint would change them."""
    keras = framework.keras
    layer = keras.layers.BatchNormalization(gamma_constraint="unit_norm", beta_constraint="non_neg")
    model = keras.Sequential([keras.layers.InputLayer((3,)), layer, keras.layers.Dense(2)])
    kept = [np.float32(each) for each in ([0.5, -1, 2], [1, 2, -3], [0.1, 0.2, 0.3], [1, 2, 3])]
    layer.set_weights(kept)
    layer.trainable = False
    model.compile("sgd", "mse")
    model.fit(np.ones((4, 3), np.float32), np.ones((4, 2), np.float32), verbose=0)
    if not all(map(np.array_equal, kept, layer.get_weights())):
        raise AssertionError(_constrained.__doc__)


def _frozen_unbuilt(framework):
    """A layer that a model froze before it was built is frozen once it is."""
    layer = framework.keras.layers.BatchNormalization()
    model = framework.keras.Sequential([layer])
    model.trainable = False
    x = np.random.RandomState(0).normal(3, 2, (8, 5)).astype(np.float32)
    model(x)
    before = layer.get_weights()
    answers = [framework.array(model(x, training=mode)) for mode in (True, False)]
    if layer.trainable_weights or not (identical(*answers) and all(map(identical, before, layer.get_weights()))):
        raise AssertionError(_frozen_unbuilt.__doc__)


def _masked(framework):
    """Behind a mask a frozen layer answers in training mode as in inference mode, and by its own statistics."""
    case = dict(PLAIN, shape=[4, 5], batch=3)
    layer, values = normalisation.prepare(framework, case)
    x = np.array(values["x"])
    x[:, 2:] = 0.0
    steps = framework.keras.Input((4, 5))
    network = framework.keras.models.Model(steps, layer(framework.keras.layers.Masking()(steps)))
    before = layer.get_weights()
    answers = [framework.array(network(x, training=mode)) for mode in (True, False)]
    close = np.allclose(answers[1], normalisation.formula(case, values, x), 1e-4, 1e-4)
    if not (identical(*answers) and close and all(map(identical, before, layer.get_weights()))):
        raise AssertionError(_masked.__doc__)


def _of_unknown_size(framework, trainable):
    """In a network for images of any size a frozen layer takes its own statistics, an un-frozen one the batch's."""
    case = dict(PLAIN, shape=[5, 5, 3], batch=4)
    layer, values = normalisation.prepare(framework, case)
    images = framework.keras.Input((None, None, 3))
    network = framework.keras.models.Model(images, layer(images))
    layer.trainable = trainable
    sizes = (None, None, None, 3)
    traced = framework.engine.compiled(lambda batch: network(batch, training=True), network, shape=sizes)
    for size in ((5, 7), (48, 40)):
        x = np.random.RandomState(0).normal(size=(4,) + size + (3,)).astype(np.float32)
        statistics = dict(values, mean=x.mean((0, 1, 2)), variance=x.var((0, 1, 2))) if trainable else values
        if not np.allclose(traced(x), normalisation.formula(case, statistics, x), 1e-4, 1e-4):
            raise AssertionError(_of_unknown_size.__doc__)


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
    training, inference = (_compiled(framework, layer, values["x"], mode) for mode in (True, False))
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
    try:
        for each in apart:
            each(framework)
    except AssertionError as wrong:
        return regressed(str(wrong), ran=ran, absent=absent)
    if "plain" not in ran:
        return inconclusive("no kind of layer could be made", absent=absent)
    return passed("it holds for {} kinds of layers".format(len(ran)), ran=ran, absent=absent)


def layers_frozen(subject):
    """A frozen BatchNorm of any shape and options is the same in both modes, in any batch, and equals the formula.

    Called directly and compiled; a layer that is made from its description and given its weights answers the same.
    Source: the documentation of BatchNormalization and of `get_config`; Ioffe & Szegedy 2015, algorithm 2.
    Tolerance: none between the modes; else `normalisation.bound`.
    """
    frozen = [each for each in normalisation.RELATIONS if each is not normalisation.unfrozen_follows_the_batch]
    unknown = functools.partial(_of_unknown_size, trainable=False)
    apart = _regularised, _constrained, _frozen_unbuilt, _masked, unknown
    return _look(subject, frozen, (_same_bits, _as_documented), apart)


def layers_unfrozen(subject):
    """An un-frozen BatchNorm of any shape and options normalises by its batch and moves its statistics by its momentum.

    Called directly and compiled. Source: Ioffe & Szegedy 2015, algorithm 1; the documentation of BatchNormalization;
    the fused kernel of Keras 2 takes the unbiased variance. Tolerance: `normalisation.bound`.
    """
    apart = [functools.partial(_of_unknown_size, trainable=True)]
    return _look(subject, [normalisation.unfrozen_follows_the_batch], [_unfrozen_compiled], apart)


LAYERS = tuple(
    Check(name=name, statement=" ".join(decide.__doc__.split("\n\n")[0].split()), decide=decide)
    for name, decide in (
        ("layers-frozen", layers_frozen),
        ("layers-unfrozen", layers_unfrozen),
        ("other-layers-frozen", other_layers_frozen),
    )
)
