"""Standalone scripts of what a search found: the source of what it ran, and the example."""

import inspect
import os
import subprocess
import sys
import tempfile

from bnregress.suite.search import normalisation, world

#: Times that a script must show the failure before it counts.
CONFIRMATIONS = 3
#: Seconds for one of them, in which TensorFlow is imported.
PATIENCE = 120

_LAYER = '''"""{said}

Needs nothing but TensorFlow.
"""

import numpy as np
import tensorflow as tf

EPSILONS = {epsilons!r}


{functions}

case = {case!r}
layer, values = prepare(tf, case)
hold({relation}, layer, case, values)
'''
_HEAD = '"""{said}\n\nNeeds nothing but TensorFlow.\n"""\n\n'


def layer_script(case, relation):
    """Script that asserts one relation of one case."""
    wanted = [
        normalisation.arrays, normalisation.make_layer, normalisation.formula, normalisation.bound,
        normalisation.answer, relation, normalisation.prepare, normalisation.hold,
    ]  # fmt: skip
    functions = "\n\n".join(inspect.getsource(each) for each in wanted)
    return _LAYER.format(
        said=relation.__doc__, epsilons=normalisation.EPSILONS, functions=functions, case=case,
        relation=relation.__name__,
    )  # fmt: skip


def world_script(operations):
    """Script that performs operations, a list of names and arguments."""
    calls = "\n".join("world.{}({})".format(name, ", ".join(map(repr, args))) for name, *args in operations)
    return "{}import os\nimport tempfile\n\nimport numpy as np\nimport tensorflow as tf\n\n\n{}\n\n{}\n{}\n".format(
        _HEAD.format(said="What the documentation says of these operations, compared with what they do."),
        inspect.getsource(world.World),
        "world = World(tf)",
        calls,
    )


def confirmed(script):
    """How many times out of `CONFIRMATIONS` a script fails by itself, in a process of its own."""
    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, "repro.py")
        with open(file, "w", encoding="utf-8") as stream:
            stream.write(script)
        environ = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        for _ in range(CONFIRMATIONS):
            try:
                done = subprocess.run(
                    [sys.executable, file], cwd=folder, env=environ, timeout=PATIENCE, check=False,
                    stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                )  # fmt: skip
            except subprocess.TimeoutExpired:
                continue
            failures += done.returncode == 1 and b"Error" in done.stderr
    return failures
