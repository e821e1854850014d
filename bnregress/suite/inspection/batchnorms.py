"""Each BatchNorm of a model: is it frozen, and if so, does it behave so when its owner's steps run."""

import warnings
from functools import partial

from bnregress.suite.inspection import steps, verdicts, which_keras
from bnregress.suite.inspection.cure_trials import offer_cures
from bnregress.suite.inspection.datasets import sample_of
from bnregress.suite.inspection.held import variables_in
from bnregress.suite.inspection.measuring import measure
from bnregress.suite.inspection.moves import own_statistics
from bnregress.suite.inspection.outside import layers_called, parts_outside
from bnregress.suite.inspection.restoring import (
    attributes_restored,
    compiled_objects,
    randomness_restored,
    restored,
)
from bnregress.suite.inspection.runtimes import runtime_of
from bnregress.suite.inspection.synthetic_inputs import batch_for, is_large
from bnregress.suite.inspection.traced import like_traced
from bnregress.suite.inspection.variables import held_directly, own_name, world_of
from bnregress.suite.inspection.walk import parts_of
from bnregress.suite.wording import listed


class Inspection:
    """What is known of a model.

    Attributes:
        layers: list of dicts as `bnregress.suite.inspection.verdicts.layer_verdict` makes them.
        warnings: sentences that come first: what is frozen in part, most likely by accident.
        notes: sentences that explain.
        unseen: sentences on what could not be measured; with one of them nothing is sound.
    """

    def __init__(self):
        self.layers, self.warnings, self.notes, self.unseen = [], [], [], []


def inspect_model(framework, model, batch=None, tell=lambda _: None, rebuild=None):
    """Judge every BatchNorm of a model by the model's own training and evaluation steps, and put everything back.

    Args:
        framework: `bnregress.suite.framework.Framework`.
        model: a Keras model.
        batch: inputs as the model takes them, a pair of inputs and targets, or a dataset; None to make inputs.
        tell: told in a few words what is being done.
        rebuild: builds the model anew and returns it with its batch, for cures to be tried on; None if only a copy
            can be made.

    Returns:
        the `Inspection`.

    Raises:
        Problem: the model cannot be run.
    """
    framework = which_keras.through_own_keras(framework, model)
    with warnings.catch_warnings(), randomness_restored(runtime_of(framework)):
        # What running a model in this way may warn of is none of its owner's doing.
        warnings.simplefilter("ignore")
        found, world = _inspect(framework, model, batch, tell)
        with world.inside():
            offer_cures(framework, world, batch, rebuild, found, _judging_copies(framework), tell)
        return found


def _judging_copies(framework):
    return lambda model, batch: _inspect(framework, model, batch, lambda _: None)[0]


def _inspect(framework, model, given, tell):
    found, sample = Inspection(), sample_of(given)
    given, more = sample.batches[0][1], sample.batches[1:]
    was_traced = getattr(model, "train_function", None) is not None
    world = world_of(framework, model, parts_of(model))
    tell("running the model")
    with world.inside(), steps.one_step_a_call(world) as changed:
        if changed and was_traced:
            found.unseen.append(steps.TRACED_FOR_SEVERAL)
        with restored(world, variables_in(world, parts_of(model))):
            # A subclassed model has its layers only after it was run.
            batch, outputs = batch_for(world.runtime, model, given, _forward(world))
        parts = parts_of(model)
        traced = like_traced(world.runtime, model, batch)
        if traced is not batch:
            batch, outputs = batch_for(world.runtime, model, traced.as_given(), _forward(world))
        objects = compiled_objects(model)
        held = variables_in(world, parts, objects)
        with attributes_restored([part.layer for part in parts] + objects), restored(world, held):
            if not _is_worth_it(parts):
                return found, world
            if not steps.is_compiled(model):
                steps.compile_plainly(world)
                found.notes.append(steps.NOT_COMPILED)
            moving = variables_in(world, parts, compiled_objects(model))
            with restored(world, moving), layers_called(world, parts) as called:
                batch = steps.as_traced(world, steps.with_targets(world, batch, outputs))
            outside = parts_outside(called, parts)
            if outside:
                reason = "the model's own step calls {}, which no layer of the model holds: looked at as well"
                found.notes.append(reason.format(listed([part.name for part in outside if part.parent is None])))
            others = [(number, partial(_other_batch, world, batch, each)) for number, each in more]
            measured = measure(world, parts + outside, batch, tell, was_traced, others)
            if not (sample.whole and len(measured.batches) == len(sample.batches)):
                reason = "of the dataset, batches {} were looked at: what others do is not known"
                if len(measured.batches) == 1:
                    reason = "of the dataset, the first batch was looked at: what others do is not known"
                found.notes.append(reason.format(listed(map(str, measured.batches), most=8)))
            return _judged(found, measured, world), world


