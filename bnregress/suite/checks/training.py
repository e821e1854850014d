"""The frozen network while a head on it is trained."""

import math

from bnregress.suite import called, late, networks, replicas, tolerances, xla
from bnregress.suite.alone import beyond
from bnregress.suite.finding import passed, regressed
from bnregress.suite.registry import check
from bnregress.suite.subject import changed_weights, nothing_to_compare
from bnregress.suite.wording import listed

#: High enough to move every variable that the optimizer is given, in one step.
LEARNING_RATE = 0.1


@check(
    "fit-eval-parity",
    code="""
    model = tf.keras.Sequential([network, tf.keras.layers.Dense(10, activation="softmax")])
    model.compile(tf.keras.optimizers.SGD(0.0), loss="categorical_crossentropy")
    fitted = model.fit(images, labels, batch_size=5, shuffle=False, verbose=0).history["loss"][0]
    evaluated = model.evaluate(images, labels, batch_size=5, verbose=0)
    print("loss of fit:", fitted, "of evaluate:", evaluated)
    assert abs(fitted - evaluated) < 1e-3 * abs(evaluated), "fit and evaluate differ at learning rate 0"
    """,
)
def fit_eval_parity(subject):
    """At learning rate 0, the loss that `fit` reports equals the loss that `evaluate` reports on the same images.

    `fit` takes them in a batch and a smaller one.
    Source: nothing in the frozen network or its head depends on the mode, and
    nothing moves at learning rate 0.
    Tolerance: `tolerances.losses`, on the difference of the losses relative to
    the evaluated one.
    """
    evaluated, _ = subject.evaluation
    with subject.statistics_restored():
        fitted = subject.fit_loss(subject.model)
    tolerance = tolerances.losses(subject.dtype, subject.depth)
    evidence = {"fit_loss": fitted, "evaluate_loss": evaluated, "tolerance": tolerance}
    evidence["xla"] = xla.used_by(subject.model)
    if not math.isfinite(evaluated):
        return nothing_to_compare(subject, "the evaluated loss is not finite", **evidence)
    same = abs(fitted - evaluated) <= tolerance * abs(evaluated)
    if subject.making.late:
        return late.judge(subject, late.FROZEN if same else late.UNFROZEN, evidence)
    if same:
        return passed("`fit` and `evaluate` report the same loss, {:.6g}".format(evaluated), **evidence)
    reason = "at learning rate 0 `fit` reports a loss of {:.6g}, `evaluate` {:.6g} on the same images"
    reason, evidence["layers"] = (
        reason.format(fitted, evaluated),
        [] if subject.making.called else _each_compiled(subject),
    )
    deviating = beyond(evidence["layers"], tolerance)
    return regressed("{}: {}".format(reason, listed(deviating)) if deviating else reason, **evidence)


def _each_compiled(subject):
    """Hold each BatchNorm, compiled, in either mode against the formula: the larger deviation of each."""
    alone = subject.alone
    with subject.statistics_restored():
        expected = alone.by_moving_statistics()
        found = [alone.deviations(alone.outputs_compiled(training=mode), expected) for mode in (False, True)]
    return [max(each, key=lambda layer: layer["deviation"]) for each in zip(*found)]


@check(
    "frozen-state",
    code="""
    model = tf.keras.Sequential([network, tf.keras.layers.Dense(10, activation="softmax")])
    model.compile(tf.keras.optimizers.SGD(0.1), loss="categorical_crossentropy")
    before = network.get_weights()
    model.fit(images, labels, batch_size=8, epochs=2, verbose=0)
    changed = sum(not np.array_equal(old, new) for old, new in zip(before, network.get_weights()))
    print("frozen variables that changed:", changed)
    assert changed == 0, "training changed frozen variables"
    """,
)
def frozen_state(subject):
    """After evaluation, and training steps with a learning rate above 0, every frozen variable is bit-equal.

    Statistics and kernels alike, whatever the `trainable` flags say.
    Source: the documentation of `Layer.trainable`: a frozen layer's state is
    not updated during training.
    Tolerance: none. Something must have moved, the head at least, else the steps
    proved nothing; where a loss scale skips steps, more are taken until it does.
    """
    model, head = subject.model, subject.head
    _, before = subject.evaluation
    head_before = subject.execution.read(head.weights)
    rate = called.LEARNING_RATE if subject.making.called else LEARNING_RATE
    subject.execution.set_learning_rate(model, rate)
    losses = [subject.fit_loss(model) for _ in range(subject.making.passes)]
    losses += subject.fit_past_skipped(model, lambda: not subject.execution.unchanged(head.weights, head_before))
    subject.forget_evaluation()
    changed = changed_weights(before, subject.weights())
    moved = bool(changed)
    if subject.making.batchnorm_only:
        normalising = {layer.name for layer in subject.batchnorms}
        before = {name: value for name, value in before.items() if name.rpartition("/")[0] in normalising}
        changed = [name for name in changed if name in before]
    steps = len(losses) * math.ceil(len(subject.images) / (subject.making.batch or len(subject.images)))
    evidence = {"variables": len(before), "steps": steps, "learning_rate": rate, "losses": losses}
    evidence["xla"] = xla.used_by(model)
    if moved:
        subject.forget_inference()
    if not moved and subject.execution.unchanged(head.weights, head_before):
        return nothing_to_compare(subject, "training did not change even the head, so it proves nothing", **evidence)
    if subject.making.late:
        # What has no gradient in exact arithmetic moves by rounding or not at all, and says nothing.
        still = sorted(set(before) - set(changed) - networks.without_gradient(subject.network))
        seen = late.FROZEN if not changed else late.PARTLY if still else late.UNFROZEN
        return late.judge(subject, seen, dict(evidence, still=still))
    taken = "1 step" if steps == 1 else "{} steps".format(steps)
    if subject.making.called:
        return called.frozen_state(subject, before, taken, evidence)
    apart = _apart(subject, before)
    if apart:
        reason = "the replicas hold different values of {} of {} frozen variables after {}: {}"
        return regressed(reason.format(len(apart), len(before), taken, listed(apart)), changed=apart, **evidence)
    if not changed:
        return passed("all {} variables are bit-equal after {}".format(len(before), taken), **evidence)
    reason = "{} of {} frozen variables changed in an evaluation and {} of training: {}"
    return regressed(reason.format(len(changed), len(before), taken, listed(changed)), changed=changed, **evidence)


def _apart(subject, frozen):
    """Names of the frozen variables that differ between the replicas of a strategy with several."""
    count = subject.making.replicas
    if count == 1:
        return []
    return replicas.differing({name: subject.variables[name] for name in frozen}, count)
