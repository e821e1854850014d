"""A small network under every setting of `compile` and `fit`, frozen and un-frozen, through every entry point."""

import functools
import time

import numpy as np

from bnregress.suite import networks, probes, small, surrogate, tolerances, xla
from bnregress.suite.arithmetic import identical, relative_deviation
from bnregress.suite.finding import NotApplicable, inconclusive, not_applicable, passed, regressed
from bnregress.suite.registry import Check
from bnregress.suite.usage.head import trained
from bnregress.suite.usage.losses import answer_of, by_class_of_number, first, loss_of, regularised
from bnregress.suite.usage.metrics import metrics_parity
from bnregress.suite.usage.resumed import training_restored
from bnregress.suite.usage.returned import weights_returned
from bnregress.suite.usage.settings import OWN, SETTINGS, compiled
from bnregress.suite.usage.several import several
from bnregress.suite.variants.train import require_options

IMAGES, BATCH, EPOCHS, RATE = 32, 8, 3, 0.1
#: Batch sizes that the plain setting is fitted with besides, each a divisor of `IMAGES`.
SIZES = (2, 32)
#: Settings that need one batch, because a step of one's own tells the loss of its last.
ONE_BATCH = ("own-train-step",)
#: Settings that an un-frozen network is trained under.
UNFROZEN = ("plain", "eager", "jit", "steps-per-execution-and-sample-weight", "own-train-step")
#: Settings under which single batches are trained on and predictions made too.
ENTRY_POINTS = ("plain", "eager", "jit")
#: Settings under which predictions are made: each in which `predict` runs another function.
PREDICTING = (*ENTRY_POINTS, "mirrored", "steps-per-execution-and-sample-weight")


class _Bench:
    """The network with its values before anything was done to it, and what a forward pass in NumPy gives."""

    def __init__(self, subject):
        self.subject, self.execution = subject, subject.execution
        self.framework, self.network = subject.framework, subject.network
        self.images, self.labels = probes.images(IMAGES), probes.labels(IMAGES)
        shapes = [(int(self.network.output_shape[-1]), probes.CLASSES), (probes.CLASSES,)]
        self.head = surrogate.layer_weights("head", shapes)
        # Before the very first step, once and for all.
        self.before = subject.weights()
        self.wrong, self.ran, self.absent, self.largest = [], {}, {}, 0.0
        self.changed = []

    def compile(self, name, rate):
        """A fresh model under a setting; see `compiled`.

        Under a strategy the network is another one with the same values, since it must be made there.
        """
        chosen = SETTINGS[name]
        with self.framework.once(chosen.scope)():
            self.network = self.subject.network
            if chosen.scope is not SETTINGS["plain"].scope:
                self.network = small.build(self.framework)
                for layer, other in zip(self.network.layers, self.subject.network.layers):
                    layer.trainable = other.trainable
                self.restore()
            return compiled(self.framework, SETTINGS[name], self.network, rate, self.execution, self.head)

    def same(self, what, found, expected):
        """Note that two figures or arrays differ by more than rounding."""
        shapes = np.shape(found), np.shape(expected)
        if shapes[0] != shapes[1]:
            self.wrong.append("{} has the shape {}, not {}".format(what, *shapes))
            return
        deviation = relative_deviation(np.asarray(found, np.float64), np.asarray(expected, np.float64))
        self.largest = max(self.largest, deviation if deviation <= tolerances.TRAINED else 0.0)
        if not deviation <= tolerances.TRAINED:
            self.wrong.append("{} is off by {:.3g} times its scale".format(what, deviation))

    def kept(self, after):
        """Note which variables are not what they were before anything was done."""
        now = self.weights()
        changed = [name for name in self.before if not identical(self.before[name], now[name])]
        if changed:
            self.changed.extend(changed)
            self.wrong.append("{} moved {} variables: {}".format(after, len(changed), ", ".join(changed[:3])))

    def restore(self):
        """Give every variable its first value."""
        self.execution.write(networks.variables_of(self.network).values(), self.before.values())

    def weights(self):
        """Values of the network's variables by `LAYER/PLACE`."""
        return self.subject.weights(self.network)

    def each(self, look, names):
        """Run one setting after the other; stops at the first that is wrong, so that it is what is told."""
        for name in names:
            began = time.process_time()
            try:
                look(self, name)
            except NotApplicable as absent:
                self.absent[name] = str(absent)
                continue
            self.ran[name] = time.process_time() - began
            if self.wrong:
                self.wrong[:] = ["{}: {}".format(name, each) for each in self.wrong]
                return

    def finding(self, holds):
        """What it all comes to."""
        evidence = {
            "cpu_seconds": self.ran,
            "absent": self.absent,
            "largest": self.largest,
            "tolerance": tolerances.TRAINED,
            "wrong": self.wrong,
            "changed": list(dict.fromkeys(self.changed)),
        }
        if self.wrong:
            return regressed(self.wrong[0], **evidence)
        if "plain" not in self.ran:
            return inconclusive("no setting could be run", **evidence)
        return passed("{} under {} settings".format(holds, len(self.ran)), **evidence)


