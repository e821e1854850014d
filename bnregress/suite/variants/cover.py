"""The variants that the small network is tested in: a cover of all pairs of values of two axes.

Found once by a greedy search, and kept as data; `tests/suite/variants` holds it to
cover every pair, and says which are missing when a value is added. Each pair is
in a row whose other values every release has, so that a value which a release
lacks takes no other pair with it. A mode costs a process for each value, so its
pairs are not asked by a plain run; `--path small --variant 'mode=*'` asks them,
and `--variant '*wrap=preprocessing*'` those of a value that is `COSTLY`, as is one
that needs two logical devices and so a process too.
What `TF2_BEHAVIOR` is set to is tested by itself only: from 2.3 on TensorFlow
sets it to 1 as it is imported, so that it has no effect.
"""

from bnregress.suite.variants.freeze import FREEZE
from bnregress.suite.variants.train import TRAIN
from bnregress.suite.variants.wrap import WRAP

#: Values that no pair of the cover needs to have.
ALONE = {"mode": ("tf2-behavior-0", "tf2-behavior-1")}

#: Values that some releases lack.
RARE = {
    "mode": ("graph", "v1-behavior"),
    "wrap": ("preprocessing",),
    "train": ("generator", "jit", "mixed", "replicas"),
}

#: Values that a plain run has in a row or two only, for what each pair with them costs beside what it would show; or in
#: none, because they need a process, as a mode does.
COSTLY = {"wrap": ("preprocessing",), "train": ("replicas",)}

#: What cannot be together in any release, each as (axis, values, other axis, values): some ways of training need eager
#: mode, and a network that nobody calls cannot be called with `training=False`.
IMPOSSIBLE = (
    (
        "mode",
        ("graph", "v1-behavior"),
        "train",
        tuple(name for name, train in TRAIN.items() if train.eager_only),
    ),
    (
        "freeze",
        tuple(name for name, freeze in FREEZE.items() if freeze.called),
        "wrap",
        tuple(name for name, wrap in WRAP.items() if not wrap.calls),
    ),
)

#: Pairs of freezing, wrapping and training: what a plain run tests.
COVER = (
    "train=eager",
    "wrap=functional,train=mirrored",
    "wrap=chain,train=gradient-tape",
    "wrap=nested,train=generator",
    "wrap=nested,train=tf-function",
    "wrap=nested,train=mixed",
    "wrap=subclass,train=train-on-batch",
    "wrap=subclass,train=jit",
    "wrap=time-distributed,train=dataset",
    "freeze=model,train=gradient-tape",
    "freeze=model,wrap=functional",
    "freeze=model,wrap=functional,train=mixed",
    "freeze=model,wrap=chain,train=tf-function",
    "freeze=model,wrap=nested,train=eager",
    "freeze=model,wrap=subclass,train=dataset",
    "freeze=model,wrap=subclass,train=generator",
    "freeze=model,wrap=subclass,train=train-on-batch",
    "freeze=model,wrap=time-distributed,train=jit",
    "freeze=model,wrap=time-distributed,train=mirrored",
    "freeze=after-wrap,train=generator",
    "freeze=after-wrap,train=gradient-tape",
    "freeze=after-wrap,wrap=functional,train=eager",
    "freeze=after-wrap,wrap=functional,train=jit",
    "freeze=after-wrap,wrap=chain,train=train-on-batch",
    "freeze=after-wrap,wrap=chain,train=mixed",
    "freeze=after-wrap,wrap=nested",
    "freeze=after-wrap,wrap=subclass,train=tf-function",
    "freeze=after-wrap,wrap=time-distributed,train=dataset",
    "freeze=after-wrap,wrap=time-distributed,train=mirrored",
    "freeze=after-compile,train=train-on-batch",
    "freeze=after-compile,wrap=functional,train=gradient-tape",
    "freeze=after-compile,wrap=functional,train=tf-function",
    "freeze=after-compile,wrap=chain,train=generator",
    "freeze=after-compile,wrap=chain,train=eager",
    "freeze=after-compile,wrap=nested,train=dataset",
    "freeze=after-compile,wrap=subclass,train=mirrored",
    "freeze=after-compile,wrap=subclass,train=mixed",
    "freeze=after-compile,wrap=time-distributed",
    "freeze=after-compile,wrap=time-distributed,train=jit",
    "freeze=batchnorm-only,train=dataset",
    "freeze=batchnorm-only,train=mixed",
    "freeze=batchnorm-only,wrap=functional,train=train-on-batch",
    "freeze=batchnorm-only,wrap=chain,train=mirrored",
    "freeze=batchnorm-only,wrap=nested,train=gradient-tape",
    "freeze=batchnorm-only,wrap=nested,train=jit",
    "freeze=batchnorm-only,wrap=subclass",
    "freeze=batchnorm-only,wrap=time-distributed,train=generator",
    "freeze=batchnorm-only,wrap=time-distributed,train=tf-function",
    "freeze=batchnorm-only,wrap=time-distributed,train=eager",
    "freeze=constructor,train=tf-function",
    "freeze=constructor,wrap=functional,train=dataset",
    "freeze=constructor,wrap=functional,train=generator",
    "freeze=constructor,wrap=chain",
    "freeze=constructor,wrap=chain,train=jit",
    "freeze=constructor,wrap=nested,train=mirrored",
    "freeze=constructor,wrap=subclass,train=eager",
    "freeze=constructor,wrap=time-distributed,train=train-on-batch",
    "freeze=constructor,wrap=time-distributed,train=gradient-tape",
    "freeze=constructor,wrap=time-distributed,train=mixed",
    "freeze=after-load,train=generator",
    "freeze=after-load,train=jit",
    "freeze=after-load,train=mirrored",
    "freeze=after-load,wrap=functional",
    "freeze=after-load,wrap=chain,train=dataset",
    "freeze=after-load,wrap=chain,train=mixed",
    "freeze=after-load,wrap=nested,train=train-on-batch",
    "freeze=after-load,wrap=subclass,train=gradient-tape",
    "freeze=after-load,wrap=time-distributed,train=tf-function",
    "freeze=after-load,wrap=time-distributed,train=eager",
    "freeze=call,wrap=functional",
    "freeze=call,wrap=functional,train=generator",
    "freeze=call,wrap=functional,train=gradient-tape",
    "freeze=call,wrap=functional,train=tf-function",
    "freeze=call,wrap=functional,train=eager",
    "freeze=call,wrap=functional,train=jit",
    "freeze=call,wrap=functional,train=mirrored",
    "freeze=call,wrap=functional,train=mixed",
    "freeze=call,wrap=nested,train=dataset",
    "freeze=call,wrap=subclass,train=train-on-batch",
    "freeze=two-stage,wrap=functional",
    "freeze=two-stage,wrap=functional,train=generator",
    "freeze=two-stage,wrap=functional,train=gradient-tape",
    "freeze=two-stage,wrap=functional,train=tf-function",
    "freeze=two-stage,wrap=functional,train=eager",
    "freeze=two-stage,wrap=functional,train=jit",
    "freeze=two-stage,wrap=functional,train=mirrored",
    "freeze=two-stage,wrap=functional,train=mixed",
    "freeze=two-stage,wrap=nested,train=dataset",
    "freeze=two-stage,wrap=subclass,train=train-on-batch",
    "wrap=preprocessing",
    "freeze=two-stage,wrap=preprocessing",
)

