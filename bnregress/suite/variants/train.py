"""The axis `train`: what takes the training steps."""

import contextlib
from collections import OrderedDict
from dataclasses import dataclass, field
from inspect import cleandoc, signature
from typing import Any, Callable, Dict

from bnregress.suite import gpu
from bnregress.suite.finding import NotApplicable
from bnregress.suite.variants import precision

TRAIN = OrderedDict()

#: What the documentation of `trainable` says of freezing a compiled model without compiling it again: nothing
#: changes for what `compile` governs, or for what a `tf.function` has traced; a loop of your own reads the flags
#: each time it runs.
NO_EFFECT, EFFECT = "no effect", "effect"


def _as_the_step_reads(framework):
    """Of `fit` that runs eagerly: Keras 3 reads the flags in each step, Keras 2 holds to those of `compile`."""
    return EFFECT if hasattr(framework.keras, "ops") else NO_EFFECT


def _anywhere(framework):
    return contextlib.suppress


@dataclass(frozen=True)
class Train:
    """A way of training.

    Attributes:
        name: as in `train=dataset`.
        summary: what it is, for a person.
        loop: takes the framework and a compiled model, returns a function of images and labels that trains on all of
            them, in one step or in batches, and returns the loss, a float.
        code: the same as lines of a script that define `step(model, images, labels)`.
        options: what `compile` is given besides.
        scope: takes the framework, returns a function that gives the context in which layers, models and
            optimizers are made.
        setting: lines of a script that set the same for good.
        late: what freezing after compiling does, by the documentation, or a function of the framework that says it.
        eager_only: not to be had in graph mode.
        why: the reason for that.
        devices: how many logical devices it needs.
        evaluates: whether `evaluate` is held beside it; else the model's own answer in inference mode, since `evaluate`
            is that of `fit` then, and compiling it again doubles what a cell costs.
    """

    name: str
    summary: str
    loop: Callable
    code: str
    options: Dict[str, Any] = field(default_factory=dict)
    scope: Callable = _anywhere
    setting: str = ""
    late: Any = NO_EFFECT
    eager_only: bool = False
    why: str = "needs eager mode"
    evaluates: bool = True
    devices: int = 1

    def late_in(self, framework):
        """What freezing after compiling does in this framework: `NO_EFFECT` or `EFFECT`."""
        if framework.engine.reads_flags:
            return EFFECT
        return self.late(framework) if callable(self.late) else self.late


def training(name, summary, code, **more):
    """Declare the decorated function as a way of training."""

    def register(loop):
        TRAIN[name] = Train(name, summary, loop, cleandoc(code), **more)
        return loop

    return register


#: Of `fit` in the default variant, so that the last batch of the probes is a partial one. Others take all images at
#: once: each size of batch costs a compilation where XLA does it.
FIT_BATCH = 5

_FIT = """
def step(model, images, labels):
    return model.fit(images, labels, batch_size=8, shuffle=False, verbose=0).history["loss"][0]
"""


def fit_in_parts(framework, model):
    """`fit` in batches of `FIT_BATCH`."""
    return lambda images, labels: _loss(
        model.fit(images, labels, batch_size=FIT_BATCH, epochs=1, shuffle=False, verbose=0)
    )


@training("fit", "`fit` on arrays", _FIT)
def fit(framework, model):
    return lambda images, labels: _loss(
        model.fit(images, labels, batch_size=len(images), epochs=1, shuffle=False, verbose=0)
    )


@training(
    "dataset",
    "`fit` on a tf.data.Dataset",
    """
    def step(model, images, labels):
        batches = tf.data.Dataset.from_tensor_slices((images, labels)).batch(len(images))
        return model.fit(batches, verbose=0).history["loss"][0]
    """,
    evaluates=False,
)
def dataset(framework, model):
    def step(images, labels):
        return _loss(model.fit(framework.engine.dataset(images, labels, len(images)), epochs=1, verbose=0))

    return step


