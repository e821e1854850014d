"""Search over orders of operations: a state machine of Hypothesis whose model is the documentation."""

from bnregress.suite.search.budget import Budget
from bnregress.suite.search.outcome import Failure, Outcome, said
from bnregress.suite.search.profile import CI, SEQUENCES_A_SECOND
from bnregress.suite.search.scripts import world_script
from bnregress.suite.search.world import World

#: Operations in one sequence, at most.
LENGTH = 10

LAYERS = ("first", "first_bn", "second", "second_bn")

#: Ways of getting a network anew, each as an operation; one that fails by itself is left to the path that asks for it.
RENEWALS = (("clone",), ("rebuild_from_json",), ("save_and_load", ".h5"), ("save_and_load", ".keras"))


#: A release in which this fails would show nothing else in its sequences: they would all shrink to it.
SHORT = ((("freeze_layer", "first_bn"), ("unfreeze",)),)


def search_operations(tf, profile, seconds):
    """Look for operations after which network and model disagree; arguments and answer as `search_layers`."""
    import hypothesis
    from hypothesis.stateful import run_state_machine_as_test

    budget, broken = Budget(profile.limit(seconds)), {}
    sound, left_out = sound_renewals(tf)
    machine = _machine(tf, budget, broken, sound, reaches=search_short_sequences(tf).failure is None)
    if profile.name != CI:
        machine = hypothesis.seed(profile.seed)(machine)
    try:
        run_state_machine_as_test(
            machine, settings=profile.settings(seconds, SEQUENCES_A_SECOND, stateful_step_count=LENGTH)
        )
    except Exception:
        if budget.over:
            return Outcome(budget.examples, left_out=left_out, given_up=profile.counted)
        if "last" not in broken:
            raise
        operations, reason = broken["last"]
        return Outcome(
            budget.examples, Failure(reason, world_script(operations), [list(each) for each in operations]), left_out
        )
    return Outcome(budget.examples, left_out=left_out)


def search_short_sequences(tf, profile=None, seconds=None):
    """Perform the operations that every search begins with, and that longer ones do without if they fail.

    Answer as `search_layers`; the time is not asked.
    """
    for operations in SHORT:
        world = World(tf)
        try:
            for name, *arguments in operations:
                getattr(world, name)(*arguments)
        except Exception as error:
            failure = Failure(said(error), world_script(operations), [list(each) for each in operations])
            return Outcome(len(SHORT), failure)
    return Outcome(len(SHORT))


def sound_renewals(tf):
    """Which ways of getting a network anew hold by themselves, frozen and un-frozen, and what is wrong with others."""
    sound, left_out = [], []
    for operation in RENEWALS:
        try:
            for prepare in (("freeze",), ("unfreeze",)):
                world = World(tf)
                for name, *arguments in (prepare, operation, ("call_in_training_mode",)):
                    getattr(world, name)(*arguments)
        except Exception as error:  # noqa: PERF203 - each is tried by itself
            left_out.append("{}: {}".format(" ".join(operation), said(error)))
        else:
            sound.append(operation)
    return sound, tuple(left_out)


def _machine(tf, budget, broken, renewals, reaches):
    from hypothesis import strategies as st
    from hypothesis.stateful import RuleBasedStateMachine, rule

    class Operations(RuleBasedStateMachine):
        def __init__(self):
            super().__init__()
            self.done = ()
            self.world = None
            self.runs = budget.allows(())
            if self.runs:
                budget.examples += 1
                self.world = World(tf)

        def perform(self, *operation):
            self.done += (operation,)
            self.runs = self.runs and budget.allows(self.done)
            if not self.runs:
                return
            name, *arguments = operation
            try:
                getattr(self.world, name)(*arguments)
            except Exception as error:
                budget.failed(self.done)
                broken["last"] = (self.done, said(error))
                raise

        @rule()
        def freeze(self):
            self.perform("freeze")

        @rule()
        def unfreeze(self):
            if reaches or self.world is None or not self.world.network.trainable:
                self.perform("unfreeze")

        @rule(name=st.sampled_from(LAYERS))
        def freeze_layer(self, name):
            self.perform("freeze_layer", name)

        @rule(name=st.sampled_from(LAYERS))
        def unfreeze_layer(self, name):
            self.perform("unfreeze_layer", name)

        @rule(wrap=st.sampled_from(["sequential", "functional", "nested"]))
        def compile(self, wrap):
            self.perform("compile", wrap)

        @rule()
        def train(self):
            self.perform("train")

        @rule()
        def call_in_training_mode(self):
            self.perform("call_in_training_mode")

        if renewals:

            @rule(operation=st.sampled_from(renewals))
            def renew(self, operation):
                self.perform(*operation)

    return Operations
