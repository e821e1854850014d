"""The proof that the other checks can fail on this very network."""

import numpy as np

from bnregress.suite import probes, tolerances
from bnregress.suite.alone import beyond
from bnregress.suite.arithmetic import relative_deviation
from bnregress.suite.finding import not_applicable, passed, regressed
from bnregress.suite.networks import is_batchnorm
from bnregress.suite.registry import check
from bnregress.suite.variants.proving import PROVING
from bnregress.suite.variants.train import FIT_BATCH
from bnregress.suite.wording import OPAQUE, listed


@check(
    "unfreeze-control",
    code="""
    network.trainable = True
    for layer in network.layers:
        layer.trainable = True
    model = tf.keras.Sequential([network, tf.keras.layers.Dense(10, activation="softmax")])
    model.compile(tf.keras.optimizers.SGD(0.1), loss="categorical_crossentropy")
    normalisations = [layer for layer in network.layers if hasattr(layer, "moving_mean")]
    before = [layer.get_weights()[2] for layer in normalisations]
    model.fit(images, labels, batch_size=8, verbose=0)
    still = sum(np.array_equal(old, layer.get_weights()[2]) for old, layer in zip(before, normalisations))
    print("moving means that stayed although nothing is frozen:", still)
    assert still == 0, "un-frozen, BatchNorm does not follow the batch"
    """,
)
def unfreeze_control(subject):
    """Once un-frozen and compiled again, BatchNorm follows the batch and training moves it.

    Gamma and beta of every layer must be among the variables to be trained,
    the modes of the whole network must differ, every moving statistic must
    move (in eager mode, where a forward pass can be run), each BatchNorm
    must equal the formula with the batch's own statistics, and one compiled
    step of `fit` must change every variable of the last BatchNorm, its moving
    mean by the momentum it must have. A network without BatchNorm must change
    the kernel of its last layer instead. It runs on every path and in one
    variant for each value of each axis (`variants/proving.py`), in its own way
    of wrapping and training.
    Source: Ioffe & Szegedy 2015, algorithms 1 and 2; the documentation of
    BatchNormalization for the momentum.
    Tolerance: a difference counts from 100 times `tolerances.relative`; the
    formula and the momentum hold within that of a single layer.
    """
    if subject.opaque:
        return not_applicable(OPAQUE)
    if subject.making.replicas > 1:
        return not_applicable("what un-frozen layers do on several replicas is tested by the path `replicas`")
    if not subject.making.plain and subject.variant.name not in PROVING:
        return not_applicable("each value of this variant is proven in another; see `nox -s regress -- --path small`")
    subject.network.trainable = True
    for layer in subject.layers:
        layer.trainable = True
    batchnorms = subject.batchnorms
    evidence = {"batchnorms": len(batchnorms), "tolerance": tolerances.relative(subject.dtype, 1)}
    if batchnorms:
        stuck = (
            _withheld_from_training(subject, batchnorms, evidence)
            or _still_frozen_forward(subject, batchnorms, evidence)
            or _not_the_formula(subject, evidence)
        )
        if stuck:
            return regressed(stuck, **evidence)
    if subject.making.called or subject.making.mirrored:
        # Around it the mode stays what the call says; that all else trains, `frozen-state` holds. What prepares images
        # takes no features, which the last layer alone is given.
        return passed("un-frozen and called by itself, the network follows the batch", **evidence)
    last = (batchnorms or [layer for layer in subject.layers if layer.weights])[-1]
    stuck = _fit_last(subject, last, evidence)
    if stuck:
        return regressed(stuck, **evidence)
    return passed("un-frozen, the network follows the batch and training moves it", **evidence)


