"""A tiny network, operations on it, and what the documentation says they do: the search and its scripts share this."""

import os
import tempfile

import numpy as np


class World:
    """A network under test, and beside it the model of it: which layers are frozen, now and when it was compiled.

    Each operation does what its name says to both and asserts that they agree.
    """

    def __init__(self, tf):
        self.tf, self.keras = tf, tf.keras
        inputs = self.keras.Input((4,))
        outputs = inputs
        for name in ("first", "second"):
            outputs = self.keras.layers.Dense(5, use_bias=False, name=name)(outputs)
            outputs = self.keras.layers.BatchNormalization(name=name + "_bn", momentum=0.5)(outputs)
        self.network = self.keras.Model(inputs, outputs)
        random = np.random.RandomState(0)
        self.network.set_weights([random.uniform(0.2, 0.6, each.shape) for each in self.network.get_weights()])
        self.frozen = dict.fromkeys(("first", "first_bn", "second", "second_bn"), False)
        self.model, self.frozen_when_compiled = None, None
        self.x = random.normal(size=(6, 4)).astype("float32")
        self.y = random.normal(size=(6, 1)).astype("float32")
        self.calls = 0

    def freeze(self):
        """`network.trainable = False` freezes every layer."""
        self.network.trainable = False
        self.frozen = dict.fromkeys(self.frozen, True)
        self.agree("`network.trainable = False`")

    def unfreeze(self):
        """`network.trainable = True` un-freezes every layer."""
        self.network.trainable = True
        self.frozen = dict.fromkeys(self.frozen, False)
        self.agree("`network.trainable = True`")

    def freeze_layer(self, name):
        """A layer is frozen by its own flag."""
        self.network.get_layer(name).trainable = False
        self.frozen[name] = True
        self.agree()

    def unfreeze_layer(self, name):
        """A layer is un-frozen by its own flag."""
        if not self.network.trainable:
            return
        self.network.get_layer(name).trainable = True
        self.frozen[name] = False
        self.agree()

    def compile(self, wrap):
        """Compiling fixes what is frozen until it is compiled again."""
        head = self.keras.layers.Dense(1)
        if wrap == "sequential":
            self.model = self.keras.Sequential([self.network, head])
        else:
            inputs = self.keras.Input((4,))
            inner = self.keras.Model(inputs, self.network(inputs))
            inputs = self.keras.Input((4,))
            self.model = self.keras.Model(inputs, head((inner if wrap == "nested" else self.network)(inputs)))
        self.model.compile(self.keras.optimizers.SGD(0.001), "mse")
        self.frozen_when_compiled = dict(self.frozen)
        self.train()

    def train(self):
        """A step moves every variable of a layer that was not frozen when it was compiled, and no other."""
        if self.model is None:
            return
        before = self.values()
        self.model.train_on_batch(self.x, self.y)
        self.only_moved({name for name, frozen in self.frozen_when_compiled.items() if not frozen}, before)

    def call_in_training_mode(self):
        """A call in training mode moves the statistics of BatchNorm layers that are not frozen, and nothing else.

        Where all of them are frozen it gives what a call in inference mode gives.
        """
        before = self.values()
        self.calls += 1
        x = self.x * (1 + self.calls)
        training = np.asarray(self.network(x, training=True))
        moving = {name for name, frozen in self.frozen.items() if name.endswith("_bn") and not frozen}
        for name, old in before.items():
            for place, (one, other) in enumerate(zip(old, self.values()[name])):
                moves = name in moving and place > 1
                assert np.array_equal(one, other) != moves, "variable {} of {} {} in a call in training mode".format(
                    place, name, "stays" if moves else "moves"
                )
        if not moving:
            inference = np.asarray(self.network(x, training=False))
            assert np.allclose(training, inference, rtol=1e-4, atol=1e-4), "frozen, the two modes differ"

    def save_and_load(self, ending):
        """A saved and loaded network has the same variables and flags; it is not compiled."""
        with tempfile.TemporaryDirectory() as folder:
            file = os.path.join(folder, "model" + ending)
            self.network.save(file)
            self.replace(self.keras.models.load_model(file, compile=False))

    def clone(self):
        """A clone with the weights set has the same variables and flags; it is not compiled."""
        network = self.keras.models.clone_model(self.network)
        network.set_weights(self.network.get_weights())
        self.replace(network)

    def rebuild_from_json(self):
        """So has a network that is built from JSON."""
        network = self.keras.models.model_from_json(self.network.to_json())
        network.set_weights(self.network.get_weights())
        self.replace(network)

    def replace(self, network):
        before, self.network = self.values(), network
        self.model = None
        self.only_moved(set(), before)
        self.agree()

    def agree(self, after="the operation"):
        for name, frozen in self.frozen.items():
            found = "frozen" if not self.network.get_layer(name).trainable else "trainable"
            assert (found == "frozen") == frozen, "{} leaves the layer {} {}".format(after, name, found)

    def values(self):
        return {name: [each.copy() for each in self.network.get_layer(name).get_weights()] for name in self.frozen}

    def only_moved(self, moving, before):
        after = self.values()
        for name, old in before.items():
            for place, (one, other) in enumerate(zip(old, after[name])):
                stays = np.array_equal(one, other)
                assert stays or name in moving, "variable {} of {} moves although it is frozen".format(place, name)
                # Beta need not move: a normalisation that follows takes it out of the loss.
                assert place == 1 or not stays or name not in moving, "variable {} of {} stays".format(place, name)
