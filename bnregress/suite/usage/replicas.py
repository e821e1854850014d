"""BatchNorm on several replicas, plain and synchronized: what each holds, what it predicts and what is saved."""

from collections import OrderedDict

import numpy as np

from bnregress.suite import replicas, seeded, tolerances
from bnregress.suite.arithmetic import identical, relative_deviation
from bnregress.suite.finding import NotApplicable, Refused, inconclusive, not_applicable, passed, regressed
from bnregress.suite.registry import Check
from bnregress.suite.wording import in_one_line, listed

SAMPLES, CHANNELS, CLASSES = 8, 6, 3
MOMENTUM, EPOCHS, RATE = 0.5, 2, 0.1
PLAIN = "BatchNormalization"


def _plain(layers):
    return layers.BatchNormalization(momentum=MOMENTUM)


def _synchronized(layers):
    try:
        return layers.BatchNormalization(momentum=MOMENTUM, synchronized=True)
    except (TypeError, ValueError) as error:
        if "synchronized" not in str(error):
            raise
        raise NotApplicable("this release has no such option ({})".format(in_one_line(error))) from error


def _experimental(layers):
    made = getattr(getattr(layers, "experimental", None), "SyncBatchNormalization", None)
    if made is None:
        raise NotApplicable("this release has no such layer")
    return made(momentum=MOMENTUM)


KINDS = OrderedDict(
    (
        (PLAIN, _plain),
        ("BatchNormalization(synchronized=True)", _synchronized),
        ("SyncBatchNormalization", _experimental),
    )
)


