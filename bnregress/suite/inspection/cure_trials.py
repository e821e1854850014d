"""Cures are tried on a copy of the model, by the measurement that judged the model itself, before they are offered."""

import contextlib

from bnregress.suite.inspection import verdicts
from bnregress.suite.inspection.cures import Trial, compile_like, copy_flags, ways
from bnregress.suite.inspection.steps import is_compiled
from bnregress.suite.inspection.walk import parts_of
from bnregress.suite.inspection.which_keras import is_own


def offer_cures(framework, world, given, rebuild, found, judge, tell):
    """Give every affected layer the first way of curing after which the copy is sound, or say that none was.

    Args:
        framework: `bnregress.suite.framework.Framework` through the model's own Keras.
        world: where the model lives.
        given: the batch as its owner gave it, or None.
        rebuild: builds the model anew and returns it with its batch; None if only a copy can be made.
        found: `bnregress.suite.inspection.batchnorms.Inspection`, whose layers get their cure.
        judge: takes a model and a batch and returns an `Inspection`.
        tell: told in a few words what is being done.
    """
    affected = [row for row in found.layers if row["verdict"] == verdicts.AFFECTED]
    places = {row["place"] for row in affected}
    if not affected:
        return
    trial = Trial(
        framework,
        world.graph is not None,
        world.model,
        lambda: _copy(framework, world, given, rebuild),
        lambda model: [part.layer for place, part in enumerate(parts_of(model)) if place in places],
    )
    if not trial.layers:
        for row in affected:
            row["cure"] = "none was tried: no layer of the model holds it, so a copy cannot be changed"
        return
    release = framework.name
    failed, normal = [], sum(row["evidence"]["training_statistics"] is not None for row in found.layers)
    for way in ways():
        tell("trying a cure: {}".format(way.__name__.replace("_", " ")))
        words, cures = _try(way, trial, judge, normal)
        if cures:
            for row in affected:
                row["cure"] = "{} (tried on a copy in {}: it is then sound)".format(words, release)
            return
        if words:
            failed.append(words)
    for row in affected:
        row["cure"] = _none(failed, release)


def _try(way, trial, judge, normal):
    """(words, whether the copy is sound, with as many BatchNorms); (None, False) if the way does not apply."""
    words = None
    with contextlib.suppress(Exception):
        tried = way(trial)
        if tried is None:
            return None, False
        words, copy, batch = tried
        return words, _is_sound(judge(copy, batch), normal)
    return words, False


def _is_sound(found, normal):
    words = {row["verdict"] for row in found.layers}
    if sum(row["evidence"]["training_statistics"] is not None for row in found.layers) < normal:
        # What the copy's steps do not call any more is not cured.
        return False
    return verdicts.SOUND in words and not words & {verdicts.AFFECTED, verdicts.UNDECIDED} and not found.unseen


def _none(failed, release):
    tried = "; ".join(failed) if failed else "the model could not be copied to try one"
    return "none is known: tried on a copy in {}, without success: {}".format(release, tried)


def _copy(framework, world, given, rebuild):
    if rebuild is not None:
        model, batch = rebuild()
        if model is not world.model:
            return model, batch
    own = {type(part.layer).__name__: type(part.layer) for part in parts_of(world.model) if is_own(part.layer)}
    with framework.keras.utils.custom_object_scope(own):
        model = framework.keras.models.clone_model(world.model)
    model.set_weights(world.model.get_weights())
    copy_flags(world.model, model)
    if is_compiled(world.model):
        compile_like(world.model, model)
    return model, given