def training_frozen(subject):
    """Under whatever `compile` and `fit` are told, a frozen network trains as in inference mode and keeps its state.

    At learning rate 0 every loss in the history of several epochs, of a second
    `fit` and of a model that was compiled again is that of `evaluate`, and that
    of the network's own answer in inference mode; `predict` gives that answer;
    above 0 every variable is bit-equal to what it was before the very first
    step, and the head has moved by its own gradient on the network's features,
    as NumPy has it.
    Source: the documentation of `trainable`, `fit`, `evaluate` and `predict`.
    Tolerance: `tolerances.TRAINED`; none for variables.
    """
    if not subject.execution.eager:
        return not_applicable("needs eager mode")
    bench = _Bench(subject)
    for look in (_gradients, regularised, by_class_of_number, functools.partial(several, batch=BATCH)):
        if not bench.wrong:
            look(bench)
    if not bench.wrong:
        bench.each(_frozen, SETTINGS)
    return bench.finding("losses, answers and variables are those of inference mode")


def _frozen(bench, name):
    chosen = SETTINGS[name]
    model, head = bench.compile(name, 0.0 if chosen.stepping else RATE)
    one_batch = name in ONE_BATCH
    size = IMAGES if one_batch else BATCH
    fitting, evaluating = chosen.fitting(bench.labels)
    options = {"batch_size": size, "verbose": 0}

    def fit(model, images=bench.images, labels=bench.labels, **more):
        told = dict(options, shuffle=False, **fitting)
        told.update(more)
        history = model.fit(images, labels, **told).history
        # Keras 3.0 reports nothing of what a step of one's own returns.
        return [float(loss) for loss in history.get(OWN, [] if one_batch else history["loss"])]

    if chosen.stepping:
        _still(bench, name, model, fit, dict(options, **evaluating))
    bench.execution.set_learning_rate(model, RATE)
    before = bench.execution.read(head.weights)
    fit(model, epochs=2)
    after = bench.execution.read(head.weights)
    if all(map(identical, before, after)):
        bench.wrong.append("`fit` does not train the head")
    elif chosen.stepping:
        features = chosen.times * np.float64(answer_of(bench, bench.network, bench.images))
        importance = evaluating.get("sample_weight")
        expected = trained(features, bench.labels, before, RATE, size, 2, importance)
        for what, found, formula in zip(("kernel", "bias"), after, expected):
            bench.same("the head's {} after two epochs".format(what), found, formula)
    bench.kept("fit")
    if chosen.stepping and not one_batch:
        evaluated = first(model.evaluate(bench.images, bench.labels, **options))
        bench.same("once the head is trained the loss of evaluate", evaluated, loss_of(bench, model))
        bench.kept("evaluate of a trained head")


def _still(bench, name, model, fit, evaluating):
    """Every entry point at learning rate 0."""
    # The very first step is one of train_on_batch, where a setting has no arguments of its own.
    weighted = "sample_weight" in evaluating
    if name in ENTRY_POINTS:
        found = first(model.train_on_batch(bench.images, bench.labels))
        bench.same("the loss of train_on_batch", found, loss_of(bench, model))
        bench.kept("train_on_batch at learning rate 0")
    evaluated = first(model.evaluate(bench.images, bench.labels, **evaluating))
    if not weighted:
        bench.same("the loss of evaluate", evaluated, loss_of(bench, model))
    for place, loss in enumerate(fit(model, epochs=EPOCHS), 1):
        bench.same("at learning rate 0 the loss of epoch {}".format(place), loss, evaluated)
    if name in PREDICTING:
        bench.same(
            "predict", model.predict(bench.images, batch_size=BATCH, verbose=0), answer_of(bench, model, bench.images)
        )
    bench.kept("fit, evaluate and predict at learning rate 0")
    if name == "plain":
        _again(bench, model, fit, evaluated)


