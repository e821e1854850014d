"""TensorFlow's own log tells why it sees no GPU: lines that real releases wrote, see logs/README.md."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bnregress.suite.nogpu import NoGpu, why

LOGS = Path(__file__).with_name("logs")
RELEASE = "TensorFlow 2.10.1"


def read(name: str) -> str:
    return (LOGS / name).read_text(encoding="utf-8")


def asked(log: str) -> NoGpu:
    found = why(log, RELEASE)
    assert isinstance(found, NoGpu)
    return found


@pytest.mark.parametrize("log", sorted(LOGS.glob("*.txt")), ids=lambda path: path.stem)
def test_each_recorded_log_is_told_as_what_its_name_says(log: Path) -> None:
    found = asked(log.read_text(encoding="utf-8"))

    assert log.stem.startswith(found.kind + "-")
    assert RELEASE in found.reason
    assert found.remedy


@pytest.mark.parametrize(
    ("log", "missing"),
    [
        ("libraries-behaviormetrics-385.txt", "libcusolver.so.11, libcudnn.so.8"),
        ("libraries-tensorflow-42156.txt", "libcudnn.so.7"),
        ("libraries-nvidia-110.txt", "libcusolver.so.11"),
    ],
)
def test_the_libraries_that_are_missing_are_named(log: str, missing: str) -> None:
    assert asked(read(log)).reason.endswith(f"CUDA libraries {missing}")


def test_a_driver_that_is_missing_outweighs_the_libraries_that_are_missing_too() -> None:
    both = read("libraries-behaviormetrics-385.txt") + read("no-driver-tensorflow-44869.txt")

    found = asked(both)

    assert found.kind == "no-driver"
    assert "libcudnn.so.8" in found.reason


def test_a_library_that_inference_alone_wants_is_no_reason() -> None:
    log = read("libraries-tensorflow-42156.txt").replace("libcudnn.so.7", "libnvinfer.so.6")

    assert asked(log).kind == "unknown"


def test_no_reason_names_the_host_or_a_folder_of_the_machine() -> None:
    for log in LOGS.glob("*.txt"):
        assert not re.search(r"16c54693e7f2|idun|/usr/local", asked(log.read_text(encoding="utf-8")).reason)


def test_a_wheel_without_cuda_is_told_as_such_whatever_the_log_says() -> None:
    assert why(read("no-driver-tensorflow-44869.txt"), RELEASE, built_with_cuda=False).kind == "not-built"


def test_a_log_without_a_known_line_ends_as_unknown_with_its_last_warning() -> None:
    log = "2026-01-01 00:00:00.1: W tensorflow/core/some.cc:12] the moon is full\nnothing else\n"

    assert asked(log).kind == "unknown"
    assert asked(log).reason.endswith("the moon is full")
    assert asked("W0000 00:00:1753232013.6 24341 gpu_device.cc:2431] and new\n").reason.endswith("and new")