@training(
    "generator",
    "`fit_generator`",
    """
    def step(model, images, labels):
        pairs = (pair for pair in [(images, labels)] * 4)
        return model.fit_generator(pairs, steps_per_epoch=1, verbose=0).history["loss"][0]
    """,
    evaluates=False,
)
def generator(framework, model):
    if not hasattr(model, "fit_generator"):
        raise NotApplicable("models of this release have no fit_generator")
    return lambda images, labels: _loss(
        model.fit_generator((pair for pair in [(images, labels)] * 4), steps_per_epoch=1, epochs=1, verbose=0)
    )


@training(
    "train-on-batch",
    "`train_on_batch`",
    """
    def step(model, images, labels):
        return np.ravel(model.train_on_batch(images, labels))[0]
    """,
    evaluates=False,
)
def train_on_batch(framework, model):
    def step(images, labels):
        answer = model.train_on_batch(images, labels)
        return float(answer[0] if isinstance(answer, (list, tuple)) else answer)

    return step


_STEP = """
def step(model, images, labels):
    with tf.GradientTape() as tape:
        losses = tf.keras.losses.categorical_crossentropy(labels, model(images, training=True))
        loss = tf.reduce_mean(losses)
    gradients = tape.gradient(loss, model.trainable_variables)
    model.optimizer.apply_gradients(zip(gradients, model.trainable_variables))
    return loss
"""


@training("gradient-tape", "a custom loop with tf.GradientTape", _STEP, late=EFFECT, eager_only=True, evaluates=False)
def gradient_tape(framework, model):
    step = framework.require_engine("tensorflow").own_loop(framework, model)
    return lambda images, labels: float(step(framework.tf.constant(images), framework.tf.constant(labels)))


@training(
    "tf-function",
    "the same in a tf.function",
    cleandoc(_STEP) + "\n\n\nstep = tf.function(step)",
    eager_only=True,
    evaluates=False,
)
def tf_function(framework, model):
    step = framework.tf.function(framework.engine.own_loop(framework, model))
    return lambda images, labels: float(step(framework.tf.constant(images), framework.tf.constant(labels)))


training(
    "eager",
    "`fit` with run_eagerly",
    _FIT,
    options={"run_eagerly": True},
    late=_as_the_step_reads,
    eager_only=True,
    evaluates=False,
)(fit)


@training("jit", "`fit` with jit_compile", _FIT, options={"jit_compile": True}, eager_only=True, evaluates=False)
def jit(framework, model):
    return fit(framework, model)


def _mirrored(framework):
    return framework.require("distribute.MirroredStrategy")([gpu.first()]).scope


@training(
    "mirrored",
    "`fit` under MirroredStrategy on one device",
    _FIT,
    scope=_mirrored,
    eager_only=True,
    evaluates=False,
    why="is tested in eager mode only: in a graph it keeps a session of its own, which cannot be inspected",
    setting="""device = "/gpu:0" if tf.test.is_gpu_available() else "/cpu:0"
scope = tf.distribute.MirroredStrategy([device]).scope()
scope.__enter__()""",
)
def mirrored(framework, model):
    return fit(framework, model)


def _two(framework):
    from bnregress.suite import replicas as several  # it reads this table

    return framework.once(several.pair)


@training(
    "replicas",
    "`fit` under MirroredStrategy on two logical devices",
    _FIT,
    scope=_two,
    eager_only=True,
    evaluates=False,
    devices=2,
    why="is tested in eager mode only: in a graph it keeps a session of its own, which cannot be inspected",
    setting="""processor = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(processor, [tf.config.LogicalDeviceConfiguration()] * 2)
scope = tf.distribute.MirroredStrategy(["/cpu:0", "/cpu:1"]).scope()
scope.__enter__()""",
)
def replicas(framework, model):
    return fit(framework, model)


@training(
    "mixed",
    "`fit` in mixed precision",
    _FIT,
    scope=precision.mixed,
    setting=precision.CODE,
    eager_only=True,
    why="is tested in eager mode only",
)
def mixed(framework, model):
    return fit(framework, model)


def require_options(model, options):
    """Refuse what `compile` does not know by name: some releases take any argument and ignore it.

    Raises:
        NotApplicable: the release has no such option.
    """
    unknown = sorted(set(options) - set(signature(model.compile).parameters) - {"run_eagerly"})
    if unknown:
        raise NotApplicable("`compile` of this release takes no {}".format(", ".join(unknown)))


def _loss(history):
    return float(history.history["loss"][0])