class _Bench:
    """Kinds of layers on the same inputs, side by side in one model, which costs one compilation."""

    def __init__(self, subject, kinds):
        self.execution, self.framework = subject.execution, subject.framework
        self.layers, self.absent = OrderedDict(), {}
        # One replica takes the first half of a batch, the other the second: their means are far apart.
        draw = seeded.uniform("replicas/inputs", (SAMPLES, CHANNELS))
        inputs = np.where(np.arange(SAMPLES)[:, np.newaxis] < SAMPLES // 2, draw - 5, 3 * draw + 20)
        self.inputs = inputs.astype(np.float32)
        self.labels = np.eye(CLASSES, dtype=np.float32)[np.arange(SAMPLES) % CLASSES]
        keras, self.scope = self.framework.keras, self.framework.once(replicas.pair)
        with self.scope():
            for name, make in kinds.items():
                try:
                    self.layers[name] = make(keras.layers)
                except NotApplicable as absent:  # noqa: PERF203 - which kind it is must be known
                    self.absent[name] = str(absent)
            images = keras.Input((CHANNELS,))
            outputs = [layer(images) for layer in self.layers.values()]
            joined = keras.layers.Concatenate()(outputs) if len(outputs) > 1 else outputs[0]
            self.answers = keras.Model(images, joined)
            self.model = keras.Model(images, keras.layers.Dense(CLASSES, activation="softmax")(joined))
        first = [np.ones(CHANNELS), np.zeros(CHANNELS), np.arange(CHANNELS), np.full(CHANNELS, 2.0)]
        self.first = [value.astype(np.float32) for value in first]

    def train(self, trainable):
        """Train from the first values on, frozen or not; returns what is then to be told of each kind, by name."""
        for layer in self.layers.values():
            layer.trainable = trainable
            self.execution.write(_variables(layer), self.first)
        with self.scope():
            self.model.compile(self.framework.sgd(RATE), loss="categorical_crossentropy")
        options = {"batch_size": SAMPLES, "shuffle": False, "verbose": 0}
        self.model.fit(self.inputs, self.labels, epochs=EPOCHS, **options)
        # The same image for each replica.
        images = np.repeat(self.inputs[:1], replicas.COUNT, axis=0)
        answers = np.asarray(self.answers.predict(images, batch_size=replicas.COUNT, verbose=0))
        if answers.shape[:1] != (replicas.COUNT,):
            # So in Keras 3.0.5, whose `predict` does not gather what the replicas answer.
            raise Refused("predict", TypeError("on several replicas it gives no array of a row for each image"))
        parts = np.split(answers, len(self.layers), axis=1)
        return {name: self._told(layer, part, images) for (name, layer), part in zip(self.layers.items(), parts)}

    def _told(self, layer, answers, images):
        """Figures of one layer: what its replicas hold and predict, and what is read of it, as it would be saved."""
        read = self.execution.read(_variables(layer))
        gamma, beta, mean, variance = map(np.float64, read)
        expected = (np.float64(images) - mean) / np.sqrt(variance + layer.epsilon) * gamma + beta
        names = ("gamma", "beta", "moving_mean", "moving_variance")
        return {
            "read": read,
            "apart": replicas.differing(OrderedDict(zip(names, _variables(layer))), replicas.COUNT),
            "between_replicas": relative_deviation(answers[0], answers[1]),
            "from_saved": relative_deviation(answers, expected),
        }

    def finding(self, told, wrong, holds):
        """What it comes to."""
        evidence = self.evidence(told, wrong)
        if wrong:
            return regressed("; ".join("{}: {}".format(*each) for each in wrong.items()), **evidence)
        return passed("{}: {}".format(holds, listed(list(told))), **evidence)

    def evidence(self, told, wrong):
        """The figures behind it."""
        kept = ("apart", "between_replicas", "from_saved")
        figures = {name: {key: each[key] for key in kept} for name, each in told.items()}
        return {"kinds": figures, "absent": self.absent, "tolerance": tolerances.TRAINED, "wrong": wrong}


def _every(subject):
    return _Bench(subject, KINDS)


def _variables(layer):
    return [layer.gamma, layer.beta, layer.moving_mean, layer.moving_variance]


def _inconsistent(told):
    """Say what of a layer depends on the replica, or None."""
    if told["apart"]:
        return "the replicas hold different values of {}".format(listed(told["apart"]))
    if not told["between_replicas"] <= tolerances.TRAINED:
        return "the replicas predict differently, by {:.3g} times the scale".format(told["between_replicas"])
    if not told["from_saved"] <= tolerances.TRAINED:
        return "what is saved is {:.3g} times the scale away from what predicts".format(told["from_saved"])
    return None


def replicas_frozen(subject):
    """On several replicas a frozen BatchNorm, synchronized or not, keeps its values on each; each predicts the same.

    What is read of it, and saved, is what predicts.
    Source: the documentation of `trainable` and of `tf.distribute.MirroredStrategy`.
    Tolerance: `tolerances.TRAINED`; none for variables.
    """
    if not subject.execution.eager:
        return not_applicable("needs eager mode")
    bench = subject.once(_every)
    told, wrong = bench.train(trainable=False), {}
    for name, each in told.items():
        moved = sum(not identical(old, new) for old, new in zip(bench.first, each["read"]))
        said = "training moved {} of {} frozen variables".format(moved, len(bench.first)) if moved else None
        said = said or _inconsistent(each)
        if said:
            wrong[name] = said
    return bench.finding(told, wrong, "frozen, each replica keeps and predicts the same")


def replicas_unfrozen(subject):
    """On several replicas what is saved of an un-frozen BatchNorm is what predicts, the same on whichever replica.

    Source: the documentation of `Model.save`: what is loaded predicts as what was saved.
    Tolerance: `tolerances.TRAINED`; none between variables.
    """
    if not subject.execution.eager:
        return not_applicable("needs eager mode")
    return _unfrozen(_Bench(subject, {PLAIN: KINDS[PLAIN]}), [PLAIN])


def replicas_synchronized(subject):
    """On several replicas a synchronized BatchNorm moves its mean by the whole batch, the same on each replica.

    What is saved of it is what predicts.
    Source: the documentation of `synchronized` and of `SyncBatchNormalization`.
    Tolerance: `tolerances.TRAINED`; none between variables.
    """
    if not subject.execution.eager:
        return not_applicable("needs eager mode")
    return _unfrozen(subject.once(_every), [name for name in KINDS if name != PLAIN])


def _unfrozen(bench, names):
    if not set(names) & set(bench.layers):
        return not_applicable("; ".join("{}: {}".format(name, bench.absent[name]) for name in names))
    told = {name: each for name, each in bench.train(trainable=True).items() if name in names}
    if any(identical(bench.first[2], each["read"][2]) for each in told.values()):
        return inconclusive("training moved no moving mean, so it proves nothing", **bench.evidence(told, {}))
    wrong = {name: said for name, said in ((name, _inconsistent(each)) for name, each in told.items()) if said}
    expected = bench.first[2]
    for _ in range(EPOCHS):
        expected = MOMENTUM * expected + (1 - MOMENTUM) * np.float64(bench.inputs).mean(axis=0)
    for name, each in told.items():
        off = relative_deviation(each["read"][2], expected)
        if name != PLAIN and name not in wrong and not off <= tolerances.TRAINED:
            wrong[name] = "the moving mean is {:.3g} times its scale away from that of the whole batches".format(off)
    return bench.finding(told, wrong, "un-frozen, what is saved predicts, on whichever replica")


def _check(name, decide):
    return Check(name=name, statement=" ".join(decide.__doc__.split("\n\n")[0].split()), decide=decide)


REPLICAS = (_check("replicas-frozen", replicas_frozen), _check("replicas-synchronized", replicas_synchronized))
#: By itself, for it holds in no release that was measured, and would stand in front of what the others find.
PLAIN_REPLICAS = (_check("replicas-unfrozen", replicas_unfrozen),)
