"""What the environment of a release on a GPU is told."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import ClassVar, cast

import pytest

from bnregress.machine.local_environment import LocalEnvironment
from bnregress.releases.catalog import Release, load_catalog
from bnregress.run.environment_variables import testing_variables as variables_for_testing
from bnregress.run.gpu_session import gpu_variables
from bnregress.suite import gpu
from bnregress.suite.nogpu import NoGpu

CATALOG = load_catalog()


def variables(release: str, environment: Path, environ: dict[str, str] | None = None) -> dict[str, str]:
    return gpu_variables(environ or {}, gpu="GPU-1", environment=environment, release=CATALOG[release])


def test_one_gpu_is_seen_and_its_memory_grows(tmp_path: Path) -> None:
    told = variables("tf2.15.1", tmp_path)

    assert told["CUDA_VISIBLE_DEVICES"] == "GPU-1"
    assert told["TF_FORCE_GPU_ALLOW_GROWTH"] == "true"
    assert told[gpu.VARIABLE] == "gpu"


@pytest.mark.parametrize(
    ("release", "operations"),
    [("tf1.15.5", "0"), ("tf2.0.0", "0"), ("tf2.1.0", "1"), ("tf2.6.5", "1"), ("tf2.7.4", "0"), ("nightly", "0")],
)
def test_operations_are_deterministic_where_that_does_not_forbid_a_frozen_batchnorm(
    release: str, operations: str, tmp_path: Path
) -> None:
    told = variables(release, tmp_path)

    assert told["TF_DETERMINISTIC_OPS"] == operations
    assert ("TF_CUDNN_DETERMINISTIC" in told) == (operations == "0")


def test_cuda_of_the_environment_is_found_before_that_of_the_machine(tmp_path: Path) -> None:
    root = tmp_path / "lib" / "python3.10" / "site-packages" / "nvidia"
    for name in ("cudnn", "cublas"):
        (root / name / "lib").mkdir(parents=True)
    (root / "cuda_nvcc" / "nvvm" / "libdevice").mkdir(parents=True)

    told = variables("tf2.10.1", tmp_path, {"LD_LIBRARY_PATH": "/opt/cuda/lib64"})

    assert told["LD_LIBRARY_PATH"].split(":") == [
        str(root / "cublas" / "lib"),
        str(root / "cudnn" / "lib"),
        "/opt/cuda/lib64",
    ]
    assert told["XLA_FLAGS"] == f"--xla_gpu_cuda_data_dir={root / 'cuda_nvcc'}"
    assert "LD_LIBRARY_PATH" not in variables("tf2.1.0", tmp_path / "elsewhere")


def test_tests_on_the_cpu_see_no_gpu_whatever_the_user_has_set(tmp_path: Path) -> None:
    environ = {**os.environ, "CUDA_VISIBLE_DEVICES": "0", gpu.VARIABLE: "gpu", "LD_LIBRARY_PATH": "/opt/cuda/lib64"}

    told = variables_for_testing(environ, home=tmp_path, suite=tmp_path, device="cpu", engine="tensorflow")

    assert told["CUDA_VISIBLE_DEVICES"] == "-1"
    assert gpu.VARIABLE not in told
    assert "LD_LIBRARY_PATH" not in told


def test_memory_and_cache_are_told_if_given_and_a_persons_own_flags_stay(tmp_path: Path) -> None:
    release, flags = CATALOG["tf2.21.0"], {"TF_XLA_FLAGS": "--tf_xla_auto_jit=2"}
    local = replace(release, local=cast(LocalEnvironment, object()))

    def told(release: Release) -> dict[str, str]:
        return gpu_variables(flags, gpu="GPU-1", environment=tmp_path, release=release, memory=16_000, xla="/cache")

    assert told(release)[gpu.MEMORY] == "16000"
    assert told(release)["TF_XLA_FLAGS"] == "--tf_xla_persistent_cache_directory=/cache"
    assert "TF_XLA_FLAGS" not in told(local)
    assert not {gpu.MEMORY, "TF_XLA_FLAGS"} & {*variables("tf2.21.0", tmp_path)}


class Network:
    def __init__(self, *weights: object) -> None:
        self.weights = weights


class Variable:
    handle = None

    def __init__(self, device: str, dtype: str = "float32") -> None:
        self.device = device
        self.dtype = dtype


class KerasVariable:
    """Keras 3 keeps TensorFlow's variable in `value`."""

    dtype = "float32"

    def __init__(self, device: str) -> None:
        self.value = Variable(device)


