"""keras#12353, keras#3268, KerasGAN#10, keras-dcgan#10 and #19, keras-cv PR 1746 (its README): frozen after `compile`, not compiled again.

build_model: any tf.keras 2.x (2.2 to 2.15). build_traced: one step un-frozen first, for Keras 3 (3.15.1) as well.
Right answer: affected: `train_on_batch` on the model as it was returned normalises with the batch and moves gamma, beta,
moving_mean and moving_variance (Keras 3, build_model without a step before: sound). Cure: compile again after freezing.
Earlier, bnregress: sound, exit 0, "a training step leaves it as it was"; assert_frozen_batchnorm passes. In 1.15 to 2.1.4 it crashes.
"""

import numpy as np
import tensorflow as tf

L = tf.keras.layers


def statistics(model):
    """As after training, not 0 and 1."""
    random = np.random.RandomState(0)
    for layer in model.layers:
        if getattr(layer, "layers", None):
            statistics(layer)
        elif getattr(layer, "moving_mean", None) is not None:
            values = [np.array(value) for value in layer.get_weights()]
            values[-2] = random.uniform(-1, 1, values[-2].shape)
            values[-1] = random.uniform(0.5, 2.5, values[-1].shape)
            layer.set_weights(values)


def backbone(BN=None):
    BN = BN or L.BatchNormalization
    x = tf.keras.Input((16, 16, 3))
    h = L.Activation("relu")(BN(name="bn1")(L.Conv2D(8, 3, padding="same")(x)))
    h = L.Activation("relu")(BN(name="bn2")(L.Conv2D(8, 3, padding="same")(h)))
    model = tf.keras.Model(x, L.GlobalAveragePooling2D()(h), name="base")
    statistics(model)
    return model


def build_model(step=False):
    base = backbone()
    x = tf.keras.Input((16, 16, 3))
    model = tf.keras.Model(x, L.Dense(3)(base(x)))
    model.compile(tf.keras.optimizers.SGD(0.05), loss="mse")
    if step:
        model.train_on_batch(np.zeros((24, 16, 16, 3), "float32"), np.zeros((24, 3), "float32"))
    base.trainable = False
    return model


def build_traced():
    return build_model(step=True)
