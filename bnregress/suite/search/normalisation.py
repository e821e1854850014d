"""One frozen BatchNorm and what must hold of it, in NumPy and Keras alone: the search and its scripts share this."""

import numpy as np

EPSILONS = {"float32": 2.0**-23, "mixed_float16": 2.0**-10, "mixed_bfloat16": 2.0**-7}


def arrays(case):
    """Inputs, statistics and scale of a case: a dict of float32 arrays, drawn from its seed."""
    random = np.random.RandomState(case["seed"])
    shape = (case["batch"],) + tuple(case["shape"])
    axis = case["axis"] % len(shape)
    along = [size if place == axis else 1 for place, size in enumerate(shape)]
    x = random.normal(size=shape)
    mean, variance = random.normal(size=along), random.uniform(0.5, 2.5, along)
    if case["inputs"] == "large-mean":
        x, mean = x + 1000, mean + 1000
    elif case["inputs"] == "tiny-variance":
        x, mean, variance = x * 1e-3 + 2, mean * 1e-3 + 2, variance * 1e-6
    elif case["inputs"] == "constant":
        x = np.broadcast_to(3 + random.normal(size=along), shape)
    elif case["inputs"] == "far":
        x = x * 30 + 20
    if case["variance"] == "zero":
        variance = variance * 0
    elif case["variance"] == "large":
        variance = variance * 1e4
    gamma = random.uniform(0.5, 1.5, along) if case["scale"] else np.ones(along)
    beta = random.normal(size=along) if case["center"] else np.zeros(along)
    named = {"x": x, "mean": mean, "variance": variance, "gamma": gamma, "beta": beta}
    return {name: np.asarray(array, dtype=np.float32) for name, array in named.items()}


def make_layer(tf, case, values):
    """The layer of a case, frozen."""
    options = {name: case[name] for name in ("axis", "momentum", "epsilon", "scale", "center")}
    if case["fused"] is not None:
        options["fused"] = case["fused"]
    if case["renorm"]:
        options["renorm"] = True
    if case["dtype"] != "float32":
        precision = tf.keras.mixed_precision
        policy = getattr(precision, "Policy", None) or precision.experimental.Policy
        options["dtype"] = policy(case["dtype"])
    layer = tf.keras.layers.BatchNormalization(**options)
    layer(values["x"], training=False)
    # Without gamma or beta, a layer of Keras 3.0 has no such attribute.
    variables = {"gamma": getattr(layer, "gamma", None), "beta": getattr(layer, "beta", None)}
    variables.update(mean=layer.moving_mean, variance=layer.moving_variance)
    for name, variable in variables.items():
        if variable is not None:
            variable.assign(values[name].reshape(-1))
    layer.trainable = False
    return layer


def formula(case, values, x):
    """The formula in float64, on inputs as the layer's precision holds them."""
    wide = {name: np.asarray(value, dtype=np.float64) for name, value in values.items()}
    x = np.asarray(x, dtype=np.float64)
    return (x - wide["mean"]) / np.sqrt(wide["variance"] + case["epsilon"]) * wide["gamma"] + wide["beta"]


def bound(case, values):
    """What rounding explains of each output: inputs, mean and beta may each be off by some units of the precision."""
    wide = {name: np.abs(np.asarray(value, dtype=np.float64)) for name, value in values.items()}
    slope = wide["gamma"] / np.sqrt(wide["variance"] + case["epsilon"])
    return 16 * EPSILONS[case["dtype"]] * ((wide["x"] + wide["mean"]) * slope + wide["beta"])


def answer(layer, x, training):
    """The layer's answer as a float64 array."""
    found = layer(x, training=training)
    return np.asarray(found.numpy() if hasattr(found, "numpy") else found).astype(np.float64)


def same_in_both_modes(layer, case, values):
    """A frozen layer answers in training mode as in inference mode."""
    return answer(layer, values["x"], True), answer(layer, values["x"], False), bound(case, values)


def equals_the_formula(layer, case, values):
    """A frozen layer equals the formula with its moving statistics."""
    return answer(layer, values["x"], True), formula(case, values, values["x"]), bound(case, values)


def alone_as_in_its_batch(layer, case, values):
    """A sample alone gives what it gives in its batch."""
    found, whole = answer(layer, values["x"][-1:], True), answer(layer, values["x"], False)
    return found, whole[-1:], bound(case, values)[-1:]


def in_any_order(layer, case, values):
    """The order of the samples in a batch makes no difference to any of them."""
    order = np.random.RandomState(case["seed"]).permutation(len(values["x"]))
    found, whole = answer(layer, values["x"][order], True), answer(layer, values["x"], True)
    return found, whole[order], bound(case, values)[order]


def in_a_batch_twice_as_large(layer, case, values):
    """Samples give the same when each is twice in the batch."""
    twice = answer(layer, np.concatenate([values["x"], values["x"]]), True)
    return twice[: len(values["x"])], answer(layer, values["x"], True), bound(case, values)


