"""What freezing a compiled model does, when it is not compiled again."""

from bnregress.suite.finding import passed, regressed
from bnregress.suite.variants.train import EFFECT, NO_EFFECT

FROZEN, UNFROZEN, PARTLY = "frozen", "un-frozen", "partly frozen"

_DOCUMENTED = {NO_EFFECT: UNFROZEN, EFFECT: FROZEN}


def judge(subject, seen, evidence):
    """Hold the behaviour that was seen against the documented one, and say which it was.

    Source: Keras' guide to transfer learning and the documentation of
    `compile`: changes of `trainable` count once `compile` is called again; a
    loop of your own reads `trainable_variables` itself, a `tf.function` as it
    is traced; a step of Keras 3 that runs eagerly is such a loop.

    Args:
        subject: `bnregress.suite.subject.Subject` that was frozen after compiling.
        seen: `FROZEN`, `UNFROZEN` or `PARTLY`.
        evidence: dict of figures.
    """
    documented = _DOCUMENTED[subject.making.late_effect]
    evidence = dict(evidence, behaviour=seen, documented=documented)
    what = "frozen after compiling and not compiled again, the network trains {}".format(seen)
    if seen == documented:
        return passed("{}, as documented".format(what), **evidence)
    return regressed("{}, where it must train {}".format(what, documented), **evidence)