def _again(bench, model, fit, evaluated):
    """Other batch sizes, a second `fit`, validation within it, and a model that is compiled again."""
    for size in SIZES:
        bench.same("with batches of {} the loss of fit".format(size), fit(model, batch_size=size)[-1], evaluated)
        found = model.predict(bench.images, batch_size=size, verbose=0)
        bench.same("predict in batches of {}".format(size), found, answer_of(bench, model, bench.images))
    bench.same("the loss of a second fit", fit(model, epochs=2)[-1], evaluated)
    history = model.fit(
        bench.images, bench.labels, batch_size=BATCH, epochs=2, shuffle=False, verbose=0,
        validation_data=(bench.images, bench.labels),
    ).history  # fmt: skip
    for loss in [*history["loss"], *history["val_loss"]]:
        bench.same("a loss of fit with validation", loss, evaluated)
    bench.same("the loss of test_on_batch", first(model.test_on_batch(bench.images, bench.labels)), evaluated)
    bench.same("predict_on_batch", model.predict_on_batch(bench.images), answer_of(bench, model, bench.images))
    # Last: in 2.4 and in Keras 3.0 the next loss of test_on_batch has what validation left in its mean.
    parts = slice(0, IMAGES - BATCH), slice(IMAGES - BATCH, IMAGES)
    history = model.fit(
        bench.images, bench.labels, batch_size=BATCH, shuffle=False, verbose=0, validation_split=BATCH / IMAGES
    ).history
    for name, rows in zip(("loss", "val_loss"), parts):
        bench.same("with a validation split the {}".format(name), history[name][-1], loss_of(bench, model, rows))
    again = xla.options(model, {}, name in xla.SETTINGS_LEFT_TO_KERAS)
    model.compile(bench.framework.sgd(0.0), loss="categorical_crossentropy", **again)
    bench.same("compiled again, the loss of fit", fit(model, epochs=2)[-1], evaluated)


def _gradients(bench):
    """They pass a frozen network, and are those of inference mode."""
    engine, found = bench.framework.engine, []
    for mode in (True, False):

        def squares(images, mode=mode):
            answer = bench.network(images, training=mode)
            return engine.total(answer * answer)

        gradient = engine.gradient(squares, bench.images[:BATCH])
        found.append(np.zeros(1) if gradient is None else gradient)
    if not np.any(found[1]):
        bench.wrong.append("gradients: none passes through the frozen network in inference mode")
    elif found[0].shape != found[1].shape or not relative_deviation(*found) <= tolerances.TRAINED:
        bench.wrong.append("gradients through the frozen network in training are not those of inference mode")


def training_unfrozen(subject):
    """Under whatever `compile` and `fit` are told, an un-frozen network follows each batch.

    At learning rate 0 the moving mean and variance of every layer are those
    that the formula gives batch by batch, with the layer's momentum; `evaluate`
    and `predict` leave them alone and are those of inference mode; above 0 every
    variable moves whose gradient is not zero in exact arithmetic.
    Source: Ioffe & Szegedy 2015; the documentation of BatchNormalization.
    Tolerance: `tolerances.TRAINED`; none for variables that must stay.
    """
    if not subject.execution.eager:
        return not_applicable("needs eager mode")
    subject.network.trainable = True
    for layer in subject.layers:
        layer.trainable = True
    bench = _Bench(subject)
    bench.inputs = _inputs_of_batchnorms(bench)
    several(bench, BATCH, followed=_moved_by_momentum)
    for look, names in ((_unfrozen, UNFROZEN), (_with_a_rest, ("a-rest-of-steps",))):
        if not bench.wrong:
            bench.each(look, names)
    return bench.finding("un-frozen, every statistic follows the batches and every variable trains")


