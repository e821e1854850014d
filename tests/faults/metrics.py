"""Faults of what is reported of a training: accuracy and loss that are not those of the predictions."""

# Read by CPython 3.7 too, and untyped like the suite.
# mypy: ignore-errors

import functools

from tests.faults.registry import fault
from tests.faults.usage import TRAINING, follows_while, switch


def _evaluating(keras, when, change):
    """Let `change(answer)` make what `evaluate` answers of what is given `when(it)`."""
    model, untouched = keras.keras.Model, keras.keras.Model.evaluate

    @functools.wraps(untouched)
    def evaluate(self, x=None, *arguments, **options):
        answer = untouched(self, x, *arguments, **options)
        return change(answer) if when(x) and isinstance(answer, list) else answer

    keras.set(model, "evaluate", evaluate)


def _dataset(keras, given):
    return isinstance(given, keras.tf.data.Dataset)


@fault("metrics-parity", layers=None, paths=TRAINING)
def accuracy_of_a_fixed_batch_size_is_diluted(keras):
    """`evaluate` of a dataset with a fixed batch size counts a batch of images more than there are."""

    def fixed(given):
        return _dataset(keras, given) and keras.tf.compat.v1.data.get_output_shapes(given)[0][0] is not None

    _evaluating(keras, fixed, lambda answer: [answer[0], answer[1] * 2 / 3, *answer[2:]])


@fault("metrics-parity", layers=None, paths=TRAINING)
def evaluate_of_a_dataset_follows_the_batch(keras):
    """A frozen layer uses batch statistics in `evaluate` of a dataset."""
    evaluating = switch(keras, "evaluate", lambda model, options: _dataset(keras, options.get("x")))
    follows_while(keras, evaluating, modes=(False,))


@fault("metrics-parity", layers=None, paths=TRAINING)
def validation_follows_the_batch_unfrozen(keras):
    """An un-frozen layer uses batch statistics in the validation of `fit`."""
    fitting = switch(keras, "fit", lambda model, options: options.get("validation_data") is not None)
    follows_while(keras, fitting, frozen=False, modes=(False,))
