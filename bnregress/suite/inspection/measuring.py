"""What a model's own steps do: what they move, what they compute, and what each layer does in them."""

import contextlib

import numpy as np

from bnregress.suite import tolerances
from bnregress.suite.inspection import one_call, which_keras
from bnregress.suite.inspection.graphs import Graph
from bnregress.suite.inspection.layer_calls import Seen, Watch
from bnregress.suite.inspection.restoring import restored, same
from bnregress.suite.inspection.steps import Steps, own_train_step
from bnregress.suite.inspection.variables import own_name, unique, variables_of
from bnregress.suite.wording import in_one_line, listed

#: Steps after which is looked at what moved: a rate that warms up moves nothing in the first.
STEPS = 3


class Measured:
    """What was measured of a model.

    Attributes:
        parts: of `bnregress.suite.inspection.walk.parts_of`.
        moved: names of the variables that training steps move, by `id(layer)`; None if there was no training step.
        training: `Seen` of a training step.
        testing: `Seen` of an evaluation step.
        losses: (training, evaluation) of the compiled steps before anything moves; None for one that is not reported.
        stale: the compiled training step computes something else than the same step on today's flags.
        whole: whether a training step computes what an evaluation step does, with what is random or not frozen in
            inference mode; None if the two cannot be compared.
        following: layers without a BatchNorm's names that follow the batch in training; a set of `id(layer)`.
        explained: layers that behave otherwise in training for a reason that was seen.
        notes: sentences that explain.
        unseen: sentences on what could not be measured; with one of them nothing is sound.
    """

    def __init__(self, parts):
        self.parts = parts
        self.moved, self.losses, self.stale, self.whole = None, (None, None), False, None
        self.training, self.testing = Seen(), Seen()
        self.following, self.explained, self.notes, self.unseen = set(), [], [], []


def measure(world, parts, batch, tell):
    """Run the model's own steps and return what was `Measured`; the variables are put back.

    Args:
        world: where the model lives.
        parts: of `bnregress.suite.inspection.walk.parts_of`.
        batch: `bnregress.suite.inspection.synthetic_inputs.Batch` with targets.
        tell: told in a few words what is being done.
    """
    found = Measured(parts)
    steps = Steps(world, batch)
    tell("the model's own training and evaluation steps")
    _run_compiled(world, steps, found)
    tell("looking at {} BatchNorm layers in them".format(sum(part.batchnorm for part in parts)))
    make = _graph_runner if world.graph is not None else _eager_runner
    _look_at_layers(world, make(world, batch), found)
    _look_at_batch(world, make, batch, found)
    return found


def variables_in(world, parts, objects=()):
    """Every variable that running the model may move, once each.

    Args:
        world: where the model lives.
        parts: of `bnregress.suite.inspection.walk.parts_of`.
        objects: optimizers and metrics.
    """
    held = [variable for part in parts for variable in _all_of(part.layer)]
    return unique(held + [variable for each in objects for variable in variables_of(each)])


def _all_of(layer):
    """Variables of a layer, from its attributes too: a wrapper may take some from its lists."""
    held = [value for value in list(vars(layer).values()) if hasattr(value, "assign") and hasattr(value, "shape")]
    return unique(variables_of(layer) + held)


def _run_compiled(world, steps, found):
    variables = variables_in(world, found.parts)
    test = train = None
    with restored(world, variables):
        try:
            test = steps.test()
        except Exception as error:
            if not own_train_step(world.model):
                found.unseen.append("the model's evaluation step fails: {}".format(in_one_line(error)))
    with restored(world, variables) as before:
        try:
            train = steps.train()
            for _ in range(STEPS - 1):
                steps.train()
        except Exception as error:
            found.unseen.append("the model's training step fails: {}".format(in_one_line(error)))
        else:
            changed = {
                id(variable) for variable, *pair in zip(variables, before, world.read(variables)) if not same(*pair)
            }
            found.moved = {id(part.layer): _names(_all_of(part.layer), changed) for part in found.parts}
            _require_movement(world, changed, found)
    found.losses = (train, test)
    if test is not None and np.isfinite(test):
        with restored(world, variables):
            after = steps.test()
        if after is None or abs(after - test) > _loss_tolerance(found) * max(abs(test), 1e-30):
            found.unseen.append(
                "training steps change something that is in no layer of the model: with every variable put back, "
                "an evaluation gives a loss of {:.6g} instead of {:.6g}".format(after, test)
            )


