"""The subject of the checks: a frozen network as its loading path gave it, a head on it, and fixed images."""

import contextlib
import inspect
import os

import numpy as np

from bnregress.suite import bare, networks, probes, surrogate, variants, xla
from bnregress.suite.alone import Alone
from bnregress.suite.arithmetic import identical
from bnregress.suite.finding import NotApplicable, Refused, inconclusive, not_applicable
from bnregress.suite.garbage import Sweep
from bnregress.suite.variants import precision
from bnregress.suite.variants.making import Making
from bnregress.suite.variants.wrap import WRAP

#: Ways of wrapping that take what other ways refuse, in the order tried.
ANY_NETWORK = ("functional", "subclass")

#: Learning rate of a first stage, in which the head alone trains.
HEAD_RATE = 0.1

#: Of this process.
_sweep = Sweep()


class Subject:
    """One cell's network, ready to be asked.

    Attributes:
        network: the frozen network as the path gave it.
        source: the sound network that the path saved, rebuilt or copied; None
            if the path builds its own.
        variant: `bnregress.suite.variants.Variant`.
        images: float32 array (8, 32, 32, 3), larger if the network takes no images of 32 pixels; the same in a mirror
            where the model flips them.
        labels: float32 array (8, 10), one-hot.
        finetune: what a fine-tune run is to do, as JSON values; None if none was.
        rewrapped: where the variant's way of wrapping was refused and another taken: what was taken and why, a dict.
        untrainable: words by which the release may refuse to train what the path gives; None: it may not.
        first_stage: what training the head alone did where that is a stage of its own, as JSON values: the network's
            variables that `changed`, and whether `head_moved`; None with one stage, or before `model` is made.
    """

    finetune = None
    first_stage = None
    rewrapped = None

    def __init__(self, framework, network, source, making=None, untrainable=None):
        self.untrainable = untrainable
        self.framework = framework
        self.network = network
        self.source = source
        self.making = making or Making(framework, variants.Variant())
        self.variant = self.making.variant
        self.images = probes.images(size=networks.image_size(source or network))
        if self.making.mirrored:
            self.images = probes.mirrored(self.images)
        self.labels = probes.labels()
        self.execution = framework.execution()
        self._variables = None
        self._model = None
        self._head = None
        self._inference = None
        self._alone = None
        self._evaluation = None
        self._loops = {}
        self._made = {}

    @property
    def opaque(self):
        """Whether the network's layers cannot be tested, as where only its functions were loaded."""
        return networks.is_opaque(self.network)

    @property
    def layers(self):
        """All layers of the network, nested ones included; none of an opaque network."""
        return networks.layers_of(self.network)

    @property
    def depth(self):
        """Number of layers that rounding errors come from, those that an opaque network was saved from."""
        return len(networks.layers_of(self.source) if self.opaque else self.layers)

    @property
    def batchnorms(self):
        """The network's BatchNorm layers in its own order."""
        return [layer for layer in self.layers if networks.is_batchnorm(layer)]

    @property
    def dtype(self):
        """Name of the dtype that the network computes in, an opaque one as that which was saved."""
        return precision.compute_dtype(self.source if self.opaque else self.network)

    def forward(self, training, images=None):
        """Features of the images, of the subject's own if none are given: float array (n, features)."""
        return self.execution.forward(self.network, self.images if images is None else images, training)

    @contextlib.contextmanager
    def statistics_restored(self):
        """Undo what a pass in training mode does to a BatchNorm that is not frozen after all.

        So a check that only looks leaves the network as it was for the next.
        """
        variables = [variable for layer in self.batchnorms for variable in layer.weights]
        before = self.execution.read(variables)
        yield
        if not self.execution.unchanged(variables, before):
            self.execution.write(variables, before)

    @property
    def variables(self):
        """Every variable of the subject's network by `LAYER/PLACE`."""
        if not self.opaque:
            return networks.variables_of(self.network)
        if self._variables is None:
            self._variables = networks.variables_like(self.network, self.source, self.execution)
        return self._variables

    def weights(self, network=None):
        """Every variable's value by `LAYER/PLACE`: arrays, copied; of the subject's network if none is given."""
        variables = self.variables if network is None else networks.variables_of(network)
        return dict(zip(variables, self.execution.read(variables.values())))

    @property
    def inference(self):
        """Features of the images in inference mode, computed once: the checks that only look share it."""
        if self._inference is None:
            self._inference = self.forward(training=False)
        return self._inference

    @property
    def alone(self):
        """The network's BatchNorm layers, each by itself: the checks that only look share what they answer."""
        if self._alone is None:
            self._alone = Alone(self)
        return self._alone

    def forget_inference(self):
        """Ask anew what is next wanted in inference mode: the network's variables have changed."""
        self._inference = self._alone = None

    @property
    def model(self):
        """Network and head, compiled at learning rate 0; built when first requested.

        Raises:
            Refused: the release trains no model that was frozen after compiling.
        """
        if self._model is None:
            self._model, self._head, parts = self._compile(self.network, wrapped=self.making.freeze_wrapped)
            if self.making.late:
                with self.statistics_restored():
                    self.fit_loss(self._model)
                self.making.freeze_compiled(parts)
                if self.framework.engine.refuses_late is not None:
                    # A step that is refused loses the model's variables, so no check may come upon it.
                    with self.statistics_restored():
                        self.fit_loss(self._model)
            if self.making.staged:
                self.first_stage = self._train_head(self._model, self._head)
        return self._model

    @property
    def head(self):
        """The head of `model`, a dense layer."""
        return self._head if self.model is not None else None

    def compile_with_head(self, network):
        """Put a dense head with seeded weights on a network and compile at learning rate 0."""
        return self._compile(network)[0]

    def _compile(self, network, wrapped=None):
        with self.making.scope():
            model, head, parts = self._wrap(network)
            shapes = [tuple(map(int, weight.shape)) for weight in head.weights]
            self.execution.write(head.weights, surrogate.layer_weights("head", shapes))
            if wrapped is not None:
                wrapped(parts)
            self.making.compile(model, self.framework.sgd(0.0))
        return model, head, parts

    def _wrap(self, network):
        """Put a head on the network in the variant's way; if that is refused, in another that is not.

        What comes back from a file is to be judged in whatever way it can be trained: in Keras 3.0 a network that
        was made from a configuration fits into no graph of layers, and trains in a subclass though it is frozen.
        """
        first = None
        for name in dict.fromkeys((self.variant.wrap, *ANY_NETWORK)):
            head = self.framework.keras.layers.Dense(probes.CLASSES, activation="softmax", name="head")
            try:
                model, parts = WRAP[name].build(self.framework.keras, network, head, **self.making.call)
                if not head.weights:
                    self._make_variables(model, network)
            except NotApplicable:
                raise
            except Exception as error:
                first = first or error
                continue
            if first is not None:
                self.rewrapped = dict(Refused("wrap={}".format(self.variant.wrap), first).evidence["refused"], by=name)
            return model, head, parts
        raise Refused("wrap={}".format(self.variant.wrap), first)

    def _make_variables(self, model, network):
        """A model that is not a graph of layers makes its variables as it is first called, or when it is told to."""
        shape = self.images.shape[1:] if network is self.network else tuple(network.input_shape[1:])
        if networks.is_opaque(network):
            model.build((None,) + shape)
        else:
            model(np.zeros((len(self.images),) + shape, np.float32))

    @contextlib.contextmanager
    def _may_refuse(self, call):
        """Take what the path or the engine says may be refused, if a bare call is refused too.

        Raises:
            Refused: the release refuses to train what the path gives, or what was frozen after compiling.
        """
        try:
            yield
        except ValueError as error:
            words = self.framework.engine.refuses_late
            if not self.making.late or words is None or words not in str(error):
                raise
            if not bare.refuses_too(lambda: bare.train_frozen_late(self.framework), error):
                raise
            # Where the step is traced, the words come below those of another layer.
            said = str(error)[str(error).index(words) :]
            raise Refused("fit", ValueError(said)) from error
        except AttributeError as error:
            if self.untrainable is None or self.untrainable not in str(error):
                raise
            if not bare.refuses_too(lambda: bare.train(self.framework, self.network), error):
                raise
            raise Refused(call, error) from error

    def _train_head(self, model, head):
        """Train the head on the frozen network, undo what that did to the network, un-freeze it and compile again."""
        before, head_before = self.weights(), self.execution.read(head.weights)
        self.execution.set_learning_rate(model, HEAD_RATE)
        self.fit_loss(model)
        self.fit_past_skipped(model, lambda: not self.execution.unchanged(head.weights, head_before))
        changed = changed_weights(before, self.weights())
        self.execution.write([self.variables[name] for name in changed], [before[name] for name in changed])
        moved = not self.execution.unchanged(head.weights, head_before)
        self.making.thaw(self.network)
        with self.making.scope():
            self.making.compile(model, self.framework.sgd(0.0))
        # A loop of one's own has traced what there was to train.
        del self._loops[id(model)]
        return {"changed": changed, "head_moved": moved}

    @property
    def evaluation(self):
        """What `evaluate` reports for `model`, and every variable's value before it; computed once, until training."""
        model = self.model
        if self._evaluation is None:
            before = self.weights()
            self._evaluation = self.evaluate_loss(model), before
        return self._evaluation

    def forget_evaluation(self):
        """Evaluate anew when it is next wanted: the model was trained."""
        self._evaluation = None

    @property
    def wrapped(self):
        """Whether the variant adds a model that can be called in a mode, beside the network itself.

        In graph mode a model that is not a graph of layers cannot be.
        """
        return self.variant.name != variants.DEFAULT and self.execution.eager

    def once(self, make):
        """Return what `make(self)` gives, made once for all checks of the cell."""
        if make not in self._made:
            self._made[make] = make(self)
        return self._made[make]

    def release(self):
        """Hand back the network's memory; the subject cannot be used any more."""
        self.execution.release(self.network.weights)

    def fit_loss(self, model, images=None):
        """Loss that `fit`, or what the variant has in its place, reports for all images."""
        loop = self.loop(model)
        with self.making.scope(), self._may_refuse("fit"):
            images = self.images if images is None else images
            return loop(images, self.labels[: len(images)])

    def loop(self, model):
        """What trains the model in the variant's way, made once.

        Raises:
            NotApplicable: this release has no such way.
        """
        if id(model) not in self._loops:
            self._loops[id(model)] = self.making.loop(model)
        return self._loops[id(model)]

    def fit_past_skipped(self, model, moved, images=None):
        """Train on until `moved()`, at most as many steps as a loss scale may skip; returns the losses."""
        losses = []
        while not moved() and len(losses) < precision.skipped(self.dtype):
            losses.append(self.fit_loss(model, images))
        return losses

    def evaluate_loss(self, model, images=None):
        """Loss that `evaluate` reports for the same images in the same batches, or that of an answer in inference mode.

        Keras before 3.1 reports the mean over batches, whatever their sizes.
        """
        images = self.images if images is None else images
        if not self.making.evaluates:
            loss = self.framework.keras.losses.categorical_crossentropy
            return float(np.mean(self.framework.array(loss(self.labels[: len(images)], model(images, training=False)))))
        batch = self.making.batch or len(images)
        with self._may_refuse("evaluate"):
            return float(np.ravel(model.evaluate(images, self.labels, batch_size=batch, verbose=0))[0])


