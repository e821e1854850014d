"""Some batches of the dataset that came with a model: the first ones, the last one, and those of other sizes."""

import itertools
import time

from bnregress.suite.inspection.problem import Problem
from bnregress.suite.inspection.synthetic_inputs import ASK
from bnregress.suite.wording import in_one_line

#: Batches from the start that are taken, and those of other sizes beside them.
FIRST, OF_OTHER_SIZES = 4, 2
#: Batches, and seconds, after which a dataset is read no further.
MOST, SECONDS = 256, 3.0


class Sample:
    """What was taken of a dataset.

    Attributes:
        batches: list of pairs, the number of a batch from 1, and what the dataset gives for it.
        whole: every batch is in it.
    """

    def __init__(self, batches, whole):
        self.batches, self.whole = batches, whole


def is_dataset(given):
    """Whether what came with a model is more than one batch: neither an array nor a structure of them."""
    return not (given is None or hasattr(given, "shape") or isinstance(given, (list, tuple, dict)))


def sample_of(given):
    """Take a `Sample` of a `tf.data.Dataset`, a Keras `Sequence` or a generator; of anything else it is that itself.

    Raises:
        Problem: it is empty, or its first batch cannot be had.
    """
    kind = type(given)
    if not is_dataset(given):
        return Sample([(1, given)], True)
    indexed = hasattr(kind, "__getitem__") and hasattr(kind, "__len__")
    if not indexed and not hasattr(kind, "__iter__"):
        reason = "what came with the model is {}, from which no batch can be taken. {}."
        raise Problem(reason.format(kind.__name__, ASK))
    try:
        sample = _of_indexed(given) if indexed else _of_iterable(given)
    except Exception as error:
        reason = "the first batch of the dataset that came with the model cannot be read: {}"
        raise Problem(reason.format(in_one_line(error))) from error
    if not sample.batches:
        raise Problem("the dataset that came with the model is empty")
    return sample


def _of_indexed(given):
    places = list(range(len(given)))
    taken = sorted({*places[: FIRST - 1 + (len(places) <= FIRST)], *places[-1:]})
    return Sample([(place + 1, given[place]) for place in taken], len(taken) == len(places))


def _of_iterable(given):
    """The dataset is read from its start, for it says neither how long it is nor what comes last."""
    taken, last, sizes, began = [], None, set(), time.monotonic()
    batches = iter(given)
    for number in itertools.count(1):
        try:
            batch = next(batches)
        except StopIteration:
            if last is not None:
                taken.append(last)
            return Sample(taken, len(taken) == number - 1)
        except Exception:
            if not taken:
                raise
            # Its owner's training meets that, too.
            return Sample(taken, False)
        size = _size(batch)
        if number <= FIRST or (size not in sizes and len(taken) < FIRST + OF_OTHER_SIZES):
            taken.append((number, batch))
            last = None
        else:
            last = number, batch
        sizes.add(size)
        if number >= MOST or time.monotonic() - began > SECONDS:
            return Sample(taken, False)
    raise AssertionError


def _size(batch):
    if isinstance(batch, dict):
        batch = list(batch.values())
    if isinstance(batch, (list, tuple)):
        return _size(batch[0]) if batch else None
    shape = getattr(batch, "shape", None)
    return int(shape[0]) if shape is not None and len(shape) and shape[0] is not None else None