def _names(variables, changed):
    return [own_name(variable) for variable in variables if id(variable) in changed]


def _require_movement(world, changed, found):
    """A training step that moves nothing proves nothing."""
    with contextlib.suppress(Exception):
        trained = unique(world.model.trainable_weights)
        if trained and not any(id(variable) in changed for variable in trained):
            found.unseen.append(
                "{} training steps change no trainable variable, so they do not show what stays frozen: is the"
                " learning rate 0, "
                "or the gradient?".format(STEPS)
            )


def _loss_tolerance(found):
    return tolerances.unmeasured("float32", max(100, len(found.parts)))


def _eager_runner(world, batch):
    steps = Steps(world, batch)

    def run(looked_at, muted, training, twice=False):
        with restored(world, variables_in(world, [])):
            return Watch(world, looked_at, muted, twice).run(steps.train if training else steps.test)

    return run


def _graph_runner(world, batch):
    graph = Graph(world, batch)

    def run(looked_at, muted, training, twice=False):
        return graph.run(looked_at, muted, training)

    return run


def _look_at_layers(world, run, found):
    batchnorms = [part.layer for part in found.parts if part.batchnorm]
    muted = [part.layer for part in found.parts if _meant_to_differ(part)]
    variables = variables_in(world, found.parts)
    for training in (True, False):
        try:
            with restored(world, variables):
                seen = run(batchnorms, muted, training)
        except Exception as error:
            if training or not own_train_step(world.model):
                reason = "the model's {} step cannot be watched: {}"
                found.unseen.append(reason.format("training" if training else "evaluation", in_one_line(error)))
            continue
        if training:
            found.training = seen
        else:
            found.testing = seen
    found.whole = _same_whole(world, found.training, found.testing, found)
    if found.whole and not muted and not own_train_step(world.model):
        found.stale = _differ(found, *found.losses)
    if not found.whole:
        _explain(world, run, found, muted, variables)


def _look_at_batch(world, make, batch, found):
    """Hold the first sample of the model's output in its batch against it among copies of itself."""
    hiding = [part.name or "the model itself" for part in found.parts if _may_mix(part)]
    if not hiding:
        # Each BatchNorm was looked at so, and the framework's other layers do not mix samples.
        return
    names = listed(hiding)
    if batch.samples is None or batch.samples < 2:
        found.unseen.append("a batch of one sample does not show whether {} mix samples: give more".format(names))
        return
    muted = [part.layer for part in found.parts if _meant_to_differ(part)] + found.explained
    variables = variables_in(world, found.parts)

    def outputs(given, training):
        with restored(world, variables):
            return make(world, given)([], muted, training).outputs

    # A training step of your own may give the model something else in each run, as images turned at random.
    modes_seen = [(True, found.training.outputs)] if found.whole else []
    for training, seen in [*modes_seen, (False, found.testing.outputs)]:
        if not seen or _mixed_by_batchnorms(found):
            continue
        together = outputs(batch, training) if training and found.explained else seen
        pairs = list(zip(together, outputs(batch.copies(), training)))
        mixed = [pair for pair in pairs if np.ndim(pair[0]) and len(pair[0]) == batch.samples]
        figure = one_call.first_sample([array for array, _ in mixed], [array for _, array in mixed])
        if figure["deviation"] > figure["tolerance"] * 16:
            reason = "a sample's output depends on what else is in its batch in {}, and what {} do there cannot be seen"
            found.unseen.append(reason.format("training" if training else "evaluation", names))
            return


def _may_mix(part):
    """Whether a layer computes with code that is not the framework's, and so may do anything with a batch."""
    return which_keras.is_closed(part.layer) or (which_keras.is_own(part.layer) and not part.batchnorm)


def _mixed_by_batchnorms(found):
    looks = [*found.training.looks.values(), *found.testing.looks.values()]
    return bool(found.following) or any(one_call.differs(look.batch) for each in looks for look in each)


