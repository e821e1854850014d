"""Search over single layers: shapes, options, precisions and extreme values."""

import functools

from bnregress.suite.search import normalisation
from bnregress.suite.search.budget import Budget
from bnregress.suite.search.outcome import Failure, Outcome, said
from bnregress.suite.search.profile import CI, LAYERS_A_SECOND
from bnregress.suite.search.scripts import layer_script

HALF = ("mixed_float16", "mixed_bfloat16")

#: What a release says of a layer that it has no kernel for, on this device: no fault of its arithmetic.
NO_KERNEL = (
    "only supports NHWC",
    "No OpKernel",
    "Could not find device",
    "could not find valid device",
    "No registered",
)


def search_layers(tf, profile, seconds):
    """Look for a case that breaks a relation.

    Args:
        tf: the `tensorflow` module, in eager mode.
        profile: `bnregress.suite.search.profile.Profile`.
        seconds: for finding; a failure is shrunk for as long again at most.

    Returns:
        `bnregress.suite.search.outcome.Outcome`.
    """
    import hypothesis

    budget, broken = Budget(profile.limit(seconds)), {}

    @profile.settings(seconds, LAYERS_A_SECOND)
    @hypothesis.given(cases(**offered(tf)))
    def look(case):
        key = tuple(sorted((name, repr(value)) for name, value in case.items()))
        if not budget.allows(key):
            return
        try:
            layer, values = normalisation.prepare(tf, case)
        except ValueError:
            return  # options that do not go together in this release, which says so
        except Exception as error:
            if any(text in str(error) for text in NO_KERNEL):
                return
            raise
        budget.examples += 1
        for relation in normalisation.RELATIONS:
            try:
                normalisation.hold(relation, layer, case, values)
            except Exception as error:  # noqa: PERF203 - which relation it is must be known
                if any(text in str(error) for text in NO_KERNEL):
                    return
                budget.failed(key)
                broken["last"] = (case, relation, said(error))
                raise

    if profile.name != CI:
        look = hypothesis.seed(profile.seed)(look)
    try:
        look()
    except Exception:
        if budget.over:
            return Outcome(budget.examples, given_up=profile.counted)
        if "last" not in broken:
            raise
        case, relation, reason = broken["last"]
        return Outcome(budget.examples, Failure(reason, layer_script(case, relation), dict(case)))
    return Outcome(budget.examples)


def search_precisions(tf, profile=None, seconds=None):
    """Ask a plain layer in each precision that the search leaves out though the release takes it without an error.

    Where one does not hold, all that is found in it would shrink to this. Answer as `search_layers`, without the time.
    """
    asked = [name for name in HALF if name not in offered(tf)["dtypes"]]
    for name in asked:
        case = dict(PLAIN, dtype=name)
        try:
            layer, values = normalisation.prepare(tf, case)
            normalisation.hold(normalisation.same_in_both_modes, layer, case, values)
        except AssertionError as error:
            script = layer_script(case, normalisation.same_in_both_modes)
            return Outcome(len(asked), Failure(said(error), script, case))
        except Exception:  # noqa: S112 - the release refuses it
            continue
    return Outcome(len(asked))


def cases(dtypes, fused, renorm):
    """Strategy of cases; see `bnregress.suite.search.normalisation`.

    Args:
        dtypes: names of policies that work.
        fused: values that the layer's option of that name takes.
        renorm: likewise.
    """
    from hypothesis import strategies as st

    def of_shape(shape):
        axes = [-1, len(shape)] + ([1] if len(shape) > 1 else [])
        return st.fixed_dictionaries(
            {
                "shape": st.just(list(shape)),
                "axis": st.sampled_from(axes),
                "batch": st.integers(1, 6),
                "momentum": st.sampled_from([0.99, 0.9, 0.5, 0.0]),
                # The fused kernel raises what is smaller to 1.001e-5, which cuDNN asks for.
                "epsilon": st.sampled_from([1e-3, 1.001e-5, 1e-1]),
                "scale": st.booleans(),
                "center": st.booleans(),
                "dtype": st.sampled_from(list(dtypes)),
                "fused": st.sampled_from([value for value in fused if not value or len(shape) == 3]),
                "renorm": st.sampled_from(list(renorm)),
                "inputs": st.sampled_from(["ordinary", "far", "large-mean", "tiny-variance", "constant"]),
                "variance": st.sampled_from(["ordinary", "large", "zero"]),
                "seed": st.integers(0, 2**16),
            }
        )

    sizes = st.integers(1, 5)
    shapes = st.one_of(st.tuples(sizes), st.tuples(sizes, sizes), st.tuples(sizes, sizes, sizes))
    return shapes.flatmap(of_shape)


def offered(tf):
    """Options of BatchNormalization in this release, found by trying: keyword arguments of `cases`."""
    works = functools.partial(_works, tf)
    return {
        "dtypes": ["float32"] + [name for name in HALF if works(dtype=name)],
        "fused": [None] + [value for value in (False, True) if works(fused=value)],
        "renorm": [False] + [True] * works(renorm=True),
    }


PLAIN = {
    "shape": [2, 2, 3], "axis": -1, "batch": 2, "momentum": 0.9, "epsilon": 1e-3, "scale": True, "center": True,
    "dtype": "float32", "fused": None, "renorm": False, "inputs": "ordinary", "variance": "ordinary", "seed": 0,
}  # fmt: skip


def _works(tf, **option):
    case = dict(PLAIN, **option)
    try:
        values = normalisation.arrays(case)
        layer = normalisation.make_layer(tf, case, values)
        for training in (False, True):
            if normalisation.answer(layer, values["x"], training).shape != values["x"].shape:
                return False
    except Exception:
        return False
    return True
