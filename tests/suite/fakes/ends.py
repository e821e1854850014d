"""Ways in which a process ends."""

import ctypes
import os
import signal
import sys
import time


def _hang():
    time.sleep(600)


def _segfault():
    ctypes.string_at(0)


def _exhaust():
    class ResourceExhaustedError(RuntimeError):
        pass

    raise ResourceExhaustedError("OOM when allocating")


ENDS = {
    "exit": lambda: os._exit(1),
    "sigkill": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "sigsegv": _segfault,
    "abort": os.abort,
    "hang": _hang,
    "sysexit": lambda: sys.exit(3),
    "exhaust": _exhaust,
}
