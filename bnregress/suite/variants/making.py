"""A variant at work: the network is made, frozen, wrapped, compiled and trained as its values say."""

import inspect
import os
import tempfile

from bnregress.suite import networks, xla
from bnregress.suite.finding import NotApplicable, refused
from bnregress.suite.finetune.feeding import FEEDINGS
from bnregress.suite.variants import freeze
from bnregress.suite.variants.axes import Variant
from bnregress.suite.variants.mode import MODE, require_working
from bnregress.suite.variants.train import FIT_BATCH, fit_in_parts, require_options

#: Families of paths that freeze what they load, or load what another release froze.
FROZEN_BY_THEMSELVES = ("weights", "cross-release")


class Making:
    """How one cell's network and model are made.

    Args:
        framework: `bnregress.suite.framework.Framework`.
        variant: `bnregress.suite.variants.Variant`.
        left: whether XLA is left to Keras; see `bnregress.suite.xla`.

    Attributes:
        scope: gives the context in which layers, models and optimizers are made.
        flags: (before, after): `trainable` of each layer with variables by name, of the network that the path started
            from and of what it gave, as both were then; None where the path builds its own.

    Raises:
        NotApplicable: this release, or one value of the variant with another, lacks something that the variant needs.
    """

    def __init__(self, framework, variant, left=True):
        self.variant = variant
        self.left = left
        self._framework = framework
        self._freeze, self._wrap, self._train = (variant.value(axis) for axis in ("freeze", "wrap", "train"))
        if variant.mode != next(iter(MODE)):
            framework.once(require_working)
        if self._train.eager_only and not framework.eager:
            raise NotApplicable("{} {}".format(self._train.summary, self._train.why))
        if self._freeze.called and not self._wrap.calls:
            reason = "in {} nobody calls the network, so it cannot be called with `training=False`"
            raise NotApplicable(reason.format(self._wrap.summary))
        self.scope = framework.once(self._train.scope)
        self.flags = None

    @property
    def batch(self):
        """Images in a batch of the training's; None if it takes all at once."""
        return FIT_BATCH if self.variant == Variant() else None

    @property
    def late(self):
        """Whether the network is frozen after compiling, without compiling again."""
        return self._freeze.moment == freeze.COMPILED

    @property
    def late_effect(self):
        """What freezing after compiling does, by the documentation; see `bnregress.suite.variants.train`."""
        return self._train.late_in(self._framework)

    @property
    def evaluates(self):
        """Whether `evaluate` runs; see `bnregress.suite.variants.train`. In a graph nothing else can be."""
        return self._train.evaluates or not self._framework.eager

    @property
    def passes(self):
        """Times that all images are trained on while what is frozen must stay.

        Twice if it is frozen late: then it must move as a whole, and some gradients are tiny.
        """
        return 2 if self.late else 1

    @property
    def called(self):
        """Whether it is the call that freezes, with `training=False`, and not the flags."""
        return self._freeze.called

    @property
    def call(self):
        """What the network is called with in the model, besides its inputs: keyword arguments."""
        return {"training": False} if self.called else {}

    @property
    def replicas(self):
        """How many replicas of each variable the training has."""
        return self._train.devices

    @property
    def staged(self):
        """Whether the head is trained alone first, and then all."""
        return self._freeze.thaw is not None

    @property
    def batchnorm_only(self):
        """Whether BatchNorm layers alone are frozen."""
        return self._freeze.name == "batchnorm-only"

    @property
    def plain(self):
        """Whether the network is frozen and wrapped in the default way."""
        default = Variant()
        return (self.variant.freeze, self.variant.wrap) == (default.freeze, default.wrap)

    @property
    def mirrored(self):
        """Whether images must look the same in a mirror, because the model flips them."""
        return bool(self._wrap.fronts)

    @property
    def asks_untold(self):
        """Whether calls without `training` are tried: how a model is trained does not matter to them."""
        return self.variant.train == Variant().train

    @property
    def enters_everywhere(self):
        """Whether the model is called in every way that there is without `training`, some of which compile it."""
        return [axis for axis, _ in self.variant.departures] == ["wrap"]

    def fronted(self, network, head):
        """Yield what can stand in front of the network, and a model with that alone in front, one after the other."""
        for front in self._wrap.fronts:
            yield front, self._wrap.build(self._framework.keras, network, head, fronts=(front,), **self.call)[0]

    @property
    def fine_tunes(self):
        """Whether a fine-tune, which wraps and compiles in its own way, can be had in this variant."""
        return self.plain and self.variant.train in FEEDINGS

    def own(self, path):
        """Let a path build its own network; give it the surrogate weights and freeze it, if it is time to.

        Raises:
            NotApplicable: the path makes layers that it cannot be told to make frozen.
        """
        network = path.build(self._framework, **self._arguments(path))
        networks.assign_surrogate(network, self._framework.execution())
        if self._freeze.moment == freeze.LOADED:
            network = self._saved_and_loaded(network)
        if self._freeze.moment in (freeze.BUILT, freeze.LOADED, freeze.GIVEN):
            self._freeze.apply([network])
        return network

    def from_source(self, source, path, fixture=None):
        """Let a path save, rebuild or copy a network that is frozen as the variant says, and leave it as it was.

        Args:
            source: the sound network.
            path: `bnregress.suite.registry.LoadingPath`.
            fixture: folder that another release saved the network to.

        Raises:
            NotApplicable: the network cannot be had as the variant wants it.
        """
        if self._freeze.name == "constructor" or self._train.name == "mixed":
            raise NotApplicable("the network that this path starts from is made without {}".format(self.variant.name))
        if path.family in FROZEN_BY_THEMSELVES and self._freeze.name != Variant().freeze:
            raise NotApplicable("how the network is frozen is part of this path, so it has no other way")
        _thaw(source)
        try:
            if self._freeze.moment == freeze.BUILT:
                self._freeze.apply([source])
            network = path.build(self._framework, source, *([] if path.save is None else [fixture]))
            if networks.is_opaque(network):
                self._require_fit_for_opaque()
            if self._freeze.moment == freeze.LOADED:
                self._freeze.apply([network])
                self._freeze.apply([source])
            self.flags = networks.flags_of(source), networks.flags_of(network)
            if self._freeze.moment == freeze.GIVEN:
                self._freeze.apply([network])
        finally:
            if self._freeze.name != Variant().freeze:
                _thaw(source)
                networks.freeze(source)
        return network

    def freeze_wrapped(self, parts):
        """Freeze, if this is the moment to."""
        if self._freeze.moment == freeze.WRAPPED:
            self._freeze.apply(parts)

    def freeze_compiled(self, parts):
        """Freeze, if this is the moment to."""
        if self._freeze.moment == freeze.COMPILED:
            self._freeze.apply(parts)

    def thaw(self, network):
        """Un-freeze for the second stage; the model is then to be compiled again."""
        self._freeze.thaw([network])

    def compile(self, model, optimizer):
        """Compile with what the way of training asks for.

        Raises:
            NotApplicable: `compile` does not know it, or Keras turns it down.
        """
        require_options(model, self._train.options)
        options = xla.options(model, self._train.options, self.left)
        model.compile(optimizer, loss="categorical_crossentropy", **options)
        xla.require(model, options)
        if self._framework.eager:
            _make_optimizer_variables(model)

    def loop(self, model):
        """A function of images and labels that trains on all of them and returns the loss.

        That is one step; in the default variant it is a batch and a smaller one.
        """
        if self.variant == Variant():
            return fit_in_parts(self._framework, model)
        return self._train.loop(self._framework, model)

    def _arguments(self, path):
        if self._freeze.name != "constructor":
            return {}
        if "trainable" not in inspect.signature(path.build).parameters:
            raise NotApplicable("the layers of this path are not made by us, so they cannot be made frozen")
        return {"trainable": False}

    def _require_fit_for_opaque(self):
        if self.called:
            raise NotApplicable("what was loaded has no layers that would tell statistics from what must train")
        if self._freeze.moment != freeze.BUILT:
            raise NotApplicable("what was loaded has no layers that could be frozen")
        if self._wrap.name not in ("sequential", "subclass"):
            raise NotApplicable("what was loaded is not a network whose inputs are known")
        if not self._framework.eager:
            raise NotApplicable("in graph mode what was loaded cannot be called with training=...")

    def _saved_and_loaded(self, network):
        with tempfile.TemporaryDirectory() as folder:
            file = os.path.join(folder, "model.h5")
            network.save(file)
            # Keras 3.5 to 3.9 do not know the layers again that mixed precision puts between operations.
            with refused(ValueError, "Unknown layer"):
                return self._framework.keras.models.load_model(file, compile=False)


def _make_optimizer_variables(model):
    """Make them now: a step that makes them itself is traced twice in Keras 2, and of ResNet50 that costs a second.

    Keras 3, whose optimizers say whether they are built, traces once anyway, and refuses variables that come later.
    """
    if hasattr(model.optimizer, "built"):
        return
    if hasattr(model.optimizer, "build"):
        model.optimizer.build(model.trainable_variables)
    else:
        # Up to TensorFlow 2.10 they are made as they are first read; without momentum these are all.
        model.optimizer.iterations, model.optimizer.learning_rate  # noqa: B018


def _thaw(network):
    network.trainable = True
    for layer in network.layers:
        layer.trainable = True
