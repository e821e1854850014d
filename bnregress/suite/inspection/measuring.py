"""What a model's own steps do: what they move, what they compute, and what each layer does in them."""

import contextlib

import numpy as np

from bnregress.suite.inspection import one_call, which_keras
from bnregress.suite.inspection.compiled import look_at_compiled, look_at_trace
from bnregress.suite.inspection.explaining import explain
from bnregress.suite.inspection.graphs import Graph
from bnregress.suite.inspection.held import known_variables, variables_in
from bnregress.suite.inspection.layer_calls import Seen, Watch
from bnregress.suite.inspection.more_batches import look_at_others
from bnregress.suite.inspection.moves import moved_since, names_by_layer, weigh_moves
from bnregress.suite.inspection.restoring import attributes_of, compiled_objects, restored, same
from bnregress.suite.inspection.steps import Steps
from bnregress.suite.inspection.variables import unique
from bnregress.suite.inspection.whole import losses_differ, meant_to_differ, same_whole, silenced
from bnregress.suite.wording import in_one_line, listed

OTHER_BATCH = (
    "the model was trained before on batches of another size or kind, and a step that was compiled for these may "
    "compute something else: return a batch like them with the model, or compile it again"
)
#: Steps after which is looked at what moved: a rate that warms up moves nothing in the first.
STEPS = 3
#: The same if the training step is the owner's, which may train a part of the model every few steps only.
STEPS_OF_OWN = 12
#: Steps after which a model is given up that nothing trainable moved in: gradients may be gathered over many.
MOST_STEPS = 64


