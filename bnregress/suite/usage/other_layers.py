"""Layers that are no BatchNorm, frozen one and all in one network: training must leave their variables alone."""

import numpy as np

from bnregress.suite.arithmetic import identical
from bnregress.suite.finding import not_applicable, passed, regressed

IMAGES, SIZE, CHANNELS, WORDS = 8, 6, 3, 10

#: Each kind by the name of its class in `keras.layers`, with its arguments; all take images.
ON_IMAGES = {
    "Conv2D": (4, 3),
    "Conv2DTranspose": (4, 3),
    "DepthwiseConv2D": (3,),
    "SeparableConv2D": (4, 3),
    "Dense": (4,),
    "LayerNormalization": (),
    "GroupNormalization": (3,),
    "PReLU": (),
}
#: Those that take sequences.
ON_SEQUENCES = {"Conv1D": (4, 3), "LSTM": (4,)}


def other_layers_frozen(subject):
    """Training moves no variable of a frozen layer that is not a BatchNorm, and all of them once they are un-frozen.

    Convolutions, dense and recurrent layers, an embedding, layer and group
    normalisation and PReLU, side by side in front of one head, with an optimizer
    that has values of its own and weight decay, if the release has one.
    Source: the documentation of `trainable`. Tolerance: none.
    """
    if not subject.execution.eager:
        return not_applicable("needs eager mode")
    keras = subject.framework.keras
    model, layers = _network(keras)
    random = np.random.RandomState(0)
    images = random.normal(size=(IMAGES, SIZE, SIZE, CHANNELS)).astype(np.float32)
    # Every word is there, so that every row of the embedding has a gradient.
    words = np.arange(IMAGES * SIZE).reshape(IMAGES, SIZE) % WORDS
    targets = random.normal(size=(IMAGES, 2)).astype(np.float32)
    wrong = []
    for trainable in (False, True):
        for layer in layers:
            layer.trainable = trainable
        optimizer = getattr(keras.optimizers, "AdamW", keras.optimizers.Adam)
        model.compile(optimizer(0.01), "mse")
        before = [subject.execution.read(layer.weights) for layer in layers]
        model.fit([images, words], targets, batch_size=4, epochs=2, verbose=0)
        for layer, values in zip(layers, before):
            now = subject.execution.read(layer.weights)
            moved = [not identical(*pair) for pair in zip(values, now)]
            if any(moved) is not trainable or (trainable and not all(moved)):
                said = "{}frozen, training moves {} of {} variables of {}"
                wrong.append(said.format("un-" if trainable else "", sum(moved), len(moved), type(layer).__name__))
    kinds = [type(layer).__name__ for layer in layers]
    if wrong:
        return regressed(wrong[0], wrong=wrong, layers_tried=kinds)
    return passed("it is so for {} kinds of layers".format(len(kinds)), layers_tried=kinds)


def _network(keras):
    """The network, and its layers that are frozen."""
    images, words = keras.Input((SIZE, SIZE, CHANNELS)), keras.Input((SIZE,), dtype="int32")
    embedding = keras.layers.Embedding(WORDS, 4)
    sequence = keras.layers.Reshape((SIZE * SIZE, CHANNELS))(images)
    layers, features = [embedding], [embedding(words)]
    for kinds, inputs in ((ON_IMAGES, images), (ON_SEQUENCES, sequence)):
        for name, arguments in kinds.items():
            kind = getattr(keras.layers, name, None)
            if kind is not None:
                layers.append(kind(*arguments))
                features.append(layers[-1](inputs))
    flat = [keras.layers.Flatten()(each) for each in features]
    return keras.Model([images, words], keras.layers.Dense(2)(keras.layers.Concatenate()(flat))), layers


def lora_leaves_kernels(subject):
    """With `enable_lora` training moves what that adds, and never the kernel that it adds to.

    A dense layer and a convolution behind a frozen BatchNorm, if the release has it for them.
    Source: the documentation of `enable_lora`. Tolerance: none.
    """
    if not subject.execution.eager:
        return not_applicable("needs eager mode")
    keras = subject.framework.keras
    images = features = keras.Input((SIZE, SIZE, CHANNELS))
    layers = [keras.layers.Conv2D(4, 3), keras.layers.Flatten(), keras.layers.Dense(2)]
    frozen = keras.layers.BatchNormalization()
    for layer in (frozen, *layers):
        features = layer(features)
    frozen.trainable = False
    tried = [layer for layer in layers if hasattr(layer, "enable_lora")]
    if not tried:
        return not_applicable("layers of this release have no `enable_lora`")
    for layer in tried:
        layer.enable_lora(2)
    model = keras.Model(images, features)
    model.compile(subject.framework.sgd(0.1), "mse")
    kept = [frozen.moving_mean, frozen.gamma, *(layer._kernel for layer in tried)]  # noqa: SLF001 - `kernel` is the sum
    added = [layer.lora_kernel_b for layer in tried]
    before = subject.execution.read([*kept, *added])
    random = np.random.RandomState(0)
    images = random.normal(size=(IMAGES, SIZE, SIZE, CHANNELS)).astype(np.float32)
    model.fit(images, random.normal(size=(IMAGES, 2)).astype(np.float32), batch_size=4, epochs=2, verbose=0)
    now = subject.execution.read([*kept, *added])
    moved = [not identical(*pair) for pair in zip(before, now)]
    told = {"moved": sum(moved[: len(kept)]), "still": len(added) - sum(moved[len(kept) :])}
    if told["moved"]:
        return regressed(
            "with `enable_lora` training moves {} variables that it must leave".format(told["moved"]), **told
        )
    if told["still"]:
        return regressed("with `enable_lora` training leaves {} that it adds".format(told["still"]), **told)
    return passed("it is so for {} layers".format(len(tried)), **told)
