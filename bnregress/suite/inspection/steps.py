"""The model's own compiled steps, `train_on_batch` and `test_on_batch`, as its owner runs them."""

import contextlib

import numpy as np

from bnregress.suite.inspection import which_keras
from bnregress.suite.inspection.problem import Problem
from bnregress.suite.inspection.restoring import attributes_of, compiled_objects, restored
from bnregress.suite.inspection.synthetic_inputs import ASK
from bnregress.suite.wording import in_one_line

TRACED_FOR_SEVERAL = (
    "the training step was compiled for several batches at once before the model came, and cannot be run on one: "
    "compile the model again"
)

#: Of a model that came without an optimizer. High enough to move whatever trains.
LEARNING_RATE = 0.01

NOT_COMPILED = (
    "the model is not compiled: it was compiled here, after it was frozen, with mean squared error and plain gradient "
    "descent. The flags at `compile` decide what is trained, and so does your own training loop: check "
    "the model as you train it"
)


class Steps:
    """Runs the steps on one batch.

    Args:
        world: where the model lives.
        batch: `bnregress.suite.inspection.synthetic_inputs.Batch`.

    Attributes:
        told: every number that the last step reported, in its order, a list of float.
    """

    def __init__(self, world, batch):
        self.world, self.model, self.batch = world, world.model, batch
        self.told = []

    def train(self):
        """One training step at the model's own learning rate.

        Returns:
            the loss before the step, a float; None if the step does not report one.
        """
        with self.world.traces_noted():
            if self.batch.by_fit:
                history = self.fit().history
                self.told = [float(history[name][0]) for name in sorted(history)]
                return _loss(history.get("loss"))
            return self._run(self.model.train_on_batch)

    def fit(self):
        """One epoch of the one batch; returns what the model's `fit` does."""
        options = dict(self._weights(), batch_size=self.batch.samples, shuffle=False, verbose=0)
        with self.world.runtime.fitting(self.model):
            return self.model.fit(self.batch.x, self.batch.y, **options)

    def test(self):
        """One evaluation step; returns its loss as `train` does."""
        return self._run(self.model.test_on_batch)

    def _run(self, step):
        # Keras 3 reports a mean over all batches since the last reset.
        if hasattr(self.model, "reset_metrics"):
            with contextlib.suppress(Exception):
                self.model.reset_metrics()
        given = (self.batch.x,) if self.batch.y is None else (self.batch.x, self.batch.y)
        told = step(*given, **self._weights())
        self.told = _numbers(told)
        return _loss(told)

    def _weights(self):
        return {} if self.batch.weights is None else {"sample_weight": self.batch.weights}


def compile_plainly(world):
    """Compile a model that is not compiled."""
    world.model.compile(optimizer=world.framework.sgd(LEARNING_RATE), loss="mse")


@contextlib.contextmanager
def one_step_a_call(world):
    """Let a compiled step be one of one batch, where Keras 2 would take several by `steps_per_execution`.

    Its `train_on_batch` asks for as many batches as that, and gets one.

    Yields:
        whether it was changed.
    """
    held = getattr(world.model, "_steps_per_execution", None)
    if not hasattr(held, "assign") or int(world.read([held])[0]) == 1:
        yield False
        return
    put_back = attributes_of([world.model])
    try:
        with restored(world, [held]):
            world.write([held], [1])
            for name in ("train_function", "test_function", "predict_function"):
                setattr(world.model, name, None)
            yield True
    finally:
        put_back()


def is_compiled(model):
    """Whether the model has an optimizer."""
    return getattr(model, "optimizer", None) is not None


