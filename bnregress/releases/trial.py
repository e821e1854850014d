"""Tries whether a TensorFlow works with a Keras: installs the two, imports them, builds and trains a small network."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path

from uv import find_uv_bin

from bnregress.errors import FatalError
from bnregress.machine.interpreters import Interpreter

#: Seconds for the import and the training, which take about 20.
TIMEOUT = 600

_SCRIPT = """\
import numpy
import tensorflow
import keras

assert tensorflow.keras.layers.Dense is keras.layers.Dense, "tf.keras is another Keras"
inputs = keras.Input((8, 8, 3))
features = keras.layers.BatchNormalization()(keras.layers.Conv2D(4, 3)(inputs))
outputs = keras.layers.Dense(2)(keras.layers.GlobalAveragePooling2D()(keras.layers.ReLU()(features)))
network = keras.Model(inputs, outputs)
network.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
images, labels = numpy.ones((8, 8, 8, 3), "float32"), numpy.arange(8) % 2
losses = network.fit(images, labels, epochs=2, verbose=0).history["loss"]
assert numpy.isfinite([*losses, network.evaluate(images, labels, verbose=0)]).all(), losses
network.save("network.keras")
loaded = keras.models.load_model("network.keras")
assert numpy.allclose(network.predict(images, verbose=0), loaded.predict(images, verbose=0), atol=1e-5)
"""


def attempt(lock: str, interpreter: Interpreter) -> str:
    """Return why the packages of a lock do not work together; empty if they do.

    Args:
        lock: its text.
        interpreter: what it was made for.

    Raises:
        FatalError: the packages could not be installed, which says nothing of whether they work.
    """
    with tempfile.TemporaryDirectory(prefix="bnregress-trial-") as folder:
        (Path(folder) / "lock.txt").write_text(lock, encoding="utf-8")
        python = str(Path(folder) / "venv" / "bin" / "python")
        for command in (
            ("venv", "--quiet", "--python", str(interpreter.executable), "venv"),
            ("pip", "install", "--quiet", "--require-hashes", "--python", python, "-r", "lock.txt"),
        ):
            made = _run([find_uv_bin(), *command], folder)
            if made.returncode:
                raise FatalError(f"The trial's environment could not be made. uv says:\n{made.stderr.strip()}")
        try:
            tried = _run([python, "-I", "-c", _SCRIPT], folder)
        except subprocess.TimeoutExpired:
            return f"importing and training took longer than {TIMEOUT} s"
    said = tried.stderr.strip().splitlines() or [f"exit code {tried.returncode}"]
    return said[-1] if tried.returncode else ""


def _run(command: list[str], folder: str) -> subprocess.CompletedProcess[str]:
    quiet = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1", "KERAS_BACKEND": "tensorflow"}
    return subprocess.run(command, cwd=folder, env=quiet, capture_output=True, text=True, check=False, timeout=TIMEOUT)
