"""Which cells compile with XLA on a GPU. TensorFlow and Keras are stand-ins."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from bnregress.cells.identifiers import CellId
from bnregress.suite import apart, gpu, xla
from bnregress.suite.finding import NotApplicable
from bnregress.suite.paths import PATHS
from bnregress.suite.usage.settings import SETTINGS
from bnregress.suite.variants.cover import COVER
from bnregress.suite.variants.train import TRAIN

#: Ways of training in which Keras has no choice: a loop of one's own, an option that says it, a distribution strategy.
WITHOUT_CHOICE = {"gradient-tape", "tf-function", "eager", "jit", "mirrored", "replicas"}


class Keras3:
    def compile(self, optimizer: Any, loss: Any = None, jit_compile: Any = "auto") -> None: ...


class Keras2:
    def compile(self, optimizer: Any, loss: Any = None, jit_compile: Any = None) -> None: ...


class Keras24:
    def compile(self, optimizer: Any, loss: Any = None, **kwargs: Any) -> None: ...


@pytest.fixture
def on_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(gpu.VARIABLE, "gpu")


def test_a_plain_run_leaves_the_choice_to_keras_in_a_path_and_in_each_way_of_training_that_has_it() -> None:
    cells = [CellId.parse(f"tf2.21.0/{cell}") for cell in xla.LEFT_TO_KERAS]

    assert {cell.path for cell in cells} == {"tf-keras-applications", "small"}
    assert {cell.path for cell in cells} <= {*PATHS}
    variants = [cell.variant for cell in cells if cell.variant != "default"]
    assert {*variants} <= {*COVER}
    left = {part.removeprefix("train=") for variant in variants for part in variant.split(",") if "train=" in part}
    assert left | {"fit"} == {*TRAIN} - WITHOUT_CHOICE
    assert {*xla.SETTINGS_LEFT_TO_KERAS} <= {*SETTINGS}


@pytest.mark.usefixtures("on_gpu")
def test_on_a_gpu_xla_is_off_unless_it_is_what_a_cell_tests() -> None:
    assert xla.options(Keras3(), {}, left=False) == {"jit_compile": False}
    assert xla.options(Keras3(), {}, left=True) == {}
    assert xla.options(Keras3(), {"jit_compile": True}, left=False) == {"jit_compile": True}
    assert xla.options(Keras3(), {"run_eagerly": True}, left=False) == {"run_eagerly": True}


def test_a_model_that_keras_compiled_without_the_xla_it_was_told_to_take_tests_nothing() -> None:
    told = {"jit_compile": True}
    for model in (SimpleNamespace(jit_compile=False), SimpleNamespace(_jit_compile=False)):
        with pytest.raises(NotApplicable, match="turns XLA down"):
            xla.require(model, told)
        xla.require(model, {})
    # Older releases say nothing of it.
    for model in (SimpleNamespace(jit_compile=True), SimpleNamespace(_jit_compile=True), SimpleNamespace()):
        xla.require(model, told)


@pytest.mark.usefixtures("on_gpu")
@pytest.mark.parametrize("model", [Keras2(), Keras24()])
def test_keras_2_which_does_not_choose_is_told_nothing(model: Any) -> None:
    assert xla.options(model, {"metrics": []}, left=False) == {"metrics": []}


def test_on_a_cpu_compile_is_given_what_it_always_was() -> None:
    assert xla.options(Keras3(), {"metrics": []}, left=False) == {"metrics": []}


def test_the_evidence_tells_what_the_model_itself_says() -> None:
    assert xla.used_by(SimpleNamespace(jit_compile=True))
    assert not xla.used_by(SimpleNamespace(jit_compile=False, _jit_compile=True))
    assert xla.used_by(SimpleNamespace(_jit_compile=True))
    assert not xla.used_by(SimpleNamespace())


@pytest.mark.usefixtures("on_gpu")
def test_a_script_has_xla_off_as_its_cell_had() -> None:
    lines = 'model.compile(tf.keras.optimizers.SGD(0.0), loss="categorical_crossentropy")'
    keras3, keras2 = (SimpleNamespace(keras=SimpleNamespace(Model=kind)) for kind in (Keras3, Keras2))

    assert "jit_compile=False" in xla.in_script(lines, keras3, left=False)
    assert xla.in_script(lines, keras3, left=True) == lines
    assert xla.in_script(lines, keras2, left=False) == lines
    assert xla.in_script(lines.replace(")", ", run_eagerly=True)"), keras3, left=False).count("jit_compile") == 0


class Config:
    """What is told `tf.config`."""

    def __init__(self, gpus: int) -> None:
        self.told: list[tuple[str, Any]] = []
        self.gpus = [f"gpu{place}" for place in range(gpus)]
        self.experimental = SimpleNamespace(
            set_memory_growth=lambda device, grows: self.told.append((device, grows)),
            enable_tensor_float_32_execution=lambda on: self.told.append(("tf32", on)),
        )

    def LogicalDeviceConfiguration(self, memory_limit: int) -> int:  # noqa: N802
        return memory_limit

    def set_logical_device_configuration(self, device: str, limits: list[int]) -> None:
        self.told.append((device, limits))


def test_a_gpu_that_is_not_shared_grows_without_a_limit() -> None:
    config = Config(1)

    gpu.set_up(SimpleNamespace(config=config), config.gpus, gpu.share_mib(1, 1, {}))

    assert config.told == [("gpu0", True), ("tf32", False)]


@pytest.mark.parametrize(
    ("gpus", "devices", "memory", "share"),
    [
        (1, 1, "16000", [16000]),
        (1, 2, "16000", [8000, 8000]),
        (1, 2, "", [gpu.UNTOLD_MIB // 2] * 2),
        (2, 2, "", []),
        (2, 2, "16000", [16000]),
        (2, 1, "", []),
    ],
)
def test_one_gpu_is_split_for_replicas_and_several_are_taken_as_they_are(
    gpus: int, devices: int, memory: str, share: list[int]
) -> None:
    config = Config(gpus)
    found = gpu.share_mib(gpus, devices, {gpu.MEMORY: memory})

    gpu.set_up(SimpleNamespace(config=config), config.gpus, found)

    assert found == share
    expected = [(device, share or True) for device in config.gpus]
    assert config.told == [*expected, ("tf32", False)]


@pytest.mark.usefixtures("on_gpu")
def test_on_a_gpu_replicas_lie_on_gpus_and_a_process_that_sees_one_is_an_error() -> None:
    asked: list[str] = []

    def framework(count: int) -> Any:
        def listed(kind: str) -> list[str]:
            asked.append(kind)
            return [kind] * count

        return SimpleNamespace(require=lambda _name: listed)

    assert apart.require(framework(2), 2) == ["/gpu:0", "/gpu:1"]
    assert set(asked) == {"GPU"}
    assert gpu.first() == "/gpu:0"
    with pytest.raises(RuntimeError, match="1 logical devices"):
        apart.require(framework(1), 2)
