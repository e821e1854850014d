"""The subject of the checks: a frozen network as its loading path gave it, a head on it, and fixed images."""

import contextlib
import gc
import inspect

import numpy as np

from bnregress.suite import networks, probes, surrogate
from bnregress.suite.execution import Execution


class Subject:
    """One cell's network, ready to be asked.

    Attributes:
        network: the frozen network as the path gave it.
        source: the sound network that the path saved, rebuilt or copied; None
            where the path builds its own.
        images: float32 array (8, 32, 32, 3).
        labels: float32 array (8, 10), one-hot.
        finetune: what a fine-tune run was asked for, as JSON values; None where none was.
    """

    finetune = None

    def __init__(self, framework, network, source):
        self.framework = framework
        self.network = network
        self.source = source
        self.images = probes.images()
        self.labels = probes.labels()
        self.execution = Execution(framework)
        self._model = None
        self._inference = None

    @property
    def layers(self):
        """All layers of the network, nested ones included."""
        return networks.layers_of(self.network)

    @property
    def batchnorms(self):
        """The network's BatchNorm layers in its own order."""
        return [layer for layer in self.layers if networks.is_batchnorm(layer)]

    def forward(self, training, images=None):
        """Features of the images, of the subject's own where none are given: float32 array (n, features)."""
        return self.execution.forward(self.network, self.images if images is None else images, training)

    @contextlib.contextmanager
    def statistics_restored(self):
        """Undo what a pass in training mode does to a BatchNorm that is not frozen after all.

        So a check that only looks leaves the network as it was for the next.
        """
        variables = [variable for layer in self.batchnorms for variable in layer.weights]
        before = self.execution.read(variables)
        yield
        if not all(map(np.array_equal, before, self.execution.read(variables))):
            self.execution.write(variables, before)

    def weights(self, network=None):
        """Every variable's value by `LAYER/PLACE`: arrays, copied; of the subject's network where none is given."""
        variables = networks.variables_of(network or self.network)
        return dict(zip(variables, self.execution.read(variables.values())))

    @property
    def inference(self):
        """Features of the images in inference mode, asked once: the checks that only look share it."""
        if self._inference is None:
            self._inference = self.forward(training=False)
        return self._inference

    def forget_inference(self):
        """Ask anew when features are next wanted: the network's variables have changed."""
        self._inference = None

    @property
    def model(self):
        """Network and head, compiled at learning rate 0; built when first asked for."""
        if self._model is None:
            self._model = self.compile_with_head(self.network)
        return self._model

    def compile_with_head(self, network):
        """Put a dense head with seeded weights on a network and compile at learning rate 0."""
        keras = self.framework.keras
        head = keras.layers.Dense(probes.CLASSES, activation="softmax", name="head")
        model = keras.Sequential([network, head])
        shapes = [tuple(map(int, weight.shape)) for weight in head.weights]
        self.execution.write(head.weights, surrogate.layer_weights("head", shapes))
        model.compile(keras.optimizers.SGD(0.0), loss="categorical_crossentropy")
        return model

    def release(self):
        """Hand back the network's memory; the subject cannot be asked any more."""
        self.execution.release(self.network.weights)

    def fit_loss(self, model, images=None):
        """Loss that `fit` reports for one epoch of one batch holding all images."""
        images = self.images if images is None else images
        history = model.fit(images, self.labels, batch_size=len(images), epochs=1, shuffle=False, verbose=0)
        return float(history.history["loss"][0])

    def evaluate_loss(self, model, images=None):
        """Loss that `evaluate` reports for the same batch."""
        images = self.images if images is None else images
        return float(np.ravel(model.evaluate(images, self.labels, batch_size=len(images), verbose=0))[0])


def changed_weights(before, after):
    """Names of the variables that are not bit-equal, or are missing on one side, in order."""
    names = list(before) + [name for name in after if name not in before]
    return [
        name
        for name in names
        if name not in before or name not in after or not np.array_equal(before[name], after[name])
    ]


def build_subject(framework, path, variant):
    """Let a path build its network.

    Args:
        framework: `bnregress.suite.framework.Framework`.
        path: `bnregress.suite.registry.LoadingPath`.
        variant: only `default` exists so far: frozen layer by layer, `Sequential`, `fit`.

    Raises:
        NotApplicable: the path does not exist in this release.
    """
    if variant != "default":
        raise ValueError("unknown variant {!r}".format(variant))
    framework.begin()
    gc.collect()
    if "source" in inspect.signature(path.build).parameters:
        source = framework.sound_network()
        network = path.build(framework, source)
    else:
        source = None
        network = path.build(framework)
        networks.assign_surrogate(network, Execution(framework))
        networks.freeze(network)
    return Subject(framework, network, source)