def in_a_batch_with_others(layer, case, values):
    """What else is in the batch makes no difference to a sample."""
    found = answer(layer, np.concatenate([values["x"], values["x"] * -7 + 50]), True)
    return found[: len(values["x"])], answer(layer, values["x"], True), bound(case, values)


def split_in_two(layer, case, values):
    """A batch gives what its two parts give."""
    middle = (len(values["x"]) + 1) // 2
    parts = [part for part in (values["x"][:middle], values["x"][middle:]) if len(part)]
    found = np.concatenate([answer(layer, part, True) for part in parts])
    return found, answer(layer, values["x"], True), bound(case, values)


def shifted_with_its_statistics(layer, case, values):
    """Inputs moved and stretched give the same when the moving statistics are moved and stretched with them."""
    if case["dtype"] != "float32":
        return np.zeros(1), np.zeros(1), np.zeros(1)  # moved inputs would be others than these in a half precision
    before, epsilon = answer(layer, values["x"], True), np.float64(case["epsilon"])
    moved = dict(values, x=values["x"] * 2 + 64, mean=values["mean"] * 2 + 64)
    # Epsilon is added to the variance, so it must not be stretched.
    wide = np.float64(4) * (np.float64(values["variance"]) + epsilon) - epsilon
    moved["variance"] = np.asarray(wide, dtype=np.float32)
    layer.moving_mean.assign(moved["mean"].reshape(-1))
    layer.moving_variance.assign(moved["variance"].reshape(-1))
    found = answer(layer, moved["x"], True)
    layer.moving_mean.assign(values["mean"].reshape(-1))
    layer.moving_variance.assign(values["variance"].reshape(-1))
    return found, before, bound(case, values) + bound(case, moved)


def state_is_kept(layer, case, values):
    """No call moves a variable of a frozen layer."""
    before = [variable.numpy().copy() for variable in layer.weights]
    answer(layer, values["x"], True)
    pairs = list(zip(before, layer.weights))
    changed = np.array([not np.array_equal(old, variable.numpy()) for old, variable in pairs], dtype=np.float64)
    return changed, np.zeros(len(changed)), np.zeros(len(changed))


def unfrozen_follows_the_batch(layer, case, values):
    """Un-frozen, the layer normalises with the statistics of the batch, and moves its mean by its momentum."""
    if case["renorm"] or case["inputs"] not in ("ordinary", "far") or values["x"].size == values["mean"].size:
        return np.zeros(1), np.zeros(1), np.zeros(1)
    axis = case["axis"] % values["x"].ndim
    others = tuple(place for place in range(values["x"].ndim) if place != axis)
    wide = np.float64(values["x"])
    batch = dict(values, mean=wide.mean(others, keepdims=True), variance=wide.var(others, keepdims=True))
    layer.trainable = True
    found = answer(layer, values["x"], True)
    mean = layer.moving_mean.numpy().astype(np.float64)
    layer.moving_mean.assign(values["mean"].reshape(-1))
    layer.moving_variance.assign(values["variance"].reshape(-1))
    layer.trainable = False
    kept = case["momentum"]
    moved = (np.float64(values["mean"]) * kept + batch["mean"] * (1 - kept)).reshape(-1)
    allowed = 16 * EPSILONS[case["dtype"]] * (np.abs(values["x"]).max() + np.abs(values["mean"]).max())
    # The batch's variance carries its own rounding, on top of that of the formula.
    error = 4 * bound(case, batch) + 64 * EPSILONS[case["dtype"]] * np.abs(formula(case, batch, values["x"]))
    flat = [each.reshape(-1) for each in (found, formula(case, batch, values["x"]), error)]
    return tuple(map(np.concatenate, zip(flat, (mean, moved, np.full(mean.shape, allowed)))))


RELATIONS = (
    same_in_both_modes,
    equals_the_formula,
    alone_as_in_its_batch,
    in_any_order,
    in_a_batch_twice_as_large,
    in_a_batch_with_others,
    split_in_two,
    shifted_with_its_statistics,
    state_is_kept,
    unfrozen_follows_the_batch,
)


def prepare(tf, case):
    """The layer of a case and its arrays, the inputs as the layer's precision holds them."""
    values = arrays(case)
    if case["dtype"] != "float32":
        # Keras 3 has it among its operations.
        cast = getattr(tf.keras, "ops", tf.keras.backend).cast
        narrow = cast(cast(values["x"], case["dtype"][len("mixed_") :]), "float32")
        values["x"] = narrow.numpy() if hasattr(narrow, "numpy") else np.asarray(narrow)
    return make_layer(tf, case, values), values


def hold(relation, layer, case, values):
    """Assert that a relation holds of a case's layer."""
    found, expected, allowed = relation(layer, case, values)
    shapes = np.shape(found), np.shape(allowed)
    assert shapes[0] == shapes[1], "{} The answer has the shape {}, not {}.".format(relation.__doc__, *shapes)
    worst = float(np.max(np.abs(found - expected) - allowed))
    good = worst <= 0 and np.all(np.isfinite(found))
    assert good, "{} Off by {:.3g} beyond rounding.".format(relation.__doc__, worst)
