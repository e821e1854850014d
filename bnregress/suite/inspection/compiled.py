"""What compiled steps compute, against the same steps traced anew: on present flags, or with layers muted."""

import contextlib
import time

import numpy as np

from bnregress.suite.inspection import which_keras
from bnregress.suite.inspection.layer_calls import nothing_trained
from bnregress.suite.inspection.restoring import restored
from bnregress.suite.inspection.steps import Steps
from bnregress.suite.inspection.traced import same_operations
from bnregress.suite.inspection.traced_anew import TracedAnew, can_be_traced_anew
from bnregress.suite.inspection.whole import losses_differ, meant_to_differ
from bnregress.suite.wording import in_one_line

#: Draws of a random loss, each number tried in turn.
DRAWS = (8, 32)
#: Steps alike, and seconds of the processor, in which a frozen class of one's own may do something else by chance.
RARE, RARE_SECONDS = 32, 6.0
#: Standard errors between the means of two random losses that are not the same: by chance less often than 1 in 10**4
#: with the fewest draws, 1 in 10**7 with the most (Welch's t-test).
APART = 6.0
#: The same between two that a comparison would have told apart.
WELL_APART = 10.0


class CompiledSteps:
    """Holds what the compiled steps compute against each other, with what is random in inference mode.

    A layer may do something else in a compiled step than where it was looked at, or with the whole batch than with a
    part of it. Keras's own training step must give the loss of the evaluation; one of the owner's own the same with
    the frozen layers in inference mode.

    Args:
        world: where the model lives.
        found: `bnregress.suite.inspection.measuring.Measured`, which gets what is found.
        silent: whether some layers are kept from drawing, as `bnregress.suite.inspection.whole.silenced` does.
        variables: of the model, put back afterwards.
    """

    def __init__(self, world, found, silent, variables):
        self._world, self._found, self._silent, self._variables = world, found, silent, variables
        self._muted = [part.layer for part in found.parts if meant_to_differ(part)] + found.explained
        self._own_step = which_keras.own_train_step(world.model)
        self._own = any(part.kept and which_keras.is_own(part.layer) for part in found.parts[1:])
        # Traced once for all batches of a size.
        self._told = TracedAnew(world, self._muted)
        self._without = TracedAnew(world, [*self._muted, *_kept(found)])

    @property
    def can_hold(self):
        """Whether there is something to be held against something else."""
        if self._found.stale or self._found.hidden or self._found.moved is None or not can_be_traced_anew(self._world):
            return False
        return bool(_kept(self._found)) if self._own_step else bool(self._found.whole)

    @property
    def is_new(self):
        """Whether this is not what was compared already, as the losses of the steps that the model came with are."""
        return self._own_step or self._own or bool(self._muted or self._silent)

    def hold(self, batch, on=""):
        """Compare the steps on a batch.

        Args:
            batch: `bnregress.suite.inspection.synthetic_inputs.Batch`.
            on: words for which batch it is, for a reason to begin with.
        """
        hold = self._with_and_without_frozen if self._own_step else self._training_and_evaluation
        hold(Steps(self._world, batch), batch, on)

    def _training_and_evaluation(self, steps, batch, on):
        told = _Draws(steps, self._variables, self._told)
        told.up_to(1)
        with self._told, restored(self._world, self._variables):
            losses = told.loss, steps.test()
        if not losses_differ(self._found, *losses):
            if self._is_random(told):
                self._say_rare(told, batch, on)
        else:
            with self._without, restored(self._world, self._variables):
                without = steps.train()
            reason = "compiled, a training step on {} samples computes another loss ({:.6g}) than an evaluation"
            reason += " ({:.6g})"
            if self._muted:
                reason += ", what is random or not frozen left out"
            reason = on + reason.format(batch.samples, *losses)
            _say(self._found, reason, not losses_differ(self._found, without, losses[1]))

    def _with_and_without_frozen(self, steps, batch, on):
        told = _Draws(steps, self._variables, self._told)
        without = _Draws(steps, self._variables, self._without)
        if tell_apart(self._found, told, without):
            reason = "compiled, the model's own training step on {} samples reports {:.6g}, and {:.6g} with what is"
            reason += " frozen in inference mode"
            _say(self._found, on + reason.format(batch.samples, told.first, without.first), True)
        elif self._is_random(told) and not self._is_random(without):
            self._say_rare(told, batch, on)

    def _is_random(self, draws):
        """Whether one of several steps alike reports something else, as of a class that does so by chance."""
        began = time.process_time()
        while self._own and len(draws.values) < RARE and time.process_time() - began < RARE_SECONDS:
            if _differ(self._found, *draws.up_to(len(draws.values) + 1)[-2:]):
                return True
        return False

    def _say_rare(self, told, batch, on):
        reason = "{}compiled, training steps on the same {} samples report {:.6g} or by chance {:.6g}, and"
        reason += " no layer that was seen explains it"
        self._found.unseen.append(reason.format(on, batch.samples, told.first, told.values[-1][0]))