def _other_batch(world, first, given):
    """A further batch of a dataset, with targets, to be taken as the first one was."""
    batch, outputs = batch_for(world.runtime, world.model, given, _forward(world))
    batch = steps.with_targets(world, batch, outputs)
    return batch.through_fit() if first.by_fit else batch


def _is_worth_it(parts):
    return any(
        part.batchnorm
        or which_keras.is_closed(part.layer)
        or (part.parent is not None and which_keras.is_own(part.layer))
        for part in parts
    )


def _judged(found, measured, world):
    judged = [part for part in measured.parts if part.batchnorm or _must_stay_and_does_not(part, measured)]
    judged.sort(key=lambda part: not part.batchnorm)
    found.layers = [
        dict(verdicts.layer_verdict(part, measured, world), place=measured.parts.index(part)) for part in judged
    ]
    found.notes += measured.notes
    found.unseen += measured.unseen
    closed = [part.name or "the model itself" for part in measured.parts if which_keras.is_opaque(part.layer)]
    if closed:
        same = "; as a whole they do the same in both modes" if measured.whole and not measured.unseen else ""
        found.notes.append("what is inside of {} cannot be seen{}".format(listed(closed), same))
    found.warnings += verdicts.trained_by_wrappers(measured)
    drifting = verdicts.untrained(measured)
    if drifting:
        reason = (
            "a training step trains nothing of what is around {}, which {} not frozen and in training {} the batch:"
            " set `trainable = False` there too"
        )
        words = ("is", "follows") if len(drifting) == 1 else ("are", "follow")
        found.warnings.append(reason.format(listed(drifting, most=6), *words))
    amid = [name for name in verdicts.amid_frozen(measured) if name not in drifting]
    if amid:
        reason = (
            "{} {} not frozen amid frozen layers, and in training {} the batch: freeze {} too, if that was intended"
        )
        one = len(amid) == 1
        words = ("is", "follows", "it") if one else ("are", "follow", "them")
        found.warnings.append(reason.format(listed(amid, most=6), *words))
    return found


def _must_stay_and_does_not(part, measured):
    """Whether a layer that is no BatchNorm is frozen and trains, or follows the batch, all the same."""
    if not part.kept or part.parent is None:
        return False
    moved = set((measured.moved or {}).get(id(part.layer), ()))
    wrapped = set(verdicts.handed_to_be_trained(part))
    return id(part.layer) in measured.following or bool((moved & _kept_names(part)) - wrapped)


def _kept_names(part):
    """Names of the variables that would train if the layer were not frozen, and of what a layer of one's own keeps."""
    kept = held_directly(part.layer, "_trainable_weights", "_trainable_variables")
    if which_keras.is_own(part.layer):
        kept += own_statistics(part)
    return {own_name(variable) for variable in kept}


def _forward(world):
    """Run the model once in inference mode, as its owner would."""
    model, runtime = world.model, world.runtime
    if world.graph is not None:
        return model.predict_on_batch

    def forward(inputs):
        # Compiled, what a layer gave is let go of; Keras 3 keeps all of it otherwise.
        large = getattr(model, "inputs", None) and is_large(inputs)
        run = runtime.compiled(model) if large else partial(model, training=False)
        return run(runtime.tensors(inputs))

    return forward
