"""The models and images that the witness looks at, and what is taken of them."""

# Read within a release's environment, and untyped like the suite.
# mypy: ignore-errors

import numpy as np

SHAPE, CLASSES, COUNT = (8, 8, 3), 4, 12


def as_array(value):
    value = value.numpy() if hasattr(value, "numpy") else value
    value = np.asarray(value)
    return value if value.dtype.kind in "fiub" else value.astype(np.float32)


def values_of(model):
    return [as_array(each) for each in model.get_weights()]


def draw(*shape, seed=0):
    return np.random.RandomState(seed).normal(0.3, 1.0, shape).astype(np.float32)


def images_and_labels():
    return draw(COUNT, *SHAPE), np.eye(CLASSES, dtype=np.float32)[np.arange(COUNT) % CLASSES]


def fill(model):
    drawn = np.random.RandomState(3)
    model.set_weights(
        [np.abs(drawn.normal(0.5, 0.4, each.shape)).astype(each.dtype) + 0.05 for each in values_of(model)]
    )
    return model


def make_network(keras, trainable=True, **options):
    """Convolution and BatchNorm twice with a shortcut, a model within a model."""
    layers = keras.layers
    images = keras.Input(SHAPE)
    features = layers.Conv2D(6, 3, padding="same", name="first", trainable=trainable)(images)
    kept = layers.BatchNormalization(name="first_bn", momentum=0.8, epsilon=1e-2, trainable=trainable)(features)
    features = layers.Activation("relu")(kept)
    features = layers.Conv2D(6, 3, padding="same", name="second", trainable=trainable)(features)
    features = layers.BatchNormalization(name="second_bn", momentum=0.7, trainable=trainable, **options)(features)
    features = layers.Add()([features, kept])
    features = layers.ZeroPadding2D(1)(features)
    network = keras.Model(images, layers.GlobalAveragePooling2D()(features), name="network")
    return fill(network)


def make_headed(keras, frozen, **options):
    network = make_network(keras, **options)
    if frozen == "model":
        network.trainable = False
    elif frozen:
        for layer in network.layers:
            layer.trainable = False
    model = keras.Sequential([network, keras.layers.Dropout(0.0), keras.layers.Dense(CLASSES, activation="softmax")])
    return fill(model)


def make_compiled(keras, frozen=True, optimizer=None, metrics=("accuracy",), **options):
    model = make_headed(keras, frozen)
    optimizer = keras.optimizers.SGD(0.05) if optimizer is None else optimizer
    model.compile(optimizer, loss="categorical_crossentropy", metrics=list(metrics), **options)
    return model


def figures_of(history):
    return sorted((name, [float(each) for each in values]) for name, values in history.history.items())


def shapes_of(weights):
    return [tuple(each.shape) for each in weights]


def variables_of(optimizer):
    found = optimizer.variables
    return found() if callable(found) else found


def as_floats(figures):
    return [float(each) for each in np.ravel(figures)]
