"""The framework, imported once in a process, whether that works or not."""

import gc
import time

from bnregress.suite import apart, gpu
from bnregress.suite.failure import ENDING, Failure
from bnregress.suite.jsonfile import create_json


class FrameworkLoader:
    """Imports the framework when the first cell needs it.

    Attributes:
        framework: `bnregress.suite.framework.Framework`, None until it is loaded.
        failure: why there is none; the import is not tried again.
        no_gpu: `bnregress.suite.nogpu.NoGpu` where a GPU is requested and TensorFlow cannot compute on one.
    """

    def __init__(self, records=None, worker_file=None):
        self._records = records
        self._worker_file = worker_file
        self.framework = None
        self.failure = None
        self.no_gpu = None

    def load(self, setup=apart.USUAL):
        """Import the framework unless that was tried before, and leave its facts with the records.

        Args:
            setup: see `bnregress.suite.apart`; all cells of a process have the same.
        """
        if self.framework is not None or self.failure is not None or self.no_gpu is not None:
            return
        self._tell(framework="loading")
        started = time.perf_counter()
        try:
            self.framework = self._import(setup)
            # What the framework holds stays for good. Every collection would look through it: 0.1 to 0.2 s a time.
            gc.collect()
            gc.freeze()
        except ENDING:
            raise
        except gpu.NoGpu as absent:
            self.no_gpu = absent
        except BaseException as error:
            self.failure = Failure.of(error, "importing the framework")
        state = "loaded" if self.failure is None else "failed"
        self._tell(framework=state, import_seconds=time.perf_counter() - started)

    def _import(self, setup):
        from bnregress.suite.framework import load_framework

        def load():
            framework = load_framework(setup.mode)
            if setup.devices > 1 and not gpu.wanted():
                framework.engine.split(setup.devices)
            return framework

        framework = gpu.load(load, setup.devices) if gpu.wanted() else load()
        if self._records is not None and not self._records.facts.exists():
            create_json(self._records.facts, framework.facts())
        return framework

    def _tell(self, **changes):
        if self._worker_file is not None:
            self._worker_file.update(**changes)
