"""Models of sparse and of ragged inputs, which come with the model because they cannot be made.

Right answer: sound (measured: a training step at learning rate 0 and an evaluation report the same loss).
"""

import numpy as np
import tensorflow as tf
from pretrained import statistics

L = tf.keras.layers


def _head(x, h):
    base = tf.keras.Sequential([tf.keras.Input((8,)), L.Dense(8), L.BatchNormalization()])
    statistics(base)
    base.trainable = False
    model = tf.keras.Model(x, L.Dense(2)(base(h)))
    model.compile("sgd", "mse")
    return model


def build_sparse():
    x = tf.keras.Input((16,), sparse=True)
    given = tf.sparse.from_dense(np.eye(8, 16).astype("float32"))
    return _head(x, L.Dense(8)(x)), (given, np.zeros((8, 2), "float32"))


def build_ragged():
    x = tf.keras.Input((None,), dtype="int64", ragged=True)
    h = L.Lambda(lambda embedded: tf.reduce_mean(embedded, 1))(L.Embedding(30, 8)(x))
    given = tf.ragged.constant([[1, 2], [3], [4, 5, 6], [7]], dtype=tf.int64)
    return _head(x, h), (given, np.zeros((4, 2), "float32"))