#: Pairs with what is costly.
COSTLY_COVER = (
    "wrap=preprocessing,train=generator",
    "wrap=preprocessing,train=jit",
    "wrap=preprocessing,train=mixed",
    "freeze=model,wrap=preprocessing,train=dataset",
    "freeze=after-wrap,wrap=preprocessing,train=train-on-batch",
    "freeze=after-compile,wrap=preprocessing,train=gradient-tape",
    "freeze=batchnorm-only,wrap=preprocessing,train=tf-function",
    "freeze=constructor,wrap=preprocessing,train=eager",
    "freeze=after-load,wrap=preprocessing,train=mirrored",
    "freeze=call,wrap=preprocessing",
    "train=replicas",
    "wrap=preprocessing,train=replicas",
    "freeze=model,wrap=functional,train=replicas",
    "freeze=after-wrap,wrap=chain,train=replicas",
    "freeze=after-compile,wrap=nested,train=replicas",
    "freeze=batchnorm-only,wrap=subclass,train=replicas",
    "freeze=constructor,wrap=time-distributed,train=replicas",
    "freeze=after-load,train=replicas",
    "freeze=call,wrap=functional,train=replicas",
    "freeze=two-stage,wrap=subclass,train=replicas",
)

#: Pairs with a mode.
MODE_COVER = (
    "mode=graph,wrap=chain,train=dataset",
    "mode=graph,wrap=preprocessing",
    "mode=graph,freeze=model,wrap=chain,train=train-on-batch",
    "mode=graph,freeze=after-wrap,wrap=time-distributed,train=train-on-batch",
    "mode=graph,freeze=after-compile,wrap=nested",
    "mode=graph,freeze=batchnorm-only,wrap=functional,train=dataset",
    "mode=graph,freeze=constructor,train=dataset",
    "mode=graph,freeze=constructor,wrap=chain,train=generator",
    "mode=graph,freeze=after-load,wrap=subclass,train=train-on-batch",
    "mode=graph,freeze=call,wrap=functional",
    "mode=graph,freeze=two-stage,wrap=functional",
    "mode=v1-behavior,train=dataset",
    "mode=v1-behavior,wrap=preprocessing",
    "mode=v1-behavior,freeze=model,wrap=subclass",
    "mode=v1-behavior,freeze=after-wrap,wrap=time-distributed",
    "mode=v1-behavior,freeze=after-compile,wrap=nested,train=generator",
    "mode=v1-behavior,freeze=after-compile,wrap=subclass,train=dataset",
    "mode=v1-behavior,freeze=batchnorm-only,wrap=functional,train=train-on-batch",
    "mode=v1-behavior,freeze=constructor,wrap=nested",
    "mode=v1-behavior,freeze=after-load,wrap=chain,train=dataset",
    "mode=v1-behavior,freeze=call,wrap=functional",
    "mode=v1-behavior,freeze=two-stage,wrap=functional",
)