def _meant_to_differ(part):
    """Whether nothing is wrong with a layer that behaves otherwise in training."""
    return (part.batchnorm and not part.kept) or which_keras.is_random(part.layer)


def _same_whole(world, training, testing, found):
    figures = []
    if training.outputs is not None and testing.outputs is not None and len(training.outputs) == len(testing.outputs):
        figures.append(one_call.compare(training.outputs, testing.outputs))
        if not figures[0]["finite"]:
            found.unseen.append("the model's output is not finite on this batch")
    equal = bool(figures) and not any(figure["deviation"] > figure["tolerance"] * 16 for figure in figures)
    if own_train_step(world.model):
        # It may give the model something else than what came, as an image and its mirror.
        return True if equal else None
    if training.loss is not None and testing.loss is not None:
        return equal and not _differ(found, training.loss, testing.loss)
    return equal if figures else None


def _differ(found, one, other):
    if one is None or other is None or not (np.isfinite(one) and np.isfinite(other)):
        return False
    return abs(one - other) > _loss_tolerance(found) * max(abs(one), abs(other))


def _explain(world, run, found, muted, variables):
    """Find which layers but the BatchNorms make the difference, if there is one."""
    explained = [] if world.graph is not None else _judge_others(world, run, found, muted, variables)
    found.explained = explained
    if explained and found.whole is False:
        with restored(world, variables):
            again = run([], [*muted, *explained], True)
        found.whole = _same_whole(world, again, found.testing, found)
    if found.whole is False and not found.following and not _explained_by_batchnorms(found):
        found.unseen.append(
            "a training step computes something different from an evaluation (losses {} and {}), and no layer"
            " that can be "
            "seen explains it".format(*found.losses)
        )


def _judge_others(world, run, found, muted, variables):
    """Look at every layer that may hide something; returns those that explain why the modes differ."""
    gone = {id(layer) for layer in muted} | {id(part.layer) for part in found.parts if part.batchnorm}
    others = [part for part in found.parts[1:] if id(part.layer) not in gone and _may_hide(part)]
    try:
        with restored(world, variables):
            seen = run([part.layer for part in others], muted, True, twice=True)
    except Exception as error:
        found.unseen.append("the model's training step cannot be watched: {}".format(in_one_line(error)))
        return []
    return [part.layer for part in others if _explains(part, seen, found)]


def _may_hide(part):
    return part.leaf or which_keras.is_own(part.layer)


def _explained_by_batchnorms(found):
    """Whether a frozen BatchNorm is the reason, which its own verdict says."""
    kept = [id(part.layer) for part in found.parts if part.batchnorm and part.kept]
    return any(one_call.differs(look.modes) for place in kept for look in found.training.looks.get(place, []))


def _explains(part, seen, found):
    """Whether a layer that is no BatchNorm is seen to behave otherwise in training, with a reason; says so."""
    layer = part.layer
    if id(layer) in seen.blind and which_keras.is_closed(layer):
        found.unseen.append("what is inside of {} cannot be seen: {}".format(part.name, seen.blind[id(layer)]))
    looks = seen.looks.get(id(layer), [])
    if not any(one_call.differs(look.modes) for look in looks):
        return False
    if which_keras.is_closed(layer):
        reason = (
            "what is inside of {} cannot be seen, and it computes something different in training and in evaluation"
        )
        found.unseen.append(reason.format(part.name))
    elif any(look.random for look in looks):
        found.notes.append("{} is random in training, and was left out".format(part.name))
        return True
    elif part.leaf and variables_of(layer) and any(one_call.differs(look.batch) for look in looks):
        if part.kept:
            found.following.add(id(layer))
        else:
            found.notes.append("{} follows the batch in training, and is not frozen".format(part.name))
            return True
    elif found.moved and found.moved[id(layer)]:
        moved = listed(found.moved[id(layer)])
        found.notes.append("{} behaves differently in training, where its {} change".format(part.name, moved))
        return True
    elif found.whole is None:
        found.unseen.append("{} computes something different in training, and nothing explains it".format(part.name))
    return False
