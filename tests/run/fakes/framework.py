"""Stands for TensorFlow. A file `import.txt` beside the suite makes its import hang."""

import importlib.util
import os
import sys
import time
from pathlib import Path

CONTROL = Path(__file__).parents[2]
ORIGINS = "BNREGRESS_ORIGINS"


class NoGpu:
    """What is asked of `tf` where a GPU is wanted: there is none."""

    class config:  # noqa: N801
        @staticmethod
        def list_physical_devices(kind):
            return []

    class test:  # noqa: N801
        @staticmethod
        def is_built_with_cuda():
            return False


class Framework:
    name = "the fake"
    tf = NoGpu

    def begin(self):
        pass

    def sound_network(self, name):
        return f"saved from {name}"

    def facts(self):
        return {
            "tensorflow": "9.9.9",
            "keras": "8.8.8",
            "python": sys.version.split()[0],
            "packages": {"tensorflow": "9.9.9"},
            "device": {"kind": "cpu", "name": "fake"},
            "eager": True,
            "origins": {
                name: getattr(importlib.util.find_spec(name), "origin", None)
                for name in os.environ.get(ORIGINS, "").split()
            },
        }


def load_framework(mode="default"):
    if (CONTROL / "import.txt").exists():
        time.sleep(600)
    return Framework()