def changed_weights(before, after):
    """Names of the variables that are not bit-equal, or are missing on one side, in order."""
    names = list(before) + [name for name in after if name not in before]
    return [
        name for name in names if name not in before or name not in after or not identical(before[name], after[name])
    ]


def nothing_to_compare(subject, reason, **evidence):
    """Finding of a check whose figures are not finite.

    Where variables came back in other places than they were saved from, that is
    the consequence, and `weights-kept` has said so; else it is not understood.
    """
    if subject.source is not None and changed_weights(subject.weights(subject.source), subject.weights()):
        return not_applicable("{}, with variables that are not those that were saved".format(reason), **evidence)
    return inconclusive(reason, **evidence)


def build_subject(framework, path, variant, fixture=None):
    """Let a path build its network, and freeze it as the variant says.

    Args:
        framework: `bnregress.suite.framework.Framework`.
        path: `bnregress.suite.registry.LoadingPath`.
        variant: name of a variant; see `bnregress.suite.variants`.
        fixture: folder that another release saved the model to.

    Raises:
        NotApplicable: the path, or something of the variant, does not exist in this release.
    """
    for name in path.packages:
        framework.require_module(name)
    for name, value in path.environment:
        if os.environ.get(name) != value:
            raise NotApplicable("tested only if {}={} is set before TensorFlow is imported".format(name, value))
    framework.begin()
    # Networks hold reference cycles.
    _sweep()
    framework = framework.through(path.keras)
    left = xla.is_left_to_keras(variants.cell_name(path.id, variant))
    making = Making(framework, variants.parse(variant), left)
    source = framework.sound_network(path.network) if "source" in inspect.signature(path.build).parameters else None
    try:
        with making.scope():
            network = making.own(path) if source is None else making.from_source(source, path, fixture)
    except path.refusals as refusal:
        if path.bare is not None and not bare.refuses_too(lambda: path.bare(framework), refusal):
            raise
        raise Refused("load", refusal) from refusal
    _sweep.watch(network)
    subject = Subject(framework, network, source, making, path.untrainable)
    if variant != variants.DEFAULT:
        # What freezes the network may be part of making the model; a way of training that this release does not have is
        # no cell of it, whatever could be looked at without training.
        subject.loop(subject.model)
    return subject