ON_GPU, ON_CPU = "/job:localhost/replica:0/task:0/device:GPU:0", "/job:localhost/replica:0/task:0/device:CPU:0"


def test_a_network_beside_the_gpu_is_seen() -> None:
    network = Network(Variable(ON_GPU), KerasVariable(ON_CPU), Variable(ON_CPU, "int64"), Variable(""))

    assert gpu.elsewhere(network) == [ON_CPU]
    assert gpu.elsewhere(Network(Variable(ON_GPU), KerasVariable(ON_GPU), Variable(ON_CPU, "int64"))) == []


class Seen:
    """A framework whose TensorFlow sees one GPU, and can no longer be told how memory grows."""

    name = "TensorFlow 0.0"

    class tf:  # noqa: N801
        switched: ClassVar[list[bool]] = []

        class config:  # noqa: N801
            @staticmethod
            def list_physical_devices(kind: str) -> list[str]:
                return [kind]

            class experimental:  # noqa: N801
                @staticmethod
                def get_device_details(gpu: str) -> dict[str, object]:
                    return {"device_name": "NVIDIA H200", "compute_capability": (9, 0)}

                @staticmethod
                def enable_tensor_float_32_execution(on: bool) -> None:
                    Seen.tf.switched.append(on)

        class sysconfig:  # noqa: N801
            @staticmethod
            def get_build_info() -> dict[str, str]:
                return {"cuda_version": "12.5.1"}


def test_a_model_of_your_own_is_tested_on_the_gpu_that_its_weights_lie_on() -> None:
    framework = gpu.adopt(Seen, Network(Variable(ON_GPU), Variable(ON_CPU)))

    assert (framework.device["kind"], framework.device["name"]) == ("gpu", "NVIDIA H200")
    assert Seen.tf.switched == [False]


def test_a_model_of_your_own_that_lies_on_the_processor_is_not_tested_as_if_on_the_gpu() -> None:
    with pytest.raises(NoGpu, match="all weights of the model lie on the processor"):
        gpu.adopt(Seen, Network(KerasVariable(ON_CPU), Variable(ON_CPU, "int64"), Variable(ON_CPU)))


def test_the_driver_is_read_from_the_kernel(tmp_path: Path) -> None:
    version = tmp_path / "version"
    version.write_text(
        "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  550.54.15  Release Build\n"
        "GCC version:  gcc version 12.2.0\n",
        encoding="utf-8",
    )

    assert gpu.driver(str(version)) == "550.54.15"
    version.write_text("NVRM version: NVIDIA UNIX x86_64 Kernel Module  418.87.00  Thu Aug  8 15:35:46 CDT 2019\n")
    assert gpu.driver(str(version)) == "418.87.00"


def test_what_cpp_writes_while_we_listen_is_heard_and_passed_on(capfd: pytest.CaptureFixture[str]) -> None:
    class Framework:
        name = "TensorFlow 0.0"

        class tf:  # noqa: N801
            class config:  # noqa: N801
                @staticmethod
                def list_physical_devices(kind: str) -> list[str]:
                    os.write(2, b"x.cc:1] Could not load dynamic library 'libcudnn.so.8'; dlerror\n")
                    return []

            class test:  # noqa: N801
                @staticmethod
                def is_built_with_cuda() -> bool:
                    return True

    with pytest.raises(NoGpu, match=r"libcudnn\.so\.8"):
        gpu.load(Framework)
    assert "libcudnn.so.8" in capfd.readouterr().err