class Measured:
    """What was measured of a model.

    Attributes:
        parts: of `bnregress.suite.inspection.walk.parts_of`.
        moved: names of the variables that training steps move, by `id(layer)`; None if there was no training step.
        taken: training steps that were taken for it.
        batches: numbers of the batches of a dataset that were looked at.
        changed: `id(variable)` of each of them, a set.
        hidden: training changes what cannot be put back, so that two steps cannot be held against each other.
        harmless: `id(variable)` of what moves and is left out of it, because nothing depends on it.
        changed_by_test: the same of an evaluation step.
        moved_by_test: as `moved`, of an evaluation step.
        smaller: (number of samples, `Seen` of a training step) of smaller batches.
        stale_of_some: (training, evaluation) losses of the compiled steps on a part of the batch, if they differ.
        compiled: a sentence on what the frozen layers do in the compiled training step alone; None for nothing.
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
        self.changed, self.changed_by_test, self.moved_by_test = set(), set(), {}
        self.smaller, self.stale_of_some = [], None
        self.compiled = None
        self.taken, self.harmless, self.hidden, self.batches = 0, set(), False, [1]
        self.training, self.testing = Seen(), Seen()
        self.following, self.explained, self.notes, self.unseen = set(), [], [], []


def measure(world, parts, batch, tell, was_traced=False, others=()):
    """Run the model's own steps and return what was `Measured`; the variables are put back.

    Args:
        world: where the model lives.
        parts: of `bnregress.suite.inspection.walk.parts_of`.
        batch: `bnregress.suite.inspection.synthetic_inputs.Batch` with targets.
        tell: told in a few words what is being done.
        was_traced: whether the model came with a training step that was made before.
        others: further batches, see `bnregress.suite.inspection.more_batches.look_at_others`.
    """
    world.strays = world.runtime.strays(known_variables(world, parts)) if world.graph is None else []
    with restored(world, world.strays):
        return _measured(world, parts, batch, tell, was_traced, others)


def _measured(world, parts, batch, tell, was_traced, others):
    found = Measured(parts)
    steps = Steps(world, batch)
    tell("the model's own training and evaluation steps")
    _run_compiled(world, steps, found)
    tell("looking at {} BatchNorm layers in them".format(sum(part.batchnorm for part in parts)))
    make = _graph_runner if world.graph is not None else _eager_runner
    variables = variables_in(world, parts)
    with silenced(parts) as silent:
        looked_at = _to_look_at(world, make, batch)
        _look_at_layers(world, make(world, looked_at), found, silent)
        _look_at_batch(world, make, looked_at, found)
        _look_at_smaller(world, make, batch, looked_at, found, silent)
        tell("the compiled steps")
        compiled = look_at_compiled(world, batch, found, silent, variables)
        if others:
            tell("other batches of the dataset")
            found.batches += look_at_others(world, others, found, compiled, variables)
    if was_traced and not (found.stale or found.hidden):
        look_at_trace(world, batch, found, variables)
    return found


def _look_at_smaller(world, make, batch, looked_at, found, silent):
    """A sample alone, and some of the batch: what is right for a whole batch need not be for the last one."""
    if batch.samples is None or batch.by_fit:
        return
    muted = [part.layer for part in found.parts if meant_to_differ(part)]
    variables = variables_in(world, found.parts)
    batchnorms = [part.layer for part in found.parts if part.batchnorm]
    for size in sorted({1, looked_at.samples // 2 + 1} - {looked_at.samples}):
        # A model may be made for one size of batch, or an own step for more than one sample.
        with contextlib.suppress(Exception), restored(world, variables):
            found.smaller.append((size, make(world, looked_at.resized(size))(batchnorms, muted, True)))
    if (
        found.whole
        and not (muted or silent or found.hidden)
        and not found.explained
        and not which_keras.own_train_step(world.model)
        and batch.samples > 2
    ):
        steps = Steps(world, batch.resized(batch.samples // 2 + 1))
        with contextlib.suppress(Exception):
            losses = []
            for step in (steps.train, steps.test):
                with restored(world, variables):
                    losses.append(step())
            found.stale_of_some = tuple(losses) if losses_differ(found, *losses) else None


def _to_look_at(world, make, batch):
    """The batch, or a smaller one on which the model runs as well."""
    smaller = batch.to_look_at()
    strategy = getattr(world.model, "distribute_strategy", None)
    if smaller is batch or world.graph is not None or getattr(strategy, "num_replicas_in_sync", 1) > 1:
        return batch
    try:
        make(world, smaller)([], [], False)
    except Exception:
        return batch
    return smaller


def _run_compiled(world, steps, found):
    variables = variables_in(world, found.parts)
    test = again = train = None
    with restored(world, variables) as before:
        try:
            test = steps.test()
            found.changed_by_test = moved_since(world, variables, before)
        except Exception as error:
            if not which_keras.own_train_step(world.model):
                found.unseen.append("the model's evaluation step fails: {}".format(in_one_line(error)))
    if test is not None:
        with restored(world, variables), contextlib.suppress(Exception):
            again = steps.test()
    with restored(world, variables) as before:
        try:
            train = _train(world, steps, found)
        except Exception as error:
            meaning = world.runtime.told(error)
            reason = "the model's training step fails: {}".format(in_one_line(error))
            found.unseen.append("{} ({})".format(reason, meaning) if meaning else reason)
        else:
            if world.retraced:
                found.unseen.append(OTHER_BATCH)
            found.changed = moved_since(world, variables, before)
            found.moved = names_by_layer(found, found.changed)
            moved = [each for each in variables if id(each) in found.changed]
            after = dict(zip(map(id, moved), world.values(moved)))
    if found.moved is not None:
        weigh_moves(world, steps, found, variables, after)
    found.moved_by_test = names_by_layer(found, found.changed_by_test - found.harmless)
    _run_own_fit(world, steps, found, variables)
    found.losses = (train, test)
    if losses_differ(found, test, again):
        found.notes.append(
            "an evaluation is random: twice the same gives losses of {:.6g} and {:.6g}".format(test, again)
        )
    elif test is not None and np.isfinite(test):
        with restored(world, variables):
            after = steps.test()
        found.hidden = after is None or losses_differ(found, after, test)
        if found.hidden:
            found.unseen.append(
                "training steps change something that is in no layer of the model: with every variable put back, "
                "an evaluation gives a loss of {} instead of {:.6g}".format(after, test)
            )


def _run_own_fit(world, steps, found, variables):
    """What the owner's own `fit` moves is moved by training, whatever the single step does."""
    if not which_keras.own_fit(world.model) or found.moved is None:
        return
    put_back = attributes_of([part.layer for part in found.parts] + compiled_objects(world.model))
    with restored(world, variables) as before:
        try:
            steps.fit()
        except Exception as error:
            reason = "the model has a `fit` of its own, which fails on this batch: {}"
            found.unseen.append(reason.format(in_one_line(error)))
        else:
            found.changed |= moved_since(world, variables, before) - found.harmless
            found.moved = names_by_layer(found, found.changed)
            found.notes.append("the model has a `fit` of its own: what one epoch of it moves counts as well")
        finally:
            put_back()