def _withheld_from_training(subject, batchnorms, evidence):
    """Say which layers' gamma or beta the network does not give to an optimizer, or None."""
    given = {id(variable) for variable in subject.network.trainable_weights}
    evidence["lost"] = [
        layer.name for layer in batchnorms if not {id(layer.gamma), id(layer.beta)} - {id(None)} <= given
    ]
    if evidence["lost"]:
        reason = "un-frozen, gamma or beta of {} of {} layers are not among the variables to be trained: {}"
        return reason.format(len(evidence["lost"]), len(batchnorms), listed(evidence["lost"]))
    return None


def _still_frozen_forward(subject, batchnorms, evidence):
    """Say what stays as if frozen in a forward pass, or None."""
    statistics = [variable for layer in batchnorms for variable in (layer.moving_mean, layer.moving_variance)]
    before = subject.execution.read(statistics)
    deviation = relative_deviation(subject.forward(training=True), subject.inference)
    clear = tolerances.clear(subject.dtype, len(subject.layers))
    evidence.update(relative=deviation, clear=clear)
    if not deviation > clear:
        return "un-frozen, the network still answers the same in both modes (deviation {:.1e})".format(deviation)
    if subject.execution.eager:
        moved = map(np.array_equal, before, subject.execution.read(statistics))
        names = [layer.name for layer in batchnorms for _ in range(2)]
        still = sorted({name for name, same in zip(names, moved) if same})
        evidence["lost"] = still
        if still:
            reason = "un-frozen, the moving statistics of {} of {} layers stay as they were: {}"
            return reason.format(len(still), len(batchnorms), listed(still))
    return None


def _not_the_formula(subject, evidence):
    """Say which un-frozen layers do not normalise with the batch's own statistics, or None."""
    alone = subject.alone
    layers = alone.deviations(alone.outputs(training=True), alone.by_batch_statistics())
    wrong = beyond(layers, evidence["tolerance"])
    if not wrong:
        return None
    evidence["layers"] = layers
    reason = "un-frozen, {} of {} BatchNorm layers do not equal the formula with the batch's statistics: {}"
    return reason.format(len(wrong), len(layers), listed(wrong))


def _fit_last(subject, layer, evidence):
    """Train one layer of the network alone, compiled, one step; say what is wrong with what moved, or None."""
    channels = int(layer.weights[0].shape[-2 if len(layer.weights[0].shape) > 1 else -1])
    keras = subject.framework.keras
    features = keras.Input((2, 2, channels))
    tail = keras.Model(features, keras.layers.GlobalAveragePooling2D()(layer(features)))
    model = subject.compile_with_head(tail)
    subject.execution.set_learning_rate(model, 0.1)
    # One batch, so that the mean moves once.
    inputs = probes.channels_last(FIT_BATCH, channels)
    before = subject.execution.read(layer.weights)

    def still():
        return _unmoved(before, subject.execution.read(layer.weights))

    subject.fit_loss(model, inputs)
    after = subject.execution.read(layer.weights)
    subject.fit_past_skipped(model, lambda: not still(), inputs)
    same = still()
    evidence.update(trained_layer=layer.name, unchanged=same)
    if same:
        reason = "once un-frozen and compiled again, `fit` leaves {} of {} variables of {} as they were"
        return reason.format(len(same), len(before), layer.name)
    if not is_batchnorm(layer) or not subject.making.plain:
        # How often a step calls a wrapped layer is the wrapper's affair: TimeDistributed of Keras 2 may do so twice.
        return None
    momentum = subject.alone.originals[-1].momentum
    expected = momentum * before[-2] + (1 - momentum) * inputs.mean(axis=(0, 1, 2), dtype=np.float64)
    evidence.update(momentum=momentum, momentum_deviation=relative_deviation(after[-2], expected))
    if evidence["momentum_deviation"] <= evidence["tolerance"]:
        return None
    reason = "once un-frozen, `fit` does not move the moving mean of {} by its momentum of {}"
    return reason.format(layer.name, momentum)


def _unmoved(before, after):
    """Places of the variables that are bit-equal."""
    return [place for place, (old, new) in enumerate(zip(before, after)) if np.array_equal(old, new)]
