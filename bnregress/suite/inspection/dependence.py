"""What depends on a variable that training moves: a counter that nothing reads harms nobody, one that is read does."""

import contextlib

import numpy as np

from bnregress.suite.inspection.restoring import restored, same
from bnregress.suite.inspection.variables import raw
from bnregress.suite.inspection.whole import losses_differ

#: What numbers are set to: the first shows in all that is computed from it, the others where it is compared.
_FLOATS = (np.nan, 1e6, -1e6)
_INTEGERS = (10**6, 0)
#: Divided by each whole number up to 10, and by most round ones up to 1000: what is done every so many steps is due.
DUE = 2016000
#: Variables that are tried one by one.
_SINGLY = 16


class Dependence:
    """Runs steps from other values of some variables.

    Args:
        found: `bnregress.suite.inspection.measuring.Measured`.
        steps: `bnregress.suite.inspection.steps.Steps`.
        variables: every variable that the steps may move, those of optimizers and metrics too; put back.
        watched: variables of which it is told whether a training step moves them.
    """

    def __init__(self, found, steps, variables, watched):
        self._found, self._steps, self._world = found, steps, steps.world
        self._variables, self._watched = variables, watched
        self._plain = None

    def harmless(self, moved):
        """Of variables that training moves, `id(variable)` of those on which nothing depends; a set.

        That is: from whatever value of theirs, an evaluation and a training step report the same loss, and the
        training step moves the same. Of what may be the state of a random generator the evaluation alone is asked.
        What cannot be tried counts as harmful.

        Args:
            moved: list of (variable, value after training).
        """
        seeds = [pair for pair in moved if _may_be_seed(pair[1])]
        others = [pair for pair in moved if not _may_be_seed(pair[1])]
        return self._harmless(seeds, 1) | self._harmless(others, 3)

    def _harmless(self, moved, figures):
        if not moved or not self._matters(moved, figures):
            return {id(variable) for variable, _ in moved}
        if len(moved) == 1 or len(moved) > _SINGLY:
            return set()
        return {id(pair[0]) for pair in moved if not self._matters([pair], figures)}

    def when_due(self, counters):
        """`id(variable)` of what a training step moves once the counters stand such that all that is periodic is due.

        Args:
            counters: single numbers that training moves.
        """
        late = set()
        for value in (DUE - 1, DUE):
            late |= self._run([(each, _filled(self._world, each, value)) for each in counters])[2]
        return late

    def _matters(self, moved, figures):
        if any(np.asarray(value).dtype.kind in "bSUO" for _, value in moved):
            return True
        if self._plain is None:
            self._plain = [self._run([]) for _ in range(2)]
        if not any(map(_is_finite, self._plain[0][: min(figures, 2)])):
            # Nothing can be told by a loss that is not finite anyway, or by none; a generator's state moves by design.
            return figures > 1
        # Numbers that are random between two runs alike tell of nothing but whether they are finite.
        places = range(max(len(_FLOATS), len(_INTEGERS)))
        others = [[(each, _other(self._world, each, place)) for each, _ in moved] for place in places]
        tries = [moved, *others]
        return any(self._apart(self._run(values), figures) for values in tries)

    def _apart(self, told, figures):
        first, second = self._plain
        for here, one, other in list(zip(told, first, second))[: min(figures, 2)]:
            if _is_finite(here) != _is_finite(one):
                return True
            if not losses_differ(self._found, one, other) and losses_differ(self._found, here, one):
                return True
        return figures > 2 and bool(told[2] - first[2] - second[2])

    def _run(self, values):
        """(loss of an evaluation, loss of a training step, `id(variable)` of what this moves) from other values.

        A loss is None if its step fails.
        """
        losses, changed = [], set()
        for step in (self._steps.test, self._steps.train):
            with restored(self._world, self._variables):
                self._world.write([each for each, _ in values], [value for _, value in values])
                before, loss = self._world.read(self._watched), None
                with contextlib.suppress(Exception):
                    loss = step()
                losses.append(loss)
                after = self._world.values(self._watched)
                changed = {id(each) for each, *pair in zip(self._watched, before, after) if not same(*pair)}
        return losses[0], losses[1], changed


def _other(world, variable, place):
    dtype = np.asarray(world.read([variable])[0]).dtype
    values = _INTEGERS if dtype.kind in "iu" else _FLOATS
    return _filled(world, variable, values[place % len(values)])


def _filled(world, variable, value):
    now = np.asarray(world.read([variable])[0])
    if now.dtype.kind in "iu":
        limits = np.iinfo(now.dtype)
        value = min(max(int(value), limits.min), limits.max)
    return np.full(now.shape, value, now.dtype)


def is_number(variable):
    """Whether a variable is a single number, as counters are."""
    return not len(variable.shape) and any(kind in str(raw(variable).dtype) for kind in ("int", "float"))


def _may_be_seed(value):
    return np.ndim(value) > 0 and np.asarray(value).dtype.kind in "iu"


def _is_finite(value):
    return value is not None and bool(np.isfinite(value))