def look_at_compiled(world, batch, found, silent, variables):
    """Compare the compiled steps on the batch and on a part of it.

    Args:
        world: where the model lives.
        batch: `bnregress.suite.inspection.synthetic_inputs.Batch`.
        found: see `CompiledSteps`, as are the following.
        silent: see there.
        variables: see there.

    Returns:
        the `CompiledSteps`.
    """
    compiled = CompiledSteps(world, found, silent, variables)
    if not (compiled.can_hold and compiled.is_new):
        return compiled
    try:
        compiled.hold(batch)
    except Exception as error:
        found.unseen.append("the model's steps cannot be traced anew: {}".format(in_one_line(error)))
        return compiled
    # A framework's layers were seen with smaller batches already; tracing a deep network once more takes long.
    own = any(which_keras.is_own(part.layer) or which_keras.is_closed(part.layer) for part in found.parts)
    if own and not batch.by_fit and (batch.samples or 0) > 2 and found.compiled is None:
        # A model may be made for one size of batch.
        with contextlib.suppress(Exception):
            compiled.hold(batch.resized(batch.samples // 2 + 1))
    return compiled


def look_at_trace(world, batch, found, variables):
    """Hold the training step that was traced before the model came against the same one on the flags it has now.

    Args:
        world: where the model lives.
        batch: `bnregress.suite.inspection.synthetic_inputs.Batch`.
        found: `bnregress.suite.inspection.measuring.Measured`, which gets what is found.
        variables: of the model, put back afterwards.
    """
    if found.moved is None or not can_be_traced_anew(world) or not _kept(found):
        return
    steps, anew = Steps(world, batch), TracedAnew(world)
    told, present = _Draws(steps, variables), _Draws(steps, variables, anew)
    try:
        apart = tell_apart(
            found, told, present, lambda: same_operations(world.model.train_function, anew.train_function)
        )
    except Exception as error:
        found.unseen.append("the model's training step cannot be traced anew: {}".format(in_one_line(error)))
        return
    if apart:
        reason = "the compiled training step, which was run before, computes another loss ({:.6g}) than the same step"
        reason += " compiled with the model's present flags ({:.6g})"
        unfrozen = _unfrozen(world, found, steps, variables)
        alone = not any(part.batchnorm and not part.kept for part in found.parts)
        _say(found, reason.format(told.first, present.first), alone or _is_same(found, told, unfrozen))
    elif apart is None and not _would_be_told(present, _unfrozen(world, found, steps, variables)):
        reason = "the training step was compiled before the model came, and its loss is too random ({:.6g} and {:.6g})"
        reason += " to tell whether it keeps to the present flags: compile the model again after freezing"
        found.unseen.append(reason.format(told.first, told.values[1][0]))


class _Draws:
    """What a training step reports again and again, from the same variables."""

    def __init__(self, steps, variables, context=None):
        self._steps, self._variables, self._context = steps, variables, context
        self.values, self.loss = [], None

    def up_to(self, count):
        with self._context or contextlib.nullcontext():
            while len(self.values) < count:
                with restored(self._steps.world, self._variables):
                    self.loss = self._steps.train()
                self.values.append(self._steps.told)
        return self.values

    @property
    def first(self):
        return self.values[0][0]


def tell_apart(found, one, other, alike=lambda: False):
    """Whether two steps report different numbers; None if they are random and no difference is seen.

    Args:
        found: `bnregress.suite.inspection.measuring.Measured`.
        one: `_Draws`, or anything whose `up_to(count)` gives as many lists of numbers or more.
        other: the same.
        alike: asked once of steps that are random: whether they are known to do the same.

    Raises:
        ValueError: a step reports no number.
    """
    if not one.up_to(1)[0] or not other.up_to(1)[0]:
        raise ValueError("the training step reports no loss, or not the same as before")
    if not _differ(found, one.up_to(1)[0], other.up_to(1)[0]):
        return False
    if not any(_is_random(found, each) for each in (one, other)):
        return True
    if alike():
        return False
    for count in DRAWS:
        if _standard_errors(one.up_to(count), other.up_to(count)) > APART:
            return True
    return None


def _is_random(found, draws):
    # Two draws may agree by chance: a step may mix its images in every second batch alone.
    first, *others = draws.up_to(DRAWS[0])[: DRAWS[0]]
    return any(_differ(found, first, another) for another in others)


def _differ(found, one, other):
    return len(one) != len(other) or any(losses_differ(found, *pair) for pair in zip(one, other))


def _standard_errors(one, other):
    """Between the means of two random lists of numbers: of the number for which there are the most."""
    one, other = np.asarray(one, np.float64), np.asarray(other, np.float64)
    error = np.sqrt(one.var(axis=0, ddof=1) / len(one) + other.var(axis=0, ddof=1) / len(other))
    # Where nothing varies but by rounding, it is rounding that errs.
    floor = 1e-4 * np.maximum(np.abs(one.mean(axis=0)), np.abs(other.mean(axis=0))) + 1e-30
    return float(np.nanmax(np.abs(one.mean(axis=0) - other.mean(axis=0)) / np.maximum(error, floor)))


def _is_same(found, one, other):
    with contextlib.suppress(Exception):
        return not _differ(found, one.up_to(1)[0], other.up_to(1)[0])
    return False


def _would_be_told(present, unfrozen):
    """Whether a step that takes the frozen layers for un-frozen would be told from one with the present flags."""
    with contextlib.suppress(Exception):
        return _standard_errors(present.up_to(DRAWS[-1]), unfrozen.up_to(DRAWS[-1])) > WELL_APART
    return False


def _unfrozen(world, found, steps, variables):
    """`_Draws` of a training step that takes the frozen layers for un-frozen, and trains nothing."""

    @contextlib.contextmanager
    def unfrozen():
        flags = [(part.layer, part.layer._trainable) for part in found.parts if part.kept]
        try:
            for layer, _ in flags:
                object.__setattr__(layer, "_trainable", True)
            with nothing_trained(world.model, world.runtime):
                yield
        finally:
            for layer, flag in flags:
                object.__setattr__(layer, "_trainable", flag)

    return _Draws(steps, variables, TracedAnew(world, around=unfrozen))


def _kept(found):
    """Layers that must stay as they are and may depend on the mode."""
    return [
        part.layer
        for part in found.parts[1:]
        if part.kept and (part.batchnorm or which_keras.is_own(part.layer) or which_keras.is_closed(part.layer))
    ]


def _say(found, reason, of_frozen):
    if of_frozen and any(part.batchnorm and part.kept for part in found.parts):
        found.compiled = reason
    else:
        found.unseen.append(reason)