def _train(world, steps, found):
    """Take training steps until something trainable has moved, and as many as it needs; returns the first loss."""
    watched = unique(world.model.trainable_weights)
    before = world.read(watched)
    least = STEPS_OF_OWN if which_keras.own_train_step(world.model) else STEPS
    first, taken, moved = None, 0, False
    while taken < least or (watched and not moved and taken < MOST_STEPS):
        loss = steps.train()
        first = loss if not taken else first
        taken += 1
        if taken >= least:
            moved = any(not same(*pair) for pair in zip(before, world.read(watched)))
    found.taken = taken
    if watched and not moved:
        # A training step that moves nothing proves nothing.
        found.unseen.append(
            "{} training steps change no trainable variable, so they do not show what stays frozen: is the"
            " learning rate 0, or the gradient?".format(taken)
        )
    return first


def _eager_runner(world, batch):
    steps = Steps(world, batch)

    def run(looked_at, muted, training, twice=False):
        return Watch(world, looked_at, muted, twice).run(steps.train if training else steps.test)

    return run


def _graph_runner(world, batch):
    graph = Graph(world, batch)

    def run(looked_at, muted, training, twice=False):
        return graph.run(looked_at, muted, training)

    return run


def _look_at_layers(world, run, found, silent):
    batchnorms = [part.layer for part in found.parts if part.batchnorm]
    muted = [part.layer for part in found.parts if meant_to_differ(part)]
    variables = variables_in(world, found.parts)
    for training in (True, False):
        try:
            with restored(world, variables):
                seen = run(batchnorms, muted, training)
        except Exception as error:
            if training or not which_keras.own_train_step(world.model):
                reason = "the model's {} step cannot be watched: {}"
                found.unseen.append(reason.format("training" if training else "evaluation", in_one_line(error)))
            continue
        if training:
            found.training = seen
        else:
            found.testing = seen
    found.whole = same_whole(world, found.training, found.testing, found)
    if found.whole and not (muted or silent or found.hidden or which_keras.own_train_step(world.model)):
        found.stale = losses_differ(found, *found.losses)
    if not found.whole:
        explain(world, run, found, muted, variables)


def _look_at_batch(world, make, batch, found):
    """Hold the first sample of the model's output in its batch against it among copies of itself."""
    unlisted = found.training.unlisted
    hiding = [part.name or "the model itself" for part in found.parts if _may_mix(part) or id(part.layer) in unlisted]
    if not hiding:
        # Each BatchNorm was looked at so, and the framework's other layers do not mix samples.
        return
    names = listed(hiding)
    if batch.samples is None or batch.samples < 2:
        reason = "a batch of one sample does not show whether {} mix samples: give more"
        if batch.samples is None:
            reason = "a batch of sparse or ragged tensors, or of several lengths, does not show whether {} mix samples"
        found.unseen.append(reason.format(names))
        return
    muted = [part.layer for part in found.parts if meant_to_differ(part)] + found.explained
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
