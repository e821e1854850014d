"""Other batches of a dataset that came with a model: what is right for the first need not be for a later one."""

import time

from bnregress.suite.inspection.moves import moved_since, names_by_layer
from bnregress.suite.inspection.restoring import restored
from bnregress.suite.inspection.steps import Steps
from bnregress.suite.inspection.whole import losses_differ
from bnregress.suite.wording import in_one_line, listed

#: Seconds after which no further batch is looked at.
SECONDS = 10.0


def look_at_others(world, others, found, compiled, variables):
    """Take a training and an evaluation step on each; returns the numbers of the batches that were looked at.

    Args:
        world: where the model lives.
        others: pairs of the number of a batch and a function that makes the
            `bnregress.suite.inspection.synthetic_inputs.Batch`, with targets.
        found: `bnregress.suite.inspection.measuring.Measured`, which gets what is found.
        compiled: `bnregress.suite.inspection.compiled.CompiledSteps`.
        variables: of the model, put back afterwards.
    """
    looked_at, began = [], time.monotonic()
    # The last one first: it may be a smaller one.
    for number, make in reversed(others):
        if time.monotonic() - began > SECONDS or found.moved is None:
            break
        try:
            with restored(world, variables):
                batch = make()
            compared = _look_at(world, batch, "on batch {} of the dataset: ".format(number), found, compiled, variables)
        except Exception as error:
            reason = "the model's steps fail on batch {} of the dataset: {}"
            found.unseen.append(reason.format(number, in_one_line(error)))
        else:
            looked_at += [number] * compared
    return sorted(looked_at)


def _look_at(world, batch, on, found, compiled, variables):
    """Whether the losses could be compared, beside what moves."""
    steps = Steps(world, batch)
    with restored(world, variables) as before:
        train = steps.train()
        more = moved_since(world, variables, before) - found.changed - found.harmless
    if more:
        names = names_by_layer(found, more)
        found.changed |= more
        found.moved = names_by_layer(found, found.changed)
        kept = [name for part in found.parts if part.kept for name in names[id(part.layer)]]
        if kept:
            found.notes.append(
                "{}a training step moves {}, which none on the first batch does".format(on, listed(kept))
            )
    if found.compiled is not None:
        return True
    if found.whole and not compiled.is_new:
        with restored(world, variables):
            test = steps.test()
        if not losses_differ(found, train, test):
            return True
        if not compiled.can_hold:
            reason = "{}a training step computes another loss ({:.6g}) than an evaluation ({:.6g})"
            found.unseen.append(reason.format(on, train, test))
            return True
    if compiled.can_hold:
        compiled.hold(batch, on)
    return compiled.can_hold
