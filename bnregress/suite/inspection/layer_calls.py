"""What each layer is given and gives in every call of the model's own steps, seen while they run eagerly."""

import contextlib
import inspect

import numpy as np

from bnregress.suite.inspection import one_call, which_keras
from bnregress.suite.inspection.held import all_of
from bnregress.suite.inspection.outputs_let_go import outputs_let_go
from bnregress.suite.inspection.restoring import restored, same, same_draws
from bnregress.suite.inspection.variables import own_name
from bnregress.suite.wording import in_one_line


class Look:
    """One call of one layer.

    Attributes:
        modes: figures of the call as it was made against the same in inference mode; None if it has no mode.
        batch: figures of the first sample in its batch against it among copies of itself, of a random layer with the
            same draws; None for a single sample.
        from_batch: the output is normalised with the batch's own statistics.
        from_own: it is normalised with the layer's own statistics.
        tellable: this input would show the batch's statistics if they were used.
        random: the same call once more gives something else; None if it was not tried.
        biased: of a random layer, see `one_call.is_biased`.
    """

    def __init__(self, modes_figure, batch_figure, from_batch=False, from_own=False, tellable=True, random=None):
        self.modes, self.batch, self.from_batch, self.from_own = modes_figure, batch_figure, from_batch, from_own
        self.tellable, self.random, self.biased = tellable, random, False


class Seen:
    """What was seen of a model's steps.

    Attributes:
        looks: list of `Look` by `id(layer)`, for every layer that was called.
        blind: why calls of a layer could not be looked at, by `id(layer)`.
        outputs: what the model's own first call gave, a list of arrays; None if it was not called.
        loss: what the step reported.
        unlisted: layers, by `id(layer)`, that the graph contains and whose calls Keras did not write down: up to
            TensorFlow 1.13 and Keras 2.3 those within a model that is called as a layer.
    """

    def __init__(self):
        self.looks, self.blind, self.outputs, self.loss, self.unlisted = {}, {}, None, None, set()


class Watch:
    """Watches layers while a step runs.

    Args:
        world: `bnregress.suite.inspection.variables.EagerWorld`.
        looked_at: layers whose every call is looked at.
        muted: layers that are run in inference mode whatever the model says, so that others' input is the same in
            both modes.
        twice: each call is made once more, to see if it is random.
    """

    def __init__(self, world, looked_at, muted=(), twice=False):
        self._world, self._looked_at = world, list(looked_at)
        self._muted = {id(layer) for layer in muted}
        self._layers = list({id(layer): layer for layer in [*looked_at, *muted]}.values())
        self._quiet, self._twice = 0, twice

    def run(self, step):
        """Run a step and return what was `Seen`; whatever the step raises is raised."""
        self._seen, runtime = Seen(), self._world.runtime
        with contextlib.ExitStack() as stack:
            stack.enter_context(runtime.running_eagerly(self._world.model, self._unwatched))
            stack.enter_context(outputs_let_go())
            wanted = {id(layer) for layer in self._looked_at}
            for layer in self._layers:
                stack.enter_context(self._watched(layer, id(layer) in wanted))
            stack.enter_context(self._outputs_kept(self._world.model))
            if not which_keras.own_train_step(self._world.model):
                stack.enter_context(nothing_trained(self._world.model, runtime))
            self._seen.loss = step()
        return self._seen

    @contextlib.contextmanager
    def _unwatched(self):
        self._quiet += 1
        try:
            yield
        finally:
            self._quiet -= 1

    @contextlib.contextmanager
    def _watched(self, layer, wanted):
        call = layer.call
        mute = id(layer) in self._muted

        def watching(*args, **kwargs):
            inference = in_inference(call, args, kwargs) if mute and not self._quiet else None
            if inference is not None:
                if wanted:
                    self._look(layer, call, args, kwargs, self._state(layer))
                return call(*inference[0], **inference[1])
            if not wanted or self._quiet:
                return call(*args, **kwargs)
            state = self._state(layer)
            output = call(*args, **kwargs)
            self._look(layer, call, args, kwargs, state, output)
            return output

        with replaced(layer, watching):
            yield

    @contextlib.contextmanager
    def _outputs_kept(self, model):
        try:
            call = model.call
        except AttributeError:
            yield
            return

        own_step, runtime = which_keras.own_train_step(model), self._world.runtime

        def keeping(*args, **kwargs):
            # Of Keras's own step the gradient is known and needs the memory of every layer's output.
            with contextlib.nullcontext() if own_step else runtime.recording_stopped():
                outputs = call(*args, **kwargs)
            if self._seen.outputs is None and not self._quiet:
                flat = map(runtime.seen, runtime.flatten(outputs))
                self._seen.outputs = [np.array(each) for each in flat if each is not None]
            return outputs

        with replaced(model, keeping):
            yield

    def _state(self, layer):
        """(variables, values) of a layer as they are before a call, which may move them and give what it moved."""
        held = all_of(layer)
        with contextlib.suppress(Exception):
            return held, self._world.read(held)
        # Within a compiled function nothing can be read, and `_look` says so.
        return held, None

    def _look(self, layer, call, args, kwargs, state, output=None):
        try:
            with self._unwatched(), self._world.runtime.recording_stopped():
                look = self._one(layer, call, args, kwargs, state, output)
            self._seen.looks.setdefault(id(layer), []).append(look)
        except Exception as error:
            self._seen.blind.setdefault(id(layer), in_one_line(error))

    def _one(self, layer, call, args, kwargs, state, output):
        given = args[0] if args else next(iter(kwargs.values()))
        inputs, (held, values) = self._arrays(given), state
        if output is None:
            with self._as_before(state):
                output = call(*args, **kwargs)
        outputs = self._arrays(output)
        inference, figure = in_inference(call, args, kwargs), None
        if inference is not None:
            with self._as_before(state):
                answer = self._arrays(call(*inference[0], **inference[1]))
            figure = one_call.compare(outputs, answer)
        with self._as_before(state):
            batch = self._among_copies(call, args, kwargs, len(inputs[0]), outputs)
        random = None
        if self._twice:
            _, again = self._draws(call, args, kwargs, state, 2)
            random = bool(one_call.differs(one_call.compare(outputs, again)))
        if random:
            with self._as_before(state), same_draws(self._world.runtime):
                drawn = self._arrays(call(*args, **kwargs))
            with self._as_before(state), same_draws(self._world.runtime):
                batch = self._among_copies(call, args, kwargs, len(inputs[0]), drawn)
        named = {own_name(variable): value for variable, value in zip(held, values)}
        look = look_of(layer, inputs[0], outputs[0], named, figure, batch, random)
        if random and inference is not None:
            look.biased = one_call.is_biased(self._draws(call, args, kwargs, state, one_call.DRAWS), answer)
        return look

    def _draws(self, call, args, kwargs, state, count):
        """Outputs of the same call again and again; of the layer's variables only the state of its seeds goes on."""
        pairs = [pair for pair in zip(*state) if np.asarray(pair[1]).dtype.kind not in "iu"]
        others = [variable for variable, _ in pairs], [value for _, value in pairs]
        draws = []
        with self._as_before(state):
            for _ in range(count):
                with self._as_before(others):
                    draws.append(self._arrays(call(*args, **kwargs)))
        return draws

    @contextlib.contextmanager
    def _as_before(self, state):
        """Give a layer's variables what they had before the call, and put back what they have now."""
        held, values = state
        with restored(self._world, held) as now:
            changed = [place for place, pair in enumerate(zip(values, now)) if not same(*pair)]
            self._world.write([held[place] for place in changed], [values[place] for place in changed])
            yield

    def _among_copies(self, call, args, kwargs, samples, outputs):
        if samples < 2:
            return None

        def copies(value):
            if getattr(value, "shape", None) is None or not len(value.shape) or value.shape[0] != samples:
                return value
            return self._world.runtime.first_repeated(value, samples)

        args, kwargs = self._world.runtime.map_structure(copies, (args, kwargs))
        return one_call.first_sample(outputs, self._arrays(call(*args, **kwargs)))

    def _arrays(self, structure):
        seen = list(map(self._world.runtime.seen, self._world.runtime.flatten(structure)))
        if any(each is None for each in seen):
            raise ValueError("its values cannot be seen, because it is called in a compiled function")
        return seen


