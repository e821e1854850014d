"""keras#6462, keras#12308, tensorflow#14356: the model lives in a tf.Graph with a session of its own, as servers and notebooks do.

Right answer: as for the same model in the default graph (1.15: affected; 2.x: sound).
"""

import tensorflow as tf

L = tf.keras.layers


graph = tf.compat.v1.Graph()
session = tf.compat.v1.Session(graph=graph)


def build_model():
    with graph.as_default(), session.as_default():
        tf.compat.v1.keras.backend.set_session(session)
        x = tf.keras.Input((16, 16, 3))
        h = L.BatchNormalization(name="bn1", trainable=False)(L.Conv2D(8, 3, padding="same")(x))
        model = tf.keras.Model(x, L.Dense(3)(L.GlobalAveragePooling2D()(h)))
        session.run(tf.compat.v1.global_variables_initializer())
        return model