def _unfrozen(bench, name):
    model, _ = bench.compile(name, 0.0)
    bench.restore()
    fitting, _ = SETTINGS[name].fitting(bench.labels)
    model.fit(bench.images, bench.labels, batch_size=BATCH, epochs=1, shuffle=False, verbose=0, **fitting)
    _moved_by_momentum(bench)
    now = bench.weights()
    evaluated = first(model.evaluate(bench.images, bench.labels, batch_size=BATCH, verbose=0))
    if name not in ONE_BATCH:
        bench.same("un-frozen, the loss of evaluate", evaluated, loss_of(bench, model))
    if name in PREDICTING:
        found = model.predict(bench.images, batch_size=BATCH, verbose=0)
        bench.same("un-frozen, predict", found, answer_of(bench, model, bench.images))
    if name == "plain":
        _single(bench, model)
    after = bench.weights()
    moved = [each for each in now if not identical(now[each], after[each])]
    if moved:
        bench.changed.extend(moved)
        bench.wrong.append("un-frozen, what does not train moved {}".format(", ".join(moved[:3])))
    bench.execution.set_learning_rate(model, RATE)
    model.fit(bench.images, bench.labels, batch_size=BATCH, epochs=1, shuffle=False, verbose=0, **fitting)
    last = bench.weights()
    still = [
        each
        for each in after
        if identical(after[each], last[each]) and each not in networks.without_gradient(bench.network)
    ]
    if still:
        bench.changed.extend(still)
        bench.wrong.append("un-frozen, fit leaves {} as they were".format(", ".join(still[:3])))


def _with_a_rest(bench, name):
    """Steps that do not fill the last execution are taken, too: three of four batches are one, and one is left."""
    keras = bench.framework.keras
    model, options = keras.Sequential([bench.network, keras.layers.Dense(probes.CLASSES)]), {"steps_per_execution": 3}
    require_options(model, options)
    model.compile(bench.framework.sgd(0.0), loss="mse", **xla.options(model, options, left=False))
    bench.restore()
    model.fit(bench.images, bench.labels, batch_size=BATCH, shuffle=False, verbose=0)
    _moved_by_momentum(bench)


def _single(bench, model):
    """Single batches, and predictions on data that has labels."""
    rows = slice(0, BATCH)
    images, labels = bench.images[rows], bench.labels[rows]
    # In Keras 3 the loss of a batch has what evaluate left in its mean.
    model.reset_metrics()
    bench.same(
        "un-frozen, the loss of test_on_batch", first(model.test_on_batch(images, labels)), loss_of(bench, model, rows)
    )
    answer = answer_of(bench, model, images)
    bench.same("un-frozen, predict_on_batch", model.predict_on_batch(images), answer)
    labelled = bench.framework.engine.dataset(images, labels, BATCH)
    bench.same("un-frozen, predict on data with labels", model.predict(labelled, verbose=0), answer)


def _inputs_of_batchnorms(bench):
    """Of each batch in order, what each BatchNorm is given in training mode: lists of float arrays.

    At learning rate 0 only moving statistics change, and nothing in training mode depends on them.
    """
    keras = bench.framework.keras
    probe = keras.Model(bench.network.inputs, [layer.input for layer in bench.subject.batchnorms])
    batches = [bench.images[start : start + BATCH] for start in range(0, IMAGES, BATCH)]
    array = bench.framework.array
    found = [[np.float64(array(each)) for each in probe(batch, training=True)] for batch in batches]
    bench.restore()
    return found


def _moved_by_momentum(bench):
    now = bench.weights()
    for place, layer in enumerate(bench.subject.batchnorms):
        mean, variance = (np.float64(bench.before["{}/{}".format(layer.name, row)]) for row in (2, 3))
        for inputs in (batch[place] for batch in bench.inputs):
            count = inputs.size / inputs.shape[-1]
            # The fused kernel of Keras 2 takes the unbiased variance into the moving one.
            unbiased = count / (count - 1) if getattr(layer, "fused", False) else 1.0
            mean = layer.momentum * mean + (1 - layer.momentum) * inputs.mean(axis=(0, 1, 2))
            variance = layer.momentum * variance + (1 - layer.momentum) * inputs.var(axis=(0, 1, 2)) * unbiased
        for row, expected in ((2, mean), (3, variance)):
            where = "{}/{}".format(layer.name, row)
            count = len(bench.wrong)
            bench.same("un-frozen, after fit {}".format(where), now[where], expected)
            if len(bench.wrong) > count:
                bench.changed.append(where)


def _check(name, decide):
    return Check(name=name, statement=" ".join(decide.__doc__.split("\n\n")[0].split()), decide=decide)


TRAINING = (
    _check("training-frozen", training_frozen),
    _check("training-unfrozen", training_unfrozen),
    _check("metrics-parity", metrics_parity),
    _check("training-restored", training_restored),
    _check("weights-returned", weights_returned),
)
