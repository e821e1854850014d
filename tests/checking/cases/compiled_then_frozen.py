"""keras#12353, keras#3268, KerasGAN#10, keras-dcgan#10 and #19, keras-cv PR 1746 (its README): frozen after `compile`, not compiled again.

build_model: any tf.keras 2.x (2.2 to 2.15). build_traced: one step un-frozen first, for Keras 3 (3.15.1) as well.
Right answer: affected: `train_on_batch` on the model as it was returned normalises with the batch and moves gamma, beta,
moving_mean and moving_variance (Keras 3, build_model without a step before: sound). Cure: compile again after freezing.
"""

import numpy as np
import tensorflow as tf
from pretrained import backbone

L = tf.keras.layers


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