def look_of(layer, given, output, values, modes_figure, batch_figure, random=None):
    """Return the `Look` of a call, with what the formula of a BatchNorm says of it.

    Args:
        layer: the layer.
        given: its input, an array.
        output: its output.
        values: arrays of its variables by name, as `gamma`.
        modes_figure: see `Look`, as are the following.
        batch_figure: see `Look`.
        random: see `Look`.
    """
    given, output, values = one_call.some_channels(layer, given, output, values)
    own, kept = one_call.formulas(layer, given, values)
    return Look(
        modes_figure,
        batch_figure,
        from_batch=bool(one_call.differs(modes_figure)) and one_call.is_close(output, own),
        from_own=one_call.is_close(output, kept),
        tellable=own is None or one_call.tellable(layer, given, values),
        random=random,
    )


def in_inference(call, args, kwargs):
    """The arguments of a call with `training=False`; None if it takes no such argument."""
    try:
        signature = inspect.signature(call)
        names = signature.parameters
        if "training" not in names:
            if not any(each.kind is each.VAR_KEYWORD for each in names.values()):
                return None
            return args, dict(kwargs, training=False)
        bound = signature.bind(*args, **kwargs)
    except (TypeError, ValueError):
        return None
    bound.arguments["training"] = False
    return bound.args, bound.kwargs


@contextlib.contextmanager
def replaced(layer, call):
    """Put another function in place of a layer's `call`."""
    own = layer.__dict__.get("call")
    # Keras tracks what is set on a layer the ordinary way.
    object.__setattr__(layer, "call", call)
    try:
        yield
    finally:
        if own is None:
            object.__delattr__(layer, "call")
        else:
            object.__setattr__(layer, "call", own)


@contextlib.contextmanager
def nothing_trained(model, runtime):
    """Let a training step end where its optimizer would begin."""
    optimizer = model.optimizer
    idle = runtime.idle_optimizer()
    names = [name for name in idle if hasattr(type(optimizer), name)]
    for name in names:
        object.__setattr__(optimizer, name, idle[name])
    try:
        yield
    finally:
        for name in names:
            object.__delattr__(optimizer, name)