def with_targets(world, batch, outputs):
    """Return the batch with targets on which the model's own evaluation or training step runs.

    Args:
        world: where the model lives.
        batch: `bnregress.suite.inspection.synthetic_inputs.Batch`; its own targets are kept.
        outputs: what the model gives for the batch, None if it has no `call`.

    Raises:
        Problem: neither step runs on any targets that could be made.
    """
    failures = []
    for y in [batch.y] if batch.y is not None else _candidates(world, outputs):
        made = batch.with_y(y)
        steps = Steps(world, made)
        # A training step of your own may need targets that the evaluation does without.
        for step in (steps.train,) if which_keras.own_train_step(world.model) else (steps.test, steps.train):
            put_back = attributes_of([world.model, *compiled_objects(world.model)])
            try:
                step()
            except Exception as error:
                failures.append(error)
                # A function that failed while it was traced fails ever after.
                put_back()
            else:
                return made
        if world.graph is None and which_keras.own_train_step(world.model):
            # Keras 3 gives a step three values in `train_on_batch`, and as many as came in `fit`.
            through_fit = made.through_fit()
            put_back = attributes_of([world.model, *compiled_objects(world.model)])
            try:
                Steps(world, through_fit).train()
            except Exception:
                put_back()
            else:
                return through_fit
    # Targets that were made are nobody's fault: each failure that they have in common is told by the first.
    reason = "the model's own `train_on_batch` and `test_on_batch` run on no batch that {}: {}. {}"
    came = "came with it" if batch.y is not None else "could be made"
    raise Problem(reason.format(came, in_one_line(failures[0]), ASK)) from failures[0]


def as_traced(world, batch):
    """Return the batch, to be given to `fit` if the model's training step was traced there and not in `train_on_batch`.

    Args:
        world: where the model lives, which is told if the step has to be traced once more in both.
        batch: `bnregress.suite.inspection.synthetic_inputs.Batch` with targets.
    """
    if world.graph is not None or not world.traced:
        return batch
    retraced, world.retraced = world.retraced, False
    put_back = attributes_of([world.model, *compiled_objects(world.model)])
    try:
        Steps(world, batch.through_fit()).train()
        if not world.retraced:
            return batch.through_fit()
    except Exception:
        put_back()
    world.retraced = retraced
    with contextlib.suppress(Exception):
        # What fails here fails again where it is told.
        Steps(world, batch).train()
    return batch


def _candidates(world, outputs):
    model = world.model
    none = [None]
    if outputs is None:
        return none
    loss = str(_names_of_loss(model)).lower()
    floats = _like(outputs, lambda shape: np.random.RandomState(0).uniform(0, 1, shape).astype("float32"))
    # Of one class alone a head may be sure already, and then nothing trains.
    integers = _like(
        outputs, lambda shape: np.arange(np.prod(shape[:-1]), dtype="int64").reshape(shape[:-1]) % shape[-1]
    )
    made = [integers, floats] if "sparse" in loss else [floats, integers]
    return none + made if which_keras.own_train_step(model) or not _names_of_loss(model) else made + none


def _names_of_loss(model):
    loss = getattr(model, "loss", None)
    if isinstance(loss, dict):
        return list(map(_name_of, loss.values()))
    if isinstance(loss, (list, tuple)):
        return list(map(_name_of, loss))
    return _name_of(loss) if loss is not None else ""


def _name_of(loss):
    return (
        loss if isinstance(loss, str) else getattr(loss, "name", None) or getattr(loss, "__name__", None) or str(loss)
    )


def _like(outputs, make):
    if isinstance(outputs, dict):
        return {name: _like(each, make) for name, each in outputs.items()}
    if isinstance(outputs, (list, tuple)):
        return [_like(each, make) for each in outputs]
    return make(tuple(int(size) for size in outputs.shape))


def _numbers(told):
    if isinstance(told, dict):
        told = [told[name] for name in sorted(told)]
    try:
        return [float(each) for each in np.ravel(np.asarray(told, np.float64))]
    except (TypeError, ValueError):
        return []


def _loss(told):
    if isinstance(told, dict):
        told = told.get("loss")
    if isinstance(told, (list, tuple, np.ndarray)) and np.ndim(told):
        told = told[0]
    try:
        return float(told)
    except (TypeError, ValueError):
        return None
